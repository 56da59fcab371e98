//! Finance says which parcel a line of a remittance was for, because its waybill is none of ours.

use domain::{
    CarrierCode, Change, ParcelId, RemittanceLine, RemittanceNo, Waybill, assign_remittance,
};
use edge::{Answer, Ctx, Problem, Request, Response, Role, parse_json, sentence, views};
use serde::Deserialize;
use serde_json::json;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wish {
    parcel: ParcelId,
    reason: String,
}

/// The key of the line at these places of a path: carrier, remittance, waybill.
fn key(path: [&str; 3]) -> Option<String> {
    let [carrier, remittance, waybill] = path;
    let carrier = CarrierCode::parse(carrier).ok()?;
    let remittance = RemittanceNo::parse(remittance).ok()?;
    let waybill = Waybill::parse(waybill).ok()?;
    Some(RemittanceLine::key_of(&carrier, &remittance, &waybill))
}

pub async fn assign(ctx: &Ctx, request: &Request, path: [&str; 3]) -> Result<Response, Problem> {
    let who = ctx.principal(request, &[Role::Finance]).await?;
    let body = request.json_bytes().await?;
    let Wish { parcel, reason } = parse_json(&body)?;
    sentence("reason", &reason, 500)?;
    let key = key(path).ok_or_else(|| Problem::not_found("line"))?;
    let decide = async || {
        let found = ctx.store.remitted_line(&key, &parcel).await?;
        let found = found.ok_or_else(|| Problem::not_found("line"))?;
        let unknown = || Problem::invalid("#/parcel", "unknown_parcel", "no such parcel");
        let (mut parcel, mut order) = found.parcel.ok_or_else(unknown)?;
        let mut change = Change::new(who.actor(), ctx.now());
        let (line, of) = ((&found.line, found.is_booked), (&mut parcel, &mut order));
        let verdict = assign_remittance(&mut change, line, of, reason.clone())?;
        let body = json!({"verdict": verdict.word(), "parcel": views::parcel(&parcel.doc)});
        Ok((change, Answer::ok(body)))
    };
    ctx.change_once(request, &who, &body, decide).await
}
