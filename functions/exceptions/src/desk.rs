//! Who looks after an exception, and what they write down.

use crate::show::{ROLES, situation};
use domain::{Actor, Change};
use edge::{Answer, Ctx, Problem, Request, Response, parse_json, sentence, views};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Owner {
    role: OwnerRole,
    /// As their tokens call them.
    name: String,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "snake_case")]
enum OwnerRole {
    Support,
    Merchant,
    Warehouse,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    text: String,
}

pub async fn assign(ctx: &Ctx, request: &Request, id: &str) -> Result<Response, Problem> {
    let who = ctx.principal(request, &ROLES).await?;
    let body = request.json_bytes().await?;
    let Owner { role, name } = parse_json(&body)?;
    sentence("name", &name, 64)?;
    let owner = match role {
        OwnerRole::Support => Actor::Support(name),
        OwnerRole::Merchant => Actor::Merchant(name),
        OwnerRole::Warehouse => Actor::Warehouse(name),
    };
    let decide = async || {
        let mut found = situation(ctx, request, &who, id).await?;
        let mut change = Change::new(who.actor(), ctx.now());
        domain::assign(&mut change, &mut found.exception, owner.clone())?;
        let version = found.exception.version + u64::from(!change.is_empty());
        let view = views::exception(&found.exception.doc);
        Ok((change, Answer::ok(view).at_version(version)))
    };
    ctx.change_once(request, &who, &body, decide).await
}

pub async fn note(ctx: &Ctx, request: &Request, id: &str) -> Result<Response, Problem> {
    let who = ctx.principal(request, &ROLES).await?;
    let body = request.json_bytes().await?;
    let Written { text } = parse_json(&body)?;
    sentence("text", &text, 1_000)?;
    let decide = async || {
        let mut found = situation(ctx, request, &who, id).await?;
        let mut change = Change::new(who.actor(), ctx.now());
        domain::note(&mut change, &mut found.exception, text.clone())?;
        let view = views::exception(&found.exception.doc);
        Ok((change, Answer::ok(view).at_version(found.exception.version + 1)))
    };
    ctx.change_once(request, &who, &body, decide).await
}
