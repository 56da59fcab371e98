//! What was told of parcels: for buyers in words, for the shop's people as it came.

use super::{maybe, time};
use domain::{ExceptionKind, Millis, TrackingStep};
use serde_json::{Value, json};
use store::{KeptPush, ToldScan, TrackedParcel};

fn kind(step: TrackingStep) -> Option<ExceptionKind> {
    if let TrackingStep::Exception(kind) = step { Some(kind) } else { None }
}

/// A parcel as its buyer follows it, the newest step first; scans that were taken back are left
/// out. `words` says what a step means.
pub fn way(tracked: &TrackedParcel, words: &dyn Fn(TrackingStep) -> &'static str) -> Value {
    let parcel = &tracked.parcel.doc;
    let seen = parcel.seen();
    let standing = tracked.scans.iter().filter(|scan| !tracked.is_withdrawn(&scan.fact));
    let steps: Vec<Value> = standing.map(|scan| step(scan, words)).collect();
    json!({
        "parcel": parcel.id, "label": parcel.label, "state": parcel.word(),
        "words": seen.map(|seen| words(seen.step)),
        "delivered_at": maybe(seen.and_then(|seen| seen.delivered_at)), "steps": steps,
    })
}

fn step(scan: &ToldScan, words: &dyn Fn(TrackingStep) -> &'static str) -> Value {
    let fact = &scan.fact;
    json!({
        "at": time(fact.occurred_at), "state": fact.step.word(), "kind": kind(fact.step),
        "words": words(fact.step), "text": fact.text, "place": fact.place,
        "time_corrected": fact.source.told_at.is_some(),
    })
}

/// All that was told of a parcel, the newest first, with who told it, by which push, and what does
/// not count any more.
pub fn told(tracked: &TrackedParcel) -> Value {
    let parcel = &tracked.parcel.doc;
    let scans: Vec<Value> = tracked.scans.iter().map(|scan| scan_as_told(tracked, scan)).collect();
    json!({"parcel": parcel.id, "label": parcel.label, "state": parcel.word(), "scans": scans})
}

fn scan_as_told(tracked: &TrackedParcel, scan: &ToldScan) -> Value {
    let fact = &scan.fact;
    let told_at = maybe(fact.source.told_at);
    json!({
        "at": time(fact.occurred_at), "told_at": told_at,
        "received_at": time(Millis(scan.received_at)), "carrier": fact.carrier,
        "waybill": fact.waybill, "state": fact.step.word(), "kind": kind(fact.step),
        "code": fact.code, "text": fact.text, "place": fact.place,
        "told_by": fact.source.told_by, "push": fact.source.push,
        "withdrawn": tracked.is_withdrawn(fact),
    })
}

/// A push as it came.
pub fn push(push: &KeptPush) -> Value {
    json!({
        "id": push.id, "told_by": push.told_by, "received_at": time(Millis(push.received_at)),
        "raw": push.raw,
    })
}
