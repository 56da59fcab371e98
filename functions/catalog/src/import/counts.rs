//! Rows that say how many pieces were counted where.

use super::{Bulk, Column, Is, Row, key};
use crate::kinds::Described as _;
use domain::{Change, Shelves, SkuId, StockLevel, WarehouseId, count_stock};
use edge::import::{Outcome, RowFault, Tally};
use edge::{Ctx, Decided, FieldFault, Principal, Role, fit};
use serde::Deserialize;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Files of stock counts.
pub struct Counts;

/// A row.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Counted {
    sku: SkuId,
    warehouse: WarehouseId,
    on_hand: i64,
}

impl Bulk for Counts {
    const WRITERS: &'static [Role] = &[Role::Operator, Role::Merchant, Role::Warehouse];
    const COLUMNS: &'static [Column] =
        &[key("sku", Is::Text), key("warehouse", Is::Text), key("on_hand", Is::Number)];

    async fn decide(ctx: &Ctx, who: &Principal, rows: &[Row]) -> Decided<Tally> {
        let texts = |name| -> BTreeSet<&str> { rows.iter().filter_map(|r| r.text(name)).collect() };
        let shelves = ctx.store.shelves(&texts("sku"), &texts("warehouse")).await?;
        let mut desk = Desk { who, shelves, counts: BTreeMap::new() };
        let mut tally = Tally::default();
        for row in rows {
            let counted = desk.take(row);
            tally.count(counted.map_err(|fault| RowFault::of(row.line, fault)));
        }
        let mut change = Change::new(who.actor(), ctx.now());
        for (before, after) in desk.counts.values() {
            count_stock(&mut change, before, after);
        }
        Ok((change, tally))
    }
}

struct Desk<'a> {
    who: &'a Principal,
    shelves: Shelves,
    /// Each shelf before the rows, and after those that were taken.
    counts: BTreeMap<(SkuId, WarehouseId), (StockLevel, StockLevel)>,
}

impl Desk<'_> {
    /// The last of several rows about one shelf counts.
    fn take(&mut self, row: &Row) -> Result<Outcome, FieldFault> {
        for column in Counts::COLUMNS {
            if row.says.get(column.name).is_none_or(Value::is_null) {
                let place = format!("#/{}", column.name);
                return Err(FieldFault::new(place, "missing", "is missing"));
            }
        }
        let Counted { sku, warehouse, on_hand } = fit(Value::Object(row.says.clone()))?;
        let fault =
            |(field, what)| FieldFault::from(&domain::Fault::at(format!("#/{field}"), what));
        let level = self.shelves.level(&sku, &warehouse).map_err(fault)?;
        let theirs = self.shelves.skus.get(&sku).is_some_and(|s| s.is_writable_by(self.who));
        let elsewhere = self.who.role == Role::Warehouse
            && self.who.warehouse.as_deref() != Some(warehouse.as_str());
        if !theirs || elsewhere {
            return Err(FieldFault::new("#/sku", "forbidden", "only for their own people"));
        }
        let known = self.shelves.levels.contains(&level);
        let shelf = (sku, warehouse);
        let (before, now) = self.counts.get(&shelf).cloned().unwrap_or((level.clone(), level));
        let after = now.with(on_hand).map_err(|what| fault(("on_hand", what)))?;
        let outcome = match known {
            _ if after.on_hand == now.on_hand => Outcome::Same,
            true => Outcome::Changed,
            false => Outcome::New,
        };
        self.counts.insert(shelf, (before, after));
        Ok(outcome)
    }
}
