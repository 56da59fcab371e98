//! SQLite through rusqlite, for everything that runs outside Spin: native tests and benchmarks.
//! The SQL is the same; so are the settings, which the edge gives Spin's connections.

use crate::{BUSY_MS, Database, DbError, Lane, Ringer, Rows, Value};
use futures::channel::oneshot;
use futures::future::{FutureExt, LocalBoxFuture};
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, ToSql};
use std::cell::{Cell, RefCell};
use std::path::Path;

/// What every connection is set to. `synchronous` and `busy_timeout` are per connection.
pub const SETTINGS: &[&str] = &[
    "pragma journal_mode = wal",
    "pragma synchronous = full",
    "pragma busy_timeout = 25",
    "pragma wal_autocheckpoint = 8000",
    "pragma cache_size = -8000",
];

/// A SQLite file.
pub struct Native {
    connection: RefCell<Connection>,
    /// Answers this many writing statements with an error, before or after they ran.
    fault: Cell<Option<Fault>>,
}

/// A fault to inject into the next writing statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It does not run.
    Before,
    /// It runs, and the answer is lost: as if the process died between commit and answer.
    After,
}

/// Several that turn a new file to WAL at the same time are told that it is locked, without
/// SQLite's own wait.
fn set(connection: &Connection, setting: &str) -> Result<(), DbError> {
    let mut waited = 0;
    loop {
        let done = connection.prepare(setting).and_then(|mut s| s.query([])?.next().map(drop));
        match done.map_err(|error| DbError(error.to_string())) {
            Err(error) if error.is_busy() && waited < BUSY_MS => {
                std::thread::sleep(std::time::Duration::from_millis(1));
                waited += 1;
            }
            done => return done,
        }
    }
}

impl Native {
    pub fn open(path: &Path) -> Result<Self, DbError> {
        let connection = Connection::open(path).map_err(|e| DbError(e.to_string()))?;
        for setting in SETTINGS {
            set(&connection, setting)?;
        }
        Ok(Self { connection: RefCell::new(connection), fault: Cell::new(None) })
    }

    /// The next writing statement fails that way.
    pub fn fail_next(&self, fault: Fault) {
        self.fault.set(Some(fault));
    }

    fn run_now(&self, lane: Lane, sql: &str, params: &[Value]) -> Result<Rows, DbError> {
        let fault = if lane == Lane::Write { self.fault.take() } else { None };
        if fault == Some(Fault::Before) {
            return Err(DbError("disk I/O error".into()));
        }
        let rows = self.query(sql, params).map_err(|e| DbError(e.to_string()));
        if fault == Some(Fault::After) { Err(DbError("disk I/O error".into())) } else { rows }
    }

    fn query(&self, sql: &str, params: &[Value]) -> rusqlite::Result<Rows> {
        let connection = self.connection.borrow();
        let mut statement = connection.prepare_cached(sql)?;
        let width = statement.column_count();
        let mut rows = statement.query(rusqlite::params_from_iter(params))?;
        let mut all = Vec::new();
        while let Some(row) = rows.next()? {
            let column = |i| {
                Ok(match row.get_ref(i)? {
                    ValueRef::Integer(n) => Value::Int(n),
                    ValueRef::Text(text) => Value::Text(String::from_utf8_lossy(text).into_owned()),
                    ValueRef::Null | ValueRef::Real(_) | ValueRef::Blob(_) => Value::Null,
                })
            };
            all.push((0..width).map(column).collect::<rusqlite::Result<Vec<Value>>>()?);
        }
        Ok(all)
    }
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self {
            Self::Null => ToSqlOutput::Borrowed(ValueRef::Null),
            Self::Int(n) => ToSqlOutput::Borrowed(ValueRef::Integer(*n)),
            Self::Text(text) => ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
            Self::Blob(bytes) => ToSqlOutput::Borrowed(ValueRef::Blob(bytes)),
        })
    }
}

impl Database for Native {
    fn run<'a>(
        &'a self,
        lane: Lane,
        sql: &'static str,
        params: Vec<Value>,
    ) -> LocalBoxFuture<'a, Result<Rows, DbError>> {
        async move {
            // Others of the same task get a turn first, as they do while Spin runs a statement.
            yield_once().await;
            self.run_now(lane, sql, &params)
        }
        .boxed_local()
    }

    fn bell(&self) -> (Ringer, LocalBoxFuture<'static, ()>) {
        let (ringer, bell) = oneshot::channel::<()>();
        (Box::new(ringer), bell.map(|_| ()).boxed_local())
    }

    fn pause(&self, ms: u64) -> LocalBoxFuture<'static, ()> {
        async move {
            std::thread::sleep(std::time::Duration::from_millis(ms));
            yield_once().await;
        }
        .boxed_local()
    }
}

async fn yield_once() {
    let mut yielded = false;
    std::future::poll_fn(|cx| {
        if std::mem::replace(&mut yielded, true) {
            std::task::Poll::Ready(())
        } else {
            cx.waker().wake_by_ref();
            std::task::Poll::Pending
        }
    })
    .await;
}
