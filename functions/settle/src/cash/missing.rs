//! Cash that couriers collected and their carriers have not remitted, by its age.

use domain::{Change, ParcelId};
use edge::{
    Answer, Ctx, Cursor, Problem, Request, Response, Role, json, parse_json, sentence, views,
};
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json as value};
use store::Owing;

pub async fn show(ctx: &Ctx, request: &Request) -> Result<Response, Problem> {
    ctx.principal(request, &[Role::Finance, Role::Operator]).await?;
    let cursor = Cursor::read(request)?;
    let place = cursor.after.as_deref().and_then(|a| a.split_once(' '));
    let after = place.and_then(|(since, id)| Some((since.parse().ok()?, id))).unwrap_or((0, ""));
    let found = ctx.store.cash_missing(ctx.now().0, after, cursor.limit).await?;
    let full = i64::try_from(found.parcels.len()).unwrap_or(0) == cursor.limit;
    let since = |p: &domain::Parcel| p.cash.as_ref().and_then(|c| c.collected_at);
    let next = found.parcels.last().filter(|_| full).and_then(|last| {
        let since = since(&last.doc)?;
        Some(Cursor::next(&format!("{} {}", since.0, last.doc.id)))
    });
    let sum = |owing: &Owing| {
        value!({
            "carrier": owing.carrier, "days_at_least": owing.days_at_least,
            "parcels": owing.parcels, "owed": views::money(owing.owed_minor, owing.currency),
        })
    };
    let carriers: Vec<Value> = found.carriers.iter().map(sum).collect();
    let parcels: Vec<Value> = found.parcels.iter().map(|p| views::parcel(&p.doc)).collect();
    let body = value!({"carriers": carriers, "parcels": parcels, "next_cursor": next});
    Ok(json(StatusCode::OK, &body))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Why {
    reason: String,
}

pub async fn write_off(ctx: &Ctx, request: &Request, id: &str) -> Result<Response, Problem> {
    let who = ctx.principal(request, &[Role::Finance]).await?;
    let body = request.json_bytes().await?;
    let Why { reason } = parse_json(&body)?;
    sentence("reason", &reason, 500)?;
    let id = ParcelId::parse(id).map_err(|_| Problem::not_found("parcel"))?;
    let decide = async || {
        let found = ctx.store.parcel(&id).await?;
        let mut found = found.ok_or_else(|| Problem::not_found("parcel"))?;
        ctx.if_match(request, found.parcel.version)?;
        let mut change = Change::new(who.actor(), ctx.now());
        let (parcel, order) = (&mut found.parcel, &mut found.order);
        domain::write_off(&mut change, parcel, order, reason.clone())?;
        let view = views::parcel(&found.parcel.doc);
        Ok((change, Answer::ok(view).at_version(found.parcel.version + 1)))
    };
    ctx.change_once(request, &who, &body, decide).await
}
