//! Changes of mind before the goods are packed: all of an order or some units of it are cancelled,
//! or it goes to another address. Each says who wanted it and why.

use super::cod::look_again;
use super::{Action, Grant, Line, Order, OrderEvent, Pick, Release, grant_refund};
use crate::payment::lower_due;
use crate::{
    Actor, Change, CodHistory, CodPolicy, Delivery, DeliveryWanted, Fault, FaultKind, Ids, Load,
    Money, Payment, Rates, Refusal, Stored, check_delivery, worth,
};
use serde::{Deserialize, Serialize};

/// Why something was cancelled: the catalogue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CancelReason {
    /// Nobody paid in time. Only the clock says so.
    Unpaid,
    /// Nobody confirmed it in time. Only the clock says so.
    Unconfirmed,
    /// No parcel of it was taken. Follows from the parcels' coming back.
    RefusedAtDoor,
    /// No parcel of it reached its buyer. Follows from the parcels' coming back too.
    ReturnedToSender,
    /// Its carrier lost it. Follows from what is decided about its parcels.
    LostByCarrier,
    /// It was not where it should lie. Follows from picking.
    ShortPick,
    BuyerAsked,
    ChangedMind,
    WrongAddress,
    OrderedTwice,
    CheaperElsewhere,
    TooSlow,
    MerchantAsked,
    OutOfStock,
    CannotDeliver,
    WrongPrice,
    BuyerUnreachable,
    SuspectedFraud,
}

impl CancelReason {
    /// Buyers give buyers' reasons and merchants theirs; the platform's people speak for both.
    fn may_be_said_by(&self, actor: &Actor) -> bool {
        let (of_buyer, of_merchant) = match self {
            Self::Unpaid
            | Self::Unconfirmed
            | Self::RefusedAtDoor
            | Self::ReturnedToSender
            | Self::LostByCarrier
            | Self::ShortPick => (false, false),
            Self::BuyerAsked
            | Self::ChangedMind
            | Self::WrongAddress
            | Self::OrderedTwice
            | Self::CheaperElsewhere
            | Self::TooSlow => (true, false),
            Self::MerchantAsked
            | Self::OutOfStock
            | Self::CannotDeliver
            | Self::WrongPrice
            | Self::BuyerUnreachable
            | Self::SuspectedFraud => (false, true),
        };
        match actor {
            Actor::Buyer(_) => of_buyer,
            Actor::Merchant(_) => of_merchant,
            Actor::Support(_) | Actor::Operator(_) => of_buyer || of_merchant,
            Actor::Clock => !of_buyer && !of_merchant,
            Actor::Warehouse(_)
            | Actor::Finance(_)
            | Actor::Gateway(_)
            | Actor::Carrier(_)
            | Actor::Dispatch => false,
        }
    }
}

/// What somebody wants cancelled, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cancellation {
    /// None: all of it.
    pub picks: Option<Vec<Pick>>,
    pub why: CancelReason,
    /// In their own words.
    pub note: Option<String>,
}

/// An order with the payment of its purchase, and the purchase's other orders.
pub struct OrderAtHand<'a> {
    pub order: &'a mut Stored<Order>,
    pub siblings: &'a mut [Stored<Order>],
    pub payment: &'a mut Stored<Payment>,
}

/// Ends an order, or takes units out of it, before they are packed. What was paid for them goes
/// back to where it came from, by their frozen amounts and shipping with the last unit; what was
/// not paid yet is not asked for any more.
/// Precedence: reason, state, lines, counts, money.
pub fn cancel(
    change: &mut Change,
    at_hand: OrderAtHand<'_>,
    wanted: &Cancellation,
    ids: &mut dyn Ids,
) -> Result<(), Refusal> {
    if !wanted.why.may_be_said_by(&change.actor) {
        return Err(Refusal::Faulty(vec![Fault::at("#/reason", FaultKind::NotYourReason)]));
    }
    let picks = at_hand.order.doc.to_cancel(wanted.picks.as_deref(), change)?;
    let released = at_hand.order.doc.held_for(&picks);
    call_off(change, at_hand, (picks, released), wanted, ids)
}

/// Ends an order, or takes units out of it that are in no parcel; `released` is what is still held
/// for them. If they are the last ones, whatever is held is given back.
pub(crate) fn call_off(
    change: &mut Change,
    at_hand: OrderAtHand<'_>,
    (picks, released): (Vec<Pick>, Vec<Release>),
    wanted: &Cancellation,
    ids: &mut dyn Ids,
) -> Result<(), Refusal> {
    let OrderAtHand { order, siblings, payment } = at_hand;
    let all = order.doc.are_all_left(&picks);
    let released = if all { order.doc.all_held() } else { released };
    let unpaid = order.doc.is_unpaid();
    let (amount_minor, shipping) = order.doc.worth_called_off(&picks);
    if !unpaid {
        let grant = Grant { picks: picks.clone(), shipping, amount_minor, case: None };
        grant_refund(change, order, payment, grant, ids)?;
    }
    let waived_minor = unpaid.then_some(amount_minor);
    let Cancellation { why, note, .. } = wanted.clone();
    let (at, by) = (change.at, change.actor.clone());
    let event = if all {
        OrderEvent::Cancelled { at, by, why, note, released, waived_minor }
    } else {
        let shipping = unpaid && shipping;
        OrderEvent::UnitsCancelled { at, by, why, note, picks, released, waived_minor, shipping }
    };
    change.record(order, event);
    if unpaid {
        let id = order.doc.id.clone();
        let orders = std::iter::once(order).chain(siblings).collect();
        lower_due(change, payment, orders, (&id, amount_minor), ids);
    }
    Ok(())
}

/// Whether what was paid for some units can go back.
pub(crate) fn can_be_called_off(order: &Order, payment: &Payment, picks: &[Pick]) -> bool {
    let (amount_minor, _) = order.worth_called_off(picks);
    order.is_unpaid() || amount_minor <= payment.refundable_minor().min(order.in_escrow_minor())
}

impl Order {
    fn are_all_left(&self, picks: &[Pick]) -> bool {
        let left: i64 = self.lines.iter().map(Line::kept_units).sum();
        let picked: i64 = picks.iter().map(|p| p.units).sum();
        left == picked && self.is_untouched()
    }

    /// What goes back for some units, or is not asked for any more, and whether shipping is in it.
    /// The last unit takes with it whatever is left, shipping too.
    fn worth_called_off(&self, picks: &[Pick]) -> (i64, bool) {
        match (self.are_all_left(picks), self.is_unpaid()) {
            (true, true) => (self.due_minor(), true),
            (true, false) => (self.in_escrow_minor(), true),
            (false, true) => self.open_worth(picks),
            (false, false) => worth(self, picks),
        }
    }

    /// What some units in no parcel cost. Shipping goes with the last of them if no parcel brings
    /// it: those that are packed have their amount on the label.
    fn open_worth(&self, picks: &[Pick]) -> (i64, bool) {
        let worth = |p: &Pick| self.line(p.line).map(|l| l.open_worth(p.units));
        let goods: i64 = picks.iter().filter_map(worth).sum();
        let open: i64 = self.lines.iter().map(Line::open_units).sum();
        let last = picks.iter().map(|p| p.units).sum::<i64>() == open;
        let shipping = if last { self.shipping_to_ask() } else { 0 };
        (goods + shipping, shipping > 0)
    }

    /// The units that are meant, each line once.
    fn to_cancel(&self, picks: Option<&[Pick]>, change: &Change) -> Result<Vec<Pick>, Refusal> {
        let Some(picks) = picks else {
            self.must_allow(Action::Cancel, change.at)?;
            let open = self.lines.iter().filter(|l| l.open_units() > 0);
            return Ok(open.map(|l| Pick { line: l.no, units: l.open_units() }).collect());
        };
        for pick in Pick::merged(picks) {
            if let Some(line) = self.line(pick.line)
                && (line.open_units() + 1..=line.open_units() + line.units.packed)
                    .contains(&pick.units)
            {
                let allowed = self.allowed_actions(change.at);
                let (line, left) = (line.no, line.open_units());
                return Err(Refusal::UnitsPacked { line, left, allowed });
            }
        }
        self.must_allow(Action::CancelUnits, change.at)?;
        self.check_picks(picks, Line::open_units)?;
        Ok(Pick::merged(picks))
    }
}

/// What another address is held against.
pub struct Elsewhere<'a> {
    /// The merchant's table, where they have one.
    pub rates: Option<&'a Rates>,
    pub policy: &'a CodPolicy,
    /// What the buyer did at the door before; needed for cash on delivery only.
    pub history: CodHistory,
}

/// Sends an order elsewhere, before anything of it is packed. The new address is checked like that
/// of a new order; where shipping costs another amount there than to the old one, by the merchant's
/// table as it is now, the difference is named and nothing is changed. One that is paid to the
/// courier is looked at again: it was believed in for the old address.
/// Precedence: state, address, shipping.
pub fn change_address(
    change: &mut Change,
    order: &mut Stored<Order>,
    held_against: &Elsewhere<'_>,
    to: &DeliveryWanted,
    note: Option<String>,
) -> Result<(), Refusal> {
    let Elsewhere { rates, policy, history } = held_against;
    order.doc.must_allow(Action::ChangeAddress, change.at)?;
    let to = check_delivery(to, "#/delivery").map_err(Refusal::Faulty)?;
    if let Some(rates) = rates.filter(|rates| rates.currency == order.doc.currency) {
        order.doc.ships_for_the_same(rates, &to)?;
    }
    if order.doc.delivery != to {
        let (at, by, to) = (change.at, change.actor.clone(), Box::new(to));
        change.record(order, OrderEvent::AddressChanged { at, by, note, to });
        look_again(change, order, *history, policy);
    }
    Ok(())
}

impl Order {
    fn ships_for_the_same(&self, rates: &Rates, to: &Delivery) -> Result<(), Refusal> {
        let mut load = Load { goods_minor: 0, weight_g: 0, pieces: 0 };
        for line in &self.lines {
            let pieces = line.quantity - line.units.cancelled;
            let weight_g = line.weight_g.saturating_mul(pieces);
            load.goods_minor += line.unit_price_minor.saturating_mul(pieces) - line.discount_minor;
            load.weight_g = load.weight_g.saturating_add(weight_g);
            load.pieces += pieces;
        }
        let Some(new) = rates.fee_minor(to, load) else {
            let what = FaultKind::NotDeliveredThere { merchant: self.merchant.clone() };
            return Err(Refusal::Faulty(vec![Fault::at("#/delivery", what)]));
        };
        let old = rates.fee_minor(&self.delivery, load).unwrap_or(self.shipping.fee_minor);
        if new == old {
            return Ok(());
        }
        Err(Refusal::ShippingDiffers { by: Money::new(new - old, self.currency) })
    }
}
