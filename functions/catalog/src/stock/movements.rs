//! How stock came to be what it is: every piece that came or went, the newest first, with who, why
//! and when, and what was there then.

use crate::kinds::{Described as _, READERS};
use domain::Sku;
use edge::{Ctx, Cursor, Problem, Request, Response, Role, page, views};
use serde_json::{Value, json as value};
use store::Movement;

pub async fn of_sku(ctx: &Ctx, request: &Request, id: &str) -> Result<Response, Problem> {
    let who = ctx.principal(request, READERS).await?;
    let cursor = Cursor::read(request)?;
    let before = cursor.number()?.unwrap_or(i64::MAX);
    let sku = ctx.store.load::<Sku>(id).await?.filter(|sku| sku.doc.is_visible_to(&who));
    sku.ok_or_else(|| Problem::not_found("SKU"))?;
    let here = who.warehouse.clone().filter(|_| who.role == Role::Warehouse);
    let warehouse = here.or_else(|| request.query("warehouse"));
    let found = ctx.store.movements(id, warehouse.as_deref(), before, cursor.limit + 1).await?;
    let rows = found.iter().map(|m| (m.seq.to_string(), movement(m))).collect();
    Ok(page(request, &cursor, "movements", rows, &["warehouse"]))
}

/// A movement: `change` in pieces, and the `balance` on hand in that warehouse after it.
pub fn movement(movement: &Movement) -> Value {
    value!({
        "at": views::time(domain::Millis(movement.at)), "sku": movement.sku,
        "warehouse": movement.warehouse, "change": movement.change,
        "balance": movement.balance, "why": movement.why, "note": movement.note,
        "about": movement.about, "by": movement.actor,
    })
}
