//! The queue of what warehouses have to do, in the store.

// A test says what it expects by failing.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use common::{Shop, shop};
use domain::{Actor, Change, Effect, Millis, NotPicked, OrderId, ToPick, ToPickHere, WarehouseId};
use pollster::block_on;
use store::{Database, Lane, Outcome, TO_PICK, Value};

/// An order with pieces in some warehouses, each with its lines and pieces.
fn said(order: u128, places: &[(&str, i64, i64)]) -> Effect {
    let here = |(warehouse, lines, pieces): &(&str, i64, i64)| ToPickHere {
        warehouse: WarehouseId::parse(warehouse).unwrap(),
        lines: *lines,
        pieces: *pieces,
    };
    Effect::ToPick(ToPick {
        order: OrderId::mint(&mut || order),
        ship_by: Millis(9),
        since: Millis(1),
        places: places.iter().map(here).collect(),
    })
}

impl Shop {
    fn hears(&self, said: Vec<Effect>) {
        let mut change = Change::new(Actor::Clock, Millis(1));
        said.into_iter().for_each(|effect| change.effect(effect));
        assert_eq!(self.apply(&change, Vec::new()), Ok(Outcome::Applied));
    }

    fn rows(&self) -> Vec<String> {
        let sql = "select warehouse || ' ' || lines || '/' || pieces
            from to_pick
            order by order_id, warehouse";
        let rows = block_on(self.db.run(Lane::Read, sql, Vec::new())).unwrap();
        rows.iter().map(|row| row[0].text().unwrap().to_owned()).collect()
    }
}

#[test]
fn what_is_said_of_an_order_takes_the_place_of_what_was_said_before() {
    let shop = shop();
    shop.hears(vec![said(1, &[("w1", 1, 2), ("w2", 2, 2)]), said(2, &[("w1", 1, 1)])]);
    assert_eq!(shop.rows(), ["w1 1/2", "w2 2/2", "w1 1/1"]);
    shop.hears(vec![said(1, &[("w1", 1, 3), ("w3", 1, 1)])]);
    assert_eq!(shop.rows(), ["w1 1/3", "w3 1/1", "w1 1/1"]);
    shop.hears(vec![said(1, &[("w1", 1, 3)]), said(1, &[]), said(2, &[])]);
    assert_eq!(shop.rows(), [""; 0], "the last word counts");
}

#[test]
fn the_queue_of_a_warehouse_is_read_from_an_index_and_not_sorted() {
    let shop = shop();
    let wanted: &'static str = Box::leak(format!("explain query plan {TO_PICK}").into_boxed_str());
    let params = (1..=5).map(|_| Value::Null).collect();
    let rows = block_on(shop.db.run(Lane::Read, wanted, params)).unwrap();
    let plan: Vec<&str> = rows.iter().filter_map(|r| r[3].text()).collect();
    assert!(plan.iter().any(|step| step.contains("to_pick_free")), "{plan:#?}");
    assert!(!plan.iter().any(|step| step.contains("TEMP B-TREE")), "{plan:#?}");
}

#[test]
fn who_moves_an_order_that_came_onto_a_pick_list_meanwhile_is_refused() {
    let shop = shop();
    shop.hears(vec![said(1, &[("w1", 1, 2), ("w2", 1, 1)])]);
    let taken = "update to_pick set taken_by = 'list' where warehouse = 'w1'";
    drop(block_on(shop.db.run(Lane::Write, taken, Vec::new())).unwrap());
    let moves = |warehouses: &[&str]| {
        let warehouses = warehouses.iter().map(|w| WarehouseId::parse(w).unwrap()).collect();
        let order = OrderId::mint(&mut || 1);
        let mut change = Change::new(Actor::Clock, Millis(1));
        change.effect(Effect::NotPicked(NotPicked { order, warehouses }));
        change.effect(said(1, &[("w3", 1, 3)]));
        shop.apply(&change, Vec::new())
    };
    assert_eq!(moves(&["w2", "w1"]), Ok(Outcome::Refused));
    assert_eq!(shop.rows().len(), 2);
    assert_eq!(moves(&["w2"]), Ok(Outcome::Applied));
}

#[test]
fn what_is_read_of_routing_and_of_late_orders_comes_from_indices() {
    let shop = shop();
    for (sql, count, index) in [
        (store::REROUTING, 2, "SEARCH t USING PRIMARY KEY (sku=?)"),
        (store::ORDERS_LATE, 5, "orders_late"),
    ] {
        let wanted: &'static str = Box::leak(format!("explain query plan {sql}").into_boxed_str());
        let params = (0..count).map(|_| Value::Null).collect();
        let rows = block_on(shop.db.run(Lane::Read, wanted, params)).unwrap();
        let plan: Vec<&str> = rows.iter().filter_map(|r| r[3].text()).collect();
        assert!(plan.iter().any(|step| step.contains(index)), "{index} is not in {plan:#?}");
    }
}
