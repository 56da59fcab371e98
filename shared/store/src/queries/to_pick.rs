//! What a warehouse has to do: orders whose pieces wait there, in no parcel and on no pick list.

use crate::{Store, StoreError, Value};
use domain::{Order, OrderId, WarehouseId};
use serde::Deserialize;

/// A page, the earliest promise first. `?2` and `?3` are the place of the last row seen.
pub const TO_PICK: &str = "select json_group_array(json(row))
from (
    select json_object(
        'ship_by', q.ship_by_ms, 'since', q.since_ms, 'lines', q.lines, 'pieces', q.pieces,
        'order', json(o.doc)
    ) as row
    from to_pick as q
    cross join orders as o on o.id = q.order_id
    where q.warehouse = ?1
        and q.taken_by is null
        and (q.ship_by_ms, q.order_id) > (?2, ?3)
        and (?4 is null or o.merchant = ?4)
    order by q.ship_by_ms, q.order_id
    limit ?5
)";

/// An order with pieces that wait in a warehouse.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Waiting {
    /// By when the buyer was told it ships; milliseconds since 1970.
    pub ship_by: i64,
    /// When it was confirmed; milliseconds since 1970.
    pub since: i64,
    /// Of the order, in that warehouse.
    pub lines: i64,
    pub pieces: i64,
    pub order: Order,
}

/// Where a page of what waits begins.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WaitingAfter {
    pub ship_by: i64,
    pub order: String,
}

impl WaitingAfter {
    /// The place of a row, from which the next page goes on.
    pub fn key(ship_by: i64, order: &OrderId) -> String {
        format!("{ship_by}/{order}")
    }

    /// Reads such a place; `None` if it is none.
    pub fn parse(key: &str) -> Option<Self> {
        let (ship_by, order) = key.split_once('/')?;
        Some(Self { ship_by: ship_by.parse().ok()?, order: order.to_owned() })
    }
}

impl Store {
    /// Orders that wait in a warehouse, those that are to ship first before the others.
    pub async fn to_pick(
        &self,
        warehouse: &WarehouseId,
        merchant: Option<&str>,
        after: &WaitingAfter,
        limit: i64,
    ) -> Result<Vec<Waiting>, StoreError> {
        let params = vec![
            warehouse.as_str().into(),
            Value::Int(after.ship_by),
            after.order.as_str().into(),
            merchant.map_or(Value::Null, Value::from),
            Value::Int(limit),
        ];
        Ok(self.read("list what is to be picked", TO_PICK, params).await?.unwrap_or_default())
    }
}
