//! Parcels that do not reach their buyer: back in the warehouse, or given up because their carrier
//! has lost or spoilt them. What was in them is sent again, or its money goes back; never both.

use super::cash::collect_of;
use super::order::{Line, Order, Stage};
use super::{Kept, Model, Row, list, must, number, picks, text};
use orderflow_tests::Value;
use std::collections::BTreeMap;

/// Pieces by line of what is held anew.
fn held_anew(anew: &Value) -> BTreeMap<i64, i64> {
    let held = |told: &Value| list(&told["held"]).iter().map(|h| number(&h["quantity"])).sum();
    list(anew).iter().map(|told| (number(&told["line"]), held(told))).collect()
}

impl Line {
    /// Nothing that left is two things.
    fn adds_up(&self) -> bool {
        self.undelivered + self.delivered + self.resent <= self.shipped
    }
}

impl Model {
    /// Nobody waits for a parcel any more.
    pub(super) fn given_up(&mut self, order: &mut Order, row: &Row) -> Kept {
        let (event, told) = (&row.event, format!("{row:?}\n{order:?}"));
        let (parcel, units, anew) =
            (text(&event["parcel"]), picks(&event["picks"]), &event["resent"]);
        let known = self.parcels.get(&parcel);
        let whole = known.is_some_and(|known| known.order == row.id && known.picks == units);
        let there = order.delivered.contains(&parcel);
        let live = matches!(order.stage, Stage::Paid | Stage::Completed) && !order.settled;
        let right = whole && live && !there;
        must(right, "a parcel is given up while it is under way, with all in it", || told.clone())?;
        if list(anew).is_empty() {
            return Self::reaches_nobody(order, row);
        }
        let again = order.stage == Stage::Paid && !order.is_doubted();
        let same = held_anew(anew) == units.into_iter().collect();
        must(again && same, "what is sent again is held again, piece by piece", || told)?;
        if order.unshipped() == 0 {
            order.ship_by += number(&event["at"]) - order.placed_at;
        }
        Self::count(order, row, |line, n| {
            line.resent += n;
            line.adds_up()
        })?;
        self.holds_more(order, anew);
        Ok(())
    }

    /// Nobody pays for what was in it: it is not asked for any more, or goes back at once.
    fn reaches_nobody(order: &mut Order, row: &Row) -> Kept {
        let collect = &row.event["collect"];
        let unpaid = !collect.is_null();
        must(unpaid == order.cod.is_some(), "couriers collect what is not paid", || {
            format!("{row:?}\n{order:?}")
        })?;
        Self::count(order, row, |line, n| {
            line.undelivered += n;
            line.waived += n * i64::from(unpaid);
            line.adds_up()
        })?;
        if unpaid {
            order.waived += collect_of(collect);
            order.shipping_refunded |= number(&collect["shipping_minor"]) > 0;
        } else {
            order.to_pay_back.push(picks(&row.event["picks"]));
        }
        Ok(())
    }

    /// What came out of a parcel that is back goes where it is said; what is whole, on the shelf.
    fn is_unpacked(&mut self, order: &Order, row: &Row) -> Kept {
        let parcel = self.parcels.get(&text(&row.event["parcel"]));
        let sent = parcel.map(|parcel| parcel.picks.clone()).unwrap_or_default();
        let mut came: BTreeMap<i64, i64> = BTreeMap::new();
        for back in list(&row.event["returned"]) {
            let (no, units) = (number(&back["line"]), number(&back["units"]));
            *came.entry(no).or_default() += units;
            if let Some(line) = order.lines.get(&no).filter(|_| back["to"] == "restock") {
                self.moves(&line.sku, &text(&back["warehouse"]), units, 0);
            }
        }
        let most = |no: i64| -> i64 { sent.iter().filter(|p| p.0 == no).map(|p| p.1).sum() };
        let fits = came.iter().all(|(no, units)| *units <= most(*no));
        must(fits, "no more comes back than was sent", || format!("{row:?}\n{order:?}"))
    }

    /// A parcel that nobody took is in the warehouse.
    pub(super) fn came_back(&mut self, order: &mut Order, row: &Row) -> Kept {
        let (event, parcel) = (&row.event, text(&row.event["parcel"]));
        let there = order.delivered.contains(&parcel);
        must(!there && !order.settled, "what was delivered does not come back refused", || {
            format!("{row:?}\n{order:?}")
        })?;
        if let Some(cod) = order.cod.as_mut().filter(|_| event["refused"] == true) {
            cod.came_back_refused(parcel, number(&event["at"]));
        }
        self.is_unpacked(order, row)?;
        Self::reaches_nobody(order, row)
    }

    /// One that had been given up is: its goods count, and nothing else does.
    pub(super) fn recovered(&mut self, order: &mut Order, row: &Row) -> Kept {
        let parcel = self.parcels.get(&text(&row.event["parcel"]));
        let lost = parcel.is_some_and(|p| matches!(p.state, "given_up" | "recovered"));
        must(lost, "only what was given up turns up", || format!("{row:?}\n{order:?}"))?;
        self.is_unpacked(order, row)
    }

    /// It was told as delivered, and is in the warehouse.
    pub(super) fn delivery_reversed(order: &mut Order, row: &Row) -> Kept {
        let delivered = order.delivered.remove(&text(&row.event["parcel"]));
        if let Some(cod) = &mut order.cod {
            cod.was_not_paid(&row.event);
        }
        Self::count(order, row, |line, n| {
            line.delivered -= n;
            line.delivered >= line.returned + line.in_case
        })?;
        must(delivered, "only what was told as delivered is told otherwise", || {
            format!("{row:?}\n{order:?}")
        })
    }
}
