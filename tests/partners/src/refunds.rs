//! The gateway's refund interface (`/v1/refunds`), as Stripe answers it.
//!
//! The same idempotency key gives the same refund, and nobody gets back more than was captured.
//! Validation comes before the key is used up, so a corrected request may use it again.
//! Source: docs.stripe.com/api/refunds/create, /api/idempotent_requests, /api/errors.

use crate::json_answer;
use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, StatusCode};
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::HashMap;

/// A refund that the gateway has made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Refund {
    pub id: String,
    pub intent: String,
    /// Stripe's integer.
    pub amount: i64,
    pub currency: String,
    /// `pending`, `succeeded` or `failed`.
    pub status: String,
    pub failure_reason: Option<String>,
    /// What the caller put into `metadata`.
    pub metadata: HashMap<String, String>,
    pub idempotency_key: Option<String>,
    /// How often it was asked for with the same key.
    pub asked: u32,
}

impl Refund {
    /// Stripe's object.
    pub(crate) fn object(&self) -> Value {
        json!({"id": self.id, "object": "refund", "amount": self.amount,
            "currency": self.currency, "payment_intent": self.intent,
            "charge": self.intent.replacen("pi_", "ch_", 1), "status": self.status,
            "reason": "requested_by_customer", "failure_reason": self.failure_reason,
            "metadata": self.metadata})
    }

    fn is(&self, which: &str) -> bool {
        self.id == which || self.metadata.get("refund_no").is_some_and(|ours| ours == which)
    }
}

/// What was captured by one attempt.
pub(crate) struct Intent {
    pub captured: i64,
    pub currency: String,
}

pub(crate) struct Refunds {
    api_key: String,
    next: u64,
    begin_as: String,
    intents: HashMap<String, Intent>,
    made: Vec<Refund>,
    /// By idempotency key: the words it came with and the refund it made.
    keys: HashMap<String, (Bytes, String)>,
}

impl Refunds {
    pub(crate) fn new(api_key: &str) -> Self {
        Self {
            api_key: api_key.to_owned(),
            next: 1,
            begin_as: "succeeded".to_owned(),
            intents: HashMap::new(),
            made: Vec::new(),
            keys: HashMap::new(),
        }
    }

    pub(crate) fn count_from(&mut self, first: u64) {
        self.next = first;
    }

    pub(crate) fn begin_as(&mut self, status: &str) {
        self.begin_as = status.to_owned();
    }

    pub(crate) fn forget_keys(&mut self) {
        self.keys.clear();
    }

    pub(crate) fn captured(&mut self, intent: &str, what: Intent) {
        self.intents.insert(intent.to_owned(), what);
    }

    pub(crate) fn made(&self) -> &[Refund] {
        &self.made
    }

    pub(crate) fn find(&self, which: &str) -> Option<&Refund> {
        self.made.iter().find(|refund| refund.is(which))
    }

    /// How much of what an attempt brought has gone back, or is on its way back.
    fn back(&self, intent: &str) -> i64 {
        let counts = |refund: &&Refund| refund.intent == intent && refund.status != "failed";
        self.made.iter().filter(counts).map(|refund| refund.amount).sum()
    }

    /// Stripe's charge of an attempt that brought money.
    pub(crate) fn charge(&self, intent: &str) -> Option<Value> {
        let Intent { captured, currency } = self.intents.get(intent)?;
        let back = self.back(intent);
        Some(json!({"id": intent.replacen("pi_", "ch_", 1), "object": "charge",
            "amount": captured, "amount_refunded": back, "refunded": back == *captured,
            "currency": currency, "payment_intent": intent, "metadata": {}}))
    }

    pub(crate) fn settle(&mut self, which: &str, status: &str, reason: Option<&str>) {
        if let Some(refund) = self.made.iter_mut().find(|refund| refund.is(which)) {
            refund.status = status.to_owned();
            refund.failure_reason = reason.map(str::to_owned);
        }
    }

    pub(crate) fn answer(&mut self, request: &Request<Bytes>) -> Response<Bytes> {
        self.refund(request).unwrap_or_else(|no| no.answer())
    }

    /// The answer, to somebody who shows the key.
    pub(crate) fn asked_by_key(
        &self,
        request: &Request<Bytes>,
        answer: impl FnOnce() -> Response<Bytes>,
    ) -> Response<Bytes> {
        self.shows_key(request).map_or_else(No::answer, |()| answer())
    }

    fn shows_key(&self, request: &Request<Bytes>) -> Result<(), No> {
        let shown = request.headers().get("authorization").and_then(|v| v.to_str().ok());
        if shown == Some(&format!("Bearer {}", self.api_key)) {
            return Ok(());
        }
        Err(no(StatusCode::UNAUTHORIZED, "api_key_invalid", "Invalid API Key"))
    }

    /// The refunds of an attempt, the newest first.
    fn list(&self, request: &Request<Bytes>) -> Response<Bytes> {
        let query = request.uri().query().unwrap_or_default();
        let of = form_urlencoded::parse(query.as_bytes()).find(|(n, _)| n == "payment_intent");
        let intent = of.map(|(_, intent)| intent.into_owned()).unwrap_or_default();
        let made = self.made.iter().rev().filter(|refund| refund.intent == intent);
        let data: Vec<Value> = made.map(Refund::object).collect();
        json_answer(StatusCode::OK, &json!({"object": "list", "has_more": false, "data": data}))
    }

    fn refund(&mut self, request: &Request<Bytes>) -> Result<Response<Bytes>, No> {
        if request.uri().path() != "/v1/refunds" {
            return Err(no(StatusCode::NOT_FOUND, "resource_missing", "Unrecognized request URL"));
        }
        self.shows_key(request)?;
        if request.method() == Method::GET {
            return Ok(self.list(request));
        }
        let header = |name: &str| request.headers().get(name).and_then(|v| v.to_str().ok());
        let key = header("idempotency-key").map(str::to_owned);
        if let Some((words, made)) = key.as_ref().and_then(|key| self.keys.get(key)) {
            return if words == request.body() {
                again(self.made.iter_mut().find(|refund| refund.id == *made))
            } else {
                let message = "Keys for idempotent requests can only be used with the same \
                    parameters they were first used with.";
                Err(no(StatusCode::BAD_REQUEST, "idempotency_error", message))
            };
        }
        let refund = self.checked(request.body(), key.clone())?;
        if let Some(key) = key {
            self.keys.insert(key, (request.body().clone(), refund.id.clone()));
        }
        let answer = json_answer(StatusCode::OK, &refund.object());
        self.made.push(refund);
        Ok(answer)
    }

    /// The refund that the form asks for, if it may be made.
    fn checked(&mut self, form: &[u8], idempotency_key: Option<String>) -> Result<Refund, No> {
        let bad = |code: &'static str, message: &str| no(StatusCode::BAD_REQUEST, code, message);
        let form: HashMap<String, String> = form_urlencoded::parse(form).into_owned().collect();
        let named = form.get("payment_intent").cloned();
        let by_charge = || form.get("charge").map(|charge| charge.replacen("ch_", "pi_", 1));
        let Some(intent) = named.or_else(by_charge) else {
            return Err(bad("parameter_missing", "One of payment_intent or charge is needed"));
        };
        let Some(Intent { captured, currency }) = self.intents.get(&intent) else {
            let message = format!("No such payment_intent: '{intent}'");
            return Err(no(StatusCode::NOT_FOUND, "resource_missing", &message));
        };
        let left = captured - self.back(&intent);
        if left <= 0 {
            let message = format!("Charge for {intent} has already been refunded.");
            return Err(bad("charge_already_refunded", &message));
        }
        let amount = match form.get("amount").map(|text| text.parse::<i64>()) {
            None => left,
            Some(Ok(amount)) if amount > 0 => amount,
            Some(Ok(_) | Err(_)) => return Err(bad("parameter_invalid_integer", "amount")),
        };
        if amount > left {
            let message = format!(
                "Refund amount ({amount}) is greater than unrefunded amount on charge ({left})"
            );
            return Err(bad("", &message));
        }
        let currency = currency.clone();
        let id = format!("re_{}", self.next);
        self.next += 1;
        let status = self.begin_as.clone();
        let metadata = form.iter().filter_map(|(name, value)| {
            let name = name.strip_prefix("metadata[")?.strip_suffix(']')?;
            Some((name.to_owned(), value.clone()))
        });
        let metadata = metadata.collect();
        Ok(Refund {
            id,
            intent,
            amount,
            currency,
            status,
            failure_reason: None,
            metadata,
            idempotency_key,
            asked: 1,
        })
    }
}

/// The same key again: the refund of the first time, marked as such.
fn again(made: Option<&mut Refund>) -> Result<Response<Bytes>, No> {
    let in_use = || no(StatusCode::CONFLICT, "idempotency_key_in_use", "still at work");
    let refund = made.ok_or_else(in_use)?;
    refund.asked += 1;
    let mut answer = json_answer(StatusCode::OK, &refund.object());
    answer.headers_mut().insert("idempotent-replayed", HeaderValue::from_static("true"));
    Ok(answer)
}

/// Stripe's error document; some of its errors have no code.
struct No {
    status: StatusCode,
    code: &'static str,
    message: String,
}

fn no(status: StatusCode, code: &'static str, message: &str) -> No {
    No { status, code, message: message.to_owned() }
}

impl No {
    fn answer(self) -> Response<Bytes> {
        let code = (!self.code.is_empty()).then_some(self.code);
        let error = json!({"type": "invalid_request_error", "code": code, "message": self.message});
        json_answer(self.status, &json!({"error": error}))
    }
}
