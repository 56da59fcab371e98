//! Stock: what is where, what moved it, what is running out, and saying that there is more or less.
//! A merchant has to do with their own goods, a warehouse with its own shelves.

mod adjust;
mod levels;
mod movements;

use crate::import::{Counts, import};
use edge::{Ctx, Problem, Request, Response};
use http::Method;

/// What is about all stock.
pub async fn route(ctx: &Ctx, request: &Request, rest: &[&str]) -> Result<Response, Problem> {
    match (&request.method, rest) {
        (&Method::GET, ["low"]) => levels::low(ctx, request).await,
        (&Method::POST, ["adjustments"]) => adjust::adjust(ctx, request).await,
        (&Method::GET, ["adjustments", id]) => adjust::show(ctx, request, id).await,
        (&Method::POST, ["import"]) => import::<Counts>(ctx, request).await,
        (_, ["low"] | ["adjustments", _]) => Err(Problem::method_not_allowed("GET")),
        (_, ["adjustments"] | ["import"]) => Err(Problem::method_not_allowed("POST")),
        _ => Err(Problem::not_found("path")),
    }
}

/// What is about one SKU.
pub async fn of_sku(
    ctx: &Ctx,
    request: &Request,
    id: &str,
    what: &str,
) -> Result<Response, Problem> {
    match (&request.method, what) {
        (&Method::GET, "stock") => levels::of_sku(ctx, request, id).await,
        (&Method::GET, _) => movements::of_sku(ctx, request, id).await,
        _ => Err(Problem::method_not_allowed("GET")),
    }
}
