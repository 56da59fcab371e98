//! Which carrier takes a parcel, as tables: what stands against each, what each costs, who is best.

// A test says what it expects by failing.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use domain::*;
use proptest::prelude::*;
use serde_json::{Value, json};

const NOW: Millis = Millis(1_772_413_200_000);

fn carrier(id: &str, fields: Value) -> Carrier {
    let mut carrier = json!({"id": id, "name": {"zh": id, "en": id}});
    for (name, value) in fields.as_object().unwrap() {
        carrier[name] = value.clone();
    }
    serde_json::from_value(carrier).unwrap()
}

fn zone(to: &[&str], days: i64, first_minor: i64) -> Value {
    json!({"to": to, "days": days, "first_g": 1_000, "first_minor": first_minor, "step_g": 500,
        "step_minor": 200})
}

fn everywhere(days: i64, first_minor: i64) -> Value {
    json!({"services": [{"code": "std", "zones": [zone(&["*"], days, first_minor)]}]})
}

fn offer(carrier: Carrier) -> CarrierOffer {
    let waybill = Waybill::parse("N1").unwrap();
    let number = WaybillNumber::new(carrier.id.clone(), waybill);
    CarrierOffer { carrier, number: Some(Stored { version: 1, doc: number }) }
}

fn warehouse(fields: Value) -> Warehouse {
    let mut warehouse = json!({"id": "wh-sh", "name": "Pudong", "region": "310115"});
    for (name, value) in fields.as_object().unwrap() {
        warehouse[name] = value.clone();
    }
    serde_json::from_value(warehouse).unwrap()
}

fn to(region: &str) -> Delivery {
    let wanted = DeliveryWanted::in_china("李雷", "13800138000", region, "漕溪路 1 号");
    check_delivery(&wanted, "#").unwrap()
}

fn errand<'a>(from: &'a Warehouse, to: &'a Delivery) -> Errand<'a> {
    let (weight_g, ship_by) = (850, NOW.plus(2 * DAY));
    Errand { from, to, weight_g, size_mm: None, collects: false, ship_by, now: NOW }
}

fn compared(errand: &Errand<'_>, offers: &[CarrierOffer]) -> CarrierVerdict {
    CarrierVerdict::of(errand, offers, (&[], &[]), &ChoicePolicy::default())
}

fn cost(carrier: &Carrier, region: &str, weight_g: i64, size_mm: Option<Size>) -> Option<i64> {
    let (from, to) = (warehouse(json!({})), to(region));
    let errand = Errand { weight_g, size_mm, ..errand(&from, &to) };
    compared(&errand, &[offer(carrier.clone())]).candidates[0].cost_minor
}

#[test]
fn each_thing_that_stands_against_a_carrier_has_its_word() {
    let here = warehouse(json!({}));
    let only_zto = warehouse(json!({"carriers": ["zto"]}));
    let near = to("310104");
    let big = Some(Size { length: 1_200, width: 100, height: 100 });
    let table: [(&str, Value, Errand<'_>, &[Unfit]); 9] = [
        ("nothing", json!({}), errand(&here, &near), &[]),
        ("retired", json!({"active": false}), errand(&here, &near), &[Unfit::Retired]),
        ("elsewhere", json!({}), errand(&only_zto, &near), &[Unfit::NotHere]),
        (
            "heavy",
            json!({"limits": {"weight_at_most_g": 849}}),
            errand(&here, &near),
            &[Unfit::TooHeavy],
        ),
        (
            "long",
            json!({"limits": {"side_at_most_mm": 1_199}}),
            Errand { size_mm: big, ..errand(&here, &near) },
            &[Unfit::TooLong],
        ),
        (
            "cash",
            json!({}),
            Errand { collects: true, ..errand(&here, &near) },
            &[Unfit::TakesNoCash],
        ),
        (
            "not to Shanghai",
            json!({"limits": {"not_to": ["31"]}}),
            errand(&here, &near),
            &[Unfit::NotServed],
        ),
        (
            "no sender",
            json!({"waybills": {"from": "interface", "by": "sf"}}),
            errand(&here, &near),
            &[Unfit::NoSender],
        ),
        (
            "no zone",
            json!({"services": [{"code": "std", "zones": [zone(&["44"], 1, 1)]}]}),
            errand(&here, &near),
            &[Unfit::NotServed],
        ),
    ];
    for (name, fields, errand, why) in table {
        let mut all = everywhere(1, 800);
        for (field, value) in fields.as_object().unwrap() {
            all[field] = value.clone();
        }
        let verdict = compared(&errand, &[offer(carrier("yuantong", all))]);
        assert_eq!(verdict.candidates[0].unfit, why, "{name}");
        assert_eq!(verdict.best().is_some(), why.is_empty(), "{name}");
    }
}

#[test]
fn a_pool_without_numbers_and_a_carrier_without_services_are_told_apart() {
    let (from, near) = (warehouse(json!({})), to("310104"));
    let dry = CarrierOffer { number: None, ..offer(carrier("zto", everywhere(1, 1))) };
    let verdict = compared(&errand(&from, &near), &[dry, offer(carrier("yunda", json!({})))]);
    let why: Vec<&[Unfit]> = verdict.candidates.iter().map(|c| c.unfit.as_slice()).collect();
    assert_eq!(why, [&[Unfit::NoService], &[Unfit::NoWaybillLeft]]);
    assert!(verdict.best().is_none() && verdict.lacks_only_numbers());
}

#[test]
fn the_zone_that_says_most_exactly_where_it_goes_counts() {
    let zones = json!([
        zone(&["*"], 5, 1_800),
        zone(&["same_province"], 2, 1_000),
        zone(&["same_city"], 1, 800),
        zone(&["3205"], 2, 900),
        zone(&["54", "65"], 7, 2_500)
    ]);
    let carrier = carrier("yuantong", json!({"services": [{"code": "std", "zones": zones}]}));
    let table = [
        ("310104", 800, "Shanghai is one city"),
        ("310151", 800, "so is its island"),
        ("320506", 900, "Suzhou has a zone of its own"),
        ("320102", 1_800, "Nanjing is elsewhere"),
        ("540102", 2_500, "Lhasa is far"),
    ];
    for (region, minor, why) in table {
        assert_eq!(cost(&carrier, region, 850, None), Some(minor), "{why}");
    }
    let from = warehouse(json!({"region": "440104"}));
    let (near, far) = (to("440106"), to("440305"));
    for (to, minor) in [(&near, 800), (&far, 1_000)] {
        let verdict = compared(&errand(&from, to), &[offer(carrier.clone())]);
        assert_eq!(verdict.candidates[0].cost_minor, Some(minor), "from Guangzhou");
    }
    // The counties of Chongqing have other digits than its districts, and are the same city.
    let (from, county) = (warehouse(json!({"region": "500103"})), to("500229"));
    let verdict = compared(&errand(&from, &county), &[offer(carrier)]);
    assert_eq!(verdict.candidates[0].cost_minor, Some(800));
}

#[test]
fn begun_steps_of_weight_are_paid_and_volume_where_it_counts_for_more() {
    let mut fields = everywhere(1, 800);
    fields["volumetric_divisor"] = json!(6_000);
    let carrier = carrier("yuantong", fields);
    let box_of = |side| Some(Size { length: side, width: side, height: side });
    let table = [
        (1, None, 800),
        (1_000, None, 800),
        (1_001, None, 1_000),
        (1_500, None, 1_000),
        (1_501, None, 1_200),
        (100, box_of(180), 800),   // 5.8 dm³ count as 972 g
        (100, box_of(200), 1_000), // 8 dm³ count as 1,333 g
        (9_000, box_of(200), 4_000),
        (i64::MAX, None, LARGEST_MINOR),
    ];
    for (weight, size, minor) in table {
        assert_eq!(cost(&carrier, "310104", weight, size), Some(minor), "{weight} g, {size:?}");
    }
}

#[test]
fn a_day_late_a_cent_and_a_step_of_priority_weigh_what_the_policy_says() {
    let (from, near) = (warehouse(json!({})), to("310104"));
    let fast = || offer(carrier("shunfeng", everywhere(1, 2_300)));
    let slow = || offer(carrier("yuantong", everywhere(7, 800)));
    // The buyer expects it five days from now; seven is two days late, at ten yuan each.
    let by = |policy: &ChoicePolicy, offers: &[CarrierOffer]| -> (String, Vec<Option<i64>>) {
        let verdict = CarrierVerdict::of(&errand(&from, &near), offers, (&[], &[]), policy);
        let scores = verdict.candidates.iter().map(|c| c.score).collect();
        (verdict.best().unwrap().carrier.to_string(), scores)
    };
    let usual = ChoicePolicy::default();
    let cheap = ChoicePolicy { day_late_minor: 700, ..usual.clone() };
    let careless = ChoicePolicy { cost_percent: 0, day_late_minor: 0, ..usual.clone() };
    assert_eq!(by(&usual, &[slow(), fast()]), ("shunfeng".into(), vec![Some(2_300), Some(2_800)]));
    assert_eq!(by(&cheap, &[slow(), fast()]), ("yuantong".into(), vec![Some(2_200), Some(2_300)]));
    let preferred = |id: &str, priority: i64| {
        let mut one = offer(carrier(id, everywhere(1, 800)));
        one.carrier.priority = priority;
        one
    };
    let (a, b) = (preferred("zto", 1), preferred("sto", 2));
    assert_eq!(by(&usual, &[b.clone(), a.clone()]).0, "zto");
    assert_eq!(by(&careless, &[b, a]).0, "zto");
    let (a, b) = (preferred("zto", 0), preferred("sto", 0));
    assert_eq!(by(&usual, &[a, b]).0, "sto", "of equals the first by name");
}

#[test]
fn a_description_that_can_never_be_is_refused_with_its_place() {
    let service = |code: &str, zones: Value| json!({"code": code, "zones": zones});
    let table = [
        (json!({"name": {"zh": "", "en": "Y"}}), "#/name/zh"),
        (json!({"priority": 1_001}), "#/priority"),
        (json!({"volumetric_divisor": 0}), "#/volumetric_divisor"),
        (json!({"limits": {"weight_at_most_g": 0}}), "#/limits/weight_at_most_g"),
        (json!({"limits": {"not_to": ["Mars"]}}), "#/limits/not_to/0"),
        (json!({"limits": {"not_to": ["same_city"]}}), "#/limits/not_to/0"),
        (json!({"services": [service("", json!([]))]}), "#/services/0/code"),
        (
            json!({"services": [service("a", json!([])), service("a", json!([]))]}),
            "#/services/1/code",
        ),
        (json!({"services": [service("a", json!([zone(&[], 1, 1)]))]}), "#/services/0/zones/0/to"),
        (
            json!({"services": [service("a", json!([zone(&["9"], 1, 1)]))]}),
            "#/services/0/zones/0/to/0",
        ),
        (
            json!({"services": [service("a", json!([zone(&["*"], 91, 1)]))]}),
            "#/services/0/zones/0/days",
        ),
        (
            json!({"services": [service("a", json!([zone(&["*"], 1, -1)]))]}),
            "#/services/0/zones/0/first_minor",
        ),
    ];
    for (fields, place) in table {
        let faults = carrier("yuantong", fields.clone()).check();
        let places: Vec<&str> = faults.iter().map(|fault| fault.pointer.as_str()).collect();
        assert_eq!(places, [place], "{fields}");
    }
    assert_eq!(carrier("yuantong", everywhere(1, 1)).check(), Vec::new());
}

proptest! {
    /// Whoever is best is so in any order, and nobody who cannot is before somebody who can.
    #[test]
    fn the_order_in_which_carriers_are_read_does_not_matter(
        all in proptest::collection::vec((0..9_i64, 0..3_000_i64, -3..3_i64, any::<bool>()), 1..8),
        turn in 0..8_usize,
    ) {
        let (from, near) = (warehouse(json!({})), to("310104"));
        let mut offers: Vec<CarrierOffer> = all.iter().enumerate().map(|(i, row)| {
            let (days, cost, priority, has) = *row;
            let mut one = offer(carrier(&format!("c{i}"), everywhere(days, cost)));
            one.carrier.priority = priority;
            one.number = one.number.filter(|_| has);
            one
        }).collect();
        let first = compared(&errand(&from, &near), &offers);
        let turn = turn % offers.len();
        offers.rotate_left(turn);
        let second = compared(&errand(&from, &near), &offers);
        prop_assert_eq!(&first, &second);
        let fit: Vec<bool> = first.candidates.iter().map(|c| c.unfit.is_empty()).collect();
        prop_assert!(fit.is_sorted_by(|a, b| a >= b));
        let scores: Vec<Option<i64>> =
            first.candidates.iter().map(|c| c.score).take_while(Option::is_some).collect();
        prop_assert!(scores.is_sorted());
    }
}
