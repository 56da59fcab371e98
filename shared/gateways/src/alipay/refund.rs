//! Asking Alipay for a refund, and what its answer means.
//!
//! The refund's id is the `out_request_no`, for which Alipay pays once however often it is asked.
//! `code` 10000 only says that the request was taken; `fund_change` Y says that money went back.
//! Source: opendocs.alipay.com, `alipay.trade.refund`.

use super::{Alipay, Fields, content, yuan};
use crate::time::in_beijing;
use crate::{CannotAsk, RefundAnswer, clip, endpoint, retry_after_ms};
use bytes::Bytes;
use domain::{Currency, Millis, RefundOrder};
use http::{Method, Request, Response, header};
use serde::Deserialize;
use serde_json::json;
use serde_json::value::RawValue;

/// What asking again may change: the gateway's own trouble, or a balance that is filled up again.
/// 20000 is Alipay's "service unavailable".
const PASSING: [&str; 5] = [
    "20000",
    "ACQ.SYSTEM_ERROR",
    "AQC.SYSTEM_ERROR",
    "aop.ACQ.SYSTEM_ERROR",
    "ACQ.SELLER_BALANCE_NOT_ENOUGH",
];

/// `alipay.trade.refund`: what all requests have in the query, what is asked in the body.
pub(super) fn request(
    alipay: &Alipay,
    order: &RefundOrder,
    now: Millis,
) -> Result<Request<Bytes>, CannotAsk> {
    let key = alipay.app_key.as_ref().ok_or(CannotAsk::NotConfigured("the app's key"))?;
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
    let common = [
        ("app_id", alipay.app_id.clone()),
        ("method", "alipay.trade.refund".to_owned()),
        ("format", "JSON".to_owned()),
        ("charset", "utf-8".to_owned()),
        ("sign_type", "RSA2".to_owned()),
        ("timestamp", in_beijing(now)),
        ("version", "1.0".to_owned()),
    ];
    let mut fields: Fields =
        common.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    fields.insert("biz_content".to_owned(), asked.to_string());
    let not_a_request = |why: &dyn std::fmt::Display| CannotAsk::NotARequest(why.to_string());
    // Unlike in a notification, `sign_type` is always signed and nothing empty is.
    let signed = content(&fields, |_| true);
    let sign = key.sign(signed.as_bytes()).map_err(|fault| not_a_request(&fault))?;
    fields.insert("sign".to_owned(), sign);
    let body = fields.remove("biz_content").unwrap_or_default();
    let form = |fields: &mut dyn Iterator<Item = (&str, &str)>| {
        form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
    };
    let query = form(&mut fields.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    let body = form(&mut [("biz_content", body.as_str())].into_iter());
    Request::builder()
        .method(Method::POST)
        .uri(endpoint(&alipay.gateway_url, &format!("?{query}"))?)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded;charset=utf-8")
        .body(Bytes::from(body))
        .map_err(|fault| not_a_request(&fault))
}

/// The answer's outside: what is signed is the text of the inner document as it stands.
#[derive(Deserialize)]
struct Signed<'a> {
    #[serde(borrow, alias = "error_response")]
    alipay_trade_refund_response: &'a RawValue,
    sign: Option<String>,
}

#[derive(Deserialize)]
struct Answered {
    code: String,
    #[serde(default)]
    msg: String,
    sub_code: Option<String>,
    sub_msg: Option<String>,
    fund_change: Option<String>,
}

/// What Alipay's answer means. Alipay has no id of its own for a refund: ours stands for it.
pub(super) fn answer(
    alipay: &Alipay,
    order: &RefundOrder,
    answer: &Response<Bytes>,
) -> RefundAnswer {
    let again = |words: &str| {
        let reason = clip(&format!("{}: {words}", answer.status().as_u16()));
        RefundAnswer::TryAgain { reason, after_ms: retry_after_ms(answer) }
    };
    if !answer.status().is_success() {
        return again("Alipay answers 200 when it answers");
    }
    let Ok(signed) = serde_json::from_slice::<Signed<'_>>(answer.body()) else {
        return again("not Alipay's answer");
    };
    let inner = signed.alipay_trade_refund_response.get();
    let Ok(told) = serde_json::from_str::<Answered>(inner) else {
        return again("not Alipay's answer");
    };
    let by_alipay =
        signed.sign.is_some_and(|sign| alipay.alipays_key.signed(inner.as_bytes(), &sign));
    if told.code == "10000" {
        let theirs = order.refund.as_str().to_owned();
        return match (by_alipay, told.fund_change.as_deref()) {
            (true, Some("Y")) => RefundAnswer::Succeeded { theirs },
            (true, _) => RefundAnswer::Pending { theirs },
            (false, _) => again("an answer that Alipay has not signed"),
        };
    }
    let code = told.sub_code.unwrap_or(told.code);
    let words = format!("{code}: {}", told.sub_msg.unwrap_or(told.msg));
    if by_alipay && !PASSING.contains(&code.as_str()) {
        RefundAnswer::Refused { reason: clip(&words) }
    } else {
        again(&words)
    }
}
