//! Puts units of one order, held in one warehouse, into a parcel: by the numbers of its lines, by
//! what was scanned, or both.

use domain::{
    BoxId, Change, Closing, OrderId, PARCEL_AT_MOST_G, ParcelId, Pick, Scan, Wanted, WarehouseId,
    pack_at_once,
};
use edge::{Answer, Ctx, Problem, Request, Response, Role, parse_json, sentence, views};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Parcel {
    order: OrderId,
    warehouse: WarehouseId,
    #[serde(default)]
    lines: Option<Vec<Pick>>,
    #[serde(default)]
    scans: Vec<Scan>,
    /// With the box, in grams.
    weight_g: i64,
    #[serde(default, rename = "box")]
    box_type: Option<BoxId>,
    #[serde(default)]
    weight_reason: Option<String>,
}

/// Scans that are brought at once.
const SCANS_AT_MOST: usize = 1_000;

pub async fn pack(ctx: &Ctx, request: &Request) -> Result<Response, Problem> {
    let who = ctx.principal(request, &[Role::Warehouse, Role::Operator]).await?;
    let body = request.json_bytes().await?;
    let Parcel { order, warehouse, lines, scans, weight_g, box_type, weight_reason } =
        parse_json(&body)?;
    who.works_at(warehouse.as_str())?;
    if scans.len() > SCANS_AT_MOST {
        let detail = format!("{SCANS_AT_MOST} at most");
        return Err(Problem::invalid("#/scans", "too_long", detail));
    }
    let closing = closing(weight_g, box_type, weight_reason)?;
    let wanted = Wanted { warehouse, lines };
    let policy = ctx.policy().await?;
    let decide = async || {
        let found = ctx.store.desk_of_order(&order, &wanted.warehouse, &scans).await?;
        let mut at = found.ok_or_else(|| Problem::not_found("order"))?;
        let mut change = Change::new(who.actor(), ctx.now());
        let id = ParcelId::mint(&mut ctx.ids());
        let asked = (id, &wanted, scans.as_slice(), closing.clone());
        let parcel = pack_at_once(&mut change, &mut at.order, &at.desk, &policy, asked)?;
        let location = format!("/v1/shipping/parcels/{}", parcel.doc.id);
        Ok((change, Answer::created(location, views::parcel(&parcel.doc)).at_version(1)))
    };
    ctx.change_once(request, &who, &body, decide).await
}

/// What is said of a parcel when it is closed, if it can be.
pub fn closing(
    weight_g: i64,
    box_type: Option<BoxId>,
    weight_reason: Option<String>,
) -> Result<Closing, Problem> {
    if !(1..=PARCEL_AT_MOST_G).contains(&weight_g) {
        let detail = format!("1 to {PARCEL_AT_MOST_G} grams");
        return Err(Problem::invalid("#/weight_g", "weight_out_of_range", detail));
    }
    if let Some(reason) = &weight_reason {
        sentence("weight_reason", reason, 500)?;
    }
    Ok(Closing { weight_g, box_type, weight_reason })
}
