//! The carrier's side: what it saw of each parcel, and which of it the shop has acknowledged.

use orderflow_tests::{
    DAMAGED, DELAYED, DELIVERED, ON_THE_WAY, OUT_FOR_DELIVERY, PICKED_UP, REFUSED, RETURNED,
    RETURNING, Scan, Shop, Sighting,
};
use std::collections::{BTreeMap, BTreeSet};

const NOBODY_THERE: Sighting = ("206", "无法联系收件人");
const NO_SUCH_DOOR: Sighting = ("207", "地址超出派送范围");

/// Where a parcel may be next: most arrive, some come back, and to some something happens.
const ANYWHERE: [Sighting; 24] = [
    ON_THE_WAY,
    ON_THE_WAY,
    ON_THE_WAY,
    OUT_FOR_DELIVERY,
    OUT_FOR_DELIVERY,
    DELIVERED,
    DELIVERED,
    DELIVERED,
    DELIVERED,
    DELIVERED,
    DELIVERED,
    DELIVERED,
    RETURNED,
    RETURNED,
    REFUSED,
    REFUSED,
    REFUSED,
    RETURNING,
    DELAYED,
    DELAYED,
    DAMAGED,
    NOBODY_THERE,
    NOBODY_THERE,
    NO_SUCH_DOOR,
];

/// What was seen of one parcel, in the order of its time.
#[derive(Default)]
struct Trace {
    scans: Vec<Scan>,
    last_s: i64,
    acknowledged: BTreeSet<(String, String)>,
}

/// By `carrier:number`.
#[derive(Default)]
pub struct Traces(BTreeMap<String, Trace>);

fn key(scan: &Scan) -> (String, String) {
    (scan.time.clone(), scan.code.clone())
}

impl Traces {
    /// The carrier sees the parcel where it may be next. Never twice in one second.
    pub fn sees(&mut self, shop: &Shop, label: &str, draw: usize) {
        let trace = self.0.entry(label.to_owned()).or_default();
        let was = |sighting: Sighting| trace.scans.iter().any(|s| s.code == sighting.0);
        let next = match draw {
            _ if was(RETURNED) => return,
            _ if trace.scans.is_empty() => PICKED_UP,
            0..3 if was(DELIVERED) => RETURNED,
            3 if was(DELIVERED) => RETURNING,
            4 if was(DELIVERED) => DAMAGED,
            _ if was(DELIVERED) => return,
            _ => ANYWHERE[draw % ANYWHERE.len()],
        };
        if trace.last_s < shop.now_s() {
            trace.last_s = shop.now_s();
            trace.scans.push(shop.scan(0, next));
        }
    }

    /// The parcel reaches its buyer, who takes it or not, or its sender if they did not.
    pub fn sees_its_end(&mut self, shop: &Shop, label: &str, wanted: bool) {
        let trace = self.0.entry(label.to_owned()).or_default();
        let over = trace.scans.iter().any(|s| s.code == DELIVERED.0 || s.code == RETURNED.0);
        if !over && trace.last_s < shop.now_s() {
            trace.last_s = shop.now_s();
            let back = |scan: &Scan| scan.code == REFUSED.0 || scan.code == RETURNING.0;
            let refused = trace.scans.last().is_some_and(back);
            let next = match (refused, wanted) {
                (true, _) => RETURNED,
                (false, true) => DELIVERED,
                (false, false) => REFUSED,
            };
            trace.scans.push(shop.scan(0, next));
        }
    }

    /// Labels of parcels that went back to their sender, or are about to.
    pub fn gone_back(&self) -> Vec<String> {
        let back = |scan: &Scan| scan.code == REFUSED.0 || scan.code == RETURNED.0;
        let gone = |(_, trace): &(&String, &Trace)| trace.scans.last().is_some_and(back);
        self.0.iter().filter(gone).map(|(label, _)| label.clone()).collect()
    }

    pub fn of(&self, label: &str) -> Vec<Scan> {
        self.0.get(label).map(|trace| trace.scans.clone()).unwrap_or_default()
    }

    /// The carrier will not speak of these again. Answers how many of the parcel's are known now.
    pub fn acknowledged(&mut self, label: &str, scans: &[Scan]) -> usize {
        let trace = self.0.entry(label.to_owned()).or_default();
        trace.acknowledged.extend(scans.iter().map(key));
        trace.acknowledged.len()
    }

    pub fn knows_all(&self, label: &str, scans: &[Scan]) -> bool {
        let known = self.0.get(label).map(|trace| &trace.acknowledged);
        known.is_some_and(|known| scans.iter().all(|scan| known.contains(&key(scan))))
    }

    /// Labels of which something was seen that the shop may not know.
    pub fn untold(&self) -> Vec<String> {
        let open = |(_, trace): &(&String, &Trace)| trace.acknowledged.len() < trace.scans.len();
        self.0.iter().filter(open).map(|(label, _)| label.clone()).collect()
    }
}
