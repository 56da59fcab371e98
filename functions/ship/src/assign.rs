//! Gives a parcel a waybill: of the carrier that is named, or of the best one.

use domain::{CarrierCode, Change, ParcelId, Waybill, WaybillWish, assign_waybill};
use edge::{Answer, Ctx, Problem, Request, Response, Role, parse_json, views};
use serde::Deserialize;

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct Choice {
    /// None: the best one.
    #[serde(default)]
    carrier: Option<CarrierCode>,
    #[serde(default)]
    service: Option<String>,
    /// A number that somebody has on paper.
    #[serde(default)]
    waybill: Option<Waybill>,
}

pub async fn assign(ctx: &Ctx, request: &Request, id: &str) -> Result<Response, Problem> {
    let who = ctx.principal(request, &[Role::Warehouse, Role::Operator]).await?;
    let body = request.json_bytes().await?;
    let Choice { carrier, service, waybill } = parse_json(&body)?;
    if carrier.is_none() && (service.is_some() || waybill.is_some()) {
        let detail = "a service or a number is of a carrier";
        return Err(Problem::invalid("#/carrier", "missing", detail));
    }
    let id = ParcelId::parse(id).map_err(|_| Problem::not_found("parcel"))?;
    let policy = ctx.policy().await?;
    let wish = WaybillWish { carrier, service, waybill };
    let decide = async || {
        let named = (wish.carrier.as_ref(), wish.waybill.as_ref());
        let desk = ctx.store.carrier_desk(&id, named, ctx.env.random()).await?;
        let mut desk = desk.ok_or_else(|| Problem::not_found("parcel"))?;
        who.works_at(desk.parcel.doc.warehouse.as_str())?;
        ctx.if_match(request, desk.parcel.version)?;
        let mut change = Change::new(who.actor(), ctx.now());
        assign_waybill(&mut change, &mut desk, &wish, &policy)?;
        // A carrier that has to be asked answers later.
        let status = if desk.parcel.doc.label.is_some() { 200 } else { 202 };
        let answer = Answer { status, ..Answer::ok(views::parcel(&desk.parcel.doc)) };
        Ok((change, answer.at_version(desk.parcel.version + 1)))
    };
    ctx.change_once(request, &who, &body, decide).await
}
