//! Stripe: webhook events in, refund requests out.
//!
//! This file checks the signature (`Stripe-Signature`, HMAC-SHA256 over `t.body`, 300 s both ways);
//! `event` translates, `refund` asks for money back, `query` for what became of things, `amount`
//! knows Stripe's own exponents. Thin events (`v2.core.event`) and events of the other mode are
//! refused. Rules: docs.stripe.com/webhooks.

mod amount;
mod event;
mod query;
mod refund;

use crate::{CannotAsk, Delivery, Gateway, Heard, PaymentAnswer, RefundAnswer, Unheard};
use bytes::Bytes;
use domain::{Millis, PaymentInquiry, RefundOrder, SECOND};
use hmac::{Hmac, Mac};
use http::{HeaderMap, Request, Response};
use sha2::Sha256;

/// How far a signature's time may be from ours.
pub const TOLERANCE_S: i64 = 300;
/// The API version whose objects this code reads and whose refunds it asks for.
pub const API_VERSION: &str = "2024-10-28.acacia";

/// A Stripe account's configuration. The webhook's function has the secrets and no key; the
/// function that asks for refunds has the key and no secrets.
#[derive(Clone)]
pub struct Stripe {
    /// Endpoint secrets, whole (`whsec_…`): several while one is being rolled. Empty ones are
    /// ignored.
    pub secrets: Vec<String>,
    /// The secret key (`sk_…`).
    pub api_key: String,
    /// `https://api.stripe.com`, without a path.
    pub api_base: String,
    /// Which of Stripe's two worlds this is; events of the other one are refused.
    pub livemode: bool,
    /// The connected account (`acct_…`) whose events are ours; Stripe names one only for those.
    pub account: Option<String>,
}

impl Stripe {
    /// Our name of it.
    pub const NAME: &'static str = "stripe";

    /// Secrets as they are configured: separated by commas.
    pub fn secrets_from(list: &str) -> Vec<String> {
        let secrets = list.split(',').map(str::trim);
        secrets.filter(|secret| !secret.is_empty()).map(str::to_owned).collect()
    }

    fn verify(&self, delivery: &Delivery<'_>) -> Result<(), Unheard> {
        let signature = Signature::read(delivery.headers)?;
        if (i128::from(delivery.now.0) - i128::from(signature.time_s) * i128::from(SECOND)).abs()
            > i128::from(TOLERANCE_S * SECOND)
        {
            return Err(Unheard::TooOld);
        }
        let known = self.secrets.iter().filter(|secret| !secret.is_empty());
        let good = known.into_iter().any(|secret| signature.is_by(secret, delivery.body));
        if good { Ok(()) } else { Err(Unheard::BadSignature("no v1 is by a secret of ours")) }
    }
}

impl Gateway for Stripe {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn account(&self) -> Option<String> {
        self.account.clone()
    }

    fn read(&self, delivery: &Delivery<'_>) -> Result<Heard, Unheard> {
        self.verify(delivery)?;
        event::read(delivery.body, self.livemode)
    }

    /// Any 2xx; nobody reads the body.
    fn acknowledge(&self) -> Response<Bytes> {
        Response::new(Bytes::new())
    }

    fn refund_request(
        &self,
        order: &RefundOrder,
        _now: Millis,
    ) -> Result<Request<Bytes>, CannotAsk> {
        refund::request(self, order)
    }

    fn refund_answer(&self, order: &RefundOrder, answer: &Response<Bytes>) -> RefundAnswer {
        refund::answer(order, answer)
    }

    fn refund_query(&self, order: &RefundOrder, _now: Millis) -> Result<Request<Bytes>, CannotAsk> {
        query::refunds(self, order)
    }

    fn refund_found(&self, order: &RefundOrder, answer: &Response<Bytes>) -> Option<RefundAnswer> {
        query::refund_found(order, answer)
    }

    fn payment_query(
        &self,
        ask: &PaymentInquiry,
        _now: Millis,
    ) -> Result<Request<Bytes>, CannotAsk> {
        query::payment(self, ask)
    }

    fn payment_answer(
        &self,
        ask: &PaymentInquiry,
        answer: &Response<Bytes>,
        now: Millis,
    ) -> PaymentAnswer {
        query::payment_answer(ask, answer, now)
    }
}

/// `Stripe-Signature: t=1533204620,v1=<hex>[,v1=<hex>…][,v0=<hex>]`. Schemes other than `v1` are
/// ignored: `v0` is for Stripe's own tests and proves nothing.
struct Signature<'a> {
    time: &'a str,
    time_s: i64,
    v1: Vec<Vec<u8>>,
}

impl<'a> Signature<'a> {
    fn read(headers: &'a HeaderMap) -> Result<Self, Unheard> {
        let mut all = headers.get_all("stripe-signature").iter();
        let (Some(header), None) = (all.next(), all.next()) else {
            return Err(Unheard::BadSignature("not exactly one Stripe-Signature"));
        };
        let text = header.to_str().map_err(|_| Unheard::BadSignature("not ASCII"))?;
        let pairs = || text.split(',').filter_map(|part| part.trim_start().split_once('='));
        let mut times = pairs().filter(|(name, _)| *name == "t");
        let (Some((_, time)), None) = (times.next(), times.next()) else {
            return Err(Unheard::BadSignature("not exactly one t"));
        };
        let digits = !time.is_empty() && time.bytes().all(|b| b.is_ascii_digit());
        let Some(time_s) = digits.then(|| time.parse().ok()).flatten() else {
            return Err(Unheard::BadSignature("t is not a number"));
        };
        let v1 = pairs().filter(|(name, _)| *name == "v1");
        let v1 = v1.filter_map(|(_, value)| hex::decode(value).ok()).collect();
        Ok(Self { time, time_s, v1 })
    }

    /// Whether any of the signatures is by `secret`. The comparison takes the same time for all.
    fn is_by(&self, secret: &str, body: &[u8]) -> bool {
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else {
            return false;
        };
        mac.update(self.time.as_bytes());
        mac.update(b".");
        mac.update(body);
        self.v1.iter().any(|v1| mac.clone().verify_slice(v1).is_ok())
    }
}
