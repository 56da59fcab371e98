//! What all senders' scans have in common: local times, future times, texts, tables of codes.
//!
//! Knows no sender's field and no sender's code.

use crate::Unheard;
use crate::json::unreadable;
use chrono::{DateTime, NaiveDateTime};
use domain::{
    AHEAD_AT_MOST, CarrierCode, HOUR, Millis, Source, TrackingFact, TrackingStep, Waybill,
};
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
    /// Our name of who speaks.
    pub told_by: &'static str,
    pub carrier: CarrierCode,
    pub waybill: Waybill,
}

impl Parcel {
    pub(crate) fn read(
        told_by: &'static str,
        (carrier, carrier_path): (&str, &str),
        (waybill, waybill_path): (&str, &str),
    ) -> Result<Self, Unheard> {
        let carrier = CarrierCode::parse(carrier)
            .map_err(|fault| unreadable(carrier_path, &fault.to_string()))?;
        let waybill = Waybill::parse(waybill)
            .map_err(|fault| unreadable(waybill_path, &fault.to_string()))?;
        Ok(Self { told_by, carrier, waybill })
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
            source: Source { told_by: self.told_by.to_owned(), ..Source::default() },
        }
    }

    /// How far the clocks of this carrier are ahead of UTC: what a time without a zone means.
    pub(crate) fn zone_ms(&self) -> i64 {
        if CHINESE.contains(&self.carrier.as_str()) { 8 * HOUR } else { 0 }
    }
}

/// Carriers in China, by the names of all senders: they write Beijing time (rule g).
const CHINESE: &[&str] = &[
    "shunfeng",
    "sf-express",
    "sfexpress",
    "17track:100012",
    "17track:190766",
    "yuantong",
    "yto",
    "17track:190157",
    "zhongtong",
    "zto-express",
    "zto",
    "17track:190455",
    "shentong",
    "sto",
    "17track:190324",
    "yunda",
    "yundaex",
    "17track:191197",
    "jd",
    "17track:191121",
    "jtexpress",
    "17track:190442",
    "debangwuliu",
    "17track:190174",
    "youzhengguonei",
    "china-post",
    "17track:3011",
    "ems",
    "china-ems",
    "17track:3013",
];

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

/// A time with a zone (RFC 3339). A tracker that knows no zone writes none: then it is the
/// carrier's own, `zone_ms` ahead of UTC.
pub(crate) fn instant(text: &str, zone_ms: i64, path: &str) -> Result<Millis, Unheard> {
    let text = text.trim();
    let zoned = DateTime::parse_from_rfc3339(text)
        .or_else(|_| DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f%z"))
        .map(|time| time.timestamp_millis());
    let read = zoned.or_else(|_| {
        NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f")
            .or_else(|_| NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f"))
            .map(|time| time.and_utc().timestamp_millis().saturating_sub(zone_ms))
    });
    read.map(Millis).map_err(|_| unreadable(path, "not a time"))
}

/// What a tracker itself says of a parcel, over all its scans.
pub(crate) struct Judgement<'a> {
    pub step: TrackingStep,
    pub code: &'a str,
    pub text: &'a str,
    /// When it said so. `None`: right after the newest scan, so the same news is the same fact.
    pub at: Option<Millis>,
}

/// Adds the tracker's judgement where its newest scan does not say the same: that it heard nothing
/// for too long, or that the parcel is lost. Without a time or a scan there is nothing to add.
/// Scans of one moment come the newest first.
pub(crate) fn judged(parcel: &Parcel, facts: &mut Vec<TrackingFact>, judgement: &Judgement<'_>) {
    // Of equals `max_by_key` takes the last.
    let newest = facts.iter().rev().filter(|fact| fact.step != TrackingStep::Note);
    let newest = newest.max_by_key(|fact| fact.occurred_at);
    if judgement.step == TrackingStep::Note || newest.is_some_and(|f| f.step == judgement.step) {
        return;
    }
    let after = facts.iter().map(|fact| fact.occurred_at).max().map(|at| at.plus(1));
    if let Some(at) = judgement.at.max(after) {
        let told = (judgement.code, judgement.text, "");
        facts.push(parcel.fact(at, judgement.step, told));
    }
}

/// Brings times that are not believed back to one that is (rule f), and marks them: a scan from the
/// future gets the time of receipt, or that of the scan after it in the trace, where one is
/// believed, so that a wrong date in the middle does not turn the order around. What was told stays
/// the fact's identity, so a trace that is told again makes the same facts again, whatever the time
/// then. `newest_first` is one parcel's trace.
pub(crate) fn bring_back(newest_first: &mut [TrackingFact], now: Millis) {
    let mut after = None;
    for fact in newest_first.iter_mut() {
        if fact.occurred_at > now.plus(AHEAD_AT_MOST) {
            fact.source.told_at = Some(fact.occurred_at);
            fact.occurred_at = after.unwrap_or(now);
        }
        after = Some(fact.occurred_at);
    }
}

/// Each scan once, as it came first: senders repeat themselves within one push too.
pub(crate) fn distinct(mut facts: Vec<TrackingFact>) -> Vec<TrackingFact> {
    let mut seen = HashSet::new();
    facts.retain(|fact| seen.insert(fact.key()));
    facts
}
