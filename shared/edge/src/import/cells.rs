//! The columns of a CSV file, and what a cell says as JSON.

use super::report::RowFault;
use serde_json::{Map, Value};

/// A column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    pub name: &'static str,
    /// Where it goes in the document: names with `/` between.
    pub path: &'static str,
    pub is: Is,
    /// A file without it says nothing.
    pub key: bool,
    /// A thing without it is none.
    pub must: bool,
}

/// What a cell holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Is {
    Text,
    /// A whole number: minor units, grams, days.
    Number,
    Flag,
    /// Texts with `;` between.
    List,
}

/// What a row is about.
pub const fn key(name: &'static str, is: Is) -> Column {
    Column { name, path: name, is, key: true, must: true }
}

/// What everything of the kind has.
pub const fn must(name: &'static str, is: Is) -> Column {
    Column { name, path: name, is, key: false, must: true }
}

/// What may be left out.
pub const fn may(name: &'static str, is: Is) -> Column {
    Column { name, path: name, is, key: false, must: false }
}

/// What may be left out, and lies deeper in the document.
pub const fn at(name: &'static str, path: &'static str, is: Is) -> Column {
    Column { name, path, is, key: false, must: false }
}

impl Column {
    /// What a cell says; an empty one says null.
    pub fn read(&self, cell: &str) -> Result<Value, (&'static str, String)> {
        let cell = cell.trim();
        if cell.is_empty() {
            return Ok(Value::Null);
        }
        Ok(match self.is {
            Is::Text => Value::from(cell),
            Is::Number => {
                let number = cell.parse::<i64>().map(Value::from);
                number.map_err(|_| ("not_a_number", "not a whole number".to_owned()))?
            }
            Is::Flag => match cell.to_ascii_lowercase().as_str() {
                "true" | "yes" | "1" | "是" => Value::from(true),
                "false" | "no" | "0" | "否" => Value::from(false),
                _ => return Err(("not_a_flag", "neither true nor false".to_owned())),
            },
            Is::List => cell.split(';').map(str::trim).filter(|part| !part.is_empty()).collect(),
        })
    }

    /// Puts a value where the column goes.
    pub fn put(&self, value: Value, into: &mut Map<String, Value>) {
        let mut parts = self.path.split('/');
        let Some(last) = parts.next_back() else { return };
        let mut object = into;
        for part in parts {
            let inner = object.entry(part).or_insert_with(|| Value::Object(Map::new()));
            let Value::Object(inner) = inner else { return };
            object = inner;
        }
        object.insert(last.to_owned(), value);
    }

    /// Whether a thing has it.
    pub fn is_in(&self, document: &Value) -> bool {
        let found = document.pointer(&format!("/{}", self.path));
        found.is_some_and(|value| !value.is_null())
    }
}

/// What the first row says the columns are. Says what is wrong with it otherwise.
pub fn order(
    header: &[String],
    columns: &'static [Column],
) -> Result<Vec<&'static Column>, String> {
    let known = || columns.iter().map(|c| c.name).collect::<Vec<_>>().join(", ");
    let mut order: Vec<&'static Column> = Vec::new();
    for name in header {
        let name = name.trim();
        let Some(column) = columns.iter().find(|c| c.name == name) else {
            return Err(format!("there is no column {name:?}; there are {}", known()));
        };
        if order.contains(&column) {
            return Err(format!("the column {name:?} is named twice"));
        }
        order.push(column);
    }
    match columns.iter().find(|column| column.key && !order.contains(column)) {
        Some(missing) => Err(format!("the column {:?} is missing", missing.name)),
        None => Ok(order),
    }
}

/// What a row says.
pub fn read(
    line: u64,
    order: &[&'static Column],
    cells: &[String],
) -> Result<Map<String, Value>, RowFault> {
    if cells.len() != order.len() {
        let reason = format!("{} cells, and the first row has {}", cells.len(), order.len());
        return Err(RowFault::new(line, "", "wrong_number_of_cells", reason));
    }
    let mut says = Map::new();
    for (column, cell) in order.iter().zip(cells) {
        let bad = |(code, reason)| RowFault::new(line, column.name, code, reason);
        let value = column.read(cell).map_err(bad)?;
        // A part of something that is not there takes nothing away.
        if !value.is_null() || !column.path.contains('/') {
            column.put(value, &mut says);
        }
    }
    Ok(says)
}
