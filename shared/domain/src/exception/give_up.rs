//! Giving a parcel up that its carrier has lost or spoilt: its units are sent again from stock that
//! is held anew, or paid back.
//!
//! The goods left the books when they were shipped; who bears their loss is said with the outcome.
//! Nothing of this waits for the first parcel: if it turns up, a person decides what of it.

use super::watch::resolve;
use super::{Bearer, Claim, ClaimState, Exception, ExceptionEvent, Outcome};
use crate::order::{LineHeld, Order, OrderEvent, OrderState, Pick};
use crate::routing::route_again;
use crate::take_back::{ask_no_more, pay_back};
use crate::{
    Action, Available, CancelReason, Change, Collectible, ExceptionPolicy, Ids, Parcel,
    ParcelEvent, ParcelState, Payment, Policy, Refusal, Routing, Settlement, Stored, TrackingStep,
};

/// An exception with all that its outcome may touch.
pub struct ExceptionAtHand<'a> {
    pub exception: &'a mut Stored<Exception>,
    /// Other exceptions of the parcel.
    pub others: &'a mut [Stored<Exception>],
    pub parcel: &'a mut Stored<Parcel>,
    pub order: &'a mut Stored<Order>,
    pub payment: &'a mut Stored<Payment>,
}

/// The units of a parcel are sent once more. If not all of them are there, they are paid back
/// instead. Precedence: the exception's state, the parcel's, the order's, dispute.
pub fn send_again(
    change: &mut Change,
    at_hand: ExceptionAtHand<'_>,
    borne_by: Bearer,
    (stock, policy): (&[Available], &Policy),
    ids: &mut dyn Ids,
) -> Result<(), Refusal> {
    at_hand.exception.doc.must_allow(Action::SendAgain)?;
    at_hand.may_be_given_up()?;
    let order = &at_hand.order.doc;
    if !matches!(order.state, OrderState::Confirmed { .. }) {
        let allowed = order.allowed_actions(change.at);
        return Err(Refusal::IllegalStep { state: order.state.word(), allowed });
    }
    if order.is_contested() {
        return Err(Refusal::Disputed);
    }
    let parcel = &at_hand.parcel.doc;
    let (stock, weights) = (stock.iter(), &policy.routing);
    let Ok((resent, routing)) = route_again(change, order, &parcel.picks, stock, weights) else {
        return at_hand.pay_back(change, (borne_by, true), &policy.exceptions, ids);
    };
    let loss_minor = order.worth_of(parcel);
    let outcome = Outcome::SentAgain { loss_minor, borne_by };
    let ExceptionAtHand { exception, others, parcel, order, .. } = at_hand;
    give_up(change, parcel, order, (resent, Some(Box::new(routing))));
    conclude(change, order, (exception, others), outcome, &policy.exceptions);
    Ok(())
}

/// The units of a parcel are paid back, or not asked for any more if they were to be paid at the
/// door. Precedence: the exception's state, the parcel's, the order's.
pub fn refund_lost(
    change: &mut Change,
    at_hand: ExceptionAtHand<'_>,
    borne_by: Bearer,
    policy: &ExceptionPolicy,
    ids: &mut dyn Ids,
) -> Result<(), Refusal> {
    at_hand.exception.doc.must_allow(Action::Refund)?;
    at_hand.may_be_given_up()?;
    at_hand.pay_back(change, (borne_by, false), policy, ids)
}

impl ExceptionAtHand<'_> {
    /// It is under way, and nobody has its goods or its cash.
    fn may_be_given_up(&self) -> Result<(), Refusal> {
        let parcel = &self.parcel.doc;
        let under_way = match &parcel.state {
            ParcelState::Shipped { seen, .. } => seen.is_none_or(|seen| {
                seen.delivered_at.is_none() && seen.step != TrackingStep::Returned
            }),
            ParcelState::Packed
            | ParcelState::Cancelled { .. }
            | ParcelState::CameBack { .. }
            | ParcelState::GivenUp { .. } => false,
        };
        let no_cash = |c: &crate::Cash| c.remitted_minor + c.written_off_minor == 0;
        if !under_way || !parcel.cash.as_ref().is_none_or(no_cash) {
            let (state, allowed) = (parcel.word(), parcel.allowed_actions());
            return Err(Refusal::IllegalStep { state, allowed });
        }
        if matches!(self.order.doc.settlement, Settlement::Settled { .. }) {
            return Err(Refusal::WindowClosed);
        }
        Ok(())
    }

    fn pay_back(
        self,
        change: &mut Change,
        (borne_by, out_of_stock): (Bearer, bool),
        policy: &ExceptionPolicy,
        ids: &mut dyn Ids,
    ) -> Result<(), Refusal> {
        let Self { exception, others, parcel, order, payment } = self;
        let loss_minor = order.doc.worth_of(&parcel.doc);
        let picks = parcel.doc.picks.clone();
        give_up(change, parcel, order, (Vec::new(), None));
        let why = CancelReason::LostByCarrier;
        match parcel.doc.cash.as_ref().map(|cash| cash.collect.total_minor()) {
            Some(waived) => ask_no_more(change, order, payment, (waived, &why), ids),
            None => pay_back(change, order, payment, (picks, &why), ids)?,
        }
        let outcome = Outcome::PaidBack { loss_minor, borne_by, out_of_stock };
        conclude(change, order, (exception, others), outcome, policy);
        Ok(())
    }
}

/// Nobody waits for the parcel any more.
fn give_up(
    change: &mut Change,
    parcel: &mut Stored<Parcel>,
    order: &mut Stored<Order>,
    (resent, routing): (Vec<LineHeld>, Option<Box<Routing>>),
) {
    let (at, id, picks) = (change.at, parcel.doc.id.clone(), parcel.doc.picks.clone());
    let collect: Option<Collectible> = parcel.doc.cash.clone().map(|cash| cash.collect);
    change.record(parcel, ParcelEvent::GivenUp { sent_again: !resent.is_empty(), at });
    change.record(order, OrderEvent::GivenUp { parcel: id, picks, resent, routing, collect, at });
}

/// The exception ends, others of the same parcel with it, and the carrier is asked for its part.
fn conclude(
    change: &mut Change,
    order: &mut Stored<Order>,
    (exception, others): (&mut Stored<Exception>, &mut [Stored<Exception>]),
    outcome: Outcome,
    policy: &ExceptionPolicy,
) {
    let loss = outcome.loss();
    resolve(change, order, exception, outcome);
    if let Some((amount_minor @ 1.., Bearer::Carrier)) = loss
        && exception.doc.claim.is_none()
    {
        let state = ClaimState::Asked { at: change.at };
        let claim = Claim { amount_minor, else_on: policy.losses_on, state };
        change.record(exception, ExceptionEvent::Claimed { claim });
    }
    for other in others.iter_mut().filter(|e| e.doc.is_open()) {
        let by = exception.doc.id.clone();
        resolve(change, order, other, Outcome::Superseded { by });
    }
}

impl Order {
    /// What the goods in a parcel are worth to their merchant: what is paid for them.
    fn worth_of(&self, parcel: &Parcel) -> i64 {
        match &parcel.cash {
            Some(cash) => cash.collect.lines.iter().map(|line| line.minor).sum(),
            None => {
                let worth = |p: &Pick| self.line(p.line).map(|line| line.worth(p.units));
                parcel.picks.iter().filter_map(worth).sum()
            }
        }
    }
}
