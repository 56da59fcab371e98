//! Asking WeChat Pay how a payment went, by our own number of it.
//! Source: pay.weixin.qq.com/doc/v3, `pay/transactions/out-trade-no`.

use super::WechatPay;
use super::ask::{Fault, signed, verified};
use super::notice::{Transaction, paid};
use crate::{CannotAsk, PaymentAnswer, Unheard, clip, retry_after_ms};
use bytes::Bytes;
use domain::{Millis, PaymentInquiry};
use http::{Method, Request, Response, StatusCode};

/// `GET /v3/pay/transactions/out-trade-no/{out_trade_no}?mchid=…`.
pub(super) fn request(
    wechat: &WechatPay,
    ask: &PaymentInquiry,
    now: Millis,
) -> Result<Request<Bytes>, CannotAsk> {
    let number = WechatPay::out_trade_no(&ask.payment);
    let path = format!("/v3/pay/transactions/out-trade-no/{number}?mchid={}", wechat.mchid);
    let seed = format!("find {} {}", ask.payment, now.0);
    signed(wechat, (Method::GET, &path), String::new(), &seed, now)
}

/// What the trade that was found says.
pub(super) fn answer(wechat: &WechatPay, answer: &Response<Bytes>, now: Millis) -> PaymentAnswer {
    let try_again = |why: &str| {
        let reason = clip(&format!("{}: {why}", answer.status().as_u16()));
        PaymentAnswer::TryAgain { reason, after_ms: retry_after_ms(answer) }
    };
    if !answer.status().is_success() {
        let fault = serde_json::from_slice(answer.body()).ok();
        return match (answer.status(), fault) {
            (StatusCode::NOT_FOUND, Some(Fault { code, .. })) if code == "ORDER_NOT_EXIST" => {
                PaymentAnswer::Nothing
            }
            (StatusCode::BAD_REQUEST, Some(Fault { code, message })) => {
                PaymentAnswer::Refused { reason: clip(&format!("{code}: {message}")) }
            }
            (_, Some(Fault { code, message })) => try_again(&format!("{code}: {message}")),
            (_, None) => try_again("no error document, so not WeChat's own no"),
        };
    }
    let read = || -> Result<_, Unheard> {
        verified(wechat, answer)?;
        let told: Transaction = crate::json::from_bytes(answer.body())?;
        if told.trade_state == "NOTPAY" {
            return Ok(None);
        }
        let event_id = format!("asked:{}:{}", told.out_trade_no, told.trade_state);
        paid(told, event_id, now).map(Some)
    };
    match read() {
        Ok(Some(fact)) => PaymentAnswer::Facts(vec![fact]),
        Ok(None) => PaymentAnswer::Nothing,
        Err(fault) => try_again(&fault.to_string()),
    }
}
