//! One SQLite connection and the thread that it lives on.
//!
//! Statements run one after the other. The answer to a statement is given when it has ended or
//! when its fourth row waits to be read, whichever comes first: like Spin, a connection holds
//! four rows and goes no further until they are read.

use crate::bindings::sqlite::{Error, RowResult, Value};
use crate::faults::{Fault, Faults};
use rusqlite::hooks::{AuthAction, AuthContext, Authorization};
use rusqlite::types::{Value as Bound, ValueRef};
use rusqlite::{Connection, Row};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc as jobs;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{mpsc, oneshot};

/// Rows that wait to be read.
const ROWS: usize = 4;
/// Spin's limit for a row.
const ROW_BYTES: usize = 128 << 20;

/// A handle to the thread; it ends with its last handle, after the statement that it runs.
#[derive(Debug, Clone)]
pub struct SqliteThread {
    jobs: jobs::Sender<Job>,
}

/// A statement that has begun.
#[derive(Debug)]
pub struct Begun {
    /// The names of its columns.
    pub columns: Vec<String>,
    /// Its rows.
    pub rows: mpsc::Receiver<RowResult>,
    /// How it ended.
    pub end: oneshot::Receiver<Result<(), Error>>,
}

enum Job {
    Execute { statement: String, parameters: Vec<Value>, begun: oneshot::Sender<Begun> },
    Changes(oneshot::Sender<u64>),
    LastInsertRowid(oneshot::Sender<i64>),
}

impl SqliteThread {
    /// Opens the database on a thread of its own.
    pub async fn open(path: PathBuf, faults: Arc<Faults>) -> Result<Self, Error> {
        let (sender, receiver) = jobs::channel();
        let (opened, opening) = oneshot::channel();
        let work = move || match connect(&path) {
            Ok(connection) => {
                if opened.send(Ok(())).is_ok() {
                    serve(&connection, &faults, &receiver);
                }
            }
            Err(error) => drop(opened.send(Err(io(&error)))),
        };
        let thread = std::thread::Builder::new().name("sqlite".to_owned()).spawn(work);
        thread.map_err(|error| io(&error))?;
        opening.await.map_err(|_| gone())??;
        Ok(Self { jobs: sender })
    }

    /// Runs a statement.
    pub async fn execute(&self, statement: String, parameters: Vec<Value>) -> Result<Begun, Error> {
        self.ask(|begun| Job::Execute { statement, parameters, begun }).await
    }

    /// Rows that the last statement changed.
    pub async fn changes(&self) -> Result<u64, Error> {
        self.ask(Job::Changes).await
    }

    /// The row id of the last insert.
    pub async fn last_insert_rowid(&self) -> Result<i64, Error> {
        self.ask(Job::LastInsertRowid).await
    }

    async fn ask<T>(&self, job: impl FnOnce(oneshot::Sender<T>) -> Job) -> Result<T, Error> {
        let (answer, question) = oneshot::channel();
        self.jobs.send(job(answer)).map_err(|_| gone())?;
        question.await.map_err(|_| gone())
    }
}

fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    // As Spin: a component reaches its own databases, not files.
    connection.authorizer(Some(|context: AuthContext<'_>| {
        let file = |name: &str| !matches!(name, "" | ":memory:");
        if matches!(context.action, AuthAction::Attach { filename } if file(filename)) {
            Authorization::Deny
        } else {
            Authorization::Allow
        }
    }))?;
    Ok(connection)
}

/// Nobody waits for an answer whose receiver is gone, so failing to give one is no fault.
fn serve(connection: &Connection, faults: &Faults, jobs: &jobs::Receiver<Job>) {
    while let Ok(job) = jobs.recv() {
        match job {
            Job::Changes(answer) => drop(answer.send(connection.changes())),
            Job::LastInsertRowid(answer) => drop(answer.send(connection.last_insert_rowid())),
            Job::Execute { statement, parameters, begun } => {
                execute(connection, faults, &statement, parameters, begun);
            }
        }
    }
}

fn execute(
    connection: &Connection,
    faults: &Faults,
    statement: &str,
    parameters: Vec<Value>,
    begun: oneshot::Sender<Begun>,
) {
    let (sender, rows) = mpsc::channel(ROWS);
    let (ended, end) = oneshot::channel();
    let begun = (begun, Begun { columns: Vec::new(), rows, end });
    let mut answer = Answer { rows: sender, begun: Some(begun) };
    let outcome = answer.step(connection, faults, statement, parameters);
    drop(ended.send(outcome));
    answer.begin();
}

struct Answer {
    rows: mpsc::Sender<RowResult>,
    begun: Option<(oneshot::Sender<Begun>, Begun)>,
}

impl Answer {
    fn step(
        &mut self,
        connection: &Connection,
        faults: &Faults,
        text: &str,
        parameters: Vec<Value>,
    ) -> Result<(), Error> {
        let mut statement = connection.prepare_cached(text).map_err(|error| io(&error))?;
        if let Some((_, begun)) = &mut self.begun {
            begun.columns = statement.column_names().into_iter().map(str::to_owned).collect();
        }
        let fault = faults.strike(!statement.readonly() && !is_pragma(text));
        if let Some(fault) = fault.filter(|fault| *fault != Fault::LostAnswer) {
            return Err(Error::Io(fault.text().to_owned()));
        }
        let columns = statement.column_count();
        let parameters = rusqlite::params_from_iter(parameters.into_iter().map(bound));
        let mut rows = statement.query(parameters).map_err(|error| io(&error))?;
        while let Some(row) = rows.next().map_err(|error| io(&error))? {
            if fault.is_none() {
                self.give(read(row, columns)?)?;
            }
        }
        fault.map_or(Ok(()), |fault| Err(Error::Io(fault.text().to_owned())))
    }

    fn give(&mut self, row: RowResult) -> Result<(), Error> {
        let unread = || Error::Io("row send error".to_owned());
        match self.rows.try_send(row) {
            Ok(()) => Ok(()),
            Err(TrySendError::Closed(_)) => Err(unread()),
            Err(TrySendError::Full(row)) => {
                self.begin();
                self.rows.blocking_send(row).map_err(|_| unread())
            }
        }
    }

    fn begin(&mut self) {
        if let Some((answer, begun)) = self.begun.take() {
            drop(answer.send(begun));
        }
    }
}

fn is_pragma(statement: &str) -> bool {
    statement.trim_start().get(..6).is_some_and(|word| word.eq_ignore_ascii_case("pragma"))
}

fn bound(value: Value) -> Bound {
    match value {
        Value::Integer(integer) => Bound::Integer(integer),
        Value::Real(real) => Bound::Real(real),
        Value::Text(text) => Bound::Text(text),
        Value::Blob(blob) => Bound::Blob(blob),
        Value::Null => Bound::Null,
    }
}

fn read(row: &Row<'_>, columns: usize) -> Result<RowResult, Error> {
    let mut values = Vec::with_capacity(columns);
    let mut bytes = 0;
    for column in 0..columns {
        let value = row.get_ref(column).map_err(|error| io(&error))?;
        values.push(match value {
            ValueRef::Null => Value::Null,
            ValueRef::Integer(integer) => Value::Integer(integer),
            ValueRef::Real(real) => Value::Real(real),
            ValueRef::Text(text) => {
                bytes += text.len();
                Value::Text(String::from_utf8(text.to_vec()).map_err(|error| io(&error))?)
            }
            ValueRef::Blob(blob) => {
                bytes += blob.len();
                Value::Blob(blob.to_vec())
            }
        });
    }
    if bytes > ROW_BYTES {
        return Err(Error::Io(format!("query result exceeds limit of {ROW_BYTES} bytes")));
    }
    Ok(RowResult { values })
}

fn io(error: &dyn std::error::Error) -> Error {
    Error::Io(error.to_string())
}

fn gone() -> Error {
    Error::Io("the connection is gone".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    struct Shop {
        folder: PathBuf,
        faults: Arc<Faults>,
        thread: SqliteThread,
    }

    impl Shop {
        async fn new(name: &str) -> Self {
            let folder = format!("sqlite-{name}-{}", std::process::id());
            let folder = std::env::temp_dir().join(folder);
            std::fs::create_dir_all(&folder).unwrap();
            let faults = Arc::new(Faults::default());
            let thread = SqliteThread::open(folder.join("db"), faults.clone()).await.unwrap();
            let shop = Self { folder, faults, thread };
            shop.run("create table t (n integer)").await.unwrap();
            shop
        }

        async fn run(&self, text: &str) -> Result<Vec<RowResult>, Error> {
            let mut begun = self.thread.execute(text.to_owned(), Vec::new()).await?;
            let mut rows = Vec::new();
            while let Some(row) = begun.rows.recv().await {
                rows.push(row);
            }
            begun.end.await.unwrap().map(|()| rows)
        }

        async fn count(&self) -> i64 {
            let rows = self.run("select count(*) from t").await.unwrap();
            let Value::Integer(count) = rows[0].values[0] else { panic!("no number") };
            count
        }
    }

    impl Drop for Shop {
        fn drop(&mut self) {
            std::fs::remove_dir_all(&self.folder).unwrap();
        }
    }

    #[tokio::test]
    async fn a_connection_goes_no_further_than_four_unread_rows() {
        let shop = Shop::new("four").await;
        let many = "select value from json_each('[1,2,3,4,5,6]')".to_owned();
        let mut begun = shop.thread.execute(many, Vec::new()).await.unwrap();
        assert_eq!(begun.columns, ["value"]);
        assert_eq!(begun.rows.len(), ROWS);
        assert!(begun.end.try_recv().is_err());
        let mut read = 0;
        while begun.rows.recv().await.is_some() {
            read += 1;
        }
        assert_eq!(read, 6);
        begun.end.await.unwrap().unwrap();
    }

    #[tokio::test]
    async fn an_error_shows_at_the_end_of_the_answer() {
        let shop = Shop::new("error").await;
        let begun = shop.thread.execute("selec 1".to_owned(), Vec::new()).await.unwrap();
        assert!(begun.columns.is_empty());
        assert!(begun.end.await.unwrap().is_err());
        for text in ["select 1; select 2", "attach '/tmp/other.db' as other"] {
            assert!(shop.run(text).await.is_err(), "{text}");
        }
    }

    #[tokio::test]
    async fn a_lost_answer_is_committed_and_any_other_fault_is_not() {
        let shop = Shop::new("faults").await;
        for (fault, committed) in [("busy", 0), ("full", 0), ("io", 0), ("lost_answer", 1)] {
            let order = json!({ "database": fault, "after": 1 });
            shop.faults.arm(serde_json::from_value(order).unwrap());
            let before = shop.count().await;
            assert!(shop.run("pragma synchronous = full").await.is_ok());
            assert!(shop.run("insert into t values (1)").await.is_ok());
            assert!(shop.run("insert into t values (2)").await.is_err(), "{fault}");
            assert_eq!(shop.count().await - before, 1 + committed, "{fault}");
        }
        assert_eq!(shop.thread.changes().await.unwrap(), 1);
    }
}
