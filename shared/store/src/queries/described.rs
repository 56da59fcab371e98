//! What the shop described, in pages and in batches. A kind is one line of the table below.

use super::catalog::names;
use super::documents::{Row, all};
use crate::{ById, Store, StoreError, Value};
use domain::{BoxType, Carrier, Document, Merchant, Rates, ShopPolicy, Sku, Stored, Warehouse};
use serde::Deserialize;
use std::collections::BTreeSet;

/// A kind of document that comes in pages and in files.
pub trait Catalogued: ById {
    /// A page of all.
    const PAGE: &'static str;
    /// A page of a merchant's.
    const PAGE_OF_MERCHANT: &'static str;
    /// Some by their ids, and those of some merchants that exist.
    const BATCH: &'static str;
}

macro_rules! page {
    ($table:literal, $whose:literal) => {
        concat!(
            "select json_group_array(json(row))
from (
    select json_object('version', version, 'doc', json(doc)) as row
    from ",
            $table,
            "\n    where ",
            $whose,
            "
        and id > ?2
        and (?3 is null or coalesce(doc ->> 'active', 1) = ?3)
    order by id
    limit ?4
)"
        )
    };
}

// The condition that makes a document a merchant's: of those that are nobody's, it is always true.
macro_rules! catalogued {
    ($($type:ty, $table:literal, $whose:literal;)*) => {
        $(impl Catalogued for $type {
            const PAGE: &'static str = page!($table, "?1 is null");
            const PAGE_OF_MERCHANT: &'static str = page!($table, $whose);
            const BATCH: &'static str = concat!(
                "select json_object(
    'docs', (
        select json_group_array(json_object('version', version, 'doc', json(doc)))
        from ", $table, "
        where id in (select value from json_each(?1))
    ),
    'merchants', (
        select json_group_array(id)
        from merchants
        where id in (select value from json_each(?2))
    )
)"
            );
        })*
        /// The statements of each kind, for the test that prepares all of them.
        pub const CATALOGUED: &[&str] = &[$(
            <$type as Catalogued>::PAGE,
            <$type as Catalogued>::PAGE_OF_MERCHANT,
            <$type as Catalogued>::BATCH,
        )*];
    };
}
catalogued! {
    Merchant, "merchants", "id = ?1";
    Warehouse, "warehouses", "?1 is not null";
    Sku, "skus", "merchant = ?1";
    ShopPolicy, "policies", "?1 is not null";
    BoxType, "boxes", "?1 is not null";
    Rates, "rates", "id = ?1";
    Carrier, "carriers", "?1 is not null";
}

pub const DESCRIPTIONS: &str = "select json_group_array(json(row))
from (
    select json_object(
        'at', at_ms, 'version', version, 'actor', json(actor), 'event', json(event)
    ) as row
    from journal
    where id = ?1
        and kind = ?2
        and version < ?3
    order by seq desc
    limit ?4
)";

/// Something that was said of a document.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Said<E> {
    /// Milliseconds since 1970.
    pub at: i64,
    /// What the document is at since.
    pub version: u64,
    pub actor: serde_json::Value,
    pub event: E,
}

/// Which of a kind are wanted.
#[derive(Debug, Clone, Default)]
pub struct CatalogFilter {
    pub merchant: Option<String>,
    /// Only what is in use, or only what is retired.
    pub active: Option<bool>,
}

/// Some documents by their ids, and which of the merchants asked for exist.
#[derive(Debug, Clone)]
pub struct Batch<D> {
    pub docs: Vec<Stored<D>>,
    pub merchants: BTreeSet<String>,
}

#[derive(Deserialize)]
#[serde(bound(deserialize = "D: Document"))]
struct BatchRow<D> {
    docs: Vec<Row<D>>,
    merchants: BTreeSet<String>,
}

impl Store {
    /// Documents with an id after `after`, in the order of their ids.
    pub async fn page<D: Catalogued>(
        &self,
        filter: &CatalogFilter,
        after: &str,
        limit: i64,
    ) -> Result<Vec<Stored<D>>, StoreError> {
        let (sql, whose) = match &filter.merchant {
            Some(merchant) => (D::PAGE_OF_MERCHANT, merchant.as_str().into()),
            None => (D::PAGE, Value::Null),
        };
        let active = filter.active.map_or(Value::Null, |active| Value::Int(i64::from(active)));
        let params = vec![whose, after.into(), active, Value::Int(limit)];
        let rows: Option<Vec<Row<D>>> = self.read("list documents", sql, params).await?;
        Ok(all(rows.unwrap_or_default()))
    }

    /// What was said of a document before it was at version `before`, the newest first.
    pub async fn descriptions<D: Document>(
        &self,
        id: &str,
        before: i64,
        limit: i64,
    ) -> Result<Vec<Said<D::Event>>, StoreError> {
        let params = vec![id.into(), D::KIND.into(), Value::Int(before), Value::Int(limit)];
        Ok(self.read("read descriptions", DESCRIPTIONS, params).await?.unwrap_or_default())
    }

    /// What of a batch is there.
    pub async fn batch<D: Catalogued>(
        &self,
        ids: &BTreeSet<&str>,
        merchants: &BTreeSet<&str>,
    ) -> Result<Batch<D>, StoreError> {
        let params = vec![names(ids.iter().copied()), names(merchants.iter().copied())];
        let row: Option<BatchRow<D>> = self.read("read documents", D::BATCH, params).await?;
        let row = row.ok_or(StoreError::Broken("read documents", "no answer".into()))?;
        Ok(Batch { docs: all(row.docs), merchants: row.merchants })
    }
}
