//! A payment: what must be paid for a purchase, and what became of every attempt to.
//!
//! Gateways repeat, reorder and contradict themselves. So the state is derived: attempts only
//! remember the most that each of them brought, refunds how far each has come, and everything else
//! is read off these two. The gateways' own words are kept as facts beside it, never in it.

mod amounts;
mod decide;
mod dispute;
mod evolve;
mod heard;
mod hold;
mod postings;
mod recheck;
mod refunds;
mod remind;
mod reprice;
mod revive;
mod verdict;

pub use decide::*;
pub use dispute::*;
pub use heard::RefundEnd;
pub use recheck::*;
pub use refunds::*;
pub use remind::remind_unpaid;
pub(crate) use reprice::{lower_due, settle_collected};
pub use verdict::*;

use crate::{
    Actor, BuyerId, CarrierCode, CaseId, Currency, GatewayName, MethodName, Millis, OrderId,
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
    pub disputes: Vec<Dispute>,
    pub life: PaymentLife,
    /// By how much its deadline moves once a payment has started; nothing after that.
    #[serde(default, skip_serializing_if = "is_nothing")]
    pub extend_ms: i64,
    pub created_at: Millis,
    /// When its gateway is asked, if nothing final was heard by then; nothing once it was.
    pub recheck_at: Option<Millis>,
    /// A refund waits for somebody to decide.
    pub needs_person: bool,
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
    /// The newest end of it that its gateway told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heard: Option<RefundEnd>,
    /// How often it was begun: 1 for the first time.
    pub tries: u32,
    /// The failed refund whose place it took.
    pub replaces: Option<RefundId>,
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
    Accepted {
        /// If nothing was heard by then, the gateway is asked.
        look_at: Millis,
    },
    Succeeded {
        at: Millis,
    },
    /// The gateway said no, or the bank gave the money back to us.
    Failed {
        at: Millis,
        reason: String,
        /// When it is tried again by itself; without it, a person decides.
        again_at: Option<Millis>,
    },
    /// The gateway gave no answer for so long that it is not known whether it paid.
    Undecided {
        at: Millis,
        reason: String,
    },
    /// Another refund, with a number of its own, took its place.
    Replaced {
        by: RefundId,
        /// The gateway paid it all the same.
        twice: bool,
    },
    /// The buyer has the money by another way than this gateway's refund.
    PaidOtherwise {
        at: Millis,
        how: PaidHow,
        /// The gateway paid it all the same.
        twice: bool,
    },
}

/// How else a buyer got what a refund owed them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "by")]
pub enum PaidHow {
    /// A person sent it from the platform's own account.
    Bank {
        /// The bank's reference of the transfer.
        reference: String,
        /// Where the proof is, and what it shows.
        proof: String,
        who: Actor,
    },
    /// The buyer's bank took it in a dispute.
    Chargeback { dispute: String },
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
        /// Of an attempt of which a bank took more than it had brought, what makes up for that.
        #[serde(default, skip_serializing_if = "crate::order::is_zero")]
        recovered_minor: i64,
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
    /// A parcel for which that was said is back with us: nobody has paid.
    CollectionReversed {
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
        look_at: Millis,
    },
    /// A gateway told how it ended, later than whatever it had told before.
    RefundHeard {
        refund: RefundId,
        end: RefundEnd,
    },
    /// Nothing was heard of an accepted refund: the gateway is asked how it stands.
    RefundLookedFor {
        refund: RefundId,
        at: Millis,
        look_at: Millis,
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
        #[serde(default, skip_serializing_if = "Option::is_none")]
        again_at: Option<Millis>,
    },
    /// It had succeeded, and the bank gave the money back to us.
    RefundReturned {
        refund: RefundId,
        reason: String,
        at: Millis,
        again_at: Option<Millis>,
    },
    RefundUndecided {
        refund: RefundId,
        reason: String,
        at: Millis,
    },
    /// The same refund, by the same number, is asked for once more.
    RefundAskedAgain {
        refund: RefundId,
        at: Millis,
    },
    RefundReplaced {
        refund: RefundId,
        by: RefundId,
    },
    RefundPaidOtherwise {
        refund: RefundId,
        how: PaidHow,
        at: Millis,
    },
    /// The gateway paid a refund that the buyer had got another way.
    RefundPaidTwice {
        refund: RefundId,
        at: Millis,
    },
    /// Gateways are asked what became of it.
    RecheckAsked {
        at: Millis,
    },
    /// Money came after the deadline, and what was ordered is still there.
    Reopened {
        at: Millis,
    },
    DisputeOpened {
        dispute: Dispute,
    },
    DisputeWon {
        dispute: String,
        at: Millis,
    },
    /// The bank took the money; each part is an account that bears it.
    DisputeLost {
        dispute: String,
        borne_by: Vec<Borne>,
        at: Millis,
    },
}
