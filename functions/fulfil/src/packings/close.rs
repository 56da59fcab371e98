//! What was scanned becomes a parcel, or nothing comes of it.

use super::on_table;
use crate::pack::closing;
use domain::{BoxId, Change, ParcelId, Rest, abandon_packing, close_packing};
use edge::{Answer, Ctx, Problem, Request, Response, Role, parse_json, views};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wish {
    /// With the box, in grams.
    weight_g: i64,
    #[serde(default, rename = "box")]
    box_type: Option<BoxId>,
    /// Why it may weigh something else than it should.
    #[serde(default)]
    weight_reason: Option<String>,
    /// The parcel holds what was scanned, and the rest is packed another time.
    #[serde(default)]
    rest_later: bool,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct Nothing {}

pub async fn close(ctx: &Ctx, request: &Request, id: &str) -> Result<Response, Problem> {
    let who = ctx.principal(request, &[Role::Warehouse, Role::Operator]).await?;
    let body = request.json_bytes().await?;
    let Wish { weight_g, box_type, weight_reason, rest_later } = parse_json(&body)?;
    let closing = closing(weight_g, box_type, weight_reason)?;
    let rest = if rest_later { Rest::Later } else { Rest::Demanded };
    let policy = ctx.policy().await?;
    let decide = async || {
        let mut at = on_table(ctx, &who, id, &[]).await?;
        ctx.if_match(request, at.packing.version)?;
        let mut change = Change::new(who.actor(), ctx.now());
        let how = (ParcelId::mint(&mut ctx.ids()), closing.clone(), rest);
        let both = (&mut at.packing, &mut at.order);
        let parcel = close_packing(&mut change, both, &at.desk, &policy, how)?;
        let location = format!("/v1/shipping/parcels/{}", parcel.doc.id);
        Ok((change, Answer::created(location, views::parcel(&parcel.doc)).at_version(1)))
    };
    ctx.change_once(request, &who, &body, decide).await
}

pub async fn abandon(ctx: &Ctx, request: &Request, id: &str) -> Result<Response, Problem> {
    let who = ctx.principal(request, &[Role::Warehouse, Role::Operator]).await?;
    let body = request.json_bytes().await?;
    let Nothing {} = parse_json(&body)?;
    let decide = async || {
        let mut at = on_table(ctx, &who, id, &[]).await?;
        let mut change = Change::new(who.actor(), ctx.now());
        abandon_packing(&mut change, &mut at.packing)?;
        let view = views::packing(&at.packing.doc);
        Ok((change, Answer::ok(view).at_version(at.packing.version + 1)))
    };
    ctx.change_once(request, &who, &body, decide).await
}
