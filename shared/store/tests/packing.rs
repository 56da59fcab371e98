//! What is stored for packers: barcodes that follow their SKUs, and serial numbers that are used
//! once for each time that a piece is packed.

// A test says what it expects by failing.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use common::{Shop, shop};
use domain::{Actor, Change, Fact, FactKind, Millis, Sku, Stored, describe};
use pollster::block_on;
use store::{Database, Lane, Outcome, Value};

impl Shop {
    fn rows(&self, sql: &str) -> Vec<Vec<Value>> {
        let sql: &'static str = Box::leak(sql.to_owned().into_boxed_str());
        let params = (0..9).filter(|i| sql.contains(&format!("?{i}"))).map(|_| Value::Null);
        block_on(self.db.run(Lane::Read, sql, params.collect())).expect(sql)
    }

    fn commit(&self, change: &Change) -> Outcome {
        self.apply(change, Vec::new()).unwrap()
    }
}

fn change() -> Change {
    Change::new(Actor::Clock, Millis(1))
}

#[test]
fn the_statements_of_packing_fit_the_schema_and_use_its_indexes() {
    let shop = shop();
    for (sql, index) in [
        (store::DESK, "barcodes USING PRIMARY KEY"),
        (store::DESK, "facts_by_subject"),
        (store::DESK, "sqlite_autoindex_orders_1"),
        (store::SERIAL_USES, "facts_by_subject"),
        (store::PAPERS, "sqlite_autoindex_parcels_1"),
        (store::PAPERS, "parcels_by_order"),
    ] {
        let rows = shop.rows(&format!("explain query plan {sql}"));
        let plan: Vec<&str> = rows.iter().filter_map(|r| r[3].text()).collect();
        assert!(plan.iter().any(|l| l.contains(index)), "{index} is not in {plan:#?}");
    }
}

#[test]
fn barcodes_follow_what_is_said_of_their_sku() {
    let shop = shop();
    let sku = |codes: &str| -> Sku {
        serde_json::from_str(&format!(
            r#"{{"id":"TEE","merchant":"m1","name":"T","price_minor":1,"currency":"CNY",
            "barcodes":{codes}}}"#
        ))
        .unwrap()
    };
    let codes = || {
        let rows = shop.rows("select code from barcodes where sku = 'TEE' order by code");
        let codes: Vec<String> = rows.iter().map(|r| r[0].text().unwrap().to_owned()).collect();
        codes.join(" ")
    };
    let mut first = change();
    describe(&mut first, None, sku(r#"["a","b"]"#));
    assert_eq!(shop.commit(&first), Outcome::Applied);
    assert_eq!(codes(), "a b");
    let mut second = change();
    describe(
        &mut second,
        Some(Stored { version: 1, doc: sku(r#"["a","b"]"#) }),
        sku(r#"["b","c"]"#),
    );
    assert_eq!(shop.commit(&second), Outcome::Applied);
    assert_eq!(codes(), "b c");
    assert_eq!(shop.commit(&second), Outcome::Refused);
    assert_eq!(codes(), "b c");
}

#[test]
fn of_two_packers_with_one_piece_the_second_is_refused() {
    let shop = shop();
    let packed = |parcel: &str| {
        let mut change = change();
        change.keep(Fact {
            kind: FactKind::Serial,
            subject: "serial/CAM/S-1".to_owned(),
            key: "serial/CAM/0/S-1".to_owned(),
            occurred_at: Millis(1),
            fact: serde_json::json!({"parcel": parcel}),
            verdict: "packed".to_owned(),
            raw: None,
        });
        change
    };
    assert_eq!(shop.commit(&packed("one")), Outcome::Applied);
    assert_eq!(shop.commit(&packed("two")), Outcome::Refused);
}
