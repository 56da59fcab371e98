//! The choice of warehouses: a table of what wins over what, and that no choice could be smaller.

// A test says what it expects by failing.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use common::*;
use domain::*;
use proptest::prelude::*;

/// A warehouse: its id, region, cost, priority, and pieces of A, B and C.
type Warehouse<'a> = (&'a str, &'a str, i64, i64, [i64; 3]);

const SKUS: [&str; 3] = ["A", "B", "C"];
/// Xuhui in Shanghai.
const HOME: &str = "310104";

fn stock(warehouses: &[Warehouse<'_>]) -> Vec<Available> {
    let mut stock = Vec::new();
    for (id, region, cost_minor, priority, pieces) in warehouses {
        for (sku, pieces) in SKUS.iter().zip(pieces) {
            stock.push(Available {
                sku: SkuId::parse(sku).unwrap(),
                warehouse: WarehouseId::parse(id).unwrap(),
                region: (*region).to_owned(),
                cost_minor: *cost_minor,
                priority: *priority,
                pieces: *pieces,
            });
        }
    }
    stock
}

fn found(
    wanted: [i64; 3],
    stock: &[Available],
    weights: &RoutingWeights,
) -> Result<Routed, Vec<Short>> {
    let skus = SKUS.map(|sku| SkuId::parse(sku).unwrap());
    let wanted = skus.iter().zip(wanted).filter(|(_, quantity)| *quantity > 0);
    let demands: Vec<Demand<'_>> = wanted.map(|(sku, quantity)| Demand { sku, quantity }).collect();
    let task = Task { demands: &demands, region: HOME, sends_anyway: &[], weights };
    route(&task, stock.iter())
}

/// What is held of each line: `w1:2+w2:1`.
fn said(routed: &Routed) -> String {
    let one = |h: &Held| format!("{}:{}", h.warehouse, h.quantity);
    let line = |held: &Vec<Held>| held.iter().map(one).collect::<Vec<_>>().join("+");
    routed.held.iter().map(line).collect::<Vec<_>>().join(" ")
}

/// A sentence, the pieces that are wanted, what is where, and where each line is held.
type Case = (&'static str, [i64; 3], &'static [Warehouse<'static>], &'static str);

const TABLE: &[Case] = &[
    (
        "one that has all is better than two that are nearer",
        [1, 1, 0],
        &[
            ("near", HOME, 0, 0, [9, 0, 0]),
            ("next", HOME, 0, 0, [0, 9, 0]),
            ("far", "110105", 900_000, 1_000, [9, 9, 0]),
        ],
        "far:1 far:1",
    ),
    (
        "the same district is nearer than the same city",
        [1, 0, 0],
        &[("city", "310115", 0, -9, [9, 0, 0]), ("district", HOME, 500, 9, [9, 0, 0])],
        "district:1",
    ),
    (
        "the same province is nearer than another",
        [1, 0, 0],
        &[("other", "320100", 0, 0, [9, 0, 0]), ("same", "310230", 9, 9, [9, 0, 0])],
        "same:1",
    ),
    (
        "what is as near is chosen by its cost, and not by priority",
        [2, 0, 0],
        &[("dear", "320100", 2, -1_000, [9, 0, 0]), ("cheap", "330100", 1, 1_000, [9, 0, 0])],
        "cheap:2",
    ),
    (
        "then by priority",
        [2, 0, 0],
        &[("second", HOME, 1, 1, [9, 0, 0]), ("first", HOME, 1, 0, [9, 0, 0])],
        "first:2",
    ),
    (
        "then by name, so that it is the same every time",
        [2, 0, 0],
        &[("b", HOME, 1, 1, [9, 0, 0]), ("a", HOME, 1, 1, [9, 0, 0])],
        "a:2",
    ),
    (
        "two together are nearer than one with one that is far",
        [2, 2, 0],
        &[
            ("far", "110105", 0, 0, [2, 1, 0]),
            ("a", HOME, 0, 0, [1, 1, 0]),
            ("b", HOME, 0, 0, [1, 1, 0]),
        ],
        "a:1+b:1 a:1+b:1",
    ),
    (
        "a line that one of them has whole is not torn apart",
        [3, 1, 0],
        &[("a", HOME, 0, 0, [2, 1, 0]), ("b", HOME, 1, 0, [3, 0, 0])],
        "b:3 a:1",
    ),
    (
        "nobody sends what others send anyway",
        [1, 1, 1],
        &[("a", HOME, 0, 0, [1, 1, 0]), ("b", HOME, 0, 0, [0, 1, 1]), ("c", HOME, 0, 0, [0, 0, 1])],
        "a:1 a:1 b:1",
    ),
];

#[test]
fn fewest_parcels_then_the_nearest_then_the_cheapest_then_the_preferred() {
    for (sentence, wanted, warehouses, expected) in TABLE {
        let routed = found(*wanted, &stock(warehouses), &RoutingWeights::default());
        assert_eq!(said(&routed.unwrap()), *expected, "{sentence}");
    }
}

#[test]
fn a_shop_may_weigh_a_parcel_against_what_it_costs() {
    let warehouses: &[Warehouse<'_>] = &[
        ("all", HOME, 3_000, 0, [1, 1, 0]),
        ("a", HOME, 500, 0, [1, 0, 0]),
        ("b", HOME, 600, 0, [0, 1, 0]),
    ];
    let weights = |parcels| RoutingWeights { parcels, region: 0, cost: 1, priority: 0 };
    let choice = |parcels| said(&found([1, 1, 0], &stock(warehouses), &weights(parcels)).unwrap());
    assert_eq!(choice(1_000), "a:1 b:1", "two parcels for 3,100 are less than one for 4,000");
    assert_eq!(choice(2_000), "all:1 all:1", "one for 5,000 is less than two for 5,100");
}

#[test]
fn a_parcel_that_goes_anyway_is_no_parcel_more() {
    let there = stock(&[("near", HOME, 0, 0, [1, 0, 0]), ("far", "110105", 0, 0, [1, 0, 0])]);
    let sku = SkuId::parse("A").unwrap();
    let demands = [Demand { sku: &sku, quantity: 1 }];
    let far = WarehouseId::parse("far").unwrap();
    let weights = &RoutingWeights::default();
    let task = Task { demands: &demands, region: HOME, sends_anyway: &[&far], weights };
    let routed = route(&task, there.iter()).unwrap();
    assert_eq!(said(&routed), "far:1");
    assert!(routed.candidates[0].sends_anyway);
}

#[test]
fn nearness_is_the_smallest_division_that_both_are_in() {
    let table = [
        ("310104", "310104", Nearness::District),
        ("310104", "310115", Nearness::City),
        ("440104", "440305", Nearness::Province),
        ("310104", "320104", Nearness::Elsewhere),
        ("310115", "31", Nearness::Province),
        ("310115", "3101", Nearness::City),
        ("310115", "", Nearness::Elsewhere),
        // Counties that their province governs itself are in no city.
        ("429004", "429005", Nearness::Province),
        ("429004", "429004", Nearness::District),
    ];
    for (one, other, near) in table {
        assert_eq!(Nearness::of(one, other), near, "{one} {other}");
        assert_eq!(Nearness::of(other, one), near, "{other} {one}");
    }
}

#[test]
fn the_verdict_tells_every_candidate_and_keeps_a_limit() {
    let there = stock(&[
        ("all", "110105", 7, 3, [2, 1, 0]),
        ("worse", "110105", 8, 3, [2, 1, 0]),
        ("part", HOME, 0, 0, [1, 1, 0]),
        ("none", HOME, 0, 0, [0, 0, 5]),
    ]);
    let routed = found([2, 1, 0], &there, &RoutingWeights::default()).unwrap();
    let told = |c: &Candidate| {
        format!("{} {:?} {} {} {:?}", c.warehouse, c.near, c.lines, c.pieces, c.verdict)
    };
    let told: Vec<String> = routed.candidates.iter().map(told).collect();
    assert_eq!(
        told,
        ["part District 1 2 Lacking", "all Elsewhere 2 3 Chosen", "worse Elsewhere 2 3 Outscored",]
    );
    let names: Vec<String> = (10..40).map(|n| format!("w{n}")).collect();
    let many: Vec<Warehouse<'_>> =
        names.iter().map(|n| (n.as_str(), "110105", 0, 0, [1, 0, 0])).collect();
    let routed = found([25, 0, 0], &stock(&many), &RoutingWeights::default()).unwrap();
    assert_eq!((routed.method, routed.candidates.len(), routed.more), (Method::Greedy, 20, 10));
    let short = found([31, 1, 0], &stock(&many), &RoutingWeights::default()).unwrap_err();
    let short: Vec<(usize, i64)> = short.iter().map(|s| (s.demand, s.available)).collect();
    assert_eq!(short, [(0, 30), (1, 0)]);
}

#[test]
fn the_usual_verdict_is_short() {
    let order = placed(&basket(&[("TEE", 2)])).orders.remove(0);
    let json = serde_json::to_string(&order.routing.unwrap()).unwrap();
    assert!(json.len() <= 260, "{} bytes: {json}", json.len());
}

/// The fewest parcels, and among those the fewest points, by looking at every set.
fn by_brute_force(wanted: [i64; 3], all: &[Available]) -> Option<(usize, i64)> {
    let mut names: Vec<&WarehouseId> = all.iter().map(|a| &a.warehouse).collect();
    names.dedup();
    let weights = RoutingWeights::default();
    let points = |name: &WarehouseId| {
        let a = all.iter().find(|a| a.warehouse == *name).unwrap();
        let near = Nearness::of(&a.region, HOME).steps();
        weights.region * near + weights.cost * a.cost_minor + weights.priority * a.priority
    };
    let sets = (1..1_u32 << names.len()).filter(|set| {
        (0..3).all(|sku| {
            let from = all.iter().filter(|a| a.sku.as_str() == SKUS[sku]);
            let from = from.filter(|a| {
                let at = names.iter().position(|name| **name == a.warehouse).unwrap();
                set >> at & 1 == 1
            });
            from.map(|a| a.pieces).sum::<i64>() >= wanted[sku]
        })
    });
    let cost = |set: u32| {
        let members = names.iter().enumerate().filter(|(at, _)| set >> at & 1 == 1);
        (set.count_ones() as usize, members.map(|(_, name)| points(name)).sum::<i64>())
    };
    sets.map(cost).min()
}

fn some_stock(at_most: usize) -> impl Strategy<Value = Vec<Available>> {
    let regions = prop::sample::select(vec![HOME, "310115", "310230", "320104", "110105"]);
    let one = (regions, 0..4_i64, -2..3_i64, prop::array::uniform3(0..4_i64));
    prop::collection::vec(one, 1..=at_most).prop_map(|all| {
        let names: Vec<String> = (0..all.len()).map(|n| format!("w{n}")).collect();
        let one = |(name, (region, cost, priority, pieces)): (&'_ String, _)| {
            (name.clone(), region, cost, priority, pieces)
        };
        let all: Vec<(String, &str, i64, i64, [i64; 3])> = names.iter().zip(all).map(one).collect();
        let all: Vec<Warehouse<'_>> =
            all.iter().map(|(n, r, c, p, pieces)| (n.as_str(), *r, *c, *p, *pieces)).collect();
        stock(&all)
    })
}

/// The pieces of each line are there, sum to what is wanted, and lie once in each warehouse.
fn is_whole(wanted: [i64; 3], stock: &[Available], routed: &Routed) {
    let lines = (0..3).filter(|sku| wanted[*sku] > 0);
    for (sku, held) in lines.zip(&routed.held) {
        assert_eq!(held.iter().map(|h| h.quantity).sum::<i64>(), wanted[sku]);
        for (i, h) in held.iter().enumerate() {
            let there =
                stock.iter().find(|a| a.warehouse == h.warehouse && a.sku.as_str() == SKUS[sku]);
            assert!((1..=there.unwrap().pieces).contains(&h.quantity));
            assert!(held.iter().take(i).all(|other| other.warehouse != h.warehouse));
        }
    }
}

fn senders(routed: &Routed) -> Vec<&WarehouseId> {
    let mut senders: Vec<&WarehouseId> =
        routed.held.iter().flatten().map(|h| &h.warehouse).collect();
    senders.sort();
    senders.dedup();
    senders
}

proptest! {
    #[test]
    fn no_choice_has_fewer_parcels_or_is_nearer_cheaper_or_preferred(
        wanted in prop::array::uniform3(0..6_i64),
        stock in some_stock(7),
    ) {
        let best = by_brute_force(wanted, &stock);
        match found(wanted, &stock, &RoutingWeights::default()) {
            Ok(routed) if wanted == [0; 3] => prop_assert!(routed.held.is_empty()),
            Ok(routed) => {
                is_whole(wanted, &stock, &routed);
                let senders = senders(&routed);
                let chosen = routed.candidates.iter();
                let chosen = chosen.filter(|c| c.verdict == CandidateVerdict::Chosen);
                let points: i64 =
                    chosen.map(|c| c.score - RoutingWeights::default().parcels).sum();
                prop_assert_eq!(Some((senders.len(), points)), best);
                prop_assert_eq!(routed.method, Method::Exact);
            }
            Err(_) => prop_assert_eq!(best, None),
        }
    }

    #[test]
    fn among_many_warehouses_everything_is_held_and_nobody_is_idle(
        wanted in prop::array::uniform3(0..30_i64),
        stock in some_stock(40),
    ) {
        if let Ok(routed) = found(wanted, &stock, &RoutingWeights::default()) {
            is_whole(wanted, &stock, &routed);
            let chosen = routed.candidates.iter();
            let chosen = chosen.filter(|c| c.verdict == CandidateVerdict::Chosen).count();
            prop_assert!(senders(&routed).len() == chosen || routed.more > 0);
        }
    }
}
