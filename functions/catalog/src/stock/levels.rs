//! What of an SKU is where, and which SKUs are running out.

use crate::kinds::{Described as _, READERS};
use domain::StockLevel;
use edge::{Ctx, Cursor, Problem, Request, Response, Role, json, page};
use http::StatusCode;
use serde_json::{Value, json as value};
use std::collections::BTreeSet;
use store::LowStock;

/// Pieces on hand, held, and free, in every warehouse and in all.
pub async fn of_sku(ctx: &Ctx, request: &Request, id: &str) -> Result<Response, Problem> {
    let who = ctx.principal(request, READERS).await?;
    let shelves = ctx.store.shelves(&BTreeSet::from([id]), &BTreeSet::new()).await?;
    let sku = shelves.skus.values().next().filter(|sku| sku.is_visible_to(&who));
    let sku = sku.ok_or_else(|| Problem::not_found("SKU"))?;
    let sum = |count: fn(&StockLevel) -> i64| shelves.levels.iter().map(count).sum::<i64>();
    let free = sum(StockLevel::free);
    let stock: Vec<Value> = shelves.levels.iter().map(level).collect();
    let body = value!({
        "sku": sku.id, "merchant": sku.merchant, "stock": stock, "on_hand": sum(|l| l.on_hand),
        "held": sum(|l| l.held), "free": free, "low_stock": sku.low_stock,
        "is_low": sku.low_stock.is_some_and(|level| free <= level),
    });
    Ok(json(StatusCode::OK, &body))
}

/// A shelf, in pieces.
pub fn level(level: &StockLevel) -> Value {
    value!({
        "sku": level.sku, "warehouse": level.warehouse, "on_hand": level.on_hand,
        "held": level.held, "free": level.free(),
    })
}

/// SKUs of which not more pieces are free than their `low_stock` says; with `warehouse`, there.
pub async fn low(ctx: &Ctx, request: &Request) -> Result<Response, Problem> {
    let who = ctx.principal(request, READERS).await?;
    let cursor = Cursor::read(request)?;
    let own = who.merchant.clone().filter(|_| who.role == Role::Merchant);
    let merchant = own.or_else(|| request.query("merchant"));
    let here = who.warehouse.clone().filter(|_| who.role == Role::Warehouse);
    let warehouse = here.or_else(|| request.query("warehouse"));
    let after = cursor.after.as_deref().unwrap_or_default();
    let (merchant, warehouse) = (merchant.as_deref(), warehouse.as_deref());
    let found = ctx.store.low_stock(merchant, warehouse, after, cursor.limit + 1).await?;
    let row = |low: &LowStock| {
        let LowStock { sku, merchant, name, level, on_hand, held } = low;
        let view = value!({
            "sku": sku, "merchant": merchant, "name": name, "low_stock": level,
            "on_hand": on_hand, "held": held, "free": on_hand - held,
        });
        (sku.to_string(), view)
    };
    let rows = found.iter().map(row).collect();
    Ok(page(request, &cursor, "low", rows, &["merchant", "warehouse"]))
}
