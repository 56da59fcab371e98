//! Cash on delivery: what carriers remit of it, and what they do not.

mod missing;
mod remit;
mod show;

use edge::{Ctx, Problem, Request, Response, import::import};
use http::Method;

/// The paths after `/v1/settlements/remittances`.
pub async fn handle(ctx: &Ctx, request: &Request, path: &[&str]) -> Result<Response, Problem> {
    let (get, post) = (request.method == Method::GET, request.method == Method::POST);
    match path {
        [] if post => import::<remit::Remittances>(ctx, request).await,
        ["missing"] if get => missing::show(ctx, request).await,
        ["missing", parcel, "write-off"] if post => missing::write_off(ctx, request, parcel).await,
        [carrier, number] if get => show::show(ctx, request, carrier, number).await,
        [] | [_, _, "write-off"] => Err(Problem::method_not_allowed("POST")),
        ["missing"] | [_, _] => Err(Problem::method_not_allowed("GET")),
        _ => Err(Problem::not_found("path")),
    }
}
