//! A buyer who has begun to pay, or whose money is reserved, keeps the goods a little longer: once,
//! however often the gateway says so.

use super::{Payment, PaymentEvent, PaymentLife};
use crate::{Change, Order, OrderEvent, OrderState, Stored};

/// Moves the deadline of a payment that was started, and of its orders, by what was agreed when it
/// was placed. Nothing is left of that afterwards, so it never happens twice.
pub(super) fn extend(
    change: &mut Change,
    payment: &mut Stored<Payment>,
    orders: &mut [Stored<Order>],
) {
    let PaymentLife::Open { until } = payment.doc.life else { return };
    if payment.doc.extend_ms > 0 {
        let until = until.max(change.at).plus(payment.doc.extend_ms);
        change.record(payment, PaymentEvent::Extended { until });
        for order in orders {
            if matches!(order.doc.state, OrderState::AwaitingPayment { .. }) {
                change.record(order, OrderEvent::HeldLonger { until });
            }
        }
    }
}
