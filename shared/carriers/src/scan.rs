//! What all senders' scans have in common: local times, future times, texts, tables of codes.
//!
//! Knows no sender's field and no sender's code.

use crate::Unheard;
use crate::json::unreadable;
use chrono::NaiveDateTime;
use domain::{AHEAD_AT_MOST, CarrierCode, HOUR, Millis, TrackingFact, TrackingStep, Waybill};
use std::collections::HashSet;

/// A sender's codes and what each says. Unknown codes are told to the buyer and move nothing.
pub(crate) type Table = [(&'static [&'static str], TrackingStep)];

/// What `code` says by `table`.
pub(crate) fn step(table: &Table, code: &str) -> TrackingStep {
    let row = table.iter().find(|(codes, _)| codes.contains(&code));
    row.map_or(TrackingStep::Note, |(_, step)| *step)
}

/// Whose parcel a push speaks of.
#[derive(Debug, Clone)]
pub(crate) struct Parcel {
    pub carrier: CarrierCode,
    pub waybill: Waybill,
}

impl Parcel {
    pub(crate) fn read(
        (carrier, carrier_path): (&str, &str),
        (waybill, waybill_path): (&str, &str),
    ) -> Result<Self, Unheard> {
        let carrier = CarrierCode::parse(carrier)
            .map_err(|fault| unreadable(carrier_path, &fault.to_string()))?;
        let waybill = Waybill::parse(waybill)
            .map_err(|fault| unreadable(waybill_path, &fault.to_string()))?;
        Ok(Self { carrier, waybill })
    }

    /// A fact about this parcel. Signs that no text shows are taken out of what people read.
    pub(crate) fn fact(
        &self,
        occurred_at: Millis,
        step: TrackingStep,
        (code, text, place): (&str, &str, &str),
    ) -> TrackingFact {
        let place = shown(place);
        TrackingFact {
            carrier: self.carrier.clone(),
            waybill: self.waybill.clone(),
            occurred_at,
            step,
            code: shown(code),
            text: shown(text),
            place: (!place.is_empty()).then_some(place),
        }
    }
}

fn shown(text: &str) -> String {
    let plain: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    plain.trim().chars().take(1_000).collect()
}

/// A time that Chinese senders write without a zone: `2026-01-16 09:00:00`, always +08:00.
pub(crate) fn beijing(text: &str, path: &str) -> Result<Millis, Unheard> {
    let text = text.trim();
    let read = ["%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%d %H:%M"]
        .iter()
        .find_map(|form| NaiveDateTime::parse_from_str(text, form).ok());
    let local = read.ok_or_else(|| unreadable(path, "not a time"))?;
    Ok(Millis(local.and_utc().timestamp_millis()).plus(-8 * HOUR))
}

/// Brings times that are not believed back to one that is (rule f): a scan from the future gets the
/// time of the scan before it, or `now` when it has none. So a full trace that is told again makes
/// the same facts again, whatever the time then. `newest_first` is one parcel's trace.
pub(crate) fn bring_back(newest_first: &mut [TrackingFact], now: Millis) {
    let believed = |at: Millis| at <= now.plus(AHEAD_AT_MOST);
    let mut before = None;
    for fact in newest_first.iter_mut().rev() {
        if !believed(fact.occurred_at) {
            fact.occurred_at = before.unwrap_or(now);
        }
        before = Some(fact.occurred_at);
    }
}

/// Each scan once, as it came first: senders repeat themselves within one push too.
pub(crate) fn distinct(mut facts: Vec<TrackingFact>) -> Vec<TrackingFact> {
    let mut seen = HashSet::new();
    facts.retain(|fact| seen.insert(fact.key()));
    facts
}
