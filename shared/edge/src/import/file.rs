//! A file of one of two forms, as rows that say something.

use super::cells::{Column, order, read};
use super::csv_rows::{BadRow, CsvRows};
use super::encoding::complaint;
use super::json_lines::JsonLines;
use super::report::RowFault;
use super::{ROW_BYTES, Row};
use crate::{Problem, Request};
use http::{StatusCode, header};
use serde_json::{Map, Value};

/// A file as it is read.
pub struct File {
    form: Form,
    columns: &'static [Column],
    /// What the first row said the columns are.
    order: Option<Vec<&'static Column>>,
}

enum Form {
    Csv(Box<CsvRows>),
    Json(JsonLines),
}

type Read = Result<Row, RowFault>;

impl File {
    /// By its media type. 415 for another one, or for another encoding than UTF-8.
    pub fn of(request: &Request, columns: &'static [Column]) -> Result<Self, Problem> {
        let refused = |code, detail: &str| {
            Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, code, detail))
        };
        let form = match request.media_type().as_str() {
            "text/csv" => Form::Csv(Box::default()),
            "application/x-ndjson" | "application/ndjson" => Form::Json(JsonLines::default()),
            _ => return refused("wrong_content_type", "text/csv or application/x-ndjson"),
        };
        let value = request.header(header::CONTENT_TYPE.as_str()).unwrap_or_default();
        let charset = value.to_ascii_lowercase();
        let charset = charset.split(';').find_map(|p| p.trim().strip_prefix("charset="));
        let charset = charset.map(|c| c.trim_matches('"').to_owned());
        if charset.as_deref().is_some_and(|c| !["utf-8", "utf8", "us-ascii"].contains(&c)) {
            return refused("wrong_charset", "the file must be in UTF-8");
        }
        Ok(Self { form, columns, order: None })
    }

    /// Feeds some bytes; an empty slice says that there are no more. 422 for a bad first row.
    pub fn feed(&mut self, bytes: &[u8], rows: &mut Vec<Read>) -> Result<(), Problem> {
        let (columns, known) = (self.columns, &mut self.order);
        let mut bad_header = None;
        match &mut self.form {
            Form::Csv(csv) => csv.feed(bytes, |line, row| match known {
                _ if bad_header.is_some() => {}
                Some(known) => rows.extend(csv_row(line, row, known)),
                None => match header_of(row, columns) {
                    Ok(order) => *known = Some(order),
                    Err(why) => bad_header = Some(why),
                },
            }),
            Form::Json(lines) => lines.feed(bytes, |line, text| rows.push(json_row(line, text))),
        }
        match bad_header {
            Some((code, why)) => Err(Problem::invalid("#", code, why)),
            None => Ok(()),
        }
    }

    /// A place in what a row says, as the file has it: a column, or a JSON pointer.
    pub fn place(&self, pointer: &str) -> String {
        let Some(path) = pointer.strip_prefix('#') else { return pointer.to_owned() };
        let path = path.trim_start_matches('/');
        let goes_there = |column: &&Column| {
            let below = |long: &str, short: &str| {
                long.strip_prefix(short)
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            };
            !path.is_empty() && (below(path, column.path) || below(column.path, path))
        };
        match (&self.form, self.columns.iter().find(goes_there)) {
            (Form::Csv(_), Some(column)) => column.name.to_owned(),
            (Form::Csv(_), None) => path.to_owned(),
            (Form::Json(_), _) => pointer.to_owned(),
        }
    }
}

fn header_of(
    row: Result<Vec<String>, BadRow>,
    columns: &'static [Column],
) -> Result<Vec<&'static Column>, (&'static str, String)> {
    match row {
        Ok(names) => order(&names, columns).map_err(|why| ("bad_header", why)),
        Err(BadRow::NotUtf8(said)) => Err(("not_utf8", format!("the first row: {said}"))),
        Err(BadRow::TooLong) => Err(("bad_header", "the first row is too long".to_owned())),
    }
}

/// A row of nothing but commas, as spreadsheets append them, is none.
fn csv_row(line: u64, row: Result<Vec<String>, BadRow>, order: &[&'static Column]) -> Option<Read> {
    let cells = match row {
        Ok(cells) if cells.iter().all(|cell| cell.trim().is_empty()) => return None,
        Ok(cells) => cells,
        Err(BadRow::NotUtf8(said)) => return Some(Err(RowFault::new(line, "", "not_utf8", said))),
        Err(BadRow::TooLong) => return Some(Err(too_long(line))),
    };
    Some(read(line, order, &cells).map(|says| Row { line, says }))
}

fn too_long(line: u64) -> RowFault {
    let reason = format!("more than {ROW_BYTES} bytes; is a quote not closed?");
    RowFault::new(line, "", "too_long", reason)
}

fn json_row(line: u64, text: Option<&[u8]>) -> Read {
    let text = text.ok_or_else(|| too_long(line))?;
    let text = std::str::from_utf8(text)
        .map_err(|_| RowFault::new(line, "", "not_utf8", complaint(text)))?;
    let says = serde_json::from_str::<Value>(text)
        .map_err(|error| RowFault::new(line, "", "unreadable_json", error.to_string()))?;
    match says {
        Value::Object(says) => Ok(Row { line, says }),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            Err(RowFault::new(line, "#", "does_not_fit", "a line is a JSON object"))
        }
    }
}

/// Lays what a row says over what is there (RFC 7396).
pub fn lay_over(there: &mut Value, says: &Map<String, Value>) {
    if !there.is_object() {
        *there = Value::Object(Map::new());
    }
    let Value::Object(there) = there else { return };
    for (name, value) in says {
        match value {
            Value::Null => drop(there.remove(name)),
            Value::Object(inner) => {
                lay_over(there.entry(name.clone()).or_insert(Value::Null), inner);
            }
            Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
                there.insert(name.clone(), value.clone());
            }
        }
    }
}
