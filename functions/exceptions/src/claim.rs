//! What a carrier is to pay for what it lost or spoilt.

use crate::show::situation;
use domain::{Change, Exception, Liability, Money, Refusal, Stored};
use edge::{Answer, Ctx, Decided, Principal, Problem, Request, Response, Role};
use edge::{parse_json, sentence, views};
use serde::Deserialize;

const CLAIMING: [Role; 4] = [Role::Merchant, Role::Support, Role::Finance, Role::Operator];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Amount {
    amount: Money,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Reason {
    reason: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Paid {
    /// The bank's reference.
    reference: String,
}

pub async fn claim(ctx: &Ctx, request: &Request, id: &str) -> Result<Response, Problem> {
    let who = ctx.principal(request, &CLAIMING).await?;
    let body = request.json_bytes().await?;
    let Amount { amount } = parse_json(&body)?;
    let decide = async || {
        let mut found = situation(ctx, request, &who, id).await?;
        let policy = ctx.policy().await?;
        let mut change = Change::new(who.actor(), ctx.now());
        let amounts = (in_currency(amount, &found.exception.doc)?, found.order.doc.total_minor);
        let else_on = else_on(&who, policy.exceptions.losses_on);
        domain::claim(&mut change, &mut found.exception, amounts, else_on)?;
        Ok((change, answer(&found.exception)))
    };
    ctx.change_once(request, &who, &body, decide).await
}

/// A merchant cannot have the platform pay what the carrier does not.
fn else_on(who: &Principal, policy: Liability) -> Liability {
    match who.role {
        Role::Merchant => Liability::Merchant,
        Role::Buyer | Role::Warehouse | Role::Support | Role::Finance | Role::Operator => policy,
    }
}

pub async fn accept(ctx: &Ctx, request: &Request, id: &str) -> Result<Response, Problem> {
    let who = ctx.principal(request, &[Role::Support, Role::Finance, Role::Operator]).await?;
    let body = request.json_bytes().await?;
    let Amount { amount } = parse_json(&body)?;
    let accepted = |change: &mut Change, exception: &mut Stored<Exception>| {
        let minor = in_currency(amount, &exception.doc)?;
        domain::accept_claim(change, exception, minor)
    };
    let decide = async || step(ctx, request, &who, id, accepted).await;
    ctx.change_once(request, &who, &body, decide).await
}

pub async fn reject(ctx: &Ctx, request: &Request, id: &str) -> Result<Response, Problem> {
    let who = ctx.principal(request, &[Role::Support, Role::Finance, Role::Operator]).await?;
    let body = request.json_bytes().await?;
    let Reason { reason } = parse_json(&body)?;
    sentence("reason", &reason, 500)?;
    let rejected = |change: &mut Change, exception: &mut Stored<Exception>| {
        domain::reject_claim(change, exception, reason.clone())
    };
    let decide = async || step(ctx, request, &who, id, rejected).await;
    ctx.change_once(request, &who, &body, decide).await
}

pub async fn pay(ctx: &Ctx, request: &Request, id: &str) -> Result<Response, Problem> {
    let who = ctx.principal(request, &[Role::Finance]).await?;
    let body = request.json_bytes().await?;
    let Paid { reference } = parse_json(&body)?;
    sentence("reference", &reference, 140)?;
    let paid = |change: &mut Change, exception: &mut Stored<Exception>| {
        domain::pay_claim(change, exception, reference.clone())
    };
    let decide = async || step(ctx, request, &who, id, paid).await;
    ctx.change_once(request, &who, &body, decide).await
}

async fn step(
    ctx: &Ctx,
    request: &Request,
    who: &Principal,
    id: &str,
    step: impl FnOnce(&mut Change, &mut Stored<Exception>) -> Result<(), Refusal>,
) -> Decided<Answer> {
    let mut found = situation(ctx, request, who, id).await?;
    let mut change = Change::new(who.actor(), ctx.now());
    step(&mut change, &mut found.exception)?;
    Ok((change, answer(&found.exception)))
}

fn answer(exception: &Stored<Exception>) -> Answer {
    Answer::ok(views::exception(&exception.doc)).at_version(exception.version + 1)
}

/// The amount in minor units of the currency that the parcel was paid in.
fn in_currency(amount: Money, exception: &Exception) -> Result<i64, Refusal> {
    if amount.currency == exception.currency {
        Ok(amount.minor)
    } else {
        Err(Refusal::CurrencyDiffers)
    }
}
