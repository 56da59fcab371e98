//! What a merchant says to a case, and what its buyer takes back.

use domain::{Change, approve_case, reject_case, withdraw_case};
use edge::{Answer, Ctx, Problem, Request, Response, Role, parse_json, views};
use serde::Deserialize;

use crate::show::{case_of, view};

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct Wish {}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct No {
    reason: String,
}

pub async fn approve(ctx: &Ctx, request: &Request, id: &str) -> Result<Response, Problem> {
    let who = ctx.principal(request, &[Role::Merchant, Role::Support]).await?;
    let body = request.json_bytes().await?;
    let Wish {} = parse_json(&body)?;
    let policy = ctx.policy().await?;
    let decide = async || {
        let mut found = case_of(ctx, request, &who, id).await?;
        let mut change = Change::new(who.actor(), ctx.now());
        let address = found.return_address.clone();
        approve_case(&mut change, &mut found.case, address, &policy)?;
        Ok((change, view(&found.case)))
    };
    ctx.change_once(request, &who, &body, decide).await
}

pub async fn reject(ctx: &Ctx, request: &Request, id: &str) -> Result<Response, Problem> {
    let who = ctx.principal(request, &[Role::Merchant, Role::Support]).await?;
    let body = request.json_bytes().await?;
    let No { reason } = parse_json(&body)?;
    if !(1..=500).contains(&reason.trim().chars().count()) {
        return Err(Problem::invalid("#/reason", "missing", "1 to 500 characters"));
    }
    let decide = async || {
        let mut found = case_of(ctx, request, &who, id).await?;
        let mut change = Change::new(who.actor(), ctx.now());
        reject_case(&mut change, &mut found.order, &mut found.case, reason.clone())?;
        Ok((change, view(&found.case)))
    };
    ctx.change_once(request, &who, &body, decide).await
}

pub async fn withdraw(ctx: &Ctx, request: &Request, id: &str) -> Result<Response, Problem> {
    let who = ctx.principal(request, &[Role::Buyer, Role::Support]).await?;
    let body = request.json_bytes().await?;
    let Wish {} = parse_json(&body)?;
    let decide = async || {
        let mut found = case_of(ctx, request, &who, id).await?;
        let mut change = Change::new(who.actor(), ctx.now());
        withdraw_case(&mut change, &mut found.order, &mut found.case)?;
        Ok((change, Answer::ok(views::case(&found.case.doc)).at_version(found.case.version + 1)))
    };
    ctx.change_once(request, &who, &body, decide).await
}
