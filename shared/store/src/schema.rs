//! Migrations: numbered, forward only, applied on first use.
//!
//! There are no transactions here, and many instances may start at once. So each statement can be
//! run again by anybody without harm (`if not exists`), and a migration is noted as done only after
//! all its statements were.

use crate::{Database, Lane, StoreError, Value, failed};

/// Each migration's number and statements, oldest first.
pub const MIGRATIONS: &[(i64, &str)] = &[
    (1, include_str!("migrations/0001_spine.sql")),
    (2, include_str!("migrations/0002_commits.sql")),
];

const NUMBER: &str = "select coalesce(max(number), 0) from migrations";
const TABLE: &str = "create table if not exists migrations (
    number integer not null primary key,
    applied_at_ms integer not null
) strict";
const DONE: &str = "insert into migrations (number, applied_at_ms)
values (?1, ?2)
on conflict (number) do nothing";

/// The newest migration that is applied; 0 on an empty database.
pub async fn number(db: &dyn Database) -> Result<i64, StoreError> {
    match crate::patiently(db, Lane::Read, NUMBER, Vec::new()).await {
        Ok(rows) => Ok(rows.first().and_then(|r| r.first()).and_then(Value::int).unwrap_or(0)),
        Err(error) if error.0.contains("no such table") => Ok(0),
        Err(error) => Err(failed("read the schema's number", &error)),
    }
}

/// Applies what is missing and answers the number it is at then.
pub async fn migrate(db: &dyn Database, now_ms: i64) -> Result<i64, StoreError> {
    let mut at = number(db).await?;
    if at == 0 {
        crate::write(db, "create the table of migrations", TABLE, Vec::new()).await?;
    }
    for (number, script) in MIGRATIONS {
        if *number > at {
            for statement in statements(script) {
                crate::write(db, "migrate the schema", statement, Vec::new()).await?;
            }
            let done = vec![Value::Int(*number), Value::Int(now_ms)];
            crate::write(db, "note a migration", DONE, done).await?;
            at = *number;
        }
    }
    Ok(at)
}

/// The statements of a script. One ends at a line that ends in `;`, a trigger at its `end;`.
pub fn statements(script: &'static str) -> impl Iterator<Item = &'static str> {
    let mut rest = script;
    std::iter::from_fn(move || {
        let start = rest.trim_start();
        if start.is_empty() {
            return None;
        }
        let mut end = 0;
        let mut trigger = false;
        for line in start.split_inclusive('\n') {
            end += line.len();
            trigger |= line.starts_with("create trigger");
            let line = line.trim_end();
            if (trigger && line == "end;") || (!trigger && line.ends_with(';')) {
                break;
            }
        }
        let (statement, after) = start.split_at(end);
        rest = after;
        Some(statement.trim())
    })
}
