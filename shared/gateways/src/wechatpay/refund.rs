//! Asking WeChat Pay for a refund, and what its answer means.
//!
//! The refund's id is the `out_refund_no`, for which WeChat pays once however often it is asked. An
//! answer of 200 that WeChat has not signed is not believed.
//! Source: wechatpay-openapi, `v3/refund/domestic/refunds`.

use super::WechatPay;
use super::ask::{Fault, signed, verified};
use crate::{CannotAsk, RefundAnswer, clip, retry_after_ms};
use bytes::Bytes;
use domain::{Currency, Millis, RefundOrder};
use http::{Method, Request, Response, StatusCode};
use serde::Deserialize;
use serde_json::json;

const PATH: &str = "/v3/refund/domestic/refunds";

/// Codes of a no that asking again cannot change. All others may pass: an overload, a balance that
/// is filled up again (`NOT_ENOUGH`), a configuration that somebody mends.
const FINAL: [&str; 5] = [
    "PARAM_ERROR",
    "INVALID_REQUEST",
    "USER_ACCOUNT_ABNORMAL",
    "RESOURCE_NOT_EXISTS",
    "MCH_NOT_EXISTS",
];

/// `POST /v3/refund/domestic/refunds`, signed with the merchant's key.
pub(super) fn request(
    wechat: &WechatPay,
    order: &RefundOrder,
    now: Millis,
) -> Result<Request<Bytes>, CannotAsk> {
    if order.amount.currency != Currency::CNY || order.captured.currency != Currency::CNY {
        return Err(CannotAsk::Amount("WeChat Pay refunds yuan only".to_owned()));
    }
    if order.amount.minor <= 0 {
        return Err(CannotAsk::Amount("nothing to refund".to_owned()));
    }
    let mut body = json!({
        "transaction_id": order.reference,
        "out_refund_no": order.refund.as_str(),
        "amount": {
            "refund": order.amount.minor,
            "total": order.captured.minor,
            "currency": "CNY",
        },
    });
    if let (Some(url), Some(fields)) = (&wechat.refund_notify_url, body.as_object_mut()) {
        fields.insert("notify_url".to_owned(), json!(url));
    }
    let seed = format!("{} {}", order.refund, now.0);
    signed(wechat, (Method::POST, PATH), body.to_string(), &seed, now)
}

/// `GET /v3/refund/domestic/refunds/{out_refund_no}`.
pub(super) fn query(
    wechat: &WechatPay,
    order: &RefundOrder,
    now: Millis,
) -> Result<Request<Bytes>, CannotAsk> {
    let path = format!("{PATH}/{}", order.refund);
    let seed = format!("find {} {}", order.refund, now.0);
    signed(wechat, (Method::GET, &path), String::new(), &seed, now)
}

/// What became of a refund, if WeChat has made it.
pub(super) fn found(
    wechat: &WechatPay,
    order: &RefundOrder,
    answered: &Response<Bytes>,
) -> Option<RefundAnswer> {
    if answered.status() == StatusCode::NOT_FOUND {
        let fault = serde_json::from_slice::<Fault>(answered.body()).ok();
        if fault.is_some_and(|fault| fault.code == "RESOURCE_NOT_EXISTS") {
            return None;
        }
    }
    Some(answer(wechat, order, answered))
}

#[derive(Deserialize)]
struct Refund {
    refund_id: String,
    out_refund_no: String,
    status: String,
    amount: Amount,
}

#[derive(Deserialize)]
struct Amount {
    refund: i64,
}

/// What WeChat's answer means. Accepted is `PROCESSING`; a notice says how it ends.
pub(super) fn answer(
    wechat: &WechatPay,
    order: &RefundOrder,
    answer: &Response<Bytes>,
) -> RefundAnswer {
    if !answer.status().is_success() {
        return match serde_json::from_slice(answer.body()) {
            Ok(Fault { code, message }) if FINAL.contains(&code.as_str()) => {
                RefundAnswer::Refused { reason: clip(&format!("{code}: {message}")) }
            }
            Ok(Fault { code, message }) => again(answer, &format!("{code}: {message}")),
            Err(_) => again(answer, "no error document, so not WeChat's own no"),
        };
    }
    if let Err(fault) = verified(wechat, answer) {
        return again(answer, &format!("an answer that is not WeChat's: {fault}"));
    }
    let refund: Refund = match serde_json::from_slice(answer.body()) {
        Ok(refund) => refund,
        Err(fault) => return again(answer, &fault.to_string()),
    };
    let Refund { refund_id: theirs, out_refund_no, status, amount } = refund;
    if out_refund_no != order.refund.as_str() || amount.refund != order.amount.minor {
        let reason = format!("{theirs}, {out_refund_no} of {} was not asked for", amount.refund);
        return RefundAnswer::Refused { reason: clip(&reason) };
    }
    match status.as_str() {
        "SUCCESS" => RefundAnswer::Succeeded { theirs },
        "PROCESSING" => RefundAnswer::Pending { theirs },
        other => RefundAnswer::Refused { reason: clip(&format!("{theirs} is {other}")) },
    }
}

fn again(answer: &Response<Bytes>, words: &str) -> RefundAnswer {
    let reason = clip(&format!("{}: {words}", answer.status().as_u16()));
    RefundAnswer::TryAgain { reason, after_ms: retry_after_ms(answer) }
}
