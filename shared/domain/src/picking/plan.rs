//! How orders that wait are divided into pick lists. Each list has an end: so many orders, so many
//! places to go to. An order that is larger than that is on several.

use super::{
    CarriersOfWarehouse, LIST_ORDERS_EVER, PickList, PickListEvent, PickListState, PickMethod,
    PickTask, PickingPolicy, PiecesOfList, Planned, Portion, Wave, WaveEvent, WaveRule, WaveWanted,
};
use crate::{
    CarrierCode, Change, Delivery, Ids, Line, Millis, OrderId, OrderNumber, PickListId, Policy,
    Refusal, SkuId, Spot, Stored, WarehouseId,
};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// Places to go to of one list, whatever the policy says.
const TASKS_EVER: usize = 500;
/// Shares of orders in one list: what keeps the document small.
const PORTIONS_EVER: usize = 1_000;

/// An order of which something waits in a warehouse.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Plannable {
    pub order: OrderId,
    pub number: OrderNumber,
    /// By when the buyer was told it ships.
    pub ship_by: Millis,
    /// Not before this there: pieces of it were not found, and are waited for.
    #[serde(default)]
    pub pick_after: Option<Millis>,
    /// Where it goes; there if the wave's rule names carriers.
    #[serde(default)]
    pub delivery: Option<Delivery>,
    pub goods: Vec<Line>,
}

/// Where SKUs lie in the wave's warehouse, as far as somebody has said it.
pub type Spots = BTreeMap<SkuId, Spot>;

/// What a list takes at most.
struct Limits {
    orders: usize,
    tasks: usize,
}

/// What of an order is to be taken from one place.
#[derive(Clone)]
struct Piece<'a> {
    candidate: &'a Plannable,
    line: &'a Line,
    units: i64,
    spot: Option<&'a Spot>,
}

/// A list in the making.
#[derive(Default)]
struct Draft<'a> {
    orders: BTreeSet<&'a OrderId>,
    places: BTreeMap<&'a SkuId, Vec<Piece<'a>>>,
    portions: usize,
}

impl<'a> Draft<'a> {
    fn takes(&self, order: &OrderId, pieces: &[Piece<'a>], limits: &Limits) -> bool {
        let new = pieces.iter().filter(|p| !self.places.contains_key(&p.line.sku)).count();
        let orders = self.orders.len() + usize::from(!self.orders.contains(order));
        orders <= limits.orders
            && self.places.len() + new <= limits.tasks
            && self.portions + pieces.len() <= PORTIONS_EVER
    }

    fn add(&mut self, piece: Piece<'a>) {
        self.orders.insert(&piece.candidate.order);
        self.portions += 1;
        self.places.entry(&piece.line.sku).or_default().push(piece);
    }

    fn is_empty(&self) -> bool {
        self.portions == 0
    }

    /// The tasks, in the order in which they are walked.
    fn tasks(self) -> Vec<PickTask> {
        let mut places: Vec<(&SkuId, Vec<Piece<'_>>)> = self.places.into_iter().collect();
        let spot = |pieces: &[Piece<'a>]| pieces.first().and_then(|p| p.spot);
        places.sort_by(|(one, these), (other, those)| {
            Spot::walk_known(spot(these), spot(those)).then_with(|| one.cmp(other))
        });
        let task = |(i, (sku, pieces)): (usize, (&SkuId, Vec<Piece<'_>>))| PickTask {
            no: u16::try_from(i + 1).unwrap_or(u16::MAX),
            sku: sku.clone(),
            name: pieces.first().map(|p| p.line.name.clone()).unwrap_or_default(),
            spot: pieces.first().and_then(|p| p.spot.cloned()),
            portions: pieces.iter().map(Piece::portion).collect(),
            done: false,
        };
        places.into_iter().enumerate().map(task).collect()
    }
}

impl Piece<'_> {
    fn portion(&self) -> Portion {
        Portion {
            order: self.candidate.order.clone(),
            number: self.candidate.number.clone(),
            line: self.line.no,
            units: self.units,
            picked: 0,
            short: 0,
            dropped: 0,
        }
    }
}

impl Plannable {
    /// What of it is to be picked in a warehouse, line by line.
    fn pieces<'a>(&'a self, warehouse: &WarehouseId, spots: &'a Spots) -> Vec<Piece<'a>> {
        let piece = |line: &'a Line| {
            let (units, spot) = (line.on_shelf_in(warehouse), spots.get(&line.sku));
            (units > 0).then_some(Piece { candidate: self, line, units, spot })
        };
        self.goods.iter().filter_map(piece).collect()
    }
}

impl WaveRule {
    /// Whether an order is taken, as far as it lies in that warehouse, whoever carries it. When it
    /// was confirmed and whose it is, the queue knows.
    fn takes(&self, pieces: &[Piece<'_>]) -> bool {
        let count = i64::try_from(pieces.len()).unwrap_or(i64::MAX);
        let units: i64 = pieces.iter().map(|p| p.units).sum();
        let in_zone = |p: &Piece<'_>| {
            let zones = self.zones.as_deref().unwrap_or_default();
            p.spot.is_some_and(|spot| zones.contains(&spot.zone))
        };
        self.lines_at_most.is_none_or(|most| count <= most)
            && self.pieces_at_most.is_none_or(|most| units <= most)
            && (self.zones.is_none() || pieces.iter().all(in_zone))
    }
}

/// Some of the orders that a wave may take, those first that are to ship first.
pub struct WavePart<'a> {
    pub candidates: &'a [Plannable],
    pub spots: &'a Spots,
    /// There if the rule names carriers.
    pub carriers: Option<&'a CarriersOfWarehouse>,
    /// There are no others.
    pub last: bool,
}

impl WavePart<'_> {
    /// Whether all carriers of a rule are in use.
    fn knows_carriers(&self, wanted: &WaveWanted) -> Result<(), Refusal> {
        let both = self.carriers.zip(wanted.rule.as_ref());
        let unknown = both.map(|(carriers, rule)| carriers.unknown(rule)).unwrap_or_default();
        if unknown.is_empty() { Ok(()) } else { Err(Refusal::Faulty(unknown)) }
    }

    /// Whether a rule takes an order now.
    fn takes(&self, pieces: &[Piece<'_>], rule: &WaveRule, now: Millis, policy: &Policy) -> bool {
        let Some(order) = pieces.first().map(|p| p.candidate) else { return false };
        let goes_with = |named: &Vec<CarrierCode>| {
            let weights = pieces.iter().map(|p| p.line.weight_g.saturating_mul(p.units));
            let weight_g = weights.fold(0, i64::saturating_add);
            self.carriers.is_some_and(|c| c.would_give_to(named, (order, weight_g), now, policy))
        };
        order.pick_after.is_none_or(|after| after <= now)
            && rule.takes(pieces)
            && rule.carriers.as_ref().is_none_or(goes_with)
    }
}

/// Puts a part of what a wave wants on lists. `wave` has version 0 if nothing of it is stored; then
/// it begins with the first order that fits. Answers whether all of it is planned with that. A wave
/// by hand takes all of its orders or none. Precedence: carriers, orders by hand, then whether
/// there is anything. One that has begun goes on, although a carrier was retired meanwhile.
pub fn plan_part(
    change: &mut Change,
    wave: &mut Stored<Wave>,
    part: &WavePart<'_>,
    policy: &Policy,
    ids: &mut dyn Ids,
) -> Result<bool, Refusal> {
    let (at, room) = (change.at, wave.doc.room());
    let wanted = wave.doc.wanted.clone();
    if wave.version == 0 {
        part.knows_carriers(&wanted)?;
    }
    let absent = wanted.not_among(part.candidates);
    if !absent.is_empty() {
        return Err(Refusal::NotToPick { orders: absent });
    }
    let fits = |pieces: &Vec<Piece<'_>>| {
        let rule = wanted.rule.as_ref();
        !pieces.is_empty() && rule.is_none_or(|rule| part.takes(pieces, rule, at, policy))
    };
    let pieces = part.candidates.iter().map(|c| c.pieces(&wanted.warehouse, part.spots));
    let taken: Vec<Vec<Piece<'_>>> = pieces.filter(fits).take(room).collect();
    let orders = taken.len();
    if orders > 0 {
        if wave.version == 0 && wave.doc.planned.orders == 0 {
            change.begin::<Wave>(WaveEvent::Begun { wave: Box::new(wave.doc.clone()) });
        }
        let limits = Limits::of(wanted.orders_per_list, &policy.picking);
        let drafts = divide(&near_one_another(taken), wanted.method, &limits);
        let more = Planned { orders, ..list(change, &wave.doc, drafts, ids) };
        change.record(wave, WaveEvent::Listed { more, at });
    }
    let done = part.last || orders == room;
    if done && wave.doc.planned.orders == 0 {
        return Err(Refusal::NothingToPick);
    }
    if done {
        change.record(wave, WaveEvent::Planned { at });
    }
    Ok(done)
}

/// Makes lists of drafts. Answers how much that is, but for the orders.
fn list(
    change: &mut Change,
    wave: &Wave,
    drafts: Vec<(Option<String>, Draft<'_>)>,
    ids: &mut dyn Ids,
) -> Planned {
    let mut more = Planned::default();
    for (zone, draft) in drafts {
        let tasks = draft.tasks();
        let pieces: i64 = tasks.iter().flat_map(|t| &t.portions).map(|p| p.units).sum();
        more.add(Planned { orders: 0, lists: 1, tasks: tasks.len(), pieces });
        let list = Box::new(PickList {
            id: PickListId::mint(ids),
            wave: wave.id.clone(),
            no: wave.planned.lists + more.lists,
            warehouse: wave.wanted.warehouse.clone(),
            method: wave.wanted.method,
            zone,
            tasks,
            made_at: change.at,
            state: PickListState::Open,
            pieces: PiecesOfList { wanted: pieces, ..PiecesOfList::default() },
        });
        change.begin::<PickList>(PickListEvent::Listed { list });
    }
    more
}

impl WaveWanted {
    /// Orders by hand of which nothing waits.
    fn not_among(&self, candidates: &[Plannable]) -> Vec<OrderId> {
        let known: BTreeSet<&OrderId> = candidates.iter().map(|c| &c.order).collect();
        let named = self.orders.iter().flatten();
        named.filter(|order| !known.contains(order)).cloned().collect()
    }
}

impl Limits {
    fn of(orders: Option<usize>, policy: &PickingPolicy) -> Self {
        let orders = orders.unwrap_or(policy.orders_per_list_at_most);
        Self {
            orders: orders.clamp(1, LIST_ORDERS_EVER),
            tasks: policy.tasks_per_list_at_most.clamp(1, TASKS_EVER),
        }
    }
}

/// Orders that lie near one another come on the same list; of those that begin at the same place,
/// the one first that is to ship first, as they came.
fn near_one_another(taken: Vec<Vec<Piece<'_>>>) -> Vec<Vec<Piece<'_>>> {
    let first = |pieces: &[Piece<'_>]| {
        let spots = pieces.iter().map(|p| p.spot);
        spots.min_by(|one, other| Spot::walk_known(*one, *other)).flatten().cloned()
    };
    let mut placed: Vec<(Option<Spot>, Vec<Piece<'_>>)> =
        taken.into_iter().map(|pieces| (first(&pieces), pieces)).collect();
    placed.sort_by(|(one, _), (other, _)| Spot::walk_known(one.as_ref(), other.as_ref()));
    placed.into_iter().map(|(_, pieces)| pieces).collect()
}

/// Lists, each with its zone if it has but one.
fn divide<'a>(
    taken: &[Vec<Piece<'a>>],
    method: PickMethod,
    limits: &Limits,
) -> Vec<(Option<String>, Draft<'a>)> {
    let mut full = Vec::new();
    let mut open: BTreeMap<Option<String>, Draft<'a>> = BTreeMap::new();
    for pieces in taken {
        for (zone, pieces) in by_zone(pieces, method) {
            let Some(order) = pieces.first().map(|p| &p.candidate.order) else { continue };
            let draft = open.entry(zone.clone()).or_default();
            let alone = method == PickMethod::Single;
            if !draft.is_empty() && (alone || !draft.takes(order, &pieces, limits)) {
                full.push((zone.clone(), std::mem::take(draft)));
            }
            for piece in pieces {
                // An order that is larger than a list.
                if !draft.is_empty() && !draft.takes(order, std::slice::from_ref(&piece), limits) {
                    full.push((zone.clone(), std::mem::take(draft)));
                }
                draft.add(piece);
            }
        }
    }
    full.extend(open.into_iter().filter(|(_, draft)| !draft.is_empty()));
    full
}

/// An order's pieces, apart by zone where a list does not leave its zone.
fn by_zone<'a>(
    pieces: &[Piece<'a>],
    method: PickMethod,
) -> BTreeMap<Option<String>, Vec<Piece<'a>>> {
    let mut zones: BTreeMap<Option<String>, Vec<Piece<'a>>> = BTreeMap::new();
    for piece in pieces {
        let zone = piece.spot.map(|spot| spot.zone.clone());
        let zone = zone.filter(|_| method == PickMethod::Zone);
        zones.entry(zone).or_default().push(piece.clone());
    }
    zones
}
