//! Money in suspense: who finance gives it to, sends it back to, or why they keep it.

use domain::{
    Change, PaymentId, Stored, Suspense, SuspenseId, give_suspense, keep_suspense, refund_suspense,
};
use edge::{
    Answer, Ctx, Cursor, Problem, Request, Response, Role, json, parse_json, sentence, views,
};
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json as value};

const READERS: [Role; 3] = [Role::Support, Role::Finance, Role::Operator];
const STATES: [&str; 6] = ["waiting", "open", "given", "refunding", "refunded", "kept"];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Given {
    payment: PaymentId,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct Wish {}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    reason: String,
    /// Where the proof is, and what it shows.
    proof: String,
}

async fn load(ctx: &Ctx, id: &str) -> Result<Stored<Suspense>, Problem> {
    let id = SuspenseId::parse(id).map_err(|_| Problem::not_found("money in suspense"))?;
    let item = ctx.store.load::<Suspense>(id.as_str()).await?;
    item.ok_or_else(|| Problem::not_found("money in suspense"))
}

/// Of one state (`?state=`); without one, what waits for a person.
pub async fn list(ctx: &Ctx, request: &Request) -> Result<Response, Problem> {
    ctx.principal(request, &READERS).await?;
    let cursor = Cursor::read(request)?;
    let after = cursor.after.as_deref().unwrap_or_default();
    let page = match request.query("state") {
        None => ctx.store.suspense_needing_a_person(after, cursor.limit).await?,
        Some(state) if STATES.contains(&state.as_str()) => {
            ctx.store.suspense_page(&state, after, cursor.limit).await?
        }
        Some(_) => return Err(Problem::bad_request("unknown_state", "there is no such state")),
    };
    let full = i64::try_from(page.len()).unwrap_or(0) == cursor.limit;
    let next = page.last().filter(|_| full).map(|last| Cursor::next(last.doc.id.as_str()));
    let items: Vec<Value> = page.iter().map(|item| views::suspense(&item.doc)).collect();
    Ok(json(StatusCode::OK, &value!({"suspense": items, "next_cursor": next})))
}

pub async fn show(ctx: &Ctx, request: &Request, id: &str) -> Result<Response, Problem> {
    ctx.principal(request, &READERS).await?;
    let item = load(ctx, id).await?;
    Ok(ctx.show(request, item.version, &views::suspense(&item.doc)))
}

pub async fn give(ctx: &Ctx, request: &Request, id: &str) -> Result<Response, Problem> {
    let who = ctx.principal(request, &[Role::Finance]).await?;
    let body = request.json_bytes().await?;
    let Given { payment: to } = parse_json(&body)?;
    let decide = async || {
        let mut item = load(ctx, id).await?;
        ctx.if_match(request, item.version)?;
        let mut situation = ctx.suspense_situation(&item.doc, Some(to.as_str())).await?;
        let unknown = || Problem::invalid("#/payment", "unknown_payment", "no such payment");
        let mut payment = situation.payment.take().ok_or_else(unknown)?;
        let mut change = Change::new(who.actor(), ctx.now());
        let ids = &mut ctx.ids();
        let verdict = give_suspense(&mut change, &mut item, &mut payment, &mut situation, ids)?;
        let view = value!({"suspense": views::suspense(&item.doc), "verdict": verdict,
            "payment": views::payment_in_full(&payment.doc)});
        Ok((change, Answer::ok(view).at_version(item.version + 1)))
    };
    ctx.change_once(request, &who, &body, decide).await
}

pub async fn refund(ctx: &Ctx, request: &Request, id: &str) -> Result<Response, Problem> {
    let who = ctx.principal(request, &[Role::Finance]).await?;
    let body = request.json_bytes().await?;
    let Wish {} = parse_json(&body)?;
    let decide = async || {
        let mut item = load(ctx, id).await?;
        ctx.if_match(request, item.version)?;
        let mut change = Change::new(who.actor(), ctx.now());
        refund_suspense(&mut change, &mut item, &mut ctx.ids())?;
        let view = views::suspense(&item.doc);
        Ok((change, Answer::ok(view).at_version(item.version + 1)))
    };
    ctx.change_once(request, &who, &body, decide).await
}

pub async fn keep(ctx: &Ctx, request: &Request, id: &str) -> Result<Response, Problem> {
    let who = ctx.principal(request, &[Role::Finance]).await?;
    let body = request.json_bytes().await?;
    let Kept { reason, proof } = parse_json(&body)?;
    sentence("reason", &reason, 500)?;
    sentence("proof", &proof, 1_000)?;
    let decide = async || {
        let mut item = load(ctx, id).await?;
        ctx.if_match(request, item.version)?;
        let mut change = Change::new(who.actor(), ctx.now());
        keep_suspense(&mut change, &mut item, reason.clone(), proof.clone())?;
        let view = views::suspense(&item.doc);
        Ok((change, Answer::ok(view).at_version(item.version + 1)))
    };
    ctx.change_once(request, &who, &body, decide).await
}
