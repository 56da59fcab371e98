//! Asking Stripe what became of a payment or of a refund. Nothing here moves money.
//!
//! A payment whose attempt is known is asked for by its intent; otherwise Stripe is searched for
//! our payment's id in `metadata`, which lags by up to a minute. Source: docs.stripe.com/api,
//! `payment_intents/retrieve`, `payment_intents/search`, `refunds/list`.

use super::event::{Object, authorised, captured, failed};
use super::refund::{Failure, Refund, again, bearer, made};
use super::{API_VERSION, Stripe};
use crate::{CannotAsk, PaymentAnswer, RefundAnswer, Unheard, clip, endpoint, retry_after_ms};
use bytes::Bytes;
use domain::{
    GatewayName, Millis, PaymentFact, PaymentId, PaymentInquiry, PaymentNews, RefundOrder,
};
use http::{Method, Request, Response, StatusCode, header};
use serde::Deserialize;
use serde_json::Value;

fn get(stripe: &Stripe, path: &str) -> Result<Request<Bytes>, CannotAsk> {
    Request::builder()
        .method(Method::GET)
        .uri(endpoint(&stripe.api_base, path)?)
        .header(header::AUTHORIZATION, bearer(stripe)?)
        .header("stripe-version", API_VERSION)
        .body(Bytes::new())
        .map_err(|fault| CannotAsk::NotARequest(fault.to_string()))
}

fn query(pairs: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

/// The refunds of an attempt: those that we asked for have our number in their `metadata`.
pub(super) fn refunds(stripe: &Stripe, order: &RefundOrder) -> Result<Request<Bytes>, CannotAsk> {
    let of = if order.reference.starts_with("pi_") { "payment_intent" } else { "charge" };
    let query = query(&[(of, &order.reference), ("limit", "100")]);
    get(stripe, &format!("/v1/refunds?{query}"))
}

#[derive(Deserialize)]
struct List<T> {
    data: Vec<T>,
    #[serde(default)]
    has_more: bool,
}

/// Which of an attempt's refunds is the one that was asked for.
pub(super) fn refund_found(order: &RefundOrder, answer: &Response<Bytes>) -> Option<RefundAnswer> {
    if !answer.status().is_success() {
        return Some(again(answer, "no list of refunds"));
    }
    let list: List<Refund> = match serde_json::from_slice(answer.body()) {
        Ok(list) => list,
        Err(fault) => return Some(again(answer, &fault.to_string())),
    };
    let ours =
        |refund: &Refund| refund.metadata.refund_no.as_deref() == Some(order.refund.as_str());
    match list.data.into_iter().find(ours) {
        Some(refund) => Some(made(order, refund)),
        None if list.has_more => Some(again(answer, "more than a page of refunds")),
        None => None,
    }
}

/// An intent by its id, or all intents that were made for our payment.
pub(super) fn payment(stripe: &Stripe, ask: &PaymentInquiry) -> Result<Request<Bytes>, CannotAsk> {
    match &ask.reference {
        Some(reference) => get(stripe, &format!("/v1/payment_intents/{reference}")),
        None => {
            let words = format!("metadata['payment_id']:'{}'", ask.payment);
            let query = query(&[("query", &words), ("limit", "100")]);
            get(stripe, &format!("/v1/payment_intents/search?{query}"))
        }
    }
}

/// What the intents that were found say.
pub(super) fn payment_answer(
    ask: &PaymentInquiry,
    answer: &Response<Bytes>,
    now: Millis,
) -> PaymentAnswer {
    let try_again = |why: &str| {
        let reason = clip(&format!("{}: {why}", answer.status().as_u16()));
        PaymentAnswer::TryAgain { reason, after_ms: retry_after_ms(answer) }
    };
    let status = answer.status();
    if !status.is_success() {
        let said = serde_json::from_slice::<Failure>(answer.body()).ok();
        let words = said.map(Failure::words);
        return match (status, words) {
            (StatusCode::NOT_FOUND, Some(_)) => PaymentAnswer::Nothing,
            (StatusCode::BAD_REQUEST, Some(words)) => {
                PaymentAnswer::Refused { reason: clip(&words) }
            }
            (_, words) => try_again(&words.unwrap_or_default()),
        };
    }
    let read = || -> Result<Vec<PaymentFact>, String> {
        let intents: Vec<Object> = match ask.reference {
            Some(_) => vec![parse(answer.body())?],
            None => parse::<List<Object>>(answer.body())?.data,
        };
        let facts = intents.iter().map(|intent| fact(ask, intent, now));
        facts
            .filter_map(Result::transpose)
            .collect::<Result<_, Unheard>>()
            .map_err(|e| e.to_string())
    };
    match read() {
        Ok(facts) if facts.is_empty() => PaymentAnswer::Nothing,
        Ok(facts) => PaymentAnswer::Facts(facts),
        Err(why) => try_again(&why),
    }
}

fn parse<T: serde::de::DeserializeOwned>(body: &[u8]) -> Result<T, String> {
    let value: Value = serde_json::from_slice(body).map_err(|fault| fault.to_string())?;
    serde_json::from_value(value).map_err(|fault| fault.to_string())
}

/// The state of an intent as the fact that its last event told. `None` while nothing has happened.
fn fact(
    ask: &PaymentInquiry,
    intent: &Object,
    now: Millis,
) -> Result<Option<PaymentFact>, Unheard> {
    let status = intent.status.as_deref().unwrap_or_default();
    let what = match status {
        "succeeded" => captured(intent)?,
        "requires_capture" => authorised(intent)?,
        "processing" => PaymentNews::Processing,
        "canceled" => PaymentNews::Cancelled,
        "requires_payment_method" if intent.last_payment_error.is_some() => failed(intent)?,
        _ => return Ok(None),
    };
    let named = intent.ours().payment_id.as_deref().and_then(|id| PaymentId::parse(id).ok());
    let amount = intent.amount_received.or(intent.amount_capturable).unwrap_or_default();
    let gateway = GatewayName::parse(Stripe::NAME);
    let gateway = gateway.map_err(|fault| Unheard::Unreadable(fault.to_string()))?;
    Ok(Some(PaymentFact {
        gateway,
        event_id: format!("asked:{}:{status}:{amount}", intent.id),
        account: None,
        payment: Some(named.unwrap_or_else(|| ask.payment.clone())),
        reference: intent.id.clone(),
        occurred_at: now,
        what,
    }))
}
