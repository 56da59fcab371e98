//! What is read of carriers, waybills and manifests: each statement is one that SQLite takes, and
//! finds its rows by an index.

// A test says what it expects by failing.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use common::shop;
use pollster::block_on;
use store::{Database, Lane, Value};

#[test]
fn what_waits_for_carriers_is_found_by_an_index() {
    let shop = shop();
    for (sql, index) in [
        (store::CARRIER_DESK, "waybills_free"),
        (store::CARRIER_DESK, "waybills_by_number"),
        (store::CARRIERS_OF_WAREHOUSE, "waybills_free"),
        (store::CARRIERS_OF_WAREHOUSE, "sqlite_autoindex_warehouses"),
        (store::WAITING_FOR_CARRIER, "parcels_to_hand_over"),
        (store::SCANNED_FOR_CARRIER, "parcels_by_waybill"),
        (store::MANIFESTS, "manifests_by_warehouse"),
        (store::PARCELS_WITHOUT_CARRIER, "parcels_without_carrier"),
        (store::PARCELS_BY_ID, "sqlite_autoindex_parcels"),
    ] {
        let wanted: &'static str = Box::leak(format!("explain query plan {sql}").into_boxed_str());
        let params = (0..9).filter(|i| sql.contains(&format!("?{i}"))).map(|_| Value::Null);
        let rows = block_on(shop.db.run(Lane::Read, wanted, params.collect())).expect(sql);
        let plan: Vec<&str> = rows.iter().filter_map(|row| row[3].text()).collect();
        assert!(plan.iter().any(|line| line.contains(index)), "{index} is not in {plan:#?}");
    }
}
