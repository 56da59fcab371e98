//! Each statement of the store, prepared against the schema, and the index that it reads from.

// A test says what it expects by failing.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use common::{Shop, shop};
use pollster::block_on;
use store::{Database, Lane, Value};

impl Shop {
    fn explain(&self, how: &str, sql: &str) -> Vec<Vec<Value>> {
        let wanted: &'static str = Box::leak(format!("{how} {sql}").into_boxed_str());
        let params = (0..9).filter(|i| sql.contains(&format!("?{i}"))).map(|_| Value::Null);
        block_on(self.db.run(Lane::Read, wanted, params.collect())).expect(sql)
    }
}

#[test]
fn every_statement_fits_the_schema() {
    let shop = shop();
    let explain = |sql: &str| assert!(!shop.explain("explain", sql).is_empty(), "{sql}");
    for sql in store::BY_ID.iter().chain(store::CATALOGUED) {
        explain(sql);
    }
    for sql in [
        store::ORDER_AND_PAYMENT,
        store::CASE_SITUATION,
        store::PAYMENT_AND_ORDERS,
        store::PURCHASE,
        store::SHELF,
        store::DESCRIPTIONS,
        store::UNPAID_OF,
        store::SHELVES,
        store::MOVEMENTS,
        store::ADJUSTMENT,
        store::LOW_OF_ALL,
        store::LOW_OF_MERCHANT,
        store::ORDERS_OF_MERCHANT,
        store::ORDERS_OF_BUYER,
        store::ORDERS_OF_ALL,
        store::HISTORY,
        store::SCANS,
        store::PARCELS_OF_ORDER,
        store::CASES_OF_ORDER,
        store::OWED,
        store::LINES_OF_PURCHASE,
        store::LINES_OF_STATEMENT,
        store::PARCEL_AND_ORDER,
        store::COD_HISTORY,
        store::REMITTED,
        store::REMITTANCE,
        store::CASH_MISSING,
        store::TRACKED,
        store::KNOWN_WAYBILLS,
        store::DUE_TIMERS,
        store::TIMER,
        store::DUE_MESSAGES,
        store::MESSAGES_OF_ORDER,
        store::MESSAGES_OF_ENDPOINT,
        store::MESSAGE,
        store::ENDPOINTS_OF,
        store::NEWS,
        store::KNOWS_FACT,
        store::PAYMENT_SITUATION,
        store::REFUND,
        store::PAYMENTS_NEEDING_A_PERSON,
        store::SUSPENSE_BY_STATE,
        store::SUSPENSE_NEEDING_A_PERSON,
        store::FACTS_OF_PAYMENT,
        store::EXCEPTION_SITUATION,
        store::EXCEPTIONS_OF_ALL,
        store::EXCEPTIONS_OF_MERCHANT,
        store::EXCEPTIONS_RESOLVED,
        store::EXCEPTIONS_RESOLVED_OF_MERCHANT,
    ] {
        explain(sql);
    }
}

#[test]
fn lists_are_read_from_an_index_and_not_by_scanning() {
    let shop = shop();
    for (sql, index) in [
        (store::ORDERS_OF_MERCHANT, "orders_by_merchant"),
        (store::ORDERS_OF_BUYER, "orders_by_buyer"),
        (store::COD_HISTORY, "orders_by_buyer"),
        (store::REMITTED, "parcels_by_waybill"),
        (store::REMITTANCE, "facts_by_subject"),
        (store::REMITTED_SO, "facts_by_verdict"),
        (store::REMITTED_LINE, "facts_by_key"),
        (store::CASH_MISSING, "parcels_owing"),
        (store::DUE_TIMERS, "timers_due"),
        (store::DUE_MESSAGES, "outbox_due"),
        (store::OWED, "ledger_by_account"),
        (store::TRACKED, "facts_by_subject"),
        (<domain::Sku as store::Catalogued>::PAGE_OF_MERCHANT, "skus_by_merchant"),
        (store::DESCRIPTIONS, "journal_by_id"),
        (store::MOVEMENTS, "stock_moves_by_sku"),
        (store::ADJUSTMENT, "stock_moves_of_adjustments"),
        (store::LOW_OF_ALL, "skus_with_a_level"),
        (store::LOW_OF_MERCHANT, "skus_with_a_level_by_merchant"),
        (store::MESSAGES_OF_ENDPOINT, "outbox_by_endpoint"),
        (store::MESSAGE, "attempts_by_message"),
        (store::ENDPOINTS_OF, "endpoints_by_merchant"),
        (store::PAYMENT_SITUATION, "facts_by_reference"),
        (store::PAYMENT_SITUATION, "suspense_by_attempt"),
        (store::PAYMENTS_NEEDING_A_PERSON, "payments_needing_a_person"),
        (store::SUSPENSE_BY_STATE, "suspense_by_state"),
        (store::SUSPENSE_NEEDING_A_PERSON, "suspense_needing_a_person"),
        (store::FACTS_OF_PAYMENT, "facts_by_subject"),
        (store::TRACKED, "exceptions_by_parcel"),
        (store::PARCEL_AND_ORDER, "exceptions_by_parcel"),
        (store::EXCEPTION_SITUATION, "exceptions_by_parcel"),
        (store::EXCEPTIONS_OF_ALL, "exceptions_due"),
        (store::EXCEPTIONS_OF_MERCHANT, "exceptions_due_by_merchant"),
        (store::EXCEPTIONS_RESOLVED_OF_MERCHANT, "exceptions_by_merchant"),
        (store::HISTORY, "exceptions_by_order"),
    ] {
        let rows = shop.explain("explain query plan", sql);
        let plan: Vec<&str> = rows.iter().filter_map(|r| r[3].text()).collect();
        assert!(plan.iter().any(|l| l.contains(index)), "{index} is not in {plan:#?}");
    }
}
