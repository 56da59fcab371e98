//! notify: who is told of what, and what became of each message. Buyers say how they are told,
//! merchants where their systems listen; dispatch does the telling.

mod buyers;
mod endpoints;
mod messages;
mod steps;
mod view;

use edge::{Ctx, Problem, Request, Response};
use http::Method;

pub async fn handle(ctx: &Ctx, request: &Request) -> Result<Response, Problem> {
    let (get, put) = (request.method == Method::GET, request.method == Method::PUT);
    let post = request.method == Method::POST;
    match request.segments().as_slice() {
        ["buyers", id] if get => buyers::show(ctx, request, id).await,
        ["buyers", id] if put => buyers::put(ctx, request, id).await,
        ["endpoints"] if get => endpoints::list(ctx, request).await,
        ["endpoints"] if post => endpoints::open(ctx, request).await,
        ["endpoints", id] if get => endpoints::show(ctx, request, id).await,
        ["endpoints", id] if put => endpoints::put(ctx, request, id).await,
        ["endpoints", id, "rotate"] if post => steps::rotate(ctx, request, id).await,
        ["endpoints", id, "ping"] if post => steps::ping(ctx, request, id).await,
        ["endpoints", id, "enable"] if post => steps::enable(ctx, request, id).await,
        ["endpoints", id, "disable"] if post => steps::disable(ctx, request, id).await,
        ["messages"] if get => messages::list(ctx, request).await,
        ["messages", id] if get => messages::show(ctx, request, id).await,
        ["messages", id, "redeliver"] if post => messages::again(ctx, request, id).await,
        ["buyers", _] | ["endpoints", _] => Err(Problem::method_not_allowed("GET, PUT")),
        ["endpoints"] => Err(Problem::method_not_allowed("GET, POST")),
        ["messages"] | ["messages", _] => Err(Problem::method_not_allowed("GET")),
        ["endpoints", _, "rotate" | "ping" | "enable" | "disable"]
        | ["messages", _, "redeliver"] => Err(Problem::method_not_allowed("POST")),
        _ => Err(Problem::not_found("path")),
    }
}

#[cfg(target_family = "wasm")]
#[spin_sdk::http_service]
async fn serve(request: spin_sdk::http::Request) -> edge::spin::SpinResponse {
    edge::spin::serve(request, handle).await
}
