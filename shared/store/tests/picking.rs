//! The guards of pick lists, tried to be broken: an order is on the lists of one wave in a
//! warehouse, and on no others until they are through with it.

// A test says what it expects by failing.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use common::{Shop, shop};
use domain::{
    Actor, Change, Effect, Listing, Millis, OrderId, PickListId, ToPick, ToPickHere, WarehouseId,
};
use pollster::block_on;
use store::{Database, Lane, Outcome, Value};

fn order(no: u128) -> OrderId {
    OrderId::mint(&mut || no)
}

/// Pieces of an order wait in w1; none: nothing does any more.
fn waits(no: u128, pieces: i64) -> Effect {
    let warehouse = WarehouseId::parse("w1").unwrap();
    let here = (pieces > 0).then_some(ToPickHere { warehouse, lines: 1, pieces });
    Effect::ToPick(ToPick {
        order: order(no),
        ship_by: Millis(9),
        since: Millis(1),
        places: here.into_iter().collect(),
    })
}

fn listing(no: u128, list: u128) -> Listing {
    let warehouse = WarehouseId::parse("w1").unwrap();
    Listing { order: order(no), warehouse, list: PickListId::mint(&mut || list) }
}

fn on(no: u128, list: u128) -> Effect {
    Effect::OnList(listing(no, list))
}

fn off(no: u128, list: u128) -> Effect {
    Effect::OffList(listing(no, list))
}

impl Shop {
    fn commit(&self, effects: Vec<Effect>) -> Outcome {
        let mut change = Change::new(Actor::Clock, Millis(1));
        effects.into_iter().for_each(|effect| change.effect(effect));
        self.apply(&change, Vec::new()).unwrap()
    }

    /// Orders in the queue that no list has.
    fn free(&self) -> i64 {
        let sql = "select count(*) from to_pick where taken_by is null";
        block_on(self.db.run(Lane::Read, sql, Vec::new())).unwrap()[0][0].int().unwrap()
    }
}

#[test]
fn an_order_is_on_the_lists_of_one_wave_at_a_time() {
    let shop = shop();
    assert_eq!(shop.commit(vec![on(1, 7)]), Outcome::Refused, "nothing of it waits");
    assert_eq!(shop.commit(vec![waits(1, 3), waits(2, 1)]), Outcome::Applied);
    assert_eq!(shop.commit(vec![on(1, 7), on(1, 8)]), Outcome::Applied, "two zones of one wave");
    assert_eq!(shop.free(), 1);
    assert_eq!(shop.commit(vec![on(2, 9), on(1, 9)]), Outcome::Refused, "all of it or nothing");
    assert_eq!(shop.free(), 1);
    assert_eq!(shop.commit(vec![off(1, 7)]), Outcome::Applied);
    assert_eq!(shop.commit(vec![on(1, 9)]), Outcome::Refused, "the other zone still has it");
    assert_eq!(shop.commit(vec![off(1, 8)]), Outcome::Applied);
    assert_eq!(shop.commit(vec![on(1, 9), on(2, 9)]), Outcome::Applied);
    assert_eq!(shop.free(), 0);
}

#[test]
fn an_order_that_leaves_the_queue_comes_back_to_its_list() {
    let shop = shop();
    assert_eq!(shop.commit(vec![waits(1, 3)]), Outcome::Applied);
    assert_eq!(shop.commit(vec![on(1, 7)]), Outcome::Applied);
    assert_eq!(shop.commit(vec![waits(1, 0)]), Outcome::Applied);
    assert_eq!(shop.commit(vec![on(1, 8)]), Outcome::Refused, "it is in doubt");
    assert_eq!(shop.commit(vec![waits(1, 2)]), Outcome::Applied);
    assert_eq!(shop.free(), 0);
    assert_eq!(shop.commit(vec![on(1, 8)]), Outcome::Refused, "its list still has it");
    assert_eq!(shop.commit(vec![off(1, 7)]), Outcome::Applied);
    assert_eq!(shop.free(), 1);
}

#[test]
fn what_is_picked_leaves_the_queue_in_the_same_commit() {
    let shop = shop();
    assert_eq!(shop.commit(vec![waits(1, 3)]), Outcome::Applied);
    assert_eq!(shop.commit(vec![on(1, 7)]), Outcome::Applied);
    assert_eq!(shop.commit(vec![waits(1, 0), off(1, 7)]), Outcome::Applied);
    assert_eq!(shop.free(), 0);
    assert_eq!(shop.commit(vec![waits(1, 1)]), Outcome::Applied);
    assert_eq!(shop.free(), 1, "nobody has it any more");
}

#[test]
fn waves_and_lists_are_read_from_an_index_and_not_by_scanning() {
    let shop = shop();
    for (sql, index) in [
        (store::CANDIDATES, "to_pick_free"),
        (store::CANDIDATES_BY_HAND, "PRIMARY KEY"),
        (store::WAVE_AND_PROGRESS, "SEARCH l USING PRIMARY KEY (wave=?)"),
        (store::WAVES_OF_WAREHOUSE, "waves_by_warehouse"),
        (store::LISTS_OF_WAVE, "SEARCH pick_progress USING PRIMARY KEY"),
        (store::NEXT_LIST, "SEARCH pick_progress USING PRIMARY KEY"),
        (store::NEXT_LIST, "sqlite_autoindex_pick_lists_1"),
        (store::PICK_LIST_AND_ORDERS, "sqlite_autoindex_orders_1"),
        (store::TASK_SITUATION, "sqlite_autoindex_orders_1"),
        (store::TO_PUT_AWAY, "orders_to_put_away"),
        (store::BINS_OF_WAREHOUSE, "bins_by_warehouse"),
        (store::BINS_BY_ID, "sqlite_autoindex_bins_1"),
        (store::SPOTS, "sqlite_autoindex_bins_1"),
    ] {
        let wanted: &'static str = Box::leak(format!("explain query plan {sql}").into_boxed_str());
        let params = (0..10).filter(|i| sql.contains(&format!("?{i}"))).map(|_| Value::Null);
        let rows = block_on(shop.db.run(Lane::Read, wanted, params.collect())).unwrap();
        let plan: Vec<&str> = rows.iter().filter_map(|r| r[3].text()).collect();
        assert!(plan.iter().any(|step| step.contains(index)), "{index}: {plan:#?}");
    }
}
