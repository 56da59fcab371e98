//! Money that comes after the deadline: the purchase comes back to life, if it ended only because
//! nobody had paid, not long ago, and everything is still there. The stock is held in the same
//! commit, where its guard decides; if somebody is faster, the commit is refused and decided again.

use super::{Payment, PaymentEvent, PaymentLife, PaymentSituation};
use crate::order::{Held, Line, LineHeld, Order, OrderEvent, OrderState};
use crate::{Available, CancelReason, Change, OrderId, Stored};

/// Brings a purchase back, if `came_minor` pays for all of it. Answers whether it did. Orders of it
/// that had been cancelled before the deadline stay so: nothing is due for them.
pub(super) fn revive(
    change: &mut Change,
    payment: &mut Stored<Payment>,
    at: &mut PaymentSituation,
    came_minor: i64,
) -> bool {
    let PaymentLife::Closed { at: closed } = payment.doc.life else { return false };
    let late = change.at > closed.plus(at.policy.revive_ms);
    if late || came_minor < payment.doc.due_minor() {
        return false;
    }
    let wanted = |o: &&Stored<Order>| payment.doc.due_of(&o.doc.id) > 0;
    let found: Option<Vec<(OrderId, Vec<LineHeld>)>> =
        at.orders.iter().filter(wanted).map(|o| hold(&o.doc, &at.stock)).collect();
    let Some(found) = found.filter(|found| !found.is_empty()) else { return false };
    change.record(payment, PaymentEvent::Reopened { at: change.at });
    for (id, held) in found {
        let now = change.at;
        if let Some(order) = at.orders.iter_mut().find(|o| o.doc.id == id) {
            let ship_by = now.plus(order.doc.ship_by.0 - order.doc.placed_at.0);
            change.record(order, OrderEvent::Revived { held, ship_by, at: now });
        }
    }
    true
}

/// What an order holds when it comes back; `None` if it ended for another reason than want of
/// money, or if something is gone.
fn hold(order: &Order, stock: &[Available]) -> Option<(OrderId, Vec<LineHeld>)> {
    let OrderState::Cancelled { why: CancelReason::Unpaid, .. } = order.state else { return None };
    let held = order.lines.iter().map(|line| find(line, order, stock));
    Some((order.id.clone(), held.collect::<Option<_>>()?))
}

/// Pieces for a line: from as few warehouses as possible, the same province first.
fn find(line: &Line, order: &Order, stock: &[Available]) -> Option<LineHeld> {
    let near = order.delivery.region.get(..2).unwrap_or_default();
    let wanted = line.quantity - line.units.waived;
    let mut shelves: Vec<&Available> = stock.iter().filter(|s| s.sku == line.sku).collect();
    shelves.sort_by_key(|s| {
        let whole = s.pieces >= wanted;
        (!whole, !s.region.starts_with(near), s.priority, s.warehouse.clone())
    });
    let (mut left, mut held) = (wanted, Vec::new());
    for shelf in shelves {
        let quantity = left.min(shelf.pieces);
        if quantity > 0 {
            held.push(Held { warehouse: shelf.warehouse.clone(), quantity, packed: 0 });
            left -= quantity;
        }
    }
    (left == 0).then_some(LineHeld { line: line.no, held })
}

impl Payment {
    fn due_of(&self, order: &OrderId) -> i64 {
        self.shares.iter().find(|share| share.order == *order).map_or(0, |share| share.due_minor)
    }
}
