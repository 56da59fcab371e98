//! Somebody says that there is more or less, and why. All lines or none.

use super::levels::level;
use super::movements::movement;
use crate::kinds::{Described as _, READERS, concerns};
use domain::{AdjustStock, AdjustmentId, Change, Shelves, StockLevel, adjust_stock};
use edge::{Answer, Ctx, Principal, Problem, Request, Response, Role, json, parse_json};
use http::StatusCode;
use serde_json::{Value, json as value};
use std::collections::BTreeSet;
use store::Movement;

const WRITERS: &[Role] = &[Role::Operator, Role::Merchant, Role::Warehouse];

pub async fn adjust(ctx: &Ctx, request: &Request) -> Result<Response, Problem> {
    let who = ctx.principal(request, WRITERS).await?;
    let body = request.json_bytes().await?;
    let wanted: AdjustStock = parse_json(&body)?;
    let skus: BTreeSet<&str> = wanted.lines.iter().map(|l| l.sku.as_str()).collect();
    let warehouses: BTreeSet<&str> = wanted.lines.iter().map(|l| l.warehouse.as_str()).collect();
    let decide = async || {
        let shelves = ctx.store.shelves(&skus, &warehouses).await?;
        must_be_theirs(&who, &shelves, &warehouses)?;
        let id = AdjustmentId::mint(&mut ctx.ids());
        let mut change = Change::new(who.actor(), ctx.now());
        let adjusted = adjust_stock(&mut change, &id, &wanted, &shelves)?;
        let line = |(before, after): &(StockLevel, StockLevel)| {
            let (before, now) = (before.on_hand, level(after));
            value!({"before": before, "now": now})
        };
        let lines: Vec<Value> = adjusted.iter().map(line).collect();
        let location = format!("/v1/catalog/stock/adjustments/{id}");
        let view = value!({"id": id, "reason": wanted.reason, "note": wanted.note,
            "lines": lines});
        Ok((change, Answer::created(location, view)))
    };
    ctx.change_once(request, &who, &body, decide).await
}

/// A merchant adjusts their own goods, a warehouse its own shelves, an operator everything.
pub fn must_be_theirs(
    who: &Principal,
    shelves: &Shelves,
    warehouses: &BTreeSet<&str>,
) -> Result<(), Problem> {
    for sku in shelves.skus.values() {
        if !sku.is_writable_by(who) {
            return Err(Problem::forbidden("only for the merchant's own people"));
        }
    }
    match who.role {
        Role::Warehouse => warehouses.iter().try_for_each(|warehouse| who.works_at(warehouse)),
        Role::Buyer | Role::Merchant | Role::Support | Role::Finance | Role::Operator => Ok(()),
    }
}

/// What an adjustment moved, as far as it concerns who asks.
pub async fn show(ctx: &Ctx, request: &Request, id: &str) -> Result<Response, Problem> {
    let who = ctx.principal(request, READERS).await?;
    let sees = |m: &&Movement| {
        let here = Some(m.warehouse.as_str()) == who.warehouse.as_deref();
        concerns(&who, m.merchant.as_deref().unwrap_or_default())
            && (who.role != Role::Warehouse || here)
    };
    let moved = ctx.store.adjustment(id).await?;
    let seen: Vec<&Movement> = moved.iter().filter(sees).collect();
    let first = seen.first().ok_or_else(|| Problem::not_found("adjustment"))?;
    let lines: Vec<Value> = seen.iter().map(|m| movement(m)).collect();
    let body = value!({"id": id, "reason": first.why, "note": first.note, "lines": lines});
    Ok(json(StatusCode::OK, &body))
}
