//! A buyer says that everything came. From here the after-sale window runs.

use domain::{Change, Order, OrderId, complete_order};
use edge::{Answer, Ctx, Problem, Request, Response, Role, parse_json, views};
use serde::Deserialize;

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct Wish {}

pub async fn confirm_receipt(ctx: &Ctx, request: &Request, id: &str) -> Result<Response, Problem> {
    let who = ctx.principal(request, &[Role::Buyer, Role::Support]).await?;
    let body = request.json_bytes().await?;
    let Wish {} = parse_json(&body)?;
    let id = OrderId::parse(id).map_err(|_| Problem::not_found("order"))?;
    let decide = async || {
        let order = ctx.store.load::<Order>(id.as_str()).await?;
        let mut order = order.ok_or_else(|| Problem::not_found("order"))?;
        who.may_see(&order.doc)?;
        ctx.if_match(request, order.version)?;
        let mut change = Change::new(who.actor(), ctx.now());
        complete_order(&mut change, &mut order)?;
        let view = views::order(&order.doc, ctx.now(), views::Personal::Full);
        Ok((change, Answer::ok(view).at_version(order.version + 1)))
    };
    ctx.change_once(request, &who, &body, decide).await
}
