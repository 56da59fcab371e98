//! Where an SKU lies in a warehouse: zone, aisle and bin. Pick lists are walked in that order.

use super::Faults;
use crate::{Fault, SkuId, WarehouseId};
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;

/// Where an SKU lies in a warehouse. An SKU has one bin in a warehouse: the one that is picked
/// from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bin {
    /// `warehouse/sku`: neither of them has a slash.
    pub id: String,
    pub warehouse: WarehouseId,
    pub sku: SkuId,
    pub spot: Spot,
}

/// A place in a warehouse, as its signs say it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spot {
    pub zone: String,
    #[serde(default)]
    pub aisle: String,
    pub bin: String,
}

/// Signs of the name of a zone, an aisle or a bin.
const SIGNS_AT_MOST: usize = 32;

impl Bin {
    pub fn new(warehouse: WarehouseId, sku: SkuId, spot: Spot) -> Self {
        Self { id: Self::id_of(&warehouse, &sku), warehouse, sku, spot }
    }

    /// The id of an SKU's bin in a warehouse.
    pub fn id_of(warehouse: &WarehouseId, sku: &SkuId) -> String {
        format!("{warehouse}/{sku}")
    }
}

impl Spot {
    /// What can never be, each fault with its place.
    pub fn check(&self) -> Vec<Fault> {
        let mut faults = Faults::default();
        faults.text("#/zone", &self.zone, SIGNS_AT_MOST);
        if !self.aisle.is_empty() {
            faults.text("#/aisle", &self.aisle, SIGNS_AT_MOST);
        }
        faults.text("#/bin", &self.bin, SIGNS_AT_MOST);
        faults.0
    }

    /// The order in which they are walked: by zone, aisle and bin, numbers in them by their value,
    /// so that A2 comes before A10.
    pub fn walk(&self, other: &Self) -> Ordering {
        by_number(&self.zone, &other.zone)
            .then_with(|| by_number(&self.aisle, &other.aisle))
            .then_with(|| by_number(&self.bin, &other.bin))
    }

    /// Whoever has no place known comes last.
    pub fn walk_known(one: Option<&Self>, other: Option<&Self>) -> Ordering {
        match (one, other) {
            (Some(one), Some(other)) => one.walk(other),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => Ordering::Equal,
        }
    }
}

/// Compares texts sign by sign, but a run of digits by its value.
fn by_number(one: &str, other: &str) -> Ordering {
    let (mut left, mut right) = (one, other);
    loop {
        let (a, b) = (next_part(&mut left), next_part(&mut right));
        let (Some(a), Some(b)) = (a, b) else {
            // The same to the eye, like 1 and 01: still always in the same order.
            return a.is_some().cmp(&b.is_some()).then_with(|| one.cmp(other));
        };
        let order = match (value(a), value(b)) {
            (Some(a), Some(b)) => a.len().cmp(&b.len()).then_with(|| a.cmp(b)),
            (Some(_), None) | (None, Some(_)) | (None, None) => a.cmp(b),
        };
        if order != Ordering::Equal {
            return order;
        }
    }
}

/// Takes the next sign, or the next run of digits.
fn next_part<'t>(text: &mut &'t str) -> Option<&'t str> {
    let first = text.chars().next()?;
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (part, rest) = text.split_at(digits.max(first.len_utf8()));
    *text = rest;
    Some(part)
}

/// A run of digits without leading zeros: the longer one is the larger number.
fn value(part: &str) -> Option<&str> {
    part.starts_with(|c: char| c.is_ascii_digit()).then(|| part.trim_start_matches('0'))
}
