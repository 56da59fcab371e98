//! Stock promised to a line: how many pieces lie for it in which warehouse, and which are packed.

use super::Line;
use crate::WarehouseId;
use serde::{Deserialize, Serialize};

/// Pieces promised from one warehouse.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    pub warehouse: WarehouseId,
    pub quantity: i64,
    /// Those of them that are in a parcel there: promised to it, and to no other.
    #[serde(default, skip_serializing_if = "super::is_zero")]
    pub packed: i64,
}

impl Held {
    /// Pieces that are in no parcel.
    pub fn free(&self) -> i64 {
        self.quantity - self.packed
    }
}

impl Line {
    /// Units held in a warehouse that no parcel there has.
    pub fn to_pack_in(&self, warehouse: &WarehouseId) -> i64 {
        let here = self.held.iter().filter(|h| h.warehouse == *warehouse);
        here.map(Held::free).sum()
    }

    pub(crate) fn hold(&mut self, more: &Held) {
        match self.held.iter_mut().find(|h| h.warehouse == more.warehouse) {
            Some(held) => held.quantity += more.quantity,
            None => self.held.push(more.clone()),
        }
    }

    pub(crate) fn pack(&mut self, warehouse: &WarehouseId, mut count: i64) {
        for held in self.held.iter_mut().filter(|h| h.warehouse == *warehouse) {
            let packed = count.clamp(-held.packed, held.free());
            held.packed += packed;
            count -= packed;
        }
    }

    /// Units that were packed leave the warehouse.
    pub(crate) fn send(&mut self, warehouse: &WarehouseId, count: i64) {
        self.pack(warehouse, -count);
        self.take(warehouse, count);
    }

    pub(crate) fn take(&mut self, warehouse: &WarehouseId, mut count: i64) {
        for held in self.held.iter_mut().filter(|h| h.warehouse == *warehouse) {
            let taken = count.min(held.quantity);
            held.quantity -= taken;
            count -= taken;
        }
        self.held.retain(|h| h.quantity > 0);
    }
}
