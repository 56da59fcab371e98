//! An order goes to another address, as long as nothing of it is packed.

use domain::{Change, DeliveryWanted, Elsewhere, Order, OrderId, Rates, change_address};
use edge::{Answer, Ctx, Problem, Request, Response, Role, parse_json, views};
use serde::Deserialize;

use crate::note;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wish {
    delivery: DeliveryWanted,
    /// Why.
    note: Option<String>,
}

pub async fn change(ctx: &Ctx, request: &Request, id: &str) -> Result<Response, Problem> {
    let who = ctx.principal(request, &[Role::Buyer, Role::Support, Role::Operator]).await?;
    let body = request.json_bytes().await?;
    let Wish { delivery, note } = parse_json(&body)?;
    let note = note::checked(note)?;
    let id = OrderId::parse(id).map_err(|_| Problem::not_found("order"))?;
    let policy = ctx.policy().await?;
    let policy = &policy.cash_on_delivery;
    let decide = async || {
        let order = ctx.store.load::<Order>(id.as_str()).await?;
        let mut order = order.ok_or_else(|| Problem::not_found("order"))?;
        who.may_see(&order.doc)?;
        ctx.if_match(request, order.version)?;
        let mut change = Change::new(who.actor(), ctx.now());
        let rates = ctx.store.load::<Rates>(order.doc.merchant.as_str()).await?;
        let rates = rates.as_ref().map(|rates| &rates.doc);
        let history = ctx.store.cod_history(&order.doc.buyer, policy.of_last_orders).await?;
        let held_against = Elsewhere { rates, policy, history };
        change_address(&mut change, &mut order, &held_against, &delivery, note.clone())?;
        let version = if change.is_empty() { order.version } else { order.version + 1 };
        let view = views::order(&order.doc, ctx.now(), views::Personal::Full);
        Ok((change, Answer::ok(view).at_version(version)))
    };
    ctx.change_once(request, &who, &body, decide).await
}
