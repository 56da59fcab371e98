//! A wave (波次): which orders are picked together, and how. It is planned in parts, some hundred
//! orders each, so that nobody waits long; whoever asks for the same wave again goes on with it.

use super::WaveEvent;
use crate::{Actor, CarrierCode, Document, Effect, Fault, FaultKind, MerchantId, Millis, OrderId};
use crate::{Refusal, WarehouseId, WaveId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Orders of one wave.
pub const WAVE_ORDERS_AT_MOST: usize = 5_000;
/// Orders of one wave by hand.
pub const BY_HAND_AT_MOST: usize = 1_000;
/// Carriers that a rule names.
const CARRIERS_AT_MOST: usize = 20;
/// Orders of one list, whatever the policy says.
pub const LIST_ORDERS_EVER: usize = 200;

/// How the orders of a wave are divided into lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PickMethod {
    /// A list for each order.
    Single,
    /// Many orders a list, summed by SKU, and sorted into orders while or after walking.
    Batch,
    /// A list never leaves its zone; what an order has in several zones comes together later.
    Zone,
}

/// What is wanted of a wave, as it was said. Exactly one of `rule` and `orders`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaveWanted {
    pub warehouse: WarehouseId,
    pub method: PickMethod,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<WaveRule>,
    /// By hand: these.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub orders: Option<Vec<OrderId>>,
    /// None: the policy's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub orders_per_list: Option<usize>,
}

/// Which of the orders that wait are taken, those that are to ship first before the others.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaveRule {
    /// The cut-off: confirmed before this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirmed_before: Option<Millis>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merchant: Option<MerchantId>,
    /// All that is to be picked of it lies in these.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zones: Option<Vec<String>>,
    /// The carrier that would be chosen now is one of these. The real one is chosen when the parcel
    /// is packed, and may be another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub carriers: Option<Vec<CarrierCode>>,
    /// In this warehouse; 1: single-line orders.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lines_at_most: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pieces_at_most: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub orders_at_most: Option<usize>,
}

/// How much a wave, or a part of one, is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Planned {
    pub orders: usize,
    pub lists: usize,
    pub tasks: usize,
    pub pieces: i64,
}

/// Orders picked together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wave {
    pub id: WaveId,
    pub wanted: WaveWanted,
    pub by: Actor,
    pub begun_at: Millis,
    /// None: its planning was interrupted, and goes on when it is asked for again.
    pub planned_at: Option<Millis>,
    pub planned: Planned,
}

impl Document for Wave {
    type Event = WaveEvent;
    const KIND: &'static str = "waves";

    fn read(json: &str) -> serde_json::Result<Self> {
        serde_json::from_str(json)
    }

    fn id(&self) -> &str {
        self.id.as_str()
    }

    fn begin(event: &WaveEvent) -> Option<Self> {
        if let WaveEvent::Begun { wave } = event { Some((**wave).clone()) } else { None }
    }

    fn evolve(&mut self, event: &WaveEvent) {
        match event {
            WaveEvent::Begun { wave } => self.clone_from(wave),
            WaveEvent::Listed { more, .. } => self.planned.add(*more),
            WaveEvent::Planned { at } => self.planned_at = Some(*at),
        }
    }

    fn react(&self, _: &WaveEvent) -> Vec<Effect> {
        Vec::new()
    }
}

impl Planned {
    pub fn add(&mut self, more: Self) {
        self.orders += more.orders;
        self.lists += more.lists;
        self.tasks += more.tasks;
        self.pieces += more.pieces;
    }
}

impl Wave {
    /// One that nothing is planned of yet.
    pub fn new(id: WaveId, wanted: WaveWanted, by: Actor, at: Millis) -> Self {
        Self { id, wanted, by, begun_at: at, planned_at: None, planned: Planned::default() }
    }

    /// How many more orders it may take.
    pub fn room(&self) -> usize {
        let rule = self.wanted.rule.as_ref().and_then(|rule| rule.orders_at_most);
        rule.unwrap_or(WAVE_ORDERS_AT_MOST).saturating_sub(self.planned.orders)
    }

    /// The same wave asked for again goes on; another one needs another name.
    pub fn is_asked_for_again(&self, wanted: &WaveWanted) -> Result<(), Refusal> {
        if self.wanted == *wanted { Ok(()) } else { Err(Refusal::WaveDiffers) }
    }
}

impl WaveWanted {
    /// What can never be, each fault with its place.
    pub fn check(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        let mut range = |pointer: &str, number: Option<i64>, least: i64, most: i64| {
            if number.is_some_and(|n| !(least..=most).contains(&n)) {
                faults.push(Fault::at(pointer, FaultKind::OutOfRange { least, most }));
            }
        };
        let count = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
        let most = count(WAVE_ORDERS_AT_MOST);
        let lists = count(LIST_ORDERS_EVER);
        range("#/orders_per_list", self.orders_per_list.map(count), 1, lists);
        if let Some(rule) = &self.rule {
            range("#/rule/lines_at_most", rule.lines_at_most, 1, 1_000_000);
            range("#/rule/pieces_at_most", rule.pieces_at_most, 1, 1_000_000_000);
            range("#/rule/orders_at_most", rule.orders_at_most.map(count), 1, most);
            range("#/rule/zones", rule.zones.as_ref().map(|z| count(z.len())), 1, 100);
            let carriers = rule.carriers.as_ref().map(|c| count(c.len()));
            range("#/rule/carriers", carriers, 1, count(CARRIERS_AT_MOST));
        }
        if let Some(orders) = &self.orders {
            range("#/orders", Some(count(orders.len())), 1, count(BY_HAND_AT_MOST));
        }
        // Twice on lists, its pieces would be looked for twice, and the second time in vain.
        faults.extend(repeated("#/orders", self.orders.iter().flatten().take(BY_HAND_AT_MOST)));
        let carriers = self.rule.iter().flat_map(|rule| &rule.carriers).flatten();
        faults.extend(repeated("#/rule/carriers", carriers.take(CARRIERS_AT_MOST)));
        if self.rule.is_some() == self.orders.is_some() {
            let what = FaultKind::EitherOr { one: "rule", other: "orders" };
            faults.push(Fault::at("#/rule", what));
        }
        faults
    }
}

/// What is named a second time, each with its place.
fn repeated<T: Ord>(pointer: &str, named: impl Iterator<Item = T>) -> Vec<Fault> {
    let (mut seen, mut faults) = (BTreeSet::new(), Vec::new());
    for (i, name) in named.enumerate() {
        if !seen.insert(name) {
            faults.push(Fault::at(format!("{pointer}/{i}"), FaultKind::Repeated));
        }
    }
    faults
}
