//! The rules of picking: how lists are made, in which order they are walked, and what is said of a
//! task.

// A test says what it expects by failing.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use common::{basket, placed};
use domain::*;
use std::collections::BTreeMap;

fn warehouse() -> WarehouseId {
    WarehouseId::parse("w1").unwrap()
}

fn spot(text: &str) -> Spot {
    let mut parts = text.split('-').map(str::to_owned);
    let mut next = || parts.next().unwrap_or_default();
    Spot { zone: next(), aisle: next(), bin: next() }
}

/// TEE lies in A, CAP in B, and nobody knows where MUG lies.
fn spots() -> Spots {
    let lies = [("TEE", "A-10-1"), ("CAP", "B-2-1")];
    lies.map(|(sku, at)| (SkuId::parse(sku).unwrap(), spot(at))).into()
}

/// A confirmed order of so many of each SKU, held in w1.
fn order(no: u128, lines: &[(&str, i64)]) -> Stored<Order> {
    let mut doc = placed(&basket(lines)).orders[0].clone();
    doc.id = OrderId::mint(&mut || no);
    doc.state = OrderState::Confirmed { at: Millis(0) };
    Stored { version: 1, doc }
}

fn candidate(order: &Order) -> Plannable {
    Plannable {
        order: order.id.clone(),
        number: order.number.clone(),
        ship_by: order.ship_by,
        pick_after: order.pick_after.get(&warehouse()).copied(),
        delivery: None,
        goods: order.lines.clone(),
    }
}

fn wave(method: PickMethod, rule: WaveRule) -> Stored<Wave> {
    let wanted = WaveWanted {
        warehouse: warehouse(),
        method,
        rule: Some(rule),
        orders: None,
        orders_per_list: None,
    };
    let doc = Wave::new(WaveId::parse("w").unwrap(), wanted, Actor::Clock, Millis(0));
    Stored { version: 0, doc }
}

fn lists(change: &Change) -> Vec<PickList> {
    let of_lists = change.docs().filter(|(kind, _)| *kind == "pick_lists");
    let mut lists: Vec<PickList> =
        of_lists.map(|(_, w)| serde_json::from_str(w.doc.get()).unwrap()).collect();
    lists.sort_by_key(|list| list.no);
    lists
}

fn ids(first: u128) -> impl FnMut() -> u128 {
    let mut next = first;
    move || {
        next += 1;
        next
    }
}

/// Plans orders as one part, and answers the lists.
fn plan(
    orders: &[Stored<Order>],
    wave: &mut Stored<Wave>,
    policy: &PickingPolicy,
    last: bool,
) -> Result<(bool, Vec<PickList>), Refusal> {
    let candidates: Vec<Plannable> = orders.iter().map(|o| candidate(&o.doc)).collect();
    let mut change = Change::new(Actor::Clock, Millis(10));
    let part = WavePart { candidates: &candidates, spots: &spots(), carriers: None, last };
    let policy = Policy { picking: policy.clone(), ..Policy::default() };
    let done = plan_part(&mut change, wave, &part, &policy, &mut ids(1_000))?;
    Ok((done, lists(&change)))
}

/// `A:TEE3,CAP1` for a list of zone A with three TEE and one CAP.
fn shown(list: &PickList) -> String {
    let task =
        |t: &PickTask| format!("{}{}", t.sku, t.portions.iter().map(|p| p.units).sum::<i64>());
    let tasks: Vec<String> = list.tasks.iter().map(task).collect();
    let zone = list.zone.as_ref().map(|zone| format!("{zone}:")).unwrap_or_default();
    format!("{zone}{}", tasks.join(","))
}

#[test]
fn places_are_walked_in_the_order_in_which_people_count() {
    let walked = ["A-1-1", "A-1-2", "A-2-1", "A-2-1b", "A-2-10", "A-10-1", "A02-1-1", "B-1-01"];
    for (i, one) in walked.iter().enumerate() {
        for (j, other) in walked.iter().enumerate() {
            let (here, there) = (spot(one), spot(other));
            assert_eq!(here.walk(&there), i.cmp(&j), "{one} and {other}");
            assert_eq!(Spot::walk_known(Some(&here), None), std::cmp::Ordering::Less);
        }
    }
    assert_eq!(spot("区-1-1").walk(&spot("区-2-1")), std::cmp::Ordering::Less);
}

#[test]
fn orders_are_divided_by_the_method_and_the_limits() {
    let orders = [
        order(1, &[("TEE", 1), ("CAP", 1)]),
        order(2, &[("MUG", 2)]),
        order(3, &[("TEE", 2), ("MUG", 1)]),
    ];
    for (method, per_list, tasks, expected) in [
        (PickMethod::Single, 20, 100, vec!["TEE1,CAP1", "TEE2,MUG1", "MUG2"]),
        (PickMethod::Batch, 20, 100, vec!["TEE3,CAP1,MUG3"]),
        (PickMethod::Batch, 2, 100, vec!["TEE3,CAP1,MUG1", "MUG2"]),
        (PickMethod::Batch, 20, 2, vec!["TEE1,CAP1", "TEE2,MUG3"]),
        // An order that is larger than a list is on several.
        (PickMethod::Batch, 20, 1, vec!["TEE1", "CAP1", "TEE2", "MUG3"]),
        (PickMethod::Zone, 20, 100, vec!["MUG3", "A:TEE3", "B:CAP1"]),
        (PickMethod::Zone, 1, 100, vec!["A:TEE1", "MUG1", "MUG2", "A:TEE2", "B:CAP1"]),
    ] {
        let policy = PickingPolicy {
            orders_per_list_at_most: per_list,
            tasks_per_list_at_most: tasks,
            ..PickingPolicy::default()
        };
        let mut wave = wave(method, WaveRule::default());
        let (done, lists) = plan(&orders, &mut wave, &policy, true).unwrap();
        let mut seen: Vec<String> = lists.iter().map(shown).collect();
        let mut expected: Vec<String> = expected.into_iter().map(str::to_owned).collect();
        seen.sort();
        expected.sort();
        assert_eq!((done, &seen), (true, &expected), "{method:?} {per_list} {tasks}");
        let numbers: Vec<usize> = lists.iter().map(|list| list.no).collect();
        assert_eq!(numbers, (1..=lists.len()).collect::<Vec<_>>());
        assert_eq!((wave.doc.planned.orders, wave.doc.planned.lists), (3, lists.len()));
    }
}

#[test]
fn a_rule_takes_what_fits_it() {
    let late = |until: i64| {
        let mut order = order(4, &[("TEE", 1)]);
        order.doc.pick_after = [(warehouse(), Millis(until))].into();
        order
    };
    let orders = [order(1, &[("TEE", 1)]), order(2, &[("TEE", 1), ("CAP", 3)]), late(10), late(11)];
    let zones = |zones: &[&str]| Some(zones.iter().map(|z| (*z).to_owned()).collect());
    let rule = WaveRule::default;
    for (rule, takes) in [
        (rule(), 3),
        (WaveRule { lines_at_most: Some(1), ..rule() }, 2),
        (WaveRule { pieces_at_most: Some(4), ..rule() }, 3),
        (WaveRule { pieces_at_most: Some(3), ..rule() }, 2),
        (WaveRule { zones: zones(&["A"]), ..rule() }, 2),
        (WaveRule { zones: zones(&["A", "B"]), ..rule() }, 3),
        (WaveRule { orders_at_most: Some(1), ..rule() }, 1),
        (WaveRule { zones: zones(&["C"]), ..rule() }, 0),
    ] {
        let mut wave = wave(PickMethod::Batch, rule.clone());
        let planned = plan(&orders, &mut wave, &PickingPolicy::default(), true);
        match takes {
            0 => assert_eq!(planned, Err(Refusal::NothingToPick), "{rule:?}"),
            _ => assert_eq!(wave.doc.planned.orders, takes, "{rule:?}"),
        }
    }
}

#[test]
fn a_wave_begins_with_the_first_order_that_fits_and_goes_on_where_it_was() {
    let rule = WaveRule { lines_at_most: Some(1), ..WaveRule::default() };
    let mut wave = wave(PickMethod::Batch, rule);
    let policy = PickingPolicy::default();
    let two_lines = [order(1, &[("TEE", 1), ("CAP", 1)])];
    assert_eq!(plan(&two_lines, &mut wave, &policy, false), Ok((false, Vec::new())));
    let (done, lists) = plan(&[order(2, &[("TEE", 1)])], &mut wave, &policy, false).unwrap();
    assert_eq!((done, lists[0].no), (false, 1));
    wave.version = 1;
    let (done, lists) = plan(&[order(3, &[("TEE", 1)])], &mut wave, &policy, false).unwrap();
    assert_eq!((done, lists[0].no), (false, 2));
    assert_eq!(plan(&[], &mut wave, &policy, true), Ok((true, Vec::new())));
    assert_eq!(wave.doc.planned_at, Some(Millis(10)));
    assert_eq!(wave.doc.is_asked_for_again(&wave.doc.wanted), Ok(()));
    let other = WaveWanted { method: PickMethod::Zone, ..wave.doc.wanted.clone() };
    assert_eq!(wave.doc.is_asked_for_again(&other), Err(Refusal::WaveDiffers));
}

#[test]
fn an_order_is_named_once_in_a_wave_by_hand() {
    let mut wanted = wave(PickMethod::Batch, WaveRule::default()).doc.wanted;
    wanted.rule = None;
    let named = |no: u128| OrderId::mint(&mut || no);
    wanted.orders = Some(vec![named(1), named(2)]);
    assert_eq!(wanted.check(), []);
    wanted.orders = Some(vec![named(1), named(2), named(1)]);
    assert_eq!(wanted.check(), [Fault::at("#/orders/2", FaultKind::Repeated)]);
}

/// A batch list of two orders of TEE, and what is decided with.
struct Scene {
    list: Stored<PickList>,
    orders: Vec<Stored<Order>>,
}

impl Scene {
    fn new(units: &[i64]) -> Self {
        let numbered = units.iter().zip(1..);
        let orders: Vec<_> = numbered.map(|(n, no)| order(no, &[("TEE", *n)])).collect();
        let mut wave = wave(PickMethod::Batch, WaveRule::default());
        let (_, lists) = plan(&orders, &mut wave, &PickingPolicy::default(), true).unwrap();
        let list = Stored { version: 1, doc: lists.into_iter().next().unwrap() };
        Self { list, orders }
    }

    fn situation(&self, stock: &[(&str, i64)]) -> TaskSituation {
        let purchase =
            |order: &Stored<Order>| PurchaseOfTask { payment: None, orders: vec![order.clone()] };
        let free = |(at, pieces): &(&str, i64)| Available {
            sku: SkuId::parse("TEE").unwrap(),
            warehouse: WarehouseId::parse(at).unwrap(),
            region: "310115".to_owned(),
            cost_minor: 0,
            priority: 0,
            pieces: *pieces,
        };
        let mut sku = common::sku("TEE", "m1", 12_800);
        sku.barcodes = vec!["96385074".to_owned()];
        TaskSituation {
            sku: Some(sku),
            substitute: None,
            purchases: self.orders.iter().map(purchase).collect(),
            stock: stock.iter().map(free).collect(),
        }
    }

    /// What is decided; the list lives with it.
    fn says(
        &mut self,
        (said, picker): (&PickSaid, &Picker),
        stock: &[(&str, i64)],
    ) -> Result<Change, Refusal> {
        let at = self.situation(stock);
        let policy = Policy::default();
        let mut change = Change::new(Actor::Warehouse("mei".into()), Millis(10));
        let mut list = self.list.clone();
        confirm_pick(&mut change, &mut list, at, (said, picker), &policy, &mut ids(2_000))?;
        self.list = list;
        Ok(change)
    }
}

fn said(scanned: Option<&str>, quantity: i64, outcome: Option<ShortOutcome>) -> PickSaid {
    let short = outcome.map(|outcome| ShortSaid { outcome, until: None, sku: None });
    PickSaid { task: 1, scanned: scanned.map(str::to_owned), quantity, short }
}

fn picker(name: &str) -> Picker {
    Picker { name: name.to_owned(), for_all: false }
}

#[test]
fn what_is_said_of_a_task_is_checked_in_this_order() {
    let mut scene = Scene::new(&[2, 1]);
    let (mei, tee) = (picker("mei"), Some("TEE"));
    let mut change = Change::new(Actor::Clock, Millis(0));
    claim_list(&mut change, &mut scene.list, "mei").unwrap();
    let missing = |at: &str| Refusal::Faulty(vec![Fault::at(at, FaultKind::Missing)]);
    let mut refused = |said: PickSaid, picker: &Picker| {
        scene.says((&said, picker), &[("w2", 1)]).map(drop).unwrap_err()
    };
    let unknown = PickSaid { task: 2, ..said(Some("x"), 9, None) };
    assert_eq!(refused(unknown.clone(), &picker("li")), Refusal::ListOfAnother);
    assert_eq!(refused(unknown, &mei), Refusal::UnknownTask);
    assert_eq!(refused(said(Some("x"), 9, None), &mei), Refusal::WrongItem);
    assert_eq!(refused(said(None, 9, None), &mei), missing("#/scanned"));
    assert_eq!(refused(said(tee, 4, None), &mei), Refusal::MoreThanWanted { left: 3 });
    assert_eq!(refused(said(tee, 1, None), &mei), missing("#/short"));
    let elsewhere = Some(ShortOutcome::OtherWarehouse);
    let none = FaultKind::OutOfStock { sku: SkuId::parse("TEE").unwrap(), available: 0 };
    let gone = Refusal::Faulty(vec![Fault::at("#/short/outcome", none)]);
    // The second order wants one more than the other warehouse has left after the first one.
    assert_eq!(refused(said(tee, 1, elsewhere), &mei), gone);
    let boss = Picker { name: "boss".to_owned(), for_all: true };
    assert!(scene.says((&said(Some("96385074"), 3, None), &boss), &[]).is_ok());
    assert_eq!(scene.list.doc.picker(), Some("mei"));
    let again = scene.says((&said(tee, 3, None), &mei), &[]).unwrap_err();
    assert_eq!(again, Refusal::IllegalStep { state: "done", allowed: Vec::new() });
}

#[test]
fn a_picker_may_scan_what_a_packer_may() {
    for (code, right) in [
        ("TEE", true),
        (" TEE ", true),
        ("96385074", true),
        ("00000096385074", true),
        ("10000096385074", false),
    ] {
        let mut scene = Scene::new(&[1]);
        let heard = scene.says((&said(Some(code), 1, None), &picker("mei")), &[]);
        assert_eq!(heard.is_ok(), right, "{code}");
    }
}

/// Sums of what a change does to stock: on hand and held, by warehouse.
fn moved(change: &Change) -> BTreeMap<String, (i64, i64)> {
    let mut all: BTreeMap<String, (i64, i64)> = BTreeMap::new();
    for effect in change.effects() {
        if let Effect::Stock(moved) | Effect::StockOf { moved, .. } = effect {
            let sum = all.entry(moved.warehouse.to_string()).or_default();
            *sum = (sum.0 + moved.on_hand, sum.1 + moved.held);
        }
    }
    all
}

#[test]
fn each_outcome_of_a_short_pick_moves_its_stock() {
    for (outcome, expected) in [
        (ShortOutcome::Wait, vec![]),
        (ShortOutcome::Refund, vec![("w1", (-2, -2))]),
        (ShortOutcome::OtherWarehouse, vec![("w1", (-2, -2)), ("w2", (0, 2))]),
    ] {
        let mut scene = Scene::new(&[2, 3]);
        let what = said(Some("TEE"), 3, Some(outcome));
        let change = scene.says((&what, &picker("mei")), &[("w1", 9), ("w2", 2)]).unwrap();
        let expected = expected.into_iter().map(|(at, sums)| (at.to_owned(), sums)).collect();
        assert_eq!(moved(&change), expected, "{outcome:?}");
        let pieces = PiecesOfList { wanted: 5, picked: 3, short: 2, dropped: 0 };
        assert_eq!((scene.list.doc.pieces, scene.list.doc.word()), (pieces, "done"));
        let off = change.effects().iter().filter(|e| matches!(e, Effect::OffList(_))).count();
        assert_eq!(off, 2, "the list is through with both orders");
    }
}

#[test]
fn what_is_not_wanted_any_more_is_dropped_and_not_short() {
    let mut scene = Scene::new(&[2, 3]);
    let by = |state| Change::new(Actor::Clock, Millis(state));
    scene.orders[0].doc.disputes.push("dp_1".to_owned());
    let parcel: Parcel = serde_json::from_value(serde_json::json!({
        "id": ParcelId::mint(&mut || 5), "order": scene.orders[1].doc.id, "merchant": "m1",
        "warehouse": "w1", "picks": [{"line": 1, "units": 1}], "weight_g": 1, "packed_at": 0,
        "label": null, "state": {"is": "packed"},
    }))
    .unwrap();
    pack(&mut by(1), &mut scene.orders[1], parcel).unwrap();
    let over = scene.says((&said(Some("TEE"), 3, None), &picker("mei")), &[]).unwrap_err();
    assert_eq!(over, Refusal::MoreThanWanted { left: 2 });
    scene.says((&said(Some("TEE"), 2, None), &picker("mei")), &[]).unwrap();
    let pieces = PiecesOfList { wanted: 5, picked: 2, short: 0, dropped: 3 };
    assert_eq!(scene.list.doc.pieces, pieces);
}
