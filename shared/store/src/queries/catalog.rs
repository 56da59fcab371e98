//! What a basket needs of the catalog: one row for all of it.

use super::documents::{Row, stored};
use crate::{Store, StoreError, Value};
use domain::{Available, BuyerId, Merchant, Rates, Shelf, ShopPolicy, Sku, SkuId};
use serde::Deserialize;

pub const SHELF: &str = "select json_object(
    'skus', (
        select json_group_array(json(s.doc))
        from skus as s
        where s.id in (select value from json_each(?1))
    ),
    'merchants', (
        select json_group_array(json_object('merchant', json(m.doc), 'rates', json(r.doc)))
        from merchants as m
        left join rates as r on r.id = m.id
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
            'cost_minor', coalesce(w.doc ->> 'cost_minor', 0),
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

pub const UNPAID_OF: &str = "select cast(count(*) as text)
from (select state, doc from orders where buyer = ?1 order by id desc limit 200)
where state = 'awaiting_payment'
    or doc -> 'cod' is not null
        and state in ('awaiting_confirmation', 'confirmed')
        and doc ->> '$.cod.collected_minor'
            < (doc ->> 'total_minor') - coalesce(doc ->> 'waived_minor', 0)";

#[derive(Deserialize)]
struct ShelfRow {
    skus: Vec<Sku>,
    merchants: Vec<Seller>,
    stock: Vec<Available>,
    policy: Option<Row<ShopPolicy>>,
}

#[derive(Deserialize)]
struct Seller {
    merchant: Merchant,
    rates: Option<Rates>,
}

pub(super) fn names<'a>(names: impl Iterator<Item = &'a str>) -> Value {
    Value::Text(serde_json::Value::from_iter(names).to_string())
}

impl Store {
    /// SKUs, who sells them and what they take for shipping, and what of them is free where.
    pub async fn shelf<'a>(
        &self,
        skus: impl Iterator<Item = &'a SkuId>,
    ) -> Result<Shelf, StoreError> {
        let params = vec![names(skus.map(SkuId::as_str))];
        let row: Option<ShelfRow> = self.read("read the shelf", SHELF, params).await?;
        let Some(row) = row else { return Ok(Shelf::default()) };
        let mut shelf = Shelf { stock: row.stock, policy: stored(row.policy), ..Shelf::default() };
        shelf.skus.extend(row.skus.into_iter().map(|sku| (sku.id.clone(), sku)));
        for Seller { merchant, rates } in row.merchants {
            shelf.rates.extend(rates.map(|rates| (merchant.id.clone(), rates)));
            shelf.merchants.insert(merchant.id.clone(), merchant);
        }
        Ok(shelf)
    }

    /// How many of a buyer's newest orders, of 200 at most, wait for their money: from the buyer,
    /// or from the courier.
    pub async fn unpaid_of(&self, buyer: &BuyerId) -> Result<i64, StoreError> {
        let count =
            self.read("count unpaid orders", UNPAID_OF, vec![buyer.as_str().into()]).await?;
        Ok(count.unwrap_or(0))
    }
}
