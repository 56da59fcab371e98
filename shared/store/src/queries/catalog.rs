//! What a basket needs of the catalog, and what an import compares with.

use super::documents::{Row, all};
use crate::{Store, StoreError, Value};
use domain::{Available, Merchant, Shelf, Sku, SkuId, Stored, WarehouseId};
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
    )
)";

pub const SKUS: &str = "select json_object(
    'skus', (
        select json_group_array(json_object('version', version, 'doc', json(doc)))
        from skus
        where id in (select value from json_each(?1))
    ),
    'merchants', (
        select json_group_array(id)
        from merchants
        where id in (select value from json_each(?2))
    ),
    'warehouses', (
        select json_group_array(id)
        from warehouses
        where id in (select value from json_each(?3))
    ),
    'stock', (
        select json_group_array(json_object(
            'sku', sku, 'warehouse', warehouse, 'on_hand', on_hand, 'held', held
        ))
        from stock
        where sku in (select value from json_each(?1))
    )
)";

/// Stock of an SKU in a warehouse, in pieces.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, serde::Serialize)]
pub struct StockLevel {
    pub sku: SkuId,
    pub warehouse: WarehouseId,
    pub on_hand: i64,
    pub held: i64,
}

/// What is known of some SKUs.
#[derive(Debug, Clone)]
pub struct Known {
    pub skus: Vec<Stored<Sku>>,
    /// Those of the asked merchants that exist.
    pub merchants: Vec<String>,
    /// Those of the asked warehouses that exist.
    pub warehouses: Vec<String>,
    pub stock: Vec<StockLevel>,
}

#[derive(Deserialize)]
struct KnownRow {
    skus: Vec<Row<Sku>>,
    merchants: Vec<String>,
    warehouses: Vec<String>,
    stock: Vec<StockLevel>,
}

#[derive(Deserialize)]
struct ShelfRow {
    skus: Vec<Sku>,
    merchants: Vec<Merchant>,
    stock: Vec<Available>,
}

fn names<'a>(names: impl Iterator<Item = &'a str>) -> Value {
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
        })
    }

    /// What is known of some SKUs, merchants and warehouses.
    pub async fn known(
        &self,
        skus: &[&str],
        merchants: &[&str],
        warehouses: &[&str],
    ) -> Result<Known, StoreError> {
        let list = |l: &[&str]| names(l.iter().copied());
        let params = vec![list(skus), list(merchants), list(warehouses)];
        let row: Option<KnownRow> = self.read("read SKUs", SKUS, params).await?;
        let row = row.ok_or(StoreError::Broken("read SKUs", "no answer".into()))?;
        let KnownRow { skus, merchants, warehouses, stock } = row;
        Ok(Known { skus: all(skus), merchants, warehouses, stock })
    }
}
