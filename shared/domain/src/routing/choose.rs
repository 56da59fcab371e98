//! The choice itself: the cheapest set of warehouses that together have every line.
//!
//! Points of warehouses add up, so a set has the sum of its members'. Up to ten candidates every
//! set is looked at; more are taken greedily.

use super::{Available, Candidate, CandidateVerdict, Method, Nearness, RoutingWeights};
use crate::order::Held;
use crate::{SkuId, WarehouseId};
use std::cmp::Reverse;

/// Pieces of an SKU that are sought; each SKU once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Demand<'a> {
    pub sku: &'a SkuId,
    pub quantity: i64,
}

/// What warehouses are sought for.
#[derive(Debug, Clone, Copy)]
pub struct Task<'a> {
    pub demands: &'a [Demand<'a>],
    /// Where it goes: GB/T 2260; empty for other countries.
    pub region: &'a str,
    /// Warehouses that send a parcel of the order anyway: one more piece is no parcel more.
    pub sends_anyway: &'a [&'a WarehouseId],
    pub weights: &'a RoutingWeights,
}

/// Where everything is held, and what was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Routed {
    /// Of each demand; they sum to its quantity.
    pub held: Vec<Vec<Held>>,
    pub method: Method,
    pub lines: usize,
    pub candidates: Vec<Candidate>,
    /// So many candidates more were looked at.
    pub more: usize,
}

/// A demand of which nobody has enough, even together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Short {
    /// Which demand.
    pub demand: usize,
    /// Pieces there are.
    pub available: i64,
}

/// Up to so many candidates every set of them is looked at: a thousand at most.
const EXACT_AT_MOST: usize = 10;

/// Candidates that a verdict keeps.
const KEPT_AT_MOST: usize = 20;

/// A warehouse with something of what is sought.
struct Place<'a> {
    from: &'a Available,
    near: Nearness,
    sends_anyway: bool,
    score: i64,
    /// Pieces for each demand, not more than it needs.
    gives: Vec<i64>,
    chosen: bool,
}

/// Chooses warehouses that together have everything, or says what is short. Only what is in `stock`
/// is offered: whoever reads it leaves out warehouses that are retired.
pub fn route<'a>(
    task: &Task<'_>,
    stock: impl Iterator<Item = &'a Available>,
) -> Result<Routed, Vec<Short>> {
    let (mut places, available) = places(task, stock);
    let short = task.demands.iter().zip(available).enumerate();
    let short = short.filter(|(_, (wanted, there))| *there < wanted.quantity);
    let short: Vec<Short> =
        short.map(|(demand, (_, available))| Short { demand, available }).collect();
    if !short.is_empty() {
        return Err(short);
    }
    let key = |p: &Place<'_>| (p.score, p.near.steps(), p.from.cost_minor, p.from.priority);
    places.sort_unstable_by(|a, b| {
        key(a).cmp(&key(b)).then_with(|| a.from.warehouse.cmp(&b.from.warehouse))
    });
    let method = if places.len() <= EXACT_AT_MOST {
        choose_exactly(&mut places, task.demands);
        Method::Exact
    } else {
        choose_greedily(&mut places, task.demands);
        Method::Greedy
    };
    drop_idle(&mut places, task.demands);
    let held = spread(&places, task.demands);
    let more = places.len().saturating_sub(KEPT_AT_MOST);
    let candidates = told(&mut places, task.demands);
    Ok(Routed { held, method, lines: task.demands.len(), candidates, more })
}

/// The warehouses that have something, and what all of them have of each demand.
fn places<'a>(
    task: &Task<'_>,
    stock: impl Iterator<Item = &'a Available>,
) -> (Vec<Place<'a>>, Vec<i64>) {
    let mut places: Vec<Place<'a>> = Vec::new();
    let mut available = vec![0_i64; task.demands.len()];
    for from in stock.filter(|from| from.pieces > 0) {
        for (i, wanted) in task.demands.iter().enumerate().filter(|(_, d)| *d.sku == from.sku) {
            if let Some(sum) = available.get_mut(i) {
                *sum = sum.saturating_add(from.pieces);
            }
            let known = places.iter().position(|p| p.from.warehouse == from.warehouse);
            let at = known.unwrap_or(places.len());
            if known.is_none() {
                places.push(Place::of(from, task));
            }
            if let Some(gives) = places.get_mut(at).and_then(|p| p.gives.get_mut(i)) {
                *gives = gives.saturating_add(from.pieces).min(wanted.quantity);
            }
        }
    }
    (places, available)
}

impl<'a> Place<'a> {
    fn of(from: &'a Available, task: &Task<'_>) -> Self {
        let near = Nearness::of(&from.region, task.region);
        let sends_anyway = task.sends_anyway.contains(&&from.warehouse);
        let RoutingWeights { parcels, region, cost, priority } = task.weights;
        let score = if sends_anyway { 0 } else { *parcels };
        let score = score
            .saturating_add(region.saturating_mul(near.steps()))
            .saturating_add(cost.saturating_mul(from.cost_minor))
            .saturating_add(priority.saturating_mul(from.priority));
        let gives = vec![0; task.demands.len()];
        Self { from, near, sends_anyway, score, gives, chosen: false }
    }

    fn gives(&self, demand: usize) -> i64 {
        self.gives.get(demand).copied().unwrap_or(0)
    }
}

/// Whether those of the places for which `is_in` holds have everything together.
fn covers(
    places: &[Place<'_>],
    demands: &[Demand<'_>],
    is_in: impl Fn(usize, &Place<'_>) -> bool,
) -> bool {
    demands.iter().enumerate().all(|(demand, wanted)| {
        let those = places.iter().enumerate().filter(|(at, place)| is_in(*at, place));
        let sum = those.fold(0_i64, |sum, (_, p)| sum.saturating_add(p.gives(demand)));
        sum >= wanted.quantity
    })
}

/// Looks at every set. Fewer points are better, then fewer warehouses, then those that come first.
fn choose_exactly(places: &mut [Place<'_>], demands: &[Demand<'_>]) {
    // A set is a number: its lowest bit says whether the first place is in it.
    let holds = |set: u32, at: usize| {
        let at = u32::try_from(at).unwrap_or(u32::MAX);
        set.checked_shr(at).is_some_and(|rest| rest & 1 == 1)
    };
    let sets = u32::try_from(places.len()).ok().and_then(|count| 1_u32.checked_shl(count));
    let mut best: Option<(i64, u32, Reverse<u32>, u32)> = None;
    for set in 1..sets.unwrap_or(1) {
        let members = places.iter().enumerate().filter(|(at, _)| holds(set, *at));
        let points = members.fold(0_i64, |sum, (_, place)| sum.saturating_add(place.score));
        // Of two with as many members, the one is before that has the first which the other lacks.
        let key = (points, set.count_ones(), Reverse(set.reverse_bits()), set);
        if best.is_none_or(|best| key < best) && covers(places, demands, |at, _| holds(set, at)) {
            best = Some(key);
        }
    }
    let chosen = best.map_or(0, |(.., set)| set);
    for (at, place) in places.iter_mut().enumerate() {
        place.chosen = holds(chosen, at);
    }
}

/// Takes whoever gives most of what is missing, until nothing is. One that has all of it alone is
/// taken instead, if that has not more points.
fn choose_greedily(places: &mut [Place<'_>], demands: &[Demand<'_>]) {
    let mut missing: Vec<i64> = demands.iter().map(|d| d.quantity).collect();
    while missing.iter().any(|pieces| *pieces > 0) {
        let mut most: Option<(i64, usize)> = None;
        for (at, place) in places.iter().enumerate().filter(|(_, place)| !place.chosen) {
            let gives = |(demand, missing): (usize, &i64)| place.gives(demand).min(*missing);
            let sum = missing.iter().enumerate().map(gives).fold(0, i64::saturating_add);
            if most.is_none_or(|(best, _)| sum > best) {
                most = Some((sum, at));
            }
        }
        let Some(place) = most.and_then(|(_, at)| places.get_mut(at)) else { return };
        place.chosen = true;
        for (demand, missing) in missing.iter_mut().enumerate() {
            *missing -= place.gives(demand).min(*missing);
        }
    }
    drop_idle(places, demands);
    let points = places.iter().filter(|p| p.chosen).map(|p| p.score);
    let points = points.fold(0_i64, i64::saturating_add);
    let alone = places.iter().position(|p| p.has_all(demands));
    if let Some(alone) = alone
        && places.get(alone).is_some_and(|place| place.score <= points)
    {
        for (at, place) in places.iter_mut().enumerate() {
            place.chosen = at == alone;
        }
    }
}

impl Place<'_> {
    fn has_all(&self, demands: &[Demand<'_>]) -> bool {
        demands.iter().enumerate().all(|(demand, wanted)| self.gives(demand) >= wanted.quantity)
    }
}

/// Leaves out, from the worst on, whoever the others do not need.
fn drop_idle(places: &mut [Place<'_>], demands: &[Demand<'_>]) {
    for at in (0..places.len()).rev() {
        let chosen = places.get(at).is_some_and(|place| place.chosen);
        let idle = chosen && covers(places, demands, |other, p| p.chosen && other != at);
        if let Some(place) = places.get_mut(at).filter(|_| idle) {
            place.chosen = false;
        }
    }
}

/// A line is held in the first that has all of it, otherwise in one after the other.
fn spread(places: &[Place<'_>], demands: &[Demand<'_>]) -> Vec<Vec<Held>> {
    let mut all = Vec::with_capacity(demands.len());
    for (demand, wanted) in demands.iter().enumerate() {
        let mut chosen = places.iter().filter(|place| place.chosen);
        let whole = chosen.clone().find(|place| place.gives(demand) >= wanted.quantity);
        let (mut left, mut held) = (wanted.quantity, Vec::with_capacity(1));
        while left > 0 {
            let Some(place) = whole.or_else(|| chosen.next()) else { break };
            let quantity = left.min(place.gives(demand));
            if quantity > 0 {
                held.push(Held::new(place.from.warehouse.clone(), quantity));
            }
            left -= quantity;
        }
        all.push(held);
    }
    all
}

/// The candidates for the verdict, those that were chosen among them, the best first.
fn told(places: &mut Vec<Place<'_>>, demands: &[Demand<'_>]) -> Vec<Candidate> {
    if places.len() > KEPT_AT_MOST {
        places.sort_by_key(|place| !place.chosen);
        places.truncate(KEPT_AT_MOST);
        places.sort_by_key(|place| place.score);
    }
    let candidate = |place: &Place<'_>| Candidate {
        warehouse: place.from.warehouse.clone(),
        near: place.near,
        cost_minor: place.from.cost_minor,
        priority: place.from.priority,
        sends_anyway: place.sends_anyway,
        score: place.score,
        lines: place.gives.iter().zip(demands).filter(|(gives, d)| **gives >= d.quantity).count(),
        pieces: place.gives.iter().fold(0_i64, |sum, gives| sum.saturating_add(*gives)),
        verdict: if place.chosen {
            CandidateVerdict::Chosen
        } else if place.has_all(demands) {
            CandidateVerdict::Outscored
        } else {
            CandidateVerdict::Lacking
        },
    };
    places.iter().map(candidate).collect()
}
