//! Makes the list that a carrier's driver signs: of all parcels that wait for the carrier, or of
//! those that somebody scans.

use domain::{
    CarrierCode, Change, NotTaken, ON_MANIFEST_AT_MOST, WarehouseId, Waybill, make_manifest,
};
use edge::{Answer, Ctx, Problem, Request, Response, Role, parse_json, views};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wish {
    warehouse: WarehouseId,
    carrier: CarrierCode,
    /// What was scanned; nothing: all that wait, as many as fit on a list.
    #[serde(default)]
    waybills: Option<Vec<Waybill>>,
}

pub async fn make(ctx: &Ctx, request: &Request) -> Result<Response, Problem> {
    let who = ctx.principal(request, &[Role::Warehouse, Role::Operator]).await?;
    let body = request.json_bytes().await?;
    let Wish { warehouse, carrier, waybills } = parse_json(&body)?;
    who.works_at(warehouse.as_str())?;
    if waybills.as_ref().is_some_and(|w| w.is_empty() || w.len() > ON_MANIFEST_AT_MOST) {
        let detail = format!("1 to {ON_MANIFEST_AT_MOST} numbers");
        return Err(Problem::invalid("#/waybills", "out_of_range", detail));
    }
    // A scanned number is on one parcel at most.
    let limit = i64::try_from(ON_MANIFEST_AT_MOST).unwrap_or(i64::MAX);
    let decide = async || {
        let place = (&warehouse, &carrier);
        let desk = ctx.store.manifest_desk(place, waybills.as_deref(), limit).await?;
        let mut change = Change::new(who.actor(), ctx.now());
        let made = make_manifest(&mut change, desk, waybills.as_deref(), &mut ctx.ids())?;
        let (manifest, not_taken) = made;
        let mut view = views::manifest(&manifest.doc);
        if let Some(fields) = view.as_object_mut() {
            let not_taken: Vec<Value> = not_taken.iter().map(refused).collect();
            fields.insert("not_taken".to_owned(), json!(not_taken));
        }
        let location = format!("/v1/shipping/manifests/{}", manifest.doc.id);
        Ok((change, Answer::created(location, view).at_version(1)))
    };
    ctx.change_once(request, &who, &body, decide).await
}

fn refused(not: &NotTaken) -> Value {
    json!({"waybill": not.waybill, "code": not.why.word()})
}
