//! pick: orders that wait are planned into waves and pick lists, and picked task by task.

mod confirm;
mod lists;
mod plan;
mod put_away;
mod view;
mod waves;

use edge::{Ctx, Problem, Request, Response, Role};
use http::Method;

/// Who picks, and who sees to it.
pub(crate) const PICKERS: &[Role] = &[Role::Warehouse, Role::Operator];

pub async fn handle(ctx: &Ctx, request: &Request) -> Result<Response, Problem> {
    let (get, post) = (request.method == Method::GET, request.method == Method::POST);
    let put = request.method == Method::PUT;
    match request.segments().as_slice() {
        ["fulfilment", "waves"] if get => waves::list(ctx, request).await,
        ["fulfilment", "waves", "preview"] if post => plan::preview(ctx, request).await,
        ["fulfilment", "waves", id] if get => waves::show(ctx, request, id).await,
        ["fulfilment", "waves", id] if put => plan::plan(ctx, request, id).await,
        ["fulfilment", "waves", id, "lists"] if get => lists::page(ctx, request, id).await,
        ["fulfilment", "waves", id, "next"] if post => lists::next(ctx, request, id).await,
        ["fulfilment", "pick-lists", id] if get => lists::show(ctx, request, id).await,
        ["fulfilment", "pick-lists", id, "claim"] if post => lists::claim(ctx, request, id).await,
        ["fulfilment", "pick-lists", id, "give-back"] if post => {
            lists::give_back(ctx, request, id).await
        }
        ["fulfilment", "pick-lists", id, "call-off"] if post => {
            lists::call_off(ctx, request, id).await
        }
        ["fulfilment", "pick-lists", id, "tasks", task, "confirm"] if post => {
            confirm::confirm(ctx, request, (id, task)).await
        }
        ["fulfilment", "put-aways"] if get => put_away::list(ctx, request).await,
        ["fulfilment", "put-aways", order] if post => put_away::done(ctx, request, order).await,
        ["fulfilment", "waves", "preview"]
        | ["fulfilment", "waves", _, "next"]
        | ["fulfilment", "pick-lists", _, "claim" | "give-back" | "call-off"]
        | ["fulfilment", "pick-lists", _, "tasks", _, "confirm"]
        | ["fulfilment", "put-aways", _] => Err(Problem::method_not_allowed("POST")),
        ["fulfilment", "waves", _] => Err(Problem::method_not_allowed("GET, PUT")),
        ["fulfilment", "waves" | "put-aways"]
        | ["fulfilment", "waves", _, "lists"]
        | ["fulfilment", "pick-lists", _] => Err(Problem::method_not_allowed("GET")),
        _ => Err(Problem::not_found("path")),
    }
}

#[cfg(target_family = "wasm")]
#[spin_sdk::http_service]
async fn serve(request: spin_sdk::http::Request) -> edge::spin::SpinResponse {
    edge::spin::serve(request, handle).await
}
