//! One thing of the catalog, or a page of them: what it is, and saying that it is something else
//! now. There is no way to delete one: it is retired by `active: false`, and can come back.

use crate::import::import;
use crate::kinds::{Described, READERS};
use domain::{Change, Millis, Stored, describe};
use edge::{
    Ctx, Cursor, Principal, Problem, Request, Response, Role, etag_of, page, parse_json, views,
};
use http::{Method, StatusCode, header};
use serde_json::json as value;
use std::collections::BTreeSet;
use store::{CatalogFilter, Said};

/// Everything that can be done with a kind.
pub async fn route<D: Described>(
    ctx: &Ctx,
    request: &Request,
    rest: &[&str],
) -> Result<Response, Problem> {
    match (&request.method, rest) {
        (&Method::GET, []) => list::<D>(ctx, request).await,
        (&Method::GET, [id]) => show::<D>(ctx, request, id).await,
        (&Method::PUT, [id]) => put::<D>(ctx, request, id).await,
        (&Method::GET, [id, "history"]) => history::<D>(ctx, request, id).await,
        (&Method::POST, ["import"]) => import::<crate::import::Documents<D>>(ctx, request).await,
        (_, [] | [_, "history"]) => Err(Problem::method_not_allowed("GET")),
        (_, ["import"]) => Err(Problem::method_not_allowed("POST")),
        (_, [_]) => Err(Problem::method_not_allowed("GET, PUT")),
        _ => Err(Problem::not_found("path")),
    }
}

/// By id, a page at a time; a merchant sees their own.
async fn list<D: Described>(ctx: &Ctx, request: &Request) -> Result<Response, Problem> {
    let who = ctx.principal(request, READERS).await?;
    let cursor = Cursor::read(request)?;
    let active = match request.query("active").as_deref() {
        None => None,
        Some("true") => Some(true),
        Some("false") => Some(false),
        Some(_) => return Err(Problem::bad_request("bad_filter", "active is true or false")),
    };
    let own = who.merchant.clone().filter(|_| who.role == Role::Merchant);
    let merchant = own.or_else(|| request.query("merchant"));
    let filter = CatalogFilter { merchant, active };
    let after = cursor.after.as_deref().unwrap_or_default();
    let found = ctx.store.page::<D>(&filter, after, cursor.limit + 1).await?;
    let row = |known: &Stored<D>| (known.doc.id().to_owned(), known.doc.view());
    let rows = found.iter().map(row).collect();
    Ok(page(request, &cursor, D::KIND, rows, &["merchant", "active"]))
}

async fn show<D: Described>(ctx: &Ctx, request: &Request, id: &str) -> Result<Response, Problem> {
    let who = ctx.principal(request, READERS).await?;
    let known = ctx.store.load::<D>(id).await?.filter(|known| known.doc.is_visible_to(&who));
    let known = known.ok_or_else(|| Problem::not_found(D::WORD))?;
    Ok(ctx.show(request, known.version, &known.doc.view()))
}

/// What it was said to be, by whom and when, the newest first.
async fn history<D: Described>(
    ctx: &Ctx,
    request: &Request,
    id: &str,
) -> Result<Response, Problem> {
    let who = ctx.principal(request, READERS).await?;
    let cursor = Cursor::read(request)?;
    let before = cursor.number()?.unwrap_or(i64::MAX);
    let known = ctx.store.load::<D>(id).await?.filter(|known| known.doc.is_visible_to(&who));
    known.ok_or_else(|| Problem::not_found(D::WORD))?;
    let said = ctx.store.descriptions::<D>(id, before, cursor.limit + 1).await?;
    let row = |said: &Said<D::Event>| {
        let domain::Described::Described { now } = &said.event;
        let (at, etag) = (views::time(Millis(said.at)), etag_of(said.version));
        let view = value!({"at": at, "by": said.actor, "etag": etag, "now": now.view()});
        (said.version.to_string(), view)
    };
    let rows = said.iter().map(row).collect();
    Ok(page(request, &cursor, "history", rows, &[]))
}

/// Makes it or replaces it. `If-Match` is needed to replace what is there, so that nobody's change
/// is lost; `If-None-Match: *` says that it must be new.
async fn put<D: Described>(ctx: &Ctx, request: &Request, id: &str) -> Result<Response, Problem> {
    let who = ctx.principal(request, D::WRITERS).await?;
    let body = request.json_bytes().await?;
    let wanted: D = parse_json(&body)?;
    if wanted.id() != id {
        return Err(Problem::invalid("#/id", "differs", "the path names another one"));
    }
    must_be_writable(&wanted, &who)?;
    let faults = wanted.faults();
    if !faults.is_empty() {
        return Err(Problem::faulty(faults));
    }
    let merchant = wanted.sold_by().map(|m| m.as_str());
    let (ids, merchants) = (BTreeSet::from([id]), BTreeSet::from_iter(merchant));
    let decide = async || {
        let batch = ctx.store.batch::<D>(&ids, &merchants).await?;
        if merchant.is_some_and(|m| !batch.merchants.contains(m)) {
            return Err(Problem::invalid(D::MERCHANT_AT, "unknown_merchant", "no such merchant"));
        }
        let known = batch.docs.into_iter().next();
        may_replace(ctx, request, &who, known.as_ref(), &wanted)?;
        let new = known.is_none();
        let mut change = Change::new(who.actor(), ctx.now());
        let version = known.as_ref().map_or(0, |k| k.version);
        describe(&mut change, known, wanted.clone());
        let version = if change.is_empty() { version } else { version + 1 };
        Ok((change, (new, version)))
    };
    let (new, version) = ctx.change(request, decide).await?;
    let mut response = ctx.show(request, version, &wanted.view());
    if new {
        *response.status_mut() = StatusCode::CREATED;
    }
    Ok(response)
}

fn must_be_writable<D: Described>(doc: &D, who: &Principal) -> Result<(), Problem> {
    if doc.is_writable_by(who) {
        Ok(())
    } else {
        Err(Problem::forbidden("only for the merchant's own people"))
    }
}

/// The preconditions of RFC 9110 §13, and one of ours: nothing is replaced unseen. Saying again
/// what it already is replaces nothing.
fn may_replace<D: Described>(
    ctx: &Ctx,
    request: &Request,
    who: &Principal,
    known: Option<&Stored<D>>,
    wanted: &D,
) -> Result<(), Problem> {
    let says = |name: header::HeaderName| request.header(name.as_str());
    match known {
        None if says(header::IF_MATCH).is_some() => {
            let status = StatusCode::PRECONDITION_FAILED;
            Err(Problem::new(status, "version_differs", "it does not exist"))
        }
        Some(_) if says(header::IF_NONE_MATCH) == Some("*") => {
            let status = StatusCode::PRECONDITION_FAILED;
            Err(Problem::new(status, "exists", "it exists already"))
        }
        Some(known) if known.doc != *wanted => {
            must_be_writable(&known.doc, who)?;
            if says(header::IF_MATCH).is_none() {
                let status = StatusCode::PRECONDITION_REQUIRED;
                let detail = "If-Match must name the version that is replaced";
                return Err(Problem::new(status, "if_match_needed", detail));
            }
            ctx.if_match(request, known.version)
        }
        Some(_) | None => Ok(()),
    }
}
