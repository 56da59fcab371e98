//! The first use of a database, by one instance and by many.

// A test says what it expects by failing.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use futures::future::LocalBoxFuture;
use pollster::block_on;
use std::cell::Cell;
use std::path::PathBuf;
use std::rc::Rc;
use store::{Database, DbError, Lane, Native, Ringer, Rows, Store, Value};

#[test]
fn many_instances_may_start_at_once_on_an_empty_database() {
    let path = std::env::temp_dir().join(format!("orderflow-migrate-{}", std::process::id()));
    std::fs::create_dir_all(&path).unwrap();
    let file = path.join("shop.db");
    let start = |file: PathBuf| {
        std::thread::spawn(move || {
            let store = Store::new(Rc::new(Native::open(&file).unwrap()));
            block_on(store.ready(0)).unwrap()
        })
    };
    let started: Vec<_> = (0..8).map(|_| start(file.clone())).collect();
    let newest = store::schema::MIGRATIONS.last().unwrap().0;
    for one in started {
        assert_eq!(one.join().unwrap(), newest);
    }
    std::fs::remove_dir_all(&path).unwrap();
}

/// A database at which somebody else is for the first few statements.
struct Disturbed {
    database: Native,
    by: &'static str,
    times: Cell<usize>,
}

impl Database for Disturbed {
    fn run<'a>(
        &'a self,
        lane: Lane,
        sql: &'static str,
        params: Vec<Value>,
    ) -> LocalBoxFuture<'a, Result<Rows, DbError>> {
        let Some(left) = self.times.get().checked_sub(1) else {
            return self.database.run(lane, sql, params);
        };
        self.times.set(left);
        Box::pin(async { Err(DbError(self.by.to_owned())) })
    }

    fn bell(&self) -> (Ringer, LocalBoxFuture<'static, ()>) {
        self.database.bell()
    }

    fn pause(&self, ms: u64) -> LocalBoxFuture<'static, ()> {
        self.database.pause(ms)
    }
}

#[test]
fn a_start_waits_for_whoever_writes_or_changes_the_schema() {
    let newest = store::schema::MIGRATIONS.last().unwrap().0;
    for (by, waits) in [
        ("database is locked", true),
        ("database schema has changed", true),
        ("database or disk is full", false),
    ] {
        let database = Native::open(":memory:".as_ref()).unwrap();
        let disturbed = Disturbed { database, by, times: Cell::new(3) };
        let started = block_on(Store::new(Rc::new(disturbed)).ready(0));
        assert_eq!(started.ok(), waits.then_some(newest), "{by}");
    }
}
