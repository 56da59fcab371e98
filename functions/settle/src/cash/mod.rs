//! Cash on delivery: what carriers remit of it, and what they do not.

mod assign;
mod list;
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
        [] if get => list::list(ctx, request).await,
        ["missing"] if get => missing::show(ctx, request).await,
        ["missing", parcel, "write-off"] if post => missing::write_off(ctx, request, parcel).await,
        [carrier, number] if get => show::show(ctx, request, carrier, number).await,
        [carrier, number, waybill, "assign"] if post => {
            assign::assign(ctx, request, [carrier, number, waybill]).await
        }
        [] => Err(Problem::method_not_allowed("GET, POST")),
        [_, _, "write-off"] | [_, _, _, "assign"] => Err(Problem::method_not_allowed("POST")),
        ["missing"] | [_, _] => Err(Problem::method_not_allowed("GET")),
        _ => Err(Problem::not_found("path")),
    }
}
