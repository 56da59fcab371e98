//! WeChat Pay (微信支付), API v3: encrypted notices in, refund requests out.
//!
//! This file checks who wrote (RSA over time, nonce and body; five minutes); `notice` decrypts and
//! translates, `refund` asks for money back, `query` how a payment went, `ask` signs both. It
//! fetches no platform certificates: the keys it trusts are configured, each under its serial.
//! Source: pay.weixin.qq.com/doc/v3, wechatpay-go.

mod ask;
mod notice;
mod query;
mod refund;

use crate::keys::{BadKey, Ours, Theirs};
use crate::{CannotAsk, Delivery, Gateway, Heard, PaymentAnswer, RefundAnswer, Unheard, answer};
use bytes::Bytes;
use domain::{Millis, PaymentId, PaymentInquiry, RefundOrder, SECOND};
use http::{HeaderMap, Request, Response, StatusCode};

/// A signature's time must be nearer to ours than this.
pub const TOLERANCE_S: i64 = 300;
const SIGNATURE_TYPE: &str = "WECHATPAY2-SHA256-RSA2048";

/// A merchant's configuration. The webhook's function needs the API v3 key and the trusted keys,
/// the function that asks for refunds the merchant's key and the trusted keys.
#[derive(Clone)]
pub struct WechatPay {
    mchid: String,
    api_base: String,
    api_v3_key: Option<[u8; 32]>,
    /// Platform certificates' serials or `PUB_KEY_ID_…`, and the keys they stand for.
    trusted: Vec<(String, Theirs)>,
    /// The serial of the merchant's certificate, and its key.
    merchant: Option<(String, Ours)>,
    refund_notify_url: Option<String>,
}

impl WechatPay {
    /// Our name of it.
    pub const NAME: &'static str = "wechatpay";

    /// For the merchant account `mchid`. `api_base` is `https://api.mch.weixin.qq.com`.
    pub fn new(mchid: &str, api_base: &str) -> Self {
        Self {
            mchid: mchid.to_owned(),
            api_base: api_base.to_owned(),
            api_v3_key: None,
            trusted: Vec::new(),
            merchant: None,
            refund_notify_url: None,
        }
    }

    /// Notices are decrypted with this key: exactly 32 bytes, for AES-256.
    pub fn decrypting_with(self, api_v3_key: &str) -> Result<Self, BadKey> {
        let key = <[u8; 32]>::try_from(api_v3_key.as_bytes())
            .map_err(|_| BadKey("the API v3 key is not 32 bytes"))?;
        Ok(Self { api_v3_key: Some(key), ..self })
    }

    /// What is signed under `serial` is believed if it is by `public_key` (PEM or base64).
    pub fn trusting(mut self, serial: &str, public_key: &str) -> Result<Self, BadKey> {
        self.trusted.push((serial.to_owned(), Theirs::read(public_key)?));
        Ok(self)
    }

    /// Requests are signed with the merchant's `private_key`, whose certificate has this serial.
    pub fn signing_with(self, serial: &str, private_key: &str) -> Result<Self, BadKey> {
        Ok(Self { merchant: Some((serial.to_owned(), Ours::read(private_key)?)), ..self })
    }

    /// News of refunds goes to this URL: https, without a query.
    #[must_use]
    pub fn telling_refunds_to(self, url: &str) -> Self {
        Self { refund_notify_url: Some(url.to_owned()), ..self }
    }

    /// The `out_trade_no` under which a payment is to be made: WeChat takes 32 signs at most, so
    /// the digits of our id without its prefix.
    pub fn out_trade_no(payment: &PaymentId) -> &str {
        let text = payment.as_str();
        text.strip_prefix("pay_").unwrap_or(text)
    }

    /// Checks a signature over `body`: which key, which message, by whom.
    fn verify(&self, signature: &Signature<'_>, body: &[u8]) -> Result<(), Unheard> {
        let Signature { time, nonce, serial, base64, .. } = *signature;
        let key = self.trusted.iter().find(|(known, _)| known == serial);
        let (_, key) = key.ok_or(Unheard::BadSignature("a serial that is not trusted"))?;
        let message = [time.as_bytes(), b"\n", nonce.as_bytes(), b"\n", body, b"\n"].concat();
        if key.signed(&message, base64) {
            Ok(())
        } else {
            Err(Unheard::BadSignature("not by the key of its serial"))
        }
    }
}

/// The four headers of a signature, on a notice or on an answer.
struct Signature<'a> {
    /// Unix seconds, as written.
    time: &'a str,
    time_s: i64,
    nonce: &'a str,
    serial: &'a str,
    base64: &'a str,
}

impl<'a> Signature<'a> {
    fn read(headers: &'a HeaderMap) -> Result<Self, Unheard> {
        let kind = one(headers, "wechatpay-signature-type");
        if kind.is_ok_and(|kind| kind != SIGNATURE_TYPE) {
            return Err(Unheard::BadSignature("another signature type"));
        }
        let time = one(headers, "wechatpay-timestamp")?;
        let digits = !time.is_empty() && time.bytes().all(|b| b.is_ascii_digit());
        let time_s = digits.then(|| time.parse().ok()).flatten();
        Ok(Self {
            time,
            time_s: time_s.ok_or(Unheard::BadSignature("the timestamp is not a number"))?,
            nonce: one(headers, "wechatpay-nonce")?,
            serial: one(headers, "wechatpay-serial")?,
            base64: one(headers, "wechatpay-signature")?,
        })
    }
}

impl Gateway for WechatPay {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn account(&self) -> Option<String> {
        Some(self.mchid.clone())
    }

    fn read(&self, delivery: &Delivery<'_>) -> Result<Heard, Unheard> {
        let signature = Signature::read(delivery.headers)?;
        let at = i128::from(signature.time_s) * i128::from(SECOND);
        if (i128::from(delivery.now.0) - at).abs() >= i128::from(TOLERANCE_S * SECOND) {
            return Err(Unheard::TooOld);
        }
        self.verify(&signature, delivery.body)?;
        let key = self.api_v3_key.ok_or(Unheard::BadSignature("no API v3 key is configured"))?;
        notice::read(delivery.body, &key)
    }

    fn acknowledge(&self) -> Response<Bytes> {
        let mut answer = Response::new(Bytes::new());
        *answer.status_mut() = StatusCode::NO_CONTENT;
        answer
    }

    /// Also what WeChat's probes with a bad signature want to see.
    fn refuse(&self, why: &Unheard) -> Option<Response<Bytes>> {
        let body = r#"{"code":"FAIL","message":"失败"}"#;
        Some(answer(why.status(), "application/json", body))
    }

    fn refund_request(
        &self,
        order: &RefundOrder,
        now: Millis,
    ) -> Result<Request<Bytes>, CannotAsk> {
        refund::request(self, order, now)
    }

    fn refund_answer(&self, order: &RefundOrder, answer: &Response<Bytes>) -> RefundAnswer {
        refund::answer(self, order, answer)
    }

    fn refund_query(&self, order: &RefundOrder, now: Millis) -> Result<Request<Bytes>, CannotAsk> {
        refund::query(self, order, now)
    }

    fn refund_found(&self, order: &RefundOrder, answer: &Response<Bytes>) -> Option<RefundAnswer> {
        refund::found(self, order, answer)
    }

    fn payment_query(
        &self,
        ask: &PaymentInquiry,
        now: Millis,
    ) -> Result<Request<Bytes>, CannotAsk> {
        query::request(self, ask, now)
    }

    fn payment_answer(
        &self,
        _ask: &PaymentInquiry,
        answer: &Response<Bytes>,
        now: Millis,
    ) -> PaymentAnswer {
        query::answer(self, answer, now)
    }
}

/// The value of a header that is there exactly once.
fn one<'a>(headers: &'a HeaderMap, name: &'static str) -> Result<&'a str, Unheard> {
    let mut all = headers.get_all(name).iter();
    match (all.next().map(|value| value.to_str()), all.next()) {
        (Some(Ok(value)), None) => Ok(value),
        (Some(_) | None, _) => Err(Unheard::BadSignature("not exactly one of each header")),
    }
}
