//! What may be done with an endpoint: a new secret, a test event, on and off.

use crate::endpoints::{endpoint_of, new_secret};
use crate::view;
use domain::{
    Change, Endpoint, Refusal, Stored, disable_endpoint, enable_endpoint, ping_endpoint,
    rotate_secret,
};
use edge::{Answer, Ctx, Problem, Request, Response, Role, parse_json};
use serde::Deserialize;
use serde_json::{Value, json};

const OWNERS: [Role; 2] = [Role::Merchant, Role::Operator];

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct Wish {}

/// One step of an endpoint, and what is answered besides the endpoint itself.
async fn step<F>(ctx: &Ctx, request: &Request, id: &str, take: F) -> Result<Response, Problem>
where
    F: Fn(&mut Change, &mut Stored<Endpoint>) -> Result<Option<(&'static str, Value)>, Refusal>,
{
    let who = ctx.principal(request, &OWNERS).await?;
    let body = request.json_bytes().await?;
    let Wish {} = parse_json(&body)?;
    let decide = async || {
        let mut endpoint = endpoint_of(ctx, &who, id).await?;
        ctx.if_match(request, endpoint.version)?;
        let mut change = Change::new(who.actor(), ctx.now());
        let besides = take(&mut change, &mut endpoint)?;
        let mut shown = view::endpoint(&endpoint.doc, ctx.now());
        if let (Value::Object(shown), Some((name, value))) = (&mut shown, besides) {
            shown.insert(name.to_owned(), value);
        }
        let changed = change.docs().next().is_some();
        let version = endpoint.version + u64::from(changed);
        Ok((change, Answer::ok(shown).at_version(version)))
    };
    ctx.change_once(request, &who, &body, decide).await
}

/// Answers the new secret, once. The old one signs beside it for a while.
pub async fn rotate(ctx: &Ctx, request: &Request, id: &str) -> Result<Response, Problem> {
    let policy = ctx.policy().await?;
    let secret = new_secret(ctx);
    step(ctx, request, id, |change, endpoint| {
        rotate_secret(change, endpoint, secret.clone(), &policy)?;
        Ok(Some(("secret", json!(secret))))
    })
    .await
}

/// Sends an event that means nothing; answers the message, whose log tells how it went.
pub async fn ping(ctx: &Ctx, request: &Request, id: &str) -> Result<Response, Problem> {
    step(ctx, request, id, |change, endpoint| {
        let message = ping_endpoint(change, endpoint, &mut ctx.ids())?;
        Ok(Some(("message", json!(message))))
    })
    .await
}

pub async fn enable(ctx: &Ctx, request: &Request, id: &str) -> Result<Response, Problem> {
    step(ctx, request, id, |change, endpoint| enable_endpoint(change, endpoint).map(|()| None))
        .await
}

pub async fn disable(ctx: &Ctx, request: &Request, id: &str) -> Result<Response, Problem> {
    step(ctx, request, id, |change, endpoint| disable_endpoint(change, endpoint).map(|()| None))
        .await
}
