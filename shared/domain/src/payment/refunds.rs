//! Refunds of a payment: asking for them, and what gateways say of them.
//!
//! A refund is a row before anybody is asked. One that was taken on and failed, or came back, is
//! tried once more by itself. After that, and for what the gateway refuses or leaves open, a person
//! has it tried again or pays the buyer another way. It is tried again under a new number, because
//! the old one is spent; one of which nobody knows whether it happened, only under its own.

use super::{Attempt, PaidHow, Payment, PaymentEvent, Refund, RefundOf, RefundState};
use crate::{
    Action, Case, CaseEvent, Change, DAY, HOUR, Ids, MINUTE, Millis, RefundId, Refusal, Stored,
};

/// A refund that was taken on and did not reach the buyer is tried once more by itself, so long
/// after.
const AGAIN_MS: i64 = HOUR;
/// An accepted refund is asked for as long as this, then a person looks.
const LOOK_AT_MOST_MS: i64 = 14 * DAY;
/// Why it was given up.
pub(crate) const NOT_HEARD: &str = "the gateway has not said for two weeks how it ended";

/// When to ask for an accepted refund again: first after ten minutes, then each time after as long
/// again as it has taken so far, and once a day at least.
pub(crate) fn look_again_at(since: Millis, now: Millis) -> Millis {
    now.plus((now.0 - since.0).clamp(10 * MINUTE, DAY))
}

pub(crate) fn unheard_for_too_long(since: Millis, now: Millis) -> bool {
    now >= since.plus(LOOK_AT_MOST_MS)
}

/// Wants an amount back, from the attempts that brought it, the first ones first. The caller has
/// checked that the payment still has that much.
pub(crate) fn request_refund(
    change: &mut Change,
    payment: &mut Stored<Payment>,
    of: RefundOf,
    amount_minor: i64,
    ids: &mut dyn Ids,
) -> Vec<RefundId> {
    let mut left = amount_minor;
    let mut refunds = Vec::new();
    for attempt in payment.doc.attempts.clone() {
        let part = left.min(payment.doc.refundable_of(&attempt));
        if part <= 0 {
            continue;
        }
        left -= part;
        let refund = first_try(change, of.clone(), &attempt, part, ids);
        refunds.push(refund.id.clone());
        change.record(payment, PaymentEvent::RefundRequested { refund });
    }
    refunds
}

/// What an attempt brought beyond what was due goes back to that attempt. The caller has checked
/// that it still has that much.
pub(crate) fn refund_excess(
    change: &mut Change,
    payment: &mut Stored<Payment>,
    attempt: &Attempt,
    amount_minor: i64,
    ids: &mut dyn Ids,
) {
    let refund = first_try(change, RefundOf::Excess, attempt, amount_minor, ids);
    change.record(payment, PaymentEvent::RefundRequested { refund });
}

fn first_try(
    change: &Change,
    of: RefundOf,
    attempt: &Attempt,
    amount_minor: i64,
    ids: &mut dyn Ids,
) -> Refund {
    Refund {
        id: RefundId::mint(ids),
        of,
        gateway: attempt.gateway.clone(),
        reference: attempt.reference.clone(),
        amount_minor,
        requested_at: change.at,
        state: RefundState::Requested,
        theirs: None,
        heard: None,
        tries: 1,
        replaces: None,
    }
}

/// What a gateway says of a refund, in its answer or in a webhook; when, by the gateway's clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RefundNews {
    Pending,
    Succeeded {
        at: Millis,
    },
    Failed {
        at: Millis,
        reason: String,
        /// The gateway keeps the money for a person to send on.
        by_hand: bool,
    },
    /// It did not take on what it was asked, which says nothing of a refund that has happened.
    NotTaken {
        reason: String,
    },
    /// It gave no answer for too long.
    Undecided {
        reason: String,
    },
}

/// Takes over what a gateway says of a refund. Repeated news change nothing, and neither do those
/// that others have overtaken: accepted never undoes an end, and no end undoes a later one. Answers
/// the verdict in one word.
pub fn refund_told(
    change: &mut Change,
    payment: &mut Stored<Payment>,
    cases: &mut [Stored<Case>],
    id: &RefundId,
    theirs: Option<String>,
    news: RefundNews,
) -> &'static str {
    let Some(known) = payment.doc.refund(id) else { return "unknown_refund" };
    let (end, heard) = (news.end(), known.heard);
    if end.is_some_and(|end| heard.is_some_and(|heard| end < heard)) {
        return "nothing_new";
    }
    let told = news_of(known, theirs, news, change.at);
    if let Some(end) = end.filter(|_| end != heard) {
        change.record(payment, PaymentEvent::RefundHeard { refund: id.clone(), end });
    }
    let Some((event, verdict)) = told else { return "nothing_new" };
    change.record(payment, event);
    for case in cases {
        follow(change, payment, case);
    }
    verdict
}

/// What some news changes about a refund as it stands.
fn news_of(
    known: &Refund,
    theirs: Option<String>,
    news: RefundNews,
    at: Millis,
) -> Option<(PaymentEvent, &'static str)> {
    let refund = known.id.clone();
    Some(match (news, &known.state) {
        (RefundNews::Pending, RefundState::Requested) => {
            let look_at = look_again_at(at, at);
            (PaymentEvent::RefundAccepted { refund, theirs, look_at }, "refund_accepted")
        }
        (
            RefundNews::Succeeded { .. },
            RefundState::Requested
            | RefundState::Accepted { .. }
            | RefundState::Failed { .. }
            | RefundState::Undecided { .. },
        ) => (PaymentEvent::RefundSucceeded { refund, theirs, at }, "refunded"),
        (
            RefundNews::Succeeded { .. },
            RefundState::Replaced { twice: false, .. }
            | RefundState::PaidOtherwise { twice: false, .. },
        ) => (PaymentEvent::RefundPaidTwice { refund, at }, "refunded_twice"),
        (
            RefundNews::Failed { reason, by_hand, .. },
            RefundState::Requested | RefundState::Accepted { .. } | RefundState::Undecided { .. },
        ) => {
            let again_at = known.again_at(by_hand, at);
            (PaymentEvent::RefundFailed { refund, reason, at, again_at }, "refund_failed")
        }
        // Asked the same again, it would say the same.
        (
            RefundNews::NotTaken { reason },
            RefundState::Requested | RefundState::Accepted { .. } | RefundState::Undecided { .. },
        ) => (PaymentEvent::RefundFailed { refund, reason, at, again_at: None }, "refund_failed"),
        (RefundNews::Failed { reason, by_hand, .. }, RefundState::Succeeded { .. }) => {
            let again_at = known.again_at(by_hand, at);
            (PaymentEvent::RefundReturned { refund, reason, at, again_at }, "refund_returned")
        }
        (
            RefundNews::Undecided { reason },
            RefundState::Requested | RefundState::Accepted { .. },
        ) => (PaymentEvent::RefundUndecided { refund, reason, at }, "refund_undecided"),
        (
            RefundNews::Pending
            | RefundNews::Succeeded { .. }
            | RefundNews::Failed { .. }
            | RefundNews::NotTaken { .. }
            | RefundNews::Undecided { .. },
            _,
        ) => return None,
    })
}

/// A case is refunded when all its refunds have happened.
pub(super) fn follow(change: &mut Change, payment: &Stored<Payment>, case: &mut Stored<Case>) {
    let of_case = |r: &&Refund| match &r.of {
        RefundOf::Order { case: Some(id), .. } => *id == case.doc.id && r.counts(),
        RefundOf::Order { case: None, .. } | RefundOf::Share { .. } | RefundOf::Excess => false,
    };
    let all_done = payment.doc.refunds.iter().filter(of_case).all(Refund::is_done);
    if let (true, Some(amount_minor)) = (all_done, case.doc.refunding_minor()) {
        change.record(case, CaseEvent::Refunded { amount_minor, at: change.at });
    }
}

/// The clock has come to the refunds of a payment: those that failed are tried again, and the
/// gateway is asked for those of which nothing was heard.
pub fn refunds_due(change: &mut Change, payment: &mut Stored<Payment>, ids: &mut dyn Ids) {
    let at = change.at;
    let due = |r: &&Refund| r.state.due().is_some_and(|due| due <= at);
    let due: Vec<Refund> = payment.doc.refunds.iter().filter(due).cloned().collect();
    for refund in due {
        let (id, since) = (refund.id.clone(), refund.requested_at);
        match refund.state {
            RefundState::Accepted { .. } if unheard_for_too_long(since, at) => {
                let reason = NOT_HEARD.to_owned();
                let event = PaymentEvent::RefundUndecided { refund: id, reason, at };
                change.record(payment, event);
            }
            RefundState::Accepted { .. } => {
                let look_at = look_again_at(since, at);
                let event = PaymentEvent::RefundLookedFor { refund: id, at, look_at };
                change.record(payment, event);
            }
            RefundState::Failed { .. } => replace(change, payment, &refund, ids),
            RefundState::Requested
            | RefundState::Succeeded { .. }
            | RefundState::Undecided { .. }
            | RefundState::Replaced { .. }
            | RefundState::PaidOtherwise { .. } => {}
        }
    }
    // The timer has gone off for all of them, and may have been early.
    change.effect(payment.doc.refunds_timer());
}

/// Tries the same amount under a new number.
fn replace(change: &mut Change, payment: &mut Stored<Payment>, old: &Refund, ids: &mut dyn Ids) {
    let new = Refund {
        id: RefundId::mint(ids),
        requested_at: change.at,
        state: RefundState::Requested,
        theirs: None,
        heard: None,
        tries: old.tries + 1,
        replaces: Some(old.id.clone()),
        ..old.clone()
    };
    let (refund, by) = (old.id.clone(), new.id.clone());
    change.record(payment, PaymentEvent::RefundReplaced { refund, by });
    change.record(payment, PaymentEvent::RefundRequested { refund: new });
}

impl Refund {
    /// The table of transitions: what a person may do with it.
    pub fn allowed_actions(&self) -> &'static [Action] {
        match self.state {
            RefundState::Failed { .. } | RefundState::Undecided { .. } => {
                &[Action::Retry, Action::PayOffline]
            }
            // No gateway has the cash that a courier took.
            RefundState::Requested if self.gateway.is_cash() => &[Action::PayOffline],
            RefundState::Requested
            | RefundState::Accepted { .. }
            | RefundState::Succeeded { .. }
            | RefundState::Replaced { .. }
            | RefundState::PaidOtherwise { .. } => &[],
        }
    }

    fn must_allow(&self, action: Action) -> Result<(), Refusal> {
        let allowed = self.allowed_actions();
        if allowed.contains(&action) {
            Ok(())
        } else {
            let (state, allowed) = (self.state.word(), allowed.to_vec());
            Err(Refusal::IllegalStep { state, allowed })
        }
    }
}

impl RefundState {
    /// The name of the state.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::Accepted { .. } => "accepted",
            Self::Succeeded { .. } => "succeeded",
            Self::Failed { .. } => "failed",
            Self::Undecided { .. } => "undecided",
            Self::Replaced { .. } => "replaced",
            Self::PaidOtherwise { .. } => "paid_otherwise",
        }
    }
}

/// A person has a refund tried again. Answers the number that it now has.
pub fn retry_refund(
    change: &mut Change,
    payment: &mut Stored<Payment>,
    refund: &Refund,
    ids: &mut dyn Ids,
) -> Result<RefundId, Refusal> {
    refund.must_allow(Action::Retry)?;
    if matches!(refund.state, RefundState::Undecided { .. }) {
        let (id, at) = (refund.id.clone(), change.at);
        change.record(payment, PaymentEvent::RefundAskedAgain { refund: id, at });
        return Ok(refund.id.clone());
    }
    replace(change, payment, refund, ids);
    let replaced = payment.doc.refunds.last().map(|newest| newest.id.clone());
    Ok(replaced.unwrap_or_else(|| refund.id.clone()))
}

/// A person has paid the buyer from the platform's own account: the bank's reference, and a proof.
pub fn pay_refund_offline(
    change: &mut Change,
    payment: &mut Stored<Payment>,
    cases: &mut [Stored<Case>],
    refund: &Refund,
    (reference, proof): (String, String),
) -> Result<(), Refusal> {
    refund.must_allow(Action::PayOffline)?;
    let (at, who) = (change.at, change.actor.clone());
    let how = PaidHow::Bank { reference, proof, who };
    let event = PaymentEvent::RefundPaidOtherwise { refund: refund.id.clone(), how, at };
    change.record(payment, event);
    for case in cases {
        follow(change, payment, case);
    }
    Ok(())
}

impl Refund {
    /// When it is tried again by itself, if it is.
    fn again_at(&self, by_hand: bool, at: Millis) -> Option<Millis> {
        (self.tries == 1 && !by_hand).then(|| at.plus(AGAIN_MS))
    }

    /// Whether it lowers what may still be given back.
    pub fn counts(&self) -> bool {
        !matches!(self.state, RefundState::Replaced { .. })
    }

    /// The buyer has the money.
    pub fn is_done(&self) -> bool {
        matches!(self.state, RefundState::Succeeded { .. } | RefundState::PaidOtherwise { .. })
    }

    /// Nothing happens to it by itself any more.
    pub fn needs_person(&self) -> bool {
        let by_hand = self.gateway.is_cash() && self.state == RefundState::Requested;
        by_hand || self.state.needs_person()
    }
}
