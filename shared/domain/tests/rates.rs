//! Tables of shipping rates: which zone counts, and what it takes.

// A test says what it expects by failing.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use common::{basket, faults_of, shelf, try_place};
use domain::*;
use serde_json::{Value, json};

fn rates(zones: Value) -> Rates {
    serde_json::from_value(json!({"id": "m1", "currency": "CNY", "zones": zones})).unwrap()
}

fn zone(to: &[&str], fee: Value) -> Value {
    json!({"name": "zone", "to": to, "fee": fee})
}

fn flat(fee_minor: i64) -> Value {
    json!({"by": "order", "fee_minor": fee_minor})
}

fn to(region: &str, country: &str) -> Delivery {
    Delivery { region: region.into(), country: country.into(), ..Delivery::default() }
}

const LOAD: Load = Load { goods_minor: 10_000, weight_g: 1_000, pieces: 3 };

#[test]
fn the_zone_that_says_it_most_exactly_counts() {
    let rates = rates(json!([
        zone(&["*"], flat(9_000)),
        zone(&["CN"], flat(1_500)),
        zone(&["31", "32"], flat(800)),
        zone(&["3205"], flat(700)),
        zone(&["320583"], flat(600)),
        zone(&["320583"], flat(1)),
        zone(&["65", "54", "US"], flat(3_000)),
    ]));
    let fee = |region, country| rates.fee_minor(&to(region, country), LOAD);
    assert_eq!(fee("310104", "CN"), Some(800));
    assert_eq!(fee("320505", "CN"), Some(700));
    assert_eq!(fee("320583", "CN"), Some(600), "of equals the first");
    assert_eq!(fee("440305", "CN"), Some(1_500));
    assert_eq!(fee("540102", "CN"), Some(3_000));
    assert_eq!(fee("", "US"), Some(3_000));
    assert_eq!(fee("810001", "HK"), Some(9_000));
    assert_eq!(fee("", "DE"), Some(9_000));
}

#[test]
fn a_fee_grows_by_begun_steps() {
    let weight = json!({"by": "weight", "first_g": 1_000, "first_minor": 1_000,
        "step_g": 500, "step_minor": 300});
    let pieces = json!({"by": "pieces", "first": 2, "first_minor": 800, "step": 1,
        "step_minor": 100});
    let amount = json!({"by": "amount", "steps": [{"from_minor": 0, "fee_minor": 1_200},
        {"from_minor": 5_000, "fee_minor": 600}, {"from_minor": 20_000, "fee_minor": 0}]});
    let fee = |fee: &Value, load: Load| {
        rates(json!([zone(&["*"], fee.clone())])).fee_minor(&to("310104", "CN"), load).unwrap()
    };
    let of = |weight_g, pieces, goods_minor| Load { goods_minor, weight_g, pieces };
    for (weight_g, expected) in [(0, 1_000), (1_000, 1_000), (1_001, 1_300), (1_501, 1_600)] {
        assert_eq!(fee(&weight, of(weight_g, 1, 1)), expected, "{weight_g} g");
    }
    for (count, expected) in [(1, 800), (2, 800), (3, 900), (12, 1_800)] {
        assert_eq!(fee(&pieces, of(1, count, 1)), expected, "{count} pieces");
    }
    let table = [(0, 1_200), (4_999, 1_200), (5_000, 600), (19_999, 600), (20_000, 0)];
    for (goods, expected) in table {
        assert_eq!(fee(&amount, of(1, 1, goods)), expected, "{goods} of goods");
    }
    assert!(fee(&weight, of(i64::MAX, 1, 1)) <= LARGEST_MINOR, "no weight breaks it");
}

#[test]
fn goods_of_enough_are_shipped_for_nothing() {
    let mut all = zone(&["*"], flat(900));
    all["free_from_minor"] = json!(10_000);
    let rates = rates(json!([all]));
    let fee = |goods_minor| rates.fee_minor(&to("310104", "CN"), Load { goods_minor, ..LOAD });
    assert_eq!((fee(9_999), fee(10_000)), (Some(900), Some(0)));
}

#[test]
fn a_table_that_makes_no_sense_is_refused_with_its_places() {
    let wrong = rates(json!([
        {"name": "", "to": [], "fee": flat(-1)},
        zone(&["3", "ABC", "310", "cn", "*"], flat(1)),
        zone(&["*"], json!({"by": "weight", "first_g": 0, "first_minor": 1, "step_g": 0,
            "step_minor": 1})),
        zone(&["*"], json!({"by": "amount", "steps": [{"from_minor": 1, "fee_minor": 1}]})),
        zone(&["*"], json!({"by": "amount", "steps": []})),
    ]));
    let faults = wrong.check();
    let told: Vec<String> =
        faults.iter().map(|f| format!("{} {}", f.pointer, f.what.word())).collect();
    assert_eq!(
        told,
        [
            "#/zones/0/name missing",
            "#/zones/0/to missing",
            "#/zones/0/fee amount_out_of_range",
            "#/zones/1/to/0 not_a_region",
            "#/zones/1/to/1 not_a_region",
            "#/zones/1/to/2 not_a_region",
            "#/zones/1/to/3 not_a_region",
            "#/zones/2/fee steps_disordered",
            "#/zones/3/fee steps_disordered",
            "#/zones/4/fee steps_disordered",
        ]
    );
    assert!(rates(json!([zone(&["31", "US", "*"], flat(0))])).check().is_empty());
}

#[test]
fn a_merchant_with_a_table_ships_by_it_and_only_where_it_reaches() {
    let mut shelf = shelf();
    let weight = json!({"by": "weight", "first_g": 500, "first_minor": 700, "step_g": 500,
        "step_minor": 200});
    let table = rates(json!([zone(&["31"], weight)]));
    shelf.rates.insert(table.id.clone(), table.clone());
    // Two tees of 400 g each; m2 has no table.
    let wanted = basket(&[("TEE", 2), ("POT", 1)]);
    let placed = try_place(&shelf, &wanted, &Policy::default()).unwrap();
    let fees: Vec<i64> = placed.orders.iter().map(|order| order.shipping.fee_minor).collect();
    assert_eq!(fees, [900, 600]);
    let mut far = wanted.clone();
    far.delivery.region = Some("650102".to_owned());
    assert_eq!(faults_of(&shelf, &far, &Policy::default()), ["#/delivery not_delivered_there"]);
    // A table in another currency says nothing about this order.
    let dollars = Rates { currency: Currency::parse("USD").unwrap(), ..table };
    shelf.rates.insert(dollars.id.clone(), dollars);
    let placed = try_place(&shelf, &far, &Policy::default()).unwrap();
    assert_eq!(placed.orders[0].shipping.fee_minor, 1_000);
}
