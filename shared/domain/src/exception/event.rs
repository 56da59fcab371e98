//! What has happened to an exception, what that makes of it, and who hears of it.

use super::{
    Bearer, Claim, ClaimState, Exception, ExceptionState, Note, Outcome, Priority, Trouble,
};
use crate::{
    Account, Actor, Document, Effect, Message, Milestone, Millis, Posting, PostingKind, Recipient,
    TimerKind, tell_buyer,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// What has happened to an exception.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "event")]
pub enum ExceptionEvent {
    Opened {
        exception: Box<Exception>,
    },
    Assigned {
        owner: Actor,
        at: Millis,
    },
    Noted {
        note: Note,
    },
    /// Somebody decided to do nothing until then.
    Awaited {
        until: Millis,
        at: Millis,
    },
    /// The time that somebody wanted to wait is over: it has to be decided by then.
    WaitEnded {
        deadline: Millis,
        at: Millis,
    },
    /// Nobody decided in time.
    Escalated {
        priority: Priority,
        deadline: Millis,
        at: Millis,
    },
    /// The carrier was asked to bring the parcel back.
    InterceptAsked {
        by: Actor,
        at: Millis,
    },
    /// The carrier could not, or would not.
    InterceptFailed {
        deadline: Millis,
        at: Millis,
    },
    Resolved {
        outcome: Outcome,
        by: Actor,
        at: Millis,
    },
    /// The parcel was delivered although it had been given up.
    TurnedUp {
        at: Millis,
        deadline: Millis,
    },
    Claimed {
        claim: Claim,
    },
    ClaimAccepted {
        amount_minor: i64,
        at: Millis,
    },
    ClaimRejected {
        reason: String,
        at: Millis,
    },
    ClaimPaid {
        reference: String,
        at: Millis,
    },
}

/// Notes that the document itself keeps.
const NOTES_AT_MOST: usize = 20;

impl Document for Exception {
    type Event = ExceptionEvent;
    const KIND: &'static str = "exceptions";

    fn read(json: &str) -> serde_json::Result<Self> {
        serde_json::from_str(json)
    }

    fn id(&self) -> &str {
        self.id.as_str()
    }

    fn begin(event: &ExceptionEvent) -> Option<Self> {
        if let ExceptionEvent::Opened { exception } = event {
            Some((**exception).clone())
        } else {
            None
        }
    }

    fn evolve(&mut self, event: &ExceptionEvent) {
        match event {
            ExceptionEvent::Opened { exception } => self.clone_from(exception),
            ExceptionEvent::Assigned { owner, .. } => self.owner = Some(owner.clone()),
            ExceptionEvent::Noted { note } => {
                self.notes.push(note.clone());
                let over = self.notes.len().saturating_sub(NOTES_AT_MOST);
                self.notes.drain(..over);
            }
            ExceptionEvent::Awaited { until, .. } => {
                self.state = ExceptionState::Waiting { until: *until };
            }
            ExceptionEvent::WaitEnded { deadline, .. } => self.opens(*deadline),
            ExceptionEvent::Escalated { priority, deadline, .. } => {
                (self.priority, self.deadline) = (*priority, *deadline);
            }
            ExceptionEvent::InterceptAsked { by, at } => {
                self.state = ExceptionState::Intercepting { since: *at, by: by.clone() };
            }
            ExceptionEvent::InterceptFailed { deadline, .. } => {
                self.unstoppable = true;
                self.opens(*deadline);
            }
            ExceptionEvent::Resolved { outcome, by, at } => {
                self.given_up |= outcome.loss().is_some();
                self.compensated |= matches!(outcome.loss(), Some((_, Bearer::Platform)));
                let (at, by, outcome) = (*at, by.clone(), outcome.clone());
                self.state = ExceptionState::Resolved { at, by, outcome };
            }
            ExceptionEvent::TurnedUp { at, deadline } => {
                self.turned_up_at = Some(*at);
                self.opens(*deadline);
            }
            ExceptionEvent::Claimed { claim } => self.claim = Some(claim.clone()),
            ExceptionEvent::ClaimAccepted { amount_minor, at } => {
                self.claim_is(ClaimState::Accepted { amount_minor: *amount_minor, at: *at });
            }
            ExceptionEvent::ClaimRejected { reason, at } => {
                self.claim_is(ClaimState::Rejected { reason: reason.clone(), at: *at });
            }
            ExceptionEvent::ClaimPaid { reference, at } => {
                let amount_minor = self.claim.as_ref().map_or(0, |c| c.state.accepted_minor());
                let (reference, at) = (reference.clone(), *at);
                self.claim_is(ClaimState::Paid { amount_minor, reference, at });
            }
        }
    }

    fn react(&self, event: &ExceptionEvent) -> Vec<Effect> {
        match event {
            ExceptionEvent::Opened { .. } => {
                let mut effects = vec![self.timer(), self.announce("exception", "")];
                effects.extend(self.news());
                effects
            }
            ExceptionEvent::Assigned { .. } | ExceptionEvent::Noted { .. } => Vec::new(),
            ExceptionEvent::Escalated { priority, .. } => {
                let part = format!("{priority:?}").to_lowercase();
                vec![self.timer(), self.announce("exception_overdue", &part)]
            }
            ExceptionEvent::Awaited { .. }
            | ExceptionEvent::WaitEnded { .. }
            | ExceptionEvent::InterceptAsked { .. }
            | ExceptionEvent::InterceptFailed { .. } => vec![self.timer()],
            ExceptionEvent::TurnedUp { .. } => {
                vec![self.timer(), self.announce("turned_up", "")]
            }
            ExceptionEvent::Resolved { outcome, at, .. } => {
                let part = at.0.to_string();
                let mut effects = vec![self.timer(), self.announce("exception_resolved", &part)];
                effects.extend(self.compensation(outcome, *at));
                effects
            }
            ExceptionEvent::Claimed { .. } => Vec::new(),
            ExceptionEvent::ClaimAccepted { amount_minor, at } => {
                self.claim_accepted(*amount_minor, *at)
            }
            ExceptionEvent::ClaimRejected { at, .. } => self.claim_accepted(0, *at),
            ExceptionEvent::ClaimPaid { at, .. } => self.claim_paid(*at),
        }
    }
}

impl Outcome {
    /// What was lost with a parcel that is not waited for any more, and who bears it.
    pub fn loss(&self) -> Option<(i64, Bearer)> {
        match self {
            Self::SentAgain { loss_minor, borne_by }
            | Self::PaidBack { loss_minor, borne_by, .. } => Some((*loss_minor, *borne_by)),
            Self::Explained { .. }
            | Self::CameBack
            | Self::Dismissed
            | Self::Superseded { .. }
            | Self::Kept
            | Self::NotIntercepted { .. } => None,
        }
    }
}

impl Exception {
    fn opens(&mut self, deadline: Millis) {
        (self.state, self.deadline) = (ExceptionState::Open, deadline);
    }

    fn claim_is(&mut self, state: ClaimState) {
        if let Some(claim) = &mut self.claim {
            claim.state = state;
        }
    }

    /// One timer, at its deadline or at the end of the waiting. One that has pressed as much as it
    /// can stays in the queue without.
    fn timer(&self) -> Effect {
        let (kind, subject) = (TimerKind::ExceptionDue, self.id.to_string());
        let waits = matches!(self.state, ExceptionState::Waiting { .. });
        match self.due().filter(|_| waits || self.priority.next().is_some()) {
            Some(due) => Effect::SetTimer { kind, subject, due },
            None => Effect::ClearTimer { kind, subject },
        }
    }

    /// Tells the merchant's own systems.
    fn announce(&self, what: &str, part: &str) -> Effect {
        let id = format!("{}:{what}:{part}", self.id).trim_end_matches(':').to_owned();
        let outcome = match &self.state {
            ExceptionState::Resolved { outcome, .. } => Value::from(outcome.word()),
            ExceptionState::Open
            | ExceptionState::Waiting { .. }
            | ExceptionState::Intercepting { .. } => Value::Null,
        };
        let data = json!({
            "exception": self.id, "kind": self.kind, "parcel": self.parcel, "order": self.order,
            "number": self.number, "carrier": self.carrier, "waybill": self.waybill,
            "state": self.state.word(), "outcome": outcome, "priority": self.priority,
            "deadline": self.due(),
        });
        let (merchant, kind) = (self.merchant.clone(), format!("parcel.{what}"));
        Effect::Send(Message { id, to: Recipient::Merchant { merchant, kind, data } })
    }

    /// What a buyer has to know: that it takes longer, or that it is lost. Once for each parcel.
    fn news(&self) -> Option<Effect> {
        let (carrier, waybill) = (self.carrier.clone(), self.waybill.clone());
        let news = match self.kind {
            Trouble::NoScan | Trouble::PromiseMissed | Trouble::Delay | Trouble::Customs => {
                Milestone::Delayed { carrier, waybill }
            }
            Trouble::Lost => Milestone::ParcelLost { carrier, waybill },
            Trouble::NoPickup
            | Trouble::Damaged
            | Trouble::Refused
            | Trouble::Address
            | Trouble::AttemptFailed
            | Trouble::Returning
            | Trouble::Intercept
            | Trouble::Other => return None,
        };
        Some(tell_buyer(&self.buyer, &self.order, news, self.parcel.as_str()))
    }

    pub(super) fn post(
        &self,
        kind: PostingKind,
        at: Millis,
        to: Account,
        (from, amount_minor): (Account, i64),
    ) -> Option<Effect> {
        let head = (kind, self.currency, at);
        Posting::debit(head, self.order.as_str(), to, vec![(from, amount_minor)]).map(Effect::Post)
    }

    /// The goods were the merchant's: if the platform bears their loss, it pays for them, less what
    /// a claim has brought their merchant before.
    fn compensation(&self, outcome: &Outcome, at: Millis) -> Option<Effect> {
        match outcome.loss()? {
            (loss_minor, Bearer::Platform) => {
                let had_minor = self.claim.as_ref().map_or(0, Claim::to_merchant_minor);
                self.compensate((loss_minor - had_minor).max(0), at)
            }
            (_, Bearer::Merchant | Bearer::Carrier) => None,
        }
    }

    pub(super) fn compensate(&self, amount_minor: i64, at: Millis) -> Option<Effect> {
        let merchant = Account::Merchant(self.merchant.clone());
        self.post(PostingKind::Compensation, at, Account::Losses, (merchant, amount_minor))
    }
}
