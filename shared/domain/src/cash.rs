//! Cash that carriers collect: what is to be collected with a parcel, and that it was.
//!
//! The amount of a parcel is fixed when it is packed, because the carrier is told then: the value
//! of its units, and shipping with the first parcel. Units that are cancelled before are in none;
//! if the parcel with the shipping was unpacked and they were the last, it is waived with them.

use crate::order::{Line, Order, OrderEvent, Pick};
use crate::payment::settle_collected;
use crate::{
    Change, Currency, Effect, Label, Millis, Parcel, ParcelEvent, Payment, PaymentEvent, Stored,
    TimerKind,
};
use serde::{Deserialize, Serialize};

/// What is to be collected with a parcel, in minor units.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Collectible {
    pub lines: Vec<LineAmount>,
    pub shipping_minor: i64,
}

/// An amount for units of a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineAmount {
    pub line: u16,
    pub minor: i64,
}

impl Collectible {
    pub fn total_minor(&self) -> i64 {
        self.lines.iter().map(|l| l.minor).sum::<i64>() + self.shipping_minor
    }
}

/// The cash of a parcel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cash {
    pub collect: Collectible,
    pub currency: Currency,
    /// When the buyer paid it.
    pub collected_at: Option<Millis>,
    /// What the carrier has remitted, right or wrong.
    pub remitted_minor: i64,
    /// What nobody waits for any more.
    pub written_off_minor: i64,
    /// Collected, and neither remitted nor written off.
    pub owed_minor: i64,
    /// It is owed for longer than was agreed.
    pub overdue: bool,
}

impl Cash {
    pub(crate) fn to_collect(collect: Collectible, currency: Currency) -> Self {
        Self {
            collect,
            currency,
            collected_at: None,
            remitted_minor: 0,
            written_off_minor: 0,
            owed_minor: 0,
            overdue: false,
        }
    }
}

/// A parcel on its way, with what its news may concern. The payment is there for cash on delivery,
/// and for a parcel that came back.
pub struct Journey<'a> {
    pub parcel: &'a mut Stored<Parcel>,
    pub order: &'a mut Stored<Order>,
    pub payment: Option<&'a mut Stored<Payment>>,
}

impl Order {
    /// What is to be collected with these units; `None` for an order that is paid already.
    pub(crate) fn collectible(&self, picks: &[Pick]) -> Option<Collectible> {
        self.cod.as_ref()?;
        let amount = |pick: &Pick| {
            let minor = self.line(pick.line).map_or(0, |line: &Line| line.open_worth(pick.units));
            LineAmount { line: pick.line, minor }
        };
        let shipping_minor = self.shipping_to_ask();
        Some(Collectible { lines: picks.iter().map(amount).collect(), shipping_minor })
    }

    /// Shipping of an order that is paid to the courier, as long as no parcel brings it.
    pub(crate) fn shipping_to_ask(&self) -> i64 {
        let asks = self.cod.as_ref().is_some_and(|cod| cod.shipping_with.is_none());
        if asks && !self.shipping.refunded { self.shipping.paid_minor } else { 0 }
    }
}

/// The buyer has taken the parcel and paid: the carrier owes us the cash.
pub(crate) fn collect_cash(change: &mut Change, journey: &mut Journey<'_>) {
    let Journey { parcel, order, payment } = journey;
    let (Some(cash), Some(label)) = (parcel.doc.cash.clone(), parcel.doc.label.clone()) else {
        return;
    };
    let (Some(payment), None) = (payment, cash.collected_at) else { return };
    let (at, parcel_id) = (change.at, parcel.doc.id.clone());
    let amount_minor = cash.collect.total_minor();
    let owed_minor = (amount_minor - cash.remitted_minor).max(0);
    let remit_ms = order.doc.cod.as_ref().map_or(0, |cod| cod.remit_ms);
    let due = at.plus(remit_ms);
    change.record(parcel, ParcelEvent::CashCollected { at, owed_minor, due });
    let (id, collect) = (parcel_id, cash.collect);
    change.record(order, OrderEvent::CashCollected { parcel: id, collect, owed_minor, at });
    if amount_minor > 0 {
        let (order, Label { carrier, waybill }) = (order.doc.id.clone(), label);
        let event = PaymentEvent::CashCollected { order, carrier, waybill, amount_minor, at };
        change.record(payment, event);
    }
    settle_collected(change, payment);
}

/// The buyer does not take the parcel. Nothing is decided by that: couriers try again.
pub(crate) fn refused_at_the_door(change: &mut Change, journey: &mut Journey<'_>) {
    let Journey { parcel, order, .. } = journey;
    let (id, at) = (parcel.doc.id.clone(), change.at);
    let known = order.doc.cod.as_ref().is_none_or(|cod| cod.refused.contains(&id));
    if parcel.doc.cash.is_some() && !known {
        change.record(order, OrderEvent::DeliveryRefused { parcel: id, at });
    }
}

impl Parcel {
    /// How the events of cash change a parcel.
    pub(crate) fn cash_moves(&mut self, event: &ParcelEvent) {
        let Some(cash) = &mut self.cash else { return };
        match event {
            ParcelEvent::CashCollected { at, owed_minor, .. } => {
                cash.collected_at = Some(*at);
                cash.owed_minor = *owed_minor;
            }
            ParcelEvent::CashRemitted { amount_minor, .. }
            | ParcelEvent::CashAssigned { amount_minor, .. } => {
                cash.remitted_minor += amount_minor;
                cash.owed_minor = (cash.owed_minor - amount_minor).max(0);
            }
            ParcelEvent::CashWrittenOff { amount_minor, .. } => {
                cash.written_off_minor += amount_minor;
                cash.owed_minor -= amount_minor;
            }
            ParcelEvent::CashRecovered { amount_minor, .. } => {
                cash.written_off_minor -= amount_minor;
            }
            ParcelEvent::CashOverdue { .. } => cash.overdue = true,
            ParcelEvent::DeliveryReversed { .. } => {
                cash.collected_at = None;
                cash.owed_minor = 0;
            }
            ParcelEvent::Packed { .. }
            | ParcelEvent::CarrierChosen { .. }
            | ParcelEvent::WaybillRequested { .. }
            | ParcelEvent::WaybillRefused { .. }
            | ParcelEvent::Labelled { .. }
            | ParcelEvent::WaybillVoided { .. }
            | ParcelEvent::CancelTold { .. }
            | ParcelEvent::PutOnManifest { .. }
            | ParcelEvent::LeftBehind { .. }
            | ParcelEvent::Promised { .. }
            | ParcelEvent::Shipped { .. }
            | ParcelEvent::Seen { .. }
            | ParcelEvent::SpokenOf
            | ParcelEvent::Cancelled { .. }
            | ParcelEvent::CameBack { .. }
            | ParcelEvent::GivenUp { .. } => {}
        }
        cash.overdue &= cash.owed_minor > 0;
    }

    pub(crate) fn effects_of(&self, event: &ParcelEvent) -> Vec<Effect> {
        let (kind, subject) = (TimerKind::CashOverdue, self.id.to_string());
        let owed = self.cash.as_ref().is_some_and(|cash| cash.owed_minor > 0);
        match event {
            ParcelEvent::CashCollected { owed_minor, due, .. } if *owed_minor > 0 => {
                vec![Effect::SetTimer { kind, subject, due: *due }]
            }
            ParcelEvent::CashRemitted { .. }
            | ParcelEvent::CashAssigned { .. }
            | ParcelEvent::CashWrittenOff { .. }
            | ParcelEvent::DeliveryReversed { .. }
                if !owed =>
            {
                vec![Effect::ClearTimer { kind, subject }]
            }
            ParcelEvent::CashCollected { .. }
            | ParcelEvent::CashRemitted { .. }
            | ParcelEvent::CashAssigned { .. }
            | ParcelEvent::CashWrittenOff { .. }
            | ParcelEvent::CashRecovered { .. }
            | ParcelEvent::CashOverdue { .. }
            | ParcelEvent::DeliveryReversed { .. }
            | ParcelEvent::Packed { .. }
            | ParcelEvent::CarrierChosen { .. }
            | ParcelEvent::WaybillRequested { .. }
            | ParcelEvent::WaybillRefused { .. }
            | ParcelEvent::Labelled { .. }
            | ParcelEvent::WaybillVoided { .. }
            | ParcelEvent::CancelTold { .. }
            | ParcelEvent::PutOnManifest { .. }
            | ParcelEvent::LeftBehind { .. }
            | ParcelEvent::Promised { .. }
            | ParcelEvent::Shipped { .. }
            | ParcelEvent::Seen { .. }
            | ParcelEvent::SpokenOf
            | ParcelEvent::Cancelled { .. } => Vec::new(),
            ParcelEvent::CameBack { .. } | ParcelEvent::GivenUp { .. } => {
                vec![Effect::ClearTimer { kind: TimerKind::NoScan, subject }]
            }
        }
    }
}
