//! A payment: what must be paid for a purchase, and what became of every attempt to.
//!
//! Gateways repeat, reorder and contradict themselves. So the state is derived: attempts only
//! remember the most that each of them brought, refunds how far each has come, and everything else
//! is read off these two. The gateways' own words are kept as facts beside it, never in it.

mod decide;
mod evolve;
mod hold;
mod refunds;
mod remind;
mod reprice;

pub use decide::*;
pub use refunds::*;
pub use remind::remind_unpaid;
pub(crate) use reprice::{lower_due, settle_collected};

use crate::{
    BuyerId, CarrierCode, CaseId, Currency, GatewayName, MethodName, Millis, Money, OrderId,
    PaymentId, PurchaseId, RefundId, Waybill,
};
use serde::{Deserialize, Serialize};

/// What must be paid for a purchase.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payment {
    pub id: PaymentId,
    pub purchase: PurchaseId,
    pub buyer: BuyerId,
    pub currency: Currency,
    /// The gateway the buyer chose.
    pub gateway: GatewayName,
    /// The way to pay within the gateway, where the buyer chose one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<MethodName>,
    pub shares: Vec<Share>,
    pub attempts: Vec<Attempt>,
    pub refunds: Vec<Refund>,
    pub life: PaymentLife,
    /// By how much its deadline moves once a payment has started; nothing after that.
    #[serde(default, skip_serializing_if = "is_nothing")]
    pub extend_ms: i64,
    pub created_at: Millis,
}

fn is_nothing(ms: &i64) -> bool {
    *ms == 0
}

/// One order's part of a payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    pub order: OrderId,
    pub due_minor: i64,
    /// Money that came for it.
    pub applied_minor: i64,
}

/// Whether money is still wanted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum PaymentLife {
    Open {
        until: Millis,
    },
    /// The courier is paid when the goods come.
    OnDelivery,
    /// All of it came; the orders were confirmed.
    Complete {
        at: Millis,
    },
    /// Nobody wants it any more: money that still comes goes back.
    Closed {
        at: Millis,
    },
}

/// One try to pay, by the gateway's reference. It remembers the most that it ever brought.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    pub gateway: GatewayName,
    pub reference: String,
    pub authorised_minor: i64,
    pub captured_minor: i64,
    /// The newest failure, and when by the gateway's clock.
    pub failure: Option<(Millis, String)>,
    pub closed: bool,
    /// The newest fact, by the gateway's clock.
    pub newest: Millis,
    /// Under dispute at the bank.
    pub disputed: bool,
}

/// Money on its way back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refund {
    pub id: RefundId,
    pub of: RefundOf,
    pub gateway: GatewayName,
    /// The attempt that brought the money.
    pub reference: String,
    pub amount_minor: i64,
    pub requested_at: Millis,
    pub state: RefundState,
    /// The gateway's id of it, once it gave one.
    pub theirs: Option<String>,
}

/// What is given back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "what")]
pub enum RefundOf {
    /// Part of a paid order, for a case where there is one.
    Order { order: OrderId, case: Option<CaseId> },
    /// Part of a payment that was never complete.
    Share { order: OrderId },
    /// More than was due.
    Excess,
}

/// How far a refund has come. Accepted is not refunded, and refunded can still come back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum RefundState {
    Requested,
    Accepted,
    Succeeded { at: Millis },
    Failed { at: Millis, reason: String },
}

/// What a payment amounts to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaymentStatus {
    Awaiting,
    Authorised,
    PartlyPaid,
    Paid,
    Overpaid,
    PartlyRefunded,
    Refunded,
    Failed,
    Expired,
}

/// What has happened to a payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "event")]
pub enum PaymentEvent {
    Opened {
        payment: Box<Payment>,
    },
    /// An attempt is now known to be so.
    AttemptTold {
        attempt: Attempt,
    },
    /// Money came: some for orders, the rest is more than was due.
    Received {
        gateway: GatewayName,
        applied: Vec<(OrderId, i64)>,
        excess_minor: i64,
        at: Millis,
    },
    /// The buyer has paid the courier for a parcel.
    CashCollected {
        order: OrderId,
        carrier: CarrierCode,
        waybill: Waybill,
        amount_minor: i64,
        at: Millis,
    },
    /// Units of an order were cancelled before they were paid for.
    DueLowered {
        order: OrderId,
        by_minor: i64,
        at: Millis,
    },
    Completed {
        at: Millis,
    },
    /// A payment was started: its goods are held until then, and no longer.
    Extended {
        until: Millis,
    },
    Closed {
        at: Millis,
    },
    RefundRequested {
        refund: Refund,
    },
    RefundAccepted {
        refund: RefundId,
        theirs: Option<String>,
    },
    RefundSucceeded {
        refund: RefundId,
        theirs: Option<String>,
        at: Millis,
    },
    RefundFailed {
        refund: RefundId,
        reason: String,
        at: Millis,
    },
    /// It had succeeded, and the bank gave the money back to us.
    RefundReturned {
        refund: RefundId,
        reason: String,
        at: Millis,
    },
    /// Money came that is not ours to keep or give back: a person decides.
    Suspended {
        gateway: GatewayName,
        amount: Money,
        at: Millis,
    },
}

impl Payment {
    pub fn due_minor(&self) -> i64 {
        self.shares.iter().map(|s| s.due_minor).sum()
    }

    pub fn applied_minor(&self) -> i64 {
        self.shares.iter().map(|s| s.applied_minor).sum()
    }

    pub fn captured_minor(&self) -> i64 {
        self.attempts.iter().map(|a| a.captured_minor).sum()
    }

    /// Given back, being given back, or wanted back and not refused for good.
    pub fn refunds_minor(&self) -> i64 {
        self.refunds.iter().map(|r| r.amount_minor).sum()
    }

    fn refunded_minor(&self) -> i64 {
        let done = |r: &&Refund| matches!(r.state, RefundState::Succeeded { .. });
        self.refunds.iter().filter(done).map(|r| r.amount_minor).sum()
    }

    /// What may still be given back.
    pub fn refundable_minor(&self) -> i64 {
        self.captured_minor() - self.refunds_minor()
    }

    /// What may still be given back of one attempt.
    pub(crate) fn refundable_of(&self, attempt: &Attempt) -> i64 {
        let of = |r: &&Refund| r.reference == attempt.reference && r.gateway == attempt.gateway;
        let gone: i64 = self.refunds.iter().filter(of).map(|r| r.amount_minor).sum();
        attempt.captured_minor - gone
    }

    pub fn attempt(&self, gateway: &GatewayName, reference: &str) -> Option<&Attempt> {
        self.attempts.iter().find(|a| a.gateway == *gateway && a.reference == reference)
    }

    pub fn refund(&self, id: &RefundId) -> Option<&Refund> {
        self.refunds.iter().find(|r| r.id == *id)
    }

    /// Read off attempts, refunds and deadline.
    pub fn status(&self) -> PaymentStatus {
        let (captured, due) = (self.captured_minor(), self.due_minor());
        let (asked, refunded) = (self.refunds_minor(), self.refunded_minor());
        match self.life {
            _ if captured > 0 && refunded >= captured => PaymentStatus::Refunded,
            _ if refunded > 0 => PaymentStatus::PartlyRefunded,
            _ if captured - asked > due => PaymentStatus::Overpaid,
            PaymentLife::Complete { .. } => PaymentStatus::Paid,
            _ if captured > 0 => PaymentStatus::PartlyPaid,
            PaymentLife::Closed { .. } => PaymentStatus::Expired,
            PaymentLife::OnDelivery => PaymentStatus::Awaiting,
            PaymentLife::Open { .. } => {
                let authorised = |a: &Attempt| a.authorised_minor >= due && !a.closed;
                if self.attempts.iter().any(authorised) {
                    PaymentStatus::Authorised
                } else if self.attempts.last().is_some_and(|a| a.failure.is_some()) {
                    PaymentStatus::Failed
                } else {
                    PaymentStatus::Awaiting
                }
            }
        }
    }
}
