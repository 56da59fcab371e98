//! Which warehouses an order is sent from, and why those.
//!
//! A warehouse that sends something costs points: for the parcel, for how far it is, for what
//! sending from there costs, and for the shop's own order of preference. The warehouses that hold
//! everything for the fewest points are chosen. With the default weights each of these counts only
//! where all before it are equal. What was found and what was not is kept as a verdict.

mod again;
mod choose;
mod nearness;
mod reroute;

pub(crate) use again::{TooFew, route_again, route_more};
pub use choose::{Demand, Routed, Short, Task, route};
pub use nearness::Nearness;
pub use reroute::*;

use crate::{Actor, Millis, SkuId, WarehouseId};
use serde::{Deserialize, Serialize};

/// Points for each thing that speaks against a warehouse; fewer are better.
///
/// The defaults are so far apart that each counts only where all those before it are equal, for up
/// to 30 parcels, with `priority` from -1,000 to 1,000 and `cost_minor` up to 1,000,000, as the
/// catalog allows them: 30 parcels differ by 60,000 points of priority at most, which is less than
/// one minor unit of cost, and so on. A shop that knows what a parcel costs sets `cost` to 1,
/// `parcels` to that in minor units, and the others to what they are worth.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RoutingWeights {
    /// For each parcel.
    pub parcels: i64,
    /// For each step of [`Nearness`] that it is away.
    pub region: i64,
    /// For each minor unit of its `cost_minor`.
    pub cost: i64,
    /// For each step of its `priority`.
    pub priority: i64,
}

impl Default for RoutingWeights {
    fn default() -> Self {
        Self {
            parcels: 1_000_000_000_000_000,
            region: 10_000_000_000_000,
            cost: 100_000,
            priority: 1,
        }
    }
}

/// Pieces of an SKU in a warehouse that nobody is promised.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Available {
    pub sku: SkuId,
    pub warehouse: WarehouseId,
    /// GB/T 2260.
    pub region: String,
    /// What sending a parcel from there costs.
    #[serde(default)]
    pub cost_minor: i64,
    pub priority: i64,
    pub pieces: i64,
}

/// Why an order is held where it is: everything that was looked at, and what came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Routing {
    pub at: Millis,
    /// Who wanted it: whoever ordered, or moved it.
    pub by: Actor,
    /// Where it was to go then: GB/T 2260.
    pub region: String,
    pub method: Method,
    /// Lines that warehouses were sought for.
    pub lines: usize,
    /// The best first, with those that were chosen.
    pub candidates: Vec<Candidate>,
    /// So many more were looked at.
    #[serde(default, skip_serializing_if = "is_none")]
    pub more: usize,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<RerouteReason>,
}

fn is_none(count: &usize) -> bool {
    *count == 0
}

/// How the choice was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// All combinations were compared: none has fewer points.
    Exact,
    /// There were too many for that: the one that gives most came first, again and again, and who
    /// turned out not to be needed went. No single warehouse has all of it for fewer points.
    Greedy,
    /// A person named the warehouse.
    Named,
}

/// A warehouse that has something of what was sought.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    pub warehouse: WarehouseId,
    pub near: Nearness,
    #[serde(default, skip_serializing_if = "crate::order::is_zero")]
    pub cost_minor: i64,
    #[serde(default, skip_serializing_if = "crate::order::is_zero")]
    pub priority: i64,
    /// A parcel of the order comes from there anyway, so it costs no other one.
    #[serde(default, skip_serializing_if = "crate::order::is_false")]
    pub sends_anyway: bool,
    /// Its points.
    pub score: i64,
    /// Lines that it could serve whole,
    pub lines: usize,
    /// and pieces it could give.
    pub pieces: i64,
    pub verdict: CandidateVerdict,
}

/// What became of a candidate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CandidateVerdict {
    Chosen,
    /// It could serve everything too, and has more points.
    Outscored,
    /// It lacks something, and others need no help from it.
    Lacking,
}

impl Routing {
    /// What was found, with when, by whom and for where.
    pub(crate) fn of(routed: Routed, (at, by, region): (Millis, &Actor, &str)) -> Self {
        let Routed { method, lines, candidates, more, .. } = routed;
        let (by, region) = (by.clone(), region.to_owned());
        Self { at, by, region, method, lines, candidates, more, why: None }
    }

    /// It comes from several warehouses.
    pub fn is_split(&self) -> bool {
        let chosen = |c: &&Candidate| c.verdict == CandidateVerdict::Chosen;
        self.candidates.iter().filter(chosen).count() > 1
    }
}
