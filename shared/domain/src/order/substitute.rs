//! Something else instead of units that were not found: the warehouse offers it, the buyer takes it
//! or does not.
//!
//! Until somebody answers, the missing units stay promised, like those that are waited for. Whoever
//! takes the substitute pays what they paid for what is missing; whoever does not, and whoever says
//! nothing in time, gets the money for exactly those units back.

use super::{
    Action, CancelReason, Cancellation, Held, Line, LineCash, Order, OrderAtHand, OrderEvent, Pick,
    Units, call_off, can_be_called_off,
};
use crate::routing::route_more;
use crate::{
    Actor, Available, Change, Demand, Effect, Fault, FaultKind, Ids, Milestone, Millis, Money,
    PickListId, Policy, Refusal, Routing, RoutingWeights, Sku, SkuId, Stored, TimerKind,
    WarehouseId, share_of_units,
};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Something else that a buyer may have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubstituteOffer {
    /// Units of this line are missing; a line has one offer at a time.
    pub line: u16,
    pub units: i64,
    /// Where they were not found,
    pub warehouse: WarehouseId,
    /// and on which list.
    pub list: PickListId,
    pub instead: Substitute,
    /// Silence until then is a no.
    pub until: Millis,
}

/// What is offered, as the catalog had it then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Substitute {
    pub sku: SkuId,
    pub name: String,
    /// What it costs whoever orders it.
    pub price_minor: i64,
    pub weight_g: i64,
    pub return_ms: i64,
}

/// What has happened with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "step")]
pub enum SubstituteEvent {
    Offered {
        offer: SubstituteOffer,
        at: Millis,
    },
    /// The buyer takes it: it is a line of its own, and what is missing is not.
    Taken {
        offer: SubstituteOffer,
        to: Box<Line>,
        routing: Box<Routing>,
        by: Actor,
        at: Millis,
    },
    /// The buyer does not take it, or has not answered in time.
    Declined {
        line: u16,
        by: Actor,
        at: Millis,
    },
    /// What it was offered for was packed, cancelled or sent from elsewhere meanwhile.
    Lapsed {
        line: u16,
        at: Millis,
    },
}

impl SubstituteEvent {
    fn of_order(self) -> OrderEvent {
        OrderEvent::Substitute(Box::new(self))
    }
}

impl SubstituteOffer {
    fn pick(&self) -> Pick {
        Pick { line: self.line, units: self.units }
    }

    /// The missing units are in the warehouse no more; nothing is promised instead of them.
    fn units_missing(&self, at: Millis) -> OrderEvent {
        OrderEvent::PiecesMissing {
            list: self.list.clone(),
            warehouse: self.warehouse.clone(),
            picks: vec![self.pick()],
            held: Vec::new(),
            routing: None,
            at,
        }
    }
}

impl Line {
    /// Units that may become another line: none of them was given back, or left once already.
    fn replaceable_units(&self) -> i64 {
        let settled = self.units.refunded + self.units.waived;
        if self.units.resent > 0 { 0 } else { self.open_units().min(self.quantity - settled) }
    }

    /// Its last units as a line of their own, for what was paid for them. By `share_of_units` the
    /// units that stay are worth what they were.
    fn tail(&self, (no, units): (u16, i64), instead: &Substitute, held: Vec<Held>) -> Self {
        let (first, open) = (self.quantity - units, self.open_units());
        let paid_minor = share_of_units(self.paid_minor, self.quantity, first, units);
        let points_minor = self.points_of(first, units);
        let cash = self.cash.as_ref().map(|cash| LineCash {
            open_minor: share_of_units(cash.open_minor, open, open - units, units),
            kept_minor: 0,
        });
        Self {
            no,
            sku: instead.sku.clone(),
            name: instead.name.clone(),
            quantity: units,
            unit_price_minor: self.unit_price_minor,
            discount_minor: self.unit_price_minor * units - paid_minor - points_minor,
            points_minor,
            paid_minor,
            weight_g: instead.weight_g,
            return_ms: instead.return_ms,
            held,
            units: Units::default(),
            cash,
            instead_of: Some(self.no),
        }
    }

    /// Its last units are a line of their own now.
    fn lose(&mut self, tail: &Self) {
        self.quantity -= tail.quantity;
        self.discount_minor -= tail.discount_minor;
        self.points_minor -= tail.points_minor;
        self.paid_minor -= tail.paid_minor;
        if let (Some(cash), Some(theirs)) = (&mut self.cash, &tail.cash) {
            cash.open_minor -= theirs.open_minor;
        }
    }
}

/// Offers something else for units of an order that a picker did not find. It costs what they cost
/// at least, so that nobody who agrees is worse off. Precedence: counts, the substitute.
pub(crate) fn offer_substitute(
    change: &mut Change,
    order: &mut Stored<Order>,
    (pick, instead): (&Pick, &Sku),
    (list, warehouse): (&PickListId, &WarehouseId),
    (until, policy): (Millis, &Policy),
) -> Result<(), Refusal> {
    let no = |pointer: &str, what| Err(Refusal::Faulty(vec![Fault::at(pointer, what)]));
    let Some(line) = order.doc.line(pick.line) else { return Ok(()) };
    let at_most = line.replaceable_units();
    if pick.units > at_most {
        return no("#/short/outcome", FaultKind::QuantityOutOfRange { at_most });
    }
    if order.doc.open_offers().any(|offer| offer.line == pick.line) {
        return no("#/short/outcome", FaultKind::Repeated);
    }
    let ours = instead.merchant == order.doc.merchant && instead.currency == order.doc.currency;
    if !ours || !instead.sells() {
        return no("#/short/sku", FaultKind::NotForSale);
    }
    // Lines of an order have different SKUs: by them parcels and shelves are told apart.
    if order.doc.has_or_may_have(&instead.id) {
        return no("#/short/sku", FaultKind::RepeatedSku);
    }
    if instead.price_minor < line.unit_price_minor {
        let at_least = Money::new(line.unit_price_minor, order.doc.currency);
        return no("#/short/sku", FaultKind::WorthLess { at_least });
    }
    let substitute = Substitute {
        sku: instead.id.clone(),
        name: instead.name.clone(),
        price_minor: instead.price_minor,
        weight_g: instead.weight_g,
        return_ms: instead.return_ms(policy),
    };
    let Pick { line, units } = *pick;
    let (list, warehouse) = (list.clone(), warehouse.clone());
    let offer = SubstituteOffer { line, units, warehouse, list, instead: substitute, until };
    change.record(order, SubstituteEvent::Offered { offer, at: change.at }.of_order());
    Ok(())
}

/// The buyer takes what is offered for a line. It is promised from wherever there is enough of it;
/// what was not found is in the books no more. Precedence: state, counts, stock.
pub fn accept_substitute(
    change: &mut Change,
    order: &mut Stored<Order>,
    line: u16,
    stock: &[Available],
    weights: &RoutingWeights,
) -> Result<(), Refusal> {
    let offer = order.doc.offer_for(line, change.at)?.clone();
    let from = order.doc.line(line).ok_or(Refusal::UnknownLine { line })?;
    let left = from.replaceable_units();
    if offer.units > left {
        return Err(Refusal::TooManyUnits { line, left });
    }
    let demands = [Demand { sku: &offer.instead.sku, quantity: offer.units }];
    let found = route_more(change, &order.doc, &demands, stock.iter(), weights);
    let (mut held, routing) = found.map_err(|few| {
        let lacking = |(sku, available)| Fault::at("#", FaultKind::OutOfStock { sku, available });
        Refusal::Faulty(few.into_iter().map(lacking).collect())
    })?;
    let held = held.pop().unwrap_or_default();
    let no = order.doc.lines.iter().map(|line| line.no).max().unwrap_or(0) + 1;
    let to = from.tail((no, offer.units), &offer.instead, held);
    let (at, by) = (change.at, change.actor.clone());
    let (to, routing) = (Box::new(to), Box::new(routing));
    change.record(order, SubstituteEvent::Taken { offer, to, routing, by, at }.of_order());
    Ok(())
}

/// The buyer does not take what is offered for a line: exactly the missing units are cancelled.
pub fn decline_substitute(
    change: &mut Change,
    at_hand: OrderAtHand<'_>,
    line: u16,
    ids: &mut dyn Ids,
) -> Result<(), Refusal> {
    let offer = at_hand.order.doc.offer_for(line, change.at)?.clone();
    let (at, by) = (change.at, change.actor.clone());
    change.record(at_hand.order, SubstituteEvent::Declined { line, by, at }.of_order());
    change.record(at_hand.order, offer.units_missing(at));
    let wanted = Cancellation { picks: None, why: CancelReason::ShortPick, note: None };
    call_off(change, at_hand, (vec![offer.pick()], Vec::new()), &wanted, ids)
}

/// Nobody answered in time. What needs no answer any more lapses, and so does what a bank took the
/// money of: somebody picks it again.
pub fn substitutes_due(
    change: &mut Change,
    at_hand: OrderAtHand<'_>,
    ids: &mut dyn Ids,
) -> Result<(), Refusal> {
    let (OrderAtHand { order, siblings, payment }, at) = (at_hand, change.at);
    while let Some(late) = order.doc.offers.iter().find(|offer| offer.until <= at) {
        let (line, open) = (late.line, order.doc.is_open(late));
        if open && can_be_called_off(&order.doc, &payment.doc, &[late.pick()]) {
            let (order, siblings, payment) = (&mut *order, &mut *siblings, &mut *payment);
            decline_substitute(change, OrderAtHand { order, siblings, payment }, line, ids)?;
        } else {
            change.record(order, SubstituteEvent::Lapsed { line, at }.of_order());
        }
    }
    Ok(())
}

impl Order {
    fn has_or_may_have(&self, sku: &SkuId) -> bool {
        self.lines.iter().any(|line| line.sku == *sku)
            || self.offers.iter().any(|offer| offer.instead.sku == *sku)
    }

    fn offer_for(&self, line: u16, now: Millis) -> Result<&SubstituteOffer, Refusal> {
        self.must_allow(Action::AnswerSubstitute, now)?;
        let illegal = || Refusal::IllegalStep {
            state: self.state.word(),
            allowed: self.allowed_actions(now),
        };
        self.open_offers().find(|offer| offer.line == line).ok_or_else(illegal)
    }

    /// An answer is waited for: all of the units are still where nobody found them.
    fn is_open(&self, offer: &SubstituteOffer) -> bool {
        self.to_pick_of(offer.line, &offer.warehouse) >= offer.units
    }

    /// What the buyer may take.
    pub fn open_offers(&self) -> impl Iterator<Item = &SubstituteOffer> {
        self.offers.iter().filter(|offer| self.is_open(offer))
    }

    pub(super) fn substitute(&mut self, step: &SubstituteEvent) {
        match step {
            SubstituteEvent::Offered { offer, .. } => self.offered(offer),
            SubstituteEvent::Taken { offer, to, routing, .. } => self.taken(offer, to, routing),
            SubstituteEvent::Declined { line, .. } | SubstituteEvent::Lapsed { line, .. } => {
                self.answered(*line);
            }
        }
    }

    pub(super) fn after_substitute(&self, step: &SubstituteEvent) -> Vec<Effect> {
        match step {
            SubstituteEvent::Offered { offer, .. } => self.after_offered(offer),
            SubstituteEvent::Taken { offer, to, .. } => self.after_taken(offer, to),
            SubstituteEvent::Declined { .. } | SubstituteEvent::Lapsed { .. } => {
                vec![self.offers_timer()]
            }
        }
    }

    /// It takes the place of one that had lapsed.
    fn offered(&mut self, offer: &SubstituteOffer) {
        self.answered(offer.line);
        self.put_off(&offer.warehouse, offer.until);
        self.offers.push(offer.clone());
    }

    fn taken(&mut self, offer: &SubstituteOffer, to: &Line, routing: &Routing) {
        if let Some(line) = self.lines.iter_mut().find(|line| line.no == offer.line) {
            line.take(&offer.warehouse, offer.units);
            line.lose(to);
        }
        self.lines.push(to.clone());
        self.routing = Some(Box::new(routing.clone()));
        self.answered(offer.line);
    }

    /// Nothing is waited for in that warehouse any more, unless somebody said so otherwise.
    fn answered(&mut self, line: u16) {
        let Some(place) = self.offers.iter().position(|offer| offer.line == line) else { return };
        let offer = self.offers.swap_remove(place);
        let here = |other: &&SubstituteOffer| other.warehouse == offer.warehouse;
        let others = self.offers.iter().filter(here).map(|other| other.until).max();
        if self.pick_after.get(&offer.warehouse) == Some(&offer.until) {
            match others {
                Some(until) => self.pick_after.insert(offer.warehouse, until),
                None => self.pick_after.remove(&offer.warehouse),
            };
        }
    }

    /// By when the next answer is due.
    fn offers_timer(&self) -> Effect {
        match self.offers.iter().map(|offer| offer.until).min() {
            Some(until) => self.set(TimerKind::SubstituteDue, until),
            None => self.clear(TimerKind::SubstituteDue),
        }
    }

    fn after_offered(&self, offer: &SubstituteOffer) -> Vec<Effect> {
        let SubstituteOffer { line, units, instead, until, list, .. } = offer;
        let part = format!("{list}-{line}");
        let detail = json!({"line": line, "units": units, "sku": instead.sku, "until": until});
        let (name, pieces) = (instead.name.clone(), *units);
        let news = Milestone::SubstituteOffered { name, pieces, until: *until };
        let told = self.tell("substitute_offered", &part, detail);
        vec![told, self.news(news, &part), self.offers_timer()]
    }

    fn after_taken(&self, offer: &SubstituteOffer, to: &Line) -> Vec<Effect> {
        let mut effects = self.count_missing(&offer.warehouse, &[offer.pick()], &[]);
        effects.extend(Self::holds(to, &to.held));
        let detail = json!({"line": offer.line, "units": offer.units, "sku": to.sku, "to": to.no});
        effects.push(self.tell("substituted", &to.no.to_string(), detail));
        effects.push(self.offers_timer());
        effects
    }
}
