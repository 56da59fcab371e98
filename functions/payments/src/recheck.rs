//! Somebody doubts what the shop knows of a payment: its gateways are asked.

use domain::{Change, Payment, PaymentId, recheck_payment};
use edge::{Answer, Ctx, Problem, Request, Response, Role, parse_json, views};
use serde::Deserialize;

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct Wish {}

/// 202: the answer comes later, and is recorded like a webhook.
pub async fn recheck(ctx: &Ctx, request: &Request, id: &str) -> Result<Response, Problem> {
    let who = ctx.principal(request, &[Role::Support, Role::Finance, Role::Operator]).await?;
    let body = request.json_bytes().await?;
    let Wish {} = parse_json(&body)?;
    let id = PaymentId::parse(id).map_err(|_| Problem::not_found("payment"))?;
    let decide = async || {
        let payment = ctx.store.load::<Payment>(id.as_str()).await?;
        let mut payment = payment.ok_or_else(|| Problem::not_found("payment"))?;
        let mut change = Change::new(who.actor(), ctx.now());
        recheck_payment(&mut change, &mut payment)?;
        let answer =
            Answer::ok(views::payment_in_full(&payment.doc)).at_version(payment.version + 1);
        Ok((change, Answer { status: 202, ..answer }))
    };
    ctx.change_once(request, &who, &body, decide).await
}
