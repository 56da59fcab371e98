//! ship: parcels get a carrier and a waybill, and leave the warehouse, one by one or with a
//! manifest.

mod assign;
mod cancel;
mod carriers;
mod dispatch;
mod left;
mod manifests;
mod pool;
mod take_back;
mod tracking;

use domain::ParcelId;
use edge::{Ctx, Problem, Request, Response, Role, views};
use http::Method;

pub async fn handle(ctx: &Ctx, request: &Request) -> Result<Response, Problem> {
    let (get, post) = (request.method == Method::GET, request.method == Method::POST);
    match request.segments().as_slice() {
        ["shipping", "waybills"] if post => pool::fill(ctx, request).await,
        ["shipping", "parcels"] if get => carriers::waiting(ctx, request).await,
        ["shipping", "parcels", id] if get => show(ctx, request, id).await,
        ["shipping", "parcels", id, "carriers"] if get => carriers::preview(ctx, request, id).await,
        ["shipping", "manifests"] if get => manifests::list(ctx, request).await,
        ["shipping", "manifests"] if post => manifests::make(ctx, request).await,
        ["shipping", "manifests", id] if get => manifests::show(ctx, request, id).await,
        ["shipping", "manifests", id, "dispatch"] if post => {
            manifests::hand_over(ctx, request, id).await
        }
        ["shipping", "parcels", id, "tracking"] if get => tracking::told(ctx, request, id).await,
        ["shipping", "pushes", id] if get => tracking::push(ctx, request, id).await,
        ["shipping", "parcels", id, "waybill"] if post => assign::assign(ctx, request, id).await,
        ["shipping", "parcels", id, "waybill", "cancel"] if post => {
            cancel::cancel(ctx, request, id).await
        }
        ["shipping", "parcels", id, "dispatch"] if post => {
            dispatch::dispatch(ctx, request, id).await
        }
        ["shipping", "parcels", id, "take-back"] if post => {
            take_back::take_back(ctx, request, id).await
        }
        ["shipping", "parcels" | "manifests" | "pushes", _]
        | ["shipping", "parcels"]
        | ["shipping", "parcels", _, "carriers" | "tracking"] => {
            Err(Problem::method_not_allowed("GET"))
        }
        ["shipping", "manifests"] => Err(Problem::method_not_allowed("GET, POST")),
        ["shipping", "waybills"]
        | ["shipping", "manifests", _, "dispatch"]
        | ["shipping", "parcels", _, "waybill", "cancel"]
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
    let view = match who.role {
        Role::Buyer => views::parcel_for_buyer(&found.parcel.doc),
        Role::Merchant | Role::Warehouse | Role::Support | Role::Finance | Role::Operator => {
            views::parcel(&found.parcel.doc)
        }
    };
    Ok(ctx.show(request, found.parcel.version, &view))
}

#[cfg(target_family = "wasm")]
#[spin_sdk::http_service]
async fn serve(request: spin_sdk::http::Request) -> edge::spin::SpinResponse {
    edge::spin::serve(request, handle).await
}
