//! Database faults on order: the next statements fail as SQLite would let them fail.
//!
//! Tests arm them over the control port. Statements that only set something up (`pragma`) are
//! never counted as writing, so that "the second write" is the function's second write.

use serde::Deserialize;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// Somebody else holds the lock.
    Busy,
    /// The disk is full.
    Full,
    /// The disk fails.
    Io,
    /// The statement runs and commits, but nobody hears of it.
    LostAnswer,
    /// Nothing: disarms.
    None,
}

/// An order: skip `after` statements, then fail `count`.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Order {
    /// What goes wrong.
    pub database: Fault,
    /// How often.
    #[serde(default = "one")]
    pub count: u64,
    /// How many statements pass first.
    #[serde(default)]
    pub after: u64,
    /// Whether statements that only read are counted too.
    #[serde(default)]
    pub reads: bool,
}

/// The order that is being carried out, if any.
#[derive(Debug, Default)]
pub struct Faults {
    armed: AtomicBool,
    order: Mutex<Option<Order>>,
}

impl Faults {
    /// Replaces the order.
    pub fn arm(&self, order: Order) {
        let wanted = order.database != Fault::None && order.count > 0;
        *self.order.lock().unwrap_or_else(PoisonError::into_inner) = wanted.then_some(order);
        self.armed.store(wanted, Ordering::Release);
    }

    /// Whether anything is to go wrong.
    pub fn is_armed(&self) -> bool {
        self.armed.load(Ordering::Acquire)
    }

    /// What goes wrong with the statement that is about to run.
    pub fn strike(&self, writes: bool) -> Option<Fault> {
        if !self.is_armed() {
            return None;
        }
        let mut slot = self.order.lock().unwrap_or_else(PoisonError::into_inner);
        let order = slot.as_mut().filter(|order| writes || order.reads)?;
        if order.after > 0 {
            order.after -= 1;
            return None;
        }
        let fault = order.database;
        order.count = order.count.saturating_sub(1);
        if order.count == 0 {
            *slot = None;
            self.armed.store(false, Ordering::Release);
        }
        Some(fault)
    }
}

impl Fault {
    /// What SQLite says to it.
    pub fn text(self) -> &'static str {
        match self {
            Self::Busy => "database is locked",
            Self::Full => "database or disk is full",
            Self::Io | Self::LostAnswer => "disk I/O error",
            Self::None => "not an error",
        }
    }
}

fn one() -> u64 {
    1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn armed(text: &str) -> Faults {
        let faults = Faults::default();
        faults.arm(serde_json::from_str(text).unwrap());
        faults
    }

    #[test]
    fn the_ordered_number_of_writes_fails_after_the_ordered_number_of_passes() {
        let faults = armed(r#"{"database":"busy","count":2,"after":1}"#);
        let seen: Vec<_> = [true, false, true, true, true].map(|w| faults.strike(w)).into();
        assert_eq!(seen, [None, None, Some(Fault::Busy), Some(Fault::Busy), None]);
    }

    #[test]
    fn reads_fail_only_when_asked_for_and_none_disarms() {
        let faults = armed(r#"{"database":"lost_answer","reads":true}"#);
        assert_eq!(faults.strike(false), Some(Fault::LostAnswer));
        let faults = armed(r#"{"database":"io","count":9}"#);
        faults.arm(serde_json::from_str(r#"{"database":"none"}"#).unwrap());
        assert_eq!(faults.strike(true), None);
    }
}
