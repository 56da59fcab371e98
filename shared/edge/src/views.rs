//! How documents look to clients. Converted by hand: our stored form may change without them.
//!
//! Every document answers `allowed_actions`, `deadline` and `final`. Times are RFC 3339 in UTC,
//! money is an amount in minor units with its currency.

mod carriage;
mod exceptions;
mod extras;
mod packing;
mod payments;
mod routing;
pub use carriage::*;
pub use exceptions::*;
pub use packing::*;
pub use payments::*;
pub use routing::show_routing;
mod tracking;
pub use tracking::*;

use chrono::{DateTime, SecondsFormat};
use domain::{
    Case, Cod, CompletionClock, Currency, Millis, Order, OrderState, Parcel, ParcelState,
    Settlement, Statement, StatementState, SubstituteOffer,
};
use serde_json::{Value, json};

/// RFC 3339, in UTC, to the millisecond.
pub fn time(at: Millis) -> String {
    let at = DateTime::from_timestamp_millis(at.0).unwrap_or_default();
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// Reads a time of RFC 3339, of any offset, to the millisecond.
pub fn moment(text: &str) -> Option<Millis> {
    Some(Millis(DateTime::parse_from_rfc3339(text).ok()?.timestamp_millis()))
}

/// A time that may not have come.
pub fn maybe(at: Option<Millis>) -> Value {
    at.map_or(Value::Null, |at| json!(time(at)))
}

/// An amount of money.
pub fn money(minor: i64, currency: Currency) -> Value {
    json!({"amount": minor, "currency": currency})
}

/// `+86138****0000`: enough to recognise, too little to call.
pub fn masked_phone(phone: &str) -> String {
    let count = phone.chars().count();
    let keep_front = count.saturating_sub(8);
    let mask = |(i, c)| if i >= keep_front && i + 4 < count { '*' } else { c };
    phone.chars().enumerate().map(mask).collect()
}

fn masked_name(name: &str) -> String {
    let first: String = name.chars().take(1).collect();
    format!("{first}**")
}

/// How much of a person a view shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Personal {
    Full,
    Masked,
}

/// An order.
pub fn order(order: &Order, now: Millis, personal: Personal) -> Value {
    let money = |minor| money(minor, order.currency);
    let line = |l: &domain::Line| {
        json!({
            "line": l.no, "sku": l.sku, "name": l.name, "quantity": l.quantity,
            "unit_price": money(l.unit_price_minor), "discount": money(l.discount_minor),
            "points": money(l.points_minor), "paid": money(l.paid_minor), "units": l.units,
            "held": l.held, "instead_of": l.instead_of,
        })
    };
    let extras = extras::of(order, personal);
    let lines: Vec<Value> = order.lines.iter().map(line).collect();
    json!({
        "id": order.id, "number": order.number, "purchase": order.purchase,
        "payment": order.payment, "merchant": order.merchant, "buyer": order.buyer,
        "state": order.state.word(), "state_detail": state_detail(&order.state),
        "fulfilment": order.fulfilment(), "settlement": settlement(order),
        "lines": lines, "shipping": money(order.shipping.paid_minor),
        "shipping_discount": money(order.shipping.discount_minor),
        "promotions": extras::promotions(order), "points": extras::points(order),
        "total": money(order.total_minor), "refunded": money(order.refunded_minor),
        "waived": money(order.waived_minor),
        "disputes": order.disputes, "charged_back": money(order.charged_back_minor),
        "cash_on_delivery": order.cod.as_ref().map(|cod| cash(cod, order)),
        "delivery": extras::delivery(order, personal), "note": extras.note,
        "invoice": extras.invoice, "gift": extras.gift, "open_cases": order.open_cases,
        "open_exceptions": order.open_exceptions, "completion": completion(order),
        "placed_at": time(order.placed_at), "ship_by": time(order.ship_by),
        "late_to_ship": order.late_since.is_some(),
        "allowed_actions": order.allowed_actions(now), "deadline": maybe(order.deadline()),
        "substitutes": order.open_offers().map(|o| substitute(o, order)).collect::<Vec<Value>>(),
        "final": order.is_final(),
    })
}

/// What its buyer may have instead of units that are missing.
fn substitute(offer: &SubstituteOffer, order: &Order) -> Value {
    let SubstituteOffer { line, units, instead, until, .. } = offer;
    json!({
        "line": line, "units": units, "sku": instead.sku, "name": instead.name,
        "price": money(instead.price_minor, order.currency), "until": time(*until),
    })
}

/// What couriers are to collect, have collected, and have not remitted yet.
fn cash(cod: &Cod, order: &Order) -> Value {
    let money = |minor| money(minor, order.currency);
    json!({
        "verdict": cod.verdict, "due": money(order.due_minor()),
        "collected": money(cod.collected_minor), "owed_by_carriers": money(cod.owed_minor),
        "refused": cod.refused,
    })
}

/// When the order completes by itself, or what is left of that time.
fn completion(order: &Order) -> Value {
    match order.clock {
        None => Value::Null,
        Some(CompletionClock::Running { due }) => json!({"state": "running", "due": time(due)}),
        Some(CompletionClock::Stopped { left_ms }) => {
            json!({"state": "stopped", "left_ms": left_ms})
        }
    }
}

fn state_detail(state: &OrderState) -> Value {
    match state {
        OrderState::AwaitingPayment { until } | OrderState::AwaitingConfirmation { until } => {
            json!({"until": time(*until)})
        }
        OrderState::Confirmed { at } => json!({"at": time(*at)}),
        OrderState::Completed { at, by } => json!({"at": time(*at), "by": by}),
        OrderState::Cancelled { at, by, why } => json!({"at": time(*at), "by": by, "why": why}),
    }
}

fn settlement(order: &Order) -> Value {
    let money = |minor| money(minor, order.currency);
    match order.settlement {
        Settlement::Open => json!({"state": "open"}),
        Settlement::InWindow { until } => json!({"state": "in_window", "until": time(until)}),
        Settlement::Frozen => json!({"state": "frozen"}),
        Settlement::Settled { at, net_minor, commission_minor, fee_minor } => json!({
            "state": "settled", "at": time(at), "net": money(net_minor),
            "commission": money(commission_minor), "fee": money(fee_minor),
        }),
    }
}

/// A parcel.
pub fn parcel(parcel: &Parcel) -> Value {
    let (shipped_at, seen) = match &parcel.state {
        ParcelState::Shipped { at, seen } | ParcelState::GivenUp { shipped_at: at, seen, .. } => {
            (Some(*at), *seen)
        }
        ParcelState::Packed | ParcelState::Cancelled { .. } | ParcelState::CameBack { .. } => {
            (None, None)
        }
    };
    let cash = parcel.cash.as_ref();
    let collect = cash.map(|c| money(c.collect.total_minor(), c.currency));
    let owed = cash.map(|c| money(c.owed_minor, c.currency));
    json!({
        "id": parcel.id, "order": parcel.order, "merchant": parcel.merchant,
        "warehouse": parcel.warehouse, "lines": parcel.picks, "weight_g": parcel.weight_g,
        "box": parcel.packaging.box_type, "size_mm": parcel.packaging.size_mm,
        "weight_check": parcel.packaging.weight,
        "rechecked": parcel.packaging.rechecked, "packing": parcel.packaging.packing,
        "serials": parcel.packaging.serials,
        "label": parcel.label, "state": parcel.word(), "packed_at": time(parcel.packed_at),
        "shipped_at": maybe(shipped_at), "last_scan_at": maybe(seen.map(|s| s.last_scan)),
        "delivered_at": maybe(seen.and_then(|s| s.delivered_at)),
        "collect": collect, "collected_at": maybe(cash.and_then(|c| c.collected_at)),
        "carriage": carriage(&parcel.carriage),
        "promised_by": maybe(parcel.promised_by), "replaces": parcel.replaces,
        "owed_by_carrier": owed, "cash_overdue": cash.is_some_and(|c| c.overdue),
        "allowed_actions": parcel.allowed_actions(), "deadline": null_deadline(),
        "final": parcel.is_final(),
    })
}

/// A parcel for its buyer: what carriers cost and why one was chosen is the shop's business, and so
/// is what a packer noted at the scales.
pub fn parcel_for_buyer(of: &Parcel) -> Value {
    let mut view = parcel(of);
    for inside in ["carriage", "weight_check"] {
        if let Some(part) = view.get_mut(inside) {
            *part = Value::Null;
        }
    }
    view
}

/// Nothing happens to it by itself.
fn null_deadline() -> Value {
    Value::Null
}

/// An after-sale case.
pub fn case(case: &Case) -> Value {
    json!({
        "id": case.id, "order": case.order, "merchant": case.merchant, "kind": case.kind,
        "lines": case.picks, "reason": case.reason, "description": case.description,
        "state": case.state.word(), "state_detail": case.state,
        "opened_at": time(case.opened_at), "allowed_actions": case.state.allows(),
        "deadline": maybe(case.state.deadline()), "final": case.state.is_final(),
    })
}

/// A merchant's statement.
pub fn statement(statement: &Statement) -> Value {
    let money = |minor| money(minor, statement.currency);
    let (paid_at, reference) = match &statement.state {
        StatementState::Paid { at, reference } => (Some(*at), Some(reference)),
        StatementState::Due | StatementState::Carried => (None, None),
    };
    json!({
        "id": statement.id, "merchant": statement.merchant, "number": statement.number,
        "orders": statement.orders, "carried": money(statement.carried_minor),
        "net": money(statement.net_minor), "made_at": time(statement.made_at),
        "state": statement.word(), "paid_at": maybe(paid_at), "reference": reference,
        "allowed_actions": statement.allowed_actions(), "deadline": null_deadline(),
        "final": !matches!(statement.state, StatementState::Due),
    })
}
