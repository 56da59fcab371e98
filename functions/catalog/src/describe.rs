//! One thing of the catalog: what it is, and saying that it is something else now.

use crate::kinds::Described;
use domain::{Change, describe};
use edge::{Ctx, Problem, Request, Response, Role, json, parse_json};
use http::{StatusCode, header};
use serde_json::json as value;

const READERS: [Role; 5] =
    [Role::Merchant, Role::Warehouse, Role::Support, Role::Finance, Role::Operator];

pub async fn show<D: Described>(
    ctx: &Ctx,
    request: &Request,
    id: &str,
) -> Result<Response, Problem> {
    let who = ctx.principal(request, &READERS).await?;
    let known = ctx.store.load::<D>(id).await?.ok_or_else(|| Problem::not_found(D::WORD))?;
    Ok(ctx.show(request, known.version, &known.doc.view(&who)))
}

/// Makes it or replaces it. `If-Match` is needed to replace what is there, so that nobody's change
/// is lost; `If-None-Match: *` says that it must be new.
pub async fn put<D: Described>(
    ctx: &Ctx,
    request: &Request,
    id: &str,
) -> Result<Response, Problem> {
    let who = ctx.principal(request, &[Role::Operator, Role::Merchant]).await?;
    let body = request.json_bytes().await?;
    let wanted: D = parse_json(&body)?;
    if wanted.id() != id {
        return Err(Problem::invalid("#/id", "differs", "the path names another one"));
    }
    wanted.may_be_said_by(&who)?;
    wanted.check(ctx).await?;
    let decide = async || {
        let known = ctx.store.load::<D>(id).await?;
        let new = known.is_none();
        match &known {
            Some(_) if request.header(header::IF_NONE_MATCH.as_str()) == Some("*") => {
                let status = StatusCode::PRECONDITION_FAILED;
                return Err(Problem::new(status, "exists", "it exists already"));
            }
            Some(known) if known.doc != wanted => {
                if request.header(header::IF_MATCH.as_str()).is_none() {
                    let status = StatusCode::PRECONDITION_REQUIRED;
                    let detail = "If-Match must name the version that is replaced";
                    return Err(Problem::new(status, "if_match_needed", detail));
                }
                known.doc.may_be_said_by(&who)?;
                ctx.if_match(request, known.version)?;
            }
            Some(_) | None => {}
        }
        let mut change = Change::new(who.actor(), ctx.now());
        let version = known.as_ref().map_or(0, |k| k.version);
        describe(&mut change, known, wanted.clone());
        let version = if change.is_empty() { version } else { version + 1 };
        Ok((change, (new, version)))
    };
    let (new, version) = ctx.change(request, decide).await?;
    let mut response = ctx.show(request, version, &wanted.view(&who));
    if new {
        *response.status_mut() = StatusCode::CREATED;
    }
    Ok(response)
}

/// What of an SKU is where, in pieces.
pub async fn stock(ctx: &Ctx, request: &Request, id: &str) -> Result<Response, Problem> {
    ctx.principal(request, &READERS).await?;
    let known = ctx.store.known(&[id], &[], &[]).await?;
    if known.skus.is_empty() {
        return Err(Problem::not_found("SKU"));
    }
    Ok(json(StatusCode::OK, &value!({"sku": id, "stock": known.stock})))
}
