//! Which warehouses promise the goods, and which lines nobody can promise.

use super::{Available, PlacePurchase, Shelf};
use crate::order::Held;
use crate::{Fault, FaultKind, Policy};

/// Chooses warehouses for each line: one that has all of it is better than two; the same province
/// first, then the shop's priority. The commit checks the stock again, and there it is decided.
/// Lines that have other faults are not looked at.
pub(super) fn choose(
    wanted: &PlacePurchase,
    shelf: &Shelf,
    policy: &Policy,
    region: &str,
    faults: &mut Vec<Fault>,
) -> Vec<Vec<Held>> {
    if wanted.lines.len() > policy.lines_at_most {
        return Vec::new();
    }
    let near = region.get(..2).unwrap_or_default();
    let mut all = Vec::with_capacity(wanted.lines.len());
    for (i, line) in wanted.lines.iter().enumerate() {
        let known = shelf.skus.contains_key(&line.sku);
        if !known || !(1..=policy.pieces_at_most).contains(&line.quantity) {
            all.push(Vec::new());
            continue;
        }
        let of_sku = shelf.stock.iter().filter(|s| s.sku == line.sku && s.pieces > 0);
        let mut shelves: Vec<&Available> = of_sku.collect();
        let available: i64 = shelves.iter().map(|s| s.pieces).sum();
        if available < line.quantity {
            let what = FaultKind::OutOfStock { sku: line.sku.clone(), available };
            faults.push(Fault::at(format!("#/lines/{i}/quantity"), what));
        }
        shelves.sort_by_key(|s| {
            let whole = s.pieces >= line.quantity;
            (!whole, !s.region.starts_with(near), s.priority, &s.warehouse)
        });
        let mut left = line.quantity;
        let mut held = Vec::new();
        for shelf in shelves {
            let quantity = left.min(shelf.pieces);
            if quantity > 0 {
                held.push(Held { warehouse: shelf.warehouse.clone(), quantity, packed: 0 });
            }
            left -= quantity;
        }
        all.push(held);
    }
    all
}
