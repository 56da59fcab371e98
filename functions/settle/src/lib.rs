//! settle: what a merchant is owed becomes a statement, and the statement is paid out.
//!
//! Orders are settled one by one by the clock, when their after-sale window has ended; this closes
//! a period over what the ledger then says.

mod cash;
mod close;
mod payout;
mod show;

use edge::{Ctx, Problem, Request, Response};
use http::Method;

pub async fn handle(ctx: &Ctx, request: &Request) -> Result<Response, Problem> {
    let (get, post) = (request.method == Method::GET, request.method == Method::POST);
    match request.segments().as_slice() {
        ["settlements", "remittances", rest @ ..] => cash::handle(ctx, request, rest).await,
        ["settlements"] if post => close::close(ctx, request).await,
        ["settlements", id] if get => show::show(ctx, request, id).await,
        ["settlements", id, "lines"] if get => show::lines(ctx, request, id).await,
        ["settlements", id, "payout"] if post => payout::payout(ctx, request, id).await,
        ["settlements"] | ["settlements", _, "payout"] => Err(Problem::method_not_allowed("POST")),
        ["settlements", _] | ["settlements", _, "lines"] => Err(Problem::method_not_allowed("GET")),
        _ => Err(Problem::not_found("path")),
    }
}

#[cfg(target_family = "wasm")]
#[spin_sdk::http_service]
async fn serve(request: spin_sdk::http::Request) -> edge::spin::SpinResponse {
    edge::spin::serve(request, handle).await
}
