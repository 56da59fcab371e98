//! Parcels that come back to the warehouse because nobody took them: what was in them is counted,
//! and nothing is asked for it any more.
//!
//! A courier may have said before that a parcel was delivered. When it is back all the same, nobody
//! got it and nobody paid for it, so what was booked then is booked back. That ends where the
//! carrier has remitted the cash, or the merchant has been paid: then it is for finance.

use crate::order::{Line, Order, OrderEvent, Pick, Returned};
use crate::payment::lower_due;
use crate::{
    Action, CancelReason, Change, Collectible, Ids, Journey, Parcel, ParcelEvent, ParcelState,
    Payment, PaymentEvent, Refusal, Settlement, Stored, TrackingStep, Whereabouts,
};

/// A parcel that the buyer did not take is in the warehouse again. What came of its units goes
/// where it is said; nothing is asked for any of them any more, and an order of which nothing else
/// is left ends without money. Precedence: state, lines and counts, what became of it since it was
/// said to be delivered.
pub fn take_back(
    change: &mut Change,
    journey: Journey<'_>,
    returned: Vec<Returned>,
    ids: &mut dyn Ids,
) -> Result<(), Refusal> {
    let Journey { parcel, order, mut payment } = journey;
    parcel.doc.must_allow(Action::TakeBack)?;
    let in_parcel = |line: &Line| -> i64 {
        parcel.doc.picks.iter().filter(|p| p.line == line.no).map(|p| p.units).sum()
    };
    let came: Vec<Pick> = returned.iter().map(Returned::pick).collect();
    if !came.is_empty() {
        order.doc.check_picks(&came, in_parcel)?;
    }
    if parcel.doc.seen().is_some_and(|seen| seen.delivered_at.is_some()) {
        order.doc.may_reverse(&parcel.doc)?;
        reverse_delivery(change, parcel, order, payment.as_deref_mut());
    }
    let (at, id, picks) = (change.at, parcel.doc.id.clone(), parcel.doc.picks.clone());
    change.record(parcel, ParcelEvent::CameBack { at });
    let collect = parcel.doc.cash.clone().map(|cash| cash.collect);
    let waived_minor = collect.as_ref().map_or(0, Collectible::total_minor);
    let event = OrderEvent::CameBack { parcel: id, picks, returned, collect, at };
    change.record(order, event);
    let mut lower_by = waived_minor;
    if order.doc.live_units() == 0 {
        let (by, why, note) = (change.actor.clone(), CancelReason::RefusedAtDoor, None);
        let (released, rest) = (Vec::new(), order.doc.due_minor());
        lower_by += rest;
        let waived_minor = Some(rest);
        let event = OrderEvent::Cancelled { at, by, why, note, released, waived_minor };
        change.record(order, event);
    }
    if let Some(payment) = payment {
        let order_id = order.doc.id.clone();
        lower_due(change, payment, vec![order], (&order_id, lower_by), ids);
    }
    Ok(())
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
        if matches!(self.settlement, Settlement::Settled { .. }) {
            return Err(Refusal::WindowClosed);
        }
        for pick in &parcel.picks {
            let line = self.line(pick.line).ok_or(Refusal::UnknownLine { line: pick.line })?;
            let left = line.units.delivered - line.units.returned.max(line.units.refunded);
            if left < pick.units {
                return Err(Refusal::TooManyUnits { line: line.no, left });
            }
            if left - line.units.in_case < pick.units {
                return Err(Refusal::AlreadyInCase);
            }
        }
        Ok(())
    }
}

impl Parcel {
    fn seen(&self) -> Option<Whereabouts> {
        match self.state {
            ParcelState::Shipped { seen, .. } => seen,
            ParcelState::Packed | ParcelState::Cancelled { .. } | ParcelState::CameBack { .. } => {
                None
            }
        }
    }

    /// It left, the buyer has to pay for it, and nobody saw that they got it, or it was seen on its
    /// way back to us after that, and no cash has come for it.
    pub(crate) fn can_come_back(&self) -> bool {
        let (ParcelState::Shipped { .. }, Some(cash)) = (&self.state, &self.cash) else {
            return false;
        };
        let returned = self.seen().is_some_and(|seen| seen.step == TrackingStep::Returned);
        let arrived = self.seen().is_some_and(|seen| seen.delivered_at.is_some());
        let nothing_came = cash.remitted_minor + cash.written_off_minor == 0;
        !arrived || returned && nothing_came
    }
}
