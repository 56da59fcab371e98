//! Rules of the catalog as tables: what a description may say, which policies make sense, and how
//! stock is adjusted, in the order in which it is checked.

// A test says what it expects by failing.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![allow(clippy::wildcard_enum_match_arm)]

use domain::*;
use proptest::prelude::*;
use serde_json::{Value, json};

fn sku(fields: Value) -> Sku {
    let mut sku =
        json!({"id": "TEE", "merchant": "m1", "name": "T", "price_minor": 1, "currency": "CNY"});
    sku.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    serde_json::from_value(sku).unwrap()
}

fn told(faults: &[Fault]) -> Vec<String> {
    faults.iter().map(|f| format!("{} {}", f.pointer, f.what.word())).collect()
}

#[test]
fn what_an_sku_cannot_be() {
    let gtin = |code: &str| json!({"barcodes": [code]});
    let size = |mm: i64| json!({"size_mm": {"length": 1, "width": mm, "height": 1}});
    let rows = [
        (json!({}), ""),
        (json!({"name": ""}), "#/name missing"),
        (json!({"name": "x".repeat(201)}), "#/name too_long"),
        (json!({"price_minor": -1}), "#/price_minor amount_out_of_range"),
        (json!({"price_minor": LARGEST_MINOR + 1}), "#/price_minor amount_out_of_range"),
        (json!({"weight_g": 1_000_001}), "#/weight_g out_of_range"),
        (size(0), "#/size_mm/width out_of_range"),
        (size(1), ""),
        (gtin("4006381333931"), ""),
        (gtin("4006381333930"), "#/barcodes/0 not_a_barcode"),
        (gtin("has space"), "#/barcodes/0 not_a_barcode"),
        (json!({"barcodes": vec!["a"; 2]}), "#/barcodes/1 repeated"),
        (json!({"return_days": 3_651}), "#/return_days out_of_range"),
        (json!({"warranty_months": 1_201}), "#/warranty_months out_of_range"),
        (json!({"low_stock": -1}), "#/low_stock out_of_range"),
    ];
    for (fields, expected) in rows {
        assert_eq!(told(&sku(fields.clone()).check()).join(" "), expected, "{fields}");
    }
    let many: Vec<String> = (0..21).map(|n| format!("c{n}")).collect();
    assert_eq!(told(&sku(json!({"barcodes": many})).check()), ["#/barcodes too_long"]);
}

#[test]
fn an_sku_sells_while_it_is_active_and_for_sale() {
    for (active, for_sale, sells) in
        [(true, true, true), (true, false, false), (false, true, false), (false, false, false)]
    {
        assert_eq!(sku(json!({"active": active, "for_sale": for_sale})).sells(), sells);
    }
}

#[test]
fn a_description_without_the_newer_fields_is_still_read() {
    let old = json!({"id": "m1", "name": "M", "commission_bp": 1, "return_address": "R"});
    let merchant: Merchant = serde_json::from_value(old).unwrap();
    assert!(merchant.active && merchant.check().is_empty());
    assert_eq!(merchant.account_period, AccountPeriod::Monthly);
    let old = json!({"id": "w1", "name": "W", "region": "310115"});
    let warehouse: Warehouse = serde_json::from_value(old).unwrap();
    assert!(warehouse.active && warehouse.check().is_empty());
}

fn policy(set: &Value) -> ShopPolicy {
    serde_json::from_value(json!({"id": "shop", "set": set})).unwrap()
}

#[test]
fn a_number_of_a_policy_is_in_the_range_of_its_unit() {
    let rows = [
        (json!({"unpaid_ms": MINUTE}), ""),
        (json!({"unpaid_ms": MINUTE - 1}), "#/set/unpaid_ms out_of_range"),
        (json!({"case_window_ms": 0}), ""),
        (json!({"case_window_ms": -1}), "#/set/case_window_ms out_of_range"),
        (json!({"any_ms": 3_651 * DAY}), "#/set/any_ms out_of_range"),
        (json!({"any_bp": 10_001}), "#/set/any_bp out_of_range"),
        (json!({"any_minor": -1}), "#/set/any_minor out_of_range"),
        (json!({"lines_at_most": 1_001}), "#/set/lines_at_most out_of_range"),
        (json!({"hold_ms": {"stripe": -1}}), "#/set/hold_ms/stripe out_of_range"),
        (json!({"list_ms": [0, -1]}), "#/set/list_ms/1 out_of_range"),
        (json!({"any": 0.5}), "#/set/any out_of_range"),
        (json!({"any": "x".repeat(201)}), "#/set/any too_long"),
        (json!({"any": true, "other": null}), ""),
    ];
    for (set, expected) in rows {
        assert_eq!(told(&policy(&set).check()).join(" "), expected, "{set}");
    }
}

#[test]
fn the_defaults_themselves_make_sense() {
    let defaults = serde_json::to_value(Policy::default()).unwrap();
    assert_eq!(told(&policy(&defaults).check()), Vec::<String>::new());
}

#[test]
fn what_the_shop_sets_lies_over_what_is_configured_and_that_over_the_defaults() {
    let layer = |value: Value| value.as_object().unwrap().clone();
    let configured = layer(json!({"unpaid_ms": 1, "review_ms": 2, "nested": {"a": 1, "b": 1}}));
    let set = layer(json!({"review_ms": 3, "nested": {"b": 2}}));
    let all = Policy::layered([&configured, &set]);
    let defaults = serde_json::to_value(Policy::default()).unwrap();
    assert_eq!((&all["unpaid_ms"], &all["review_ms"]), (&json!(1), &json!(3)));
    assert_eq!(all["nested"], json!({"a": 1, "b": 2}));
    assert_eq!(all["lines_at_most"], defaults["lines_at_most"]);
    assert_eq!(Policy::layered([]), defaults);
}

fn shelves(on_hand: i64, held: i64) -> Shelves {
    let (tee, w1) = (SkuId::parse("TEE").unwrap(), WarehouseId::parse("w1").unwrap());
    let level = StockLevel { sku: tee.clone(), warehouse: w1.clone(), on_hand, held };
    let skus = [(tee, sku(json!({})))].into();
    let w2 = WarehouseId::parse("w2").unwrap();
    Shelves { skus, warehouses: [w1, w2].into(), levels: vec![level] }
}

fn adjust(wanted: &Value, shelves: &Shelves) -> (Change, Result<Vec<i64>, String>) {
    let wanted: AdjustStock = serde_json::from_value(wanted.clone()).unwrap();
    let mut change = Change::new(Actor::Clock, Millis(0));
    let id = AdjustmentId::mint(&mut || 1);
    let adjusted = adjust_stock(&mut change, &id, &wanted, shelves);
    let after = adjusted.map(|all| all.iter().map(|(_, after)| after.on_hand).collect());
    let told = after.map_err(|no| {
        let Refusal::Faulty(faults) = no else { panic!("expected faults, got {no:?}") };
        told(&faults).join(" ")
    });
    (change, told)
}

#[test]
fn an_adjustment_is_checked_in_this_order() {
    let line = |sku: &str, at: &str, what: Value| {
        let mut line = json!({"sku": sku, "warehouse": at});
        line.as_object_mut().unwrap().extend(what.as_object().unwrap().clone());
        line
    };
    let rows = [
        ("found", json!([]), "#/lines no_lines"),
        ("correction", json!([line("TEE", "w1", json!({"delta": 1}))]), "#/note missing"),
        ("found", json!([line("TEE", "w1", json!({}))]), "#/lines/0/delta either_or"),
        (
            "found",
            json!([line("TEE", "w1", json!({"delta": 1, "count": 1}))]),
            "#/lines/0/delta either_or",
        ),
        (
            "counted",
            json!([line("TEE", "w1", json!({"delta": 1}))]),
            "#/lines/0/delta wrong_direction",
        ),
        ("found", json!([line("HAT", "w9", json!({"delta": 0}))]), "#/lines/0/delta out_of_range"),
        ("found", json!([line("HAT", "w9", json!({"delta": 1}))]), "#/lines/0/sku unknown_sku"),
        (
            "found",
            json!([line("TEE", "w9", json!({"delta": 1}))]),
            "#/lines/0/warehouse unknown_warehouse",
        ),
        (
            "lost",
            json!([line("TEE", "w1", json!({"delta": 1}))]),
            "#/lines/0/delta wrong_direction",
        ),
        (
            "received",
            json!([line("TEE", "w1", json!({"count": 9}))]),
            "#/lines/0/count wrong_direction",
        ),
        ("lost", json!([line("TEE", "w1", json!({"delta": -11}))]), "#/lines/0/delta out_of_range"),
        ("lost", json!([line("TEE", "w2", json!({"delta": -1}))]), "#/lines/0/delta out_of_range"),
        (
            "found",
            json!([line("TEE", "w1", json!({"delta": i64::MAX}))]),
            "#/lines/0/delta out_of_range",
        ),
        (
            "lost",
            json!([line("TEE", "w1", json!({"delta": -7}))]),
            "#/lines/0/delta less_than_held",
        ),
        (
            "counted",
            json!([line("TEE", "w1", json!({"count": 3}))]),
            "#/lines/0/count less_than_held",
        ),
    ];
    for (reason, lines, expected) in rows {
        let (change, told) = adjust(&json!({"reason": reason, "lines": lines}), &shelves(10, 4));
        assert_eq!(told, Err(expected.to_owned()));
        assert!(change.is_empty());
    }
}

#[test]
fn a_count_that_finds_what_was_expected_is_kept_as_a_movement_of_nothing() {
    let count = json!({"reason": "counted",
        "lines": [{"sku": "TEE", "warehouse": "w1", "count": 10}]});
    let (change, after) = adjust(&count, &shelves(10, 4));
    assert_eq!(after, Ok(vec![10]));
    let [Effect::Adjust(moved)] = change.effects() else { panic!("{change:?}") };
    assert_eq!((moved.on_hand, moved.known, moved.why), (0, 10, AdjustReason::Counted));
}

proptest! {
    #[test]
    fn a_count_moves_exactly_the_difference(
        had in 0..1_000_i64,
        held in 0..1_000_i64,
        now in 0..1_000_i64,
    ) {
        let before = &shelves(had, held.min(had)).levels[0];
        match before.with(now) {
            Ok(after) => {
                prop_assert!(now >= before.held);
                let mut change = Change::new(Actor::Clock, Millis(0));
                count_stock(&mut change, before, &after);
                let moved: i64 = change.effects().iter().map(|effect| {
                    let Effect::Adjust(moved) = effect else { panic!("{effect:?}") };
                    moved.on_hand
                }).sum();
                prop_assert_eq!(had + moved, now);
                prop_assert_eq!(change.is_empty(), had == now);
            }
            Err(FaultKind::LessThanHeld { held }) => prop_assert!(now < held),
            Err(other) => panic!("{other:?}"),
        }
    }
}
