//! What may be done with an order, and when. The table of [`OrderState::allows`] both enforces and
//! documents it; amounts and counts are checked by the functions below it.

use super::{CancelReason, Order, OrderEvent, OrderState, Pick, Release, Settlement};
use crate::{
    Actor, CaseId, Change, Ids, Millis, Money, Payment, RefundId, RefundOf, Refusal, Stored,
    at_rate, request_refund,
};
use serde::{Deserialize, Serialize};

/// What somebody may do next with a document. The word is what clients see in `allowed_actions`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    Pay,
    /// All of it.
    Cancel,
    /// Units that are not packed.
    CancelUnits,
    ChangeAddress,
    /// Believe in an order that is paid to the courier.
    Confirm,
    Decline,
    /// Have other warehouses send it.
    Reroute,
    /// Take what is offered instead of missing units, or not.
    AnswerSubstitute,
    Pack,
    /// Read goods into a parcel, or out of it again.
    Scan,
    /// What was scanned becomes a parcel.
    Close,
    /// Leave it be: nothing was packed.
    Abandon,
    Unpack,
    AssignWaybill,
    CancelWaybill,
    Ship,
    /// A parcel that nobody took is in the warehouse again.
    TakeBack,
    /// Something is wrong with a parcel.
    Report,
    /// Have the carrier bring a parcel back before it is delivered.
    Intercept,
    NotIntercepted,
    Assign,
    Note,
    Wait,
    SendAgain,
    Dismiss,
    Claim,
    AcceptClaim,
    RejectClaim,
    PayClaim,
    ConfirmReceipt,
    RequestAfterSale,
    Approve,
    Reject,
    SendBack,
    Receive,
    Withdraw,
    PayOut,
    Ping,
    Rotate,
    Enable,
    Disable,
    Redeliver,
    Retry,
    PayOffline,
    GiveToPayment,
    Refund,
    Keep,
    // Of pick lists.
    TakeList,
    GiveBack,
    ConfirmPick,
    CallOff,
    /// Have gateways asked what became of a payment.
    Recheck,
}

impl OrderState {
    /// The name of the state.
    pub fn word(&self) -> &'static str {
        match self {
            Self::AwaitingPayment { .. } => "awaiting_payment",
            Self::AwaitingConfirmation { .. } => "awaiting_confirmation",
            Self::Confirmed { .. } => "confirmed",
            Self::Completed { .. } => "completed",
            Self::Cancelled { .. } => "cancelled",
        }
    }

    /// The table of transitions: which steps a state allows.
    pub fn allows(&self) -> &'static [Action] {
        match self {
            Self::AwaitingPayment { .. } => &[
                Action::Pay,
                Action::Cancel,
                Action::CancelUnits,
                Action::ChangeAddress,
                Action::Reroute,
            ],
            Self::AwaitingConfirmation { .. } => &[
                Action::Confirm,
                Action::Decline,
                Action::Cancel,
                Action::CancelUnits,
                Action::ChangeAddress,
                Action::Reroute,
            ],
            Self::Confirmed { .. } => &[
                Action::Cancel,
                Action::CancelUnits,
                Action::ChangeAddress,
                Action::Reroute,
                Action::AnswerSubstitute,
                Action::Pack,
                Action::ConfirmReceipt,
                Action::RequestAfterSale,
            ],
            Self::Completed { .. } => &[Action::RequestAfterSale],
            Self::Cancelled { .. } => &[],
        }
    }
}

impl Order {
    /// What may be done now: the state's steps, less those that the counts rule out.
    pub fn allowed_actions(&self, now: Millis) -> Vec<Action> {
        let fits = |action: &Action| match action {
            Action::Cancel | Action::ChangeAddress => self.is_untouched(),
            Action::CancelUnits | Action::Reroute => self.has_open_units(),
            Action::AnswerSubstitute => self.open_offers().next().is_some(),
            Action::Pack => self.has_open_units() && !self.is_contested(),
            // Who has not paid the courier has not got it.
            // Who has asked for something to be put right is not content yet.
            Action::ConfirmReceipt if !self.open_cases.is_empty() => false,
            Action::ConfirmReceipt if self.cod.is_some() => self.all_delivered(),
            Action::ConfirmReceipt => self.sent_units() == self.live_units(),
            Action::RequestAfterSale => self.window_open(now),
            Action::Pay
            | Action::Confirm
            | Action::Decline
            | Action::TakeBack
            | Action::Report
            | Action::Intercept
            | Action::NotIntercepted
            | Action::Assign
            | Action::Note
            | Action::Wait
            | Action::SendAgain
            | Action::Dismiss
            | Action::Claim
            | Action::AcceptClaim
            | Action::RejectClaim
            | Action::PayClaim
            | Action::Scan
            | Action::Close
            | Action::Abandon
            | Action::Unpack
            | Action::AssignWaybill
            | Action::CancelWaybill
            | Action::Ship
            | Action::Approve
            | Action::Reject
            | Action::SendBack
            | Action::Receive
            | Action::Withdraw
            | Action::PayOut
            | Action::Ping
            | Action::Rotate
            | Action::Enable
            | Action::Disable
            | Action::Redeliver
            | Action::Retry
            | Action::PayOffline
            | Action::GiveToPayment
            | Action::Refund
            | Action::Keep
            | Action::TakeList
            | Action::GiveBack
            | Action::ConfirmPick
            | Action::CallOff
            | Action::Recheck => true,
        };
        self.state.allows().iter().copied().filter(fits).collect()
    }

    /// Nothing will happen to it any more.
    pub fn is_final(&self) -> bool {
        match (&self.state, &self.settlement) {
            (OrderState::Cancelled { .. }, _) | (_, Settlement::Settled { .. }) => {
                !self.is_held_up()
            }
            (_, Settlement::Open | Settlement::InWindow { .. } | Settlement::Frozen) => false,
        }
    }

    /// When the state ends by itself.
    pub fn deadline(&self) -> Option<Millis> {
        match (&self.state, &self.settlement) {
            (
                OrderState::AwaitingPayment { until } | OrderState::AwaitingConfirmation { until },
                _,
            )
            | (_, Settlement::InWindow { until }) => Some(*until),
            (_, Settlement::Open | Settlement::Frozen | Settlement::Settled { .. }) => {
                self.completes_at()
            }
        }
    }

    /// Nothing of it is in a parcel or has left.
    pub(super) fn is_untouched(&self) -> bool {
        self.sent_units() + self.sum(|u| u.packed) == 0
    }

    fn has_open_units(&self) -> bool {
        self.lines.iter().any(|line| line.open_units() > 0)
    }

    /// Its buyer's bank doubts the payment, or has taken all of it: nothing more of it is sent.
    pub fn is_contested(&self) -> bool {
        let taken = self.charged_back_minor > 0 && self.in_escrow_minor() <= 0;
        taken || !self.disputes.is_empty()
    }

    /// A case, an exception or a dispute is open.
    pub fn is_held_up(&self) -> bool {
        self.clock_stands() || !self.disputes.is_empty()
    }

    /// A merchant gets no money that is doubted, and no cash that a carrier still has.
    pub(super) fn settlement_waits(&self) -> bool {
        self.is_held_up() || self.owed_by_carriers_minor() > 0
    }

    fn window_open(&self, now: Millis) -> bool {
        match self.settlement {
            Settlement::Open => true,
            Settlement::InWindow { until } => now <= until,
            Settlement::Frozen | Settlement::Settled { .. } => false,
        }
    }

    /// Refuses a step that the state or the counts do not allow.
    pub fn must_allow(&self, action: Action, now: Millis) -> Result<(), Refusal> {
        let allowed = self.allowed_actions(now);
        if allowed.contains(&action) {
            Ok(())
        } else {
            Err(Refusal::IllegalStep { state: self.state.word(), allowed })
        }
    }

    /// Finds each line and checks that it has that many units left by `left`.
    pub fn check_picks(
        &self,
        picks: &[Pick],
        left: impl Fn(&super::Line) -> i64,
    ) -> Result<(), Refusal> {
        let mut seen = std::collections::BTreeMap::new();
        for pick in picks {
            let line = self.line(pick.line).ok_or(Refusal::UnknownLine { line: pick.line })?;
            let sum = seen.entry(pick.line).or_insert(0_i64);
            *sum = sum.saturating_add(pick.units);
            if pick.units <= 0 || *sum > left(line) {
                return Err(Refusal::TooManyUnits { line: pick.line, left: left(line) });
            }
        }
        if picks.is_empty() { Err(Refusal::NothingChosen) } else { Ok(()) }
    }

    /// Everything that is still held for it.
    pub(super) fn all_held(&self) -> Vec<Release> {
        let mut all = Vec::new();
        for line in &self.lines {
            for held in &line.held {
                let (warehouse, quantity) = (held.warehouse.clone(), held.quantity);
                all.push(Release { line: line.no, warehouse, quantity });
            }
        }
        all
    }

    /// What is held for some units that are not packed, from the last warehouse backwards.
    pub(crate) fn held_for(&self, picks: &[Pick]) -> Vec<Release> {
        let mut released = Vec::new();
        for pick in picks {
            let mut left = pick.units;
            for held in
                self.line(pick.line).map(|l| l.held.as_slice()).unwrap_or_default().iter().rev()
            {
                let quantity = left.min(held.free());
                left -= quantity;
                if quantity > 0 {
                    let warehouse = held.warehouse.clone();
                    released.push(Release { line: pick.line, warehouse, quantity });
                }
            }
        }
        released
    }
}

/// Ends an order that is not paid for. The money of its purchase is not looked at here.
pub(crate) fn drop_order(change: &mut Change, order: &mut Stored<Order>, why: CancelReason) {
    if matches!(order.doc.state, OrderState::AwaitingPayment { .. }) {
        let (at, by, released) = (change.at, change.actor.clone(), order.doc.all_held());
        let (note, waived_minor) = (None, None);
        let event = OrderEvent::Cancelled { at, by, why, note, released, waived_minor };
        change.record(order, event);
    }
}

/// What is given back, and for what.
#[derive(Debug, Clone)]
pub struct Grant {
    pub picks: Vec<Pick>,
    pub shipping: bool,
    pub amount_minor: i64,
    pub case: Option<CaseId>,
}

/// Every way money of a paid order goes back to a buyer ends here: it never exceeds what the
/// payment still has. Answers the refunds, one for each attempt that brought the money.
pub fn grant_refund(
    change: &mut Change,
    order: &mut Stored<Order>,
    payment: &mut Stored<Payment>,
    grant: Grant,
    ids: &mut dyn Ids,
) -> Result<Vec<RefundId>, Refusal> {
    let Grant { picks, shipping, amount_minor, case } = grant;
    let refundable = payment.doc.refundable_minor();
    if amount_minor > refundable || amount_minor > order.doc.in_escrow_minor() {
        let refundable = Money::new(refundable, payment.doc.currency);
        return Err(Refusal::RefundExceedsCapture { refundable });
    }
    let why = RefundOf::Order { order: order.doc.id.clone(), case };
    let refunds = request_refund(change, payment, why, amount_minor, ids);
    let event =
        OrderEvent::RefundGranted { refunds: refunds.clone(), picks, shipping, amount_minor };
    change.record(order, event);
    Ok(refunds)
}

/// The buyer has everything, or was silent long enough after it came.
pub fn complete_order(change: &mut Change, order: &mut Stored<Order>) -> Result<(), Refusal> {
    order.doc.must_allow(Action::ConfirmReceipt, change.at)?;
    if change.actor == Actor::Clock && !order.doc.clock_has_run_out(change.at) {
        let allowed = order.doc.allowed_actions(change.at);
        return Err(Refusal::IllegalStep { state: order.doc.state.word(), allowed });
    }
    let (at, by) = (change.at, change.actor.clone());
    change.record(order, OrderEvent::Completed { at, by });
    Ok(())
}

/// The after-sale window ends: the order is settled, unless something is open. Commission
/// is taken on goods that stayed with the buyer, so what was refunded gives its part back by
/// itself.
pub fn end_window(change: &mut Change, order: &mut Stored<Order>) {
    let at = change.at;
    let waits = order.doc.settlement_waits();
    match order.doc.settlement {
        Settlement::Open | Settlement::Settled { .. } => {}
        Settlement::InWindow { until } if at < until => {}
        Settlement::InWindow { .. } if waits => {
            change.record(order, OrderEvent::WindowEnded { at });
        }
        Settlement::Frozen if waits => {}
        Settlement::InWindow { .. } | Settlement::Frozen => {
            let kept = order.doc.in_escrow_minor();
            let shipping =
                if order.doc.shipping.refunded { 0 } else { order.doc.shipping.paid_minor };
            let goods = (kept - shipping).max(0);
            let commission_minor = at_rate(goods, order.doc.terms.commission_bp).min(kept);
            let fee_minor = order.doc.terms.service_fee_minor.min(kept - commission_minor);
            let net_minor = kept - commission_minor - fee_minor;
            let event = OrderEvent::Settled { at, net_minor, commission_minor, fee_minor };
            change.record(order, event);
        }
    }
}
