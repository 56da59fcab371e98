//! What is read to send an order from other warehouses.

use super::catalog::names;
use super::documents::Row;
use crate::{Store, StoreError};
use domain::{Available, Order, OrderId, RerouteSituation, ShopPolicy, Stored, WarehouseId};
use serde::Deserialize;

/// The order, all shelves of its goods and of what is offered instead of them in warehouses that
/// are not retired, which of the named warehouses those are, where it is on a pick list, and what
/// the shop set of its policy.
pub const REROUTING: &str = "select json_object(
    'order', json_object('version', o.version, 'doc', json(o.doc)),
    'stock', (
        select json_group_array(json_object(
            'sku', t.sku,
            'warehouse', t.warehouse,
            'region', w.doc ->> 'region',
            'cost_minor', coalesce(w.doc ->> 'cost_minor', 0),
            'priority', w.doc ->> 'priority',
            'pieces', t.on_hand - t.held
        ))
        from (
            select value ->> 'sku' as sku from json_each(o.doc, '$.lines')
            union
            select value ->> '$.instead.sku' from json_each(o.doc, '$.offers')
        ) as line
        join stock as t on t.sku = line.sku
        join warehouses as w on w.id = t.warehouse
        where coalesce(w.doc ->> 'active', 1)
    ),
    'active', (
        select json_group_array(w.id)
        from warehouses as w
        where w.id in (select value from json_each(?2))
            and coalesce(w.doc ->> 'active', 1)
    ),
    'picking', (
        select json_group_array(q.warehouse)
        from to_pick as q
        where q.order_id = o.id
            and q.taken_by is not null
    ),
    'policy', (
        select json_object('version', version, 'doc', json(doc))
        from policies
        where id = 'shop'
    )
)
from orders as o
where o.id = ?1";

#[derive(Deserialize)]
struct ReroutingRow {
    order: Row<Order>,
    stock: Vec<Available>,
    active: Vec<WarehouseId>,
    picking: Vec<WarehouseId>,
    policy: Option<Row<ShopPolicy>>,
}

/// An order, and what its warehouses are chosen by.
#[derive(Debug, Clone)]
pub struct Rerouting {
    pub order: Stored<Order>,
    pub situation: RerouteSituation,
    /// What the shop set of its policy.
    pub set: Option<Stored<ShopPolicy>>,
}

impl Store {
    /// All that a change of an order's warehouses is decided on; `to` is the one that is meant.
    pub async fn rerouting(
        &self,
        order: &OrderId,
        to: Option<&WarehouseId>,
    ) -> Result<Option<Rerouting>, StoreError> {
        let meant = names(to.into_iter().map(WarehouseId::as_str));
        let row: Option<ReroutingRow> = self
            .read("read an order's warehouses", REROUTING, vec![order.as_str().into(), meant])
            .await?;
        Ok(row.map(|row| {
            let ReroutingRow { order, stock, active, picking, policy } = row;
            let situation = RerouteSituation { stock, active, picking };
            Rerouting { order: order.into(), situation, set: policy.map(Stored::from) }
        }))
    }
}
