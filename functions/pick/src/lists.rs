//! Pick lists: pages of a wave's, one with its tasks, and who walks it.

use crate::{PICKERS, view};
use domain::{Change, PickList, Refusal, Stored, call_list_off, claim_list, give_list_back};
use edge::{Answer, Ctx, Cursor, Principal, Problem, Request, Response, parse_json};
use serde::Deserialize;
use store::{ListFilter, ListInPage};

const STATES: [&str; 4] = ["open", "claimed", "done", "called_off"];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wish {
    /// By the name in their token; left out: whoever asks.
    picker: Option<String>,
}

impl Wish {
    /// Who is to walk it.
    fn picker(self, who: &Principal) -> Result<String, Problem> {
        match self.picker {
            None => Ok(who.sub.clone()),
            Some(name) => {
                edge::sentence("picker", &name, 100)?;
                Ok(name)
            }
        }
    }
}

/// Lists of a wave, in their order.
pub async fn page(ctx: &Ctx, request: &Request, id: &str) -> Result<Response, Problem> {
    let who = ctx.principal(request, PICKERS).await?;
    let cursor = Cursor::read(request)?;
    let (state, picker) = (request.query("state"), request.query("picker"));
    if state.as_deref().is_some_and(|s| !STATES.contains(&s)) {
        return Err(Problem::bad_request("unknown_state", "there is no such state"));
    }
    let wave = ctx.store.load::<domain::Wave>(id).await?;
    let wave = wave.ok_or_else(|| Problem::not_found("wave"))?;
    who.works_at(wave.doc.wanted.warehouse.as_str())?;
    let (after, filter) = (cursor.number()?.unwrap_or(0), ListFilter { state, picker });
    let found = ctx.store.lists_page(id, &filter, after, cursor.limit + 1).await?;
    let row = |list: &ListInPage| (list.no.to_string(), view::list_in_page(list));
    let rows = found.iter().map(row).collect();
    Ok(edge::page(request, &cursor, "lists", rows, &["state", "picker"]))
}

/// A list with its tasks, and what of each is wanted now.
pub async fn show(ctx: &Ctx, request: &Request, id: &str) -> Result<Response, Problem> {
    let who = ctx.principal(request, PICKERS).await?;
    let found = ctx.store.pick_list(id).await?;
    let (list, orders) = found.ok_or_else(|| Problem::not_found("pick list"))?;
    who.works_at(list.doc.warehouse.as_str())?;
    // What is wanted changes with its orders, so a version of the list would not tell it.
    Ok(edge::json(http::StatusCode::OK, &view::list_now(&list.doc, &orders)))
}

/// Somebody takes a list, to walk it.
pub async fn claim(ctx: &Ctx, request: &Request, id: &str) -> Result<Response, Problem> {
    let who = ctx.principal(request, PICKERS).await?;
    let body = request.json_bytes().await?;
    let picker = parse_json::<Wish>(&body)?.picker(&who)?;
    step(ctx, request, (&who, &body), id, |change, list| claim_list(change, list, &picker)).await
}

/// A list is left to others.
pub async fn give_back(ctx: &Ctx, request: &Request, id: &str) -> Result<Response, Problem> {
    let who = ctx.principal(request, PICKERS).await?;
    let body = request.json_bytes().await?;
    let Nothing {} = parse_json(&body)?;
    step(ctx, request, (&who, &body), id, give_list_back).await
}

/// Whatever was not picked of a list waits for another one.
pub async fn call_off(ctx: &Ctx, request: &Request, id: &str) -> Result<Response, Problem> {
    let who = ctx.principal(request, PICKERS).await?;
    let body = request.json_bytes().await?;
    let Nothing {} = parse_json(&body)?;
    step(ctx, request, (&who, &body), id, call_list_off).await
}

async fn step(
    ctx: &Ctx,
    request: &Request,
    (who, body): (&Principal, &[u8]),
    id: &str,
    decide: impl Fn(&mut Change, &mut Stored<PickList>) -> Result<(), Refusal>,
) -> Result<Response, Problem> {
    let decide = async || {
        let found = ctx.store.load::<PickList>(id).await?;
        let mut list = found.ok_or_else(|| Problem::not_found("pick list"))?;
        who.works_at(list.doc.warehouse.as_str())?;
        ctx.if_match(request, list.version)?;
        let mut change = Change::new(who.actor(), ctx.now());
        decide(&mut change, &mut list)?;
        let version = if change.is_empty() { list.version } else { list.version + 1 };
        Ok((change, Answer::ok(view::list(&list.doc)).at_version(version)))
    };
    ctx.change_once(request, who, body, decide).await
}

/// Takes the next list of a wave that nobody walks.
pub async fn next(ctx: &Ctx, request: &Request, wave: &str) -> Result<Response, Problem> {
    let who = ctx.principal(request, PICKERS).await?;
    let body = request.json_bytes().await?;
    let picker = parse_json::<Wish>(&body)?.picker(&who)?;
    let decide = async || {
        let mut list = ctx.store.next_list(wave).await?.ok_or(Refusal::NothingToPick)?;
        who.works_at(list.doc.warehouse.as_str())?;
        let mut change = Change::new(who.actor(), ctx.now());
        claim_list(&mut change, &mut list, &picker)?;
        Ok((change, Answer::ok(view::list(&list.doc)).at_version(list.version + 1)))
    };
    ctx.change_once(request, &who, &body, decide).await
}
