//! How far the goods of an order have come.

use super::Order;
use serde::{Deserialize, Serialize};

/// How far the goods have come, read off the units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fulfilment {
    Unfulfilled,
    InProgress,
    PartlyShipped,
    Shipped,
    PartlyDelivered,
    Delivered,
}

impl Order {
    pub fn fulfilment(&self) -> Fulfilment {
        let live = self.live_units();
        let (packed, shipped) = (self.units_off_shelf(), self.sent_units());
        let delivered = self.sum(|u| u.delivered);
        match (packed, shipped, delivered) {
            (0, 0, _) => Fulfilment::Unfulfilled,
            (_, 0, _) => Fulfilment::InProgress,
            (_, _, 0) if shipped < live => Fulfilment::PartlyShipped,
            (_, _, 0) => Fulfilment::Shipped,
            (_, _, delivered) if delivered < live => Fulfilment::PartlyDelivered,
            (_, _, _) => Fulfilment::Delivered,
        }
    }
}
