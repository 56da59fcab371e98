//! Which carriers could take a parcel, and which parcels wait for a person to choose one.

use domain::{Change, Parcel, ParcelId, Stored};
use edge::{Ctx, Cursor, Problem, Request, Response, Role, json, page, views};
use http::StatusCode;

const ROLES: [Role; 3] = [Role::Warehouse, Role::Support, Role::Operator];

/// Every carrier, the best first, as they would be compared now. Nothing is changed.
pub async fn preview(ctx: &Ctx, request: &Request, id: &str) -> Result<Response, Problem> {
    let who = ctx.principal(request, &ROLES).await?;
    let id = ParcelId::parse(id).map_err(|_| Problem::not_found("parcel"))?;
    let desk = ctx.store.carrier_desk(&id, (None, None), ctx.env.random()).await?;
    let desk = desk.ok_or_else(|| Problem::not_found("parcel"))?;
    if who.role == Role::Warehouse {
        who.works_at(desk.parcel.doc.warehouse.as_str())?;
    }
    let policy = ctx.policy().await?;
    let verdict = desk.verdict(&Change::new(who.actor(), ctx.now()), &policy);
    Ok(json(StatusCode::OK, &views::carrier_verdict(&verdict)))
}

/// Parcels that no carrier takes by itself; a warehouse sees its own.
pub async fn waiting(ctx: &Ctx, request: &Request) -> Result<Response, Problem> {
    let who = ctx.principal(request, &ROLES).await?;
    if request.query("needs_person").as_deref() != Some("true") {
        return Err(Problem::bad_request("no_filter", "say needs_person=true"));
    }
    let cursor = Cursor::read(request)?;
    let own = who.warehouse.clone().filter(|_| who.role == Role::Warehouse);
    let warehouse = own.or_else(|| request.query("warehouse"));
    let after = cursor.after.as_deref().unwrap_or_default();
    let (warehouse, limit) = (warehouse.as_deref(), cursor.limit + 1);
    let found = ctx.store.parcels_without_carrier(warehouse, after, limit).await?;
    let row = |parcel: &Stored<Parcel>| (parcel.doc.id.to_string(), views::parcel(&parcel.doc));
    let rows = found.iter().map(row).collect();
    Ok(page(request, &cursor, "parcels", rows, &["needs_person", "warehouse"]))
}
