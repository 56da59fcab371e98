//! Exceptions on the way (异常件): what went wrong with a parcel, who looks after it and by when,
//! and how it ended.
//!
//! A parcel has at most one open exception of a kind. Carriers' scans and the clock open them, and
//! so do people; a later scan closes those that it explains. What units and money do follows from
//! the outcome, in the same commit.

mod claim;
mod desk;
mod event;
mod give_up;
mod intercept;
mod policy;
mod promise;
mod trouble;
mod watch;

pub use claim::*;
pub use desk::*;
pub use event::*;
pub use give_up::*;
pub use intercept::*;
pub use policy::*;
pub use promise::*;
pub use trouble::*;
pub use watch::*;

use crate::order::is_false;
use crate::{
    Action, Actor, BuyerId, CarrierCode, CaseId, Currency, ExceptionId, Liability, MerchantId,
    Millis, OrderId, OrderNumber, ParcelId, TrackingStep, WarehouseId, Waybill,
};
use serde::{Deserialize, Serialize};

/// Something that went wrong with a parcel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exception {
    pub id: ExceptionId,
    pub kind: Trouble,
    pub parcel: ParcelId,
    pub carrier: CarrierCode,
    pub waybill: Waybill,
    pub warehouse: WarehouseId,
    pub order: OrderId,
    pub number: OrderNumber,
    pub merchant: MerchantId,
    pub buyer: BuyerId,
    pub currency: Currency,
    /// Time of the scan that it comes from; for silence, of the last scan before it.
    pub since: Millis,
    pub opened_at: Millis,
    pub opened_by: Actor,
    pub state: ExceptionState,
    /// By when somebody has to have decided, or it is escalated.
    pub deadline: Millis,
    pub priority: Priority,
    /// Who looks after it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<Actor>,
    /// The newest ones; all are in its history.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<Note>,
    /// The parcel is not waited for any more: its units were paid back or are sent again.
    #[serde(default, skip_serializing_if = "is_false")]
    pub given_up: bool,
    /// When it was delivered although it had been given up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub turned_up_at: Option<Millis>,
    /// The carrier could not stop it.
    #[serde(default, skip_serializing_if = "is_false")]
    pub unstoppable: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claim: Option<Claim>,
    /// The platform has paid its merchant for the goods: what a carrier pays is the platform's.
    #[serde(default, skip_serializing_if = "is_false")]
    pub compensated: bool,
}

/// What somebody wrote about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    pub at: Millis,
    pub by: Actor,
    pub text: String,
}

/// Where an exception stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum ExceptionState {
    Open,
    /// Somebody decided to do nothing until then.
    Waiting {
        until: Millis,
    },
    /// The carrier was asked to bring the parcel back (拦截).
    Intercepting {
        since: Millis,
        by: Actor,
    },
    Resolved {
        at: Millis,
        by: Actor,
        outcome: Outcome,
    },
}

/// How an exception ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "as")]
pub enum Outcome {
    /// A later scan explains it.
    Explained { by: TrackingStep },
    /// The parcel is in the warehouse again.
    CameBack,
    /// Somebody saw that there is nothing to do.
    Dismissed,
    /// Another exception of the same parcel decided what becomes of it.
    Superseded { by: ExceptionId },
    /// Its units are sent once more. Amounts in minor units: what was lost with them.
    SentAgain { loss_minor: i64, borne_by: Bearer },
    /// Its units were paid back, or are not asked for any more.
    PaidBack {
        loss_minor: i64,
        borne_by: Bearer,
        /// They were to be sent again, and there were none left.
        #[serde(default, skip_serializing_if = "is_false")]
        out_of_stock: bool,
    },
    /// The buyer has it although it had been given up, and keeps it.
    Kept,
    /// It could not be stopped; the buyer's wish goes on as that case.
    NotIntercepted { case: Option<CaseId> },
}

/// Who bears what was lost with a parcel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bearer {
    Merchant,
    Platform,
    /// It is claimed from the carrier.
    Carrier,
}

impl From<Liability> for Bearer {
    fn from(liability: Liability) -> Self {
        match liability {
            Liability::Merchant => Self::Merchant,
            Liability::Platform => Self::Platform,
        }
    }
}

/// How much it presses. An exception that nobody decides in time gets the next one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    Normal,
    High,
    Urgent,
}

impl Priority {
    /// The next one; none above the highest.
    pub fn next(self) -> Option<Self> {
        match self {
            Self::Normal => Some(Self::High),
            Self::High => Some(Self::Urgent),
            Self::Urgent => None,
        }
    }
}

impl Outcome {
    pub fn word(&self) -> &'static str {
        match self {
            Self::Explained { .. } => "explained",
            Self::CameBack => "came_back",
            Self::Dismissed => "dismissed",
            Self::Superseded { .. } => "superseded",
            Self::SentAgain { .. } => "sent_again",
            Self::PaidBack { .. } => "paid_back",
            Self::Kept => "kept",
            Self::NotIntercepted { .. } => "not_intercepted",
        }
    }
}

impl ExceptionState {
    /// The name of the state.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Waiting { .. } => "waiting",
            Self::Intercepting { .. } => "intercepting",
            Self::Resolved { .. } => "resolved",
        }
    }

    pub fn is_resolved(&self) -> bool {
        matches!(self, Self::Resolved { .. })
    }
}

impl Exception {
    pub fn is_open(&self) -> bool {
        !self.state.is_resolved()
    }

    /// A buyer's wish to have it stopped, which is open.
    pub fn wants_it_back(&self) -> bool {
        let for_buyer = matches!(self.opened_by, Actor::Buyer(_) | Actor::Support(_));
        self.is_open() && self.kind == Trouble::Intercept && for_buyer
    }

    /// What may be done with it now, by those who may.
    pub fn allowed_actions(&self) -> Vec<Action> {
        let mut allowed = match (&self.state, self.given_up) {
            (ExceptionState::Resolved { .. }, _) => Vec::new(),
            (ExceptionState::Open | ExceptionState::Waiting { .. }, false) => vec![
                Action::Assign,
                Action::Note,
                Action::Wait,
                Action::Intercept,
                Action::SendAgain,
                Action::Refund,
                Action::Dismiss,
            ],
            (ExceptionState::Intercepting { .. }, false) => vec![
                Action::Assign,
                Action::Note,
                Action::NotIntercepted,
                Action::SendAgain,
                Action::Refund,
            ],
            (ExceptionState::Open | ExceptionState::Waiting { .. }, true) => {
                vec![Action::Assign, Action::Note, Action::Wait, Action::Intercept, Action::Keep]
            }
            (ExceptionState::Intercepting { .. }, true) => {
                vec![Action::Assign, Action::Note, Action::NotIntercepted, Action::Keep]
            }
        };
        allowed.extend(match &self.claim {
            None => vec![Action::Claim],
            Some(claim) => claim.state.allows().to_vec(),
        });
        allowed
    }

    /// Nothing will happen to it any more, unless a parcel turns up that had been given up.
    pub fn is_final(&self) -> bool {
        self.state.is_resolved() && self.claim.as_ref().is_none_or(|c| c.state.allows().is_empty())
    }

    /// When something happens to it by itself.
    pub fn due(&self) -> Option<Millis> {
        match &self.state {
            ExceptionState::Open | ExceptionState::Intercepting { .. } => Some(self.deadline),
            ExceptionState::Waiting { until } => Some(*until),
            ExceptionState::Resolved { .. } => None,
        }
    }
}
