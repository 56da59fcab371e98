//! Somebody looks at an order that is paid to the courier, and believes in it or does not.

use domain::{CancelReason, Change, OrderId, confirm_order, decline_order};
use edge::{Answer, Ctx, Problem, Request, Response, Role, parse_json, views};
use serde::Deserialize;

use crate::note;

const ROLES: [Role; 3] = [Role::Merchant, Role::Support, Role::Operator];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Yes {
    note: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct No {
    reason: CancelReason,
    note: Option<String>,
}

pub async fn confirm(ctx: &Ctx, request: &Request, id: &str) -> Result<Response, Problem> {
    let who = ctx.principal(request, &ROLES).await?;
    let body = request.json_bytes().await?;
    let Yes { note } = parse_json(&body)?;
    let note = note::checked(note)?;
    let id = OrderId::parse(id).map_err(|_| Problem::not_found("order"))?;
    let decide = async || {
        let order = ctx.store.load::<domain::Order>(id.as_str()).await?;
        let mut order = order.ok_or_else(|| Problem::not_found("order"))?;
        who.may_see(&order.doc)?;
        ctx.if_match(request, order.version)?;
        let mut change = Change::new(who.actor(), ctx.now());
        confirm_order(&mut change, &mut order, note.clone())?;
        let view = views::order(&order.doc, ctx.now(), views::Personal::Full);
        Ok((change, Answer::ok(view).at_version(order.version + 1)))
    };
    ctx.change_once(request, &who, &body, decide).await
}

pub async fn decline(ctx: &Ctx, request: &Request, id: &str) -> Result<Response, Problem> {
    let who = ctx.principal(request, &ROLES).await?;
    let body = request.json_bytes().await?;
    let No { reason, note } = parse_json(&body)?;
    let note = note::checked(note)?;
    let id = OrderId::parse(id).map_err(|_| Problem::not_found("order"))?;
    let decide = async || {
        let found = ctx.store.order_and_payment(&id).await?;
        let mut found = found.ok_or_else(|| Problem::not_found("order"))?;
        who.may_see(&found.order.doc)?;
        ctx.if_match(request, found.order.version)?;
        let mut change = Change::new(who.actor(), ctx.now());
        let (why, ids) = (reason.clone(), &mut ctx.ids());
        decline_order(&mut change, found.at_hand(), why, note.clone(), ids)?;
        let view = views::order(&found.order.doc, ctx.now(), views::Personal::Full);
        Ok((change, Answer::ok(view).at_version(found.order.version + 1)))
    };
    ctx.change_once(request, &who, &body, decide).await
}
