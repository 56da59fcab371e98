//! What goods are packed into: the kinds of boxes that a warehouse has.

use super::{Faults, Size, yes};
use crate::{BoxId, Fault, Money, WarehouseId};
use serde::{Deserialize, Serialize};

/// A kind of box, bag or envelope.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BoxType {
    pub id: BoxId,
    pub name: String,
    /// Nothing is packed into a retired one any more.
    #[serde(default = "yes")]
    pub active: bool,
    /// The warehouse that has it; none: all have.
    #[serde(default)]
    pub warehouse: Option<WarehouseId>,
    /// What fits in.
    pub inner_mm: Size,
    /// Empty, with tape and filling.
    pub tare_g: i64,
    /// What it may weigh when it is packed.
    pub max_weight_g: i64,
    /// What one costs.
    #[serde(default)]
    pub cost: Option<Money>,
}

/// No parcel of a shop is heavier than this (100 kg).
pub const PARCEL_AT_MOST_G: i64 = 100_000;

impl BoxType {
    /// What can never be, each fault with its place.
    pub fn check(&self) -> Vec<Fault> {
        let mut faults = Faults::default();
        faults.text("#/name", &self.name, 100);
        let Size { length, width, height } = self.inner_mm;
        for (side, mm) in [("length", length), ("width", width), ("height", height)] {
            faults.range(format!("#/inner_mm/{side}"), mm, 1, 10_000);
        }
        faults.range("#/tare_g", self.tare_g, 0, PARCEL_AT_MOST_G);
        faults.range("#/max_weight_g", self.max_weight_g, 1, PARCEL_AT_MOST_G);
        if let Some(cost) = self.cost {
            faults.amount("#/cost/amount", cost.minor);
        }
        faults.0
    }

    /// May be used in this warehouse.
    pub fn is_at(&self, warehouse: &WarehouseId) -> bool {
        self.active && self.warehouse.as_ref().is_none_or(|own| own == warehouse)
    }
}
