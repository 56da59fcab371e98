//! Alipay's notifications in our words: one notification is one fact.
//!
//! Payments and refunds come to the same address; what tells them apart is `refund_fee`, which is
//! the sum of all refunds of the trade so far, not this one's amount. So a single refund's end is
//! known from the answer to its request, and this only says the total.

use super::{Alipay, Fields, yuan};
use crate::json::{identifier, need, unreadable};
use crate::time::beijing;
use crate::{Heard, Unheard};
use domain::{GatewayName, Millis, Money, PaymentFact, PaymentId, PaymentNews};

/// Reads the fields of a notification whose signature is good.
pub(super) fn read(alipay: &Alipay, fields: &Fields) -> Result<Heard, Unheard> {
    let field = |name: &str| fields.get(name).map(String::as_str).filter(|text| !text.is_empty());
    let text = |name: &str| need(field(name), name);
    let event_id = identifier(text("notify_id")?.to_owned(), "notify_id")?;
    if field("notify_type") != Some("trade_status_sync") {
        return Ok(Heard::Nothing { event_id });
    }
    // Another app's notification is signed by Alipay all the same: whose it is, is the account's
    // to say.
    let app_id = identifier(text("app_id")?.to_owned(), "app_id")?;
    let seller_id =
        field("seller_id").map(|id| identifier(id.to_owned(), "seller_id")).transpose()?;
    let total = || yuan::read(text("total_amount")?, "total_amount");
    let refunded = refunded(field)?;
    let time = |name: &str| match field(name) {
        Some(told) => beijing(told, name),
        None => beijing(text("notify_time")?, "notify_time"),
    };
    let (what, occurred_at): (PaymentNews, Millis) = match (text("trade_status")?, refunded) {
        ("TRADE_SUCCESS" | "TRADE_FINISHED" | "TRADE_CLOSED", Some(amount)) => {
            (PaymentNews::RefundedInTotal { amount }, time("gmt_refund")?)
        }
        ("TRADE_SUCCESS" | "TRADE_FINISHED", None) => {
            (PaymentNews::Captured { amount: total()? }, time("gmt_payment")?)
        }
        ("TRADE_CLOSED", None) => (PaymentNews::Cancelled, time("gmt_close")?),
        ("WAIT_BUYER_PAY", _) => return Ok(Heard::Nothing { event_id }),
        _ => return Err(unreadable("trade_status", "not a status of a trade")),
    };
    let fact = PaymentFact {
        gateway: GatewayName::parse(Alipay::NAME)
            .map_err(|fault| unreadable("", &fault.to_string()))?,
        event_id,
        account: alipay.account_of(Some(seller_id.as_deref().unwrap_or_default()), &app_id),
        payment: PaymentId::parse(text("out_trade_no")?).ok(),
        reference: identifier(text("trade_no")?.to_owned(), "trade_no")?,
        occurred_at,
        what,
    };
    Ok(Heard::Facts(vec![fact]))
}

/// How much has been refunded so far; `None` when this is no news of a refund. A plain payment may
/// carry `refund_fee=0.00`.
fn refunded<'a>(field: impl Fn(&str) -> Option<&'a str>) -> Result<Option<Money>, Unheard> {
    let fee = field("refund_fee").map(|text| yuan::read(text, "refund_fee")).transpose()?;
    match fee.filter(|fee| fee.minor > 0) {
        Some(fee) => Ok(Some(fee)),
        None if field("gmt_refund").is_some() => Err(unreadable("refund_fee", "missing")),
        None => Ok(None),
    }
}
