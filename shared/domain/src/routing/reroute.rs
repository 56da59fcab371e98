//! Moving what is held for an order to other warehouses, before it is picked there.
//!
//! A warehouse that cannot send it gives it up, the address has changed, or a person knows better.
//! What was held and what is held instead are one change: nothing is ever held twice or not at all.

use super::{Available, Demand, Method, Routing, RoutingWeights, Short, Task, route};
use crate::order::{Held, Line, LineHeld, Order, OrderEvent, Pick, Release};
use crate::{
    Action, Change, Effect, Fault, FaultKind, Millis, OrderId, Refusal, SkuId, Stored, WarehouseId,
};
use serde::{Deserialize, Serialize};

/// Why an order is sent from elsewhere: the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RerouteReason {
    /// The goods are not where they should be.
    GoodsMissing,
    GoodsDamaged,
    /// The warehouse has more to do than it can.
    Overloaded,
    /// The warehouse is closed, for a day or for good.
    Closed,
    AddressChanged,
    Other,
}

/// What somebody wants held elsewhere, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reroute {
    /// None: all units of the lines that are held there, in no parcel.
    pub picks: Option<Vec<Pick>>,
    /// The warehouse that is to send it; none: the best.
    pub to: Option<WarehouseId>,
    /// The warehouse that cannot send it; none: whichever holds it.
    pub away_from: Option<WarehouseId>,
    pub why: RerouteReason,
    /// In their own words.
    pub note: Option<String>,
}

/// What a change of warehouses is decided on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RerouteSituation {
    /// What of its goods is where in warehouses that are not retired, nothing free too.
    pub stock: Vec<Available>,
    /// Of the warehouses that are meant, those that are there and not retired.
    pub active: Vec<WarehouseId>,
    /// Warehouses where it is on a pick list.
    pub picking: Vec<WarehouseId>,
}

/// An order, and what is wanted of it.
struct Move<'a> {
    order: &'a Order,
    wanted: &'a Reroute,
}

/// Holds an order, or units of it, in other warehouses. What is there already stays, and where
/// nothing would change nothing does.
/// Precedence: state, the warehouse that is meant, lines, counts, packed units, stock, pick lists.
pub fn reroute(
    change: &mut Change,
    order: &mut Stored<Order>,
    wanted: &Reroute,
    situation: &RerouteSituation,
    weights: &RoutingWeights,
) -> Result<(), Refusal> {
    order.doc.must_allow(Action::Reroute, change.at)?;
    if wanted.to.as_ref().is_some_and(|to| !situation.active.contains(to)) {
        return Err(Refusal::Faulty(vec![Fault::at("#/to", FaultKind::UnknownWarehouse)]));
    }
    let moved = Move { order: &order.doc, wanted };
    let picks = moved.picks(change.at)?;
    let mut released = moved.released(&picks);
    let (mut held, routing) = moved.found(change, &picks, &released, &situation.stock, weights)?;
    net(&mut released, &mut held);
    if released.is_empty() {
        return Ok(());
    }
    for release in &released {
        if situation.picking.contains(&release.warehouse) {
            return Err(Refusal::BeingPicked { warehouse: release.warehouse.clone() });
        }
    }
    let left = released.iter().map(|release| release.warehouse.clone());
    let untouched = NotPicked { order: order.doc.id.clone(), warehouses: left.collect() };
    change.effect(Effect::NotPicked(untouched));
    let (at, by, note) = (change.at, change.actor.clone(), wanted.note.clone());
    let routing = Box::new(routing);
    let event = OrderEvent::Rerouted { at, by, why: wanted.why, note, released, held, routing };
    change.record(order, event);
    Ok(())
}

/// Warehouses in which an order must not be on a pick list when the change is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotPicked {
    pub order: OrderId,
    pub warehouses: Vec<WarehouseId>,
}

impl Move<'_> {
    /// Whether what is held there is to go.
    fn leaves(&self, held: &Held) -> bool {
        let Reroute { to, away_from, .. } = self.wanted;
        let meant = away_from.as_ref().is_none_or(|from| *from == held.warehouse);
        meant && to.as_ref() != Some(&held.warehouse)
    }

    fn free(&self, line: &Line) -> i64 {
        line.held.iter().filter(|held| self.leaves(held)).map(Held::free).sum()
    }

    /// The units that are meant, each line once. A line of which some are packed already is not
    /// torn apart unless somebody says how many units they mean.
    fn picks(&self, now: Millis) -> Result<Vec<Pick>, Refusal> {
        if let Some(picks) = &self.wanted.picks {
            self.order.check_picks(picks, |line| self.free(line))?;
            return Ok(Pick::merged(picks));
        }
        let mut picks = Vec::new();
        for line in &self.order.lines {
            let left = self.free(line);
            let packed = line.held.iter().filter(|h| self.leaves(h)).any(|h| h.packed > 0);
            if packed {
                let allowed = self.order.allowed_actions(now);
                return Err(Refusal::UnitsPacked { line: line.no, left, allowed });
            }
            if left > 0 {
                picks.push(Pick { line: line.no, units: left });
            }
        }
        let mut all = self.order.lines.iter().flat_map(|line| &line.held);
        let is_there = self.wanted.to.as_ref().is_some_and(|to| all.any(|h| h.warehouse == *to));
        if picks.is_empty() && !is_there { Err(Refusal::NothingChosen) } else { Ok(picks) }
    }

    /// Where the units are held now.
    fn released(&self, picks: &[Pick]) -> Vec<Release> {
        let mut released = Vec::new();
        for pick in picks {
            let mut left = pick.units;
            let held = self.order.line(pick.line).map(|line| line.held.as_slice());
            for held in held.unwrap_or_default().iter().filter(|held| self.leaves(held)) {
                let quantity = left.min(held.free());
                left -= quantity;
                if quantity > 0 {
                    let (line, warehouse) = (pick.line, held.warehouse.clone());
                    released.push(Release { line, warehouse, quantity });
                }
            }
        }
        released
    }

    /// What there is for it: what is free, and what it gives up itself, where it may be sent from.
    fn offered(&self, released: &[Release], stock: &[Available]) -> Vec<Available> {
        let Reroute { to, away_from, .. } = self.wanted;
        let may = |a: &&Available| {
            to.as_ref().is_none_or(|to| *to == a.warehouse)
                && away_from.as_ref() != Some(&a.warehouse)
        };
        let sku_of = |release: &Release| self.order.line(release.line).map(|line| &line.sku);
        let with_own = |a: &Available| {
            let own = released.iter().filter(|r| r.warehouse == a.warehouse);
            let own = own.filter(|r| sku_of(r) == Some(&a.sku)).map(|r| r.quantity);
            Available { pieces: a.pieces + own.sum::<i64>(), ..a.clone() }
        };
        stock.iter().filter(may).map(with_own).collect()
    }

    /// Warehouses that keep something of it.
    fn keeping(&self, released: &[Release]) -> Vec<&WarehouseId> {
        let mut keeping = Vec::new();
        for line in &self.order.lines {
            for held in &line.held {
                let gone = released.iter().filter(|r| r.line == line.no);
                let gone = gone.filter(|r| r.warehouse == held.warehouse).map(|r| r.quantity);
                if held.quantity > gone.sum() && !keeping.contains(&&held.warehouse) {
                    keeping.push(&held.warehouse);
                }
            }
        }
        keeping
    }

    fn found(
        &self,
        change: &Change,
        picks: &[Pick],
        released: &[Release],
        stock: &[Available],
        weights: &RoutingWeights,
    ) -> Result<(Vec<LineHeld>, Routing), Refusal> {
        let offered = self.offered(released, stock);
        let keeping = self.keeping(released);
        let meant = picks.iter().filter_map(|pick| Some((pick, &self.order.line(pick.line)?.sku)));
        let (picks, skus): (Vec<&Pick>, Vec<&SkuId>) = meant.unzip();
        let demands: Vec<Demand<'_>> =
            picks.iter().zip(skus).map(|(p, sku)| Demand { sku, quantity: p.units }).collect();
        let region = self.order.delivery.region.as_str();
        let task = Task { demands: &demands, region, sends_anyway: &keeping, weights };
        let mut routed = route(&task, offered.iter())
            .map_err(|short| Refusal::Faulty(self.faults(&demands, &short)))?;
        if self.wanted.to.is_some() {
            routed.method = Method::Named;
        }
        let held = picks.iter().zip(std::mem::take(&mut routed.held));
        let held = held.map(|(pick, held)| LineHeld { line: pick.line, held }).collect();
        let mut routing = Routing::of(routed, (change.at, &change.actor, region));
        routing.why = Some(self.wanted.why);
        Ok((held, routing))
    }

    /// Only what fails, each with what there would be.
    fn faults(&self, demands: &[Demand<'_>], short: &[Short]) -> Vec<Fault> {
        let pointer = match (&self.wanted.to, &self.wanted.away_from) {
            (Some(_), _) => "#/to",
            (None, Some(_)) => "#/away_from",
            (None, None) => "#",
        };
        let fault = |short: &Short| {
            let sku = demands.get(short.demand)?.sku.clone();
            Some(Fault::at(pointer, FaultKind::OutOfStock { sku, available: short.available }))
        };
        short.iter().filter_map(fault).collect()
    }
}

/// Takes out what would be given up and held again in the same place.
fn net(released: &mut Vec<Release>, held: &mut Vec<LineHeld>) {
    for LineHeld { line, held } in held.iter_mut() {
        for held in held.iter_mut() {
            let same = |r: &&mut Release| r.line == *line && r.warehouse == held.warehouse;
            for release in released.iter_mut().filter(same) {
                let both = release.quantity.min(held.quantity);
                release.quantity -= both;
                held.quantity -= both;
            }
        }
        held.retain(|held| held.quantity > 0);
    }
    held.retain(|line| !line.held.is_empty());
    released.retain(|release| release.quantity > 0);
}
