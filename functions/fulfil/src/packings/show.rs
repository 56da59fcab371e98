//! A packing: how far it is, what was read in it, and which boxes may hold it.

use super::on_table;
use domain::{Packing, PackingEvent, Pick, suggest_boxes};
use edge::{Ctx, Cursor, Problem, Request, Response, Role, json, page, views};
use http::StatusCode;
use store::Said;

const ROLES: [Role; 2] = [Role::Warehouse, Role::Operator];

pub async fn show(ctx: &Ctx, request: &Request, id: &str) -> Result<Response, Problem> {
    let who = ctx.principal(request, &ROLES).await?;
    let at = on_table(ctx, &who, id, &[]).await?;
    Ok(ctx.show(request, at.packing.version, &views::packing(&at.packing.doc)))
}

/// Every scan and every mistake, by whom and when, the newest first.
pub async fn log(ctx: &Ctx, request: &Request, id: &str) -> Result<Response, Problem> {
    let who = ctx.principal(request, &ROLES).await?;
    let cursor = Cursor::read(request)?;
    let before = cursor.number()?.unwrap_or(i64::MAX);
    let at = on_table(ctx, &who, id, &[]).await?;
    let id = at.packing.doc.id.as_str();
    let said = ctx.store.descriptions::<Packing>(id, before, cursor.limit + 1).await?;
    let row = |said: &Said<PackingEvent>| (said.version.to_string(), views::packing_entry(said));
    Ok(page(request, &cursor, "log", said.iter().map(row).collect(), &[]))
}

/// Boxes that may hold what the parcel is to hold, the smallest first.
pub async fn boxes(ctx: &Ctx, request: &Request, id: &str) -> Result<Response, Problem> {
    let who = ctx.principal(request, &ROLES).await?;
    let at = on_table(ctx, &who, id, &[]).await?;
    let wanted = |line: &domain::LineScans| Pick { line: line.line, units: line.wanted };
    let picks: Vec<Pick> = at.packing.doc.lines.iter().map(wanted).collect();
    let policy = ctx.policy().await?;
    let suggestion = suggest_boxes(&at.order.doc, &picks, &at.desk, &policy.packing);
    Ok(json(StatusCode::OK, &views::boxes(&suggestion)))
}
