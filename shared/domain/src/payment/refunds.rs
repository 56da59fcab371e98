//! Refunds of a payment: asking for them, and what gateways say of them.

use super::{Payment, PaymentEvent, Refund, RefundOf, RefundState};
use crate::{Case, CaseEvent, Change, Ids, Millis, RefundId, Stored};

/// Wants an amount back, from the attempts that brought it: the first ones first, but what was too
/// much from the newest, so that the first payment is kept. The caller has checked that the payment
/// still has that much.
pub(crate) fn request_refund(
    change: &mut Change,
    payment: &mut Stored<Payment>,
    of: RefundOf,
    amount_minor: i64,
    ids: &mut dyn Ids,
) -> Vec<RefundId> {
    let mut left = amount_minor;
    let mut refunds = Vec::new();
    let mut attempts = payment.doc.attempts.clone();
    if of == RefundOf::Excess {
        attempts.reverse();
        attempts.sort_by_key(|attempt| std::cmp::Reverse(attempt.newest));
    }
    for attempt in attempts {
        let part = left.min(payment.doc.refundable_of(&attempt));
        if part <= 0 {
            continue;
        }
        left -= part;
        let refund = Refund {
            id: RefundId::mint(ids),
            of: of.clone(),
            gateway: attempt.gateway,
            reference: attempt.reference,
            amount_minor: part,
            requested_at: change.at,
            state: RefundState::Requested,
            theirs: None,
        };
        refunds.push(refund.id.clone());
        change.record(payment, PaymentEvent::RefundRequested { refund });
    }
    refunds
}

/// What a gateway says of a refund, in its answer or in a webhook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RefundNews {
    Pending,
    Succeeded,
    Failed { reason: String },
}

/// Takes over what a gateway says of a refund. Late and repeated news change nothing: accepted
/// never undoes an end, and only a failure undoes a success. Answers the verdict in one word.
pub fn refund_told(
    change: &mut Change,
    payment: &mut Stored<Payment>,
    case: Option<&mut Stored<Case>>,
    id: &RefundId,
    theirs: Option<String>,
    news: RefundNews,
) -> &'static str {
    let Some(known) = payment.doc.refund(id).cloned() else { return "unknown_refund" };
    let (refund, at) = (id.clone(), change.at);
    let (event, verdict) = match (news, &known.state) {
        (RefundNews::Pending, RefundState::Requested) => {
            (PaymentEvent::RefundAccepted { refund, theirs }, "refund_accepted")
        }
        (
            RefundNews::Succeeded,
            RefundState::Requested | RefundState::Accepted | RefundState::Failed { .. },
        ) => (PaymentEvent::RefundSucceeded { refund, theirs, at }, "refunded"),
        (RefundNews::Failed { reason }, RefundState::Requested | RefundState::Accepted) => {
            (PaymentEvent::RefundFailed { refund, reason, at }, "refund_failed")
        }
        (RefundNews::Failed { reason }, RefundState::Succeeded { .. }) => {
            (PaymentEvent::RefundReturned { refund, reason, at }, "refund_returned")
        }
        (RefundNews::Pending | RefundNews::Succeeded, _)
        | (RefundNews::Failed { .. }, RefundState::Failed { .. }) => return "nothing_new",
    };
    change.record(payment, event);
    if let Some(case) = case {
        follow(change, payment, case, at);
    }
    verdict
}

/// A case is refunded when all its refunds have happened.
fn follow(change: &mut Change, payment: &Stored<Payment>, case: &mut Stored<Case>, at: Millis) {
    let of_case = |r: &&Refund| match &r.of {
        RefundOf::Order { case: Some(id), .. } => *id == case.doc.id,
        RefundOf::Order { case: None, .. } | RefundOf::Share { .. } | RefundOf::Excess => false,
    };
    let done = |r: &Refund| matches!(r.state, RefundState::Succeeded { .. });
    let all_done = payment.doc.refunds.iter().filter(of_case).all(done);
    if let (true, Some(amount_minor)) = (all_done, case.doc.refunding_minor()) {
        change.record(case, CaseEvent::Refunded { amount_minor, at });
    }
}
