//! Money in suspense (挂账): it came, and nothing explains it. It belongs to nobody's order, so it
//! is kept apart until its payment appears or a person decides: give it to a payment, send it back,
//! or keep it with a reason and a proof.
//!
//! There is one item for each attempt at a gateway, however often and under however many event ids
//! the gateway tells of it.

mod decide;
mod evolve;
mod react;
pub use decide::*;

use crate::{
    Action, Actor, Currency, GatewayName, MINUTE, Millis, PaymentId, RefundEnd, RefundId,
    RefundRef, RefundState, SuspenseId,
};
use serde::{Deserialize, Serialize};

/// How often a payment is looked for that money is waiting for.
const MATCH_EVERY_MS: i64 = 5 * MINUTE;

/// Money that nothing explains.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suspense {
    pub id: SuspenseId,
    pub gateway: GatewayName,
    /// The attempt at the gateway that brought it.
    pub reference: String,
    /// The merchant account at the gateway that it came to, where the gateway names one.
    pub account: Option<String>,
    /// The payment that the gateway says it is for.
    pub payment: Option<PaymentId>,
    pub currency: Currency,
    /// All that the attempt has brought.
    pub amount_minor: i64,
    /// Of it, what was given, kept, or has reached its payer again.
    #[serde(default, skip_serializing_if = "crate::order::is_zero")]
    pub settled_minor: i64,
    pub why: SuspenseReason,
    pub came_at: Millis,
    /// Its ways back, each with a number of its own; the newest last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refunds: Vec<SuspenseRefund>,
    /// It waits for somebody to decide.
    pub needs_person: bool,
    pub state: SuspenseState,
}

/// Why it is not a payment of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SuspenseReason {
    UnknownPayment,
    OtherCurrency,
    /// It came to a merchant account that is not, or no longer, ours.
    OtherAccount,
}

/// A way back to the payer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SuspenseRefund {
    pub id: RefundId,
    pub amount_minor: i64,
    /// Of an amount that was paid, what had been settled otherwise by then.
    #[serde(default, skip_serializing_if = "crate::order::is_zero")]
    pub lost_minor: i64,
    pub requested_at: Millis,
    pub state: RefundState,
    pub theirs: Option<String>,
    /// The newest end of it that its gateway told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heard: Option<RefundEnd>,
    pub tries: u32,
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum SuspenseState {
    /// Its payment may still appear.
    Waiting {
        until: Millis,
    },
    /// A person decides.
    Open,
    Given {
        payment: PaymentId,
        at: Millis,
    },
    Refunding {
        since: Millis,
    },
    Refunded {
        at: Millis,
    },
    Kept {
        at: Millis,
        by: Actor,
        reason: String,
        proof: String,
    },
}

/// What has happened to money in suspense.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "event")]
pub enum SuspenseEvent {
    Suspended {
        item: Box<Suspense>,
    },
    /// The same attempt has brought more.
    Grew {
        more_minor: i64,
        at: Millis,
    },
    LeftToPerson {
        at: Millis,
    },
    Given {
        payment: PaymentId,
        at: Millis,
    },
    RefundRequested {
        refund: SuspenseRefund,
        at: Millis,
    },
    RefundTold {
        refund: RefundId,
        state: RefundState,
        theirs: Option<String>,
        at: Millis,
    },
    /// It has reached the payer. What was not there for it any more is lost.
    RefundPaid {
        refund: RefundId,
        theirs: Option<String>,
        lost_minor: i64,
        at: Millis,
    },
    /// A gateway told how it ended, later than whatever it had told before.
    RefundHeard {
        refund: RefundId,
        end: RefundEnd,
    },
    RefundLookedFor {
        refund: RefundId,
        look_at: Millis,
        at: Millis,
    },
    /// The same refund, by the same number, is asked for once more.
    RefundAskedAgain {
        refund: RefundId,
        at: Millis,
    },
    /// The bank gave it back to us.
    RefundReturned {
        refund: RefundId,
        reason: String,
        lost_minor: i64,
        at: Millis,
    },
    Kept {
        amount_minor: i64,
        at: Millis,
        by: Actor,
        reason: String,
        proof: String,
    },
}

impl SuspenseReason {
    pub fn word(self) -> &'static str {
        match self {
            Self::UnknownPayment => "unknown_payment",
            Self::OtherCurrency => "other_currency",
            Self::OtherAccount => "other_account",
        }
    }

    /// The verdict on the fact.
    pub fn verdict(self) -> &'static str {
        match self {
            Self::UnknownPayment => "suspense_unknown_payment",
            Self::OtherCurrency => "suspense_currency",
            Self::OtherAccount => "suspense_account",
        }
    }
}

impl SuspenseState {
    /// The name of the state.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Waiting { .. } => "waiting",
            Self::Open => "open",
            Self::Given { .. } => "given",
            Self::Refunding { .. } => "refunding",
            Self::Refunded { .. } => "refunded",
            Self::Kept { .. } => "kept",
        }
    }

    /// The money is still ours to decide on.
    pub fn is_undecided(&self) -> bool {
        matches!(self, Self::Waiting { .. } | Self::Open)
    }
}

impl SuspenseRefund {
    /// Nobody knows yet whether it reaches the payer.
    fn is_under_way(&self) -> bool {
        match self.state {
            RefundState::Requested
            | RefundState::Accepted { .. }
            | RefundState::Undecided { .. } => true,
            RefundState::Succeeded { .. }
            | RefundState::Failed { .. }
            | RefundState::Replaced { .. }
            | RefundState::PaidOtherwise { .. } => false,
        }
    }
}

impl Suspense {
    pub fn is_given(&self) -> bool {
        matches!(self.state, SuspenseState::Given { .. })
    }

    /// Its payment may appear by itself.
    pub fn may_match(&self) -> bool {
        let whole = self.settled_minor == 0;
        whole && self.state.is_undecided() && self.why == SuspenseReason::UnknownPayment
    }

    /// What nobody has decided on, or is on its way back.
    pub fn open_minor(&self) -> i64 {
        self.amount_minor - self.settled_minor
    }

    pub fn refund(&self, id: &RefundId) -> Option<&SuspenseRefund> {
        self.refunds.iter().find(|refund| refund.id == *id)
    }

    /// The number of its way back that a gateway speaks of, if it is one of its own.
    pub(crate) fn number_of(&self, told: &RefundRef) -> Option<RefundId> {
        let by_ours = |r: &&SuspenseRefund| told.ours.as_ref() == Some(&r.id);
        let by_theirs = |r: &&SuspenseRefund| r.theirs.as_ref() == Some(&told.theirs);
        let found = self.refunds.iter().find(by_ours);
        found.or_else(|| self.refunds.iter().find(by_theirs)).map(|refund| refund.id.clone())
    }

    /// Its newest way back waits for a person.
    pub fn refund_is_undecided(&self) -> bool {
        let newest = self.refunds.last().map(|refund| &refund.state);
        matches!(newest, Some(RefundState::Undecided { .. }))
    }

    /// The table of transitions: which steps a state allows. Of what was settled in part, only the
    /// rest can go: a payment gets all that an attempt has brought, or nothing.
    pub fn allowed_actions(&self) -> Vec<Action> {
        match self.state {
            SuspenseState::Waiting { .. } | SuspenseState::Open if self.settled_minor > 0 => {
                vec![Action::Refund, Action::Keep]
            }
            SuspenseState::Waiting { .. } | SuspenseState::Open => {
                vec![Action::GiveToPayment, Action::Refund, Action::Keep]
            }
            SuspenseState::Refunding { .. } if self.refund_is_undecided() => vec![Action::Refund],
            SuspenseState::Refunding { .. }
            | SuspenseState::Given { .. }
            | SuspenseState::Refunded { .. }
            | SuspenseState::Kept { .. } => Vec::new(),
        }
    }

    pub fn deadline(&self) -> Option<Millis> {
        if let SuspenseState::Waiting { until } = self.state { Some(until) } else { None }
    }

    pub fn is_final(&self) -> bool {
        match self.state {
            SuspenseState::Given { .. }
            | SuspenseState::Refunded { .. }
            | SuspenseState::Kept { .. } => true,
            SuspenseState::Waiting { .. }
            | SuspenseState::Open
            | SuspenseState::Refunding { .. } => false,
        }
    }
}
