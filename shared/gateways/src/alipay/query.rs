//! Asking Alipay how a payment went, by our own number of it.
//! Source: opendocs.alipay.com, `alipay.trade.query`.

use super::ask::{read, signed};
use super::{Alipay, yuan};
use crate::json::{identifier, need};
use crate::{CannotAsk, PaymentAnswer, Unheard, clip, retry_after_ms};
use bytes::Bytes;
use domain::{GatewayName, Millis, PaymentFact, PaymentInquiry, PaymentNews};
use http::{Request, Response};
use serde::Deserialize;
use serde_json::json;

/// `alipay.trade.query`.
pub(super) fn request(
    alipay: &Alipay,
    ask: &PaymentInquiry,
    now: Millis,
) -> Result<Request<Bytes>, CannotAsk> {
    let asked = json!({"out_trade_no": ask.payment.as_str()});
    signed(alipay, "alipay.trade.query", &asked, now)
}

#[derive(Deserialize)]
struct Trade {
    code: String,
    #[serde(default)]
    msg: String,
    sub_code: Option<String>,
    sub_msg: Option<String>,
    trade_no: Option<String>,
    trade_status: Option<String>,
    total_amount: Option<String>,
}

/// What the trade that was found says. Alipay makes a trade only when the buyer logs in, so it may
/// not know one that is waited for.
pub(super) fn answer(
    alipay: &Alipay,
    ask: &PaymentInquiry,
    answer: &Response<Bytes>,
    now: Millis,
) -> PaymentAnswer {
    let try_again = |why: &str| {
        let reason = clip(&format!("{}: {why}", answer.status().as_u16()));
        PaymentAnswer::TryAgain { reason, after_ms: retry_after_ms(answer) }
    };
    let (trade, by_alipay): (Trade, bool) = match read(alipay, answer) {
        Ok(read) => read,
        Err(why) => return try_again(why),
    };
    match (trade.code.as_str(), trade.sub_code.as_deref()) {
        ("10000", _) if !by_alipay => try_again("an answer that Alipay has not signed"),
        ("10000", _) => match fact(alipay, ask, &trade, now) {
            Ok(Some(fact)) => PaymentAnswer::Facts(vec![fact]),
            Ok(None) => PaymentAnswer::Nothing,
            Err(fault) => try_again(&fault.to_string()),
        },
        (_, Some("ACQ.TRADE_NOT_EXIST")) => PaymentAnswer::Nothing,
        (_, Some("ACQ.INVALID_PARAMETER")) => {
            let words = trade.sub_msg.unwrap_or(trade.msg);
            PaymentAnswer::Refused { reason: clip(&format!("ACQ.INVALID_PARAMETER: {words}")) }
        }
        (code, sub_code) => {
            let code = sub_code.unwrap_or(code);
            try_again(&format!("{code}: {}", trade.sub_msg.as_deref().unwrap_or(&trade.msg)))
        }
    }
}

fn fact(
    alipay: &Alipay,
    ask: &PaymentInquiry,
    trade: &Trade,
    now: Millis,
) -> Result<Option<PaymentFact>, Unheard> {
    let status = need(trade.trade_status.as_deref(), "trade_status")?;
    let what = match status {
        "TRADE_SUCCESS" | "TRADE_FINISHED" => {
            let text = need(trade.total_amount.as_deref(), "total_amount")?;
            PaymentNews::Captured { amount: yuan::read(text, "total_amount")? }
        }
        "TRADE_CLOSED" => PaymentNews::Cancelled,
        _ => return Ok(None),
    };
    let reference = identifier(need(trade.trade_no.clone(), "trade_no")?, "trade_no")?;
    let gateway = GatewayName::parse(Alipay::NAME);
    let gateway = gateway.map_err(|fault| Unheard::Unreadable(fault.to_string()))?;
    Ok(Some(PaymentFact {
        gateway,
        event_id: format!("asked:{reference}:{status}"),
        account: alipay.account_of(alipay.seller_id.as_deref(), &alipay.app_id),
        payment: Some(ask.payment.clone()),
        reference,
        occurred_at: now,
        what,
    }))
}
