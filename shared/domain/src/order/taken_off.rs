//! What was taken off an order when it was placed, and which part of it a unit carries.

use super::{Line, Order, OrderState};
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

impl Order {
    /// What goes back in points: with the units that were given back or not paid for, and with the
    /// whole order when it is cancelled.
    pub fn points_back_minor(&self) -> i64 {
        let of = |line: &Line| match self.state {
            OrderState::Cancelled { .. } => line.points_minor,
            OrderState::AwaitingPayment { .. }
            | OrderState::AwaitingConfirmation { .. }
            | OrderState::Confirmed { .. }
            | OrderState::Completed { .. } => line.points_of(0, line.quantity - line.kept_units()),
        };
        self.lines.iter().map(of).sum()
    }
}
