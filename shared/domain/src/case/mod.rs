//! An after-sale case: from the buyer's request to the money.
//!
//! Two ways in this file's siblings: money back for what was not sent yet, and goods back for
//! money. What only exists after a step is only in the states after it.

mod decide;
pub use decide::*;

use crate::order::{Pick, Returned};
use crate::{
    Action, BuyerId, CarrierCode, CaseId, Currency, Document, Effect, MerchantId, Milestone,
    Millis, OrderId, PaymentId, TimerKind, Waybill, tell_buyer,
};
use serde::{Deserialize, Serialize};

/// An after-sale request and its life.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Case {
    pub id: CaseId,
    pub order: OrderId,
    pub payment: PaymentId,
    pub merchant: MerchantId,
    pub buyer: BuyerId,
    pub currency: Currency,
    pub kind: CaseKind,
    pub picks: Vec<Pick>,
    pub reason: CaseReason,
    pub description: Option<String>,
    pub opened_at: Millis,
    pub state: CaseState,
}

/// What the buyer wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CaseKind {
    /// Money back, nothing to send back (仅退款).
    RefundOnly,
    /// Goods back for money (退货退款).
    ReturnAndRefund,
}

/// Why. The catalogue of reasons.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CaseReason {
    ChangedMind,
    NotAsDescribed,
    Damaged,
    WrongItem,
    MissingParts,
    LateDelivery,
    Quality,
    Other,
}

/// Where the case stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum CaseState {
    UnderReview {
        until: Millis,
    },
    AwaitingReturn {
        until: Millis,
        address: String,
    },
    Returning {
        carrier: CarrierCode,
        waybill: Waybill,
        since: Millis,
    },
    Refunding {
        amount_minor: i64,
        since: Millis,
    },
    Refunded {
        amount_minor: i64,
        at: Millis,
    },
    Rejected {
        reason: String,
        at: Millis,
    },
    Withdrawn {
        at: Millis,
    },
    /// The goods did not come in time.
    Lapsed {
        at: Millis,
    },
}

/// What has happened to a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "event")]
pub enum CaseEvent {
    Opened { case: Box<Case> },
    Approved { until: Millis, address: String },
    Rejected { reason: String, at: Millis },
    SentBack { carrier: CarrierCode, waybill: Waybill, at: Millis },
    Received { returned: Vec<Returned>, at: Millis },
    RefundStarted { amount_minor: i64, at: Millis },
    Refunded { amount_minor: i64, at: Millis },
    Withdrawn { at: Millis },
    Lapsed { at: Millis },
}

impl CaseState {
    /// The name of the state.
    pub fn word(&self) -> &'static str {
        match self {
            Self::UnderReview { .. } => "under_review",
            Self::AwaitingReturn { .. } => "awaiting_return",
            Self::Returning { .. } => "returning",
            Self::Refunding { .. } => "refunding",
            Self::Refunded { .. } => "refunded",
            Self::Rejected { .. } => "rejected",
            Self::Withdrawn { .. } => "withdrawn",
            Self::Lapsed { .. } => "lapsed",
        }
    }

    /// The table of transitions: which steps a state allows.
    pub fn allows(&self) -> &'static [Action] {
        match self {
            Self::UnderReview { .. } => &[Action::Approve, Action::Reject, Action::Withdraw],
            Self::AwaitingReturn { .. } => &[Action::SendBack, Action::Receive, Action::Withdraw],
            Self::Returning { .. } => &[Action::Receive],
            Self::Refunding { .. }
            | Self::Refunded { .. }
            | Self::Rejected { .. }
            | Self::Withdrawn { .. }
            | Self::Lapsed { .. } => &[],
        }
    }

    pub fn is_final(&self) -> bool {
        matches!(
            self,
            Self::Refunded { .. }
                | Self::Rejected { .. }
                | Self::Withdrawn { .. }
                | Self::Lapsed { .. }
        )
    }

    /// When the state ends by itself.
    pub fn deadline(&self) -> Option<Millis> {
        match self {
            Self::UnderReview { until } | Self::AwaitingReturn { until, .. } => Some(*until),
            Self::Returning { .. }
            | Self::Refunding { .. }
            | Self::Refunded { .. }
            | Self::Rejected { .. }
            | Self::Withdrawn { .. }
            | Self::Lapsed { .. } => None,
        }
    }
}

impl Case {
    /// The amount that is on its way to the buyer.
    pub fn refunding_minor(&self) -> Option<i64> {
        if let CaseState::Refunding { amount_minor, .. } = self.state {
            Some(amount_minor)
        } else {
            None
        }
    }

    /// Tells the buyer.
    fn news(&self, news: Milestone) -> Effect {
        tell_buyer(&self.buyer, &self.order, news, self.id.as_str())
    }

    fn timers_off(&self) -> [Effect; 2] {
        [self.clear(TimerKind::ReviewOverdue), self.clear(TimerKind::ReturnOverdue)]
    }

    fn set(&self, kind: TimerKind, due: Millis) -> Effect {
        Effect::SetTimer { kind, subject: self.id.to_string(), due }
    }

    fn clear(&self, kind: TimerKind) -> Effect {
        Effect::ClearTimer { kind, subject: self.id.to_string() }
    }
}

impl Document for Case {
    type Event = CaseEvent;
    const KIND: &'static str = "after_sales";

    fn read(json: &str) -> serde_json::Result<Self> {
        serde_json::from_str(json)
    }

    fn id(&self) -> &str {
        self.id.as_str()
    }

    fn begin(event: &CaseEvent) -> Option<Self> {
        if let CaseEvent::Opened { case } = event { Some((**case).clone()) } else { None }
    }

    fn evolve(&mut self, event: &CaseEvent) {
        self.state = match event {
            CaseEvent::Opened { case } => return self.clone_from(case),
            CaseEvent::Approved { until, address } => {
                CaseState::AwaitingReturn { until: *until, address: address.clone() }
            }
            CaseEvent::Rejected { reason, at } => {
                CaseState::Rejected { reason: reason.clone(), at: *at }
            }
            CaseEvent::SentBack { carrier, waybill, at } => {
                let (carrier, waybill) = (carrier.clone(), waybill.clone());
                CaseState::Returning { carrier, waybill, since: *at }
            }
            // What came is the order's to count; the case goes on with the money.
            CaseEvent::Received { .. } => return,
            CaseEvent::RefundStarted { amount_minor, at } => {
                CaseState::Refunding { amount_minor: *amount_minor, since: *at }
            }
            CaseEvent::Refunded { amount_minor, at } => {
                CaseState::Refunded { amount_minor: *amount_minor, at: *at }
            }
            CaseEvent::Withdrawn { at } => CaseState::Withdrawn { at: *at },
            CaseEvent::Lapsed { at } => CaseState::Lapsed { at: *at },
        };
    }

    fn react(&self, event: &CaseEvent) -> Vec<Effect> {
        match event {
            CaseEvent::Opened { .. } => {
                let due = self.state.deadline();
                let timer = due.map(|until| self.set(TimerKind::ReviewOverdue, until));
                // Money for what was not sent is granted at once, and that is told by itself.
                let reviewed = due.filter(|_| self.kind == CaseKind::ReturnAndRefund);
                let news = reviewed.map(|until| self.news(Milestone::CaseOpened { until }));
                timer.into_iter().chain(news).collect()
            }
            CaseEvent::Approved { until, address } => {
                let (address, until) = (address.clone(), *until);
                vec![
                    self.clear(TimerKind::ReviewOverdue),
                    self.set(TimerKind::ReturnOverdue, until),
                    self.news(Milestone::CaseApproved { address, until }),
                ]
            }
            CaseEvent::SentBack { .. } => vec![self.clear(TimerKind::ReturnOverdue)],
            CaseEvent::Rejected { reason, .. } => {
                let news = self.news(Milestone::CaseRejected { reason: reason.clone() });
                self.timers_off().into_iter().chain([news]).collect()
            }
            CaseEvent::Lapsed { .. } => {
                let news = self.news(Milestone::CaseLapsed);
                self.timers_off().into_iter().chain([news]).collect()
            }
            CaseEvent::RefundStarted { .. } | CaseEvent::Withdrawn { .. } => {
                self.timers_off().into()
            }
            CaseEvent::Received { .. } => vec![self.news(Milestone::CaseReceived)],
            CaseEvent::Refunded { .. } => Vec::new(),
        }
    }
}
