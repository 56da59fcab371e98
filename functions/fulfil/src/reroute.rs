//! An order, or units of it, are sent from other warehouses, before they are picked.

use domain::{Change, OrderId, Pick, Reroute, RerouteReason, WarehouseId};
use edge::{Answer, Ctx, Principal, Problem, Request, Response, Role, parse_json, sentence, views};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wish {
    /// Units of lines; left out: all that are held there, in no parcel.
    lines: Option<Vec<Pick>>,
    to: Option<WarehouseId>,
    away_from: Option<WarehouseId>,
    reason: RerouteReason,
    note: Option<String>,
}

const ROLES: [Role; 3] = [Role::Warehouse, Role::Merchant, Role::Operator];

pub async fn reroute(ctx: &Ctx, request: &Request, id: &str) -> Result<Response, Problem> {
    let who = ctx.principal(request, &ROLES).await?;
    let body = request.json_bytes().await?;
    let wanted = wanted(&who, parse_json(&body)?)?;
    let id = OrderId::parse(id).map_err(|_| Problem::not_found("order"))?;
    let decide = async || {
        let found = ctx.store.rerouting(&id, wanted.to.as_ref()).await?;
        let mut found = found.ok_or_else(|| Problem::not_found("order"))?;
        who.may_see(&found.order.doc)?;
        ctx.if_match(request, found.order.version)?;
        let policy = ctx.policy_with(found.set.as_ref()).await?;
        let mut change = Change::new(who.actor(), ctx.now());
        let (order, weights) = (&mut found.order, &policy.routing);
        domain::reroute(&mut change, order, &wanted, &found.situation, weights)?;
        let version = order.version + u64::from(!change.is_empty());
        let mut view = views::order(&order.doc, ctx.now(), views::Personal::Full);
        views::show_routing(&mut view, &order.doc);
        Ok((change, Answer::ok(view).at_version(version)))
    };
    ctx.change_once(request, &who, &body, decide).await
}

/// A warehouse's own people give up what is theirs, and nobody else's.
fn wanted(who: &Principal, wish: Wish) -> Result<Reroute, Problem> {
    let Wish { lines: picks, to, away_from, reason: why, note } = wish;
    note.iter().try_for_each(|text| sentence("note", text, 500))?;
    let theirs = who.warehouse.as_deref().filter(|_| who.role == Role::Warehouse);
    let theirs = theirs.and_then(|own| WarehouseId::parse(own).ok());
    let away_from = away_from.or(theirs);
    if let (Role::Warehouse, Some(from)) = (who.role, &away_from) {
        who.works_at(from.as_str())?;
    }
    Ok(Reroute { picks, to, away_from, why, note })
}
