//! What somebody says in their own words about a change.

use edge::Problem;

/// 1 to 500 characters, if there are any.
pub fn checked(note: Option<String>) -> Result<Option<String>, Problem> {
    match note {
        Some(text) if !(1..=500).contains(&text.trim().chars().count()) => {
            Err(Problem::invalid("#/note", "out_of_range", "1 to 500 characters"))
        }
        note => Ok(note),
    }
}
