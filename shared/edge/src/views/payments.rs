//! How payments, their refunds and disputes, and money in suspense look to clients.

use super::{maybe, money, time};
use domain::{
    Currency, Dispute, DisputeState, Millis, PaidHow, Payment, PaymentLife, Refund, RefundState,
    Suspense, SuspenseState,
};
use serde_json::{Value, json};

/// A payment with its refunds and disputes, as everybody may see it whose payment it is.
pub fn payment(payment: &Payment) -> Value {
    view(payment, Proofs::Hidden)
}

/// With the proofs of what was paid by hand: for the shop's people.
pub fn payment_in_full(payment: &Payment) -> Value {
    view(payment, Proofs::Shown)
}

/// Whether the proofs are shown that a person gave for what they did.
#[derive(Clone, Copy)]
enum Proofs {
    Shown,
    Hidden,
}

fn view(payment: &Payment, proofs: Proofs) -> Value {
    let money = |minor| money(minor, payment.currency);
    let until = match payment.life {
        PaymentLife::Open { until } => Some(until),
        PaymentLife::OnDelivery | PaymentLife::Complete { .. } | PaymentLife::Closed { .. } => None,
    };
    let refund = |r: &Refund| refund(r, payment.currency, proofs);
    let refunds: Vec<Value> = payment.refunds.iter().map(refund).collect();
    let disputes: Vec<Value> =
        payment.disputes.iter().map(|d| dispute(d, payment.currency)).collect();
    json!({
        "id": payment.id, "purchase": payment.purchase, "gateway": payment.gateway,
        "status": payment.status(), "due": money(payment.due_minor()),
        "captured": money(payment.captured_minor()),
        "refundable": money(payment.refundable_minor()), "refunds": refunds,
        "disputes": disputes, "needs_person": payment.needs_person,
        "allowed_actions": payment.allowed_actions(), "deadline": maybe(until),
        "final": payment.is_final(),
    })
}

/// A refund of a payment.
fn refund(refund: &Refund, currency: Currency, proofs: Proofs) -> Value {
    let (state, reason) = (refund.state.word(), reason(&refund.state));
    json!({
        "id": refund.id, "amount": money(refund.amount_minor, currency), "state": state,
        "of": refund.of, "reason": reason, "requested_at": time(refund.requested_at),
        "gateway": refund.gateway, "tries": refund.tries, "replaces": refund.replaces,
        "paid_otherwise": paid_how(&refund.state, proofs), "needs_person": refund.needs_person(),
        "allowed_actions": refund.allowed_actions(), "deadline": maybe(deadline(&refund.state)),
        "final": refund.is_done() || !refund.counts(),
    })
}

fn reason(state: &RefundState) -> Option<&str> {
    match state {
        RefundState::Failed { reason, .. } | RefundState::Undecided { reason, .. } => Some(reason),
        RefundState::Requested
        | RefundState::Accepted { .. }
        | RefundState::Succeeded { .. }
        | RefundState::Replaced { .. }
        | RefundState::PaidOtherwise { .. } => None,
    }
}

fn deadline(state: &RefundState) -> Option<Millis> {
    if let RefundState::Failed { again_at, .. } = state { *again_at } else { None }
}

fn paid_how(state: &RefundState, proofs: Proofs) -> Value {
    let RefundState::PaidOtherwise { at, how, .. } = state else { return Value::Null };
    match how {
        PaidHow::Bank { reference, proof, .. } => match proofs {
            Proofs::Shown => {
                json!({"by": "bank", "reference": reference, "proof": proof, "at": time(*at)})
            }
            Proofs::Hidden => json!({"by": "bank", "reference": reference, "at": time(*at)}),
        },
        PaidHow::Chargeback { dispute } => {
            json!({"by": "chargeback", "dispute": dispute, "at": time(*at)})
        }
    }
}

fn dispute(dispute: &Dispute, currency: Currency) -> Value {
    let (state, closed_at) = match dispute.state {
        DisputeState::Open => ("open", None),
        DisputeState::Won { at } => ("won", Some(at)),
        DisputeState::Lost { at, .. } => ("lost", Some(at)),
    };
    json!({
        "id": dispute.id, "amount": money(dispute.amount_minor, currency), "state": state,
        "opened_at": time(dispute.opened_at), "closed_at": maybe(closed_at),
    })
}

/// Money in suspense.
pub fn suspense(item: &Suspense) -> Value {
    let refund = item.refunds.last().map(|refund| {
        json!({
            "id": refund.id, "amount": money(refund.amount_minor, item.currency),
            "state": refund.state.word(), "reason": reason(&refund.state), "tries": refund.tries,
        })
    });
    let detail = match &item.state {
        SuspenseState::Waiting { until } => json!({"until": time(*until)}),
        SuspenseState::Open => json!({}),
        SuspenseState::Given { payment, at } => json!({"payment": payment, "at": time(*at)}),
        SuspenseState::Refunding { since } => json!({"since": time(*since)}),
        SuspenseState::Refunded { at } => json!({"at": time(*at)}),
        SuspenseState::Kept { at, by, reason, proof } => {
            json!({"at": time(*at), "by": by, "reason": reason, "proof": proof})
        }
    };
    json!({
        "id": item.id, "gateway": item.gateway, "reference": item.reference,
        "account": item.account, "payment": item.payment,
        "amount": money(item.amount_minor, item.currency),
        "settled": money(item.settled_minor, item.currency), "why": item.why,
        "came_at": time(item.came_at), "refund": refund, "state": item.state.word(),
        "state_detail": detail, "needs_person": item.needs_person,
        "allowed_actions": item.allowed_actions(), "deadline": maybe(item.deadline()),
        "final": item.is_final(),
    })
}
