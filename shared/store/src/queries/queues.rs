//! What is due by the clock, and what partners told before.

use crate::{Store, StoreError, Value};
use domain::TimerKind;
use serde::Deserialize;

pub const DUE_TIMERS: &str = "select json_group_array(json(row))
from (
    select json_object('subject', subject, 'kind', kind, 'due_at', due_at_ms) as row
    from timers
    where due_at_ms <= ?1
    order by due_at_ms
    limit ?2
)";

pub const TIMER: &str = "select json_object(
    'subject', subject, 'kind', kind, 'due_at', due_at_ms
)
from timers
where subject = ?1
    and kind = ?2";

pub const KNOWS_FACT: &str = "select 'true'
from facts
where key = ?1";

/// A timer whose time has come.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct DueTimer {
    pub subject: String,
    pub kind: TimerKind,
    /// Milliseconds since 1970.
    pub due_at: i64,
}

impl Store {
    /// Timers that are due, the longest overdue first.
    pub async fn due_timers(&self, now_ms: i64, limit: i64) -> Result<Vec<DueTimer>, StoreError> {
        let params = vec![Value::Int(now_ms), Value::Int(limit)];
        Ok(self.read("read due timers", DUE_TIMERS, params).await?.unwrap_or_default())
    }

    /// A timer as it is now; none if it was cleared.
    pub async fn timer(
        &self,
        kind: TimerKind,
        subject: &str,
    ) -> Result<Option<DueTimer>, StoreError> {
        self.read("read a timer", TIMER, vec![subject.into(), kind.word().into()]).await
    }

    /// Whether a partner's fact was told before.
    pub async fn knows_fact(&self, key: &str) -> Result<bool, StoreError> {
        let known = self.read("look for a fact", KNOWS_FACT, vec![key.into()]).await?;
        Ok(known.unwrap_or(false))
    }
}
