//! A buyer or a merchant, or support for one of them, cancels an order or units of it before they
//! are packed. What was paid goes back; what was not paid yet is not asked for any more.

use domain::{CancelReason, Cancellation, Change, OrderId, Pick};
use edge::{Answer, Ctx, Problem, Request, Response, Role, parse_json, views};
use serde::Deserialize;

use crate::note;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wish {
    /// Units of lines; left out: all of it.
    lines: Option<Vec<Pick>>,
    reason: Option<CancelReason>,
    note: Option<String>,
}

pub async fn cancel(ctx: &Ctx, request: &Request, id: &str) -> Result<Response, Problem> {
    let roles = [Role::Buyer, Role::Merchant, Role::Support, Role::Operator];
    let who = ctx.principal(request, &roles).await?;
    let body = request.json_bytes().await?;
    let Wish { lines: picks, reason, note } = parse_json(&body)?;
    let asked = match who.role {
        Role::Merchant => CancelReason::MerchantAsked,
        Role::Buyer | Role::Warehouse | Role::Support | Role::Finance | Role::Operator => {
            CancelReason::BuyerAsked
        }
    };
    let wanted = Cancellation { picks, why: reason.unwrap_or(asked), note: note::checked(note)? };
    let id = OrderId::parse(id).map_err(|_| Problem::not_found("order"))?;
    let decide = async || {
        let found = ctx.store.order_and_payment(&id).await?;
        let mut found = found.ok_or_else(|| Problem::not_found("order"))?;
        who.may_see(&found.order.doc)?;
        ctx.if_match(request, found.order.version)?;
        let mut change = Change::new(who.actor(), ctx.now());
        domain::cancel(&mut change, found.at_hand(), &wanted, &mut ctx.ids())?;
        let view = views::order(&found.order.doc, ctx.now(), views::Personal::Full);
        Ok((change, Answer::ok(view).at_version(found.order.version + 1)))
    };
    ctx.change_once(request, &who, &body, decide).await
}
