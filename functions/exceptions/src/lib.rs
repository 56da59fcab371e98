//! exceptions: the queue of what went wrong with parcels on their way, and what people decide about
//! it.
//!
//! Scans and silence open exceptions elsewhere; here they are looked after.

mod claim;
mod desk;
mod intercept;
mod open;
mod resolve;
mod show;

use edge::{Ctx, Problem, Request, Response};
use http::Method;

pub async fn handle(ctx: &Ctx, request: &Request) -> Result<Response, Problem> {
    let (get, post) = (request.method == Method::GET, request.method == Method::POST);
    match request.segments().as_slice() {
        ["exceptions"] if get => show::list(ctx, request).await,
        ["exceptions"] if post => open::open(ctx, request).await,
        ["exceptions", id] if get => show::show(ctx, request, id).await,
        ["exceptions", id, "assign"] if post => desk::assign(ctx, request, id).await,
        ["exceptions", id, "note"] if post => desk::note(ctx, request, id).await,
        ["exceptions", id, "resolve"] if post => resolve::resolve(ctx, request, id).await,
        ["exceptions", id, "intercept"] if post => intercept::ask(ctx, request, id).await,
        ["exceptions", id, "not-intercepted"] if post => intercept::failed(ctx, request, id).await,
        ["exceptions", id, "claim"] if post => claim::claim(ctx, request, id).await,
        ["exceptions", id, "claim", "accept"] if post => claim::accept(ctx, request, id).await,
        ["exceptions", id, "claim", "reject"] if post => claim::reject(ctx, request, id).await,
        ["exceptions", id, "claim", "pay"] if post => claim::pay(ctx, request, id).await,
        ["exceptions"] => Err(Problem::method_not_allowed("GET, POST")),
        ["exceptions", _] => Err(Problem::method_not_allowed("GET")),
        ["exceptions", _, "assign" | "note" | "resolve" | "intercept" | "not-intercepted"]
        | ["exceptions", _, "claim"]
        | ["exceptions", _, "claim", "accept" | "reject" | "pay"] => {
            Err(Problem::method_not_allowed("POST"))
        }
        _ => Err(Problem::not_found("path")),
    }
}

#[cfg(target_family = "wasm")]
#[spin_sdk::http_service]
async fn serve(request: spin_sdk::http::Request) -> edge::spin::SpinResponse {
    edge::spin::serve(request, handle).await
}
