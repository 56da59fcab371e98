//! Picking: orders are planned into waves, waves into lists, and each list is walked by one picker,
//! who says of each task how many pieces they found.
//!
//! A list does not hear what happens to its orders. Whatever was cancelled, packed, moved or is in
//! doubt since is seen when the list is looked at and when a task is confirmed, on the orders as
//! they are then; so no way to change an order can forget the lists. That a piece is on one open
//! list at most is the store's guard: an order is on the lists of one wave in a warehouse, and on
//! no other until they are through.

mod carriers;
mod confirm;
mod event;
mod list;
mod plan;
mod short;
mod wave;

pub use carriers::*;
pub use confirm::*;
pub use event::*;
pub use list::*;
pub use plan::*;
pub use short::*;
pub use wave::*;

use serde::{Deserialize, Serialize};

/// How a shop picks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PickingPolicy {
    /// Orders of one list, where the wave says nothing.
    pub orders_per_list_at_most: usize,
    /// Places to go to of one list.
    pub tasks_per_list_at_most: usize,
    /// What becomes of pieces that are not found; none: the picker says it.
    pub short_pick: Option<ShortOutcome>,
    /// Pieces that are waited for are looked for again after this.
    pub short_wait_ms: i64,
    /// A buyer has so long to say whether they take a substitute.
    pub consent_within_ms: i64,
}

impl Default for PickingPolicy {
    fn default() -> Self {
        Self {
            orders_per_list_at_most: 20,
            tasks_per_list_at_most: 100,
            short_pick: None,
            short_wait_ms: crate::DAY,
            consent_within_ms: crate::DAY,
        }
    }
}
