//! Puts units of one order, held in one warehouse, into a parcel.

use domain::{Change, Order, OrderId, Parcel, ParcelId, ParcelState, Pick, WarehouseId};
use edge::{Answer, Ctx, Problem, Request, Response, Role, parse_json, views};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Packing {
    order: OrderId,
    warehouse: WarehouseId,
    lines: Vec<Pick>,
    /// With the box, in grams.
    weight_g: i64,
}

/// No parcel of a shop is heavier than this (100 kg).
const WEIGHT_AT_MOST_G: i64 = 100_000;

pub async fn pack(ctx: &Ctx, request: &Request) -> Result<Response, Problem> {
    let who = ctx.principal(request, &[Role::Warehouse, Role::Operator]).await?;
    let body = request.json_bytes().await?;
    let packing: Packing = parse_json(&body)?;
    who.works_at(packing.warehouse.as_str())?;
    if !(1..=WEIGHT_AT_MOST_G).contains(&packing.weight_g) {
        let detail = format!("1 to {WEIGHT_AT_MOST_G} grams");
        return Err(Problem::invalid("#/weight_g", "weight_out_of_range", detail));
    }
    let decide = async || {
        let order = ctx.store.load::<Order>(packing.order.as_str()).await?;
        let mut order = order.ok_or_else(|| Problem::not_found("order"))?;
        let mut change = Change::new(who.actor(), ctx.now());
        let parcel = Parcel {
            id: ParcelId::mint(&mut ctx.ids()),
            order: packing.order.clone(),
            merchant: order.doc.merchant.clone(),
            warehouse: packing.warehouse.clone(),
            picks: packing.lines.clone(),
            weight_g: packing.weight_g,
            packed_at: ctx.now(),
            label: None,
            state: ParcelState::Packed,
            cash: None,
            carriage: domain::Carriage::default(),
            promised_by: None,
            replaces: None,
        };
        let parcel = domain::pack(&mut change, &mut order, parcel)?;
        let location = format!("/v1/shipping/parcels/{}", parcel.doc.id);
        Ok((change, Answer::created(location, views::parcel(&parcel.doc)).at_version(1)))
    };
    ctx.change_once(request, &who, &body, decide).await
}
