//! How Alipay is asked: one address for all, the method as a parameter, everything signed with the
//! app's key; and its answers, of which the text of the inner document is signed. Knows no method.

use super::{Alipay, Fields, content};
use crate::time::in_beijing;
use crate::{CannotAsk, endpoint};
use bytes::Bytes;
use domain::Millis;
use http::{Method, Request, Response, header};
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// What all requests have is in the query, what is asked in the body.
pub(super) fn signed(
    alipay: &Alipay,
    method: &str,
    asked: &Value,
    now: Millis,
) -> Result<Request<Bytes>, CannotAsk> {
    let key = alipay.app_key.as_ref().ok_or(CannotAsk::NotConfigured("the app's key"))?;
    let common = [
        ("app_id", alipay.app_id.clone()),
        ("method", method.to_owned()),
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

/// The inner document of an answer, and whether Alipay has signed it.
pub(super) fn read<T: DeserializeOwned>(
    alipay: &Alipay,
    answer: &Response<Bytes>,
) -> Result<(T, bool), &'static str> {
    const NOT: &str = "not Alipay's answer";
    if !answer.status().is_success() {
        return Err("Alipay answers 200 when it answers");
    }
    let outer: BTreeMap<String, Box<RawValue>> =
        serde_json::from_slice(answer.body()).map_err(|_| NOT)?;
    let inner = |name: &String| name.ends_with("_response");
    let inner = outer.iter().find(|(name, _)| inner(name)).ok_or(NOT)?.1.get();
    let sign = outer.get("sign").and_then(|s| serde_json::from_str::<String>(s.get()).ok());
    let signed = sign.is_some_and(|sign| alipay.alipays_key.signed(inner.as_bytes(), &sign));
    let told = serde_json::from_str(inner).map_err(|_| NOT)?;
    Ok((told, signed))
}
