//! Money that comes after the deadline: the purchase comes back to life, if it ended only because
//! nobody had paid, not long ago, and everything is still there. The stock is held in the same
//! commit, where its guard decides; if somebody is faster, the commit is refused and decided again.

use super::{Payment, PaymentEvent, PaymentLife, PaymentSituation};
use crate::order::{LineHeld, Order, OrderEvent, OrderState};
use crate::{
    Available, CancelReason, Change, Demand, OrderId, Routing, RoutingWeights, Stored, Task, route,
};

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
    let weights = &at.policy.routing;
    let found: Option<Vec<Found>> =
        at.orders.iter().filter(wanted).map(|o| hold(change, &o.doc, &at.stock, weights)).collect();
    let Some(found) = found.filter(|found| !found.is_empty()) else { return false };
    change.record(payment, PaymentEvent::Reopened { at: change.at });
    for Found { order: id, held, routing } in found {
        let now = change.at;
        if let Some(order) = at.orders.iter_mut().find(|o| o.doc.id == id) {
            let ship_by = now.plus(order.doc.ship_by.0 - order.doc.placed_at.0);
            let routing = Some(Box::new(routing));
            change.record(order, OrderEvent::Revived { held, ship_by, at: now, routing });
        }
    }
    true
}

/// An order, and what it holds when it comes back.
struct Found {
    order: OrderId,
    held: Vec<LineHeld>,
    routing: Routing,
}

/// What an order holds when it comes back, from the warehouses that are best now; `None` if it
/// ended for another reason than want of money, or if something is gone.
fn hold(
    change: &Change,
    order: &Order,
    stock: &[Available],
    weights: &RoutingWeights,
) -> Option<Found> {
    let OrderState::Cancelled { why: CancelReason::Unpaid, .. } = order.state else { return None };
    let wanted = order.lines.iter().map(|line| (line, line.quantity - line.units.waived));
    let (lines, demands): (Vec<u16>, Vec<Demand<'_>>) = wanted
        .filter(|(_, quantity)| *quantity > 0)
        .map(|(line, quantity)| (line.no, Demand { sku: &line.sku, quantity }))
        .unzip();
    let region = order.delivery.region.as_str();
    let task = Task { demands: &demands, region, sends_anyway: &[], weights };
    let mut routed = route(&task, stock.iter()).ok()?;
    let held = lines.into_iter().zip(std::mem::take(&mut routed.held));
    let held = held.map(|(line, held)| LineHeld { line, held }).collect();
    let routing = Routing::of(routed, (change.at, &change.actor, region));
    Some(Found { order: order.id.clone(), held, routing })
}

impl Payment {
    fn due_of(&self, order: &OrderId) -> i64 {
        self.shares.iter().find(|share| share.order == *order).map_or(0, |share| share.due_minor)
    }
}
