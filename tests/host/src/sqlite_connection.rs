//! One SQLite connection.
//!
//! A statement that only reads and is done in a moment runs where it was asked for: a hop to a
//! thread and back costs more than it does. Everything else runs on a thread that may block, one
//! statement after the other, and those that write take turns, so that nobody has to poll for
//! SQLite's lock. Functions see no difference: like Spin, a connection holds four rows and goes no
//! further until they are read, and errors show only at the end.

use crate::bindings::sqlite::{Error, RowResult, Value};
use crate::faults::{Fault, Faults};
use rusqlite::hooks::{AuthAction, AuthContext, Authorization};
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, ErrorCode, Row, ToSql};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{mpsc, oneshot};

/// Rows that wait to be read.
const ROWS: usize = 4;
/// Spin's limit for a row.
const ROW_BYTES: usize = 128 << 20;
/// SQLite's steps between two looks at the budget,
const STEPS: i32 = 1_000;
/// and how many looks a statement may take without a thread of its own: about a millisecond.
const AT_ONCE: u64 = 20;
const NO_LIMIT: u64 = u64::MAX;
/// How long a writer waits for its turn before SQLite's own lock has to decide.
const TURN: Duration = Duration::from_secs(5);

type Turn = Arc<tokio::sync::Mutex<()>>;

/// Whose turn it is to write, for each database file.
#[derive(Debug, Default)]
pub struct Writers {
    turns: Mutex<HashMap<PathBuf, Turn>>,
}

impl Writers {
    fn of(&self, path: &Path) -> Turn {
        let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        turns.entry(path.to_owned()).or_default().clone()
    }
}

/// A handle to a connection; it closes with its last handle, after the statement that it runs.
#[derive(Debug, Clone)]
pub struct SqliteConnection {
    connection: Arc<tokio::sync::Mutex<Connection>>,
    budget: Arc<AtomicU64>,
    faults: Arc<Faults>,
    turn: Turn,
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

impl SqliteConnection {
    /// Opens a database. SQLite reads nothing of the file yet.
    pub fn open(path: &Path, writers: &Writers, faults: Arc<Faults>) -> Result<Self, Error> {
        let budget = Arc::new(AtomicU64::new(NO_LIMIT));
        let connection = connect(path, budget.clone()).map_err(|error| io(&error))?;
        let connection = Arc::new(tokio::sync::Mutex::new(connection));
        Ok(Self { connection, budget, faults, turn: writers.of(path) })
    }

    /// Runs a statement.
    pub async fn execute(&self, statement: String, parameters: Vec<Value>) -> Result<Begun, Error> {
        if let Some(begun) = self.at_once(&statement, &parameters) {
            return Ok(begun);
        }
        let connection = self.connection.clone().lock_owned().await;
        let turn = match writes(&statement) {
            true => tokio::time::timeout(TURN, self.turn.clone().lock_owned()).await.ok(),
            false => None,
        };
        let (begun, beginning) = oneshot::channel();
        let faults = self.faults.clone();
        tokio::task::spawn_blocking(move || {
            execute(&connection, &faults, &statement, &parameters, begun);
            drop((turn, connection));
        });
        beginning.await.map_err(|_| gone())
    }

    /// Rows that the last statement changed.
    pub async fn changes(&self) -> u64 {
        self.connection.lock().await.changes()
    }

    /// The row id of the last insert.
    pub async fn last_insert_rowid(&self) -> i64 {
        self.connection.lock().await.last_insert_rowid()
    }

    /// The whole answer, if the statement only reads, is quick, and nobody else runs one.
    fn at_once(&self, statement: &str, parameters: &[Value]) -> Option<Begun> {
        if !starts_with(statement, "select") || self.faults.is_armed() {
            return None;
        }
        let connection = self.connection.try_lock().ok()?;
        self.budget.store(AT_ONCE, Ordering::Relaxed);
        let begun = at_once(&connection, statement, parameters);
        self.budget.store(NO_LIMIT, Ordering::Relaxed);
        begun
    }
}

fn connect(path: &Path, budget: Arc<AtomicU64>) -> rusqlite::Result<Connection> {
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
    let is_spent = move || match budget.load(Ordering::Relaxed) {
        NO_LIMIT => false,
        0 => true,
        left => {
            budget.store(left - 1, Ordering::Relaxed);
            false
        }
    };
    connection.progress_handler(STEPS, Some(is_spent))?;
    Ok(connection)
}

fn at_once(connection: &Connection, text: &str, parameters: &[Value]) -> Option<Begun> {
    let (sender, rows) = mpsc::channel(ROWS);
    let (ended, end) = oneshot::channel();
    let mut begun = Begun { columns: Vec::new(), rows, end };
    let outcome = match connection.prepare_cached(text) {
        Err(error) => Err(io(&error)),
        Ok(statement) if !statement.readonly() => return None,
        Ok(mut statement) => {
            begun.columns = names(&statement);
            let columns = begun.columns.len();
            let mut answer = statement.query(bound(parameters)).ok()?;
            loop {
                match answer.next() {
                    Ok(Some(row)) => match read(row, columns) {
                        // A fifth row has to wait until the first ones are read.
                        Ok(row) => sender.try_send(row).ok()?,
                        Err(error) => break Err(error),
                    },
                    Ok(None) => break Ok(()),
                    Err(error) if is_interrupt(&error) => return None,
                    Err(error) => break Err(io(&error)),
                }
            }
        }
    };
    drop(ended.send(outcome));
    Some(begun)
}

fn is_interrupt(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(ErrorCode::OperationInterrupted)
}

fn names(statement: &rusqlite::Statement<'_>) -> Vec<String> {
    statement.column_names().into_iter().map(str::to_owned).collect()
}

/// Nobody waits for an answer whose receiver is gone, so failing to give one is no fault.
fn execute(
    connection: &Connection,
    faults: &Faults,
    statement: &str,
    parameters: &[Value],
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
        parameters: &[Value],
    ) -> Result<(), Error> {
        let mut statement = connection.prepare_cached(text).map_err(|error| io(&error))?;
        if let Some((_, begun)) = &mut self.begun {
            begun.columns = names(&statement);
        }
        let fault = faults.strike(!statement.readonly() && !starts_with(text, "pragma"));
        if let Some(fault) = fault.filter(|fault| *fault != Fault::LostAnswer) {
            return Err(Error::Io(fault.text().to_owned()));
        }
        let columns = statement.column_count();
        let mut rows = statement.query(bound(parameters)).map_err(|error| io(&error))?;
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

/// Whether a statement wants SQLite's write lock. One that does and is not known here finds the
/// lock by itself.
fn writes(statement: &str) -> bool {
    ["insert", "update", "delete", "replace"].iter().any(|word| starts_with(statement, word))
}

fn starts_with(statement: &str, word: &str) -> bool {
    statement.trim_start().get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word))
}

struct Bound<'a>(&'a Value);

impl ToSql for Bound<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self.0 {
            Value::Integer(integer) => ValueRef::Integer(*integer),
            Value::Real(real) => ValueRef::Real(*real),
            Value::Text(text) => ValueRef::Text(text.as_bytes()),
            Value::Blob(blob) => ValueRef::Blob(blob),
            Value::Null => ValueRef::Null,
        }))
    }
}

fn bound(parameters: &[Value]) -> impl rusqlite::Params {
    rusqlite::params_from_iter(parameters.iter().map(Bound))
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
        connection: SqliteConnection,
    }

    impl Shop {
        async fn new(name: &str) -> Self {
            let folder = format!("sqlite-{name}-{}", std::process::id());
            let folder = std::env::temp_dir().join(folder);
            std::fs::create_dir_all(&folder).unwrap();
            let faults = Arc::new(Faults::default());
            let (path, writers) = (folder.join("db"), Writers::default());
            let connection = SqliteConnection::open(&path, &writers, faults.clone()).unwrap();
            let shop = Self { folder, faults, connection };
            shop.run("create table t (n integer)").await.unwrap();
            shop
        }

        async fn run(&self, text: &str) -> Result<Vec<RowResult>, Error> {
            let mut begun = self.connection.execute(text.to_owned(), Vec::new()).await?;
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
        let mut begun = shop.connection.execute(many, Vec::new()).await.unwrap();
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
        let begun = shop.connection.execute("selec 1".to_owned(), Vec::new()).await.unwrap();
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
        assert_eq!(shop.connection.changes().await, 1);
    }

    #[tokio::test]
    async fn a_read_that_takes_long_goes_to_a_thread_and_answers_the_same() {
        let shop = Shop::new("long").await;
        let long =
            "with recursive n (i) as (select 1 union all select i + 1 from n where i < 99999)
            select count(*) from n";
        let long = format!("select * from ({long})");
        assert!(shop.connection.at_once(&long, &[]).is_none(), "it is not done in a moment");
        let rows = shop.run(&long).await.unwrap();
        assert!(matches!(rows[0].values[0], Value::Integer(99_999)));
        // The thread is done with the connection a little after the answer has ended.
        shop.connection.changes().await;
        assert!(shop.connection.at_once("select count(*) from t", &[]).is_some());
    }

    #[tokio::test]
    async fn writers_take_turns_and_none_finds_the_database_locked() {
        let shop = Shop::new("turns").await;
        let writers = Writers::default();
        let open = || {
            let path = shop.folder.join("db");
            SqliteConnection::open(&path, &writers, shop.faults.clone()).unwrap()
        };
        let ask = async |connection: SqliteConnection| {
            for text in ["pragma busy_timeout = 0", "insert into t values (1)"] {
                let begun = connection.execute(text.to_owned(), Vec::new()).await.unwrap();
                begun.end.await.unwrap().unwrap();
            }
        };
        tokio::join!(ask(open()), ask(open()), ask(open()), ask(open()), ask(open()), ask(open()));
        assert_eq!(shop.count().await, 6);
    }
}
