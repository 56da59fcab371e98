//! What was picked in vain and goes back on the shelf.

use crate::{PICKERS, view, waves};
use domain::{Change, Order, OrderId, Pick, Stored, WarehouseId};
use edge::{Answer, Ctx, Cursor, Problem, Request, Response, page, parse_json};
use serde::Deserialize;
use std::collections::BTreeSet;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wish {
    warehouse: WarehouseId,
    /// None: all that lie around there, also what came since somebody looked.
    #[serde(default)]
    lines: Option<Vec<Pick>>,
}

/// Orders with pieces that lie around, and where these belong.
pub async fn list(ctx: &Ctx, request: &Request) -> Result<Response, Problem> {
    let who = ctx.principal(request, PICKERS).await?;
    let warehouse = waves::warehouse(request, &who)?;
    let warehouse = WarehouseId::parse(&warehouse).map_err(|_| Problem::not_found("warehouse"))?;
    let cursor = Cursor::read(request)?;
    let after = cursor.after.as_deref().unwrap_or_default();
    let found = ctx.store.to_put_away(warehouse.as_str(), after, cursor.limit + 1).await?;
    let lines = found.iter().flat_map(|order| &order.doc.lines);
    let skus: BTreeSet<&str> = lines.map(|line| line.sku.as_str()).collect();
    let spots = ctx.store.spots(&warehouse, skus.into_iter()).await?;
    let row = |order: &Stored<Order>| {
        (order.doc.id.to_string(), view::to_put_away(&order.doc, &warehouse, &spots))
    };
    let rows = found.iter().map(row).collect();
    Ok(page(request, &cursor, "put_aways", rows, &["warehouse"]))
}

/// An order's pieces are on the shelf again there. Answers what lay around.
pub async fn done(ctx: &Ctx, request: &Request, order: &str) -> Result<Response, Problem> {
    let who = ctx.principal(request, PICKERS).await?;
    let body = request.json_bytes().await?;
    let Wish { warehouse, lines } = parse_json(&body)?;
    who.works_at(warehouse.as_str())?;
    let id = OrderId::parse(order).map_err(|_| Problem::not_found("order"))?;
    let decide = async || {
        let found = ctx.store.load::<Order>(id.as_str()).await?;
        let mut order = found.ok_or_else(|| Problem::not_found("order"))?;
        let view = view::to_put_away(&order.doc, &warehouse, &domain::Spots::new());
        let mut change = Change::new(who.actor(), ctx.now());
        domain::put_away(&mut change, &mut order, (&warehouse, lines.as_deref()))?;
        Ok((change, Answer::ok(view).at_version(order.version + 1)))
    };
    ctx.change_once(request, &who, &body, decide).await
}
