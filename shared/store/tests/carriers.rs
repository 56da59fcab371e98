//! What is read of carriers, waybills and manifests: each statement is one that SQLite takes, and
//! finds its rows by an index.

// A test says what it expects by failing.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use pollster::block_on;
use std::rc::Rc;
use store::{Database, Lane, Native, Store, Value};

#[test]
fn what_waits_for_carriers_is_found_by_an_index() {
    let path = std::env::temp_dir().join(format!("orderflow-carriers-{}", std::process::id()));
    std::fs::create_dir_all(&path).unwrap();
    let db = Rc::new(Native::open(&path.join("shop.db")).unwrap());
    block_on(Store::new(db.clone()).ready(0)).unwrap();
    for (sql, index) in [
        (store::CARRIER_DESK, "waybills_free"),
        (store::CARRIER_DESK, "waybills_by_number"),
        (store::WAITING_FOR_CARRIER, "parcels_to_hand_over"),
        (store::SCANNED_FOR_CARRIER, "parcels_by_waybill"),
        (store::MANIFESTS, "manifests_by_warehouse"),
        (store::PARCELS_WITHOUT_CARRIER, "parcels_without_carrier"),
        (store::PARCELS_BY_ID, "sqlite_autoindex_parcels"),
    ] {
        let wanted: &'static str = Box::leak(format!("explain query plan {sql}").into_boxed_str());
        let params = (0..9).filter(|i| sql.contains(&format!("?{i}"))).map(|_| Value::Null);
        let rows = block_on(db.run(Lane::Read, wanted, params.collect())).expect(sql);
        let plan: Vec<&str> = rows.iter().filter_map(|row| row[3].text()).collect();
        assert!(plan.iter().any(|line| line.contains(index)), "{index} is not in {plan:#?}");
    }
    std::fs::remove_dir_all(&path).unwrap();
}
