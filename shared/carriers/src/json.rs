//! Reading senders' JSON into types, with the path of the fault when it does not fit.
//!
//! Senders add fields whenever they like, so unknown ones are ignored. Knows no sender's field.

use crate::Unheard;
use serde::de::{Deserialize, DeserializeOwned, Deserializer, Error};
use serde_json::Value;

/// Reads a whole body: exactly one JSON text.
pub(crate) fn from_bytes<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Unheard> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let read = serde_path_to_error::deserialize(&mut reader)
        .map_err(|fault| unreadable(&fault.path().to_string(), &fault.inner().to_string()))?;
    reader.end().map_err(|fault| unreadable("", &fault.to_string()))?;
    Ok(read)
}

/// Reads a part that was made of something else than JSON; `under` is its path.
pub(crate) fn from_value<T: DeserializeOwned>(value: Value, under: &str) -> Result<T, Unheard> {
    serde_path_to_error::deserialize(value).map_err(|fault| {
        let path = format!("{under}.{}", fault.path());
        unreadable(&path, &fault.inner().to_string())
    })
}

/// A text that senders write as a string, as a number or not at all (then empty).
pub(crate) fn word<'de, D: Deserializer<'de>>(reader: D) -> Result<String, D::Error> {
    match Value::deserialize(reader)? {
        Value::String(text) => Ok(text),
        Value::Number(number) => Ok(number.to_string()),
        Value::Null => Ok(String::new()),
        Value::Bool(_) | Value::Array(_) | Value::Object(_) => Err(D::Error::custom("not a text")),
    }
}

pub(crate) fn unreadable(path: &str, why: &str) -> Unheard {
    let text = if path.is_empty() { why.to_owned() } else { format!("{path}: {why}") };
    Unheard::Unreadable(text.chars().filter(|c| !c.is_control()).take(300).collect())
}
