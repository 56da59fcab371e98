//! Closes a merchant's period.

use domain::{Change, Merchant, MerchantId, StatementId, make_statement};
use edge::{Answer, Ctx, Problem, Request, Response, Role, parse_json, views};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Period {
    merchant: MerchantId,
}

pub async fn close(ctx: &Ctx, request: &Request) -> Result<Response, Problem> {
    let who = ctx.principal(request, &[Role::Finance]).await?;
    let body = request.json_bytes().await?;
    let Period { merchant } = parse_json(&body)?;
    if ctx.store.load::<Merchant>(merchant.as_str()).await?.is_none() {
        return Err(Problem::invalid("#/merchant", "unknown_merchant", "no such merchant"));
    }
    let decide = async || {
        let owed = ctx.store.owed(&merchant).await?;
        let mut change = Change::new(who.actor(), ctx.now());
        let id = StatementId::mint(&mut ctx.ids());
        let statement = make_statement(&mut change, id, &merchant, &owed)?;
        let location = format!("/v1/settlements/{}", statement.id);
        Ok((change, Answer::created(location, views::statement(&statement)).at_version(1)))
    };
    ctx.change_once(request, &who, &body, decide).await
}
