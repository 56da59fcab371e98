//! catalog: merchants, warehouses, bins, SKUs, carriers, policy and stock, one by one and in bulk;
//! and whether the system is up, and what it offers.

mod bins;
mod describe;
mod import;
mod kinds;
mod openapi;
mod stock;

use domain::{BoxType, Carrier, Merchant, Rates, ShopPolicy, Sku, Warehouse};
use edge::{Ctx, Problem, Request, Response, json};
use http::{Method, StatusCode};

pub async fn handle(ctx: &Ctx, request: &Request) -> Result<Response, Problem> {
    let get = request.method == Method::GET;
    match request.segments().as_slice() {
        ["health"] if get => health(ctx).await,
        ["openapi.json"] if get => Ok(openapi::show(request)),
        ["health"] | ["openapi.json"] => Err(Problem::method_not_allowed("GET")),
        ["catalog", "stock", rest @ ..] => stock::route(ctx, request, rest).await,
        ["catalog", "skus", id, what @ ("stock" | "movements")] => {
            stock::of_sku(ctx, request, id, what).await
        }
        ["catalog", "bins", rest @ ..] => bins::route(ctx, request, rest).await,
        ["catalog", "warehouses", id, "bins", rest @ ..] => {
            bins::of_warehouse(ctx, request, id, rest).await
        }
        ["catalog", "policies", "shop", "effective"] => kinds::effective(ctx, request).await,
        // One line for each kind of thing that is described.
        ["catalog", "merchants", rest @ ..] => {
            describe::route::<Merchant>(ctx, request, rest).await
        }
        ["catalog", "warehouses", rest @ ..] => {
            describe::route::<Warehouse>(ctx, request, rest).await
        }
        ["catalog", "carriers", rest @ ..] => describe::route::<Carrier>(ctx, request, rest).await,
        ["catalog", "rates", rest @ ..] => describe::route::<Rates>(ctx, request, rest).await,
        ["catalog", "skus", rest @ ..] => describe::route::<Sku>(ctx, request, rest).await,
        ["catalog", "boxes", rest @ ..] => describe::route::<BoxType>(ctx, request, rest).await,
        ["catalog", "policies", rest @ ..] => {
            describe::route::<ShopPolicy>(ctx, request, rest).await
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
