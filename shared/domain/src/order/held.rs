//! Stock promised to a line: how many pieces lie for it in which warehouse, which of them are off
//! the shelf, and which are packed.

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
    /// Those of them that a picker took off the shelf, packed since or not. Packing without a pick
    /// list does not count here, so that what is unpacked then lies on the shelf again.
    #[serde(default, skip_serializing_if = "super::is_zero")]
    pub picked: i64,
}

impl Held {
    pub fn new(warehouse: WarehouseId, quantity: i64) -> Self {
        Self { warehouse, quantity, packed: 0, picked: 0 }
    }

    /// Pieces that are in no parcel.
    pub fn free(&self) -> i64 {
        self.quantity - self.packed
    }

    /// Pieces that are still on the shelf.
    pub fn on_shelf(&self) -> i64 {
        let off_shelf = self.packed.max(self.picked);
        self.quantity - off_shelf
    }
}

impl Line {
    /// Units held in a warehouse that no parcel there has.
    pub fn to_pack_in(&self, warehouse: &WarehouseId) -> i64 {
        let here = self.held.iter().filter(|h| h.warehouse == *warehouse);
        here.map(Held::free).sum()
    }

    /// Units held in a warehouse that nobody has taken off the shelf there.
    pub fn on_shelf_in(&self, warehouse: &WarehouseId) -> i64 {
        let here = self.held.iter().filter(|h| h.warehouse == *warehouse);
        here.map(Held::on_shelf).sum()
    }

    pub(crate) fn pack(&mut self, warehouse: &WarehouseId, mut count: i64) {
        for held in self.held.iter_mut().filter(|h| h.warehouse == *warehouse) {
            let packed = count.clamp(-held.packed, held.free());
            held.packed += packed;
            count -= packed;
        }
    }

    pub(crate) fn pick(&mut self, warehouse: &WarehouseId, mut count: i64) {
        for held in self.held.iter_mut().filter(|h| h.warehouse == *warehouse) {
            let picked = count.min(held.on_shelf());
            // Pieces that were packed without a list are off the shelf beside the picked ones.
            held.picked = held.picked.max(held.packed) + picked;
            count -= picked;
        }
    }

    /// More pieces are promised to it there.
    pub(crate) fn hold(&mut self, more: &Held) {
        match self.held.iter_mut().find(|h| h.warehouse == more.warehouse) {
            Some(held) => held.quantity += more.quantity,
            None => self.held.push(more.clone()),
        }
    }

    /// Units that were packed leave the warehouse.
    pub(crate) fn send(&mut self, warehouse: &WarehouseId, mut count: i64) {
        for held in self.held.iter_mut().filter(|h| h.warehouse == *warehouse) {
            let sent = count.min(held.packed);
            held.packed -= sent;
            held.quantity -= sent;
            held.picked -= sent.min(held.picked);
            count -= sent;
        }
        self.held.retain(|h| h.quantity > 0);
    }

    /// Units are promised to it no more. Answers how many of them were off the shelf already.
    pub(crate) fn take(&mut self, warehouse: &WarehouseId, mut count: i64) -> i64 {
        let mut off_shelf = 0;
        for held in self.held.iter_mut().filter(|h| h.warehouse == *warehouse) {
            let taken = count.min(held.quantity);
            held.quantity -= taken;
            count -= taken;
            let too_many = (held.picked - held.quantity).max(0);
            held.picked -= too_many;
            off_shelf += too_many;
        }
        self.held.retain(|h| h.quantity > 0);
        off_shelf
    }
}
