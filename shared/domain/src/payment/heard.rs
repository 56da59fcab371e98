//! Which of two things that a gateway said of a refund counts: the later one by the gateway's own
//! clock. Webhooks overtake one another, so what is heard last is not what happened last.

use super::RefundNews;
use crate::{MINUTE, Millis};
use serde::{Deserialize, Serialize};

/// How far a gateway's clock may be from ours: what is signed further off is not believed.
const CLOCKS_DIFFER_MS: i64 = 5 * MINUTE;

/// How a gateway said that a refund ended. The later one is the greater one. Within the same
/// second a failure is: what was paid back can be returned, and what failed is not paid any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RefundEnd {
    /// By the gateway's clock.
    pub at: Millis,
    pub failed: bool,
}

impl RefundEnd {
    /// The time of an answer to a question of ours, which has none of its own: not later than it
    /// was asked, whichever clock is ahead.
    pub fn answered_at(asked_at: Millis) -> Millis {
        Millis(asked_at.0 - CLOCKS_DIFFER_MS)
    }
}

impl RefundNews {
    /// The end that it tells, if it is one that happened at the gateway.
    pub(crate) fn end(&self) -> Option<RefundEnd> {
        match self {
            Self::Succeeded { at } => Some(RefundEnd { at: *at, failed: false }),
            Self::Failed { at, .. } => Some(RefundEnd { at: *at, failed: true }),
            Self::Pending | Self::NotTaken { .. } | Self::Undecided { .. } => None,
        }
    }
}
