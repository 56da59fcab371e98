//! What a basket needs of the catalog: one row for all of it.

use super::documents::{Row, stored};
use crate::{Store, StoreError, Value};
use domain::{Available, Merchant, Shelf, ShopPolicy, Sku, SkuId};
use serde::Deserialize;

pub const SHELF: &str = "select json_object(
    'skus', (
        select json_group_array(json(s.doc))
        from skus as s
        where s.id in (select value from json_each(?1))
    ),
    'merchants', (
        select json_group_array(json(m.doc))
        from merchants as m
        where m.id in (
            select s.merchant
            from skus as s
            where s.id in (select value from json_each(?1))
        )
            and coalesce(m.doc ->> 'active', 1)
    ),
    'stock', (
        select json_group_array(json_object(
            'sku', t.sku,
            'warehouse', t.warehouse,
            'region', w.doc ->> 'region',
            'priority', w.doc ->> 'priority',
            'pieces', t.on_hand - t.held
        ))
        from stock as t
        join warehouses as w on w.id = t.warehouse
        where t.sku in (select value from json_each(?1))
            and t.on_hand > t.held
            and coalesce(w.doc ->> 'active', 1)
    ),
    'policy', (
        select json_object('version', version, 'doc', json(doc))
        from policies
        where id = 'shop'
    )
)";

#[derive(Deserialize)]
struct ShelfRow {
    skus: Vec<Sku>,
    merchants: Vec<Merchant>,
    stock: Vec<Available>,
    policy: Option<Row<ShopPolicy>>,
}

pub(super) fn names<'a>(names: impl Iterator<Item = &'a str>) -> Value {
    Value::Text(serde_json::Value::from_iter(names).to_string())
}

impl Store {
    /// SKUs, who sells them, and what of them is free where.
    pub async fn shelf<'a>(
        &self,
        skus: impl Iterator<Item = &'a SkuId>,
    ) -> Result<Shelf, StoreError> {
        let params = vec![names(skus.map(SkuId::as_str))];
        let row: Option<ShelfRow> = self.read("read the shelf", SHELF, params).await?;
        let Some(row) = row else { return Ok(Shelf::default()) };
        Ok(Shelf {
            skus: row.skus.into_iter().map(|s| (s.id.clone(), s)).collect(),
            merchants: row.merchants.into_iter().map(|m| (m.id.clone(), m)).collect(),
            stock: row.stock,
            policy: stored(row.policy),
        })
    }
}
