//! What has happened to waves and pick lists, as it is kept in their histories.

use super::{PickList, Planned, ShortOutcome, Wave};
use crate::{Millis, OrderId};
use serde::{Deserialize, Serialize};

/// What has happened to a wave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "event")]
pub enum WaveEvent {
    Begun {
        wave: Box<Wave>,
    },
    /// A part of it is on lists.
    Listed {
        more: Planned,
        at: Millis,
    },
    /// All of it is on lists.
    Planned {
        at: Millis,
    },
}

/// What has happened to a pick list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "event")]
pub enum PickListEvent {
    Listed {
        list: Box<PickList>,
    },
    /// Somebody walks it.
    Claimed {
        by: String,
        at: Millis,
    },
    /// Nobody does any more.
    GivenBack {
        at: Millis,
    },
    /// What was found of a task.
    Confirmed {
        task: u16,
        by: String,
        found: Vec<Found>,
        /// What becomes of what was not found.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        short: Option<ShortOutcome>,
        at: Millis,
    },
    /// Whatever was not picked is not picked with it.
    CalledOff {
        at: Millis,
    },
}

/// What was found of an order's portion in a task. The three sum to what was wanted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    pub order: OrderId,
    pub line: u16,
    pub picked: i64,
    #[serde(default, skip_serializing_if = "crate::order::is_zero")]
    pub short: i64,
    /// Not wanted any more.
    #[serde(default, skip_serializing_if = "crate::order::is_zero")]
    pub dropped: i64,
}
