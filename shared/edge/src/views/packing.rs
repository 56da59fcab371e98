//! Packings, what was read in them, and boxes that may fit.

use super::{null_deadline, time};
use crate::problem::told_of_scan;
use domain::{BoxSuggestion, Millis, Packing, PackingEvent, PackingState, ScanMistake};
use serde_json::{Value, json};

/// A parcel in the making.
pub fn packing(packing: &Packing) -> Value {
    let (parcel, ended_at) = match &packing.state {
        PackingState::Open => (None, None),
        PackingState::Closed { parcel, at } => (Some(parcel), Some(*at)),
        PackingState::Abandoned { at } => (None, Some(*at)),
    };
    json!({
        "id": packing.id, "order": packing.order, "merchant": packing.merchant,
        "warehouse": packing.warehouse, "state": packing.state.word(),
        "lines": packing.lines.iter().map(line).collect::<Vec<_>>(),
        "complete": packing.missing().is_empty(), "mistakes": packing.mistakes,
        "parcel": parcel, "opened_at": time(packing.opened_at), "ended_at": ended_at.map(time),
        "allowed_actions": packing.state.allows(), "deadline": null_deadline(),
        "final": packing.is_final(),
    })
}

fn line(line: &domain::LineScans) -> Value {
    json!({
        "line": line.line, "sku": line.sku, "wanted": line.wanted, "scanned": line.scanned,
        "serials": line.serials,
    })
}

/// What a scanner is answered: whether it counts, why not, and how far the packing is.
pub fn scanned(doc: &Packing, mistake: Option<ScanMistake>) -> Value {
    let why =
        mistake.map(|mistake| json!({"code": mistake.word(), "detail": told_of_scan(mistake)}));
    json!({"accepted": mistake.is_none(), "mistake": why, "packing": packing(doc)})
}

/// What happened in a packing: who, when, and what was read.
pub fn packing_entry(said: &store::Said<PackingEvent>) -> Value {
    let mut entry = json!({"at": time(Millis(said.at)), "by": said.actor});
    let (what, read) = match &said.event {
        PackingEvent::Opened { .. } => ("opened", None),
        PackingEvent::Scanned { code, line, units, serial } => {
            ("scanned", Some((code, Some(line), units, serial, None)))
        }
        PackingEvent::Unscanned { code, line, units, serial } => {
            ("unscanned", Some((code, Some(line), units, serial, None)))
        }
        PackingEvent::Mistaken { code, units, serial, mistake } => {
            ("mistaken", Some((code, None, units, serial, Some(mistake.word()))))
        }
        PackingEvent::Closed { .. } => ("closed", None),
        PackingEvent::Abandoned { .. } => ("abandoned", None),
    };
    let Value::Object(fields) = &mut entry else { return entry };
    fields.insert("what".to_owned(), json!(what));
    if let Some((code, line, units, serial, mistake)) = read {
        let read = json!({
            "code": code, "line": line, "quantity": units, "serial": serial, "mistake": mistake,
        });
        fields.insert("read".to_owned(), read);
    }
    entry
}

/// Boxes that goods may fit into. Always an estimate.
pub fn boxes(suggestion: &BoxSuggestion) -> Value {
    let fit = |fit: &domain::BoxFit| {
        json!({
            "box": fit.id, "filled_percent": fit.filled_percent, "weight_g": fit.weight_g,
        })
    };
    let boxes: Vec<Value> = suggestion.fits.iter().map(fit).collect();
    json!({"estimate": true, "boxes": boxes, "without_size": suggestion.without_size})
}
