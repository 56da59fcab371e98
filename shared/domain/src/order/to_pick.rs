//! What warehouses have to do: which orders wait where to be picked.
//!
//! The queue is not decided on, it is read off the order: whatever happens to one that can change
//! it says anew what waits in which warehouse, and the store keeps that as rows.

use super::{Line, Order, OrderEvent, OrderState, SubstituteEvent};
use crate::{Millis, OrderId, WarehouseId};
use std::collections::BTreeMap;

/// What of an order waits to be picked; it takes the place of what was said of the order before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToPick {
    pub order: OrderId,
    /// By when the buyer was told it ships.
    pub ship_by: Millis,
    /// When it became certain that it is sent.
    pub since: Millis,
    /// One for each warehouse; none: nothing of it waits anywhere.
    pub places: Vec<ToPickHere>,
}

/// What of an order waits in one warehouse.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToPickHere {
    pub warehouse: WarehouseId,
    pub lines: i64,
    pub pieces: i64,
}

impl Order {
    /// Confirmed, not in doubt, and held, still on the shelf.
    pub fn to_pick(&self) -> ToPick {
        let (order, ship_by) = (self.id.clone(), self.ship_by);
        let (since, places) = match &self.state {
            OrderState::Confirmed { at } if !self.is_contested() => (*at, self.free_by_warehouse()),
            OrderState::Confirmed { at } => (*at, Vec::new()),
            OrderState::AwaitingPayment { .. }
            | OrderState::AwaitingConfirmation { .. }
            | OrderState::Completed { .. }
            | OrderState::Cancelled { .. } => (self.placed_at, Vec::new()),
        };
        ToPick { order, ship_by, since, places }
    }

    /// Its lines with pieces that wait in a warehouse, and how many.
    pub fn to_pick_in(&self, warehouse: &WarehouseId) -> Vec<(&Line, i64)> {
        let here = self.lines.iter().map(|line| (line, line.on_shelf_in(warehouse)));
        here.filter(|(_, pieces)| *pieces > 0).collect()
    }

    fn free_by_warehouse(&self) -> Vec<ToPickHere> {
        let mut free: BTreeMap<&WarehouseId, (i64, i64)> = BTreeMap::new();
        for held in self.lines.iter().flat_map(|line| &line.held) {
            if held.on_shelf() > 0 {
                let (lines, pieces) = free.entry(&held.warehouse).or_default();
                (*lines, *pieces) = (*lines + 1, *pieces + held.on_shelf());
            }
        }
        let here = |(warehouse, (lines, pieces)): (&WarehouseId, (i64, i64))| {
            let warehouse = warehouse.clone();
            ToPickHere { warehouse, lines, pieces }
        };
        free.into_iter().map(here).collect()
    }

    /// What the warehouses have to do of it may be other after this.
    pub(super) fn moves_the_queue(&self, event: &OrderEvent) -> bool {
        match event {
            OrderEvent::Paid { .. }
            | OrderEvent::Confirmed { .. }
            | OrderEvent::Referred { .. }
            | OrderEvent::UnitsCancelled { .. }
            | OrderEvent::Cancelled { .. }
            | OrderEvent::Disputed { .. }
            | OrderEvent::DisputeClosed { .. }
            | OrderEvent::ChargedBack { .. }
            | OrderEvent::Packed { .. }
            | OrderEvent::Picked { .. }
            | OrderEvent::PiecesMissing { .. }
            | OrderEvent::Unpacked { .. }
            | OrderEvent::Rerouted { .. }
            | OrderEvent::GivenUp { .. } => true,
            OrderEvent::Substitute(step) => matches!(**step, SubstituteEvent::Taken { .. }),
            // Money that goes back can be all that a bank had left of it.
            OrderEvent::RefundGranted { .. } => self.charged_back_minor > 0,
            OrderEvent::Placed { .. }
            | OrderEvent::HeldLonger { .. }
            | OrderEvent::AddressChanged { .. }
            | OrderEvent::Revived { .. }
            | OrderEvent::ShipOverdue { .. }
            | OrderEvent::PickPutOff { .. }
            | OrderEvent::PutAway { .. }
            | OrderEvent::Shipped { .. }
            | OrderEvent::Delivered { .. }
            | OrderEvent::CashCollected { .. }
            | OrderEvent::CashSettled { .. }
            | OrderEvent::DeliveryRefused { .. }
            | OrderEvent::DeliveryReversed { .. }
            | OrderEvent::CameBack { .. }
            | OrderEvent::Recovered { .. }
            | OrderEvent::ExceptionOpened { .. }
            | OrderEvent::ExceptionClosed { .. }
            | OrderEvent::CaseOpened { .. }
            | OrderEvent::CaseClosed { .. }
            | OrderEvent::Returned { .. }
            | OrderEvent::Completed { .. }
            | OrderEvent::WindowEnded { .. }
            | OrderEvent::Settled { .. } => false,
        }
    }
}
