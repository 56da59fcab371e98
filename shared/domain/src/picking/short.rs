//! Short picks: a picker did not find all that should be there. What becomes of those very units is
//! said by the picker or by the policy, and stock and money follow in the same change.
//!
//! Whoever gives them up, or takes them from another warehouse, says that they are not here: they
//! leave the books here. Whoever waits for them believes that they are, and so they stay promised
//! until somebody counts.

use super::{Found, PickList, PickingPolicy, PurchaseOfTask, TaskSituation};
use crate::order::{
    CancelReason, Cancellation, LineHeld, Order, OrderAtHand, OrderEvent, Pick, call_off,
    offer_substitute,
};
use crate::routing::{TooFew, route_again};
use crate::{
    Available, Change, Fault, FaultKind, Ids, Millis, OrderId, Policy, Refusal, RerouteReason,
    Routing, RoutingWeights, Sku, SkuId, Stored, WarehouseId,
};
use serde::{Deserialize, Serialize};

/// What becomes of units that were not found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ShortOutcome {
    /// They are cancelled, and what was paid for them goes back.
    Refund,
    /// Others are promised, from warehouses that have them.
    OtherWarehouse,
    /// Their orders wait, and are picked again later.
    Wait,
    /// Their buyers are asked whether something else will do.
    Substitute,
}

/// What somebody says of units that they did not find.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShortSaid {
    pub outcome: ShortOutcome,
    /// Of those that wait, for pieces or for an answer; none: what the policy says.
    pub until: Option<Millis>,
    /// What is offered instead.
    pub sku: Option<SkuId>,
}

/// What is decided about units that were not found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShortPick {
    Refund,
    OtherWarehouse,
    Wait { until: Millis },
    Substitute { until: Millis },
}

/// Nothing is waited for longer than this.
const WAIT_AT_MOST: i64 = 90 * crate::DAY;

impl ShortPick {
    /// What is decided; none: nothing is short.
    pub(super) fn of(
        found: &[Found],
        said: Option<&ShortSaid>,
        policy: &PickingPolicy,
        now: Millis,
    ) -> Result<Option<Self>, Refusal> {
        if found.iter().all(|f| f.short == 0) {
            return Ok(None);
        }
        let no = |pointer: &str, what| Err(Refusal::Faulty(vec![Fault::at(pointer, what)]));
        let Some(outcome) = said.map(|said| said.outcome).or(policy.short_pick) else {
            return no("#/short", FaultKind::Missing);
        };
        Ok(Some(match outcome {
            ShortOutcome::Refund => Self::Refund,
            ShortOutcome::OtherWarehouse => Self::OtherWarehouse,
            ShortOutcome::Wait => Self::Wait { until: until(said, policy.short_wait_ms, now)? },
            ShortOutcome::Substitute => {
                Self::Substitute { until: until(said, policy.consent_within_ms, now)? }
            }
        }))
    }

    pub(super) fn outcome(&self) -> ShortOutcome {
        match self {
            Self::Refund => ShortOutcome::Refund,
            Self::OtherWarehouse => ShortOutcome::OtherWarehouse,
            Self::Wait { .. } => ShortOutcome::Wait,
            Self::Substitute { .. } => ShortOutcome::Substitute,
        }
    }
}

/// How long is waited: as somebody said, or as the policy has it.
fn until(said: Option<&ShortSaid>, wait_ms: i64, now: Millis) -> Result<Millis, Refusal> {
    let until = said.and_then(|said| said.until).unwrap_or(now.plus(wait_ms));
    if until < now || until > now.plus(WAIT_AT_MOST) {
        let (least, most) = (now.0, now.plus(WAIT_AT_MOST).0);
        let what = FaultKind::OutOfRange { least, most };
        return Err(Refusal::Faulty(vec![Fault::at("#/short/until", what)]));
    }
    Ok(until)
}

/// Does to the orders what was decided about their missing units.
pub(super) fn settle_short(
    change: &mut Change,
    list: &PickList,
    at: &mut TaskSituation,
    (missing, short): (&[(OrderId, Vec<Pick>)], ShortPick),
    (policy, ids): (&Policy, &mut dyn Ids),
) -> Result<(), Refusal> {
    for (order, picks) in missing {
        match short {
            ShortPick::Wait { until } => {
                let (list, warehouse) = (list.id.clone(), list.warehouse.clone());
                let picks = picks.clone();
                let event = OrderEvent::PickPutOff { list, warehouse, picks, until, at: change.at };
                if let Some(order) = at.order_mut(order) {
                    change.record(order, event);
                }
            }
            ShortPick::OtherWarehouse => {
                let Some(doc) = at.order_mut(order).map(|o| o.doc.clone()) else { continue };
                let from = (&list.warehouse, at.stock.as_mut_slice());
                let instead = elsewhere(change, &doc, picks, from, &policy.routing)?;
                if let Some(order) = at.order_mut(order) {
                    change.record(order, list.missing(picks, instead, change.at));
                }
            }
            ShortPick::Substitute { until } => {
                let instead = at.substitute_for(missing)?.clone();
                let Some(order) = at.order_mut(order) else { continue };
                let (place, until) = ((&list.id, &list.warehouse), (until, policy));
                for pick in picks {
                    offer_substitute(change, order, (pick, &instead), place, until)?;
                }
            }
            ShortPick::Refund => {
                let of_it = |p: &&mut PurchaseOfTask| p.orders.iter().any(|o| o.doc.id == *order);
                if let Some(purchase) = at.purchases.iter_mut().find(of_it) {
                    give_up(change, list, purchase, (order, picks), ids)?;
                }
            }
        }
    }
    Ok(())
}

impl TaskSituation {
    /// What is offered, if there is enough of it for everybody.
    fn substitute_for(&self, missing: &[(OrderId, Vec<Pick>)]) -> Result<&Sku, Refusal> {
        let no = |what| Refusal::Faulty(vec![Fault::at("#/short/sku", what)]);
        let sku = self.substitute.as_ref().ok_or(no(FaultKind::UnknownSku))?;
        let free = self.stock.iter().filter(|shelf| shelf.sku == sku.id);
        let available = free.map(|shelf| shelf.pieces).sum();
        let units: i64 = missing.iter().flat_map(|(_, picks)| picks).map(|p| p.units).sum();
        if units > available {
            return Err(no(FaultKind::OutOfStock { sku: sku.id.clone(), available }));
        }
        Ok(sku)
    }
}

/// What is promised instead of missing units: nothing, or pieces of other warehouses, and why of
/// those.
#[derive(Default)]
struct Instead {
    held: Vec<LineHeld>,
    routing: Option<Box<Routing>>,
}

impl PickList {
    fn missing(&self, picks: &[Pick], instead: Instead, at: Millis) -> OrderEvent {
        let (list, warehouse) = (self.id.clone(), self.warehouse.clone());
        let Instead { held, routing } = instead;
        OrderEvent::PiecesMissing { list, warehouse, picks: picks.to_vec(), held, routing, at }
    }
}

/// Exactly the missing units are cancelled; what is held besides stays held.
fn give_up(
    change: &mut Change,
    list: &PickList,
    purchase: &mut PurchaseOfTask,
    (id, picks): (&OrderId, &[Pick]),
    ids: &mut dyn Ids,
) -> Result<(), Refusal> {
    let Some(place) = purchase.orders.iter().position(|o| o.doc.id == *id) else { return Ok(()) };
    let mut order: Stored<Order> = purchase.orders.swap_remove(place);
    change.record(&mut order, list.missing(picks, Instead::default(), change.at));
    let done = match &mut purchase.payment {
        None => Ok(()),
        Some(payment) => {
            let siblings = purchase.orders.as_mut_slice();
            let at_hand = OrderAtHand { order: &mut order, siblings, payment };
            let wanted = Cancellation { picks: None, why: CancelReason::ShortPick, note: None };
            call_off(change, at_hand, (picks.to_vec(), Vec::new()), &wanted, ids)
        }
    };
    purchase.orders.push(order);
    done
}

/// Pieces in other warehouses for units of an order. What is found is not offered to the next order
/// of the same change.
fn elsewhere(
    change: &Change,
    order: &Order,
    picks: &[Pick],
    (here, stock): (&WarehouseId, &mut [Available]),
    weights: &RoutingWeights,
) -> Result<Instead, Refusal> {
    let others = stock.iter().filter(|shelf| shelf.warehouse != *here);
    let (held, mut routing) = route_again(change, order, picks, others, weights)
        .map_err(|few| Refusal::Faulty(few.into_iter().map(lacking).collect()))?;
    for line in &held {
        let Some(sku) = order.line(line.line).map(|line| &line.sku) else { continue };
        for taken in &line.held {
            let from = |s: &&mut Available| s.sku == *sku && s.warehouse == taken.warehouse;
            if let Some(shelf) = stock.iter_mut().find(from) {
                shelf.pieces -= taken.quantity;
            }
        }
    }
    routing.why = Some(RerouteReason::GoodsMissing);
    Ok(Instead { held, routing: Some(Box::new(routing)) })
}

fn lacking((sku, available): TooFew) -> Fault {
    Fault::at("#/short/outcome", FaultKind::OutOfStock { sku, available })
}

/// What was picked of an order in vain is on the shelf of that warehouse again: those units, or
/// all that lie around there. Precedence: whether anything does, lines, counts.
pub fn put_away(
    change: &mut Change,
    order: &mut Stored<Order>,
    (warehouse, picks): (&WarehouseId, Option<&[Pick]>),
) -> Result<(), Refusal> {
    let here = order.doc.put_away.iter().filter(|p| p.warehouse == *warehouse);
    let all: Vec<Pick> = here.map(|p| Pick { line: p.line, units: p.units }).collect();
    if all.is_empty() {
        return Err(Refusal::NothingToPutAway);
    }
    let picks = match picks {
        Some(picks) => {
            order.doc.check_picks(picks, |line| order.doc.to_put_away_of(line.no, warehouse))?;
            Pick::merged(picks)
        }
        None => all,
    };
    let (warehouse, at) = (warehouse.clone(), change.at);
    change.record(order, OrderEvent::PutAway { warehouse, picks, at });
    Ok(())
}
