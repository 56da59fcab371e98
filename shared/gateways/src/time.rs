//! Gateways' times as ours, and ours as theirs.
//!
//! A time that does not read is refused with its field's name. It knows no gateway and no clock.

use crate::Unheard;
use crate::json::unreadable;
use chrono::{DateTime, NaiveDateTime};
use domain::{HOUR, Millis};

/// `2026-01-15T09:59:58+08:00` (RFC 3339).
pub(crate) fn rfc3339(text: &str, path: &str) -> Result<Millis, Unheard> {
    let time = DateTime::parse_from_rfc3339(text).map_err(|_| unreadable(path, "not a time"))?;
    Ok(Millis(time.timestamp_millis()))
}

/// `2026-01-15 12:00:04` or with milliseconds, without a zone: always +08:00.
pub(crate) fn beijing(text: &str, path: &str) -> Result<Millis, Unheard> {
    let time = NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f")
        .map_err(|_| unreadable(path, "not a time"))?;
    Ok(Millis(time.and_utc().timestamp_millis()).plus(-8 * HOUR))
}

/// The same form, of a time of ours.
pub(crate) fn in_beijing(at: Millis) -> String {
    let time = DateTime::from_timestamp_millis(at.plus(8 * HOUR).0).unwrap_or_default();
    time.format("%Y-%m-%d %H:%M:%S").to_string()
}
