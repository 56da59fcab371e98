//! Messages: what is due, what became of each, and what is needed to send one.

use super::documents::{Row, all};
use crate::{Store, StoreError, Value};
use domain::{Buyer, Endpoint, MessageState, OrderNumber, Recipient, Stored};
use serde::Deserialize;

pub const DUE_MESSAGES: &str = "select json_group_array(json(row))
from (
    select json_object(
        'id', id, 'created_at', created_at_ms, 'message', json(message), 'trace', trace,
        'attempts', attempts, 'asked', asked
    ) as row
    from outbox
    where state = 'waiting'
        and due_at_ms <= ?1
    order by due_at_ms
    limit ?2
)";

pub const MESSAGES_OF_ORDER: &str = "select json_group_array(json(row))
from (
    select json_object(
        'id', id, 'created_at', created_at_ms, 'message', json(message), 'state', state,
        'attempts', attempts, 'due_at', due_at_ms, 'note', note
    ) as row
    from outbox
    where id >= ?1 || ':'
        and id < ?1 || ';'
        and state <> 'routed'
    order by created_at_ms, id
    limit ?2
)";

pub const MESSAGES_OF_ENDPOINT: &str = "select json_group_array(json(row))
from (
    select json_object(
        'id', id, 'created_at', created_at_ms, 'message', json(message), 'state', state,
        'attempts', attempts, 'due_at', due_at_ms, 'note', note
    ) as row
    from outbox
    where endpoint = ?1
        and (created_at_ms, id) < (?2, ?3)
        and (?4 is null or state = ?4)
    order by created_at_ms desc, id desc
    limit ?5
)";

pub const MESSAGE: &str = "select json_object(
    'message', json_object(
        'id', id, 'created_at', created_at_ms, 'message', json(message), 'state', state,
        'attempts', attempts, 'due_at', due_at_ms, 'note', note
    ),
    'log', (
        select json_group_array(json(row))
        from (
            select json_object(
                'at', a.at_ms, 'took_ms', a.took_ms, 'status', a.status, 'outcome', a.outcome,
                'note', a.note
            ) as row
            from attempts as a
            where a.message = ?1
            order by a.seq
        )
    )
)
from outbox
where id = ?1";

pub const ENDPOINTS_OF: &str = "select json_group_array(json(row))
from (
    select json_object('version', version, 'doc', json(doc)) as row
    from endpoints
    where merchant = ?1
    order by id
)";

pub const NEWS: &str = "select json_object(
    'buyer', (
        select json(b.doc)
        from buyers as b
        where b.id = ?1
    ),
    'number', o.number,
    'phone', o.doc ->> '$.delivery.phone',
    'shop', coalesce((
        select m.doc ->> 'name'
        from merchants as m
        where m.id = o.merchant
    ), ''),
    'goods', coalesce(o.doc ->> '$.lines[0].name', ''),
    'pieces', (
        select coalesce(sum(line.value ->> 'quantity'), 0)
        from json_each(o.doc, '$.lines') as line
    ),
    'kinds', json_array_length(o.doc, '$.lines')
)
from orders as o
where o.id = ?2";

/// A message that waits to be sent.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct DueMessage {
    pub id: String,
    /// Milliseconds since 1970.
    pub created_at: i64,
    pub message: Recipient,
    pub trace: Option<String>,
    pub attempts: i64,
    /// How often a person wanted it once more.
    pub asked: i64,
}

/// A message and how far it has come.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct KeptMessage {
    pub id: String,
    /// Milliseconds since 1970.
    pub created_at: i64,
    pub message: Recipient,
    pub state: MessageState,
    pub attempts: i64,
    /// Milliseconds since 1970: when it is tried next.
    pub due_at: i64,
    pub note: Option<String>,
}

/// One line of the delivery log.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct LoggedAttempt {
    /// Milliseconds since 1970.
    pub at: i64,
    pub took_ms: Option<i64>,
    pub status: Option<u16>,
    pub outcome: String,
    pub note: Option<String>,
}

/// A message with its log.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct LoggedMessage {
    pub message: KeptMessage,
    pub log: Vec<LoggedAttempt>,
}

/// What is needed to tell a buyer of an order.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct NewsOf {
    /// What they said about how they are told.
    pub buyer: Option<Buyer>,
    pub number: OrderNumber,
    /// Of the delivery.
    pub phone: String,
    /// The merchant's name.
    pub shop: String,
    /// The first line's name; how many lines and pieces there are.
    pub goods: String,
    pub kinds: i64,
    pub pieces: i64,
}

/// Where a page of an endpoint's messages goes on: before this time and id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Before {
    pub created_at: i64,
    pub id: String,
}

/// Messages of one order that are shown at most.
const OF_ORDER_AT_MOST: i64 = 1_000;

impl Store {
    /// Messages that are due, the longest waiting first.
    pub async fn due_messages(
        &self,
        now_ms: i64,
        limit: i64,
    ) -> Result<Vec<DueMessage>, StoreError> {
        let params = vec![Value::Int(now_ms), Value::Int(limit)];
        Ok(self.read("read due messages", DUE_MESSAGES, params).await?.unwrap_or_default())
    }

    /// Messages about an order, the oldest first.
    pub async fn messages_of_order(&self, order: &str) -> Result<Vec<KeptMessage>, StoreError> {
        let params = vec![order.into(), Value::Int(OF_ORDER_AT_MOST)];
        Ok(self.read("read messages", MESSAGES_OF_ORDER, params).await?.unwrap_or_default())
    }

    /// Messages to an endpoint, the newest first; all states, or one.
    pub async fn messages_of_endpoint(
        &self,
        endpoint: &str,
        before: &Before,
        state: Option<MessageState>,
        limit: i64,
    ) -> Result<Vec<KeptMessage>, StoreError> {
        let state = state.map_or(Value::Null, |state| state.word().into());
        let (at, id) = (Value::Int(before.created_at), before.id.as_str().into());
        let params = vec![endpoint.into(), at, id, state, Value::Int(limit)];
        let rows = self.read("read messages", MESSAGES_OF_ENDPOINT, params).await?;
        Ok(rows.unwrap_or_default())
    }

    /// One message with its log.
    pub async fn message(&self, id: &str) -> Result<Option<LoggedMessage>, StoreError> {
        self.read("read a message", MESSAGE, vec![id.into()]).await
    }

    /// The endpoints of a merchant, the oldest first.
    pub async fn endpoints_of(&self, merchant: &str) -> Result<Vec<Stored<Endpoint>>, StoreError> {
        let rows: Option<Vec<Row<Endpoint>>> =
            self.read("read endpoints", ENDPOINTS_OF, vec![merchant.into()]).await?;
        Ok(all(rows.unwrap_or_default()))
    }

    /// What is needed to tell a buyer of an order; nothing if there is no such order.
    pub async fn news_of(&self, buyer: &str, order: &str) -> Result<Option<NewsOf>, StoreError> {
        self.read("read what a buyer is told", NEWS, vec![buyer.into(), order.into()]).await
    }
}
