//! Units of an order on their way from the shelf to the packing table, and back.

use super::{LineHeld, Order, OrderState, Pick, Release};
use crate::{Effect, Millis, Routing, StockMove, StockReason, WarehouseId};
use serde::{Deserialize, Serialize};

/// Pieces that were picked for an order and are promised to it no more: somebody puts them back on
/// the shelf. In the books they are there already.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToPutAway {
    pub line: u16,
    pub warehouse: WarehouseId,
    pub units: i64,
}

impl Order {
    /// It is to be sent, as far as we know now: what is held for it may be picked.
    pub fn is_to_be_sent(&self) -> bool {
        matches!(self.state, OrderState::Confirmed { .. }) && !self.is_contested()
    }

    /// Units of a line that are to be picked in a warehouse now.
    pub fn to_pick_of(&self, line: u16, warehouse: &WarehouseId) -> i64 {
        let line = self.line(line).filter(|_| self.is_to_be_sent());
        line.map_or(0, |line| line.on_shelf_in(warehouse))
    }

    /// Units that are off the shelf and have not left.
    pub(super) fn units_off_shelf(&self) -> i64 {
        let held = self.lines.iter().flat_map(|line| &line.held);
        held.map(|held| held.quantity - held.on_shelf()).sum()
    }

    pub(super) fn picked(&mut self, warehouse: &WarehouseId, picks: &[Pick]) {
        for pick in picks {
            if let Some(line) = self.lines.iter_mut().find(|l| l.no == pick.line) {
                line.pick(warehouse, pick.units);
            }
        }
    }

    /// What was released of it; what of that was picked goes back on the shelf.
    pub(super) fn released(&mut self, released: &[Release]) {
        for release in released {
            let Release { line: no, warehouse, quantity } = release;
            let Some(line) = self.lines.iter_mut().find(|l| l.no == *no) else { continue };
            let units = line.take(warehouse, *quantity);
            if units == 0 {
                continue;
            }
            let same = |p: &&mut ToPutAway| p.line == *no && p.warehouse == *warehouse;
            match self.put_away.iter_mut().find(same) {
                Some(known) => known.units += units,
                None => {
                    let (line, warehouse) = (*no, warehouse.clone());
                    self.put_away.push(ToPutAway { line, warehouse, units });
                }
            }
        }
    }

    /// Pieces that should have been on the shelf were not: others are promised instead, or none.
    pub(super) fn were_missing(
        &mut self,
        here: &WarehouseId,
        picks: &[Pick],
        (held, routing): (&[LineHeld], Option<&Routing>),
    ) {
        for pick in picks {
            if let Some(line) = self.lines.iter_mut().find(|l| l.no == pick.line) {
                line.take(here, pick.units);
            }
        }
        for anew in held {
            if let Some(line) = self.lines.iter_mut().find(|l| l.no == anew.line) {
                anew.held.iter().for_each(|more| line.hold(more));
            }
        }
        if let Some(routing) = routing {
            self.routing = Some(Box::new(routing.clone()));
        }
    }

    /// Units of a line that were picked in vain in a warehouse and lie around there.
    pub(crate) fn to_put_away_of(&self, line: u16, here: &WarehouseId) -> i64 {
        let lies = self.put_away.iter().filter(|p| p.line == line && p.warehouse == *here);
        lies.map(|p| p.units).sum()
    }

    pub(super) fn was_put_away(&mut self, here: &WarehouseId, picks: &[Pick]) {
        for pick in picks {
            let same = |p: &&mut ToPutAway| p.line == pick.line && p.warehouse == *here;
            if let Some(lies) = self.put_away.iter_mut().find(same) {
                lies.units -= pick.units;
            }
        }
        self.put_away.retain(|p| p.units > 0);
    }

    pub(super) fn put_off(&mut self, here: &WarehouseId, until: Millis) {
        let after = self.pick_after.entry(here.clone()).or_insert(until);
        *after = until.max(*after);
    }

    /// Missing pieces are neither there nor promised; those that are promised instead are held.
    pub(super) fn count_missing(
        &self,
        here: &WarehouseId,
        picks: &[Pick],
        held: &[LineHeld],
    ) -> Vec<Effect> {
        let gone = picks.iter().filter_map(|pick| {
            Some(Effect::StockOf {
                order: self.id.clone(),
                moved: StockMove {
                    sku: self.line(pick.line)?.sku.clone(),
                    warehouse: here.clone(),
                    on_hand: -pick.units,
                    held: -pick.units,
                    why: StockReason::Missing,
                },
            })
        });
        gone.chain(self.hold_anew(held)).collect()
    }
}
