//! What a merchant takes for shipping: a table of zones, and in each a way to compute the fee.
//!
//! The zone that says most exactly where the goods go counts. A merchant without a table has one
//! fee for everywhere (`ShippingTerms`); one with a table delivers only where a zone reaches.

use crate::{Currency, Delivery, Fault, FaultKind, LARGEST_MINOR, MerchantId};
use serde::{Deserialize, Serialize};

/// A merchant's rates. All amounts are minor units of its currency; orders in another currency are
/// shipped by the merchant's own terms.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rates {
    /// The merchant's id.
    pub id: MerchantId,
    pub currency: Currency,
    pub zones: Vec<Zone>,
}

/// Places, and what it costs to send something there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Zone {
    pub name: String,
    /// The first digits of GB/T 2260 codes (`31`, `4403`), countries (`US`, `HK`), or `*`.
    pub to: Vec<String>,
    pub fee: Fee,
    /// Goods of at least this, after discounts, are shipped for nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub free_from_minor: Option<i64>,
}

/// How a fee is computed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "by", deny_unknown_fields)]
pub enum Fee {
    /// The same for all.
    Order { fee_minor: i64 },
    /// 首重 and 续重: the first grams, then each begun step.
    Weight { first_g: i64, first_minor: i64, step_g: i64, step_minor: i64 },
    /// 首件 and 续件: the first pieces, then each begun step.
    Pieces { first: i64, first_minor: i64, step: i64, step_minor: i64 },
    /// By what the goods cost: the last step that they reach.
    Amount { steps: Vec<Step> },
}

/// From an amount of goods on, this fee.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    pub from_minor: i64,
    pub fee_minor: i64,
}

/// What is to be sent, as far as a fee depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Load {
    /// After discounts.
    pub goods_minor: i64,
    pub weight_g: i64,
    pub pieces: i64,
}

const ZONES_AT_MOST: usize = 100;
const PLACES_AT_MOST: usize = 500;

impl Rates {
    /// The fee for sending something there; `None` where no zone reaches.
    pub fn fee_minor(&self, to: &Delivery, load: Load) -> Option<i64> {
        let reach = |zone: &Zone| zone.to.iter().filter_map(|place| exactness(place, to)).max();
        let reached = self.zones.iter().filter_map(|zone| Some((reach(zone)?, zone)));
        // Of equals the first: `max_by_key` would take the last.
        let (_, zone) = reached.rev().max_by_key(|(exact, _)| *exact)?;
        let free = zone.free_from_minor.is_some_and(|from| load.goods_minor >= from);
        Some(if free { 0 } else { zone.fee.minor(load) })
    }

    /// What the type alone does not say: amounts, steps and places that make sense.
    pub fn check(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        if self.zones.len() > ZONES_AT_MOST {
            faults.push(Fault::at("#/zones", FaultKind::TooLong { at_most: ZONES_AT_MOST }));
        }
        for (i, zone) in self.zones.iter().enumerate() {
            let mut fault = |field: &str, what| {
                faults.push(Fault::at(format!("#/zones/{i}/{field}"), what));
            };
            match zone.name.chars().count() {
                0 => fault("name", FaultKind::Missing),
                1..=50 => {}
                _ => fault("name", FaultKind::TooLong { at_most: 50 }),
            }
            if zone.to.is_empty() {
                fault("to", FaultKind::Missing);
            } else if zone.to.len() > PLACES_AT_MOST {
                fault("to", FaultKind::TooLong { at_most: PLACES_AT_MOST });
            }
            for (n, place) in zone.to.iter().enumerate() {
                if !is_place(place) {
                    fault(&format!("to/{n}"), FaultKind::NotARegion);
                }
            }
            let amounts = zone.fee.amounts();
            if !amounts.iter().chain(&zone.free_from_minor).all(|a| is_amount(*a)) {
                fault("fee", FaultKind::AmountOutOfRange);
            }
            if !zone.fee.climbs() {
                fault("fee", FaultKind::StepsDisordered);
            }
        }
        faults
    }
}

fn is_amount(minor: i64) -> bool {
    (0..=LARGEST_MINOR).contains(&minor)
}

/// Everywhere, a country, or the beginning of a division's code.
pub(crate) fn is_place(place: &str) -> bool {
    let code = matches!(place.len(), 2 | 4 | 6) && place.bytes().all(|b| b.is_ascii_digit());
    place == "*" || code || crate::address::is_country(place)
}

/// How exactly a zone's place says where the goods go; `None` if it is elsewhere.
pub(crate) fn exactness(place: &str, to: &Delivery) -> Option<usize> {
    let digits = place.bytes().all(|b| b.is_ascii_digit());
    match place {
        "*" => Some(0),
        code if digits => to.region.starts_with(code).then_some(1 + code.len()),
        country => (country == to.country).then_some(1),
    }
}

impl Fee {
    fn minor(&self, load: Load) -> i64 {
        match self {
            Self::Order { fee_minor } => *fee_minor,
            Self::Weight { first_g, first_minor, step_g, step_minor } => {
                stepped(load.weight_g, (*first_g, *first_minor), (*step_g, *step_minor))
            }
            Self::Pieces { first, first_minor, step, step_minor } => {
                stepped(load.pieces, (*first, *first_minor), (*step, *step_minor))
            }
            Self::Amount { steps } => {
                let reached = steps.iter().rev().find(|step| load.goods_minor >= step.from_minor);
                reached.map_or(0, |step| step.fee_minor)
            }
        }
    }

    fn amounts(&self) -> Vec<i64> {
        match self {
            Self::Order { fee_minor } => vec![*fee_minor],
            Self::Weight { first_minor, step_minor, .. }
            | Self::Pieces { first_minor, step_minor, .. } => vec![*first_minor, *step_minor],
            Self::Amount { steps } => {
                steps.iter().flat_map(|step| [step.from_minor, step.fee_minor]).collect()
            }
        }
    }

    /// Steps have a length, and those by amount begin at nothing and go up.
    fn climbs(&self) -> bool {
        match self {
            Self::Order { .. } => true,
            Self::Weight { first_g: first, step_g: step, .. }
            | Self::Pieces { first, step, .. } => *first >= 0 && *step > 0,
            Self::Amount { steps } => {
                steps.first().is_some_and(|step| step.from_minor == 0)
                    && steps.is_sorted_by(|a, b| a.from_minor < b.from_minor)
            }
        }
    }
}

/// The first, then every begun step; never more than the largest amount there is.
pub(crate) fn stepped(
    load: i64,
    (first, first_minor): (i64, i64),
    (step, step_minor): (i64, i64),
) -> i64 {
    let over = load.saturating_sub(first).max(0);
    let step = step.max(1);
    let steps = over / step + i64::from(over % step > 0);
    steps.saturating_mul(step_minor).saturating_add(first_minor).min(LARGEST_MINOR)
}
