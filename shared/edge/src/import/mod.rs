//! Files of rows: CSV or NDJSON, as they arrive, a few hundred rows in one commit. Good rows are
//! taken in, each bad one is named with its line, column and reason. The same file again changes
//! nothing.
//!
//! A row says what is different: a column or field that is not in the file stays as it is, an empty
//! cell or a null takes the value away.

mod cells;
mod csv_rows;
mod encoding;
mod file;
mod json_lines;
mod report;

pub use cells::{Column, Is, at, key, may, must};
pub use file::lay_over;
pub use report::{Outcome, RowFault, Tally};

use crate::{Ctx, Decided, Principal, Problem, Request, Response, Role, json};
use file::File;
use futures::StreamExt;
use http::StatusCode;
use report::Report;
use serde_json::{Map, Value};

/// Rows of one commit.
pub const ROWS: usize = 500;
/// A row may have this many bytes.
const ROW_BYTES: usize = 16 << 10;

/// A row that could be read.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    pub line: u64,
    /// What it says, as JSON (RFC 7396: null takes a value away).
    pub says: Map<String, Value>,
}

impl Row {
    /// A text that it says at the top.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.says.get(name).and_then(Value::as_str)
    }
}

/// Something that comes in files.
#[allow(async_fn_in_trait, reason = "an instance has one thread, so no future needs to be sent")]
pub trait Bulk {
    const WRITERS: &'static [Role];
    const COLUMNS: &'static [Column];

    /// What some rows change, and how many of them. Decided again if somebody else was faster.
    async fn decide(ctx: &Ctx, who: &Principal, rows: &[Row]) -> Decided<Tally>;
}

pub async fn import<B: Bulk>(ctx: &Ctx, request: &Request) -> Result<Response, Problem> {
    if B::COLUMNS.is_empty() {
        return Err(Problem::not_found("kind of import"));
    }
    let who = ctx.principal(request, B::WRITERS).await?;
    let mut file = File::of(request, B::COLUMNS)?;
    let mut report = Report::default();
    let (mut chunks, mut waiting) = (request.chunks(), Vec::new());
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|e| Problem::bad_request("unreadable", e.to_string()))?;
        if !chunk.is_empty() {
            file.feed(&chunk, &mut waiting)?;
        }
        while waiting.len() >= ROWS {
            let later = waiting.split_off(ROWS);
            let rows = std::mem::replace(&mut waiting, later);
            take::<B>(ctx, request, &who, rows, &mut report).await?;
        }
    }
    file.feed(b"", &mut waiting)?;
    take::<B>(ctx, request, &who, waiting, &mut report).await?;
    Ok(json(StatusCode::OK, &report.in_words_of(&file)))
}

async fn take<B: Bulk>(
    ctx: &Ctx,
    request: &Request,
    who: &Principal,
    rows: Vec<Result<Row, RowFault>>,
    report: &mut Report,
) -> Result<(), Problem> {
    let mut good = Vec::with_capacity(rows.len());
    let mut tally = Tally::default();
    for row in rows {
        match row {
            Ok(row) => good.push(row),
            Err(fault) => tally.faults.push(fault),
        }
    }
    // Orders go on meanwhile: rows that others are always faster with are tried in smaller parts.
    let mut parts = vec![good.as_slice()];
    while let Some(part) = parts.pop() {
        if part.is_empty() {
            continue;
        }
        let (first, second) = part.split_at(part.len().div_ceil(2));
        match ctx.try_change(request, async || B::decide(ctx, who, part).await).await? {
            Some(decided) => tally.add(decided),
            None if second.is_empty() => {
                return Err(Problem::try_again(1, "others are changing the same; send it again"));
            }
            None => parts.extend([second, first]),
        }
    }
    report.add(tally);
    Ok(())
}
