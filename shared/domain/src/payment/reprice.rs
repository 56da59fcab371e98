//! Less is to be paid than was agreed: units were cancelled before they were paid for, or a courier
//! did not get rid of them. And what is paid to couriers.

use super::{Attempt, Payment, PaymentEvent, PaymentLife, RefundOf, confirm, request_refund};
use crate::{Change, GatewayName, Ids, Millis, Order, OrderId, OrderState, Stored};

/// Lowers what is due for an order. What had come for it beyond that goes back; if all that is
/// still wanted was paid, the orders that wait for it are effective; if none waits, nobody wants
/// money any more. `orders` are all of the purchase, as they are after the cancellation.
pub(crate) fn lower_due(
    change: &mut Change,
    payment: &mut Stored<Payment>,
    orders: Vec<&mut Stored<Order>>,
    (order, by_minor): (&OrderId, i64),
    ids: &mut dyn Ids,
) {
    let share = payment.doc.shares.iter().find(|s| s.order == *order);
    let surplus = share.map_or(0, |s| s.applied_minor - (s.due_minor - by_minor));
    if surplus > 0 {
        let of = RefundOf::Share { order: order.clone() };
        request_refund(change, payment, of, surplus, ids);
    }
    let at = change.at;
    change.record(payment, PaymentEvent::DueLowered { order: order.clone(), by_minor, at });
    let paid = payment.doc.applied_minor() == payment.doc.due_minor();
    let waits = |o: &&mut Stored<Order>| matches!(o.doc.state, OrderState::AwaitingPayment { .. });
    match payment.doc.life {
        PaymentLife::Open { .. } if paid && orders.iter().any(waits) => {
            confirm(change, payment, orders);
        }
        PaymentLife::Open { .. } if paid => change.record(payment, PaymentEvent::Closed { at }),
        PaymentLife::OnDelivery => settle_collected(change, payment),
        PaymentLife::Open { .. } | PaymentLife::Complete { .. } | PaymentLife::Closed { .. } => {}
    }
}

/// Couriers have collected all that is still due, or there is nothing left to collect.
pub(crate) fn settle_collected(change: &mut Change, payment: &mut Stored<Payment>) {
    let (at, applied) = (change.at, payment.doc.applied_minor());
    if payment.doc.life == PaymentLife::OnDelivery && applied == payment.doc.due_minor() {
        let collected = applied > 0;
        let ended = PaymentEvent::Closed { at };
        let event = if collected { PaymentEvent::Completed { at } } else { ended };
        change.record(payment, event);
    }
}

impl Attempt {
    /// Cash for one waybill.
    pub(super) fn in_cash(reference: String, amount_minor: i64, at: Millis) -> Self {
        Self {
            gateway: GatewayName::cash(),
            reference,
            authorised_minor: 0,
            captured_minor: amount_minor,
            failure: None,
            closed: false,
            newest: at,
        }
    }
}

impl Payment {
    /// The courier was not paid after all, so the payment waits again for what is due.
    pub(super) fn not_collected(&mut self, order: &OrderId, reference: &str, amount_minor: i64) {
        let cash = |a: &&mut Attempt| a.gateway.is_cash() && a.reference == reference;
        if let Some(attempt) = self.attempts.iter_mut().find(cash) {
            attempt.captured_minor -= amount_minor;
        }
        if let Some(share) = self.shares.iter_mut().find(|s| s.order == *order) {
            share.applied_minor -= amount_minor;
        }
        self.life = PaymentLife::OnDelivery;
    }

    /// What had come beyond the new amount was asked back, so it is not there for the order.
    pub(super) fn lower_due(&mut self, order: &OrderId, by_minor: i64) {
        if let Some(share) = self.shares.iter_mut().find(|s| s.order == *order) {
            share.due_minor -= by_minor;
            share.applied_minor = share.applied_minor.min(share.due_minor);
        }
    }
}
