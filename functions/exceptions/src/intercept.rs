//! The carrier was asked to bring a parcel back, or said that it cannot.

use crate::show::situation;
use domain::Change;
use edge::{Answer, Ctx, Problem, Request, Response, Role, parse_json, views};
use serde::Deserialize;

const ROLES: [Role; 4] = [Role::Merchant, Role::Warehouse, Role::Support, Role::Operator];

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct Wish {}

pub async fn ask(ctx: &Ctx, request: &Request, id: &str) -> Result<Response, Problem> {
    let who = ctx.principal(request, &ROLES).await?;
    let body = request.json_bytes().await?;
    let Wish {} = parse_json(&body)?;
    let decide = async || {
        let mut found = situation(ctx, request, &who, id).await?;
        let mut change = Change::new(who.actor(), ctx.now());
        domain::intercept(&mut change, &mut found.exception)?;
        let view = views::exception(&found.exception.doc);
        Ok((change, Answer::ok(view).at_version(found.exception.version + 1)))
    };
    ctx.change_once(request, &who, &body, decide).await
}

pub async fn failed(ctx: &Ctx, request: &Request, id: &str) -> Result<Response, Problem> {
    let who = ctx.principal(request, &ROLES).await?;
    let body = request.json_bytes().await?;
    let Wish {} = parse_json(&body)?;
    let decide = async || {
        let mut found = situation(ctx, request, &who, id).await?;
        let policy = ctx.policy().await?;
        let mut change = Change::new(who.actor(), ctx.now());
        domain::not_intercepted(&mut change, &mut found.exception, &policy.exceptions)?;
        let view = views::exception(&found.exception.doc);
        Ok((change, Answer::ok(view).at_version(found.exception.version + 1)))
    };
    ctx.change_once(request, &who, &body, decide).await
}
