//! The database file, read beside the shop and never written.

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags};
use serde_json::Value;
use std::path::Path;

/// Kinds of documents, each a table.
pub const DOCUMENTS: [&str; 23] = [
    "merchants",
    "warehouses",
    "skus",
    "boxes",
    "policies",
    "rates",
    "carriers",
    "orders",
    "payments",
    "suspense",
    "packings",
    "parcels",
    "prints",
    "waybills",
    "manifests",
    "after_sales",
    "exceptions",
    "statements",
    "buyers",
    "endpoints",
    "bins",
    "waves",
    "pick_lists",
];

/// A reader of the database.
pub struct Books {
    connection: Connection,
}

impl Books {
    pub fn open(path: &Path) -> Self {
        let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY);
        let connection =
            connection.unwrap_or_else(|error| panic!("could not read {}: {error}", path.display()));
        connection.busy_timeout(std::time::Duration::from_secs(5)).expect("a timeout");
        Self { connection }
    }

    /// All rows; text that is a JSON object comes as what it says.
    pub fn rows(&self, sql: &str) -> Vec<Vec<Value>> {
        let read = || -> rusqlite::Result<Vec<Vec<Value>>> {
            let mut statement = self.connection.prepare(sql)?;
            let width = statement.column_count();
            let mut rows = statement.query([])?;
            let mut all = Vec::new();
            while let Some(row) = rows.next()? {
                let column = |i| row.get_ref(i).map(value);
                all.push((0..width).map(column).collect::<rusqlite::Result<_>>()?);
            }
            Ok(all)
        };
        read().unwrap_or_else(|error| panic!("could not run {sql}: {error}"))
    }

    /// The one number that a query answers.
    pub fn number(&self, sql: &str) -> i64 {
        self.rows(sql).first().and_then(|row| row.first()).and_then(Value::as_i64).unwrap_or(0)
    }

    /// How much of everything is stored: documents, and the rows that only grow.
    pub fn counts(&self) -> Vec<(String, i64)> {
        let growing =
            ["stock", "stock_moves", "journal", "ledger", "facts", "outbox", "attempts", "once"];
        let count = |table: &&str| {
            ((*table).to_owned(), self.number(&format!("select count(*) from {table}")))
        };
        DOCUMENTS.iter().chain(&growing).map(count).collect()
    }
}

fn value(value: ValueRef<'_>) -> Value {
    match value {
        ValueRef::Null | ValueRef::Blob(_) => Value::Null,
        ValueRef::Integer(number) => number.into(),
        ValueRef::Real(number) => number.into(),
        ValueRef::Text(text) => {
            let text = String::from_utf8_lossy(text).into_owned();
            let object = text.starts_with('{').then(|| serde_json::from_str(&text).ok());
            object.flatten().unwrap_or(Value::String(text))
        }
    }
}
