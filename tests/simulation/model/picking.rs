//! Picking: what is on whose list, what was found of it, and what lies around because nobody wants
//! it any more. A piece is on one open list at most, and what was not found is decided about.

use super::order::{Line, Order, Stage};
use super::{Kept, Model, Row, list, must, number, picks, text};
use std::collections::BTreeMap;

/// What one picker walks.
#[derive(Debug, Clone)]
pub struct PickList {
    pub warehouse: String,
    /// `open`, `claimed`, `done` or `called_off`.
    pub state: &'static str,
    by: String,
    pub tasks: BTreeMap<i64, Task>,
}

/// Pieces of an SKU, for some orders.
#[derive(Debug, Clone)]
pub struct Task {
    pub sku: String,
    pub done: bool,
    /// Order, line and units.
    pub portions: Vec<(String, i64, i64)>,
}

impl PickList {
    pub fn is_over(&self) -> bool {
        matches!(self.state, "done" | "called_off")
    }
}

/// Order, line, warehouse and fate of pieces that a list and an order tell of in one commit.
pub type Found = BTreeMap<(String, i64, String, &'static str), i64>;

impl Order {
    /// As far as we know now.
    pub(super) fn is_to_be_sent(&self) -> bool {
        self.stage == Stage::Paid && !self.is_doubted()
    }

    /// Pieces that were picked for it and are promised to it no more, in a warehouse.
    pub fn lies_around(&self, warehouse: &str) -> i64 {
        self.sum(|line| line.around.get(warehouse).copied().unwrap_or(0))
    }
}

impl Line {
    /// Pieces are promised to it no more; those that a picker had taken lie around.
    pub(super) fn gives_up(&mut self, warehouse: &str) {
        let held = self.held.get(warehouse).copied().unwrap_or(0);
        let picked = self.picked.entry(warehouse.to_owned()).or_default();
        let too_many = (*picked - held).max(0);
        *picked -= too_many;
        *self.around.entry(warehouse.to_owned()).or_default() += too_many;
    }
}

impl Model {
    /// Pieces of a line that nobody has taken off the shelf of a warehouse.
    pub(super) fn on_shelf(&self, (id, order): (&str, &Order), no: i64, warehouse: &str) -> i64 {
        let Some(line) = order.lines.get(&no) else { return 0 };
        let held = line.held.get(warehouse).copied().unwrap_or(0);
        let picked = line.picked.get(warehouse).copied().unwrap_or(0);
        held - self.packed_in(id, no, warehouse).max(picked)
    }

    /// What an order still wants of a portion from that warehouse.
    pub fn wanted(&self, (id, no, units): &(String, i64, i64), warehouse: &str) -> i64 {
        let order = self.orders.get(id).filter(|order| order.is_to_be_sent());
        order.map_or(0, |order| self.on_shelf((id, order), *no, warehouse)).min(*units)
    }

    /// Orders with something on the shelf of a warehouse that is to be sent.
    pub fn to_pick(&self, warehouse: &str) -> Vec<String> {
        let waits = |(id, order): &(&String, &Order)| {
            let mut lines = order.lines.keys();
            order.is_to_be_sent() && lines.any(|no| self.on_shelf((id, order), *no, warehouse) > 0)
        };
        self.orders.iter().filter(waits).map(|(id, _)| id.clone()).collect()
    }

    /// A list is taken in before the orders of the same commit: it is about what was before.
    pub(super) fn list_event(&mut self, row: &Row, word: &str) -> Kept {
        if word == "listed" {
            return self.listed(row);
        }
        let Some(mut known) = self.lists.remove(&row.id) else {
            return must(false, "a pick list begins with being made", || format!("{row:?}"));
        };
        let (event, before) = (&row.event, known.clone());
        let could = match word {
            "claimed" => {
                (known.state, known.by) = ("claimed", text(&event["by"]));
                before.state == "open"
            }
            "given_back" => {
                (known.state, known.by) = ("open", String::new());
                before.state == "claimed"
            }
            "called_off" => {
                known.state = "called_off";
                !before.is_over()
            }
            "confirmed" => !before.is_over() && self.confirms(&mut known, row),
            _ => {
                self.lists.insert(row.id.clone(), known);
                return self.stranger(row, word);
            }
        };
        self.lists.insert(row.id.clone(), known);
        must(could, "a pick list does only what its state allows", || {
            format!("{row:?} after {before:?}")
        })
    }

    fn listed(&mut self, row: &Row) -> Kept {
        let told = &row.event["list"];
        let task = |told: &orderflow_tests::Value| {
            let portion = |p: &orderflow_tests::Value| {
                (text(&p["order"]), number(&p["line"]), number(&p["units"]))
            };
            let portions = list(&told["portions"]).iter().map(portion).collect();
            (number(&told["no"]), Task { sku: text(&told["sku"]), done: false, portions })
        };
        let warehouse = text(&told["warehouse"]);
        let tasks: BTreeMap<i64, Task> = list(&told["tasks"]).iter().map(task).collect();
        let all = || tasks.values().flat_map(|task| &task.portions);
        let listed = |(order, no, _): &&(String, i64, i64)| {
            let open = self.lists.values().filter(|l| !l.is_over() && l.warehouse == warehouse);
            let open = open.flat_map(|l| l.tasks.values()).filter(|task| !task.done);
            let mut there = open.flat_map(|task| &task.portions);
            there.any(|(other, line, _)| (other, line) == (order, no))
        };
        let twice = all().find(listed).cloned();
        let right = twice.is_none() && all().count() > 0 && all().all(|p| p.2 > 0);
        let made = PickList { warehouse, state: "open", by: String::new(), tasks };
        self.lists.insert(row.id.clone(), made);
        must(right, "a piece is on one open pick list at most", || format!("{row:?}: {twice:?}"))
    }

    /// Each portion was found, is short, or is not wanted any more; and its order hears of it.
    fn confirms(&mut self, known: &mut PickList, row: &Row) -> bool {
        let (event, warehouse) = (&row.event, known.warehouse.clone());
        let no = number(&event["task"]);
        let Some(task) = known.tasks.get_mut(&no) else { return false };
        let first = !std::mem::replace(&mut task.done, true);
        let fate = match event["short"].as_str() {
            Some("wait") => "waits",
            Some("substitute") => "offered",
            _ => "missing",
        };
        let mut right = first && list(&event["found"]).len() == task.portions.len();
        for (found, portion) in list(&event["found"]).iter().zip(&task.portions) {
            let (picked, short) = (number(&found["picked"]), number(&found["short"]));
            let dropped = number(&found["dropped"]);
            let (order, line, units) = portion;
            let same = (text(&found["order"]), number(&found["line"])) == (order.clone(), *line);
            let wanted = self.wanted(portion, &warehouse);
            // What was unpacked or cleared since its order was read waits for another list.
            let again = self.orders.get(order).map(|order| order.wanted_again);
            let late = again == Some(row.at) && picked + short < wanted;
            right &= same && (picked + short == wanted || late);
            right &= picked + short + dropped == *units;
            right &= picked >= 0 && (short == 0 || !event["short"].is_null());
            for (what, units) in [("picked", picked), (fate, short)] {
                let key = (order.clone(), *line, warehouse.clone(), what);
                *self.found.entry(key).or_default() += units;
            }
        }
        if known.tasks.values().all(|task| task.done) {
            known.state = "done";
        }
        right && (known.by.is_empty() || row.by == "operator" || known.by == row.who)
    }

    /// What lists told of was told by their orders too.
    pub(super) fn lists_and_orders_agree(&mut self) -> Kept {
        let found = std::mem::take(&mut self.found);
        let odd = found.iter().find(|(_, units)| **units != 0);
        must(odd.is_none(), "what a picker says is what happens to the order", || {
            format!("{odd:?}")
        })
    }

    pub(super) fn picking_of_order(
        &mut self,
        order: &mut Order,
        row: &Row,
        word: &str,
    ) -> Option<Kept> {
        let (event, warehouse) = (&row.event, text(&row.event["warehouse"]));
        let told = format!("{row:?}\n{order:?}");
        let fate = match word {
            "picked" => "picked",
            "pieces_missing" => "missing",
            "pick_put_off" => "waits",
            "put_away" => {
                let there = order.lies_around(&warehouse) > 0;
                for line in order.lines.values_mut() {
                    line.around.remove(&warehouse);
                }
                return Some(must(there, "what lies around is put away", || told));
            }
            _ => return self.substitute_of_order(order, row, word),
        };
        let mut fits = order.is_to_be_sent();
        for (no, units) in picks(&event["picks"]) {
            fits &= units > 0 && units <= self.on_shelf((&row.id, order), no, &warehouse);
            let key = (row.id.clone(), no, warehouse.clone(), fate);
            *self.found.entry(key).or_default() -= units;
            let packed = self.packed_in(&row.id, no, &warehouse);
            let Some(line) = order.lines.get_mut(&no) else { continue };
            if fate == "picked" {
                let picked = line.picked.entry(warehouse.clone()).or_default();
                *picked = (*picked).max(packed) + units;
            }
            if fate == "missing" {
                *line.held.entry(warehouse.clone()).or_default() -= units;
                self.moves(&line.sku, &warehouse, -units, -units);
            }
        }
        fits &= fate != "waits" || number(&event["until"]) >= number(&event["at"]);
        self.holds_more(order, &event["held"]);
        Some(must(fits, "a picker takes what is on the shelf for an order", || told))
    }
}
