//! What somebody says in their own words about a change.

use edge::{Problem, sentence};

/// 1 to 500 characters, if there are any.
pub fn checked(note: Option<String>) -> Result<Option<String>, Problem> {
    if let Some(text) = &note {
        sentence("note", text, 500)?;
    }
    Ok(note)
}
