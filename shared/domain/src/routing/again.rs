//! Warehouses for units of an order that are promised anew, because what was promised first is not
//! there, or was lost on the way. They are chosen as the order's first ones were.

use super::{Available, Demand, Routing, RoutingWeights, Task, route};
use crate::order::{Held, LineHeld, Order, Pick};
use crate::{Change, SkuId, WarehouseId};

/// An SKU of which there is too little, and the pieces there are.
pub(crate) type TooFew = (SkuId, i64);

/// Pieces for some units of an order, and why of those warehouses. One that sends something of the
/// order anyway costs no parcel more.
pub(crate) fn route_again<'a>(
    change: &Change,
    order: &Order,
    picks: &[Pick],
    stock: impl Iterator<Item = &'a Available>,
    weights: &RoutingWeights,
) -> Result<(Vec<LineHeld>, Routing), Vec<TooFew>> {
    let meant = picks.iter().filter_map(|pick| Some((pick, &order.line(pick.line)?.sku)));
    let (picks, demands): (Vec<&Pick>, Vec<Demand<'_>>) =
        meant.map(|(pick, sku)| (pick, Demand { sku, quantity: pick.units })).unzip();
    let (held, routing) = route_more(change, order, &demands, stock, weights)?;
    let held = picks.iter().zip(held);
    Ok((held.map(|(pick, held)| LineHeld { line: pick.line, held }).collect(), routing))
}

/// Pieces that an order gets beside what it has, for each of the demands.
pub(crate) fn route_more<'a>(
    change: &Change,
    order: &Order,
    demands: &[Demand<'_>],
    stock: impl Iterator<Item = &'a Available>,
    weights: &RoutingWeights,
) -> Result<(Vec<Vec<Held>>, Routing), Vec<TooFew>> {
    let held = order.lines.iter().flat_map(|line| &line.held);
    let sending: Vec<&WarehouseId> = held.map(|held| &held.warehouse).collect();
    let region = order.delivery.region.as_str();
    let task = Task { demands, region, sends_anyway: &sending, weights };
    let mut routed = route(&task, stock).map_err(|short| {
        let sku = |at: usize| demands.get(at).map(|demand| demand.sku.clone());
        let few = short.iter().filter_map(|short| Some((sku(short.demand)?, short.available)));
        few.collect::<Vec<TooFew>>()
    })?;
    let held = std::mem::take(&mut routed.held);
    Ok((held, Routing::of(routed, (change.at, &change.actor, region))))
}
