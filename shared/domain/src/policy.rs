//! What a shop may set: durations and limits, and the defaults where it sets none.
//! Anything that decides about money is frozen on the order when it is placed.

use crate::time::{DAY, HOUR, MINUTE};
use serde::{Deserialize, Serialize};

/// All durations in milliseconds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Policy {
    /// An unpaid purchase expires.
    pub unpaid_ms: i64,
    /// The expected ship date told to the buyer.
    pub ship_within_ms: i64,
    /// A delivered order completes by itself.
    pub auto_complete_ms: i64,
    /// After completion, a case may be opened.
    pub case_window_ms: i64,
    /// A merchant reviews a case.
    pub review_ms: i64,
    /// A buyer sends the goods back.
    pub return_ms: i64,
    /// An idempotency key is remembered.
    pub idempotency_ms: i64,
    /// Lines in one purchase.
    pub lines_at_most: usize,
    /// Pieces in one line.
    pub pieces_at_most: i64,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            unpaid_ms: 30 * MINUTE,
            ship_within_ms: 48 * HOUR,
            auto_complete_ms: 7 * DAY,
            case_window_ms: 7 * DAY,
            review_ms: 48 * HOUR,
            return_ms: 7 * DAY,
            idempotency_ms: DAY,
            lines_at_most: 200,
            pieces_at_most: 9_999,
        }
    }
}
