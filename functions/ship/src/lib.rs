//! ship: parcels get their waybill numbers and leave the warehouse.

mod assign;
mod dispatch;
mod pool;
mod take_back;

use domain::ParcelId;
use edge::{Ctx, Problem, Request, Response, Role, views};
use http::Method;

pub async fn handle(ctx: &Ctx, request: &Request) -> Result<Response, Problem> {
    let post = request.method == Method::POST;
    match request.segments().as_slice() {
        ["shipping", "waybills"] if post => pool::fill(ctx, request).await,
        ["shipping", "parcels", id] if request.method == Method::GET => {
            show(ctx, request, id).await
        }
        ["shipping", "parcels", id, "waybill"] if post => assign::assign(ctx, request, id).await,
        ["shipping", "parcels", id, "dispatch"] if post => {
            dispatch::dispatch(ctx, request, id).await
        }
        ["shipping", "parcels", id, "take-back"] if post => {
            take_back::take_back(ctx, request, id).await
        }
        ["shipping", "parcels", _] => Err(Problem::method_not_allowed("GET")),
        ["shipping", "waybills"]
        | ["shipping", "parcels", _, "waybill" | "dispatch" | "take-back"] => {
            Err(Problem::method_not_allowed("POST"))
        }
        _ => Err(Problem::not_found("path")),
    }
}

async fn show(ctx: &Ctx, request: &Request, id: &str) -> Result<Response, Problem> {
    let roles = [Role::Buyer, Role::Merchant, Role::Warehouse, Role::Support, Role::Operator];
    let who = ctx.principal(request, &roles).await?;
    let id = ParcelId::parse(id).map_err(|_| Problem::not_found("parcel"))?;
    let found = ctx.store.parcel(&id).await?.ok_or_else(|| Problem::not_found("parcel"))?;
    if who.works_at(found.parcel.doc.warehouse.as_str()).is_err() {
        who.may_see(&found.order.doc).map_err(|_| Problem::not_found("parcel"))?;
    }
    Ok(ctx.show(request, found.parcel.version, &views::parcel(&found.parcel.doc)))
}

#[cfg(target_family = "wasm")]
#[spin_sdk::http_service]
async fn serve(request: spin_sdk::http::Request) -> edge::spin::SpinResponse {
    edge::spin::serve(request, handle).await
}
