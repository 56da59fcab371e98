//! What may be done with money in suspense, and what gateways say of it.
//!
//! More money of an attempt whose item a person has settled is a new matter: only the difference is
//! suspended, and a person decides again.

use super::{Suspense, SuspenseEvent, SuspenseReason, SuspenseRefund, SuspenseState};
use crate::payment::{Came, captured};
use crate::{
    Action, Change, Effect, Ids, MINUTE, Money, NOT_HEARD, Payment, PaymentFact, PaymentSituation,
    RefundId, RefundNews, RefundState, Refusal, Stored, SuspenseId, TimerKind, look_again_at,
    unheard_for_too_long,
};

/// How often a payment is looked for that money is waiting for.
pub(super) const MATCH_EVERY_MS: i64 = 5 * MINUTE;

/// Puts money of a fact into suspense, or what is more of it than before. Answers the verdict.
pub(crate) fn suspend(
    change: &mut Change,
    known: Option<&mut Stored<Suspense>>,
    (fact, amount): (&PaymentFact, Money),
    (why, match_ms): (SuspenseReason, i64),
    ids: &mut dyn Ids,
) -> &'static str {
    let at = change.at;
    if let Some(item) = known {
        let more_minor = amount.minor - item.doc.amount_minor;
        if more_minor <= 0 {
            return "nothing_new";
        }
        change.record(item, SuspenseEvent::Grew { more_minor, at });
        return "suspense_more";
    }
    let state = match why {
        SuspenseReason::UnknownPayment => SuspenseState::Waiting { until: at.plus(match_ms) },
        SuspenseReason::OtherCurrency | SuspenseReason::OtherAccount => SuspenseState::Open,
    };
    let item = Suspense {
        id: SuspenseId::mint(ids),
        gateway: fact.gateway.clone(),
        reference: fact.reference.clone(),
        account: fact.account.clone(),
        payment: fact.payment.clone(),
        currency: amount.currency,
        amount_minor: amount.minor,
        why,
        came_at: at,
        refund: None,
        state,
    };
    change.begin::<Suspense>(SuspenseEvent::Suspended { item: Box::new(item) });
    why.verdict()
}

impl Suspense {
    fn must_allow(&self, action: Action) -> Result<(), Refusal> {
        let allowed = self.allowed_actions();
        if allowed.contains(&action) {
            Ok(())
        } else {
            Err(Refusal::IllegalStep { state: self.state.word(), allowed })
        }
    }
}

/// A person says which payment the money is for. What it does there has its verdict like any money.
/// Precedence: state, then currency.
pub fn give_suspense(
    change: &mut Change,
    item: &mut Stored<Suspense>,
    payment: &mut Stored<Payment>,
    at: &mut PaymentSituation,
    ids: &mut dyn Ids,
) -> Result<&'static str, Refusal> {
    item.doc.must_allow(Action::GiveToPayment)?;
    give(change, item, payment, at, ids).ok_or(Refusal::CurrencyDiffers)
}

/// Gives the money to a payment in its currency; answers the verdict there.
pub(crate) fn give(
    change: &mut Change,
    item: &mut Stored<Suspense>,
    payment: &mut Stored<Payment>,
    at: &mut PaymentSituation,
    ids: &mut dyn Ids,
) -> Option<&'static str> {
    if item.doc.currency != payment.doc.currency {
        return None;
    }
    let given = SuspenseEvent::Given { payment: payment.doc.id.clone(), at: change.at };
    change.record(item, given);
    let came = Came {
        gateway: &item.doc.gateway,
        reference: &item.doc.reference,
        occurred_at: item.doc.came_at,
        captured_minor: item.doc.amount_minor,
    };
    Some(captured(change, payment, at, &came, ids))
}

/// The clock has come to money whose payment is looked for.
pub fn suspense_unmatched(
    change: &mut Change,
    item: &mut Stored<Suspense>,
    at: &mut PaymentSituation,
    ids: &mut dyn Ids,
) {
    let SuspenseState::Waiting { until } = item.doc.state else { return };
    if let Some(mut payment) = at.payment.take()
        && give(change, item, &mut payment, at, ids).is_some()
    {
        return;
    }
    if change.at >= until {
        change.record(item, SuspenseEvent::LeftToPerson { at: change.at });
        return;
    }
    let (kind, subject) = (TimerKind::Unmatched, item.doc.id.to_string());
    let due = until.min(change.at.plus(MATCH_EVERY_MS));
    change.effect(Effect::SetTimer { kind, subject, due });
}

/// Sends it back to where it came from. A refund of which nobody knows whether it happened is asked
/// for again by its own number.
pub fn refund_suspense(
    change: &mut Change,
    item: &mut Stored<Suspense>,
    ids: &mut dyn Ids,
) -> Result<(), Refusal> {
    item.doc.must_allow(Action::Refund)?;
    let at = change.at;
    if matches!(item.doc.state, SuspenseState::Refunding { .. }) {
        change.record(item, SuspenseEvent::RefundAskedAgain { at });
        return Ok(());
    }
    let tries = item.doc.refund.as_ref().map_or(1, |before| before.tries + 1);
    let refund = SuspenseRefund {
        id: RefundId::mint(ids),
        amount_minor: item.doc.amount_minor,
        state: RefundState::Requested,
        theirs: None,
        heard: None,
        tries,
    };
    change.record(item, SuspenseEvent::RefundRequested { refund, at });
    Ok(())
}

/// Keeps it: why, and where the proof is.
pub fn keep_suspense(
    change: &mut Change,
    item: &mut Stored<Suspense>,
    reason: String,
    proof: String,
) -> Result<(), Refusal> {
    item.doc.must_allow(Action::Keep)?;
    let (at, by) = (change.at, change.actor.clone());
    change.record(item, SuspenseEvent::Kept { at, by, reason, proof });
    Ok(())
}

/// Takes over what a gateway says of its way back. Repeated news change nothing, and neither do
/// those that others have overtaken.
pub fn suspense_refund_told(
    change: &mut Change,
    item: &mut Stored<Suspense>,
    id: &RefundId,
    theirs: Option<String>,
    news: RefundNews,
) -> &'static str {
    let Some(known) = item.doc.refund.clone().filter(|r| r.id == *id) else {
        return "unknown_refund";
    };
    let (at, end) = (change.at, news.end());
    if end.is_some_and(|end| known.heard.is_some_and(|heard| end < heard)) {
        return "nothing_new";
    }
    if let Some(end) = end.filter(|_| end != known.heard) {
        change.record(item, SuspenseEvent::RefundHeard { end });
    }
    let (state, verdict) = match (news, &known.state) {
        (RefundNews::Pending, RefundState::Requested) => {
            (RefundState::Accepted { look_at: look_again_at(at, at) }, "refund_accepted")
        }
        (
            RefundNews::Succeeded { .. },
            RefundState::Requested | RefundState::Accepted { .. } | RefundState::Undecided { .. },
        ) => (RefundState::Succeeded { at }, "refunded"),
        (
            RefundNews::Failed { reason, .. } | RefundNews::NotTaken { reason },
            RefundState::Requested | RefundState::Accepted { .. } | RefundState::Undecided { .. },
        ) => (RefundState::Failed { at, reason, again_at: None }, "refund_failed"),
        (
            RefundNews::Undecided { reason },
            RefundState::Requested | RefundState::Accepted { .. },
        ) => (RefundState::Undecided { at, reason }, "refund_undecided"),
        (RefundNews::Failed { reason, .. }, RefundState::Succeeded { .. }) => {
            change.record(item, SuspenseEvent::RefundReturned { reason, at });
            return "refund_returned";
        }
        (
            RefundNews::Pending
            | RefundNews::Succeeded { .. }
            | RefundNews::Failed { .. }
            | RefundNews::NotTaken { .. }
            | RefundNews::Undecided { .. },
            _,
        ) => return "nothing_new",
    };
    change.record(item, SuspenseEvent::RefundTold { state, theirs, at });
    verdict
}

/// Nothing was heard of an accepted refund: the gateway is asked how it stands.
pub fn suspense_refund_due(change: &mut Change, item: &mut Stored<Suspense>) {
    let at = change.at;
    let Some(refund) = &item.doc.refund else { return };
    let since = if let SuspenseState::Refunding { since } = item.doc.state { since } else { at };
    match refund.state {
        RefundState::Accepted { look_at } if look_at <= at => {
            let event = if unheard_for_too_long(since, at) {
                let state = RefundState::Undecided { at, reason: NOT_HEARD.to_owned() };
                SuspenseEvent::RefundTold { state, theirs: None, at }
            } else {
                SuspenseEvent::RefundLookedFor { look_at: look_again_at(since, at), at }
            };
            change.record(item, event);
        }
        RefundState::Accepted { .. }
        | RefundState::Requested
        | RefundState::Succeeded { .. }
        | RefundState::Failed { .. }
        | RefundState::Undecided { .. }
        | RefundState::Replaced { .. }
        | RefundState::PaidOtherwise { .. } => {}
    }
}
