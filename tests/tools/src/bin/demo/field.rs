//! Fields of answers, by JSON pointer. A field that is missing is an error that says which.

use anyhow::Context as _;
use serde_json::Value;

/// A text.
pub fn text<'a>(value: &'a Value, pointer: &str) -> anyhow::Result<&'a str> {
    let found = value.pointer(pointer).and_then(Value::as_str);
    found.with_context(|| format!("the answer has no text at {pointer}: {value}"))
}

/// A whole number.
pub fn number(value: &Value, pointer: &str) -> anyhow::Result<i64> {
    let found = value.pointer(pointer).and_then(Value::as_i64);
    found.with_context(|| format!("the answer has no number at {pointer}: {value}"))
}

/// A list.
pub fn list<'a>(value: &'a Value, pointer: &str) -> anyhow::Result<&'a [Value]> {
    let found = value.pointer(pointer).and_then(Value::as_array);
    found.map(Vec::as_slice).with_context(|| format!("the answer has no list at {pointer}"))
}
