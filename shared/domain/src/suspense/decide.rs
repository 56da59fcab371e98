//! What may be done with money in suspense, and what gateways say of it.
//!
//! More money of an attempt whose item a person has settled is a new matter: the difference is open
//! again, and a person decides on that.

use super::{
    MATCH_EVERY_MS, Suspense, SuspenseEvent, SuspenseReason, SuspenseRefund, SuspenseState,
};
use crate::payment::{Came, captured};
use crate::{
    Action, Change, Effect, Ids, Millis, Money, NOT_HEARD, Payment, PaymentFact, PaymentSituation,
    RefundId, RefundNews, RefundState, Refusal, Stored, SuspenseId, TimerKind, look_again_at,
    unheard_for_too_long,
};

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
        settled_minor: 0,
        why,
        came_at: at,
        refunds: Vec::new(),
        needs_person: state == SuspenseState::Open,
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
    let before = item.doc.refunds.last().map(|before| (before.id.clone(), before.tries));
    if let (SuspenseState::Refunding { .. }, Some((refund, _))) = (&item.doc.state, &before) {
        let refund = refund.clone();
        change.record(item, SuspenseEvent::RefundAskedAgain { refund, at });
        return Ok(());
    }
    let tries = before.map_or(1, |(_, tries)| tries + 1);
    let refund = SuspenseRefund {
        id: RefundId::mint(ids),
        amount_minor: item.doc.open_minor(),
        lost_minor: 0,
        requested_at: at,
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
    let (at, by, amount_minor) = (change.at, change.actor.clone(), item.doc.open_minor());
    change.record(item, SuspenseEvent::Kept { amount_minor, at, by, reason, proof });
    Ok(())
}

/// Takes over what a gateway says of one of its ways back, of a former one too: money may have left
/// by it all the same. Repeated news change nothing, and neither do those that others have
/// overtaken.
pub fn suspense_refund_told(
    change: &mut Change,
    item: &mut Stored<Suspense>,
    id: &RefundId,
    theirs: Option<String>,
    news: RefundNews,
) -> &'static str {
    let Some(known) = item.doc.refund(id).cloned() else { return "unknown_refund" };
    let end = news.end();
    if end.is_some_and(|end| known.heard.is_some_and(|heard| end < heard)) {
        return "nothing_new";
    }
    if let Some(end) = end.filter(|_| end != known.heard) {
        change.record(item, SuspenseEvent::RefundHeard { refund: id.clone(), end });
    }
    let told = news_of(&known, item.doc.open_minor(), theirs, news, change.at);
    let Some((event, verdict)) = told else { return "nothing_new" };
    change.record(item, event);
    verdict
}

/// What some news changes about a way back as it stands, while so much of the money is open.
fn news_of(
    known: &SuspenseRefund,
    open_minor: i64,
    theirs: Option<String>,
    news: RefundNews,
    at: Millis,
) -> Option<(SuspenseEvent, &'static str)> {
    let refund = known.id.clone();
    let (state, verdict) = match (news, &known.state) {
        (RefundNews::Pending, RefundState::Requested) => {
            (RefundState::Accepted { look_at: look_again_at(at, at) }, "refund_accepted")
        }
        (
            RefundNews::Succeeded { .. },
            RefundState::Requested
            | RefundState::Accepted { .. }
            | RefundState::Failed { .. }
            | RefundState::Undecided { .. },
        ) => {
            let lost_minor = (known.amount_minor - open_minor).max(0);
            let verdict = if lost_minor > 0 { "refunded_twice" } else { "refunded" };
            return Some((SuspenseEvent::RefundPaid { refund, theirs, lost_minor, at }, verdict));
        }
        (
            RefundNews::Failed { reason, .. } | RefundNews::NotTaken { reason },
            RefundState::Requested | RefundState::Accepted { .. } | RefundState::Undecided { .. },
        ) => (RefundState::Failed { at, reason, again_at: None }, "refund_failed"),
        (
            RefundNews::Undecided { reason },
            RefundState::Requested | RefundState::Accepted { .. },
        ) => (RefundState::Undecided { at, reason }, "refund_undecided"),
        (RefundNews::Failed { reason, .. }, RefundState::Succeeded { .. }) => {
            let lost_minor = known.lost_minor;
            let event = SuspenseEvent::RefundReturned { refund, reason, lost_minor, at };
            return Some((event, "refund_returned"));
        }
        (
            RefundNews::Pending
            | RefundNews::Succeeded { .. }
            | RefundNews::Failed { .. }
            | RefundNews::NotTaken { .. }
            | RefundNews::Undecided { .. },
            _,
        ) => return None,
    };
    Some((SuspenseEvent::RefundTold { refund, state, theirs, at }, verdict))
}

/// The clock has come to its ways back: the gateway is asked for those of which nothing was heard.
pub fn suspense_refund_due(change: &mut Change, item: &mut Stored<Suspense>) {
    let at = change.at;
    let due = |r: &&SuspenseRefund| r.state.due().is_some_and(|due| due <= at);
    let due: Vec<SuspenseRefund> = item.doc.refunds.iter().filter(due).cloned().collect();
    for SuspenseRefund { id: refund, requested_at, .. } in due {
        let event = if unheard_for_too_long(requested_at, at) {
            let state = RefundState::Undecided { at, reason: NOT_HEARD.to_owned() };
            SuspenseEvent::RefundTold { refund, state, theirs: None, at }
        } else {
            let look_at = look_again_at(requested_at, at);
            SuspenseEvent::RefundLookedFor { refund, look_at, at }
        };
        change.record(item, event);
    }
    // The timer has gone off for all of them, and may have been early.
    change.effect(item.doc.refunds_timer());
}
