//! Which warehouses promise the goods of a purchase, and which lines nobody can promise.

use super::{PlacePurchase, Shelf};
use crate::order::Held;
use crate::{Demand, Fault, FaultKind, MerchantId, Policy, Routed, Task, route};
use std::collections::BTreeMap;

/// Where everything is held.
#[derive(Default)]
pub(super) struct Chosen {
    /// For each line of the basket.
    pub held: Vec<Vec<Held>>,
    /// What was looked at for the order of each merchant.
    pub routed: BTreeMap<MerchantId, Routed>,
}

/// Chooses warehouses for the order of each merchant. The commit checks the stock again, and there
/// it is decided. Lines that have other faults are not looked at.
pub(super) fn choose(
    wanted: &PlacePurchase,
    shelf: &Shelf,
    policy: &Policy,
    region: &str,
    faults: &mut Vec<Fault>,
) -> Chosen {
    if wanted.lines.len() > policy.lines_at_most {
        return Chosen::default();
    }
    let mut orders: BTreeMap<&MerchantId, (Vec<usize>, Vec<Demand<'_>>)> = BTreeMap::new();
    for (i, line) in wanted.lines.iter().enumerate() {
        let Some(sku) = shelf.skus.get(&line.sku) else { continue };
        if (1..=policy.pieces_at_most).contains(&line.quantity) {
            let (places, demands) = orders.entry(&sku.merchant).or_default();
            places.push(i);
            demands.push(Demand { sku: &line.sku, quantity: line.quantity });
        }
    }
    let mut chosen = Chosen { held: vec![Vec::new(); wanted.lines.len()], ..Chosen::default() };
    let mut short = Vec::new();
    for (merchant, (places, demands)) in orders {
        let (demands, weights) = (demands.as_slice(), &policy.routing);
        let task = Task { demands, region, sends_anyway: &[], weights };
        match route(&task, shelf.stock.iter()) {
            Ok(mut routed) => {
                for (i, held) in places.iter().zip(std::mem::take(&mut routed.held)) {
                    if let Some(place) = chosen.held.get_mut(*i) {
                        *place = held;
                    }
                }
                chosen.routed.insert(merchant.clone(), routed);
            }
            Err(lacking) => short.extend(lacking.iter().filter_map(|lacking| {
                let (i, demand) = (places.get(lacking.demand)?, demands.get(lacking.demand)?);
                let (sku, available) = (demand.sku.clone(), lacking.available);
                Some((*i, FaultKind::OutOfStock { sku, available }))
            })),
        }
    }
    short.sort_by_key(|(i, _)| *i);
    let fault = |(i, what)| Fault::at(format!("#/lines/{i}/quantity"), what);
    faults.extend(short.into_iter().map(fault));
    chosen
}
