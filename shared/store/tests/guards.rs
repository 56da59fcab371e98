//! Each guard of the commit, and each constraint of the tables, tried to be broken.

// A test says what it expects by failing.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use common::{Shop, shop};
use domain::{
    Actor, AdjustReason, Change, Currency, Effect, Merchant, MerchantId, Millis, Posting,
    PostingKind, SkuId, StockAdjustment, StockMove, StockReason, Stored, WarehouseId, describe,
};
use pollster::block_on;
use store::{Commit, Database, Fault, Lane, OnceKey, Outcome, StoreError};

impl Shop {
    fn commit(&self, change: &Change) -> Result<Outcome, StoreError> {
        self.apply(change, Vec::new())
    }

    fn count(&self, sql: &'static str) -> i64 {
        let rows = block_on(self.db.run(Lane::Read, sql, Vec::new())).unwrap();
        rows[0][0].int().unwrap()
    }

    fn refused_by_the_table(&self, sql: &'static str) {
        let error = block_on(self.db.run(Lane::Write, sql, Vec::new()));
        assert!(error.is_err(), "{sql} should not work");
    }
}

fn change() -> Change {
    Change::new(Actor::Clock, Millis(1))
}

fn stock(on_hand: i64, held: i64) -> Effect {
    Effect::Stock(StockMove {
        sku: SkuId::parse("TEE").unwrap(),
        warehouse: WarehouseId::parse("w1").unwrap(),
        on_hand,
        held,
        why: StockReason::Restocked,
    })
}

fn merchant(name: &str) -> Merchant {
    Merchant {
        id: MerchantId::parse("m1").unwrap(),
        name: name.to_owned(),
        active: true,
        commission_bp: 0,
        service_fee_minor: 0,
        account_period: Default::default(),
        return_address: "here".to_owned(),
        contacts: Vec::new(),
        shipping: Default::default(),
        cash_on_delivery: false,
    }
}

#[test]
fn a_document_that_somebody_else_changed_refuses_the_commit() {
    let shop = shop();
    let mut first = change();
    describe(&mut first, None, merchant("one"));
    assert_eq!(shop.commit(&first), Ok(Outcome::Applied));
    assert_eq!(shop.commit(&first), Ok(Outcome::Refused), "it must not exist yet");

    let read = Stored { version: 1, doc: merchant("one") };
    let (mut mine, mut yours) = (change(), change());
    describe(&mut mine, Some(read.clone()), merchant("mine"));
    describe(&mut yours, Some(read), merchant("yours"));
    assert_eq!(shop.commit(&mine), Ok(Outcome::Applied));
    assert_eq!(shop.commit(&yours), Ok(Outcome::Refused));
    let kept = block_on(shop.store.load::<Merchant>("m1")).unwrap().unwrap();
    assert_eq!((kept.version, kept.doc.name.as_str()), (2, "mine"));
    assert_eq!(shop.count("select count(*) from journal"), 2, "a refused commit leaves no trace");
}

#[test]
fn what_is_held_is_never_more_than_what_is_there() {
    let shop = shop();
    let apply = |on_hand, held| {
        let mut change = change();
        change.effect(stock(on_hand, held));
        shop.commit(&change)
    };
    assert_eq!(apply(0, 1), Ok(Outcome::Refused), "nothing there to hold");
    assert_eq!(apply(5, 0), Ok(Outcome::Applied));
    assert_eq!(apply(0, 5), Ok(Outcome::Applied));
    assert_eq!(apply(0, 1), Ok(Outcome::Refused), "all of it is held");
    assert_eq!(apply(-1, 0), Ok(Outcome::Refused), "held pieces cannot vanish");
    assert_eq!(apply(0, -6), Ok(Outcome::Refused), "no more can be released than is held");
    assert_eq!(apply(-5, -5), Ok(Outcome::Applied));
    shop.refused_by_the_table("update stock set held = 1");
}

fn adjusted(known: i64, on_hand: i64) -> Effect {
    Effect::Adjust(StockAdjustment {
        sku: SkuId::parse("TEE").unwrap(),
        warehouse: WarehouseId::parse("w1").unwrap(),
        on_hand,
        known,
        why: AdjustReason::Counted,
        note: None,
        about: None,
    })
}

#[test]
fn a_count_of_what_somebody_moved_meanwhile_is_refused() {
    let shop = shop();
    let apply = |known, delta| {
        let mut change = change();
        change.effect(adjusted(known, delta));
        shop.commit(&change)
    };
    assert_eq!(apply(1, 1), Ok(Outcome::Refused), "nothing was there");
    assert_eq!(apply(0, 5), Ok(Outcome::Applied));
    assert_eq!(apply(0, 5), Ok(Outcome::Refused), "five are there");
    assert_eq!(apply(5, 0), Ok(Outcome::Applied), "a count may find what was expected");
    assert_eq!(shop.count("select on_hand from stock"), 5);
    assert_eq!(shop.count("select count(*) from stock_moves"), 2);
}

#[test]
fn each_movement_says_what_was_there_after_it() {
    let shop = shop();
    let mut several = change();
    for delta in [5, -2, 4] {
        several.effect(stock(delta, 0));
    }
    assert_eq!(shop.commit(&several), Ok(Outcome::Applied));
    let mut more = change();
    more.effect(stock(-1, 0));
    assert_eq!(shop.commit(&more), Ok(Outcome::Applied));
    let rows = "select group_concat(balance) = '5,3,7,6'
        from (select balance from stock_moves order by seq)";
    assert_eq!(shop.count(rows), 1);
    shop.refused_by_the_table("update stock_moves set balance = 9");
}

#[test]
fn two_lines_of_one_sku_are_one_demand() {
    let shop = shop();
    let mut arrived = change();
    arrived.effect(stock(3, 0));
    assert_eq!(shop.commit(&arrived), Ok(Outcome::Applied));
    let mut two_lines = change();
    two_lines.effect(stock(0, 2));
    two_lines.effect(stock(0, 2));
    assert_eq!(shop.commit(&two_lines), Ok(Outcome::Refused));
}

#[test]
fn a_key_is_used_once_and_keeps_its_answer() {
    let shop = shop();
    let commit = |id: u128, answer: &str| {
        let change = change();
        let mut commit = Commit::new(id, &change);
        let text = |t: &str| Some(t.to_owned());
        let (hash, answer) = (text("hash"), text(answer));
        commit.once = Some(OnceKey { key: "k".into(), hash, answer, until_ms: Some(9) });
        block_on(shop.store.commit(commit))
    };
    assert_eq!(commit(1, "first"), Ok(Outcome::Applied));
    assert_eq!(commit(2, "second"), Ok(Outcome::Refused));
    let kept = block_on(shop.store.kept("k")).unwrap().unwrap();
    assert_eq!((kept.hash.as_str(), kept.answer.as_str()), ("hash", "first"));
    block_on(shop.store.forget_keys(9)).unwrap();
    assert_eq!(commit(3, "third"), Ok(Outcome::Applied), "forgotten after its time");
}

#[test]
fn commits_of_one_statement_are_accepted_or_refused_each_on_its_own() {
    let shop = shop();
    let mut arrived = change();
    arrived.effect(stock(3, 0));
    assert_eq!(shop.commit(&arrived), Ok(Outcome::Applied));
    let holds: Vec<Change> = (0..10)
        .map(|_| {
            let mut hold = change();
            hold.effect(stock(0, 1));
            hold
        })
        .collect();
    let commits = holds.iter().enumerate().map(|(i, hold)| {
        let id = 100 + u128::try_from(i).unwrap();
        shop.store.commit(Commit::new(id, hold))
    });
    let outcomes = block_on(futures::future::join_all(commits));
    let applied = outcomes.iter().filter(|o| **o == Ok(Outcome::Applied)).count();
    assert_eq!(applied, 3, "three pieces, three holds");
    assert_eq!(shop.count("select held from stock"), 3);
}

#[test]
fn a_request_that_is_dropped_in_the_queue_does_not_stop_the_others() {
    let shop = shop();
    let (one, two, three) = (change(), change(), change());
    block_on(async {
        let mut first = Box::pin(shop.store.commit(Commit::new(1, &one)));
        let mut second = Box::pin(shop.store.commit(Commit::new(2, &two)));
        let third = shop.store.commit(Commit::new(3, &three));
        assert!(futures::poll!(&mut first).is_pending(), "it leads, and waits for the database");
        assert!(futures::poll!(&mut second).is_pending(), "it waits for the first");
        drop(first);
        drop(second);
        assert_eq!(third.await, Ok(Outcome::Applied));
    });
}

#[test]
fn a_posting_that_does_not_sum_to_zero_is_a_defect_and_not_stored() {
    let shop = shop();
    let head = (PostingKind::Payout, Currency::CNY, Millis(1));
    let from = vec![(domain::Account::Fees, 5)];
    let posting = Posting::debit(head, "x", domain::Account::Bank, from).unwrap();
    let mut change = change();
    change.effect(Effect::Post(posting));
    assert_eq!(shop.commit(&change), Ok(Outcome::Applied));
    assert_eq!(shop.count("select sum(amount_minor) from ledger"), 0);
    shop.refused_by_the_table(
        r#"insert into commits (body) values (jsonb('{"id":"x","at_ms":1,"actor":"{}","postings":[
        {"no":0,"at_ms":1,"kind":"payout","subject":"x","account":"a","currency":"CNY",
        "amount_minor":1}]}'))"#,
    );
    shop.refused_by_the_table("update ledger set amount_minor = 7");
    shop.refused_by_the_table("delete from ledger");
    assert_eq!(shop.count("select count(*) from ledger"), 2);
}

#[test]
fn journal_and_facts_are_append_only() {
    let shop = shop();
    let mut made = change();
    describe(&mut made, None, merchant("one"));
    assert_eq!(shop.commit(&made), Ok(Outcome::Applied));
    shop.refused_by_the_table("update journal set version = 9");
    shop.refused_by_the_table("delete from journal");
}

#[test]
fn a_statement_that_does_not_run_stores_nothing_and_one_whose_answer_is_lost_stores_all() {
    let shop = shop();
    let mut made = change();
    describe(&mut made, None, merchant("one"));
    shop.db.fail_next(Fault::Before);
    assert!(matches!(shop.commit(&made), Err(StoreError::Unavailable(..))));
    assert_eq!(shop.count("select count(*) from merchants"), 0);
    shop.db.fail_next(Fault::After);
    assert!(matches!(shop.commit(&made), Err(StoreError::Unavailable(..))));
    assert_eq!(shop.count("select count(*) from merchants"), 1);
    assert_eq!(shop.commit(&made), Ok(Outcome::Refused), "trying again finds it done");
}
