//! Where a piece with a serial number went: for whoever has it on the table for a repair.

use domain::{Parcel, Serial, SkuId, Stored};
use edge::{Ctx, Problem, Request, Response, Role, json, views};
use http::StatusCode;
use serde_json::{Value, json as value};

pub async fn show(ctx: &Ctx, request: &Request) -> Result<Response, Problem> {
    let roles = [Role::Merchant, Role::Warehouse, Role::Support, Role::Operator];
    let who = ctx.principal(request, &roles).await?;
    let bad = || Problem::bad_request("bad_filter", "sku and serial name the piece");
    let named = |name| request.query(name).ok_or_else(bad);
    let sku = SkuId::parse(&named("sku")?).map_err(|_| bad())?;
    let serial = Serial::parse(&named("serial")?).map_err(|_| bad())?;
    let uses = ctx.store.serial_uses(&sku, &serial).await?;
    let mine = |found: &&Stored<Parcel>| {
        let at = who.works_at(found.doc.warehouse.as_str());
        at.or_else(|_| who.acts_for(found.doc.merchant.as_str())).is_ok()
    };
    let parcels: Vec<Value> = uses.iter().filter(mine).map(|p| views::parcel(&p.doc)).collect();
    let body = value!({"sku": sku, "serial": serial, "parcels": parcels});
    Ok(json(StatusCode::OK, &body))
}
