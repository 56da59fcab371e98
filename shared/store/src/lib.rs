//! The only crate with SQL: schema, commit, queries.
//!
//! Every change is one statement, every read is one statement, and there is no transaction that a
//! dying instance could leave open. What runs the statements is a [`Database`]: SQLite through Spin
//! in components (the `edge` crate has it), SQLite through rusqlite natively.

mod body;
pub use body::Sent;
mod commit;
#[cfg(not(target_family = "wasm"))]
mod native;
mod once;
mod queries;
pub mod schema;

pub use commit::{Commit, Outcome};
#[cfg(not(target_family = "wasm"))]
pub use native::{Fault, Native};
pub use once::{Kept, OnceKey};
pub use queries::*;

use futures::future::LocalBoxFuture;
use std::cell::Cell;
use std::rc::Rc;

/// A value to or from the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    Null,
    Int(i64),
    Text(String),
    /// Only on its way into the database.
    Blob(Vec<u8>),
}

impl Value {
    pub fn int(&self) -> Option<i64> {
        if let Self::Int(n) = self { Some(*n) } else { None }
    }

    pub fn text(&self) -> Option<&str> {
        if let Self::Text(t) = self { Some(t) } else { None }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

/// Readers do not wait for the disk; writers do, and share the wait. A statement that reads answers
/// one row: only the first is promised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lane {
    Read,
    Write,
}

/// What the database said when a statement did not work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DbError(pub String);

impl DbError {
    /// Somebody else is writing, or at the schema for longer than SQLite tries by itself: the
    /// statement did not run, and may in a moment.
    fn is_busy(&self) -> bool {
        let said =
            ["database is locked", "database table is locked", "database schema has changed"];
        said.iter().any(|said| self.0.contains(said))
    }

    fn is_constraint(&self) -> bool {
        self.0.contains("UNIQUE constraint failed")
    }
}

/// Rows, each with its columns in order.
pub type Rows = Vec<Vec<Value>>;

/// Rings its bell when it is dropped.
pub type Ringer = Box<dyn std::any::Any>;

/// Something that runs one SQL statement.
pub trait Database {
    fn run<'a>(
        &'a self,
        lane: Lane,
        sql: &'static str,
        params: Vec<Value>,
    ) -> LocalBoxFuture<'a, Result<Rows, DbError>>;

    /// A bell by which one request of an instance wakes another: the future ends when the ringer is
    /// dropped. Wakers alone do not reach from one Wasm task to another.
    fn bell(&self) -> (Ringer, LocalBoxFuture<'static, ()>);

    /// Lets others work for about that long.
    fn pause(&self, ms: u64) -> LocalBoxFuture<'static, ()>;
}

/// Why the store could not do it. Nothing is half done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// Three times somebody else was faster.
    #[error("could not {0}: others changed the same, three times in a row")]
    Contended(&'static str),
    /// The database is locked, full, or away. The same may work later.
    #[error("could not {0}: {1}")]
    Unavailable(&'static str, String),
    /// What is stored is not what we store: a defect.
    #[error("could not {0}: {1}")]
    Broken(&'static str, String),
}

pub(crate) fn failed(what: &'static str, error: &DbError) -> StoreError {
    StoreError::Unavailable(what, error.0.clone())
}

/// How long a statement that finds the database locked is tried again, a millisecond apart: as long
/// as SQLite's own busy handler would, which sleeps too long between tries.
const BUSY_MS: u64 = 5_000;

/// How long SQLite itself waits for a lock before a writer forms its batch anew: `busy_timeout`.
const LOCK_MS: u64 = 25;

/// Runs a writing statement.
pub(crate) async fn write(
    db: &dyn Database,
    what: &'static str,
    sql: &'static str,
    params: Vec<Value>,
) -> Result<Rows, StoreError> {
    try_write(db, sql, params).await.map_err(|error| failed(what, &error))
}

pub(crate) async fn try_write(
    db: &dyn Database,
    sql: &'static str,
    params: Vec<Value>,
) -> Result<Rows, DbError> {
    patiently(db, Lane::Write, sql, params).await
}

/// Runs a statement; a lock that somebody else holds is waited for.
pub(crate) async fn patiently(
    db: &dyn Database,
    lane: Lane,
    sql: &'static str,
    params: Vec<Value>,
) -> Result<Rows, DbError> {
    let mut waited = 0;
    loop {
        match db.run(lane, sql, params.clone()).await {
            Err(error) if error.is_busy() && waited < BUSY_MS => {
                db.pause(1).await;
                waited += 1;
            }
            done => return done,
        }
    }
}

/// The store of one instance. Requests of the instance share it, and with it the wait for the disk.
pub struct Store {
    db: Rc<dyn Database>,
    queue: commit::Queue,
    schema: Cell<i64>,
}

impl Store {
    pub fn new(db: Rc<dyn Database>) -> Self {
        Self { db, queue: commit::Queue::default(), schema: Cell::new(0) }
    }

    /// One commit per statement instead of all that wait: the benchmark's comparison.
    pub fn one_by_one(&self) {
        self.queue.one_by_one();
    }

    /// Whether the schema was looked at.
    pub fn is_ready(&self) -> bool {
        self.schema.get() != 0
    }

    /// The schema's number, after applying what is missing. Cheap after the first call.
    pub async fn ready(&self, now_ms: i64) -> Result<i64, StoreError> {
        if self.schema.get() == 0 {
            self.schema.set(schema::migrate(self.db.as_ref(), now_ms).await?);
        }
        Ok(self.schema.get())
    }

    /// Reads one row with one JSON column. `None` if there is no row or the column is null.
    async fn read<T: serde::de::DeserializeOwned>(
        &self,
        what: &'static str,
        sql: &'static str,
        params: Vec<Value>,
    ) -> Result<Option<T>, StoreError> {
        let rows = patiently(self.db.as_ref(), Lane::Read, sql, params)
            .await
            .map_err(|error| failed(what, &error))?;
        match rows.first().and_then(|row| row.first()).and_then(Value::text) {
            None => Ok(None),
            Some(json) => serde_json::from_str(json)
                .map(Some)
                .map_err(|error| StoreError::Broken(what, error.to_string())),
        }
    }
}
