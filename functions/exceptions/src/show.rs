//! The queue, and one exception. Merchants see their own, warehouses those of their parcels.

use domain::{Exception, ExceptionId, Stored, Trouble};
use edge::{Ctx, Cursor, Principal, Problem, Request, Response, Role, page, views};
use serde_json::Value;
use store::{ExceptionFilter, ExceptionSituation};

/// Who looks after exceptions.
pub const ROLES: [Role; 5] =
    [Role::Merchant, Role::Warehouse, Role::Support, Role::Finance, Role::Operator];
const STATES: [&str; 4] = ["open", "waiting", "intercepting", "resolved"];
const FILTERS: [&str; 5] = ["state", "kind", "merchant", "warehouse", "owner"];

/// Those that are not resolved, the next ones due first; resolved ones (`?state=resolved`) the
/// newest first.
pub async fn list(ctx: &Ctx, request: &Request) -> Result<Response, Problem> {
    let who = ctx.principal(request, &ROLES).await?;
    let cursor = Cursor::read(request)?;
    let (state, kind) = (request.query("state"), request.query("kind"));
    if state.as_deref().is_some_and(|s| !STATES.contains(&s)) {
        return Err(Problem::bad_request("unknown_state", "there is no such state"));
    }
    if kind.as_deref().is_some_and(|k| Trouble::parse(k).is_none()) {
        return Err(Problem::bad_request("unknown_kind", "there is no such kind"));
    }
    let filter = ExceptionFilter {
        merchant: who.merchant.clone().or_else(|| request.query("merchant")),
        warehouse: who.warehouse.clone().or_else(|| request.query("warehouse")),
        owner: request.query("owner"),
        state,
        kind,
    };
    let after = key(&cursor)?;
    let rows = ctx.store.exceptions_page(&filter, after, cursor.limit + 1).await?;
    let row = |e: &Stored<Exception>| -> (String, Value) {
        let due = e.doc.due().map_or(0, |due| due.0);
        (format!("{due} {}", e.doc.id), views::exception(&e.doc))
    };
    Ok(page(request, &cursor, "exceptions", rows.iter().map(row).collect(), &FILTERS))
}

/// The time of a cursor and its id.
fn key(cursor: &Cursor) -> Result<(i64, &str), Problem> {
    let Some(after) = cursor.after.as_deref() else { return Ok((i64::MIN, "")) };
    let read = after.split_once(' ').and_then(|(due, id)| Some((due.parse().ok()?, id)));
    read.ok_or_else(|| Problem::bad_request("bad_cursor", "cursor makes no sense"))
}

pub async fn show(ctx: &Ctx, request: &Request, id: &str) -> Result<Response, Problem> {
    let who = ctx.principal(request, &ROLES).await?;
    let id = ExceptionId::parse(id).map_err(|_| Problem::not_found("exception"))?;
    let found = ctx.store.load::<Exception>(id.as_str()).await?;
    let found = found.ok_or_else(|| Problem::not_found("exception"))?;
    may_see(&who, &found.doc)?;
    Ok(ctx.show(request, found.version, &views::exception(&found.doc)))
}

/// What somebody may not see does not exist for them.
fn may_see(who: &Principal, exception: &Exception) -> Result<(), Problem> {
    let sees = match who.role {
        Role::Merchant => who.merchant.as_deref() == Some(exception.merchant.as_str()),
        Role::Warehouse => who.warehouse.as_deref() == Some(exception.warehouse.as_str()),
        Role::Support | Role::Finance | Role::Operator => true,
        Role::Buyer => false,
    };
    if sees { Ok(()) } else { Err(Problem::not_found("exception")) }
}

/// An exception that is to be changed, with what it touches.
pub async fn situation(
    ctx: &Ctx,
    request: &Request,
    who: &Principal,
    id: &str,
) -> Result<ExceptionSituation, Problem> {
    let id = ExceptionId::parse(id).map_err(|_| Problem::not_found("exception"))?;
    let found = ctx.store.exception_situation(&id).await?;
    let found = found.ok_or_else(|| Problem::not_found("exception"))?;
    may_see(who, &found.exception.doc)?;
    ctx.if_match(request, found.exception.version)?;
    Ok(found)
}
