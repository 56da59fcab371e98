//! How WeChat Pay is asked: requests signed with the merchant's key, answers believed only if
//! WeChat has signed them. Knows no path and no field.

use super::{SIGNATURE_TYPE, Signature, WechatPay};
use crate::{CannotAsk, Unheard, endpoint};
use bytes::Bytes;
use domain::{Millis, SECOND};
use http::{Method, Request, Response, header};
use serde::Deserialize;
use sha2::{Digest, Sha256};

/// What a no of WeChat's says.
#[derive(Deserialize)]
pub(super) struct Fault {
    pub(super) code: String,
    #[serde(default)]
    pub(super) message: String,
}

/// A request to a path (with its query). `seed` is different for each that is made.
pub(super) fn signed(
    wechat: &WechatPay,
    (method, path): (Method, &str),
    body: String,
    seed: &str,
    now: Millis,
) -> Result<Request<Bytes>, CannotAsk> {
    let (serial, key) =
        wechat.merchant.as_ref().ok_or(CannotAsk::NotConfigured("the merchant's key"))?;
    let uri = endpoint(&wechat.api_base, path)?;
    let target = uri.path_and_query().map_or(path, |target| target.as_str());
    let (time, nonce) = (now.0.div_euclid(SECOND), nonce(seed));
    let message = format!("{method}\n{target}\n{time}\n{nonce}\n{body}\n");
    let not_a_request = |why: &dyn std::fmt::Display| CannotAsk::NotARequest(why.to_string());
    let signature = key.sign(message.as_bytes()).map_err(|fault| not_a_request(&fault))?;
    let authorization = format!(
        "{SIGNATURE_TYPE} mchid=\"{}\",nonce_str=\"{nonce}\",timestamp=\"{time}\",\
         serial_no=\"{serial}\",signature=\"{signature}\"",
        wechat.mchid
    );
    let mut request = Request::builder()
        .method(method)
        .uri(uri)
        .header(header::AUTHORIZATION, authorization)
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::ACCEPT, "application/json")
        .header(header::USER_AGENT, "orderflow");
    if let Some((trusted, _)) = wechat.trusted.first() {
        request = request.header("wechatpay-serial", trusted);
    }
    request.body(Bytes::from(body)).map_err(|fault| not_a_request(&fault))
}

/// It must not repeat, but need not be secret: a hash of what is asked and when.
fn nonce(seed: &str) -> String {
    hex::encode_upper(Sha256::digest(seed)).chars().take(32).collect()
}

/// Whether WeChat has signed an answer.
pub(super) fn verified(wechat: &WechatPay, answer: &Response<Bytes>) -> Result<(), Unheard> {
    wechat.verify(&Signature::read(answer.headers())?, answer.body())
}
