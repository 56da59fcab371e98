//! Money in suspense (挂账): it came, and nothing explains it. It belongs to nobody's order, so it
//! is kept apart until its payment appears or a person decides: give it to a payment, send it back,
//! or keep it with a reason and a proof.
//!
//! There is one item for each attempt at a gateway, however often and under however many event ids
//! the gateway tells of it.

mod decide;
pub use decide::*;

use crate::{
    Account, Action, Actor, Currency, Document, Effect, GatewayName, GatewayOrder, Message, Millis,
    Money, PaymentId, Posting, PostingKind, Recipient, RefundEnd, RefundId, RefundOrder,
    RefundState, RefundedFrom, SuspenseId, TimerKind,
};
use serde::{Deserialize, Serialize};

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
    pub why: SuspenseReason,
    pub came_at: Millis,
    pub refund: Option<SuspenseRefund>,
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

/// Its way back to the payer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SuspenseRefund {
    pub id: RefundId,
    pub amount_minor: i64,
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
        state: RefundState,
        theirs: Option<String>,
        at: Millis,
    },
    /// A gateway told how it ended, later than whatever it had told before.
    RefundHeard {
        end: RefundEnd,
    },
    RefundLookedFor {
        look_at: Millis,
        at: Millis,
    },
    /// The same refund, by the same number, is asked for once more.
    RefundAskedAgain {
        at: Millis,
    },
    /// The bank gave it back to us.
    RefundReturned {
        reason: String,
        at: Millis,
    },
    Kept {
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

impl Suspense {
    pub fn is_given(&self) -> bool {
        matches!(self.state, SuspenseState::Given { .. })
    }

    /// Its payment may appear by itself.
    pub fn may_match(&self) -> bool {
        self.state.is_undecided() && self.why == SuspenseReason::UnknownPayment
    }

    /// Whether its way back has this number.
    pub fn refunds(&self, id: &RefundId) -> bool {
        self.refund.as_ref().is_some_and(|refund| refund.id == *id)
    }

    /// The table of transitions: which steps a state allows.
    pub fn allowed_actions(&self) -> Vec<Action> {
        let undecided = |r: &SuspenseRefund| matches!(r.state, RefundState::Undecided { .. });
        match self.state {
            SuspenseState::Waiting { .. } | SuspenseState::Open => {
                vec![Action::GiveToPayment, Action::Refund, Action::Keep]
            }
            SuspenseState::Refunding { .. } if self.refund.as_ref().is_some_and(undecided) => {
                vec![Action::Refund]
            }
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

impl Document for Suspense {
    type Event = SuspenseEvent;
    const KIND: &'static str = "suspense";

    fn id(&self) -> &str {
        self.id.as_str()
    }

    fn begin(event: &SuspenseEvent) -> Option<Self> {
        if let SuspenseEvent::Suspended { item } = event { Some((**item).clone()) } else { None }
    }

    fn evolve(&mut self, event: &SuspenseEvent) {
        match event {
            SuspenseEvent::Suspended { item } => self.clone_from(item),
            SuspenseEvent::Grew { more_minor, .. } => self.amount_minor += more_minor,
            SuspenseEvent::LeftToPerson { .. } => self.state = SuspenseState::Open,
            SuspenseEvent::Given { payment, at } => {
                self.state = SuspenseState::Given { payment: payment.clone(), at: *at };
            }
            SuspenseEvent::RefundRequested { refund, at } => {
                self.refund = Some(refund.clone());
                self.state = SuspenseState::Refunding { since: *at };
            }
            SuspenseEvent::RefundTold { state, theirs, at } => {
                self.refund_is(state.clone(), theirs.clone());
                self.state = match state {
                    RefundState::Succeeded { .. } => SuspenseState::Refunded { at: *at },
                    RefundState::Failed { .. } => SuspenseState::Open,
                    RefundState::Requested
                    | RefundState::Accepted { .. }
                    | RefundState::Undecided { .. }
                    | RefundState::Replaced { .. }
                    | RefundState::PaidOtherwise { .. } => return,
                };
            }
            SuspenseEvent::RefundHeard { end } => {
                if let Some(refund) = &mut self.refund {
                    refund.heard = Some(*end);
                }
            }
            SuspenseEvent::RefundLookedFor { look_at, .. } => {
                self.refund_is(RefundState::Accepted { look_at: *look_at }, None);
            }
            SuspenseEvent::RefundAskedAgain { .. } => {
                self.refund_is(RefundState::Requested, None);
                if let Some(refund) = &mut self.refund {
                    refund.tries += 1;
                }
            }
            SuspenseEvent::RefundReturned { reason, at } => {
                let (at, reason) = (*at, reason.clone());
                self.refund_is(RefundState::Failed { at, reason, again_at: None }, None);
                self.state = SuspenseState::Open;
            }
            SuspenseEvent::Kept { at, by, reason, proof } => {
                let (by, reason, proof) = (by.clone(), reason.clone(), proof.clone());
                self.state = SuspenseState::Kept { at: *at, by, reason, proof };
            }
        }
    }

    fn react(&self, event: &SuspenseEvent) -> Vec<Effect> {
        match event {
            SuspenseEvent::Suspended { item } => self.came(item.amount_minor, item.came_at),
            SuspenseEvent::Grew { more_minor, at } => self.came(*more_minor, *at),
            SuspenseEvent::LeftToPerson { .. } | SuspenseEvent::RefundHeard { .. } => Vec::new(),
            SuspenseEvent::Given { at, .. } => {
                let gateway = Account::Gateway(self.gateway.clone());
                self.goes(gateway, self.amount_minor, *at)
            }
            SuspenseEvent::RefundRequested { refund, .. } => {
                let mut effects = self.ask(refund.id.as_str(), GatewayOrder::Refund);
                effects.push(self.clear(TimerKind::Unmatched));
                effects
            }
            SuspenseEvent::RefundTold { state, at, .. } => match (state, &self.refund) {
                (RefundState::Succeeded { .. }, Some(refund)) => {
                    let gateway = Account::Gateway(self.gateway.clone());
                    self.goes(gateway, refund.amount_minor, *at)
                }
                (RefundState::Accepted { look_at }, _) => vec![self.set_look(*look_at)],
                (_, _) => Vec::new(),
            },
            SuspenseEvent::RefundLookedFor { look_at, at } => {
                let refund = self.refund.as_ref().map(|r| r.id.to_string()).unwrap_or_default();
                let id = format!("{refund}:look:{}", at.0);
                let mut effects = self.ask(&id, GatewayOrder::FindRefund);
                effects.push(self.set_look(*look_at));
                effects
            }
            SuspenseEvent::RefundAskedAgain { .. } => {
                let refund = self.refund.as_ref().map(|r| format!("{}:{}", r.id, r.tries));
                let again = |order| GatewayOrder::Refund(RefundOrder { look_first: true, ..order });
                self.ask(&refund.unwrap_or_default(), again)
            }
            SuspenseEvent::RefundReturned { at, .. } => {
                let amount = self.refund.as_ref().map_or(0, |r| r.amount_minor);
                self.came(amount, *at)
            }
            SuspenseEvent::Kept { at, .. } => self.goes(Account::Sundry, self.amount_minor, *at),
        }
    }
}

impl Suspense {
    fn refund_is(&mut self, state: RefundState, theirs: Option<String>) {
        if let Some(refund) = &mut self.refund {
            refund.state = state;
            refund.theirs = theirs.or(refund.theirs.take());
        }
    }

    /// What the ledger says it is about: the payment that it claims to be for, or itself.
    fn subject(&self) -> &str {
        self.payment.as_ref().map_or(self.id.as_str(), PaymentId::as_str)
    }

    fn came(&self, amount_minor: i64, at: Millis) -> Vec<Effect> {
        let head = (PostingKind::Suspense, self.currency, at);
        let from = vec![(Account::Suspense(self.gateway.clone()), amount_minor)];
        let to = Account::Gateway(self.gateway.clone());
        let posted = Posting::debit(head, self.subject(), to, from).map(Effect::Post);
        let waits = if let SuspenseState::Waiting { until } = self.state {
            Some(self.set(TimerKind::Unmatched, until.min(at.plus(MATCH_EVERY_MS))))
        } else {
            None
        };
        posted.into_iter().chain(waits).collect()
    }

    fn goes(&self, to: Account, amount_minor: i64, at: Millis) -> Vec<Effect> {
        let head = (PostingKind::Suspense, self.currency, at);
        let from = vec![(to, amount_minor)];
        let suspense = Account::Suspense(self.gateway.clone());
        let posted = Posting::debit(head, self.subject(), suspense, from).map(Effect::Post);
        posted.into_iter().chain([self.clear(TimerKind::Unmatched)]).collect()
    }

    fn ask(&self, id: &str, what: impl Fn(RefundOrder) -> GatewayOrder) -> Vec<Effect> {
        let order = self.refund.as_ref().map(|refund| RefundOrder {
            refund: refund.id.clone(),
            from: RefundedFrom::Suspense(self.id.clone()),
            gateway: self.gateway.clone(),
            reference: self.reference.clone(),
            amount: Money::new(refund.amount_minor, self.currency),
            captured: Money::new(self.amount_minor, self.currency),
            look_first: false,
        });
        let send = |order| {
            let to = Recipient::Gateway { order: what(order) };
            Effect::Send(Message { id: id.to_owned(), to })
        };
        order.map(send).into_iter().collect()
    }

    fn set_look(&self, due: Millis) -> Effect {
        self.set(TimerKind::RefundsDue, due)
    }

    fn set(&self, kind: TimerKind, due: Millis) -> Effect {
        Effect::SetTimer { kind, subject: self.id.to_string(), due }
    }

    fn clear(&self, kind: TimerKind) -> Effect {
        Effect::ClearTimer { kind, subject: self.id.to_string() }
    }
}
