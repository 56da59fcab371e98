//! Begins to scan goods of an order for one parcel.

use domain::{Change, OrderId, PackingId, Pick, Wanted, WarehouseId, open_packing};
use edge::{Answer, Ctx, Problem, Request, Response, Role, parse_json, views};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wish {
    order: OrderId,
    warehouse: WarehouseId,
    /// None: all that is left to pack there.
    #[serde(default)]
    lines: Option<Vec<Pick>>,
}

pub async fn open(ctx: &Ctx, request: &Request) -> Result<Response, Problem> {
    let who = ctx.principal(request, &[Role::Warehouse, Role::Operator]).await?;
    let body = request.json_bytes().await?;
    let Wish { order, warehouse, lines } = parse_json(&body)?;
    who.works_at(warehouse.as_str())?;
    let wanted = Wanted { warehouse, lines };
    let decide = async || {
        let found = ctx.store.load::<domain::Order>(order.as_str()).await?;
        let found = found.ok_or_else(|| Problem::not_found("order"))?;
        let mut change = Change::new(who.actor(), ctx.now());
        let id = PackingId::mint(&mut ctx.ids());
        let packing = open_packing(&mut change, id, &found.doc, &wanted)?;
        let location = format!("/v1/fulfilment/packings/{}", packing.doc.id);
        Ok((change, Answer::created(location, views::packing(&packing.doc)).at_version(1)))
    };
    ctx.change_once(request, &who, &body, decide).await
}
