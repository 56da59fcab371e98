//! How each event changes money in suspense. No rule is checked here: what was decided has
//! happened.

use super::{Suspense, SuspenseEvent, SuspenseRefund, SuspenseState};
use crate::{Effect, Millis, RefundId, RefundState};

impl crate::Document for Suspense {
    type Event = SuspenseEvent;
    const KIND: &'static str = "suspense";

    fn read(json: &str) -> serde_json::Result<Self> {
        serde_json::from_str(json)
    }

    fn id(&self) -> &str {
        self.id.as_str()
    }

    fn begin(event: &SuspenseEvent) -> Option<Self> {
        if let SuspenseEvent::Suspended { item } = event { Some((**item).clone()) } else { None }
    }

    fn evolve(&mut self, event: &SuspenseEvent) {
        match event {
            SuspenseEvent::Suspended { item } => self.clone_from(item),
            SuspenseEvent::Grew { more_minor, at } => {
                self.amount_minor += more_minor;
                self.goes_on(*at);
            }
            SuspenseEvent::LeftToPerson { .. } => self.state = SuspenseState::Open,
            SuspenseEvent::Given { payment, at } => {
                self.settled_minor = self.amount_minor;
                self.state = SuspenseState::Given { payment: payment.clone(), at: *at };
            }
            SuspenseEvent::Kept { amount_minor, at, by, reason, proof } => {
                let (by, reason, proof) = (by.clone(), reason.clone(), proof.clone());
                self.settled_minor += amount_minor;
                self.state = SuspenseState::Kept { at: *at, by, reason, proof };
            }
            SuspenseEvent::RefundRequested { refund, at } => {
                self.refunds.push(refund.clone());
                self.state = SuspenseState::Refunding { since: *at };
            }
            SuspenseEvent::RefundTold { .. }
            | SuspenseEvent::RefundPaid { .. }
            | SuspenseEvent::RefundHeard { .. }
            | SuspenseEvent::RefundLookedFor { .. }
            | SuspenseEvent::RefundAskedAgain { .. }
            | SuspenseEvent::RefundReturned { .. } => self.evolve_refund(event),
        }
        self.needs_person = match self.state {
            SuspenseState::Open => true,
            SuspenseState::Refunding { .. } => self.refund_is_undecided(),
            SuspenseState::Waiting { .. }
            | SuspenseState::Given { .. }
            | SuspenseState::Refunded { .. }
            | SuspenseState::Kept { .. } => false,
        };
    }

    fn react(&self, event: &SuspenseEvent) -> Vec<Effect> {
        self.effects_of(event)
    }
}

impl Suspense {
    fn evolve_refund(&mut self, event: &SuspenseEvent) {
        match event {
            SuspenseEvent::RefundTold { refund, state, theirs, at } => {
                self.refund_is(refund, state.clone(), theirs.as_ref());
                self.goes_on(*at);
            }
            SuspenseEvent::RefundPaid { refund, theirs, lost_minor, at } => {
                self.refund_is(refund, RefundState::Succeeded { at: *at }, theirs.as_ref());
                let paid = |r: &mut SuspenseRefund| {
                    r.lost_minor = *lost_minor;
                    r.amount_minor - lost_minor
                };
                self.settled_minor += self.refund_mut(refund).map_or(0, paid);
                self.goes_on(*at);
            }
            SuspenseEvent::RefundReturned { refund, reason, lost_minor, at } => {
                let failed =
                    RefundState::Failed { at: *at, reason: reason.clone(), again_at: None };
                self.refund_is(refund, failed, None);
                let back = |r: &mut SuspenseRefund| {
                    r.lost_minor = 0;
                    r.amount_minor - lost_minor
                };
                self.settled_minor -= self.refund_mut(refund).map_or(0, back);
                self.goes_on(*at);
            }
            SuspenseEvent::RefundHeard { refund, end } => {
                if let Some(refund) = self.refund_mut(refund) {
                    refund.heard = Some(*end);
                }
            }
            SuspenseEvent::RefundLookedFor { refund, look_at, .. } => {
                self.refund_is(refund, RefundState::Accepted { look_at: *look_at }, None);
            }
            SuspenseEvent::RefundAskedAgain { refund, .. } => {
                self.refund_is(refund, RefundState::Requested, None);
                if let Some(refund) = self.refund_mut(refund) {
                    refund.tries += 1;
                }
            }
            SuspenseEvent::Suspended { .. }
            | SuspenseEvent::Grew { .. }
            | SuspenseEvent::LeftToPerson { .. }
            | SuspenseEvent::Given { .. }
            | SuspenseEvent::RefundRequested { .. }
            | SuspenseEvent::Kept { .. } => {}
        }
    }

    fn refund_mut(&mut self, id: &RefundId) -> Option<&mut SuspenseRefund> {
        self.refunds.iter_mut().find(|refund| refund.id == *id)
    }

    fn refund_is(&mut self, id: &RefundId, state: RefundState, theirs: Option<&String>) {
        if let Some(refund) = self.refund_mut(id) {
            refund.state = state;
            refund.theirs = theirs.cloned().or(refund.theirs.take());
        }
    }

    /// Where it stands after its amount, or one of its ways back, has changed: what nobody has
    /// settled is open again, whatever was settled before.
    fn goes_on(&mut self, at: Millis) {
        let left = self.open_minor() > 0;
        let under_way = self.refunds.iter().any(SuspenseRefund::is_under_way);
        self.state = match &self.state {
            SuspenseState::Refunding { .. } if under_way => return,
            SuspenseState::Refunding { .. }
            | SuspenseState::Open
            | SuspenseState::Refunded { .. }
            | SuspenseState::Kept { .. }
                if left =>
            {
                SuspenseState::Open
            }
            SuspenseState::Refunding { .. } | SuspenseState::Open => SuspenseState::Refunded { at },
            SuspenseState::Waiting { .. }
            | SuspenseState::Given { .. }
            | SuspenseState::Refunded { .. }
            | SuspenseState::Kept { .. } => return,
        };
    }
}
