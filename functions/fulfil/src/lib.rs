//! fulfil: what warehouses have to do; units of paid orders go into parcels, and out of them again.

mod pack;
mod packings;
mod reroute;
mod serials;
mod to_pick;
mod unpack;

use edge::{Ctx, Problem, Request, Response};
use http::Method;

pub async fn handle(ctx: &Ctx, request: &Request) -> Result<Response, Problem> {
    let (get, post) = (request.method == Method::GET, request.method == Method::POST);
    match request.segments().as_slice() {
        ["fulfilment", "orders"] if get => to_pick::list(ctx, request).await,
        ["fulfilment", "orders", id, "reroute"] if post => reroute::reroute(ctx, request, id).await,
        ["fulfilment", "packings", rest @ ..] => packings::route(ctx, request, rest).await,
        ["fulfilment", "parcels"] if post => pack::pack(ctx, request).await,
        ["fulfilment", "parcels", id, "unpack"] if post => unpack::unpack(ctx, request, id).await,
        ["fulfilment", "serials"] if get => serials::show(ctx, request).await,
        ["fulfilment", "orders"] | ["fulfilment", "serials"] => {
            Err(Problem::method_not_allowed("GET"))
        }
        ["fulfilment", "orders", _, "reroute"] => Err(Problem::method_not_allowed("POST")),
        ["fulfilment", "parcels"] | ["fulfilment", "parcels", _, "unpack"] => {
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
