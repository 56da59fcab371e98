//! Pages of documents by key, and the history of one.

use super::documents::{Row, all};
use crate::{Store, StoreError, Value};
use domain::{Case, Order, Parcel, Stored};
use serde::{Deserialize, Serialize};

/// Whose orders are wanted; `None` means everybody's. With both, only those that are both's.
#[derive(Debug, Clone, Default)]
pub struct OrderFilter {
    pub merchant: Option<String>,
    pub buyer: Option<String>,
    pub state: Option<String>,
    /// Only those that should have shipped and have not.
    pub late: bool,
}

// One statement per index: a filter that may be absent would hide it from the planner.
pub const ORDERS_OF_MERCHANT: &str = "select json_group_array(json(row))
from (
    select json_object('version', version, 'doc', json(doc)) as row
    from orders
    where merchant = ?1
        and id < ?2
        and (?3 is null or state = ?3)
        and (?5 is null or buyer = ?5)
    order by id desc
    limit ?4
)";
pub const ORDERS_OF_BUYER: &str = "select json_group_array(json(row))
from (
    select json_object('version', version, 'doc', json(doc)) as row
    from orders
    where buyer = ?1
        and id < ?2
        and (?3 is null or state = ?3)
        and ?5 is null
    order by id desc
    limit ?4
)";
pub const ORDERS_OF_ALL: &str = "select json_group_array(json(row))
from (
    select json_object('version', version, 'doc', json(doc)) as row
    from orders
    where ?1 is null
        and id < ?2
        and (?3 is null or state = ?3)
        and ?5 is null
    order by id desc
    limit ?4
)";

pub const ORDERS_LATE: &str = "select json_group_array(json(row))
from (
    select json_object('version', version, 'doc', json(doc)) as row
    from orders
    where doc ->> 'late_since' is not null
        and (?1 is null or merchant = ?1)
        and id < ?2
        and (?3 is null or state = ?3)
        and (?5 is null or buyer = ?5)
    order by id desc
    limit ?4
)";

pub const HISTORY: &str = "select json_group_array(json(row))
from (
    select json_object(
        'at', at_ms, 'kind', kind, 'id', id, 'actor', json(actor), 'event', json(event)
    ) as row
    from (
        select seq, at_ms, kind, id, actor, event
        from journal
        where id = ?1
        union all
        select j.seq, j.at_ms, j.kind, j.id, j.actor, j.event
        from parcels as p
        join journal as j on j.id = p.id
        where p.order_id = ?1
        union all
        select j.seq, j.at_ms, j.kind, j.id, j.actor, j.event
        from after_sales as c
        join journal as j on j.id = c.id
        where c.order_id = ?1
        union all
        select j.seq, j.at_ms, j.kind, j.id, j.actor, j.event
        from exceptions as e
        join journal as j on j.id = e.id
        where e.order_id = ?1
            and j.event ->> 'event' in (
                'opened', 'awaited', 'intercept_asked', 'intercept_failed', 'resolved',
                'turned_up'
            )
    )
    order by seq
)";

pub const SCANS: &str = "select json_group_array(json(row))
from (
    select f.fact as row
    from parcels as p
    join facts as f on f.subject = p.waybill
    where p.order_id = ?1
        and f.kind = 'tracking'
    order by f.occurred_at_ms
)";

pub const PARCELS_OF_ORDER: &str = "select json_group_array(json(row))
from (
    select json_object('version', version, 'doc', json(doc)) as row
    from parcels
    where order_id = ?1
    order by id
)";

pub const CASES_OF_ORDER: &str = "select json_group_array(json(row))
from (
    select json_object('version', version, 'doc', json(doc)) as row
    from after_sales
    where order_id = ?1
    order by id
)";

/// Something that happened, as the journal has it.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
pub struct Happened {
    /// Milliseconds since 1970.
    pub at: i64,
    pub kind: String,
    pub id: String,
    pub actor: serde_json::Value,
    pub event: serde_json::Value,
}

impl Store {
    /// Orders with an id before `before`, the newest first.
    pub async fn orders_page(
        &self,
        filter: &OrderFilter,
        before: &str,
        limit: i64,
    ) -> Result<Vec<Stored<Order>>, StoreError> {
        let text = |text: &Option<String>| text.as_deref().map_or(Value::Null, Value::from);
        let (merchant, buyer) = (text(&filter.merchant), text(&filter.buyer));
        let (sql, whose, of_buyer) = match (&filter.merchant, &filter.buyer) {
            _ if filter.late => (ORDERS_LATE, merchant, buyer),
            (Some(_), _) => (ORDERS_OF_MERCHANT, merchant, buyer),
            (None, Some(_)) => (ORDERS_OF_BUYER, buyer, Value::Null),
            (None, None) => (ORDERS_OF_ALL, Value::Null, Value::Null),
        };
        let params = vec![whose, before.into(), text(&filter.state), Value::Int(limit), of_buyer];
        let rows: Option<Vec<Row<Order>>> = self.read("list orders", sql, params).await?;
        Ok(all(rows.unwrap_or_default()))
    }

    /// What happened to an order, its parcels and its cases, the oldest first.
    pub async fn history(&self, order: &str) -> Result<Vec<Happened>, StoreError> {
        let rows = self.read("read a history", HISTORY, vec![order.into()]).await?;
        Ok(rows.unwrap_or_default())
    }

    /// What carriers said of an order's parcels, by their time.
    pub async fn scans(&self, order: &str) -> Result<Vec<domain::TrackingFact>, StoreError> {
        let rows = self.read("read tracking", SCANS, vec![order.into()]).await?;
        Ok(rows.unwrap_or_default())
    }

    pub async fn parcels_of(&self, order: &str) -> Result<Vec<Stored<Parcel>>, StoreError> {
        let rows: Option<Vec<Row<Parcel>>> =
            self.read("read parcels", PARCELS_OF_ORDER, vec![order.into()]).await?;
        Ok(all(rows.unwrap_or_default()))
    }

    pub async fn cases_of(&self, order: &str) -> Result<Vec<Stored<Case>>, StoreError> {
        let rows: Option<Vec<Row<Case>>> =
            self.read("read cases", CASES_OF_ORDER, vec![order.into()]).await?;
        Ok(all(rows.unwrap_or_default()))
    }
}
