//! The date by which the buyer was told that it ships, and what happens when it comes.
//!
//! It is watched from the moment the order is certain until nothing of it is left to ship. Before
//! it comes the merchant is reminded; when it has passed the order is late until all of it shipped.

use super::{Line, Order, OrderEvent, OrderState};
use crate::{Change, Effect, Millis, Stored, TimerKind};
use serde_json::json;

impl Order {
    /// Units that are neither cancelled nor shipped, or are to be sent again.
    pub fn unshipped_units(&self) -> i64 {
        let left = |l: &Line| l.quantity - l.units.cancelled - l.units.shipped + l.units.resent;
        self.lines.iter().map(left).sum()
    }

    /// It is certain, and something of it is still to be sent.
    fn is_to_ship(&self) -> bool {
        match self.state {
            OrderState::Confirmed { .. } => self.unshipped_units() > 0,
            OrderState::AwaitingPayment { .. }
            | OrderState::AwaitingConfirmation { .. }
            | OrderState::Completed { .. }
            | OrderState::Cancelled { .. } => false,
        }
    }

    /// What an event does to the watch over the ship date.
    pub(super) fn watches_ship_date(&self, event: &OrderEvent) -> Option<Effect> {
        match event {
            OrderEvent::Paid { .. } | OrderEvent::Confirmed { .. } => {
                self.is_to_ship().then(|| {
                    let remind_at = self.ship_by.plus(-self.terms.ship_reminder_ms);
                    self.set(TimerKind::ShipBy, remind_at)
                })
            }
            // What was doubted could not be shipped: the watch goes on.
            OrderEvent::DisputeClosed { .. } if self.is_to_ship() && !self.is_contested() => {
                self.late_since.is_none().then(|| self.set(TimerKind::ShipBy, self.ship_by))
            }
            OrderEvent::UnitsCancelled { .. }
            | OrderEvent::Shipped { .. }
            | OrderEvent::Cancelled { .. }
            | OrderEvent::Referred { .. } => {
                (!self.is_to_ship()).then(|| self.clear(TimerKind::ShipBy))
            }
            // What is sent again is to ship too.
            OrderEvent::GivenUp { resent, .. } if !resent.is_empty() && self.is_to_ship() => {
                self.late_since.is_none().then(|| self.set(TimerKind::ShipBy, self.ship_by))
            }
            OrderEvent::Placed { .. }
            | OrderEvent::HeldLonger { .. }
            | OrderEvent::AddressChanged { .. }
            | OrderEvent::Revived { .. }
            | OrderEvent::Rerouted { .. }
            | OrderEvent::ShipOverdue { .. }
            | OrderEvent::Disputed { .. }
            | OrderEvent::DisputeClosed { .. }
            | OrderEvent::ChargedBack { .. }
            | OrderEvent::Packed { .. }
            | OrderEvent::Picked { .. }
            | OrderEvent::PiecesMissing { .. }
            | OrderEvent::PickPutOff { .. }
            | OrderEvent::Substitute(_)
            | OrderEvent::PutAway { .. }
            | OrderEvent::Unpacked { .. }
            | OrderEvent::Delivered { .. }
            | OrderEvent::CashCollected { .. }
            | OrderEvent::CashSettled { .. }
            | OrderEvent::DeliveryRefused { .. }
            | OrderEvent::DeliveryReversed { .. }
            | OrderEvent::CameBack { .. }
            | OrderEvent::GivenUp { .. }
            | OrderEvent::Recovered { .. }
            | OrderEvent::ExceptionOpened { .. }
            | OrderEvent::ExceptionClosed { .. }
            | OrderEvent::CaseOpened { .. }
            | OrderEvent::CaseClosed { .. }
            | OrderEvent::Returned { .. }
            | OrderEvent::RefundGranted { .. }
            | OrderEvent::Completed { .. }
            | OrderEvent::WindowEnded { .. }
            | OrderEvent::Settled { .. } => None,
        }
    }

    /// Nothing is late of which nothing is to be shipped.
    pub(super) fn is_late_no_more(&mut self) {
        if self.late_since.is_some() && !self.is_to_ship() {
            self.late_since = None;
        }
    }

    pub(super) fn ship_overdue(&self, at: Millis) -> Effect {
        let detail = json!({"at": at, "ship_by": self.ship_by, "pieces": self.unshipped_units()});
        // A date that was set anew can pass once more.
        self.tell("ship_overdue", &self.ship_by.0.to_string(), detail)
    }

    fn ship_due(&self) -> Effect {
        let detail = json!({"ship_by": self.ship_by, "pieces": self.unshipped_units()});
        self.tell("ship_due", &self.ship_by.0.to_string(), detail)
    }
}

/// The ship date is near, or has passed. What is in doubt may not be shipped, so nobody is told
/// that it is late; when the doubt is over the watch goes on.
pub fn ship_date_due(change: &mut Change, order: &mut Stored<Order>) {
    if !order.doc.is_to_ship() || order.doc.is_contested() || order.doc.late_since.is_some() {
        return;
    }
    if change.at < order.doc.ship_by {
        change.effect(order.doc.ship_due());
        change.effect(order.doc.set(TimerKind::ShipBy, order.doc.ship_by));
    } else {
        change.record(order, OrderEvent::ShipOverdue { at: change.at });
    }
}
