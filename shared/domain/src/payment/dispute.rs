//! Chargebacks: the buyer's bank doubts a charge, and takes the money back if it agrees.
//!
//! While a dispute is open the purchase's orders are not settled. Won, they go on. Lost, the money
//! is booked out of whoever bears it; a refund that the gateway refused because of the dispute has
//! reached the buyer by it. What a gateway withholds while a dispute is open is not booked.

use super::{
    PaidHow, Payment, PaymentEvent, PaymentSituation, Refund, RefundState, refunds::follow,
};
use crate::{
    Account, Change, GatewayName, Liability, Millis, Money, Order, OrderEvent, OrderState,
    PaymentFact, Settlement, Stored,
};
use serde::{Deserialize, Serialize};

/// A dispute about the money of one attempt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dispute {
    /// The gateway's id of it.
    pub id: String,
    pub gateway: GatewayName,
    pub reference: String,
    pub amount_minor: i64,
    pub opened_at: Millis,
    pub state: DisputeState,
}

/// How a dispute stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum DisputeState {
    Open,
    Won { at: Millis },
    Lost { at: Millis, taken_minor: i64 },
}

/// A part of a loss, and the account that it is taken from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Borne {
    pub account: Account,
    pub amount_minor: i64,
}

impl Dispute {
    pub fn is_open(&self) -> bool {
        matches!(self.state, DisputeState::Open)
    }

    /// What it took from the payment for good.
    pub fn taken_minor(&self) -> i64 {
        match self.state {
            DisputeState::Open | DisputeState::Won { .. } => 0,
            DisputeState::Lost { taken_minor, .. } => taken_minor,
        }
    }
}

/// What a gateway says of a dispute.
pub(super) enum DisputeNews {
    Opened,
    Closed { won: bool },
}

/// Takes over what a gateway says of a dispute. A dispute that is heard of only when it is closed
/// is opened and closed at once; one that is closed stays closed.
pub(super) fn dispute_told(
    change: &mut Change,
    payment: &mut Stored<Payment>,
    at: &mut PaymentSituation,
    (fact, id, amount): (&PaymentFact, &str, Money),
    news: &DisputeNews,
) -> &'static str {
    let known = payment.doc.disputes.iter().find(|d| d.id == id).map(Dispute::is_open);
    match (known, news) {
        (Some(_), DisputeNews::Opened) | (Some(false), DisputeNews::Closed { .. }) => {
            return "nothing_new";
        }
        (None, _) => open(change, payment, &mut at.orders, (fact, id, amount)),
        (Some(true), DisputeNews::Closed { .. }) => {}
    }
    match news {
        DisputeNews::Opened => "disputed",
        DisputeNews::Closed { won: true } => {
            let (dispute, now) = (id.to_owned(), change.at);
            change.record(payment, PaymentEvent::DisputeWon { dispute, at: now });
            release(change, &mut at.orders, id);
            "dispute_won"
        }
        DisputeNews::Closed { won: false } => {
            lose(change, payment, at, id);
            release(change, &mut at.orders, id);
            "dispute_lost"
        }
    }
}

/// A dispute in another currency is about all that the attempt brought.
fn open(
    change: &mut Change,
    payment: &mut Stored<Payment>,
    orders: &mut [Stored<Order>],
    (fact, id, amount): (&PaymentFact, &str, Money),
) {
    let attempt = payment.doc.attempt(&fact.gateway, &fact.reference);
    let brought = attempt.map_or(0, |a| a.captured_minor);
    let same = amount.currency == payment.doc.currency;
    let dispute = Dispute {
        id: id.to_owned(),
        gateway: fact.gateway.clone(),
        reference: fact.reference.clone(),
        amount_minor: if same { amount.minor } else { brought },
        opened_at: change.at,
        state: DisputeState::Open,
    };
    change.record(payment, PaymentEvent::DisputeOpened { dispute });
    for order in orders {
        change.record(order, OrderEvent::Disputed { dispute: id.to_owned() });
    }
}

fn release(change: &mut Change, orders: &mut [Stored<Order>], id: &str) {
    let at = change.at;
    for order in orders {
        if order.doc.disputes.iter().any(|known| known == id) {
            change.record(order, OrderEvent::DisputeClosed { dispute: id.to_owned(), at });
        }
    }
}

/// The bank has taken the money: first for refunds that never reached the buyer, then from whoever
/// bears it. Nobody bears more than the gateway took.
fn lose(change: &mut Change, payment: &mut Stored<Payment>, at: &mut PaymentSituation, id: &str) {
    let Some(dispute) = payment.doc.disputes.iter().find(|d| d.id == id).cloned() else { return };
    let mut left = dispute.amount_minor;
    let stuck = |r: &&Refund| {
        let undone = matches!(r.state, RefundState::Failed { .. } | RefundState::Undecided { .. });
        undone && r.gateway == dispute.gateway && r.reference == dispute.reference
    };
    let stuck: Vec<Refund> = payment.doc.refunds.iter().filter(stuck).cloned().collect();
    for refund in stuck {
        if refund.amount_minor <= left {
            left -= refund.amount_minor;
            let how = PaidHow::Chargeback { dispute: id.to_owned() };
            let event = PaymentEvent::RefundPaidOtherwise { refund: refund.id, how, at: change.at };
            change.record(payment, event);
        }
    }
    for case in &mut at.cases {
        follow(change, payment, case);
    }
    let mut borne_by = match at.policy.chargebacks_on {
        Liability::Merchant => borne_by_merchants(change, &mut at.orders, id, &mut left),
        Liability::Platform => Vec::new(),
    };
    if left > 0 {
        borne_by.push(Borne { account: Account::Losses, amount_minor: left });
    }
    let event = PaymentEvent::DisputeLost { dispute: id.to_owned(), borne_by, at: change.at };
    change.record(payment, event);
}

/// What was paid for an order and not given back: out of its escrow, or, once it is settled, off
/// its merchant's account. The platform keeps its commission.
fn borne_by_merchants(
    change: &mut Change,
    orders: &mut [Stored<Order>],
    id: &str,
    left: &mut i64,
) -> Vec<Borne> {
    let mut borne_by = Vec::new();
    for order in orders {
        let account = match order.doc.settlement {
            Settlement::Settled { .. } => Account::Merchant(order.doc.merchant.clone()),
            Settlement::Open | Settlement::InWindow { .. } | Settlement::Frozen => {
                Account::Escrow(order.doc.id.clone())
            }
        };
        let paid = match order.doc.state {
            // What couriers collected is no bank's to take back.
            OrderState::Confirmed { .. } | OrderState::Completed { .. } => order.doc.cod.is_none(),
            OrderState::AwaitingPayment { .. }
            | OrderState::AwaitingConfirmation { .. }
            | OrderState::Cancelled { .. } => false,
        };
        let most = if paid { order.doc.in_escrow_minor() } else { 0 };
        let amount_minor = most.min(*left).max(0);
        if amount_minor > 0 {
            *left -= amount_minor;
            borne_by.push(Borne { account, amount_minor });
            let event = OrderEvent::ChargedBack { dispute: id.to_owned(), amount_minor };
            change.record(order, event);
        }
    }
    borne_by
}
