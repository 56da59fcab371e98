//! A buyer or a merchant ends an order before anything of it is packed. Unpaid orders end with
//! their purchase; paid ones are paid back.

use domain::{CancelReason, Change, OrderId, OrderState, cancel_order, drop_purchase};
use edge::{Answer, Ctx, Problem, Request, Response, Role, parse_json, views};
use serde::Deserialize;

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct Wish {}

pub async fn cancel(ctx: &Ctx, request: &Request, id: &str) -> Result<Response, Problem> {
    let roles = [Role::Buyer, Role::Merchant, Role::Support, Role::Operator];
    let who = ctx.principal(request, &roles).await?;
    let body = request.json_bytes().await?;
    let Wish {} = parse_json(&body)?;
    let id = OrderId::parse(id).map_err(|_| Problem::not_found("order"))?;
    let why = match who.role {
        Role::Merchant => CancelReason::MerchantAsked,
        Role::Buyer | Role::Warehouse | Role::Support | Role::Finance | Role::Operator => {
            CancelReason::BuyerAsked
        }
    };
    let decide = async || {
        let found = ctx.store.order_and_payment(&id).await?;
        let mut found = found.ok_or_else(|| Problem::not_found("order"))?;
        who.may_see(&found.order.doc)?;
        ctx.if_match(request, found.order.version)?;
        let mut change = Change::new(who.actor(), ctx.now());
        let ids = &mut ctx.ids();
        if matches!(found.order.doc.state, OrderState::AwaitingPayment { .. }) {
            let mut orders = vec![found.order.clone()];
            orders.append(&mut found.siblings);
            drop_purchase(&mut change, &mut found.payment, &mut orders, &why, ids);
            if let Some(first) = orders.into_iter().next() {
                found.order = first;
            }
        } else {
            cancel_order(&mut change, &mut found.order, &mut found.payment, why.clone(), ids)?;
        }
        let view = views::order(&found.order.doc, ctx.now(), views::Personal::Full);
        Ok((change, Answer::ok(view).at_version(found.order.version + 1)))
    };
    ctx.change_once(request, &who, &body, decide).await
}
