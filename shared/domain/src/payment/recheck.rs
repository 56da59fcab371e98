//! Asking gateways: no sender guarantees that a webhook arrives, so a payment of which nothing
//! final was heard is asked for, before its deadline and once more when it has passed.

use super::{Payment, PaymentEvent, PaymentLife, drop_purchase, remind_unpaid};
use crate::{CancelReason, Change, Ids, Order, Refusal, Stored};

/// The clock has come to an unpaid payment: first its gateway is asked, then its buyer reminded,
/// and at the deadline the purchase ends. Money of which only the gateway knows then is found by
/// the question that is asked at the end, and has its verdict like any other.
pub fn payment_due(
    change: &mut Change,
    payment: &mut Stored<Payment>,
    orders: &mut [Stored<Order>],
    ids: &mut dyn Ids,
) {
    let PaymentLife::Open { until } = payment.doc.life else { return };
    if change.at >= until {
        drop_purchase(change, payment, orders, &CancelReason::Unpaid, ids);
        return ask(change, payment);
    }
    if payment.doc.recheck_at.is_some_and(|due| due <= change.at) {
        ask(change, payment);
    }
    if payment.doc.reminds_at(until) <= change.at {
        remind_unpaid(change, payment);
    }
}

/// Somebody doubts what is known of a payment: its gateways are asked. What they answer is recorded
/// like a webhook.
pub fn recheck_payment(change: &mut Change, payment: &mut Stored<Payment>) -> Result<(), Refusal> {
    if !payment.doc.is_known_to_gateways() {
        return Err(Refusal::NobodyToAsk);
    }
    ask(change, payment);
    Ok(())
}

fn ask(change: &mut Change, payment: &mut Stored<Payment>) {
    change.record(payment, PaymentEvent::RecheckAsked { at: change.at });
}
