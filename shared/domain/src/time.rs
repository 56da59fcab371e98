//! Points in time and durations, as integer milliseconds. The domain never asks what time it is:
//! `now` is an argument.

use serde::{Deserialize, Serialize};

/// A point in time: milliseconds since 1970-01-01T00:00:00Z.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Default,
)]
#[serde(transparent)]
pub struct Millis(pub i64);

pub const SECOND: i64 = 1_000;
pub const MINUTE: i64 = 60 * SECOND;
pub const HOUR: i64 = 60 * MINUTE;
pub const DAY: i64 = 24 * HOUR;

impl Millis {
    /// This time and `ms` milliseconds more; stays at the end of time instead of wrapping.
    #[must_use]
    pub fn plus(self, ms: i64) -> Self {
        Self(self.0.saturating_add(ms))
    }

    /// Year, month and day in UTC (proleptic Gregorian; Howard Hinnant's `civil_from_days`).
    pub fn ymd(self) -> (i64, u32, u32) {
        let z = self.0.div_euclid(DAY) + 719_468;
        let era = z.div_euclid(146_097);
        let doe = z.rem_euclid(146_097);
        let yoe = (doe - doe / 1_460 + doe / 36_524 - doe / 146_096) / 365;
        let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
        let mp = (5 * doy + 2) / 153;
        let day = u32::try_from(doy - (153 * mp + 2) / 5 + 1).unwrap_or(1);
        let month = u32::try_from(if mp < 10 { mp + 3 } else { mp - 9 }).unwrap_or(1);
        (yoe + era * 400 + i64::from(month <= 2), month, day)
    }

    /// `261122` for 2026-11-22.
    pub(crate) fn yymmdd(self) -> String {
        let (year, month, day) = self.ymd();
        format!("{:02}{month:02}{day:02}", year.rem_euclid(100))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_of_a_time_is_the_calendars() {
        assert_eq!(Millis(0).ymd(), (1970, 1, 1));
        assert_eq!(Millis(951_782_400_000).ymd(), (2000, 2, 29));
        assert_eq!(Millis(1_795_363_200_000).yymmdd(), "261122");
        assert_eq!(Millis(-1).ymd(), (1969, 12, 31));
    }
}
