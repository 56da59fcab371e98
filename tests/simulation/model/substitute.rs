//! Something else instead of what was not found: offered, taken, declined, or needed no more.

use super::order::{Line, Order};
use super::{Kept, Model, Row, list, must, number, text};
use std::collections::BTreeMap;

/// What a buyer may have instead of units of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    pub units: i64,
    warehouse: String,
    sku: String,
    pub until: i64,
}

/// By line.
pub type Offers = BTreeMap<i64, Offer>;

impl Model {
    /// An answer is waited for.
    fn is_open(&self, (id, order): (&str, &Order), no: i64, offer: &Offer) -> bool {
        order.is_to_be_sent() && self.on_shelf((id, order), no, &offer.warehouse) >= offer.units
    }

    pub fn waits_for_answer(&self, id: &str) -> bool {
        let Some(order) = self.orders.get(id) else { return false };
        order.offers.iter().any(|(no, offer)| self.is_open((id, order), *no, offer))
    }

    pub(super) fn substitute_of_order(
        &mut self,
        order: &mut Order,
        row: &Row,
        word: &str,
    ) -> Option<Kept> {
        if word != "substitute" {
            return None;
        }
        let told = format!("{row:?}\n{order:?}");
        let (at, event) = (number(&row.event["at"]), &row.event);
        let step = text(&event["step"]);
        *self.happened.entry(format!("orders substitute {step}")).or_default() += 1;
        let no = match step.as_str() {
            "offered" => return Some(self.offered(order, row)),
            "taken" => number(&event["offer"]["line"]),
            "declined" | "lapsed" => number(&event["line"]),
            _ => return Some(self.stranger(row, &step)),
        };
        let Some(offer) = order.offers.remove(&no) else {
            return Some(must(false, "only what was offered is answered", || told));
        };
        let open = self.is_open((&row.id, order), no, &offer);
        let late = offer.until <= at;
        let fits = match step.as_str() {
            "taken" => open && self.replaces(order, no, (&offer, row)),
            "lapsed" => !open && late,
            _ => {
                // What follows is what a picker would have said.
                let key = (row.id.clone(), no, offer.warehouse.clone(), "missing");
                *self.found.entry(key).or_default() += offer.units;
                open && (late || row.by != "clock")
            }
        };
        Some(must(fits, "a buyer takes what is offered, or it is cancelled", || told))
    }

    fn offered(&mut self, order: &mut Order, row: &Row) -> Kept {
        let told = &row.event["offer"];
        let (no, warehouse) = (number(&told["line"]), text(&told["warehouse"]));
        let (units, sku) = (number(&told["units"]), text(&told["instead"]["sku"]));
        let offer = Offer { units, warehouse, sku, until: number(&told["until"]) };
        let key = (row.id.clone(), no, offer.warehouse.clone(), "offered");
        *self.found.entry(key).or_default() -= units;
        let was_open = order.offers.get(&no).is_some_and(|o| self.is_open((&row.id, order), no, o));
        let open = self.is_open((&row.id, order), no, &offer);
        let other = order.lines.values().all(|line| line.sku != offer.sku);
        let right = open && !was_open && other && offer.until >= number(&row.event["at"]);
        order.offers.insert(no, offer);
        must(right, "a picker offers what the order does not have", || {
            format!("{row:?}\n{order:?}")
        })
    }

    /// The missing pieces are gone, and as many of something else are promised and cost the same.
    fn replaces(&mut self, order: &mut Order, no: i64, (offer, row): (&Offer, &Row)) -> bool {
        let to = &row.event["to"];
        let (new, paid) = (number(&to["no"]), number(&to["paid_minor"]));
        let fair = order.is_fair(vec![(no, offer.units)], paid, 0, row).is_ok();
        let fresh = !order.lines.contains_key(&new) && text(&to["sku"]) == offer.sku;
        let Some(line) = order.lines.get_mut(&no) else { return false };
        line.quantity -= offer.units;
        line.paid -= paid;
        *line.held.entry(offer.warehouse.clone()).or_default() -= offer.units;
        self.moves(&line.sku, &offer.warehouse, -offer.units, -offer.units);
        let mut held: BTreeMap<String, i64> = BTreeMap::new();
        for told in list(&to["held"]) {
            let (warehouse, pieces) = (text(&told["warehouse"]), number(&told["quantity"]));
            self.moves(&offer.sku, &warehouse, 0, pieces);
            *held.entry(warehouse).or_default() += pieces;
        }
        let enough = held.values().sum::<i64>() == offer.units;
        let (sku, quantity, return_ms) = (offer.sku.clone(), offer.units, number(&to["return_ms"]));
        let line = Line { sku, quantity, paid, return_ms, held, ..Line::default() };
        order.lines.insert(new, line);
        fair && fresh && enough && number(&to["quantity"]) == offer.units
    }
}
