//! A payment gateway that speaks Stripe's dialect: it takes money, says so in signed webhooks, and
//! pays back when it is asked (`refunds`).
//!
//! Amounts are Stripe's integers. Ids count up, so a story is the same every time it is told.

use crate::delivery::{Delivery, Dialect};
use crate::fault::{Fault, Faults};
use crate::refunds::{Intent, Refund, Refunds};
use crate::{Alipay, Handler, Running, WechatPay, json_answer, locked, serve, text};
use anyhow::Context;
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

/// A payment gateway. Clones are the same gateway.
#[derive(Clone)]
pub struct Gateway {
    secret: String,
    intent: Option<String>,
    state: Arc<Mutex<State>>,
    /// The other gateways behind the same address.
    pub wechatpay: WechatPay,
    pub alipay: Alipay,
}

struct State {
    next_event: u64,
    /// Payment intents by their ids, as their last event told them.
    intents: BTreeMap<String, Value>,
    refunds: Refunds,
    faults: Faults,
}

impl Gateway {
    /// `secret` signs webhooks (`whsec_…`), `api_key` is what callers must show (`sk_…`).
    pub fn new(secret: &str, api_key: &str) -> Self {
        let state = State {
            next_event: 1,
            intents: BTreeMap::new(),
            refunds: Refunds::new(api_key),
            faults: Faults::default(),
        };
        Self {
            secret: secret.to_owned(),
            intent: None,
            state: Arc::new(Mutex::new(state)),
            wechatpay: WechatPay::default(),
            alipay: Alipay::default(),
        }
    }

    /// Event and refund ids count from here. For a shop that remembers earlier runs.
    #[must_use]
    pub fn counting_from(self, first: u64) -> Self {
        {
            let mut state = locked(&self.state);
            state.next_event = first;
            state.refunds.count_from(first);
        }
        self
    }

    /// The same gateway, for another attempt to pay than the first one of a payment.
    #[must_use]
    pub fn intent(&self, id: &str) -> Self {
        Self { intent: Some(id.to_owned()), ..self.clone() }
    }

    /// The payment intent of a payment's first attempt.
    pub fn intent_of(&self, payment_id: &str) -> String {
        let digits = payment_id.rsplit('_').next().unwrap_or(payment_id);
        self.intent.clone().unwrap_or_else(|| format!("pi_{digits}"))
    }

    /// The buyer's money has come: the whole of what this attempt has brought.
    pub fn paid(&self, payment_id: &str, amount: i64, currency: &str, at_unix: i64) -> Delivery {
        let intent = self.intent_of(payment_id);
        let currency = currency.to_ascii_lowercase();
        let known = Intent { captured: amount, currency: currency.clone() };
        locked(&self.state).refunds.captured(&intent, known);
        let said = json!({"status": "succeeded", "amount_received": amount});
        self.of_intent("payment_intent.succeeded", payment_id, (amount, &currency), at_unix, said)
    }

    /// The attempt did not work, for a reason such as `insufficient_funds`.
    pub fn failed(
        &self,
        payment_id: &str,
        (amount, currency): (i64, &str),
        reason: &str,
        at_unix: i64,
    ) -> Delivery {
        let error = json!({"type": "card_error", "code": "card_declined", "decline_code": reason});
        let said = json!({"status": "requires_payment_method", "amount_received": 0,
            "last_payment_error": error});
        let money = (amount, currency);
        self.of_intent("payment_intent.payment_failed", payment_id, money, at_unix, said)
    }

    /// The buyer has started to pay.
    pub fn processing(
        &self,
        payment_id: &str,
        amount: i64,
        currency: &str,
        at_unix: i64,
    ) -> Delivery {
        let said = json!({"status": "processing", "amount_received": 0});
        let money = (amount, currency);
        self.of_intent("payment_intent.processing", payment_id, money, at_unix, said)
    }

    /// The amount is reserved, and can be captured.
    pub fn approved(
        &self,
        payment_id: &str,
        amount: i64,
        currency: &str,
        at_unix: i64,
    ) -> Delivery {
        let said = json!({"status": "requires_capture", "amount_capturable": amount,
            "amount_received": 0});
        let (kind, money) = ("payment_intent.amount_capturable_updated", (amount, currency));
        self.of_intent(kind, payment_id, money, at_unix, said)
    }

    /// The attempt was closed without money.
    pub fn canceled(
        &self,
        payment_id: &str,
        amount: i64,
        currency: &str,
        at_unix: i64,
    ) -> Delivery {
        let said = json!({"status": "canceled", "amount_received": 0});
        let money = (amount, currency);
        self.of_intent("payment_intent.canceled", payment_id, money, at_unix, said)
    }

    /// The buyer disputes the charge with the bank.
    pub fn dispute(&self, payment_id: &str, amount: i64, currency: &str, at_unix: i64) -> Delivery {
        let said = json!({"status": "needs_response"});
        let money = (amount, currency);
        self.of_dispute("charge.dispute.created", payment_id, money, at_unix, said)
    }

    /// The bank has decided.
    pub fn dispute_closed(
        &self,
        payment_id: &str,
        (amount, currency): (i64, &str),
        won: bool,
        at_unix: i64,
    ) -> Delivery {
        let said = json!({"status": if won { "won" } else { "lost" }});
        let money = (amount, currency);
        self.of_dispute("charge.dispute.closed", payment_id, money, at_unix, said)
    }

    /// A refund as it stands. `which` is our refund's id or the gateway's.
    pub fn refund_updated(&self, which: &str, at_unix: i64) -> anyhow::Result<Delivery> {
        let refund = locked(&self.state).refunds.find(which).cloned();
        let refund = refund.with_context(|| format!("nobody asked for the refund {which}"))?;
        let kind = match refund.status.as_str() {
            "failed" => "refund.failed",
            _ => "refund.updated",
        };
        Ok(self.event(kind, refund.object(), at_unix))
    }

    /// The refund has reached the buyer.
    pub fn refund_succeeded(&self, which: &str, at_unix: i64) -> anyhow::Result<Delivery> {
        locked(&self.state).refunds.settle(which, "succeeded", None);
        self.refund_updated(which, at_unix)
    }

    /// The bank has sent the refund back, perhaps after it had succeeded.
    pub fn refund_failed(
        &self,
        which: &str,
        reason: &str,
        at_unix: i64,
    ) -> anyhow::Result<Delivery> {
        locked(&self.state).refunds.settle(which, "failed", Some(reason));
        self.refund_updated(which, at_unix)
    }

    /// The charge and the sum of all its refunds so far: what Stripe sends beside each refund's
    /// news.
    pub fn refunded_in_total(&self, payment_id: &str, at_unix: i64) -> anyhow::Result<Delivery> {
        let intent = self.intent_of(payment_id);
        let charge = locked(&self.state).refunds.charge(&intent);
        let charge = charge.with_context(|| format!("nothing was paid by {intent}"))?;
        Ok(self.event("charge.refunded", charge, at_unix))
    }

    /// Answers Stripe's `/v1/refunds` and `/v1/payment_intents`, or misbehaves as it was told.
    pub fn refund(&self, request: &Request<Bytes>) -> Response<Bytes> {
        let mut state = locked(&self.state);
        let State { refunds, faults, intents, .. } = &mut *state;
        faults.answer(|| match request.uri().path().strip_prefix("/v1/payment_intents/") {
            Some(which) => refunds.asked_by_key(request, || find(intents, which, request)),
            None => refunds.answer(request),
        })
    }

    /// Answers as whichever gateway the path belongs to.
    pub fn answer(&self, request: &Request<Bytes>) -> Response<Bytes> {
        match request.uri().path() {
            "/gateway.do" => self.misbehaving(|| self.alipay.answer(request)),
            path if path.starts_with("/v3/") => self.misbehaving(|| self.wechatpay.answer(request)),
            _ => self.refund(request),
        }
    }

    fn misbehaving(&self, right: impl FnOnce() -> Response<Bytes>) -> Response<Bytes> {
        locked(&self.state).faults.answer(right)
    }

    /// Every refund that was made, by all gateways, in the order they were asked for.
    pub fn refunds(&self) -> Vec<Refund> {
        let mut all = locked(&self.state).refunds.made().to_vec();
        all.extend(self.wechatpay.refunds());
        all.extend(self.alipay.refunds());
        all
    }

    /// From now on a refund is `succeeded` at once, or `pending` until the gateway is told.
    pub fn refunds_are(&self, status: &str) {
        locked(&self.state).refunds.begin_as(status);
    }

    /// Idempotency keys are kept for a day or so; from now on those of before are unknown.
    pub fn forgets_keys(&self) {
        locked(&self.state).refunds.forget_keys();
    }

    /// The next `times` answers go wrong like this.
    pub fn next_answers(&self, times: usize, fault: &Fault) {
        locked(&self.state).faults.next(times, fault);
    }

    /// Serves the refund interface until the answer is dropped. Port 0 picks a free one.
    pub async fn serve(self, addr: SocketAddr) -> anyhow::Result<Running> {
        serve(addr, Handler::new(move |request| self.answer(&request))).await
    }

    fn of_intent(
        &self,
        kind: &str,
        payment_id: &str,
        (amount, currency): (i64, &str),
        at_unix: i64,
        said: Value,
    ) -> Delivery {
        let object = json!({"id": self.intent_of(payment_id), "object": "payment_intent",
            "amount": amount, "currency": currency.to_ascii_lowercase(),
            "metadata": {"payment_id": payment_id}});
        let object = merged(object, said);
        let id = self.intent_of(payment_id);
        locked(&self.state).intents.insert(id, object.clone());
        self.event(kind, object, at_unix)
    }

    fn of_dispute(
        &self,
        kind: &str,
        payment_id: &str,
        (amount, currency): (i64, &str),
        at_unix: i64,
        said: Value,
    ) -> Delivery {
        let intent = self.intent_of(payment_id);
        let object = json!({"id": intent.replacen("pi_", "dp_", 1), "object": "dispute",
            "amount": amount, "currency": currency.to_ascii_lowercase(),
            "charge": intent.replacen("pi_", "ch_", 1), "payment_intent": intent,
            "metadata": {}});
        self.event(kind, merged(object, said), at_unix)
    }

    fn event(&self, kind: &str, object: Value, at_unix: i64) -> Delivery {
        let id = {
            let mut state = locked(&self.state);
            state.next_event += 1;
            format!("evt_{}", state.next_event - 1)
        };
        let event = json!({"id": id, "object": "event", "api_version": "2024-10-28.acacia",
            "type": kind, "created": at_unix, "livemode": false, "pending_webhooks": 1,
            "request": {"id": null, "idempotency_key": null}, "data": {"object": object}});
        Delivery::new(Dialect::Stripe, event, &self.secret, at_unix)
    }
}

/// An intent by its id, or those that were made for one of our payments.
fn find(
    intents: &BTreeMap<String, Value>,
    which: &str,
    request: &Request<Bytes>,
) -> Response<Bytes> {
    if which != "search" {
        return match intents.get(which) {
            Some(intent) => json_answer(StatusCode::OK, intent),
            None => {
                let error = json!({"type": "invalid_request_error", "code": "resource_missing",
                    "message": format!("No such payment_intent: '{which}'")});
                json_answer(StatusCode::NOT_FOUND, &json!({"error": error}))
            }
        };
    }
    let query = request.uri().query().unwrap_or_default();
    let query = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "query");
    let words = query.map(|(_, words)| words.into_owned()).unwrap_or_default();
    let wanted = |intent: &&Value| {
        let payment = text(intent, "/metadata/payment_id");
        words == format!("metadata['payment_id']:'{payment}'")
    };
    let data: Vec<&Value> = intents.values().filter(wanted).collect();
    let found = json!({"object": "search_result", "has_more": false, "data": data});
    json_answer(StatusCode::OK, &found)
}

fn merged(mut object: Value, said: Value) -> Value {
    if let (Value::Object(object), Value::Object(said)) = (&mut object, said) {
        object.extend(said);
    }
    object
}
