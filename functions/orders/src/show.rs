//! One order, and its history in words.

use domain::{OrderId, Stored, TrackingFact};
use edge::{Ctx, Principal, Problem, Request, Response, Role, json, views};
use http::StatusCode;
use serde_json::{Value, json as value};

pub const ROLES: [Role; 6] =
    [Role::Buyer, Role::Merchant, Role::Warehouse, Role::Support, Role::Finance, Role::Operator];

pub async fn show(ctx: &Ctx, request: &Request, id: &str) -> Result<Response, Problem> {
    let who = ctx.principal(request, &ROLES).await?;
    let order = visible(ctx, &who, id).await?;
    let mut view = views::order(&order.doc, ctx.now(), views::Personal::Full);
    if who.role != Role::Buyer {
        views::show_routing(&mut view, &order.doc);
    }
    Ok(ctx.show(request, order.version, &view))
}

pub async fn visible(
    ctx: &Ctx,
    who: &Principal,
    id: &str,
) -> Result<Stored<domain::Order>, Problem> {
    let id = OrderId::parse(id).map_err(|_| Problem::not_found("order"))?;
    let order = ctx.store.load::<domain::Order>(id.as_str()).await?;
    let order = order.ok_or_else(|| Problem::not_found("order"))?;
    who.may_see(&order.doc)?;
    Ok(order)
}

/// What happened, by whom and when, and what the carriers said, each in the order of its time.
pub async fn timeline(ctx: &Ctx, request: &Request, id: &str) -> Result<Response, Problem> {
    let who = ctx.principal(request, &ROLES).await?;
    let order = visible(ctx, &who, id).await?;
    let happened = ctx.store.history(order.doc.id.as_str()).await?;
    let scans = ctx.store.scans(order.doc.id.as_str()).await?;
    let parcels = ctx.store.parcels_of(order.doc.id.as_str()).await?;
    let cases = ctx.store.cases_of(order.doc.id.as_str()).await?;
    let buys = who.role == Role::Buyer;
    let told = |h: &&store::Happened| !(buys && views::is_inside(&h.event));
    let events: Vec<Value> = happened.iter().filter(told).map(entry).collect();
    let scans: Vec<Value> = scans.iter().map(scan).collect();
    let view = if buys { views::parcel_for_buyer } else { views::parcel };
    let parcels: Vec<Value> = parcels.iter().map(|p| view(&p.doc)).collect();
    let cases: Vec<Value> = cases.iter().map(|c| views::case(&c.doc)).collect();
    let body = value!({
        "order": order.doc.id, "events": events, "tracking": scans,
        "parcels": parcels, "cases": cases,
    });
    Ok(json(StatusCode::OK, &body))
}

fn entry(happened: &store::Happened) -> Value {
    let mut entry = value!({
        "at": views::time(domain::Millis(happened.at)),
        "about": happened.id,
        "by": happened.actor,
        "what": happened.event.get("event"),
    });
    // What went wrong with a parcel, or how that ended; how far a substitute is.
    for part in ["/exception/kind", "/outcome/as", "/step"] {
        if let (Some(told), Some(entry)) = (happened.event.pointer(part), entry.as_object_mut()) {
            entry.insert("why".to_owned(), told.clone());
        }
    }
    // Why, in the catalogue's word and in theirs, where somebody gave a reason.
    for (part, name) in [("why", "why"), ("note", "note"), ("reason", "why"), ("picks", "lines")] {
        if let (Some(told), Some(entry)) = (happened.event.get(part), entry.as_object_mut()) {
            entry.insert(name.to_owned(), told.clone());
        }
    }
    entry
}

fn scan(fact: &TrackingFact) -> Value {
    value!({
        "at": views::time(fact.occurred_at), "carrier": fact.carrier, "waybill": fact.waybill,
        "state": fact.step.word(), "text": fact.text, "place": fact.place,
    })
}
