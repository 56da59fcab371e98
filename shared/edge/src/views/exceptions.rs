//! What went wrong with a parcel, for those who look after it.

use super::{maybe, money, time};
use domain::{Claim, ClaimState, Currency, Exception, ExceptionState, Outcome};
use serde_json::{Value, json};

/// An exception.
pub fn exception(exception: &Exception) -> Value {
    let note = |note: &domain::Note| json!({"at": time(note.at), "by": note.by, "text": note.text});
    let notes: Vec<Value> = exception.notes.iter().map(note).collect();
    let claim = exception.claim.as_ref().map(|claim| of_claim(claim, exception.currency));
    json!({
        "id": exception.id, "kind": exception.kind, "parcel": exception.parcel,
        "carrier": exception.carrier, "waybill": exception.waybill,
        "warehouse": exception.warehouse, "order": exception.order, "number": exception.number,
        "merchant": exception.merchant, "since": time(exception.since),
        "opened_at": time(exception.opened_at), "opened_by": exception.opened_by,
        "state": exception.state.word(), "state_detail": detail(exception),
        "owner": exception.owner, "priority": exception.priority, "notes": notes,
        "given_up": exception.given_up, "turned_up_at": maybe(exception.turned_up_at),
        "unstoppable": exception.unstoppable, "claim": claim,
        "allowed_actions": exception.allowed_actions(), "deadline": maybe(exception.due()),
        "final": exception.is_final(),
    })
}

fn detail(exception: &Exception) -> Value {
    match &exception.state {
        ExceptionState::Open => json!({}),
        ExceptionState::Waiting { until } => json!({"until": time(*until)}),
        ExceptionState::Intercepting { since, by } => json!({"since": time(*since), "by": by}),
        ExceptionState::Resolved { at, by, outcome } => {
            let mut detail = json!({"at": time(*at), "by": by, "outcome": outcome.word()});
            if let (Some(more), Some(detail)) =
                (of_outcome(outcome, exception.currency).as_object(), detail.as_object_mut())
            {
                detail.extend(more.clone());
            }
            detail
        }
    }
}

fn of_outcome(outcome: &Outcome, currency: Currency) -> Value {
    match outcome {
        Outcome::Explained { by } => json!({"explained_by": by.word()}),
        Outcome::Superseded { by } => json!({"exception": by}),
        Outcome::SentAgain { loss_minor, borne_by } => {
            json!({"loss": money(*loss_minor, currency), "borne_by": borne_by})
        }
        Outcome::PaidBack { loss_minor, borne_by, out_of_stock } => json!({
            "loss": money(*loss_minor, currency), "borne_by": borne_by,
            "out_of_stock": out_of_stock,
        }),
        Outcome::NotIntercepted { case } => json!({"case": case}),
        Outcome::CameBack | Outcome::Dismissed | Outcome::Kept => json!({}),
    }
}

fn of_claim(claim: &Claim, currency: Currency) -> Value {
    let (at, reason, reference) = match &claim.state {
        ClaimState::Asked { at } | ClaimState::Accepted { at, .. } => (*at, None, None),
        ClaimState::Rejected { reason, at } => (*at, Some(reason), None),
        ClaimState::Paid { reference, at, .. } => (*at, None, Some(reference)),
    };
    json!({
        "state": claim.state.word(), "amount": money(claim.amount_minor, currency),
        "accepted": money(claim.state.accepted_minor(), currency), "else_on": claim.else_on,
        "at": time(at), "reason": reason, "reference": reference,
    })
}
