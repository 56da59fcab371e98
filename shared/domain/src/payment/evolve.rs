//! How each event changes a payment. No rule is checked here: what was decided has happened.

use super::{
    Attempt, DisputeState, PaidHow, Payment, PaymentEvent, PaymentLife, Refund, RefundEnd,
    RefundState,
};
use crate::{Effect, Millis, RefundId};

impl crate::Document for Payment {
    type Event = PaymentEvent;
    const KIND: &'static str = "payments";

    fn read(json: &str) -> serde_json::Result<Self> {
        serde_json::from_str(json)
    }

    fn id(&self) -> &str {
        self.id.as_str()
    }

    fn begin(event: &PaymentEvent) -> Option<Self> {
        if let PaymentEvent::Opened { payment } = event { Some((**payment).clone()) } else { None }
    }

    fn evolve(&mut self, event: &PaymentEvent) {
        match event {
            PaymentEvent::Opened { payment } => self.clone_from(payment),
            PaymentEvent::AttemptTold { attempt } => self.told(attempt),
            PaymentEvent::Received { applied, .. } => {
                for (order, amount) in applied {
                    if let Some(share) = self.shares.iter_mut().find(|s| s.order == *order) {
                        share.applied_minor += amount;
                    }
                }
            }
            PaymentEvent::CashCollected { order, carrier, waybill, amount_minor, at } => {
                let reference = format!("{carrier}:{waybill}");
                self.told(&Attempt::in_cash(reference, *amount_minor, *at));
                if let Some(share) = self.shares.iter_mut().find(|s| s.order == *order) {
                    share.applied_minor += amount_minor;
                }
            }
            PaymentEvent::CollectionReversed { order, carrier, waybill, amount_minor, .. } => {
                self.not_collected(order, &format!("{carrier}:{waybill}"), *amount_minor);
            }
            PaymentEvent::DueLowered { order, by_minor, .. } => self.lower_due(order, *by_minor),
            PaymentEvent::Completed { at } => self.life = PaymentLife::Complete { at: *at },
            PaymentEvent::Extended { until } => {
                self.life = PaymentLife::Open { until: *until };
                self.extend_ms = 0;
            }
            PaymentEvent::Closed { at } => self.life = PaymentLife::Closed { at: *at },
            PaymentEvent::Reopened { at } => {
                self.life = PaymentLife::Open { until: *at };
                // What had come before the deadline went back.
                self.shares.iter_mut().for_each(|share| share.applied_minor = 0);
            }
            PaymentEvent::RecheckAsked { .. } => self.recheck_at = None,
            PaymentEvent::RefundRequested { .. }
            | PaymentEvent::RefundAccepted { .. }
            | PaymentEvent::RefundHeard { .. }
            | PaymentEvent::RefundLookedFor { .. }
            | PaymentEvent::RefundSucceeded { .. }
            | PaymentEvent::RefundFailed { .. }
            | PaymentEvent::RefundReturned { .. }
            | PaymentEvent::RefundUndecided { .. }
            | PaymentEvent::RefundAskedAgain { .. }
            | PaymentEvent::RefundReplaced { .. }
            | PaymentEvent::RefundPaidOtherwise { .. }
            | PaymentEvent::RefundPaidTwice { .. } => self.evolve_refunds(event),
            PaymentEvent::DisputeOpened { dispute } => self.disputes.push(dispute.clone()),
            PaymentEvent::DisputeWon { dispute, at } => {
                self.close_dispute(dispute, DisputeState::Won { at: *at });
            }
            PaymentEvent::DisputeLost { dispute, borne_by, at } => {
                let taken_minor = borne_by.iter().map(|b| b.amount_minor).sum();
                self.close_dispute(dispute, DisputeState::Lost { at: *at, taken_minor });
            }
        }
        self.needs_person = self.refunds.iter().any(Refund::needs_person);
    }

    fn react(&self, event: &PaymentEvent) -> Vec<Effect> {
        self.effects_of(event)
    }
}

impl Payment {
    fn told(&mut self, attempt: &Attempt) {
        let same =
            |a: &&mut Attempt| a.gateway == attempt.gateway && a.reference == attempt.reference;
        match self.attempts.iter_mut().find(same) {
            Some(known) => known.clone_from(attempt),
            None => self.attempts.push(attempt.clone()),
        }
    }

    fn close_dispute(&mut self, id: &str, state: DisputeState) {
        if let Some(dispute) = self.disputes.iter_mut().find(|d| d.id == id) {
            dispute.state = state;
        }
    }

    fn evolve_refunds(&mut self, event: &PaymentEvent) {
        if let PaymentEvent::RefundRequested { refund } = event {
            return self.refunds.push(refund.clone());
        }
        let Some((id, theirs, step)) = RefundState::after(event) else { return };
        if let Some(refund) = self.refunds.iter_mut().find(|r| r.id == *id) {
            match step {
                Step::To(state) => refund.state = state,
                Step::Again => {
                    refund.state = RefundState::Requested;
                    refund.tries += 1;
                }
                Step::Heard(end) => refund.heard = Some(end),
                Step::PaidTwice => refund.state.paid_twice(),
            }
            if theirs.is_some() {
                refund.theirs = theirs;
            }
        }
    }
}

/// What an event does to a refund.
enum Step {
    To(RefundState),
    Again,
    Heard(RefundEnd),
    PaidTwice,
}

impl RefundState {
    /// Which refund an event is about, the gateway's id that it brings, and what it does.
    fn after(event: &PaymentEvent) -> Option<(&RefundId, Option<String>, Step)> {
        Some(match event {
            PaymentEvent::RefundAccepted { refund, theirs, look_at } => {
                (refund, theirs.clone(), Step::To(Self::Accepted { look_at: *look_at }))
            }
            PaymentEvent::RefundHeard { refund, end } => (refund, None, Step::Heard(*end)),
            PaymentEvent::RefundLookedFor { refund, look_at, .. } => {
                (refund, None, Step::To(Self::Accepted { look_at: *look_at }))
            }
            PaymentEvent::RefundSucceeded { refund, theirs, at } => {
                (refund, theirs.clone(), Step::To(Self::Succeeded { at: *at }))
            }
            PaymentEvent::RefundFailed { refund, reason, at, again_at }
            | PaymentEvent::RefundReturned { refund, reason, at, again_at } => {
                (refund, None, Step::To(Self::failed(*at, reason, *again_at)))
            }
            PaymentEvent::RefundUndecided { refund, reason, at } => {
                (refund, None, Step::To(Self::Undecided { at: *at, reason: reason.clone() }))
            }
            PaymentEvent::RefundAskedAgain { refund, .. } => (refund, None, Step::Again),
            PaymentEvent::RefundReplaced { refund, by } => {
                (refund, None, Step::To(Self::Replaced { by: by.clone(), twice: false }))
            }
            PaymentEvent::RefundPaidOtherwise { refund, how, at } => {
                (refund, None, Step::To(Self::paid_otherwise(*at, how)))
            }
            PaymentEvent::RefundPaidTwice { refund, .. } => (refund, None, Step::PaidTwice),
            PaymentEvent::Opened { .. }
            | PaymentEvent::AttemptTold { .. }
            | PaymentEvent::Received { .. }
            | PaymentEvent::CashCollected { .. }
            | PaymentEvent::CollectionReversed { .. }
            | PaymentEvent::DueLowered { .. }
            | PaymentEvent::Completed { .. }
            | PaymentEvent::Extended { .. }
            | PaymentEvent::Closed { .. }
            | PaymentEvent::Reopened { .. }
            | PaymentEvent::RecheckAsked { .. }
            | PaymentEvent::RefundRequested { .. }
            | PaymentEvent::DisputeOpened { .. }
            | PaymentEvent::DisputeWon { .. }
            | PaymentEvent::DisputeLost { .. } => return None,
        })
    }

    fn failed(at: Millis, reason: &str, again_at: Option<Millis>) -> Self {
        Self::Failed { at, reason: reason.to_owned(), again_at }
    }

    fn paid_otherwise(at: Millis, how: &PaidHow) -> Self {
        Self::PaidOtherwise { at, how: how.clone(), twice: false }
    }

    fn paid_twice(&mut self) {
        match self {
            Self::Replaced { twice, .. } | Self::PaidOtherwise { twice, .. } => *twice = true,
            Self::Requested
            | Self::Accepted { .. }
            | Self::Succeeded { .. }
            | Self::Failed { .. }
            | Self::Undecided { .. } => {}
        }
    }

    /// Nothing happens by itself any more, and the buyer has no money yet.
    pub fn needs_person(&self) -> bool {
        matches!(self, Self::Failed { again_at: None, .. } | Self::Undecided { .. })
    }

    /// When something is to be done about it by itself.
    pub(crate) fn due(&self) -> Option<Millis> {
        match self {
            Self::Accepted { look_at } => Some(*look_at),
            Self::Failed { again_at, .. } => *again_at,
            Self::Requested
            | Self::Succeeded { .. }
            | Self::Undecided { .. }
            | Self::Replaced { .. }
            | Self::PaidOtherwise { .. } => None,
        }
    }
}
