//! A buyer, or support for them, says whether something else will do instead of units that the
//! warehouse did not find.

use domain::{Change, OrderId, accept_substitute, decline_substitute};
use edge::{Answer, Ctx, Principal, Problem, Request, Response, Role, parse_json, views};
use serde::Deserialize;

const ROLES: [Role; 3] = [Role::Buyer, Role::Support, Role::Operator];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

/// Who answers, with which body, for which order and line.
async fn asked(
    ctx: &Ctx,
    request: &Request,
    (id, line): (&str, &str),
) -> Result<(Principal, Vec<u8>, OrderId, u16), Problem> {
    let who = ctx.principal(request, &ROLES).await?;
    let body = request.json_bytes().await?.to_vec();
    let Nothing {} = parse_json(&body)?;
    let id = OrderId::parse(id).map_err(|_| Problem::not_found("order"))?;
    let line = line.parse().map_err(|_| Problem::not_found("line"))?;
    Ok((who, body, id, line))
}

pub async fn accept(
    ctx: &Ctx,
    request: &Request,
    place: (&str, &str),
) -> Result<Response, Problem> {
    let (who, body, id, line) = asked(ctx, request, place).await?;
    let decide = async || {
        let found = ctx.store.rerouting(&id, None).await?;
        let mut found = found.ok_or_else(|| Problem::not_found("order"))?;
        who.may_see(&found.order.doc)?;
        ctx.if_match(request, found.order.version)?;
        let policy = ctx.policy_with(found.set.as_ref()).await?;
        let mut change = Change::new(who.actor(), ctx.now());
        let (order, stock) = (&mut found.order, &found.situation.stock);
        accept_substitute(&mut change, order, line, stock, &policy.routing)?;
        let view = views::order(&order.doc, ctx.now(), views::Personal::Full);
        Ok((change, Answer::ok(view).at_version(order.version + 1)))
    };
    ctx.change_once(request, &who, &body, decide).await
}

pub async fn decline(
    ctx: &Ctx,
    request: &Request,
    place: (&str, &str),
) -> Result<Response, Problem> {
    let (who, body, id, line) = asked(ctx, request, place).await?;
    let decide = async || {
        let found = ctx.store.order_and_payment(&id).await?;
        let mut found = found.ok_or_else(|| Problem::not_found("order"))?;
        who.may_see(&found.order.doc)?;
        ctx.if_match(request, found.order.version)?;
        let mut change = Change::new(who.actor(), ctx.now());
        decline_substitute(&mut change, found.at_hand(), line, &mut ctx.ids())?;
        let view = views::order(&found.order.doc, ctx.now(), views::Personal::Full);
        Ok((change, Answer::ok(view).at_version(found.order.version + 1)))
    };
    ctx.change_once(request, &who, &body, decide).await
}
