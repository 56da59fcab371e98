//! Rows that say where SKUs lie.

use super::{Bulk, Column, Is, Row, key, may};
use crate::bins::WRITERS;
use domain::{Bin, Change, Shelves, SkuId, Spot, Stored, WarehouseId, describe};
use edge::import::{Outcome, RowFault, Tally};
use edge::{Ctx, Decided, FieldFault, Principal, Role, fit};
use serde::Deserialize;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Files of bins.
pub struct Bins;

/// A row.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Lies {
    warehouse: WarehouseId,
    sku: SkuId,
    zone: String,
    #[serde(default)]
    aisle: Option<String>,
    bin: String,
}

impl Bulk for Bins {
    const WRITERS: &'static [Role] = WRITERS;
    const COLUMNS: &'static [Column] = &[
        key("warehouse", Is::Text),
        key("sku", Is::Text),
        key("zone", Is::Text),
        may("aisle", Is::Text),
        key("bin", Is::Text),
    ];

    async fn decide(ctx: &Ctx, who: &Principal, rows: &[Row]) -> Decided<Tally> {
        let texts = |name| -> BTreeSet<&str> { rows.iter().filter_map(|r| r.text(name)).collect() };
        let shelves = ctx.store.shelves(&texts("sku"), &texts("warehouse")).await?;
        let id = |row: &Row| Some(format!("{}/{}", row.text("warehouse")?, row.text("sku")?));
        let known = ctx.store.bins(&rows.iter().filter_map(id).collect()).await?;
        let known = known.into_iter().map(|bin| (bin.doc.id.clone(), bin)).collect();
        let mut desk = Desk { who, shelves, known, now: BTreeMap::new() };
        let mut tally = Tally::default();
        for row in rows {
            let lies = desk.take(row);
            tally.count(lies.map_err(|fault| RowFault::of(row.line, fault)));
        }
        let mut change = Change::new(who.actor(), ctx.now());
        for (id, bin) in desk.now {
            describe(&mut change, desk.known.remove(&id), bin);
        }
        Ok((change, tally))
    }
}

struct Desk<'a> {
    who: &'a Principal,
    shelves: Shelves,
    known: BTreeMap<String, Stored<Bin>>,
    /// After the rows that were taken.
    now: BTreeMap<String, Bin>,
}

impl Desk<'_> {
    /// The last of several rows about one SKU in a warehouse counts.
    fn take(&mut self, row: &Row) -> Result<Outcome, FieldFault> {
        for column in Bins::COLUMNS.iter().filter(|column| column.must) {
            if row.says.get(column.name).is_none_or(Value::is_null) {
                let place = format!("#/{}", column.name);
                return Err(FieldFault::new(place, "missing", "is missing"));
            }
        }
        let Lies { warehouse, sku, zone, aisle, bin } = fit(Value::Object(row.says.clone()))?;
        let fault =
            |(field, what)| FieldFault::from(&domain::Fault::at(format!("#/{field}"), what));
        self.shelves.level(&sku, &warehouse).map_err(fault)?;
        if self.who.works_at(warehouse.as_str()).is_err() {
            let reason = "only for the warehouse's own people";
            return Err(FieldFault::new("#/warehouse", "forbidden", reason));
        }
        let spot = Spot { zone, aisle: aisle.unwrap_or_default(), bin };
        if let Some(fault) = spot.check().first() {
            return Err(FieldFault::from(fault));
        }
        let bin = Bin::new(warehouse, sku, spot);
        let before = self.now.get(&bin.id).or(self.known.get(&bin.id).map(|known| &known.doc));
        let outcome = match before {
            None => Outcome::New,
            Some(same) if *same == bin => Outcome::Same,
            Some(_) => Outcome::Changed,
        };
        self.now.insert(bin.id.clone(), bin);
        Ok(outcome)
    }
}
