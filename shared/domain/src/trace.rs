//! Taking in what a push tells of a waybill: what is new of it, and what it takes back.
//!
//! Trackers push the whole trace again and again, so most of it is known. Nothing is deleted: where
//! a tracker says that its trace is to be replaced, a correction is appended that names the scans
//! that do not count any more, and the state is folded from those that stand.

use crate::parcel::follow_parcel;
use crate::{
    CarrierCode, CarrierNames, Change, Fact, FactKind, Journey, Millis, ParcelEvent, ParcelState,
    TrackingFact, TrackingStep, Waybill,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A push as it came. It is kept once, however many scans it brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Push {
    /// Our name of the sender.
    pub told_by: String,
    /// The SHA-256 of its bytes, in hexadecimal: the same push again is the same one.
    pub id: String,
    pub raw: String,
}

impl Push {
    /// The key of its row.
    pub fn key(&self) -> String {
        push_key(&self.told_by, &self.id)
    }

    fn fact(&self, at: Millis) -> Fact {
        Fact {
            kind: FactKind::Push,
            subject: format!("push:{}", self.id),
            key: self.key(),
            occurred_at: at,
            fact: serde_json::json!({"told_by": self.told_by, "push": self.id}),
            verdict: "kept".to_owned(),
            raw: Some(self.raw.clone()),
        }
    }
}

/// The key under which a sender's push is kept.
pub fn push_key(told_by: &str, id: &str) -> String {
    ["push", told_by, id].join("\u{1f}")
}

/// What one push, or one answer, says of one waybill.
#[derive(Debug, Clone, Copy)]
pub struct Trace<'a> {
    pub told: &'a [TrackingFact],
    /// The sender says that this is all there is: what it told before and is not here is wrong.
    pub replaces: bool,
    pub push: Option<&'a Push>,
}

impl<'a> Trace<'a> {
    /// Scans without more.
    pub fn of(told: &'a [TrackingFact]) -> Self {
        Self { told, replaces: false, push: None }
    }
}

/// A sender has replaced its trace. Scans are named by what they said.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Correction {
    pub told_by: String,
    /// They do not count any more.
    pub withdrawn: BTreeSet<String>,
    /// Withdrawn before, and told again: they count.
    pub restored: BTreeSet<String>,
}

/// All that was ever told of a waybill.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Heard {
    pub facts: Vec<TrackingFact>,
    /// In the order in which they came.
    pub corrections: Vec<Correction>,
    /// The push at hand is kept already.
    pub push_known: bool,
}

/// What a scan said, by whichever name its carrier was called then.
fn said(fact: &TrackingFact) -> String {
    let at = fact.source.told_at.unwrap_or(fact.occurred_at).0.to_string();
    [at.as_str(), &fact.code, &fact.text].join("\u{1f}")
}

impl Heard {
    /// Facts without corrections.
    pub fn of(facts: &[TrackingFact]) -> Self {
        Self { facts: facts.to_vec(), ..Self::default() }
    }

    /// The same under our name of the carrier. Scans that were kept under a tracker's name for it
    /// become its own, and scans of whoever else is called so go.
    #[must_use]
    pub fn named(mut self, ours: &CarrierCode, names: &CarrierNames) -> Self {
        let mut keys = BTreeSet::new();
        for fact in self.facts.iter_mut().filter(|fact| fact.carrier != *ours) {
            fact.carrier = names.ours(&fact.source.told_by, &fact.carrier);
        }
        self.facts.retain(|fact| fact.carrier == *ours && keys.insert(fact.key()));
        self
    }

    /// Whether a scan was taken back by who told it.
    pub fn is_withdrawn(&self, fact: &TrackingFact) -> bool {
        let said = said(fact);
        let names = |c: &&Correction| c.withdrawn.contains(&said) || c.restored.contains(&said);
        let own = self.corrections.iter().filter(|c| c.told_by == fact.source.told_by);
        let last = own.rev().find(names);
        last.is_some_and(|correction| correction.withdrawn.contains(&said))
    }

    /// The scans that count.
    pub fn standing(&self) -> Vec<TrackingFact> {
        self.facts.iter().filter(|fact| !self.is_withdrawn(fact)).cloned().collect()
    }

    /// What a trace that replaces all before it changes. A trace without scans replaces nothing:
    /// more likely its sender has lost them. A delivery or a refusal that was acted on stays.
    fn corrected_by(&self, trace: &Trace<'_>, acted_on: &[TrackingStep]) -> Option<Correction> {
        let sender = trace.told.first().filter(|_| trace.replaces)?.source.told_by.clone();
        let listed: BTreeSet<String> = trace.told.iter().map(said).collect();
        let mut correction = Correction { told_by: sender, ..Correction::default() };
        for fact in self.facts.iter().filter(|f| f.source.told_by == correction.told_by) {
            let said = said(fact);
            match (listed.contains(&said), self.is_withdrawn(fact)) {
                (false, false) if !acted_on.contains(&fact.step) => {
                    correction.withdrawn.insert(said);
                }
                (true, true) => {
                    correction.restored.insert(said);
                }
                (false, false | true) | (true, false) => {}
            }
        }
        let changes = !(correction.withdrawn.is_empty() && correction.restored.is_empty());
        changes.then_some(correction)
    }
}

/// Keeps what is new of a trace and moves the parcel of its waybill, where there is one. `heard` is
/// what was told before. All facts of `trace` are of one waybill. Answers the scans that count now.
pub fn record_tracking(
    change: &mut Change,
    journey: Option<Journey<'_>>,
    heard: &Heard,
    trace: &Trace<'_>,
) -> Vec<TrackingFact> {
    // An old replacement that comes again must not undo a newer one.
    if trace.replaces && heard.push_known {
        return heard.standing();
    }
    let mut now = heard.clone();
    let mut keys: BTreeSet<String> = heard.facts.iter().map(TrackingFact::key).collect();
    for fact in trace.told {
        if keys.insert(fact.key()) {
            let mut fact = fact.clone();
            fact.source.push = trace.push.map(|push| push.id.clone());
            change.keep(scan_row(&fact));
            now.facts.push(fact);
        }
    }
    let acted_on = journey.as_ref().map(acted_on).unwrap_or_default();
    let correction = heard.corrected_by(trace, &acted_on);
    let news = now.facts.len() > heard.facts.len() || correction.is_some();
    if let (Some(correction), Some(fact)) = (correction, trace.told.first()) {
        let number = heard.corrections.len() + 1;
        change.keep(correction_row((&fact.carrier, &fact.waybill), number, &correction, change.at));
        now.corrections.push(correction);
    }
    if let Some(push) = trace.push.filter(|_| !heard.push_known && (news || trace.replaces)) {
        change.keep(push.fact(change.at));
    }
    let counts = now.standing();
    if let Some(journey) = journey {
        if news && journey.parcel.doc.state == ParcelState::Packed {
            change.record(journey.parcel, ParcelEvent::SpokenOf);
        }
        follow_parcel(change, journey, &counts);
    }
    counts
}

/// What of the carrier's word the shop has acted on: its order counts as delivered, or the courier
/// went away without the cash.
fn acted_on(journey: &Journey<'_>) -> Vec<TrackingStep> {
    let Some(seen) = journey.parcel.doc.seen() else { return Vec::new() };
    let delivered = seen.delivered_at.map(|_| TrackingStep::Delivered);
    let refused = seen.was_refused.then_some(TrackingStep::Refused);
    delivered.into_iter().chain(refused).collect()
}

fn scan_row(fact: &TrackingFact) -> Fact {
    Fact {
        kind: FactKind::Tracking,
        subject: format!("{}:{}", fact.carrier, fact.waybill),
        key: fact.key(),
        occurred_at: fact.occurred_at,
        fact: serde_json::to_value(fact).unwrap_or_default(),
        verdict: fact.step.word().to_owned(),
        raw: None,
    }
}

/// Two that correct one waybill at the same moment have the same key: one of them decides again.
fn correction_row(
    (carrier, waybill): (&CarrierCode, &Waybill),
    number: usize,
    correction: &Correction,
    at: Millis,
) -> Fact {
    let key = ["correction", carrier.as_str(), waybill.as_str(), &number.to_string()];
    Fact {
        kind: FactKind::Correction,
        subject: format!("{carrier}:{waybill}"),
        key: key.join("\u{1f}"),
        occurred_at: at,
        fact: serde_json::to_value(correction).unwrap_or_default(),
        verdict: "corrected".to_owned(),
        raw: None,
    }
}
