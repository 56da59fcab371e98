//! Cash on delivery: who may have it, how such an order is confirmed, and what of it was collected.
//!
//! Nothing is paid when it is placed, so it waits until a rule or a person believes in it; its
//! stock is held meanwhile. The carrier collects for each parcel what its units cost.

use super::{Action, Cancellation, Order, OrderAtHand, OrderEvent, OrderState, cancel};
use crate::time::{DAY, HOUR};
use crate::{
    CancelReason, CarrierCode, Change, Delivery, Fault, FaultKind, Ids, Money, ParcelId,
    PaymentLife, PlacePurchase, Placed, Policy, Refusal, Shelf, Stored,
};
use serde::{Deserialize, Serialize};

/// What a shop says about cash on delivery. Durations in milliseconds, amounts in minor units of
/// the order's currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CodPolicy {
    /// Merchants may offer it.
    pub offered: bool,
    /// No order may be larger.
    pub amount_at_most_minor: i64,
    /// Carriers that collect; none named: all.
    pub carriers: Vec<CarrierCode>,
    /// A person confirms within this time,
    pub confirm_ms: i64,
    /// or this happens.
    pub on_silence: OnSilence,
    /// Without a person: orders up to this amount,
    pub trusted_minor: i64,
    /// of buyers who refused at most so many
    pub refusals_at_most: i64,
    /// of their last orders,
    pub of_last_orders: i64,
    /// to these regions, by the first digits of their GB/T 2260 codes; none named: all.
    pub trusted_regions: Vec<String>,
    /// A carrier remits what it collected.
    pub remit_ms: i64,
}

/// What becomes of an order that nobody confirms in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnSilence {
    Cancel,
    Confirm,
}

impl Default for CodPolicy {
    fn default() -> Self {
        Self {
            offered: true,
            amount_at_most_minor: 1_000_000,
            carriers: Vec::new(),
            confirm_ms: DAY,
            on_silence: OnSilence::Cancel,
            trusted_minor: 50_000,
            refusals_at_most: 0,
            of_last_orders: 20,
            trusted_regions: Vec::new(),
            remit_ms: 7 * DAY + 12 * HOUR,
        }
    }
}

/// A buyer's last orders, and how many of them had a parcel that was refused at the door.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
pub struct CodHistory {
    pub orders: i64,
    pub refused: i64,
}

/// What one rule looked at, and whether it holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "rule")]
pub enum CodFinding {
    AmountAtMost { amount_minor: i64, at_most_minor: i64, holds: bool },
    RefusalsAtMost { refused: i64, of_orders: i64, at_most: i64, holds: bool },
    AddressComplete { holds: bool },
    RegionTrusted { region: String, holds: bool },
}

/// Whether an order is believed in, by whom and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "outcome")]
pub enum CodVerdict {
    /// Not all rules hold: a person looks.
    Referred {
        findings: Vec<CodFinding>,
    },
    ConfirmedByRule {
        findings: Vec<CodFinding>,
    },
    ConfirmedByPerson {
        note: Option<String>,
    },
    /// Nobody looked in time, and the shop's policy is to send it.
    ConfirmedBySilence,
}

/// What cash on delivery adds to an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cod {
    pub verdict: CodVerdict,
    /// Collected from the buyer.
    pub collected_minor: i64,
    /// Of that, what carriers have not remitted.
    pub owed_minor: i64,
    /// Frozen: when a carrier must have remitted.
    pub remit_ms: i64,
    /// Shipping is collected with this parcel, the first one.
    pub shipping_with: Option<ParcelId>,
    /// Parcels that the buyer did not take.
    pub refused: Vec<ParcelId>,
}

/// What cash on delivery adds to a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineCash {
    /// Value of the units that are neither cancelled nor in a parcel.
    pub open_minor: i64,
    /// Collected for units that were not given back.
    pub kept_minor: i64,
}

impl Cod {
    /// Looks at an order that is being placed.
    pub(crate) fn new(
        (amount_minor, to): (i64, &Delivery),
        history: CodHistory,
        policy: &CodPolicy,
    ) -> Self {
        let findings = findings(amount_minor, to, history, policy);
        let verdict = if findings.iter().all(CodFinding::holds) {
            CodVerdict::ConfirmedByRule { findings }
        } else {
            CodVerdict::Referred { findings }
        };
        Self {
            verdict,
            collected_minor: 0,
            owed_minor: 0,
            remit_ms: policy.remit_ms,
            shipping_with: None,
            refused: Vec::new(),
        }
    }
}

/// Makes a purchase that is being placed one that is paid to the courier, if that is wanted and
/// there is something to pay.
pub(crate) fn pay_courier(mut placed: Placed, history: CodHistory, policy: &Policy) -> Placed {
    let policy = &policy.cash_on_delivery;
    if !placed.payment.gateway.is_cash() || placed.payment.due_minor() == 0 {
        return placed;
    }
    for order in &mut placed.orders {
        let until = order.placed_at.plus(policy.confirm_ms);
        order.state = OrderState::AwaitingConfirmation { until };
        order.cod = Some(Cod::new((order.total_minor, &order.delivery), history, policy));
        for line in &mut order.lines {
            line.cash = Some(LineCash { open_minor: line.paid_minor, kept_minor: 0 });
        }
    }
    placed.payment.life = PaymentLife::OnDelivery;
    placed.payment.recheck_at = None;
    placed
}

/// An order goes to another address, so the rules look at it once more. What they confirm now needs
/// no person; what they do not, waits for one again, whoever had confirmed it.
pub(super) fn look_again(
    change: &mut Change,
    order: &mut Stored<Order>,
    history: CodHistory,
    policy: &CodPolicy,
) {
    if order.doc.cod.is_none() {
        return;
    }
    let looked_at = (order.doc.due_minor(), &order.doc.delivery);
    let verdict = Cod::new(looked_at, history, policy).verdict;
    match (&order.doc.state, &verdict) {
        (OrderState::AwaitingConfirmation { .. }, CodVerdict::ConfirmedByRule { .. }) => {
            confirmed(change, order, verdict);
        }
        (OrderState::AwaitingConfirmation { until }, CodVerdict::Referred { .. }) => {
            let (until, at) = (*until, change.at);
            change.record(order, OrderEvent::Referred { until, verdict, at });
        }
        (OrderState::Confirmed { .. }, CodVerdict::Referred { .. }) => {
            let (until, at) = (change.at.plus(policy.confirm_ms), change.at);
            change.record(order, OrderEvent::Referred { until, verdict, at });
        }
        (
            OrderState::AwaitingConfirmation { .. }
            | OrderState::AwaitingPayment { .. }
            | OrderState::Confirmed { .. }
            | OrderState::Completed { .. }
            | OrderState::Cancelled { .. },
            CodVerdict::Referred { .. }
            | CodVerdict::ConfirmedByRule { .. }
            | CodVerdict::ConfirmedByPerson { .. }
            | CodVerdict::ConfirmedBySilence,
        ) => {}
    }
}

fn findings(
    amount_minor: i64,
    to: &Delivery,
    history: CodHistory,
    policy: &CodPolicy,
) -> Vec<CodFinding> {
    let CodPolicy { trusted_minor, refusals_at_most, trusted_regions, .. } = policy;
    let CodHistory { orders: of_orders, refused } = history;
    // A courier finds a door by its number, and a remark says what somebody should look at.
    let complete = to.detail.chars().count() >= 5
        && to.detail.chars().any(char::is_numeric)
        && to.remarks.is_empty();
    let trusted = trusted_regions.is_empty()
        || trusted_regions.iter().any(|first| to.region.starts_with(first.as_str()));
    vec![
        CodFinding::AmountAtMost {
            amount_minor,
            at_most_minor: *trusted_minor,
            holds: amount_minor <= *trusted_minor,
        },
        CodFinding::RefusalsAtMost {
            refused,
            of_orders,
            at_most: *refusals_at_most,
            holds: refused <= *refusals_at_most,
        },
        CodFinding::AddressComplete { holds: complete },
        CodFinding::RegionTrusted { region: to.region.clone(), holds: trusted },
    ]
}

impl CodFinding {
    pub fn holds(&self) -> bool {
        match self {
            Self::AmountAtMost { holds, .. }
            | Self::RefusalsAtMost { holds, .. }
            | Self::AddressComplete { holds }
            | Self::RegionTrusted { holds, .. } => *holds,
        }
    }
}

/// Whether the shop and every merchant of the basket are paid at the door, and whether one of its
/// orders is too much for that. `totals` are theirs, as far as they could be computed.
pub(crate) fn check_cash(
    wanted: &PlacePurchase,
    shelf: &Shelf,
    policy: &Policy,
    mut totals: impl Iterator<Item = Money>,
) -> Vec<Fault> {
    if !wanted.gateway.is_cash() {
        return Vec::new();
    }
    let at_most = policy.cash_on_delivery.amount_at_most_minor;
    let too_much = totals.find(|total| total.minor > at_most).map(|total| {
        let at_most = Money::new(at_most, total.currency);
        Fault::at("#/gateway", FaultKind::TooMuchCash { at_most })
    });
    let skus = wanted.lines.iter().filter_map(|line| shelf.skus.get(&line.sku));
    let mut merchants = skus.filter_map(|sku| shelf.merchants.get(&sku.merchant));
    let offered = policy.cash_on_delivery.offered && merchants.all(|m| m.cash_on_delivery);
    let fault = || Fault::at("#/gateway", FaultKind::CashNotOffered);
    (!offered).then(fault).into_iter().chain(too_much).collect()
}

impl Order {
    /// Nothing was paid for what is not sent yet.
    pub fn is_unpaid(&self) -> bool {
        match self.state {
            OrderState::AwaitingPayment { .. } | OrderState::AwaitingConfirmation { .. } => true,
            OrderState::Confirmed { .. }
            | OrderState::Completed { .. }
            | OrderState::Cancelled { .. } => self.cod.is_some(),
        }
    }

    /// What carriers collected and did not remit, in minor units.
    pub fn owed_by_carriers_minor(&self) -> i64 {
        self.cod.as_ref().map_or(0, |cod| cod.owed_minor)
    }
}

/// Confirms those orders of a purchase that was just placed for which all rules held.
pub(crate) fn confirm_by_rule(
    change: &mut Change,
    placed: Placed,
    mut orders: Vec<Stored<Order>>,
) -> Placed {
    for order in &mut orders {
        let verdict = order.doc.cod.as_ref().map(|cod| cod.verdict.clone());
        if let Some(verdict @ CodVerdict::ConfirmedByRule { .. }) = verdict {
            confirmed(change, order, verdict);
        }
    }
    Placed { orders: orders.into_iter().map(|o| o.doc).collect(), ..placed }
}

fn confirmed(change: &mut Change, order: &mut Stored<Order>, verdict: CodVerdict) {
    let (at, by) = (change.at, change.actor.clone());
    change.record(order, OrderEvent::Confirmed { at, by, verdict });
}

/// A person believes in it: it will be sent.
pub fn confirm_order(
    change: &mut Change,
    order: &mut Stored<Order>,
    note: Option<String>,
) -> Result<(), Refusal> {
    order.doc.must_allow(Action::Confirm, change.at)?;
    confirmed(change, order, CodVerdict::ConfirmedByPerson { note });
    Ok(())
}

/// A person does not believe in it: it ends, and its stock is free.
pub fn decline_order(
    change: &mut Change,
    at_hand: OrderAtHand<'_>,
    why: CancelReason,
    note: Option<String>,
    ids: &mut dyn Ids,
) -> Result<(), Refusal> {
    at_hand.order.doc.must_allow(Action::Decline, change.at)?;
    cancel(change, at_hand, &Cancellation { picks: None, why, note }, ids)
}

/// Nobody has confirmed it in time: the policy says what becomes of it.
pub fn confirmation_overdue(
    change: &mut Change,
    at_hand: OrderAtHand<'_>,
    policy: &CodPolicy,
    ids: &mut dyn Ids,
) -> Result<(), Refusal> {
    let OrderState::AwaitingConfirmation { until } = at_hand.order.doc.state else { return Ok(()) };
    if change.at < until {
        return Ok(());
    }
    match policy.on_silence {
        OnSilence::Confirm => {
            confirmed(change, at_hand.order, CodVerdict::ConfirmedBySilence);
            Ok(())
        }
        OnSilence::Cancel => {
            let why = CancelReason::Unconfirmed;
            cancel(change, at_hand, &Cancellation { picks: None, why, note: None }, ids)
        }
    }
}
