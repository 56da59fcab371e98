//! What must hold of an order after each commit.

use super::order::Stage;
use super::{Kept, Model, must};

impl Model {
    pub(super) fn order_agrees(&self, id: &str) -> Kept {
        let Some(order) = self.orders.get(id) else { return Ok(()) };
        for (no, line) in &order.lines {
            let here =
                |(warehouse, held): (&String, &i64)| self.packed_in(id, *no, warehouse) <= *held;
            must(line.held.iter().all(here), "a parcel has only what its warehouse holds", || {
                format!("{id} {order:?}\n{:?}", self.parcels)
            })?;
            let held = line.quantity - line.cancelled - line.shipped;
            let right = line.held_in_all() == held
                && line.packed <= held
                && (0..=line.quantity).contains(&(line.refunded + line.waived))
                && line.returned <= line.delivered
                && line.in_case >= 0;
            must(right, "an order holds what it has neither shipped nor cancelled", || {
                format!("{id} {order:?}")
            })?;
        }
        let escrow = -self.balance(&format!("escrow:{id}"), &order.currency);
        let due = match order.stage {
            Stage::Waits => {
                let payment = self.payments.get(&order.payment);
                payment.map_or(0, |payment| payment.came_for(id) - payment.asked("share", id))
            }
            Stage::Unconfirmed | Stage::Cancelled => 0,
            Stage::Paid | Stage::Completed if order.settled => 0,
            Stage::Paid | Stage::Completed => order.worth(),
        };
        must(
            escrow == due,
            "the escrow of an order is what it is worth and nobody got yet",
            || format!("{id}: {escrow} in escrow, {due} due\n{order:?}"),
        )?;
        self.cash_agrees(id, order)
    }
}
