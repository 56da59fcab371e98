//! Finance has paid a statement out.

use domain::{Change, Statement, StatementId, pay_out};
use edge::{Answer, Ctx, Problem, Request, Response, Role, parse_json, views};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Paid {
    /// The bank's reference of the transfer.
    reference: String,
}

pub async fn payout(ctx: &Ctx, request: &Request, id: &str) -> Result<Response, Problem> {
    let who = ctx.principal(request, &[Role::Finance]).await?;
    let body = request.json_bytes().await?;
    let Paid { reference } = parse_json(&body)?;
    if !(1..=140).contains(&reference.chars().count()) {
        return Err(Problem::invalid("#/reference", "out_of_range", "1 to 140 characters"));
    }
    let id = StatementId::parse(id).map_err(|_| Problem::not_found("statement"))?;
    let decide = async || {
        let statement = ctx.store.load::<Statement>(id.as_str()).await?;
        let mut statement = statement.ok_or_else(|| Problem::not_found("statement"))?;
        ctx.if_match(request, statement.version)?;
        let mut change = Change::new(who.actor(), ctx.now());
        pay_out(&mut change, &mut statement, reference.clone())?;
        let view = views::statement(&statement.doc);
        Ok((change, Answer::ok(view).at_version(statement.version + 1)))
    };
    ctx.change_once(request, &who, &body, decide).await
}
