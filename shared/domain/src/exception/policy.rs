//! What a shop says about exceptions: when silence is one, and by when each kind is to be decided.

use super::{Exception, ExceptionState, Trouble};
use crate::Liability;
use crate::time::HOUR;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Durations in milliseconds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ExceptionPolicy {
    /// No scan for so long after the hand-over: it was not picked up.
    pub no_pickup_ms: i64,
    /// No scan for so long on the way.
    pub no_scan_ms: i64,
    /// So many attempts to deliver may fail without an exception.
    pub failed_attempts_at_most: i64,
    /// By when an exception of a kind is to be decided; those that are not named have a day.
    pub decide_ms: BTreeMap<Trouble, i64>,
    /// What happens to an exception of a kind that nobody decides in time; those that are not named
    /// are escalated.
    pub when_overdue: BTreeMap<Trouble, WhenOverdue>,
    /// Who bears what was lost where nobody says otherwise.
    pub losses_on: Liability,
}

/// What the clock does about an exception that nobody decided in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WhenOverdue {
    Escalate,
    /// The parcel is given up and its units are paid back.
    Refund,
}

impl Default for ExceptionPolicy {
    fn default() -> Self {
        let decide_ms = [
            (Trouble::Intercept, 4 * HOUR),
            (Trouble::NoPickup, 12 * HOUR),
            (Trouble::Address, 12 * HOUR),
            (Trouble::Delay, 48 * HOUR),
            (Trouble::Customs, 72 * HOUR),
            (Trouble::Returning, 72 * HOUR),
        ];
        Self {
            no_pickup_ms: 24 * HOUR,
            no_scan_ms: 48 * HOUR,
            failed_attempts_at_most: 1,
            decide_ms: decide_ms.into(),
            when_overdue: BTreeMap::new(),
            losses_on: Liability::Merchant,
        }
    }
}

impl ExceptionPolicy {
    /// By when an exception of this kind is to be decided.
    pub fn decide_in(&self, kind: Trouble) -> i64 {
        self.decide_ms.get(&kind).copied().unwrap_or(24 * HOUR)
    }

    /// What happens to an exception whose time has come. Who decided to wait has time to decide
    /// once more when that is over.
    pub fn when_overdue(&self, exception: &Exception) -> WhenOverdue {
        match exception.state {
            ExceptionState::Open | ExceptionState::Intercepting { .. } => {
                self.when_overdue.get(&exception.kind).copied().unwrap_or(WhenOverdue::Escalate)
            }
            ExceptionState::Waiting { .. } | ExceptionState::Resolved { .. } => {
                WhenOverdue::Escalate
            }
        }
    }
}
