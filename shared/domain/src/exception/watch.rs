//! Watching a parcel on its way: scans and silence open exceptions, and close those that they
//! explain.
//!
//! Run with every news of a parcel and when its timer goes off. It looks at all scans together, so
//! it does not matter which of them was heard last. What a person has resolved is not opened again
//! for what happened before.

use super::{
    Exception, ExceptionEvent, ExceptionState, Outcome, Priority, Trouble, explanation,
    return_instead, troubles,
};
use crate::{
    Change, Effect, ExceptionId, Ids, Millis, Order, OrderEvent, Parcel, ParcelState, Policy,
    Stored, TimerKind, TrackingFact, TrackingStep, Whereabouts,
};

/// What the exceptions of a parcel are decided with.
pub struct Watch<'a> {
    /// Those of the parcel, the resolved ones too.
    pub exceptions: &'a mut Vec<Stored<Exception>>,
    /// All that its carrier said.
    pub facts: &'a [TrackingFact],
    pub policy: &'a Policy,
}

/// Opens and closes the exceptions of a parcel by what is known of it, and sets the time to look
/// for silence.
pub fn watch_parcel(
    change: &mut Change,
    parcel: &Stored<Parcel>,
    order: &mut Stored<Order>,
    watch: Watch<'_>,
    ids: &mut dyn Ids,
) {
    match &parcel.doc.state {
        ParcelState::Shipped { at, seen } => {
            let watched = Watched { shipped_at: *at, seen: *seen, parcel: &parcel.doc };
            watched.on_its_way(change, order, watch, ids);
        }
        ParcelState::GivenUp { seen, back_at: None, .. } => {
            let arrived = seen.is_some_and(|seen| seen.delivered_at.is_some());
            if arrived {
                turned_up(change, order, watch);
            }
        }
        ParcelState::Packed
        | ParcelState::Cancelled { .. }
        | ParcelState::CameBack { .. }
        | ParcelState::GivenUp { .. } => {}
    }
}

/// It was delivered although nobody waited for it any more: a person looks at it once more.
fn turned_up(change: &mut Change, order: &mut Stored<Order>, watch: Watch<'_>) {
    let (at, policy) = (change.at, &watch.policy.exceptions);
    let gave_up = |e: &&mut Stored<Exception>| {
        e.doc.given_up && e.doc.turned_up_at.is_none() && e.doc.state.is_resolved()
    };
    if let Some(exception) = watch.exceptions.iter_mut().find(gave_up) {
        let deadline = at.plus(policy.decide_in(exception.doc.kind));
        change.record(exception, ExceptionEvent::TurnedUp { at, deadline });
        let exception = exception.doc.id.clone();
        change.record(order, OrderEvent::ExceptionOpened { exception, at });
    }
}

/// Ends an exception, on the order too.
pub(super) fn resolve(
    change: &mut Change,
    order: &mut Stored<Order>,
    exception: &mut Stored<Exception>,
    outcome: Outcome,
) {
    let (at, by) = (change.at, change.actor.clone());
    change.record(exception, ExceptionEvent::Resolved { outcome, by, at });
    let exception = exception.doc.id.clone();
    change.record(order, OrderEvent::ExceptionClosed { exception, at });
}

/// The parcel is in the warehouse again: there is nothing left to decide about it.
pub fn exceptions_of_what_came_back(
    change: &mut Change,
    order: &mut Stored<Order>,
    exceptions: &mut [Stored<Exception>],
) {
    for exception in exceptions.iter_mut().filter(|e| e.doc.is_open()) {
        resolve(change, order, exception, Outcome::CameBack);
    }
}

/// A parcel under way.
struct Watched<'a> {
    shipped_at: Millis,
    seen: Option<Whereabouts>,
    parcel: &'a Parcel,
}

/// A kind of exception, and the time of what it comes from.
pub(super) struct Cause {
    pub kind: Trouble,
    pub since: Millis,
}

impl Watched<'_> {
    fn on_its_way(
        &self,
        change: &mut Change,
        order: &mut Stored<Order>,
        watch: Watch<'_>,
        ids: &mut dyn Ids,
    ) {
        let Watch { exceptions, facts, policy } = watch;
        let wrong = troubles(facts, policy.exceptions.failed_attempts_at_most);
        for exception in exceptions.iter_mut().filter(|e| e.doc.is_open()) {
            let Exception { kind, since, .. } = exception.doc;
            let still = wrong.contains_key(&kind);
            let explained = if still { None } else { explanation(kind, since, facts) };
            if let Some(by) = explained {
                resolve(change, order, exception, Outcome::Explained { by });
            } else if kind == Trouble::Intercept && self.arrived() {
                return_instead(change, order, exception, self.parcel, policy, ids);
            }
        }
        let mut causes: Vec<Cause> =
            wrong.into_iter().map(|(kind, since)| Cause { kind, since }).collect();
        let silences = self.silences(policy);
        let due = |(_, at): &&(Cause, Millis)| *at <= change.at;
        causes.extend(silences.iter().filter(due).map(|(cause, _)| {
            let Cause { kind, since } = *cause;
            Cause { kind, since }
        }));
        for cause in causes {
            if !exceptions.iter().any(|e| e.doc.covers(&cause)) {
                exceptions.extend(open(change, self.parcel, order, cause, policy, ids));
            }
        }
        let next = silences.iter().map(|(_, at)| *at).filter(|at| *at > change.at).min();
        let (kind, subject) = (TimerKind::NoScan, self.parcel.id.to_string());
        change.effect(match next {
            Some(due) => Effect::SetTimer { kind, subject, due },
            None => Effect::ClearTimer { kind, subject },
        });
    }

    fn arrived(&self) -> bool {
        self.seen.is_some_and(|seen| seen.delivered_at.is_some())
    }

    /// What it is if nothing is heard of the parcel until then. Nothing is waited for that has
    /// arrived, or that is on no way any more.
    fn silences(&self, policy: &Policy) -> Vec<(Cause, Millis)> {
        let over = |seen: Whereabouts| seen.step.is_final() || seen.step == TrackingStep::Delivered;
        if self.seen.is_some_and(over) {
            return Vec::new();
        }
        let moved = self.seen.filter(|seen| seen.step != TrackingStep::Created);
        let terms = &policy.exceptions;
        let (kind, since, patience) = match moved {
            None => (Trouble::NoPickup, self.shipped_at, terms.no_pickup_ms),
            // A scan from before the hand-over does not make the carrier late.
            Some(seen) => (Trouble::NoScan, seen.last_scan.max(self.shipped_at), terms.no_scan_ms),
        };
        let mut silences = vec![(Cause { kind, since }, since.plus(patience))];
        if let Some(promised) = self.parcel.promised_by.filter(|_| !self.arrived()) {
            silences.push((Cause { kind: Trouble::PromiseMissed, since: promised }, promised));
        }
        silences
    }
}

impl Exception {
    /// Somebody looks after that already, or it happened before what was looked after, or before a
    /// person saw that there is nothing to do.
    fn covers(&self, cause: &Cause) -> bool {
        let decided = match &self.state {
            ExceptionState::Resolved { at, outcome: Outcome::Dismissed, .. } => *at >= cause.since,
            ExceptionState::Resolved { .. } => false,
            ExceptionState::Open
            | ExceptionState::Waiting { .. }
            | ExceptionState::Intercepting { .. } => true,
        };
        self.kind == cause.kind && (decided || self.since >= cause.since)
    }
}

/// A new exception of a parcel that left; it has a number then.
pub(super) fn open(
    change: &mut Change,
    parcel: &Parcel,
    order: &mut Stored<Order>,
    Cause { kind, since }: Cause,
    policy: &Policy,
    ids: &mut dyn Ids,
) -> Option<Stored<Exception>> {
    let label = parcel.label.clone()?;
    let at = change.at;
    let exception = Exception {
        id: ExceptionId::mint(ids),
        kind,
        parcel: parcel.id.clone(),
        carrier: label.carrier,
        waybill: label.waybill,
        warehouse: parcel.warehouse.clone(),
        order: order.doc.id.clone(),
        number: order.doc.number.clone(),
        merchant: order.doc.merchant.clone(),
        buyer: order.doc.buyer.clone(),
        currency: order.doc.currency,
        since,
        opened_at: at,
        opened_by: change.actor.clone(),
        state: ExceptionState::Open,
        deadline: at.plus(policy.exceptions.decide_in(kind)),
        priority: Priority::Normal,
        owner: None,
        notes: Vec::new(),
        given_up: false,
        turned_up_at: None,
        unstoppable: false,
        claim: None,
        compensated: false,
    };
    let id = exception.id.clone();
    let opened = ExceptionEvent::Opened { exception: Box::new(exception) };
    let stored = change.begin::<Exception>(opened);
    change.record(order, OrderEvent::ExceptionOpened { exception: id, at });
    stored
}
