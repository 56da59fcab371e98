//! What is due: timers and messages.

use crate::{Store, StoreError, Value};
use domain::{Recipient, TimerKind};
use serde::Deserialize;

pub const DUE_TIMERS: &str = "select json_group_array(json(row))
from (
    select json_object('subject', subject, 'kind', kind) as row
    from timers
    where due_at_ms <= ?1
    order by due_at_ms
    limit ?2
)";

pub const DUE_MESSAGES: &str = "select json_group_array(json(row))
from (
    select json_object(
        'id', id, 'created_at', created_at_ms, 'message', json(message), 'trace', trace,
        'attempts', attempts
    ) as row
    from outbox
    where state = 'waiting'
        and due_at_ms <= ?1
    order by due_at_ms
    limit ?2
)";

pub const MESSAGES_OF: &str = "select json_group_array(json(row))
from (
    select json_object(
        'id', id, 'recipient', recipient, 'state', state, 'attempts', attempts,
        'due_at', due_at_ms, 'note', note
    ) as row
    from outbox
    where id >= ?1
        and id < ?1 || ';'
    order by created_at_ms
)";

pub const KNOWS_FACT: &str = "select 'true'
from facts
where key = ?1";

/// A timer whose time has come.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct DueTimer {
    pub subject: String,
    pub kind: TimerKind,
}

/// A message that waits to be sent.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct DueMessage {
    pub id: String,
    /// Milliseconds since 1970.
    pub created_at: i64,
    pub message: Recipient,
    pub trace: Option<String>,
    pub attempts: i64,
}

/// How far a message has come.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, serde::Serialize)]
pub struct MessageState {
    pub id: String,
    pub recipient: String,
    pub state: String,
    pub attempts: i64,
    pub due_at: i64,
    pub note: Option<String>,
}

impl Store {
    /// Timers that are due, the longest overdue first.
    pub async fn due_timers(&self, now_ms: i64, limit: i64) -> Result<Vec<DueTimer>, StoreError> {
        let params = vec![Value::Int(now_ms), Value::Int(limit)];
        Ok(self.read("read due timers", DUE_TIMERS, params).await?.unwrap_or_default())
    }

    /// Whether a partner's fact was told before.
    pub async fn knows_fact(&self, key: &str) -> Result<bool, StoreError> {
        let known = self.read("look for a fact", KNOWS_FACT, vec![key.into()]).await?;
        Ok(known.unwrap_or(false))
    }

    /// Messages that are due, the longest waiting first.
    pub async fn due_messages(
        &self,
        now_ms: i64,
        limit: i64,
    ) -> Result<Vec<DueMessage>, StoreError> {
        let params = vec![Value::Int(now_ms), Value::Int(limit)];
        Ok(self.read("read due messages", DUE_MESSAGES, params).await?.unwrap_or_default())
    }

    /// Messages whose ids begin with `subject` and a colon or are `subject`: an order's.
    pub async fn messages_of(&self, subject: &str) -> Result<Vec<MessageState>, StoreError> {
        Ok(self.read("read messages", MESSAGES_OF, vec![subject.into()]).await?.unwrap_or_default())
    }
}
