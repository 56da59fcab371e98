//! payments: what the shop's people see of money and do about it, where no rule can decide.
//!
//! A payment with all that gateways said, refunds that wait for a person, and money in suspense.

mod recheck;
mod refund;
mod show;
mod suspense;

use edge::{Ctx, Problem, Request, Response};
use http::Method;

pub async fn handle(ctx: &Ctx, request: &Request) -> Result<Response, Problem> {
    let (get, post) = (request.method == Method::GET, request.method == Method::POST);
    match request.segments().as_slice() {
        ["payments"] if get => show::needing_a_person(ctx, request).await,
        ["payments", id] if get => show::show(ctx, request, id).await,
        ["payments", id, "recheck"] if post => recheck::recheck(ctx, request, id).await,
        ["payments", id, "refunds", refund, "retry"] if post => {
            refund::retry(ctx, request, (id, refund)).await
        }
        ["payments", id, "refunds", refund, "offline"] if post => {
            refund::offline(ctx, request, (id, refund)).await
        }
        ["suspense"] if get => suspense::list(ctx, request).await,
        ["suspense", id] if get => suspense::show(ctx, request, id).await,
        ["suspense", id, "give"] if post => suspense::give(ctx, request, id).await,
        ["suspense", id, "refund"] if post => suspense::refund(ctx, request, id).await,
        ["suspense", id, "keep"] if post => suspense::keep(ctx, request, id).await,
        ["payments" | "suspense"] | ["payments" | "suspense", _] => {
            Err(Problem::method_not_allowed("GET"))
        }
        ["payments", _, "recheck"]
        | ["payments", _, "refunds", _, "retry" | "offline"]
        | ["suspense", _, "give" | "refund" | "keep"] => Err(Problem::method_not_allowed("POST")),
        _ => Err(Problem::not_found("path")),
    }
}

#[cfg(target_family = "wasm")]
#[spin_sdk::http_service]
async fn serve(request: spin_sdk::http::Request) -> edge::spin::SpinResponse {
    edge::spin::serve(request, handle).await
}
