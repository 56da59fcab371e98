//! What must hold of an order after each commit.

use super::order::{Line, Order, Stage};
use super::{Kept, Model, must};

impl Order {
    /// What goes back, or is not asked for any more, is what its units are worth: each line's
    /// amount divides over its units, and the first of them carry what does not divide.
    fn gave_back_exactly(&self) -> Kept {
        let live = matches!(self.stage, Stage::Paid | Stage::Completed);
        if !live || self.cod.is_some() || self.charged_back > 0 {
            return Ok(());
        }
        let worth = |line: &Line| {
            let (units, whole) = (line.refunded + line.waived, line.quantity.max(1));
            line.paid / whole * units + (line.paid % whole).min(units)
        };
        let shipping = if self.shipping_refunded { self.shipping } else { 0 };
        let worth = self.sum(worth) + shipping;
        must(self.refunded + self.waived == worth, "units give back what was paid for them", || {
            format!("{worth} for\n{self:?}")
        })
    }
}

impl Model {
    pub(super) fn order_agrees(&self, id: &str) -> Kept {
        let Some(order) = self.orders.get(id) else { return Ok(()) };
        for (no, line) in &order.lines {
            let here =
                |(warehouse, held): (&String, &i64)| self.packed_in(id, *no, warehouse) <= *held;
            must(line.held.iter().all(here), "a parcel has only what its warehouse holds", || {
                format!("{id} {order:?}\n{:?}", self.parcels)
            })?;
            let held = line.quantity - line.cancelled - line.shipped + line.resent;
            let right = line.held_in_all() == held
                && line.packed <= held
                && (0..=line.quantity).contains(&(line.refunded + line.waived))
                && line.returned <= line.delivered
                && line.undelivered + line.delivered + line.resent <= line.shipped
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
        must(order.to_pay_back.is_empty(), "what reaches nobody is paid back", || {
            format!("{id} {order:?}")
        })?;
        order.gave_back_exactly()?;
        self.cash_agrees(id, order)
    }
}
