//! WeChat Pay's notices in our words: opened with the API v3 key, then one notice is one fact.
//!
//! Amounts are fen. What counts is `total` and `refund`, which the merchant asked for, not what the
//! buyer paid after WeChat's own coupons. Notices about anything else are acknowledged unopened.

use super::WechatPay;
use crate::json::{from_bytes, identifier, need, unreadable};
use crate::time::rfc3339;
use crate::{Heard, Unheard, clip};
use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::{
    Currency, GatewayName, LARGEST_MINOR, Millis, Money, PaymentFact, PaymentId, PaymentNews,
    RefundId, RefundRef,
};
use serde::Deserialize;

#[derive(Deserialize)]
struct Notice {
    id: String,
    create_time: String,
    event_type: String,
    resource: Resource,
}

#[derive(Deserialize)]
struct Resource {
    algorithm: String,
    ciphertext: String,
    associated_data: Option<String>,
    nonce: String,
}

#[derive(Deserialize)]
pub(super) struct Transaction {
    mchid: String,
    pub(super) out_trade_no: String,
    transaction_id: Option<String>,
    pub(super) trade_state: String,
    trade_state_desc: Option<String>,
    success_time: Option<String>,
    amount: Option<Amount>,
}

#[derive(Deserialize)]
struct Amount {
    total: i64,
    currency: Option<String>,
}

#[derive(Deserialize)]
struct Refund {
    mchid: String,
    out_trade_no: String,
    transaction_id: String,
    refund_id: String,
    out_refund_no: String,
    refund_status: String,
    success_time: Option<String>,
    amount: RefundAmount,
}

#[derive(Deserialize)]
struct RefundAmount {
    refund: i64,
}

/// Reads a notice whose signature is good.
pub(super) fn read(body: &[u8], key: &[u8; 32]) -> Result<Heard, Unheard> {
    let notice: Notice = from_bytes(body)?;
    let event_id = identifier(notice.id.clone(), "id")?;
    let fact = match notice.event_type.as_str() {
        "TRANSACTION.SUCCESS" => {
            let made = rfc3339(&notice.create_time, "create_time")?;
            paid(from_bytes(&open(&notice.resource, key)?)?, event_id, made)?
        }
        "REFUND.SUCCESS" | "REFUND.ABNORMAL" | "REFUND.CLOSED" => {
            let made = rfc3339(&notice.create_time, "create_time")?;
            refunded(from_bytes(&open(&notice.resource, key)?)?, event_id, made)?
        }
        _ => return Ok(Heard::Nothing { event_id }),
    };
    Ok(Heard::Facts(vec![fact]))
}

/// AES-256-GCM: the ciphertext ends with the 16 bytes of its tag.
fn open(resource: &Resource, key: &[u8; 32]) -> Result<Vec<u8>, Unheard> {
    if resource.algorithm != "AEAD_AES_256_GCM" {
        return Err(unreadable("resource.algorithm", "not AEAD_AES_256_GCM"));
    }
    let nonce = resource.nonce.as_bytes();
    if nonce.len() != 12 {
        return Err(unreadable("resource.nonce", "not 12 bytes"));
    }
    let sealed = STANDARD
        .decode(&resource.ciphertext)
        .map_err(|_| unreadable("resource.ciphertext", "not base64"))?;
    let aad = resource.associated_data.as_deref().unwrap_or_default().as_bytes();
    Aes256Gcm::new(key.into())
        .decrypt(Nonce::from_slice(nonce), Payload { msg: &sealed, aad })
        .map_err(|_| unreadable("resource.ciphertext", "not sealed with our API v3 key"))
}

/// What a transaction says, in a notice or when it was asked for. `otherwise` is when it was told,
/// for a transaction that says no time of its own.
pub(super) fn paid(
    told: Transaction,
    event_id: String,
    otherwise: Millis,
) -> Result<PaymentFact, Unheard> {
    let reason = || clip(told.trade_state_desc.as_deref().unwrap_or(&told.trade_state));
    let what = match told.trade_state.as_str() {
        // A trade that was refunded, in whole or in part, has been paid.
        "SUCCESS" | "REFUND" => {
            let amount = need(told.amount.as_ref(), "amount")?;
            let code = amount.currency.as_deref().unwrap_or("CNY");
            let currency = Currency::parse(code)
                .map_err(|fault| unreadable("amount.currency", &fault.to_string()))?;
            PaymentNews::Captured { amount: money(amount.total, currency, "amount.total")? }
        }
        "NOTPAY" | "USERPAYING" | "ACCEPT" => PaymentNews::Processing,
        "CLOSED" | "REVOKED" => PaymentNews::Cancelled,
        "PAYERROR" => PaymentNews::Failed { reason: reason() },
        _ => return Err(unreadable("trade_state", "not a state of a trade")),
    };
    let reference = told.transaction_id.clone().unwrap_or_else(|| told.out_trade_no.clone());
    let occurred_at = time(told.success_time.as_deref(), otherwise)?;
    fact(event_id, occurred_at, (told.mchid, &told.out_trade_no, reference), what)
}

fn refunded(told: Refund, event_id: String, otherwise: Millis) -> Result<PaymentFact, Unheard> {
    let amount = money(told.amount.refund, Currency::CNY, "amount.refund")?;
    let ours = RefundId::parse(&told.out_refund_no).ok();
    let refund = RefundRef { ours, theirs: identifier(told.refund_id, "refund_id")? };
    let what = match told.refund_status.as_str() {
        "SUCCESS" => PaymentNews::RefundSucceeded { refund, amount },
        "PROCESSING" => PaymentNews::RefundPending { refund, amount },
        // ABNORMAL: the buyer's card is gone; a person sends the money on in WeChat's console.
        status @ ("CLOSED" | "ABNORMAL") => {
            let (reason, by_hand) = (status.to_ascii_lowercase(), status == "ABNORMAL");
            PaymentNews::RefundFailed { refund, amount, reason, by_hand }
        }
        _ => return Err(unreadable("refund_status", "not a status of a refund")),
    };
    let occurred_at = time(told.success_time.as_deref(), otherwise)?;
    fact(event_id, occurred_at, (told.mchid, &told.out_trade_no, told.transaction_id), what)
}

fn money(amount: i64, currency: Currency, path: &str) -> Result<Money, Unheard> {
    if (0..=LARGEST_MINOR).contains(&amount) {
        Ok(Money::new(amount, currency))
    } else {
        Err(unreadable(path, "out of range"))
    }
}

/// Without a `success_time` it happened when it was told.
fn time(success_time: Option<&str>, otherwise: Millis) -> Result<Millis, Unheard> {
    match success_time.filter(|time| !time.is_empty()) {
        Some(time) => rfc3339(time, "success_time"),
        None => Ok(otherwise),
    }
}

fn fact(
    event_id: String,
    occurred_at: Millis,
    (mchid, out_trade_no, reference): (String, &str, String),
    what: PaymentNews,
) -> Result<PaymentFact, Unheard> {
    let payment = PaymentId::parse(&format!("pay_{out_trade_no}")).ok();
    Ok(PaymentFact {
        gateway: GatewayName::parse(WechatPay::NAME)
            .map_err(|fault| unreadable("", &fault.to_string()))?,
        event_id,
        account: Some(identifier(mchid, "mchid")?),
        payment,
        reference: identifier(reference, "transaction_id")?,
        occurred_at,
        what,
    })
}
