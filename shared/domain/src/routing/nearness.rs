//! How near a warehouse is, by the codes of administrative divisions.

use serde::{Deserialize, Serialize};

/// The smallest division that both are in, by GB/T 2260: two digits are a province, four a city,
/// six a district.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Nearness {
    District,
    City,
    Province,
    Elsewhere,
}

/// In the place of a city, of counties that a province governs itself: they share no city.
const NO_CITY: &str = "90";

impl Nearness {
    /// Of two codes. One that is shorter says less: it can only be near as far as it goes.
    pub fn of(one: &str, other: &str) -> Self {
        let same = |digits: usize| match (one.get(..digits), other.get(..digits)) {
            (Some(one), Some(other)) => one == other,
            (_, _) => false,
        };
        if same(6) {
            Self::District
        } else if same(4) && one.get(2..4) != Some(NO_CITY) {
            Self::City
        } else if same(2) {
            Self::Province
        } else {
            Self::Elsewhere
        }
    }

    /// Steps away: none within a district, three to another province.
    pub fn steps(self) -> i64 {
        match self {
            Self::District => 0,
            Self::City => 1,
            Self::Province => 2,
            Self::Elsewhere => 3,
        }
    }
}
