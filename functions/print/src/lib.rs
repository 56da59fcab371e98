//! print: labels and packing slips of parcels, for the printers of a warehouse.
//!
//! Only here is the font, so only this component is large. Each print is kept: who, when, and
//! whether the same paper was printed before.

mod draw;
mod print;
mod prints;

use domain::Paper;
use edge::{Ctx, Problem, Request, Response};
use http::Method;

pub async fn handle(ctx: &Ctx, request: &Request) -> Result<Response, Problem> {
    let (get, post) = (request.method == Method::GET, request.method == Method::POST);
    match request.segments().as_slice() {
        ["print", "parcels", id, "label"] if post => {
            print::print(ctx, request, id, Paper::Label).await
        }
        ["print", "parcels", id, "slip"] if post => {
            print::print(ctx, request, id, Paper::Slip).await
        }
        ["print", "parcels", id, "prints"] if get => prints::list(ctx, request, id).await,
        ["print", "parcels", _, "label" | "slip"] => Err(Problem::method_not_allowed("POST")),
        ["print", "parcels", _, "prints"] => Err(Problem::method_not_allowed("GET")),
        _ => Err(Problem::not_found("path")),
    }
}

#[cfg(target_family = "wasm")]
#[spin_sdk::http_service]
async fn serve(request: spin_sdk::http::Request) -> edge::spin::SpinResponse {
    edge::spin::serve(request, handle).await
}
