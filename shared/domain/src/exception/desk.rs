//! What people do at the queue of exceptions: report, take over, note, wait, dismiss; and what the
//! clock does when nobody decides in time.

use super::watch::{Cause, open, resolve};
use super::{Exception, ExceptionEvent, ExceptionState, Note, Outcome, Trouble};
use crate::time::HOUR;
use crate::{
    Action, Actor, Change, ExceptionPolicy, Fault, FaultKind, Ids, Order, Parcel, Policy, Refusal,
    Stored,
};

/// How long somebody may decide to wait, in hours.
const WAIT_HOURS: (i64, i64) = (1, 720);

impl Exception {
    pub(super) fn must_allow(&self, action: Action) -> Result<(), Refusal> {
        let allowed = self.allowed_actions();
        if allowed.contains(&action) {
            Ok(())
        } else {
            Err(Refusal::IllegalStep { state: self.state.word(), allowed })
        }
    }
}

/// What somebody says is wrong with a parcel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    pub kind: Trouble,
    pub note: Option<String>,
}

/// Somebody says that something is wrong with a parcel, or wants it back before it is delivered.
/// Buyers may only want it back. Precedence: kind, the parcel's state, one that is open already.
pub fn report(
    change: &mut Change,
    parcel: &Stored<Parcel>,
    order: &mut Stored<Order>,
    exceptions: &[Stored<Exception>],
    Report { kind, note }: Report,
    (policy, ids): (&Policy, &mut dyn Ids),
) -> Result<Stored<Exception>, Refusal> {
    if !kind.may_be_reported_by(&change.actor) {
        return Err(Refusal::Faulty(vec![Fault::at("#/kind", FaultKind::NotYourReason)]));
    }
    let action = if kind == Trouble::Intercept { Action::Intercept } else { Action::Report };
    parcel.doc.must_allow(action)?;
    if let Some(known) = exceptions.iter().find(|e| e.doc.kind == kind && e.doc.is_open()) {
        return Err(Refusal::ExceptionOpen { exception: known.doc.id.clone() });
    }
    let cause = Cause { kind, since: change.at };
    let opened = open(change, &parcel.doc, order, cause, policy, ids);
    let Some(mut exception) = opened else {
        let (state, allowed) = (parcel.doc.word(), parcel.doc.allowed_actions());
        return Err(Refusal::IllegalStep { state, allowed });
    };
    if let Some(text) = note {
        write(change, &mut exception, text);
    }
    Ok(exception)
}

impl Trouble {
    /// Silence and what only a carrier knows is not for people to say.
    fn may_be_reported_by(self, actor: &Actor) -> bool {
        let by_people = match self {
            Self::Lost
            | Self::Damaged
            | Self::Address
            | Self::Delay
            | Self::Intercept
            | Self::Other => true,
            Self::NoPickup
            | Self::NoScan
            | Self::PromiseMissed
            | Self::Refused
            | Self::AttemptFailed
            | Self::Customs
            | Self::Returning => false,
        };
        by_people && (self == Self::Intercept || !matches!(actor, Actor::Buyer(_)))
    }
}

/// Somebody looks after it from now on.
pub fn assign(
    change: &mut Change,
    exception: &mut Stored<Exception>,
    owner: Actor,
) -> Result<(), Refusal> {
    exception.doc.must_allow(Action::Assign)?;
    if exception.doc.owner.as_ref() != Some(&owner) {
        change.record(exception, ExceptionEvent::Assigned { owner, at: change.at });
    }
    Ok(())
}

/// Somebody writes something down.
pub fn note(
    change: &mut Change,
    exception: &mut Stored<Exception>,
    text: String,
) -> Result<(), Refusal> {
    exception.doc.must_allow(Action::Note)?;
    write(change, exception, text);
    Ok(())
}

fn write(change: &mut Change, exception: &mut Stored<Exception>, text: String) {
    let note = Note { at: change.at, by: change.actor.clone(), text };
    change.record(exception, ExceptionEvent::Noted { note });
}

/// Nothing is done for so many hours. Precedence: state, hours.
pub fn wait(
    change: &mut Change,
    exception: &mut Stored<Exception>,
    hours: i64,
) -> Result<(), Refusal> {
    exception.doc.must_allow(Action::Wait)?;
    let (least, most) = WAIT_HOURS;
    if !(least..=most).contains(&hours) {
        let what = FaultKind::OutOfRange { least, most };
        return Err(Refusal::Faulty(vec![Fault::at("#/hours", what)]));
    }
    let (at, until) = (change.at, change.at.plus(hours * HOUR));
    change.record(exception, ExceptionEvent::Awaited { until, at });
    Ok(())
}

/// There is nothing to do about it.
pub fn dismiss(
    change: &mut Change,
    order: &mut Stored<Order>,
    exception: &mut Stored<Exception>,
) -> Result<(), Refusal> {
    exception.doc.must_allow(Action::Dismiss)?;
    resolve(change, order, exception, Outcome::Dismissed);
    Ok(())
}

/// The buyer got what had been given up, and keeps it.
pub fn keep(
    change: &mut Change,
    order: &mut Stored<Order>,
    exception: &mut Stored<Exception>,
) -> Result<(), Refusal> {
    exception.doc.must_allow(Action::Keep)?;
    resolve(change, order, exception, Outcome::Kept);
    Ok(())
}

/// The time of an exception has come: what was waited for did not happen, or nobody has decided.
pub fn exception_due(
    change: &mut Change,
    exception: &mut Stored<Exception>,
    policy: &ExceptionPolicy,
) {
    let at = change.at;
    if exception.doc.due().is_none_or(|due| due > at) {
        return;
    }
    let deadline = at.plus(policy.decide_in(exception.doc.kind));
    match (&exception.doc.state, exception.doc.priority.next()) {
        (ExceptionState::Waiting { .. }, _) => {
            change.record(exception, ExceptionEvent::WaitEnded { deadline, at });
        }
        (ExceptionState::Open | ExceptionState::Intercepting { .. }, Some(priority)) => {
            change.record(exception, ExceptionEvent::Escalated { priority, deadline, at });
        }
        (ExceptionState::Open | ExceptionState::Intercepting { .. }, None)
        | (ExceptionState::Resolved { .. }, _) => {}
    }
}
