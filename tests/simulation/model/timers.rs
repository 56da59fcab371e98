//! What the clock must start, and when.

use super::{Model, Stage, money::Life};
use std::collections::BTreeMap;

impl Model {
    /// All timers that must be set, by subject and kind, with the time they are due.
    pub fn timers(&self) -> BTreeMap<(String, String), i64> {
        let mut timers = BTreeMap::new();
        let mut set = |subject: &str, kind: &str, due: i64| {
            timers.insert((subject.to_owned(), kind.to_owned()), due);
        };
        for (id, payment) in &self.payments {
            if payment.life == Life::Open {
                set(id, "unpaid", payment.until);
            }
            if let Some(due) = payment.refunds.values().filter_map(|refund| refund.due).min() {
                set(id, "refunds_due", due);
            }
        }
        for (id, order) in &self.orders {
            if order.stage == Stage::Unconfirmed {
                set(id, "unconfirmed", order.until);
            }
            if order.is_watched() {
                set(id, "ship_by", order.ship_by);
            }
            if let Some(due) = order.offers.values().map(|offer| offer.until).min() {
                set(id, "substitute_due", due);
            }
            if let Some(due) = order.completes_at() {
                set(id, "auto_complete", due);
            }
            // With a case open, the window may end and wait for it.
            if let Some(due) = order.settles_at().filter(|_| !order.frozen()) {
                set(id, "window_ends", due);
            }
        }
        for (id, parcel) in &self.parcels {
            if let Some(cash) = parcel.cash.as_ref().filter(|cash| cash.owed > 0 && !cash.overdue) {
                set(id, "cash_overdue", cash.due);
            }
        }
        for (id, kind, due) in self.trouble_timers() {
            set(&id, kind, due);
        }
        for (id, case) in &self.cases {
            match case.state {
                "under_review" => set(id, "review_overdue", case.until),
                "awaiting_return" => set(id, "return_overdue", case.until),
                _ => {}
            }
        }
        timers
    }
}
