//! How a parcel gets on its way, and manifests, as clients see them.

use super::{money, time};
use domain::{
    CancelEnd, Carriage, CarrierCandidate, CarrierVerdict, Manifest, ManifestRow, ManifestState,
    RefusedWaybill, Unfit, VoidWaybill, WaybillRequest,
};
use serde_json::{Value, json};

/// Events that are between the shop, its warehouses and its carriers, and no news for the buyer:
/// what somebody notes there is for their colleagues.
const INSIDE: [&str; 12] = [
    "rerouted",
    "picked",
    "pieces_missing",
    "pick_put_off",
    "put_away",
    "carrier_chosen",
    "waybill_requested",
    "waybill_refused",
    "waybill_voided",
    "cancel_told",
    "put_on_manifest",
    "left_behind",
];

/// Whether an event, as it is in the journal, is no news for a buyer.
pub fn is_inside(event: &Value) -> bool {
    event.get("event").and_then(Value::as_str).is_some_and(|word| INSIDE.contains(&word))
}

/// A parcel's way to its carrier; null while nothing was asked.
pub fn carriage(carriage: &Carriage) -> Value {
    if *carriage == Carriage::default() {
        return Value::Null;
    }
    let booked = carriage.booked.as_ref();
    json!({
        "choice": carriage.verdict.as_ref().map(carrier_verdict),
        "request": carriage.request.as_ref().map(request),
        "service": booked.map(|booked| &booked.service),
        "label_url": booked.and_then(|booked| booked.label_url.as_ref()),
        "refused": carriage.refused.iter().map(refused).collect::<Vec<Value>>(),
        "void": carriage.void.iter().map(void).collect::<Vec<Value>>(),
        "needs_person": carriage.needs_person, "manifest": carriage.manifest,
    })
}

/// Carriers that were compared, the best first.
pub fn carrier_verdict(verdict: &CarrierVerdict) -> Value {
    let candidates: Vec<Value> = verdict.candidates.iter().map(candidate).collect();
    json!({"at": time(verdict.at), "candidates": candidates})
}

fn candidate(candidate: &CarrierCandidate) -> Value {
    let money = |minor: i64| money(minor, candidate.currency);
    json!({
        "carrier": candidate.carrier, "service": candidate.service, "days": candidate.days,
        "late_days": candidate.late_days, "cost": candidate.cost_minor.map(money),
        "score": candidate.score,
        "unfit": candidate.unfit.iter().map(|why| Unfit::word(*why)).collect::<Vec<&str>>(),
    })
}

fn request(request: &WaybillRequest) -> Value {
    let WaybillRequest { id, carrier, service, at, .. } = request;
    json!({"id": id, "carrier": carrier, "service": service, "at": time(*at)})
}

fn refused(refused: &RefusedWaybill) -> Value {
    let RefusedWaybill { request, carrier, reason, at } = refused;
    json!({"request": request, "carrier": carrier, "reason": reason, "at": time(*at)})
}

fn void(void: &VoidWaybill) -> Value {
    let (state, reason) = match void.at_carrier.as_ref().map(|asked| &asked.end) {
        None => ("void", None),
        Some(None) => ("cancelling", None),
        Some(Some(CancelEnd::Cancelled)) => ("cancelled", None),
        Some(Some(CancelEnd::Refused { reason })) => ("not_cancelled", Some(reason)),
    };
    let request = void.at_carrier.as_ref().map(|asked| &asked.request);
    json!({"label": void.label, "request": request, "at": time(void.at), "state": state,
        "reason": reason})
}

/// A manifest with its rows.
pub fn manifest(manifest: &Manifest) -> Value {
    let (handed_over_at, stayed) = match &manifest.state {
        ManifestState::Open => (Value::Null, 0),
        ManifestState::HandedOver { at, stayed, .. } => (json!(time(*at)), stayed.len()),
    };
    let rows: Vec<Value> = manifest.rows.iter().map(|one| row(manifest, one)).collect();
    let weight_g: i64 = manifest.rows.iter().map(|row| row.weight_g).sum();
    json!({
        "id": manifest.id, "number": manifest.number, "warehouse": manifest.warehouse,
        "carrier": manifest.carrier, "state": manifest.word(), "made_at": time(manifest.made_at),
        "handed_over_at": handed_over_at, "count": manifest.rows.len(), "stayed": stayed,
        "weight_g": weight_g, "rows": rows, "allowed_actions": manifest.allowed_actions(),
        "deadline": Value::Null,
        "final": matches!(manifest.state, ManifestState::HandedOver { .. }),
    })
}

/// `listed` until the driver comes, then `left` or `stayed`.
fn fate<'m>(manifest: &'m Manifest, row: &ManifestRow) -> (&'static str, Option<&'m str>) {
    match (&manifest.state, manifest.stayed(&row.parcel)) {
        (ManifestState::Open, _) => ("listed", None),
        (ManifestState::HandedOver { .. }, None) => ("left", None),
        (ManifestState::HandedOver { .. }, Some(stayed)) => ("stayed", Some(&stayed.code)),
    }
}

fn row(manifest: &Manifest, row: &ManifestRow) -> Value {
    let (state, code) = fate(manifest, row);
    json!({"parcel": row.parcel, "order_number": row.order, "waybill": row.waybill,
        "weight_g": row.weight_g, "to": row.to, "state": state, "code": code})
}

/// The same as CSV (RFC 4180), one parcel a line.
pub fn manifest_csv(manifest: &Manifest) -> String {
    let mut csv = String::from("no,waybill,order_number,parcel,weight_g,to,state,code\r\n");
    for (i, row) in manifest.rows.iter().enumerate() {
        let (state, code) = fate(manifest, row);
        let (no, to, code) = (i + 1, cell(&row.to), code.unwrap_or_default());
        let ManifestRow { parcel, order, waybill, weight_g, .. } = row;
        let order = order.as_str();
        csv.push_str(&format!(
            "{no},{waybill},{order},{parcel},{weight_g},{to},{state},{code}\r\n"
        ));
    }
    csv
}

/// What a buyer wrote is no formula for who opens it in a spreadsheet.
fn cell(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@']);
    let text = if formula { format!("'{text}") } else { text.to_owned() };
    if text.contains(['"', ',', '\r', '\n']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::cell;

    #[test]
    fn a_city_is_no_formula_and_no_two_cells() {
        for (city, written) in [
            ("Berlin", "Berlin"),
            ("=HYPERLINK(1)", "'=HYPERLINK(1)"),
            ("@x, y", "\"'@x, y\""),
            ("a\"b", "\"a\"\"b\""),
        ] {
            assert_eq!(cell(city), written);
        }
    }
}
