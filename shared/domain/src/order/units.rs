//! Units of an order: how many are where, and what they are worth.

use super::{Line, Order};
use crate::share_of_units;
use serde::{Deserialize, Serialize};

/// How many units of a line have come how far. Each only grows, but `in_case` and
/// `packed`, and `delivered` when it was not true.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct Units {
    pub cancelled: i64,
    /// In a parcel that has not left.
    pub packed: i64,
    pub shipped: i64,
    pub delivered: i64,
    /// In a case that is not final.
    pub in_case: i64,
    pub returned: i64,
    pub refunded: i64,
    /// Cancelled before they were paid for: nothing is given back for them.
    #[serde(default)]
    pub waived: i64,
    /// Shipped, and back or given up without having been delivered.
    #[serde(default)]
    pub undelivered: i64,
    /// Shipped in a parcel that was given up, and to be sent again or sent again already.
    #[serde(default, skip_serializing_if = "super::is_zero")]
    pub resent: i64,
}

impl Line {
    /// Units that are neither cancelled, packed nor shipped; those that are to be sent again too.
    pub fn open_units(&self) -> i64 {
        self.quantity - self.units.cancelled - self.units.packed - self.units.shipped
            + self.units.resent
    }

    /// Units that somebody still pays for or has paid for: neither given back nor waived.
    pub fn kept_units(&self) -> i64 {
        self.quantity - self.units.refunded - self.units.waived
    }

    /// Units that reached the buyer and came back, or were paid back. What was cancelled, or came
    /// back undelivered, was either waived or refunded, and is none of them.
    pub fn given_back_units(&self) -> i64 {
        let Units { cancelled, undelivered, waived, refunded, returned, .. } = self.units;
        returned.max(refunded + waived - cancelled - undelivered)
    }

    /// Of the units that are kept, the oldest first: what `count` of them are worth.
    pub fn worth(&self, count: i64) -> i64 {
        if let Some(cash) = &self.cash {
            let kept = self.units.delivered - self.units.refunded;
            return share_of_units(cash.kept_minor, kept, 0, count);
        }
        let first = self.units.refunded + self.units.waived;
        share_of_units(self.paid_minor, self.quantity, first, count)
    }

    /// What `count` of the units are worth that are in no parcel.
    pub fn open_worth(&self, count: i64) -> i64 {
        match &self.cash {
            Some(cash) => share_of_units(cash.open_minor, self.open_units(), 0, count),
            None => self.worth(count),
        }
    }
}

impl Order {
    pub fn line(&self, no: u16) -> Option<&Line> {
        self.lines.iter().find(|l| l.no == no)
    }

    pub fn sum(&self, units: impl Fn(&Units) -> i64) -> i64 {
        self.lines.iter().map(|l| units(&l.units)).sum()
    }

    /// Units that somebody still expects: ordered, not cancelled, and not back undelivered.
    pub fn live_units(&self) -> i64 {
        self.lines.iter().map(|l| l.quantity - l.units.cancelled - l.units.undelivered).sum()
    }

    /// Units that left, did not come back undelivered and are not to be sent again.
    pub fn sent_units(&self) -> i64 {
        self.sum(|u| u.shipped - u.undelivered - u.resent)
    }

    pub fn all_delivered(&self) -> bool {
        self.live_units() > 0 && self.sum(|u| u.delivered) == self.live_units()
    }

    /// Minor units that the buyer pays for it in all.
    pub fn due_minor(&self) -> i64 {
        self.total_minor - self.waived_minor
    }

    /// Minor units that are still in escrow for it.
    pub fn in_escrow_minor(&self) -> i64 {
        let came = self.cod.as_ref().map_or(self.due_minor(), |cod| cod.collected_minor);
        came - self.refunded_minor - self.charged_back_minor
    }
}

impl Order {
    /// How long after completion a case may be opened: the longest of its lines.
    pub fn window_ms(&self) -> i64 {
        self.lines.iter().map(|l| l.return_ms).max().unwrap_or(self.terms.case_window_ms)
    }
}
