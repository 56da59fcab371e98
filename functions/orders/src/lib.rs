//! orders: what there is to see of an order, and what its buyer or merchant may do with it.
//!
//! Who may not see an order is told that it does not exist.

mod address;
mod believe;
mod cancel;
mod confirm_receipt;
mod list;
mod note;
mod purchase;
mod show;
mod substitute;
mod tracking;

use edge::{Ctx, Problem, Request, Response};
use http::Method;

pub async fn handle(ctx: &Ctx, request: &Request) -> Result<Response, Problem> {
    let (get, post) = (request.method == Method::GET, request.method == Method::POST);
    match request.segments().as_slice() {
        ["orders"] if get => list::list(ctx, request).await,
        ["orders", id] if get => show::show(ctx, request, id).await,
        ["orders", id, "timeline"] if get => show::timeline(ctx, request, id).await,
        ["orders", id, "tracking"] if get => tracking::tracking(ctx, request, id).await,
        ["orders", id, "cancel"] if post => cancel::cancel(ctx, request, id).await,
        ["orders", id, "address"] if post => address::change(ctx, request, id).await,
        ["orders", id, "confirm"] if post => believe::confirm(ctx, request, id).await,
        ["orders", id, "decline"] if post => believe::decline(ctx, request, id).await,
        ["orders", id, "confirm-receipt"] if post => {
            confirm_receipt::confirm_receipt(ctx, request, id).await
        }
        ["orders", id, "substitutes", line, "accept"] if post => {
            substitute::accept(ctx, request, (id, line)).await
        }
        ["orders", id, "substitutes", line, "decline"] if post => {
            substitute::decline(ctx, request, (id, line)).await
        }
        ["purchases", id] if get => purchase::show(ctx, request, id).await,
        ["purchases", id, "ledger"] if get => purchase::ledger(ctx, request, id).await,
        ["orders"] | ["orders", _] | ["orders", _, "timeline" | "tracking"] => {
            Err(Problem::method_not_allowed("GET"))
        }
        ["orders", _, "cancel" | "address" | "confirm" | "decline" | "confirm-receipt"]
        | ["orders", _, "substitutes", _, "accept" | "decline"] => {
            Err(Problem::method_not_allowed("POST"))
        }
        ["purchases", _] | ["purchases", _, "ledger"] => Err(Problem::method_not_allowed("GET")),
        _ => Err(Problem::not_found("path")),
    }
}

#[cfg(target_family = "wasm")]
#[spin_sdk::http_service]
async fn serve(request: spin_sdk::http::Request) -> edge::spin::SpinResponse {
    edge::spin::serve(request, handle).await
}
