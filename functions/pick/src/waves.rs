//! Waves as people see them.

use crate::{PICKERS, view};
use domain::{Stored, Wave};
use edge::{Ctx, Cursor, Principal, Problem, Request, Response, Role, page};

/// A wave, and how far it is.
pub async fn show(ctx: &Ctx, request: &Request, id: &str) -> Result<Response, Problem> {
    let who = ctx.principal(request, PICKERS).await?;
    let found = ctx.store.wave(id).await?.ok_or_else(|| Problem::not_found("wave"))?;
    who.works_at(found.wave.doc.wanted.warehouse.as_str())?;
    Ok(ctx.show(request, found.wave.version, &view::wave(&found)))
}

/// Waves of a warehouse, the newest first.
pub async fn list(ctx: &Ctx, request: &Request) -> Result<Response, Problem> {
    let who = ctx.principal(request, PICKERS).await?;
    let warehouse = warehouse(request, &who)?;
    let cursor = Cursor::read(request)?;
    let bad = || Problem::bad_request("bad_cursor", "cursor makes no sense");
    let before = match cursor.after.as_deref().map(|key| key.split_once('/')) {
        None => (i64::MAX, ""),
        Some(Some((at, id))) => (at.parse().map_err(|_| bad())?, id),
        Some(None) => return Err(bad()),
    };
    let found = ctx.store.waves_page(&warehouse, before, cursor.limit + 1).await?;
    let row = |wave: &Stored<Wave>| {
        let key = format!("{}/{}", wave.doc.begun_at.0, wave.doc.id);
        (key, view::wave_in_page(&wave.doc))
    };
    let rows = found.iter().map(row).collect();
    Ok(page(request, &cursor, "waves", rows, &["warehouse"]))
}

/// A warehouse's own people see theirs; others say which.
pub fn warehouse(request: &Request, who: &Principal) -> Result<String, Problem> {
    let theirs = who.warehouse.clone().filter(|_| who.role == Role::Warehouse);
    let named = theirs.or_else(|| request.query("warehouse"));
    named.ok_or_else(|| Problem::bad_request("no_warehouse", "say which warehouse is meant"))
}
