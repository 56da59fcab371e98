//! Which box goods may fit into. An estimate: volumes are added up and sides compared, but nobody
//! lays the goods side by side here, and soft goods fit where boards do not.

use super::Desk;
use super::weight::goods_g;
use crate::{BoxId, BoxType, Order, PackingPolicy, Pick, Size, SkuId};

/// Boxes that goods may fit into, the smallest first, and of equal ones the cheapest.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BoxSuggestion {
    pub fits: Vec<BoxFit>,
    /// Goods whose size the catalog does not have: nothing is suggested for them.
    pub without_size: Vec<SkuId>,
}

/// A box that goods may fit into.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BoxFit {
    pub id: BoxId,
    /// Of its volume, that the goods take.
    pub filled_percent: i64,
    /// With the goods, as far as their weights are known.
    pub weight_g: i64,
}

/// Cubic millimetres.
fn volume(size: Size) -> i128 {
    i128::from(size.length) * i128::from(size.width) * i128::from(size.height)
}

/// From the longest side to the shortest.
fn sides(size: Size) -> [i64; 3] {
    let mut sides = [size.length, size.width, size.height];
    sides.sort_unstable_by(|a, b| b.cmp(a));
    sides
}

/// A thing that may be turned fits if each of its sides fits the box's side of the same rank.
fn fits_in(thing: Size, space: Size) -> bool {
    sides(thing).iter().zip(sides(space)).all(|(thing, space)| *thing <= space)
}

/// Suggests a box for units of an order. A box is filled to the policy's share at most, because
/// goods never fill a box, and is not heavier than it may be.
pub fn suggest_boxes(
    order: &Order,
    picks: &[Pick],
    desk: &Desk,
    policy: &PackingPolicy,
) -> BoxSuggestion {
    let mut things = Vec::new();
    let mut without_size = Vec::new();
    for pick in picks {
        let Some(line) = order.line(pick.line) else { continue };
        match desk.sku(&line.sku).and_then(|sku| sku.size_mm) {
            Some(size) => things.push((size, pick.units)),
            None => without_size.push(line.sku.clone()),
        }
    }
    if !without_size.is_empty() || things.is_empty() {
        return BoxSuggestion { fits: Vec::new(), without_size };
    }
    let needed: i128 = things.iter().map(|(size, units)| volume(*size) * i128::from(*units)).sum();
    let goods_g = goods_g(order, picks, desk);
    let holds = |kind: &&BoxType| {
        let room = volume(kind.inner_mm) * i128::from(policy.fill_percent);
        needed * 100 <= room
            && things.iter().all(|(size, _)| fits_in(*size, kind.inner_mm))
            && goods_g.saturating_add(kind.tare_g) <= kind.max_weight_g
    };
    let mut fitting: Vec<&BoxType> = desk.boxes.iter().filter(holds).collect();
    fitting.sort_by_key(|kind| {
        (volume(kind.inner_mm), kind.cost.map_or(0, |cost| cost.minor), kind.id.clone())
    });
    let fit = |kind: &BoxType| BoxFit {
        id: kind.id.clone(),
        filled_percent: i64::try_from(needed * 100 / volume(kind.inner_mm).max(1)).unwrap_or(100),
        weight_g: goods_g.saturating_add(kind.tare_g),
    };
    BoxSuggestion { fits: fitting.into_iter().map(fit).collect(), without_size }
}
