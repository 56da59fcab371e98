//! Reading partners' JSON into types, with the path of the fault when it does not fit.
//!
//! Partners add fields whenever they like, so unknown ones are ignored here; a field that is needed
//! and missing, or of another type, is an answer that names it. Knows no partner's field.

use crate::Unheard;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Reads a whole body: exactly one JSON text.
pub(crate) fn from_bytes<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Unheard> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let read = serde_path_to_error::deserialize(&mut reader)
        .map_err(|fault| unreadable(&fault.path().to_string(), &fault.inner().to_string()))?;
    reader.end().map_err(|fault| unreadable("", &fault.to_string()))?;
    Ok(read)
}

/// Reads a part that was kept aside; `under` is its path in the body.
pub(crate) fn from_value<T: DeserializeOwned>(value: Value, under: &str) -> Result<T, Unheard> {
    serde_path_to_error::deserialize(value).map_err(|fault| {
        let within = fault.path().to_string();
        let path = if within == "." { under.to_owned() } else { format!("{under}.{within}") };
        unreadable(&path, &fault.inner().to_string())
    })
}

/// What a message needs and does not have.
pub(crate) fn need<T>(value: Option<T>, path: &str) -> Result<T, Unheard> {
    value.ok_or_else(|| unreadable(path, "missing"))
}

/// An identifier of theirs: one to 255 visible ASCII signs, so that it can be a key.
pub(crate) fn identifier(text: String, path: &str) -> Result<String, Unheard> {
    if (1..=255).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic()) {
        Ok(text)
    } else {
        Err(unreadable(path, "not an identifier"))
    }
}

pub(crate) fn unreadable(path: &str, why: &str) -> Unheard {
    let text = if path.is_empty() { why.to_owned() } else { format!("{path}: {why}") };
    Unheard::Unreadable(crate::clip(&text))
}
