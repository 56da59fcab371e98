//! What is wrong with a basket by itself and against the catalog: lines, limits, discounts.

use super::{Discount, DiscountOn, LineWanted, PlacePurchase, Shelf};
use crate::{Currency, Fault, FaultKind, LARGEST_MINOR, Money, Policy};
use std::collections::BTreeSet;

/// What a line's goods cost. Larger than any amount there is if it leaves the range of amounts.
pub(super) fn goods_minor(line: &LineWanted, shelf: &Shelf) -> i64 {
    let price = shelf.skus.get(&line.sku).map_or(0, |sku| sku.price_minor);
    price.saturating_mul(line.quantity.max(0)).min(LARGEST_MINOR + 1)
}

/// Every fault of lines, limits and what is to be taken off.
pub(super) fn faults(wanted: &PlacePurchase, shelf: &Shelf, policy: &Policy) -> Vec<Fault> {
    let at_most = policy.lines_at_most;
    if wanted.lines.len() > at_most {
        return vec![Fault::at("#/lines", FaultKind::TooManyLines { at_most })];
    }
    let mut faults = Vec::new();
    if wanted.lines.is_empty() {
        faults.push(Fault::at("#/lines", FaultKind::NoLines));
    }
    let mut seen = BTreeSet::new();
    let mut currency: Option<Currency> = None;
    for (i, line) in wanted.lines.iter().enumerate() {
        let mut fault = |field: &str, what| {
            faults.push(Fault::at(format!("#/lines/{i}/{field}"), what));
        };
        if !seen.insert(&line.sku) {
            fault("sku", FaultKind::RepeatedSku);
        }
        let at_most = policy.pieces_at_most;
        if !(1..=at_most).contains(&line.quantity) {
            fault("quantity", FaultKind::QuantityOutOfRange { at_most });
        }
        let Some(sku) = shelf.skus.get(&line.sku) else {
            fault("sku", FaultKind::UnknownSku);
            continue;
        };
        if !sku.sells() {
            fault("sku", FaultKind::NotForSale);
        }
        if !shelf.merchants.contains_key(&sku.merchant) {
            fault("sku", FaultKind::UnknownMerchant);
        }
        if *currency.get_or_insert(sku.currency) != sku.currency {
            fault("sku", FaultKind::CurrencyDiffers);
        }
        let right = Money::new(sku.price_minor, sku.currency);
        if line.price.is_some_and(|shown| shown != right) {
            fault("price", FaultKind::PriceDiffers { right });
        }
    }
    faults.extend(limits(wanted, shelf, policy, currency));
    faults.extend(taken_off(wanted, shelf, currency));
    faults
}

/// What is too much of it all.
fn limits(
    wanted: &PlacePurchase,
    shelf: &Shelf,
    policy: &Policy,
    currency: Option<Currency>,
) -> Vec<Fault> {
    let mut faults = Vec::new();
    let at_most = policy.pieces_in_all_at_most;
    let pieces = wanted.lines.iter().map(|line| line.quantity.clamp(0, policy.pieces_at_most));
    if pieces.fold(0_i64, i64::saturating_add) > at_most {
        faults.push(Fault::at("#/lines", FaultKind::TooManyPieces { at_most }));
    }
    let at_most = policy.amount_at_most_minor.min(LARGEST_MINOR);
    let goods = wanted.lines.iter().map(|line| goods_minor(line, shelf));
    if goods.fold(0_i64, i64::saturating_add) > at_most {
        let at_most = Money::new(at_most, currency.unwrap_or(Currency::CNY));
        faults.push(Fault::at("#/lines", FaultKind::AmountTooLarge { at_most }));
    }
    if let Some(at_most) = policy.unpaid_at_most.filter(|at_most| shelf.unpaid >= *at_most) {
        faults.push(Fault::at("#", FaultKind::TooManyUnpaid { at_most }));
    }
    faults
}

/// Discounts and points by themselves; whether they are too much shows when they are allocated.
fn taken_off(wanted: &PlacePurchase, shelf: &Shelf, currency: Option<Currency>) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut seen = BTreeSet::new();
    for (i, discount) in wanted.discounts.iter().enumerate() {
        let at = format!("#/discounts/{i}");
        if !seen.insert(&discount.id) {
            faults.push(Fault::at(format!("{at}/id"), FaultKind::Repeated));
        }
        faults.extend(id_and_amount(&at, &discount.id, discount.amount, currency));
        faults.extend(scope(&at, discount, wanted, shelf));
    }
    if let Some(points) = &wanted.points {
        faults.extend(id_and_amount("#/points", &points.id, points.amount, currency));
    }
    faults
}

fn id_and_amount(at: &str, id: &str, amount: Money, currency: Option<Currency>) -> Vec<Fault> {
    let mut faults = Vec::new();
    match id.chars().count() {
        0 => faults.push(Fault::at(format!("{at}/id"), FaultKind::Missing)),
        1..=64 => {}
        _ => faults.push(Fault::at(format!("{at}/id"), FaultKind::TooLong { at_most: 64 })),
    }
    if currency.is_some_and(|c| c != amount.currency) {
        faults.push(Fault::at(format!("{at}/amount"), FaultKind::CurrencyDiffers));
    }
    if !(0..=LARGEST_MINOR).contains(&amount.minor) {
        faults.push(Fault::at(format!("{at}/amount"), FaultKind::AmountOutOfRange));
    }
    faults
}

/// A discount speaks only of what is in the basket.
fn scope(at: &str, discount: &Discount, wanted: &PlacePurchase, shelf: &Shelf) -> Vec<Fault> {
    let mut faults = Vec::new();
    if discount.merchant.as_ref().is_some_and(|merchant| !shelf.merchants.contains_key(merchant)) {
        faults.push(Fault::at(format!("{at}/merchant"), FaultKind::NotInBasket));
    }
    for (n, sku) in discount.skus.iter().enumerate() {
        let here = wanted.lines.iter().any(|line| line.sku == *sku);
        if !here || discount.on == DiscountOn::Shipping {
            faults.push(Fault::at(format!("{at}/skus/{n}"), FaultKind::NotInBasket));
        }
    }
    faults
}
