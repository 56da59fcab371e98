//! A refund that the gateway refused, took back or left open: somebody has it tried again, or has
//! paid the buyer another way and proves it.

use domain::{
    Change, PaymentId, PaymentSituation, Refund, RefundId, Refusal, pay_refund_offline,
    retry_refund,
};
use edge::{
    Answer, Ctx, Decided, Principal, Problem, Request, Response, Role, parse_json, sentence, views,
};
use serde::Deserialize;

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct Wish {}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Paid {
    /// The bank's reference of the transfer.
    reference: String,
    /// Where the proof is, and what it shows.
    proof: String,
}

pub async fn retry(ctx: &Ctx, request: &Request, ids: (&str, &str)) -> Result<Response, Problem> {
    let who = ctx.principal(request, &[Role::Support, Role::Finance]).await?;
    let body = request.json_bytes().await?;
    let Wish {} = parse_json(&body)?;
    let decide = async || {
        let retried = |change: &mut Change, found: &mut Found| {
            let Found { situation, refund } = found;
            let Some(payment) = &mut situation.payment else { return Ok(()) };
            retry_refund(change, payment, refund, &mut ctx.ids()).map(drop)
        };
        decide(ctx, &who, ids, retried).await
    };
    ctx.change_once(request, &who, &body, decide).await
}

pub async fn offline(ctx: &Ctx, request: &Request, ids: (&str, &str)) -> Result<Response, Problem> {
    let who = ctx.principal(request, &[Role::Finance]).await?;
    let body = request.json_bytes().await?;
    let Paid { reference, proof } = parse_json(&body)?;
    for (field, text, most) in [("reference", &reference, 140), ("proof", &proof, 1_000)] {
        sentence(field, text, most)?;
    }
    let decide = async || {
        let paid = |change: &mut Change, found: &mut Found| {
            let Found { situation, refund } = found;
            let Some(payment) = &mut situation.payment else { return Ok(()) };
            let proof = (reference.clone(), proof.clone());
            pay_refund_offline(change, payment, &mut situation.cases, refund, proof)
        };
        decide(ctx, &who, ids, paid).await
    };
    ctx.change_once(request, &who, &body, decide).await
}

/// A refund with its payment and its case.
struct Found {
    situation: PaymentSituation,
    refund: Refund,
}

async fn decide(
    ctx: &Ctx,
    who: &Principal,
    (payment, refund): (&str, &str),
    step: impl FnOnce(&mut Change, &mut Found) -> Result<(), Refusal>,
) -> Decided<Answer> {
    let nothing = || Problem::not_found("refund");
    let payment = PaymentId::parse(payment).map_err(|_| nothing())?;
    let id = RefundId::parse(refund).map_err(|_| nothing())?;
    let situation = ctx.store.refund(&payment, &id).await?;
    let payment = situation.payment.as_ref().ok_or_else(nothing)?;
    let refund = payment.doc.refund(&id).cloned().ok_or_else(nothing)?;
    let mut found = Found { situation, refund };
    let mut change = Change::new(who.actor(), ctx.now());
    step(&mut change, &mut found)?;
    let payment = found.situation.payment.as_ref().ok_or_else(nothing)?;
    let answer = Answer::ok(views::payment_in_full(&payment.doc));
    Ok((change, answer.at_version(payment.version + 1)))
}
