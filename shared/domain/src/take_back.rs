//! Parcels that come back to the warehouse because nobody took them: what was in them is counted,
//! and nobody pays for it.
//!
//! A courier may have said before that a parcel was delivered. When it is back all the same, nobody
//! got it and nobody paid for it, so what was booked then is booked back. That ends where the
//! carrier has remitted the cash, or the merchant has been paid: then it is for finance.

use crate::order::{Grant, Line, Order, OrderEvent, Pick, Returned, grant_refund};
use crate::payment::lower_due;
use crate::{
    Action, CancelReason, Change, Collectible, Ids, Journey, Money, Parcel, ParcelEvent,
    ParcelState, Payment, PaymentEvent, Refusal, Settlement, Stored, TrackingStep, Whereabouts,
    worth,
};

/// What somebody who opens such a parcel says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Opened {
    /// What came out of it.
    pub returned: Vec<Returned>,
    /// The buyer did not want it. Carriers lose and misroute parcels too, so without this, or a
    /// scan that says so, it is not held against the buyer.
    pub refused: bool,
    /// It was stopped on its way, because the buyer did not want it any more.
    pub intercepted: bool,
}

/// A parcel that the buyer did not take is in the warehouse again. What came of its units goes
/// where it is said. Nothing is asked for any of them any more, or what was paid for them goes
/// back; an order of which nothing else is left ends. Precedence: state, lines and counts, what
/// became of it since it was said to be delivered.
pub fn take_back(
    change: &mut Change,
    journey: Journey<'_>,
    opened: Opened,
    ids: &mut dyn Ids,
) -> Result<(), Refusal> {
    let Opened { returned, refused, intercepted } = opened;
    let Journey { parcel, order, mut payment } = journey;
    parcel.doc.must_allow(Action::TakeBack)?;
    let in_parcel = |line: &Line| -> i64 {
        parcel.doc.picks.iter().filter(|p| p.line == line.no).map(|p| p.units).sum()
    };
    let came: Vec<Pick> = returned.iter().map(Returned::pick).collect();
    if !came.is_empty() {
        order.doc.check_picks(&came, in_parcel)?;
    }
    if matches!(parcel.doc.state, ParcelState::GivenUp { .. }) {
        recover(change, parcel, order, returned);
        return Ok(());
    }
    if matches!(order.doc.settlement, Settlement::Settled { .. }) {
        return Err(Refusal::WindowClosed);
    }
    let refused = refused || parcel.doc.seen().is_some_and(|seen| seen.was_refused);
    if parcel.doc.seen().is_some_and(|seen| seen.delivered_at.is_some()) {
        order.doc.may_reverse(&parcel.doc)?;
        reverse_delivery(change, parcel, order, payment.as_deref_mut());
    }
    let (at, id, picks) = (change.at, parcel.doc.id.clone(), parcel.doc.picks.clone());
    change.record(parcel, ParcelEvent::CameBack { at });
    let collect = parcel.doc.cash.clone().map(|cash| cash.collect);
    let waived = collect.as_ref().map(Collectible::total_minor);
    let event =
        OrderEvent::CameBack { parcel: id, picks: picks.clone(), returned, collect, refused, at };
    change.record(order, event);
    let Some(payment) = payment else { return Ok(()) };
    let why = match (refused, intercepted) {
        (_, true) => CancelReason::BuyerAsked,
        (true, false) => CancelReason::RefusedAtDoor,
        (false, false) => CancelReason::ReturnedToSender,
    };
    match waived {
        Some(waived_minor) => ask_no_more(change, order, payment, (waived_minor, &why), ids),
        None => pay_back(change, order, payment, (picks, &why), ids)?,
    }
    Ok(())
}

/// What had been given up is back: only its goods count, its units were decided about before.
fn recover(
    change: &mut Change,
    parcel: &mut Stored<Parcel>,
    order: &mut Stored<Order>,
    returned: Vec<Returned>,
) {
    let (at, id) = (change.at, parcel.doc.id.clone());
    change.record(parcel, ParcelEvent::CameBack { at });
    change.record(order, OrderEvent::Recovered { parcel: id, returned, at });
}

/// Nothing has to be paid for what came back, and for an order of which nothing else is left.
pub(crate) fn ask_no_more(
    change: &mut Change,
    order: &mut Stored<Order>,
    payment: &mut Stored<Payment>,
    (waived_minor, why): (i64, &CancelReason),
    ids: &mut dyn Ids,
) {
    let mut lower_by = waived_minor;
    if order.doc.live_units() == 0 {
        let rest = order.doc.due_minor();
        lower_by += rest;
        end(change, order, why, Some(rest));
    }
    let id = order.doc.id.clone();
    lower_due(change, payment, vec![order], (&id, lower_by), ids);
}

/// What was paid before for units that came back is refunded, by their frozen amounts. Shipping is
/// kept, because the carrier was paid for trying, unless nothing of the order reached its buyer:
/// then all that is left goes back. What a bank took in a dispute is not given back once more.
pub(crate) fn pay_back(
    change: &mut Change,
    order: &mut Stored<Order>,
    payment: &mut Stored<Payment>,
    (picks, why): (Vec<Pick>, &CancelReason),
    ids: &mut dyn Ids,
) -> Result<(), Refusal> {
    let (worth_minor, shipping) = worth(&order.doc, &picks);
    let most = order.doc.in_escrow_minor().min(payment.doc.refundable_minor());
    let amount_minor = worth_minor.min(most.max(0));
    let grant = Grant { picks, shipping, amount_minor, case: None };
    grant_refund(change, order, payment, grant, ids)?;
    if order.doc.live_units() == 0 {
        end(change, order, why, None);
    }
    Ok(())
}

/// Nothing of the order is anywhere but with us.
fn end(
    change: &mut Change,
    order: &mut Stored<Order>,
    why: &CancelReason,
    waived_minor: Option<i64>,
) {
    let (at, by, why) = (change.at, change.actor.clone(), why.clone());
    let (note, released) = (None, Vec::new());
    change.record(order, OrderEvent::Cancelled { at, by, why, note, released, waived_minor });
}

/// What was told as delivered was not: the units count as under way again, and the cash that the
/// carrier was believed to have is nobody's.
fn reverse_delivery(
    change: &mut Change,
    parcel: &mut Stored<Parcel>,
    order: &mut Stored<Order>,
    payment: Option<&mut Stored<Payment>>,
) {
    let (at, id, picks) = (change.at, parcel.doc.id.clone(), parcel.doc.picks.clone());
    let cash = parcel.doc.cash.clone().filter(|cash| cash.collected_at.is_some());
    let owed_minor = cash.as_ref().map_or(0, |cash| cash.owed_minor);
    let collect = cash.map(|cash| cash.collect);
    let amount_minor = collect.as_ref().map_or(0, Collectible::total_minor);
    change.record(parcel, ParcelEvent::DeliveryReversed { at });
    let event = OrderEvent::DeliveryReversed { parcel: id, picks, collect, owed_minor, at };
    change.record(order, event);
    if let (Some(payment), Some(label), true) = (payment, &parcel.doc.label, amount_minor > 0) {
        let (order, carrier) = (order.doc.id.clone(), label.carrier.clone());
        let waybill = label.waybill.clone();
        let event = PaymentEvent::CollectionReversed { order, carrier, waybill, amount_minor, at };
        change.record(payment, event);
    }
}

impl Order {
    /// Whether the delivery of a parcel can be undone: its units must still be with their buyer as
    /// far as we know, and their money in escrow.
    fn may_reverse(&self, parcel: &Parcel) -> Result<(), Refusal> {
        for pick in &parcel.picks {
            let line = self.line(pick.line).ok_or(Refusal::UnknownLine { line: pick.line })?;
            let left = line.units.delivered - line.given_back_units();
            if left < pick.units {
                return Err(Refusal::TooManyUnits { line: line.no, left });
            }
            if left - line.units.in_case < pick.units {
                return Err(Refusal::AlreadyInCase);
            }
        }
        // What was given back of the same line may be a cent more than is left without this parcel.
        let amounts = parcel.cash.iter().flat_map(|cash| &cash.collect.lines);
        for amount in amounts {
            let cash = self.line(amount.line).and_then(|line| line.cash.as_ref());
            if let Some(cash) = cash.filter(|cash| cash.kept_minor < amount.minor) {
                let refundable = Money::new(cash.kept_minor, self.currency);
                return Err(Refusal::RefundExceedsCapture { refundable });
            }
        }
        Ok(())
    }
}

impl Parcel {
    pub fn seen(&self) -> Option<Whereabouts> {
        match self.state {
            ParcelState::Shipped { seen, .. } | ParcelState::GivenUp { seen, .. } => seen,
            ParcelState::Packed | ParcelState::Cancelled { .. } | ParcelState::CameBack { .. } => {
                None
            }
        }
    }

    /// It left, and its carrier has seen it come back to us, or on its way back: carriers bring
    /// parcels back under another waybill, and then say no more of this one. One that the buyer has
    /// to pay for may be here before its carrier says so, unless they say that it was delivered;
    /// and its cash must not have come.
    pub(crate) fn can_come_back(&self) -> bool {
        let ParcelState::Shipped { .. } = self.state else { return false };
        let returned = self.seen().is_some_and(|seen| seen.step == TrackingStep::Returned);
        let returning = self.seen().is_some_and(|seen| seen.step == TrackingStep::Returning);
        let arrived = self.seen().is_some_and(|seen| seen.delivered_at.is_some());
        match &self.cash {
            Some(_) if !arrived => true,
            Some(cash) => returned && cash.remitted_minor + cash.written_off_minor == 0,
            None => returned || returning && !arrived,
        }
    }
}
