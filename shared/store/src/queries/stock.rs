//! Stock: what is where, what moved it, and what is running out.

use super::catalog::names;
use crate::{Store, StoreError, Value};
use domain::{Shelves, Sku, SkuId, StockLevel, WarehouseId};
use serde::Deserialize;
use std::collections::BTreeSet;

pub const SHELVES: &str = "select json_object(
    'skus', (
        select json_group_array(json(doc))
        from skus
        where id in (select value from json_each(?1))
    ),
    'warehouses', (
        select json_group_array(id)
        from warehouses
        where id in (select value from json_each(?2))
    ),
    'levels', (
        select json_group_array(json_object(
            'sku', sku, 'warehouse', warehouse, 'on_hand', on_hand, 'held', held
        ))
        from stock
        where sku in (select value from json_each(?1))
    )
)";

pub const MOVEMENTS: &str = "select json_group_array(json(row))
from (
    select json_object(
        'seq', seq, 'at', at_ms, 'sku', sku, 'warehouse', warehouse, 'change', on_hand,
        'balance', balance, 'why', why, 'note', note, 'about', about, 'actor', json(actor)
    ) as row
    from stock_moves
    where sku = ?1
        and seq < ?2
        and (?3 is null or warehouse = ?3)
    order by seq desc
    limit ?4
)";

pub const ADJUSTMENT: &str = "select json_group_array(json(row))
from (
    select json_object(
        'seq', m.seq, 'at', m.at_ms, 'sku', m.sku, 'warehouse', m.warehouse,
        'change', m.on_hand, 'balance', m.balance, 'why', m.why, 'note', m.note,
        'about', m.about, 'actor', json(m.actor), 'merchant', s.doc ->> 'merchant'
    ) as row
    from stock_moves as m
    left join skus as s on s.id = m.sku
    where m.about = ?1
        and m.about glob 'adj_*'
    order by m.seq
)";

// One statement per index: a filter that may be absent would hide it from the planner. Retired SKUs
// run out without anybody minding.
pub const LOW_OF_ALL: &str = "select json_group_array(json(row))
from (
    select json_object(
        'sku', s.id, 'merchant', s.merchant, 'name', s.doc ->> 'name', 'level', s.low_stock,
        'on_hand', coalesce(sum(t.on_hand), 0), 'held', coalesce(sum(t.held), 0)
    ) as row
    from skus as s
    left join stock as t
        on t.sku = s.id
        and (?3 is null or t.warehouse = ?3)
    where ?1 is null
        and s.low_stock is not null
        and s.id > ?2
        and coalesce(s.doc ->> 'active', 1)
    group by s.id
    having coalesce(sum(t.on_hand - t.held), 0) <= s.low_stock
    order by s.id
    limit ?4
)";
pub const LOW_OF_MERCHANT: &str = "select json_group_array(json(row))
from (
    select json_object(
        'sku', s.id, 'merchant', s.merchant, 'name', s.doc ->> 'name', 'level', s.low_stock,
        'on_hand', coalesce(sum(t.on_hand), 0), 'held', coalesce(sum(t.held), 0)
    ) as row
    from skus as s
    left join stock as t
        on t.sku = s.id
        and (?3 is null or t.warehouse = ?3)
    where s.merchant = ?1
        and s.low_stock is not null
        and s.id > ?2
        and coalesce(s.doc ->> 'active', 1)
    group by s.id
    having coalesce(sum(t.on_hand - t.held), 0) <= s.low_stock
    order by s.id
    limit ?4
)";

/// Pieces that came or went.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Movement {
    pub seq: i64,
    /// Milliseconds since 1970.
    pub at: i64,
    pub sku: SkuId,
    pub warehouse: WarehouseId,
    pub change: i64,
    /// What was on hand in that warehouse then.
    pub balance: i64,
    pub why: String,
    pub note: Option<String>,
    /// The order or the adjustment that it was about.
    pub about: Option<String>,
    pub actor: serde_json::Value,
    /// Whose goods; only where it was asked for.
    #[serde(default)]
    pub merchant: Option<String>,
}

/// An SKU of which few pieces are free.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, serde::Serialize)]
pub struct LowStock {
    pub sku: SkuId,
    pub merchant: String,
    pub name: String,
    /// The pieces at which the shop wants to know.
    pub level: i64,
    pub on_hand: i64,
    pub held: i64,
}

#[derive(Deserialize)]
struct ShelvesRow {
    skus: Vec<Sku>,
    warehouses: BTreeSet<WarehouseId>,
    levels: Vec<StockLevel>,
}

impl Store {
    /// Some SKUs, what of them is in every warehouse, and which of some warehouses exist.
    pub async fn shelves(
        &self,
        skus: &BTreeSet<&str>,
        warehouses: &BTreeSet<&str>,
    ) -> Result<Shelves, StoreError> {
        let params = vec![names(skus.iter().copied()), names(warehouses.iter().copied())];
        let row: Option<ShelvesRow> = self.read("read the shelves", SHELVES, params).await?;
        let row = row.ok_or(StoreError::Broken("read the shelves", "no answer".into()))?;
        let ShelvesRow { skus, warehouses, levels } = row;
        let skus = skus.into_iter().map(|s| (s.id.clone(), s)).collect();
        Ok(Shelves { skus, warehouses, levels })
    }

    /// Movements of an SKU before the one numbered `before`, the newest first.
    pub async fn movements(
        &self,
        sku: &str,
        warehouse: Option<&str>,
        before: i64,
        limit: i64,
    ) -> Result<Vec<Movement>, StoreError> {
        let warehouse = warehouse.map_or(Value::Null, Value::from);
        let params = vec![sku.into(), Value::Int(before), warehouse, Value::Int(limit)];
        Ok(self.read("read movements", MOVEMENTS, params).await?.unwrap_or_default())
    }

    /// What one adjustment moved, in its order.
    pub async fn adjustment(&self, id: &str) -> Result<Vec<Movement>, StoreError> {
        let params = vec![id.into()];
        Ok(self.read("read an adjustment", ADJUSTMENT, params).await?.unwrap_or_default())
    }

    /// SKUs after `after` of which not more pieces are free than their level says.
    pub async fn low_stock(
        &self,
        merchant: Option<&str>,
        warehouse: Option<&str>,
        after: &str,
        limit: i64,
    ) -> Result<Vec<LowStock>, StoreError> {
        let sql = if merchant.is_some() { LOW_OF_MERCHANT } else { LOW_OF_ALL };
        let text = |text: Option<&str>| text.map_or(Value::Null, Value::from);
        let params = vec![text(merchant), after.into(), text(warehouse), Value::Int(limit)];
        Ok(self.read("read what is running out", sql, params).await?.unwrap_or_default())
    }
}
