//! An order: one merchant's part of a purchase, with lines that count their own units.
//!
//! What the buyer pays is allocated to lines when the order is placed and frozen; a line's amount
//! divides over its units by one rule (`share_of_units`), so giving back any units is a look-up.
//! Fulfilment is not stored: it is read off the counters.

mod after;
mod amend;
mod cash;
mod clock;
mod cod;
mod decide;
mod event;
mod evolve;
mod fulfilment;
mod given_up;
mod held;
mod picked;
mod react;
mod returned;
mod ship_date;
mod substitute;
mod taken_off;
mod to_pick;
mod units;

pub use amend::*;
pub use clock::CompletionClock;
pub use cod::*;
pub use decide::*;
pub use event::*;
pub use fulfilment::Fulfilment;
pub use held::Held;
pub use picked::ToPutAway;
pub use returned::*;
pub use ship_date::*;
pub use substitute::*;
pub use taken_off::{Promotion, SpentPoints};
pub use to_pick::*;
pub use units::Units;

use crate::{
    Actor, BuyerId, CaseId, Currency, Delivery, ExceptionId, Gift, Invoice, MerchantId, Millis,
    OrderId, OrderNumber, ParcelId, PaymentId, PurchaseId, Routing, SkuId, WarehouseId,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One merchant's part of a purchase.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    pub id: OrderId,
    pub number: OrderNumber,
    pub purchase: PurchaseId,
    pub payment: PaymentId,
    pub merchant: MerchantId,
    pub buyer: BuyerId,
    pub currency: Currency,
    pub lines: Vec<Line>,
    /// Which part of each promotion it carries.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub promotions: Vec<Promotion>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub points: Option<SpentPoints>,
    pub shipping: Shipping,
    pub delivery: Delivery,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invoice: Option<Invoice>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gift: Option<Gift>,
    /// What the buyer pays for it: lines and shipping after discounts.
    pub total_minor: i64,
    pub terms: Terms,
    pub placed_at: Millis,
    /// By when the buyer was told it ships.
    pub ship_by: Millis,
    /// When it was found that the date had passed, while something of it is still to be shipped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub late_since: Option<Millis>,
    /// Why it is held where it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub routing: Option<Box<Routing>>,
    pub state: OrderState,
    pub settlement: Settlement,
    /// Cases that are not final.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub open_cases: Vec<CaseId>,
    /// Exceptions of its parcels that nobody has resolved.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub open_exceptions: Vec<ExceptionId>,
    /// Parcels that were given up and whose units are sent once more, the oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sent_again: Vec<SentAgain>,
    /// There when all of it was delivered and its buyer has not confirmed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock: Option<CompletionClock>,
    /// Given back or being given back, of lines and shipping.
    pub refunded_minor: i64,
    /// Of the total, what nobody has to pay any more: units cancelled before they were paid for.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub waived_minor: i64,
    /// When it came back to life, after it had ended for want of money.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revived_at: Option<Millis>,
    /// Disputes at buyers' banks that are not over: nothing is settled while there is one.
    pub disputes: Vec<String>,
    /// What banks took of its money in disputes.
    pub charged_back_minor: i64,
    /// There for an order that is paid to the courier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cod: Option<Cod>,
    /// Warehouses where no rule puts it on a pick list before that: pieces of it were not found
    /// there, and are waited for.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub pick_after: BTreeMap<WarehouseId, Millis>,
    /// What its buyer may have instead of units that were not found, until that is over.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub offers: Vec<SubstituteOffer>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub put_away: Vec<ToPutAway>,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it so")]
pub(crate) fn is_zero(minor: &i64) -> bool {
    *minor == 0
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it so")]
pub(crate) fn is_false(it: &bool) -> bool {
    !*it
}

/// A SKU times a quantity at a price.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// From 1, in the order of the purchase.
    pub no: u16,
    pub sku: SkuId,
    pub name: String,
    pub quantity: i64,
    pub unit_price_minor: i64,
    /// Frozen share of all discounts.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub discount_minor: i64,
    /// Frozen share of what points pay.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub points_minor: i64,
    /// What is paid for the line in money: price × quantity − discount − points.
    pub paid_minor: i64,
    pub weight_g: i64,
    pub return_ms: i64,
    /// Stock promised to it and not yet shipped.
    pub held: Vec<Held>,
    pub units: Units,
    /// There for an order that is paid to the courier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cash: Option<LineCash>,
    /// The line whose missing units it replaces.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instead_of: Option<u16>,
}

/// What shipping costs the buyer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shipping {
    pub fee_minor: i64,
    #[serde(default, skip_serializing_if = "is_zero")]
    pub discount_minor: i64,
    pub paid_minor: i64,
    pub refunded: bool,
}

/// What was agreed when the order was placed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    pub commission_bp: u32,
    pub service_fee_minor: i64,
    pub auto_complete_ms: i64,
    pub case_window_ms: i64,
    /// So long before `ship_by` the merchant is reminded.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub ship_reminder_ms: i64,
}

/// Where the order stands; what only exists later is only in the later variant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum OrderState {
    AwaitingPayment {
        until: Millis,
    },
    /// Somebody has to believe in it (cash on delivery).
    AwaitingConfirmation {
        until: Millis,
    },
    Confirmed {
        at: Millis,
    },
    Completed {
        at: Millis,
        by: Actor,
    },
    Cancelled {
        at: Millis,
        by: Actor,
        why: CancelReason,
    },
}

/// Whether the merchant's money is theirs yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum Settlement {
    /// Not completed.
    Open,
    /// Completed, and cases may still be opened.
    InWindow {
        until: Millis,
    },
    /// A case, an exception or a dispute was open when the window ended: settled when the last one
    /// closes.
    Frozen,
    Settled {
        at: Millis,
        net_minor: i64,
        commission_minor: i64,
        fee_minor: i64,
    },
}

/// Some units of a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pick {
    pub line: u16,
    pub units: i64,
}

impl Pick {
    /// Each line once, with all its units: what is worth or held is looked up once per line.
    pub fn merged(picks: &[Self]) -> Vec<Self> {
        let mut units: BTreeMap<u16, i64> = BTreeMap::new();
        for pick in picks {
            let sum = units.entry(pick.line).or_default();
            *sum = sum.saturating_add(pick.units);
        }
        units.into_iter().map(|(line, units)| Self { line, units }).collect()
    }
}

/// What is held anew for a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineHeld {
    pub line: u16,
    pub held: Vec<Held>,
}

/// A parcel that was given up, and the units that were in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SentAgain {
    pub parcel: ParcelId,
    pub picks: Vec<Pick>,
}

/// Held pieces that are given back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Release {
    pub line: u16,
    pub warehouse: WarehouseId,
    pub quantity: i64,
}
