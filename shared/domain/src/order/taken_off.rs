//! What was taken off an order when it was placed, and which part of it a unit carries.

use super::Line;
use crate::{DiscountOn, share_of_units};
use serde::{Deserialize, Serialize};

/// An order's part of what a promotion takes off its goods or its shipping.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Promotion {
    /// The shop's own id of it.
    pub id: String,
    pub on: DiscountOn,
    pub amount_minor: i64,
}

/// An order's part of what was paid with points.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpentPoints {
    /// The shop's own id of the spending.
    pub id: String,
    pub amount_minor: i64,
}

impl Line {
    /// What `count` units from number `first` on were paid with points. The larger shares are the
    /// last units', as those of the money are the first's: so no unit carries more than its price.
    pub fn points_of(&self, first: i64, count: i64) -> i64 {
        let reversed = self.quantity - first - count;
        share_of_units(self.points_minor, self.quantity, reversed, count)
    }
}
