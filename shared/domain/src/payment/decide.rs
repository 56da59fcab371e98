//! The two ends of a payment's life: all of it has come, or nobody waits for it any more.

use super::{Payment, PaymentEvent, PaymentLife, RefundOf, request_refund};
use crate::order::drop_order;
use crate::{CancelReason, Change, Ids, Order, OrderEvent, OrderId, OrderState, Stored};

/// All is paid: every order of the purchase is effective.
pub(crate) fn confirm<'a>(
    change: &mut Change,
    payment: &mut Stored<Payment>,
    orders: impl IntoIterator<Item = &'a mut Stored<Order>>,
) {
    let at = change.at;
    change.record(payment, PaymentEvent::Completed { at });
    for order in orders {
        if matches!(order.doc.state, OrderState::AwaitingPayment { .. }) {
            change.record(order, OrderEvent::Paid { at });
        }
    }
}

/// Ends a purchase that is not paid for: nobody waits for its money any more, its stock is free,
/// and what had come of it goes back. Answers false if it is too late for that.
pub fn drop_purchase(
    change: &mut Change,
    payment: &mut Stored<Payment>,
    orders: &mut [Stored<Order>],
    why: &CancelReason,
    ids: &mut dyn Ids,
) -> bool {
    let PaymentLife::Open { until } = payment.doc.life else { return false };
    if *why == CancelReason::Unpaid && change.at < until {
        return false;
    }
    let came: Vec<(OrderId, i64)> =
        payment.doc.shares.iter().map(|s| (s.order.clone(), s.applied_minor)).collect();
    for (order, amount) in came {
        if amount > 0 {
            request_refund(change, payment, RefundOf::Share { order }, amount, ids);
        }
    }
    change.record(payment, PaymentEvent::Closed { at: change.at });
    for order in orders {
        drop_order(change, order, why.clone());
    }
    true
}
