//! Orders that other warehouses send, and those that did not ship in time.

use super::order::{Order, Stage};
use super::{Kept, Model, Row, list, must, number, text};
use orderflow_tests::Value;

impl Order {
    pub(super) fn unshipped(&self) -> i64 {
        self.sum(|line| line.quantity - line.cancelled - line.shipped + line.resent)
    }

    /// It is certain, and something of it is still to be shipped.
    pub(super) fn is_to_ship(&self) -> bool {
        self.stage == Stage::Paid && self.unshipped() > 0
    }

    /// A bank doubts its money, or took all of it.
    pub fn is_doubted(&self) -> bool {
        !self.disputes.is_empty() || self.charged_back > 0
    }

    /// It is certain, on time, and something of it is still to be shipped.
    pub fn is_watched(&self) -> bool {
        self.is_to_ship() && !self.late && !self.is_doubted()
    }

    pub(super) fn becomes_late(&mut self, row: &Row) -> Kept {
        let certain = self.stage == Stage::Paid && self.disputes.is_empty();
        let past = self.ship_by <= number(&row.event["at"]);
        let due = certain && past && !self.late && self.unshipped() > 0;
        self.late = true;
        must(due, "only what should have shipped and has not is late", || {
            format!("{row:?}\n{self:?}")
        })
    }
}

impl Model {
    /// What an event says is held besides.
    pub(super) fn holds_more(&mut self, order: &mut Order, anew: &Value) {
        for told in list(anew) {
            let Some(line) = order.lines.get_mut(&number(&told["line"])) else { continue };
            for held in list(&told["held"]) {
                let (warehouse, pieces) = (text(&held["warehouse"]), number(&held["quantity"]));
                self.moves(&line.sku, &warehouse, 0, pieces);
                *line.held.entry(warehouse).or_default() += pieces;
            }
        }
    }

    /// Each line gives up as many pieces as it gets; nothing that is packed is moved.
    pub(super) fn rerouted(&mut self, order: &mut Order, row: &Row) -> Kept {
        let live = matches!(order.stage, Stage::Waits | Stage::Unconfirmed | Stage::Paid);
        let before: Vec<i64> = order.lines.values().map(|line| line.held_in_all()).collect();
        self.release(order, row)?;
        self.holds_more(order, &row.event["held"]);
        let after: Vec<i64> = order.lines.values().map(|line| line.held_in_all()).collect();
        must(
            live && before == after,
            "what is sent from elsewhere is neither more nor less",
            || format!("{row:?}\n{order:?}"),
        )
    }
}
