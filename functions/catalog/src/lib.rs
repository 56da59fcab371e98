//! catalog: merchants, warehouses, SKUs and stock, one at a time and in bulk; and whether the
//! system is up.

mod csv_rows;
mod describe;
mod import;
mod kinds;

use domain::{Merchant, Sku, Warehouse};
use edge::{Ctx, Problem, Request, Response, json};
use http::{Method, StatusCode};

pub async fn handle(ctx: &Ctx, request: &Request) -> Result<Response, Problem> {
    let (get, put) = (request.method == Method::GET, request.method == Method::PUT);
    let post = request.method == Method::POST;
    match request.segments().as_slice() {
        ["health"] if get => health(ctx).await,
        ["catalog", "merchants", id] if get => describe::show::<Merchant>(ctx, request, id).await,
        ["catalog", "warehouses", id] if get => describe::show::<Warehouse>(ctx, request, id).await,
        ["catalog", "skus", id] if get => describe::show::<Sku>(ctx, request, id).await,
        ["catalog", "skus", id, "stock"] if get => describe::stock(ctx, request, id).await,
        ["catalog", "merchants", id] if put => describe::put::<Merchant>(ctx, request, id).await,
        ["catalog", "warehouses", id] if put => describe::put::<Warehouse>(ctx, request, id).await,
        ["catalog", "skus", id] if put => describe::put::<Sku>(ctx, request, id).await,
        ["catalog", kind, "import"] if post => import::import(ctx, request, kind).await,
        ["health"] | ["catalog", "skus", _, "stock"] => Err(Problem::method_not_allowed("GET")),
        ["catalog", _, "import"] => Err(Problem::method_not_allowed("POST")),
        ["catalog", "merchants" | "warehouses" | "skus", _] => {
            Err(Problem::method_not_allowed("GET, PUT"))
        }
        _ => Err(Problem::not_found("path")),
    }
}

/// 200 once the database answers: what runs, and at which schema.
async fn health(ctx: &Ctx) -> Result<Response, Problem> {
    let schema = ctx.store.ready(ctx.now().0).await?;
    let body = serde_json::json!({"version": env!("CARGO_PKG_VERSION"), "schema": schema});
    Ok(json(StatusCode::OK, &body))
}

#[cfg(target_family = "wasm")]
#[spin_sdk::http_service]
async fn serve(request: spin_sdk::http::Request) -> edge::spin::SpinResponse {
    edge::spin::serve(request, handle).await
}
