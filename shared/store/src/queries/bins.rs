//! Where SKUs lie in a warehouse.

use super::catalog::names;
use super::documents::{Row, all};
use crate::{Store, StoreError, Value};
use domain::{Bin, Spots, Stored, WarehouseId};
use std::collections::BTreeSet;

pub const BINS_OF_WAREHOUSE: &str = "select json_group_array(json(row))
from (
    select json_object('version', version, 'doc', json(doc)) as row
    from bins
    where warehouse = ?1
        and id > ?2
    order by id
    limit ?3
)";

pub const BINS_BY_ID: &str = "select json_group_array(
    json_object('version', version, 'doc', json(doc))
)
from bins
where id in (select value from json_each(?1))";

// The ids are made here, so that a wave of thousands of SKUs says each of them once.
pub const SPOTS: &str = "select json_group_object(doc ->> 'sku', doc -> 'spot')
from bins
where id in (select ?1 || '/' || value from json_each(?2))";

impl Store {
    /// Bins of a warehouse with an id after `after`, in the order of their SKUs.
    pub async fn bins_page(
        &self,
        warehouse: &WarehouseId,
        after: &str,
        limit: i64,
    ) -> Result<Vec<Stored<Bin>>, StoreError> {
        let params = vec![warehouse.as_str().into(), after.into(), Value::Int(limit)];
        let rows: Option<Vec<Row<Bin>>> = self.read("list bins", BINS_OF_WAREHOUSE, params).await?;
        Ok(all(rows.unwrap_or_default()))
    }

    pub async fn bins(&self, ids: &BTreeSet<String>) -> Result<Vec<Stored<Bin>>, StoreError> {
        let params = vec![names(ids.iter().map(String::as_str))];
        let rows: Option<Vec<Row<Bin>>> = self.read("read bins", BINS_BY_ID, params).await?;
        Ok(all(rows.unwrap_or_default()))
    }

    /// Where some SKUs lie in a warehouse, as far as it is known.
    pub async fn spots<'a>(
        &self,
        warehouse: &WarehouseId,
        skus: impl Iterator<Item = &'a str>,
    ) -> Result<Spots, StoreError> {
        let params = vec![warehouse.as_str().into(), names(skus)];
        Ok(self.read("read where SKUs lie", SPOTS, params).await?.unwrap_or_default())
    }
}
