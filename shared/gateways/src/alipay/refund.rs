//! Asking Alipay for a refund, and what its answer means.
//!
//! The refund's id is the `out_request_no`, for which Alipay pays once however often it is asked.
//! `code` 10000 only says that the request was taken; `fund_change` Y says that money went back.
//! Source: opendocs.alipay.com, `alipay.trade.refund`.

use super::ask::{read, signed};
use super::{Alipay, yuan};
use crate::{CannotAsk, RefundAnswer, clip, retry_after_ms};
use bytes::Bytes;
use domain::{Currency, Millis, RefundOrder};
use http::{Request, Response};
use serde::Deserialize;
use serde_json::json;

/// What asking again may change: the gateway's own trouble, or a balance that is filled up again.
/// 20000 is Alipay's "service unavailable".
const PASSING: [&str; 5] = [
    "20000",
    "ACQ.SYSTEM_ERROR",
    "AQC.SYSTEM_ERROR",
    "aop.ACQ.SYSTEM_ERROR",
    "ACQ.SELLER_BALANCE_NOT_ENOUGH",
];

/// `alipay.trade.refund`.
pub(super) fn request(
    alipay: &Alipay,
    order: &RefundOrder,
    now: Millis,
) -> Result<Request<Bytes>, CannotAsk> {
    if order.amount.currency != Currency::CNY {
        return Err(CannotAsk::Amount("Alipay refunds yuan only".to_owned()));
    }
    if order.amount.minor <= 0 {
        return Err(CannotAsk::Amount("nothing to refund".to_owned()));
    }
    let asked = json!({
        "trade_no": order.reference,
        "refund_amount": yuan::write(order.amount.minor),
        "out_request_no": order.refund.as_str(),
    });
    signed(alipay, "alipay.trade.refund", &asked, now)
}

/// `alipay.trade.fastpay.refund.query`, by our number.
pub(super) fn query(
    alipay: &Alipay,
    order: &RefundOrder,
    now: Millis,
) -> Result<Request<Bytes>, CannotAsk> {
    let asked = json!({"trade_no": order.reference, "out_request_no": order.refund.as_str()});
    signed(alipay, "alipay.trade.fastpay.refund.query", &asked, now)
}

#[derive(Deserialize)]
struct Answered {
    code: String,
    #[serde(default)]
    msg: String,
    sub_code: Option<String>,
    sub_msg: Option<String>,
    fund_change: Option<String>,
    refund_status: Option<String>,
}

impl Answered {
    /// The code that says most, and all that is said.
    fn words(self) -> (String, String) {
        let code = self.sub_code.unwrap_or(self.code);
        let words = format!("{code}: {}", self.sub_msg.unwrap_or(self.msg));
        (code, clip(&words))
    }
}

/// What Alipay's answer means. Alipay has no id of its own for a refund: ours stands for it.
pub(super) fn answer(
    alipay: &Alipay,
    order: &RefundOrder,
    answer: &Response<Bytes>,
) -> RefundAnswer {
    let (told, by_alipay): (Answered, bool) = match read(alipay, answer) {
        Ok(read) => read,
        Err(why) => return again(answer, why),
    };
    if told.code == "10000" {
        let theirs = order.refund.as_str().to_owned();
        return match (by_alipay, told.fund_change.as_deref()) {
            (true, Some("Y")) => RefundAnswer::Succeeded { theirs },
            (true, _) => RefundAnswer::Pending { theirs },
            (false, _) => again(answer, "an answer that Alipay has not signed"),
        };
    }
    let (code, words) = told.words();
    if by_alipay && !PASSING.contains(&code.as_str()) {
        RefundAnswer::Refused { reason: words }
    } else {
        again(answer, &words)
    }
}

/// What became of a refund. Alipay answers 10000 without a status for one that it has not made or
/// not finished; asking for that again is safe, because its number is its key for good.
pub(super) fn found(
    alipay: &Alipay,
    order: &RefundOrder,
    answer: &Response<Bytes>,
) -> Option<RefundAnswer> {
    let (told, by_alipay): (Answered, bool) = match read(alipay, answer) {
        Ok(read) => read,
        Err(why) => return Some(again(answer, why)),
    };
    match (by_alipay, told.code.as_str(), told.refund_status.as_deref()) {
        (true, "10000", Some("REFUND_SUCCESS")) => {
            Some(RefundAnswer::Succeeded { theirs: order.refund.as_str().to_owned() })
        }
        (true, "10000", _) => None,
        (_, _, _) => Some(again(answer, &told.words().1)),
    }
}

fn again(answer: &Response<Bytes>, words: &str) -> RefundAnswer {
    let reason = clip(&format!("{}: {words}", answer.status().as_u16()));
    RefundAnswer::TryAgain { reason, after_ms: retry_after_ms(answer) }
}
