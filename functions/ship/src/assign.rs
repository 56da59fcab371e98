//! Gives a parcel a waybill number of a carrier's pool.

use domain::{CarrierCode, Change, ParcelId, assign_waybill};
use edge::{Answer, Ctx, Problem, Request, Response, Role, parse_json, views};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Choice {
    carrier: CarrierCode,
}

pub async fn assign(ctx: &Ctx, request: &Request, id: &str) -> Result<Response, Problem> {
    let who = ctx.principal(request, &[Role::Warehouse, Role::Operator]).await?;
    let body = request.json_bytes().await?;
    let choice: Choice = parse_json(&body)?;
    let id = ParcelId::parse(id).map_err(|_| Problem::not_found("parcel"))?;
    let policy = ctx.policy().await?;
    let decide = async || {
        let found = ctx.store.parcel(&id).await?;
        let mut found = found.ok_or_else(|| Problem::not_found("parcel"))?;
        who.works_at(found.parcel.doc.warehouse.as_str())?;
        ctx.if_match(request, found.parcel.version)?;
        let number = ctx.store.free_waybill(&choice.carrier, ctx.env.random()).await?;
        let mut change = Change::new(who.actor(), ctx.now());
        let carrier = (&choice.carrier, found.carriers.as_slice());
        assign_waybill(&mut change, &mut found.parcel, carrier, number, &policy)?;
        let view = views::parcel(&found.parcel.doc);
        Ok((change, Answer::ok(view).at_version(found.parcel.version + 1)))
    };
    ctx.change_once(request, &who, &body, decide).await
}
