//! Takes a parcel apart before it leaves.

use domain::{Change, ParcelId};
use edge::{Answer, Ctx, Problem, Request, Response, Role, parse_json, views};
use serde::Deserialize;

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct Wish {}

pub async fn unpack(ctx: &Ctx, request: &Request, id: &str) -> Result<Response, Problem> {
    let who = ctx.principal(request, &[Role::Warehouse, Role::Operator]).await?;
    let body = request.json_bytes().await?;
    let Wish {} = parse_json(&body)?;
    let id = ParcelId::parse(id).map_err(|_| Problem::not_found("parcel"))?;
    let decide = async || {
        let found = ctx.store.parcel(&id).await?;
        let mut found = found.ok_or_else(|| Problem::not_found("parcel"))?;
        who.works_at(found.parcel.doc.warehouse.as_str())?;
        ctx.if_match(request, found.parcel.version)?;
        let mut change = Change::new(who.actor(), ctx.now());
        let number = found.number.as_mut();
        domain::unpack(&mut change, &mut found.order, &mut found.parcel, number)?;
        let view = views::parcel(&found.parcel.doc);
        Ok((change, Answer::ok(view).at_version(found.parcel.version + 1)))
    };
    ctx.change_once(request, &who, &body, decide).await
}
