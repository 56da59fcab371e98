//! Alipay (支付宝): asynchronous notifications in, refund requests out.
//!
//! This file checks the signature over the decoded form, in both of Alipay's ways; `notify`
//! translates, `refund` asks for money back, `query` how a payment went, `ask` signs both, `yuan`
//! reads decimal amounts. Nothing in a notification says how old it is: repeats are known by their
//! `notify_id`. Forms in GBK are refused. Source: opendocs.alipay.com, alipay-sdk-nodejs-all.

mod ask;
mod notify;
mod query;
mod refund;
mod yuan;

use crate::json::unreadable;
use crate::keys::{BadKey, Ours, Theirs};
use crate::{CannotAsk, Delivery, Gateway, Heard, PaymentAnswer, RefundAnswer, Unheard, answer};
use bytes::Bytes;
use domain::{Millis, PaymentInquiry, RefundOrder};
use http::{Request, Response, StatusCode};
use std::collections::BTreeMap;

/// A form's fields, decoded once. Sorted by their bytes, as they are signed.
type Fields = BTreeMap<String, String>;

/// An app's configuration.
#[derive(Clone)]
pub struct Alipay {
    app_id: String,
    seller_id: Option<String>,
    gateway_url: String,
    alipays_key: Theirs,
    app_key: Option<Ours>,
}

impl Alipay {
    /// Our name of it.
    pub const NAME: &'static str = "alipay";

    /// `gateway_url` is `https://openapi.alipay.com/gateway.do`; `alipays_key` is Alipay's public
    /// key for this app, as the console shows it (base64 without armour) or as PEM.
    pub fn new(app_id: &str, gateway_url: &str, alipays_key: &str) -> Result<Self, BadKey> {
        Ok(Self {
            app_id: app_id.to_owned(),
            seller_id: None,
            gateway_url: gateway_url.to_owned(),
            alipays_key: Theirs::read(alipays_key)?,
            app_key: None,
        })
    }

    /// The seller whose money is ours (`2088…`).
    #[must_use]
    pub fn selling_as(self, seller_id: &str) -> Self {
        Self { seller_id: Some(seller_id.to_owned()), ..self }
    }

    /// An account at Alipay: the seller, and the app that they sell through.
    fn account_of(&self, seller_id: Option<&str>, app_id: &str) -> Option<String> {
        seller_id.map(|seller| format!("{seller}/{app_id}"))
    }

    /// Requests are signed with the app's private key.
    pub fn signing_with(self, app_key: &str) -> Result<Self, BadKey> {
        Ok(Self { app_key: Some(Ours::read(app_key)?), ..self })
    }

    /// Trade notifications are signed without `sign_type`, those of the service market with it.
    fn verify(&self, fields: &mut Fields) -> Result<(), Unheard> {
        let sign = fields.remove("sign").ok_or(Unheard::BadSignature("no sign"))?;
        if fields.get("sign_type").is_some_and(|kind| kind != "RSA2") {
            return Err(Unheard::BadSignature("another signature type"));
        }
        if self.alipays_key.signed(content(fields, |_| true).as_bytes(), &sign) {
            return Ok(());
        }
        let without = content(fields, |name| name != "sign_type");
        if self.alipays_key.signed(without.as_bytes(), &sign) {
            Ok(())
        } else {
            Err(Unheard::BadSignature("not by Alipay's key"))
        }
    }
}

/// What is signed: `name=value` joined by `&`, as decoded, never encoded again.
fn content(fields: &Fields, signed: impl Fn(&str) -> bool) -> String {
    let fields = fields.iter().filter(|(name, _)| signed(name));
    fields.map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
}

/// Decodes a form exactly once.
fn fields(body: &[u8]) -> Result<Fields, Unheard> {
    let mut fields = Fields::new();
    for (name, value) in form_urlencoded::parse(body) {
        if fields.insert(name.into_owned(), value.into_owned()).is_some() {
            return Err(unreadable("", "a field twice"));
        }
    }
    match fields.get("charset") {
        Some(charset) if !charset.eq_ignore_ascii_case("utf-8") => {
            Err(unreadable("charset", "not utf-8"))
        }
        Some(_) | None => Ok(fields),
    }
}

impl Gateway for Alipay {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn account(&self) -> Option<String> {
        self.account_of(self.seller_id.as_deref(), &self.app_id)
    }

    fn read(&self, delivery: &Delivery<'_>) -> Result<Heard, Unheard> {
        let mut fields = fields(delivery.body)?;
        self.verify(&mut fields)?;
        notify::read(self, &fields)
    }

    /// Exactly these seven bytes; anything else is sent again.
    fn acknowledge(&self) -> Response<Bytes> {
        answer(StatusCode::OK, "text/plain", "success")
    }

    fn refuse(&self, why: &Unheard) -> Option<Response<Bytes>> {
        Some(answer(why.status(), "text/plain", "fail"))
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
        ask: &PaymentInquiry,
        answer: &Response<Bytes>,
        now: Millis,
    ) -> PaymentAnswer {
        query::answer(self, ask, answer, now)
    }
}
