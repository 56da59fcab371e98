//! What is read of tracking is found by its waybill, however much was told of others.

// A test says what it expects by failing.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use common::shop;
use domain::{CarrierCode, Millis, Waybill};
use pollster::block_on;
use store::{Database, Lane, Value};

const ALL: [(&str, &str); 5] = [
    (store::TRACKED, "facts_by_subject"),
    (store::PARCEL_AND_ORDER, "facts_by_subject"),
    (store::TRACKING, "facts_by_subject"),
    (store::PUSH, "facts_by_subject"),
    (store::SILENCE, "facts_by_subject"),
];

#[test]
fn no_read_of_tracking_looks_at_the_facts_of_other_waybills() {
    let shop = shop();
    for (sql, index) in ALL {
        let wanted = Box::leak(format!("explain query plan {sql}").into_boxed_str());
        let params = (0..9).filter(|i| sql.contains(&format!("?{i}"))).map(|_| Value::Null);
        let rows = block_on(shop.db.run(Lane::Read, wanted, params.collect())).unwrap();
        let plan: Vec<&str> = rows.iter().filter_map(|row| row[3].text()).collect();
        assert!(plan.iter().any(|line| line.contains(index)), "{index}: {plan:#?}");
        let scans = plan.iter().find(|line| {
            line.contains("SCAN f") && !line.contains("VIRTUAL") || line.contains("SCAN facts")
        });
        assert_eq!(scans, None, "{plan:#?}");
    }
}

#[test]
fn scans_under_another_name_of_the_carrier_are_read_with_its_own() {
    let shop = shop();
    let sql = "insert into facts (key, kind, subject, occurred_at_ms, received_at_ms, verdict,
            fact)
        select value ->> 0, value ->> 1, value ->> 2, 1, 1, 'x', value -> 3
        from json_each(?1)";
    let scan = |carrier: &str, text: &str| {
        serde_json::json!({"carrier": carrier, "waybill": "1", "occurred_at": 1,
            "step": {"state": "note"}, "code": "", "text": text, "place": null,
            "told_by": "aftership"})
    };
    let rows = serde_json::json!([
        ["a", "tracking", "shunfeng:1", scan("shunfeng", "ours")],
        ["b", "tracking", "sf-express:1", scan("sf-express", "theirs")],
        ["c", "tracking", "yto:1", scan("yto", "another carrier's")],
        ["d", "remittance", "shunfeng:1", {}],
        ["e", "correction", "shunfeng:1", {"told_by": "x", "withdrawn": [], "restored": []}],
    ]);
    block_on(shop.db.run(Lane::Write, sql, vec![Value::Text(rows.to_string())])).unwrap();
    let names: Vec<_> = domain::CarrierNames::default().kept_as().collect();
    let (carrier, waybill) =
        (CarrierCode::parse("shunfeng").unwrap(), Waybill::parse("1").unwrap());
    let heard = block_on(shop.store.tracked((&carrier, &waybill), &names, "b")).unwrap().heard;
    let mut texts: Vec<&str> = heard.facts.iter().map(|fact| fact.text.as_str()).collect();
    texts.sort_unstable();
    assert_eq!(texts, ["ours", "theirs"]);
    assert_eq!((heard.corrections.len(), heard.push_known), (1, true));
    let named = heard.named(&carrier, &domain::CarrierNames::default());
    assert!(named.facts.iter().all(|fact| fact.carrier == carrier));
    assert_eq!(named.facts[0].occurred_at, Millis(1));
}
