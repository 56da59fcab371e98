//! Outbound confirmation: the parcel has left, and now its goods are off the books.

use crate::left::left;
use domain::{Change, KeptAs, ParcelId};
use edge::{Answer, Ctx, Problem, Request, Response, Role, parse_json, views};
use serde::Deserialize;

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct Wish {
    /// Days in which the carrier promised to deliver it, where it did.
    #[serde(default)]
    promised_days: Option<i64>,
}

pub async fn dispatch(ctx: &Ctx, request: &Request, id: &str) -> Result<Response, Problem> {
    let who = ctx.principal(request, &[Role::Warehouse, Role::Operator]).await?;
    let body = request.json_bytes().await?;
    let Wish { promised_days } = parse_json(&body)?;
    let id = ParcelId::parse(id).map_err(|_| Problem::not_found("parcel"))?;
    let policy = ctx.policy().await?;
    let names: Vec<KeptAs> = policy.carrier_names.kept_as().collect();
    let decide = async || {
        let found = ctx.store.parcel_to_ship(&id, &names).await?;
        let mut found = found.ok_or_else(|| Problem::not_found("parcel"))?;
        who.works_at(found.parcel.doc.warehouse.as_str())?;
        ctx.if_match(request, found.parcel.version)?;
        let mut change = Change::new(who.actor(), ctx.now());
        let told = found.told(&policy);
        domain::ship(&mut change, found.journey(), &told)?;
        left(ctx, &mut change, &mut found, (&told, promised_days), &policy)?;
        let view = views::parcel(&found.parcel.doc);
        Ok((change, Answer::ok(view).at_version(found.parcel.version + 1)))
    };
    ctx.change_once(request, &who, &body, decide).await
}
