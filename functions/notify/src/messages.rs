//! Messages and their delivery log: what was sent, how often, and what was answered. A person may
//! have one sent once more.

use crate::endpoints::endpoint_of;
use crate::view;
use domain::{Change, MessageState, OrderId, Recipient, redeliver};
use edge::{Answer, Ctx, Cursor, Principal, Problem, Request, Response, Role, json, parse_json};
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json as value};
use store::{Before, KeptMessage, LoggedMessage};

const READERS: [Role; 3] = [Role::Merchant, Role::Support, Role::Operator];

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct Wish {}

/// A merchant sees what is for their own systems and people; the platform's people see all.
fn sees(who: &Principal, message: &Recipient) -> bool {
    match who.role {
        Role::Support | Role::Operator => true,
        Role::Merchant => {
            message.merchant().is_some_and(|of| who.merchant.as_deref() == Some(of.as_str()))
        }
        Role::Buyer | Role::Warehouse | Role::Finance => false,
    }
}

/// Those of an order (`?order=`), or of an endpoint (`?endpoint=`, by page, and `?state=`).
pub async fn list(ctx: &Ctx, request: &Request) -> Result<Response, Problem> {
    let who = ctx.principal(request, &READERS).await?;
    match (request.query("order"), request.query("endpoint")) {
        (Some(order), None) => of_order(ctx, &who, &order).await,
        (None, Some(endpoint)) => of_endpoint(ctx, request, &who, &endpoint).await,
        (Some(_), Some(_)) | (None, None) => {
            Err(Problem::bad_request("no_filter", "either order or endpoint must be given"))
        }
    }
}

async fn of_order(ctx: &Ctx, who: &Principal, order: &str) -> Result<Response, Problem> {
    let unknown = || Problem::not_found("order");
    let order = OrderId::parse(order).map_err(|_| unknown())?;
    let known = ctx.store.load::<domain::Order>(order.as_str()).await?.ok_or_else(unknown)?;
    who.may_see(&known.doc)?;
    let found = ctx.store.messages_of_order(order.as_str()).await?;
    let shown = found.iter().filter(|message| sees(who, &message.message)).map(view::message);
    Ok(json(StatusCode::OK, &value!({"messages": shown.collect::<Vec<Value>>()})))
}

async fn of_endpoint(
    ctx: &Ctx,
    request: &Request,
    who: &Principal,
    endpoint: &str,
) -> Result<Response, Problem> {
    let endpoint = endpoint_of(ctx, who, endpoint).await?;
    let cursor = Cursor::read(request)?;
    let state = request.query("state").map(|word| state_of(&word)).transpose()?;
    let before = before(cursor.after.as_deref())?;
    let (id, limit) = (endpoint.doc.id.as_str(), cursor.limit);
    let found = ctx.store.messages_of_endpoint(id, &before, state, limit + 1).await?;
    let more = i64::try_from(found.len()).unwrap_or(0) > limit;
    let page = found.iter().take(usize::try_from(limit).unwrap_or(0));
    let key = |m: &KeptMessage| Cursor::next(&format!("{}|{}", m.created_at, m.id));
    let next = page.clone().next_back().filter(|_| more).map(key);
    let messages: Vec<Value> = page.map(view::message).collect();
    Ok(json(StatusCode::OK, &value!({"messages": messages, "next_cursor": next})))
}

fn state_of(word: &str) -> Result<MessageState, Problem> {
    serde_json::from_value(value!(word))
        .map_err(|_| Problem::bad_request("unknown_state", "there is no such state"))
}

fn before(cursor: Option<&str>) -> Result<Before, Problem> {
    let Some(cursor) = cursor else {
        return Ok(Before { created_at: i64::MAX, id: String::new() });
    };
    let bad = || Problem::bad_request("bad_cursor", "cursor makes no sense");
    let (at, id) = cursor.split_once('|').ok_or_else(bad)?;
    Ok(Before { created_at: at.parse().map_err(|_| bad())?, id: id.to_owned() })
}

async fn visible(ctx: &Ctx, who: &Principal, id: &str) -> Result<LoggedMessage, Problem> {
    let known = ctx.store.message(id).await?;
    known
        .filter(|known| sees(who, &known.message.message))
        .ok_or_else(|| Problem::not_found("message"))
}

pub async fn show(ctx: &Ctx, request: &Request, id: &str) -> Result<Response, Problem> {
    let who = ctx.principal(request, &READERS).await?;
    let known = visible(ctx, &who, id).await?;
    Ok(json(StatusCode::OK, &view::with_log(&known)))
}

/// Once more, as it is: a webhook with the same `webhook-id`, to a buyer the same words.
pub async fn again(ctx: &Ctx, request: &Request, id: &str) -> Result<Response, Problem> {
    let who = ctx.principal(request, &READERS).await?;
    let body = request.json_bytes().await?;
    let Wish {} = parse_json(&body)?;
    let decide = async || {
        let known = visible(ctx, &who, id).await?;
        let KeptMessage { state, message, attempts, .. } = &known.message;
        let mut change = Change::new(who.actor(), ctx.now());
        redeliver(&mut change, (id, *attempts), *state, message)?;
        Ok((change, Answer { status: 202, ..Answer::ok(view::asked(&known.message, ctx.now())) }))
    };
    ctx.change_once(request, &who, &body, decide).await
}
