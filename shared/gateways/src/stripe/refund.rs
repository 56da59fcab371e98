//! Asking Stripe for a refund, and what its answer means.
//!
//! The refund's id is the idempotency key, so asking twice pays once as long as Stripe keeps the
//! key (24 hours or more). It knows no retries: `TryAgain` is for the outbox to act on. Source:
//! docs.stripe.com/api/refunds, /api/errors and /api/idempotent_requests.

use super::{API_VERSION, Stripe, amount};
use crate::{CannotAsk, RefundAnswer, clip, endpoint, retry_after_ms};
use bytes::Bytes;
use domain::RefundOrder;
use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use serde::Deserialize;

/// `POST /v1/refunds`, form-encoded.
pub(super) fn request(stripe: &Stripe, order: &RefundOrder) -> Result<Request<Bytes>, CannotAsk> {
    let key = bearer(stripe)?;
    let (amount, _) =
        amount::theirs(order.amount).map_err(|fault| CannotAsk::Amount(fault.to_string()))?;
    if amount == 0 {
        return Err(CannotAsk::Amount("nothing to refund".to_owned()));
    }
    let of = if order.reference.starts_with("pi_") { "payment_intent" } else { "charge" };
    let body = form_urlencoded::Serializer::new(String::new())
        .append_pair(of, &order.reference)
        .append_pair("amount", &amount.to_string())
        .append_pair("reason", "requested_by_customer")
        .append_pair("metadata[refund_no]", order.refund.as_str())
        .append_pair("metadata[payment_id]", order.from.as_str())
        .finish();
    Request::builder()
        .method(Method::POST)
        .uri(endpoint(&stripe.api_base, "/v1/refunds")?)
        .header(header::AUTHORIZATION, key)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header("idempotency-key", order.refund.as_str())
        .header("stripe-version", API_VERSION)
        .body(Bytes::from(body))
        .map_err(|fault| CannotAsk::NotARequest(fault.to_string()))
}

/// Who asks.
pub(super) fn bearer(stripe: &Stripe) -> Result<HeaderValue, CannotAsk> {
    if stripe.api_key.is_empty() {
        return Err(CannotAsk::NotConfigured("stripe_api_key"));
    }
    let mut key = HeaderValue::from_str(&format!("Bearer {}", stripe.api_key))
        .map_err(|_| CannotAsk::NotARequest("stripe_api_key is not a header's value".into()))?;
    key.set_sensitive(true);
    Ok(key)
}

#[derive(Deserialize)]
pub(super) struct Refund {
    id: String,
    object: String,
    amount: i64,
    currency: String,
    status: Option<String>,
    failure_reason: Option<String>,
    #[serde(default)]
    pub(super) metadata: Numbered,
}

/// What we put into a refund's `metadata`.
#[derive(Deserialize, Default)]
pub(super) struct Numbered {
    pub(super) refund_no: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Failure {
    error: Fault,
}

#[derive(Deserialize)]
struct Fault {
    #[serde(rename = "type")]
    kind: Option<String>,
    code: Option<String>,
    message: Option<String>,
}

impl Failure {
    pub(super) fn words(self) -> String {
        let code = self.error.code.or(self.error.kind).unwrap_or_default();
        format!("{code}: {}", self.error.message.unwrap_or_default())
    }
}

/// What Stripe's answer means.
///
/// `charge_already_refunded` is refused like every other 400. It may be this very refund, made by a
/// request whose answer was lost and whose key Stripe has forgotten, or a refund that somebody made
/// in the dashboard; the answer cannot tell. The first has had its own webhook, so asking again
/// would not have happened: a person looks, and no money moves on a guess.
pub(super) fn answer(order: &RefundOrder, answer: &Response<Bytes>) -> RefundAnswer {
    let status = answer.status();
    if status.is_success() {
        return match serde_json::from_slice::<Refund>(answer.body()) {
            Ok(refund) if refund.object == "refund" && !refund.id.is_empty() => made(order, refund),
            Ok(_) => again(answer, "an answer that is no refund"),
            Err(fault) => again(answer, &fault.to_string()),
        };
    }
    let Ok(failure) = serde_json::from_slice::<Failure>(answer.body()) else {
        return again(answer, "no error document, so not Stripe's own no");
    };
    let words = failure.words();
    match status {
        StatusCode::BAD_REQUEST | StatusCode::PAYMENT_REQUIRED | StatusCode::NOT_FOUND => {
            RefundAnswer::Refused { reason: clip(&words) }
        }
        _ => again(answer, &words),
    }
}

pub(super) fn made(order: &RefundOrder, refund: Refund) -> RefundAnswer {
    let Refund { id: theirs, amount, currency, status, failure_reason, .. } = refund;
    if amount::ours(amount, &currency) != Ok(order.amount) {
        let reason = format!("{theirs} is of {amount} {currency}, which was not asked for");
        return RefundAnswer::Refused { reason: clip(&reason) };
    }
    match status.as_deref() {
        Some("succeeded") => RefundAnswer::Succeeded { theirs },
        None | Some("pending" | "requires_action") => RefundAnswer::Pending { theirs },
        Some(other) => {
            let reason = failure_reason.as_deref().unwrap_or(other);
            RefundAnswer::Refused { reason: clip(&format!("{theirs} {other}: {reason}")) }
        }
    }
}

pub(super) fn again(answer: &Response<Bytes>, words: &str) -> RefundAnswer {
    let reason = clip(&format!("{}: {words}", answer.status().as_u16()));
    RefundAnswer::TryAgain { reason, after_ms: retry_after_ms(answer) }
}
