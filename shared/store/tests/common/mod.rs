//! A store on a file of its own, which goes when the test ends.

#![allow(dead_code, reason = "not every test uses all of it")]

use domain::Change;
use pollster::block_on;
use std::cell::Cell;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::atomic::{AtomicU32, Ordering};
use store::{Commit, Native, Outcome, Sent, Store, StoreError};

pub struct Shop {
    pub db: Rc<Native>,
    pub store: Store,
    path: PathBuf,
    next: Cell<u128>,
}

impl Drop for Shop {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.path).unwrap();
    }
}

pub fn shop() -> Shop {
    static SHOPS: AtomicU32 = AtomicU32::new(0);
    let (process, number) = (std::process::id(), SHOPS.fetch_add(1, Ordering::Relaxed));
    let path = std::env::temp_dir().join(format!("orderflow-store-{process}-{number}"));
    std::fs::create_dir_all(&path).unwrap();
    let db = Rc::new(Native::open(&path.join("shop.db")).unwrap());
    let store = Store::new(db.clone());
    block_on(store.ready(0)).unwrap();
    Shop { db, store, path, next: Cell::new(1) }
}

impl Shop {
    /// Commits a change, and what became of messages with it.
    pub fn apply(&self, change: &Change, sent: Vec<Sent>) -> Result<Outcome, StoreError> {
        self.next.set(self.next.get() + 1);
        let mut commit = Commit::new(self.next.get(), change);
        commit.sent = sent;
        block_on(self.store.commit(commit))
    }
}
