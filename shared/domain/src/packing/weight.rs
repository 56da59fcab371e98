//! Whether a parcel weighs what its goods and its box weigh: a piece too many or too few shows on
//! the scales.

use super::{Desk, PackingRefusal};
use crate::{BoxType, Order, PackingPolicy, Pick, Refusal, SkuId};
use serde::{Deserialize, Serialize};

/// What became of weighing. All weights in grams, with the box.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum WeightCheck {
    /// What it should weigh is not known.
    NotChecked {
        why: NoExpectedWeight,
    },
    Within {
        expected_g: i64,
        least_g: i64,
        most_g: i64,
    },
    /// It is out of tolerance, and a person knows why.
    Confirmed {
        expected_g: i64,
        least_g: i64,
        most_g: i64,
        reason: String,
    },
}

/// Why nobody knows what it should weigh.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum NoExpectedWeight {
    /// The box was not named.
    NoBox,
    /// The catalog has no weight of these.
    SkusWithoutWeight { skus: Vec<SkuId> },
}

/// Weighs `picks` of an order in a box against the catalog. Tolerated is a share of what is
/// expected or some grams, whichever is more.
pub(super) fn weigh(
    (order, picks): (&Order, &[Pick]),
    desk: &Desk,
    with: Option<&BoxType>,
    (weight_g, reason): (i64, Option<&str>),
    policy: &PackingPolicy,
) -> Result<WeightCheck, Refusal> {
    let unknown = skus_without(order, picks, desk);
    if !unknown.is_empty() {
        let why = NoExpectedWeight::SkusWithoutWeight { skus: unknown };
        return Ok(WeightCheck::NotChecked { why });
    }
    let Some(with) = with else {
        return Ok(WeightCheck::NotChecked { why: NoExpectedWeight::NoBox });
    };
    let expected_g = goods_g(order, picks, desk).saturating_add(with.tare_g);
    let share = expected_g.saturating_mul(policy.tolerance_percent) / 100;
    let tolerance = share.max(policy.tolerance_g);
    let (least_g, most_g) = (expected_g - tolerance, expected_g.saturating_add(tolerance));
    match reason {
        _ if (least_g..=most_g).contains(&weight_g) => {
            Ok(WeightCheck::Within { expected_g, least_g, most_g })
        }
        Some(reason) => {
            let reason = reason.to_owned();
            Ok(WeightCheck::Confirmed { expected_g, least_g, most_g, reason })
        }
        None => Err(PackingRefusal::WeightOutOfTolerance { expected_g, least_g, most_g }.into()),
    }
}

fn weight_of(order: &Order, pick: &Pick, desk: &Desk) -> i64 {
    let sku = order.line(pick.line).and_then(|line| desk.sku(&line.sku));
    sku.map_or(0, |sku| sku.weight_g)
}

/// The goods alone.
pub(super) fn goods_g(order: &Order, picks: &[Pick], desk: &Desk) -> i64 {
    let weight = |pick: &Pick| weight_of(order, pick, desk).saturating_mul(pick.units);
    picks.iter().map(weight).fold(0, i64::saturating_add)
}

fn skus_without(order: &Order, picks: &[Pick], desk: &Desk) -> Vec<SkuId> {
    let unknown = picks.iter().filter(|pick| weight_of(order, pick, desk) <= 0);
    unknown.filter_map(|pick| order.line(pick.line)).map(|line| line.sku.clone()).collect()
}
