//! after-sale: a buyer wants money back, or to send goods back for money.

mod open;
mod receive;
mod review;
mod send_back;
mod show;

use edge::{Ctx, Problem, Request, Response};
use http::Method;

pub async fn handle(ctx: &Ctx, request: &Request) -> Result<Response, Problem> {
    let (get, post) = (request.method == Method::GET, request.method == Method::POST);
    match request.segments().as_slice() {
        ["after-sales"] if post => open::open(ctx, request).await,
        ["after-sales", id] if get => show::show(ctx, request, id).await,
        ["after-sales", id, "approve"] if post => review::approve(ctx, request, id).await,
        ["after-sales", id, "reject"] if post => review::reject(ctx, request, id).await,
        ["after-sales", id, "withdraw"] if post => review::withdraw(ctx, request, id).await,
        ["after-sales", id, "send-back"] if post => send_back::send_back(ctx, request, id).await,
        ["after-sales", id, "receive"] if post => receive::receive(ctx, request, id).await,
        ["after-sales", _] => Err(Problem::method_not_allowed("GET")),
        ["after-sales"]
        | ["after-sales", _, "approve" | "reject" | "withdraw" | "send-back" | "receive"] => {
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
