//! What carriers say about a parcel, in our words, and how it folds into one state.
//!
//! Carriers repeat themselves, come late and out of order. The state is a function of the set of
//! facts, so the order of their arrival cannot matter. Rules: `field/integrations.md` §2.7 of the
//! plan; each is repeated at the line that applies it.

use crate::time::DAY;
use crate::{CarrierCode, Millis, Waybill};
use serde::{Deserialize, Serialize};

/// One scan, as the carrier said it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrackingFact {
    pub carrier: CarrierCode,
    pub waybill: Waybill,
    /// When the scan happened by the carrier's clock, in UTC.
    pub occurred_at: Millis,
    pub step: TrackingStep,
    /// The carrier's own code, empty where it gives none.
    pub code: String,
    /// The carrier's sentence, shown to the buyer as it is.
    pub text: String,
    pub place: Option<String>,
    #[serde(flatten)]
    pub source: Source,
}

/// How a scan came to us. Nothing of it decides where the parcel is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// Our name of who told it: the carrier, or a tracker that speaks for many.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub told_by: String,
    /// The time that was told, where it was too far ahead of ours to be believed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told_at: Option<Millis>,
    /// The push that brought it first (see [`crate::Push::id`]).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub push: Option<String>,
}

impl TrackingFact {
    /// The same scan told twice has the same key, whoever told it and whatever was made of its
    /// time. A carrier's parts may hold any sign, so they are joined by one that no text holds.
    pub fn key(&self) -> String {
        let Self { carrier, waybill, occurred_at, code, text, source, .. } = self;
        let at = source.told_at.unwrap_or(*occurred_at).0.to_string();
        ["tracking", carrier.as_str(), waybill.as_str(), &at, code, text].join("\u{1f}")
    }
}

/// What a scan says about the parcel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state", content = "kind")]
pub enum TrackingStep {
    Created,
    PickedUp,
    InTransit,
    AtHub,
    ReadyForPickup,
    OutForDelivery,
    Delivered,
    Exception(ExceptionKind),
    Refused,
    Returning,
    Returned,
    Cancelled,
    /// Told, shown to the buyer, but says nothing about the state (unknown codes).
    Note,
}

/// What went wrong on the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExceptionKind {
    Delay,
    Lost,
    Damaged,
    AttemptFailed,
    Customs,
    Address,
    Other,
}

impl TrackingStep {
    /// How far along the way a step is; decides between scans of the same second.
    fn rank(self) -> u8 {
        match self {
            Self::Note => 0,
            Self::Created => 1,
            Self::PickedUp => 10,
            Self::InTransit | Self::AtHub => 20,
            Self::Exception(_) => 25,
            Self::ReadyForPickup => 28,
            Self::OutForDelivery => 30,
            Self::Refused => 35,
            Self::Returning => 36,
            Self::Delivered => 40,
            Self::Returned => 50,
            Self::Cancelled => 60,
        }
    }

    /// No later scan changes it (rule e).
    pub fn is_final(self) -> bool {
        matches!(self, Self::Returned | Self::Cancelled)
    }
}

/// Where a parcel is by all that its carrier said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Whereabouts {
    #[serde(flatten)]
    pub step: TrackingStep,
    /// Time of the scan that made it so.
    pub since: Millis,
    /// Time of the newest scan of any kind.
    pub last_scan: Millis,
    /// First time it was delivered, even if it came back later.
    pub delivered_at: Option<Millis>,
    /// The buyer did not take it at least once.
    #[serde(default, skip_serializing_if = "crate::order::is_false")]
    pub was_refused: bool,
}

/// A carrier's clock that is more than this ahead of ours is not believed (rule f).
pub const AHEAD_AT_MOST: i64 = DAY;

/// Scans as they happened: by event time, among equals the one further along last, then any fixed
/// order (rule b).
pub(crate) fn in_order<'a>(
    facts: impl IntoIterator<Item = &'a TrackingFact>,
) -> Vec<&'a TrackingFact> {
    let mut sorted: Vec<&TrackingFact> = facts.into_iter().collect();
    sorted.sort_by(|a, b| {
        (a.occurred_at, a.step.rank(), &a.code, &a.text).cmp(&(
            b.occurred_at,
            b.step.rank(),
            &b.code,
            &b.text,
        ))
    });
    sorted
}

/// Folds all facts of one waybill. `None` while nothing but notes was told. `facts` may come in any
/// order and hold repeats. Times in the future must have been clamped when they were received.
pub fn fold<'a>(facts: impl IntoIterator<Item = &'a TrackingFact>) -> Option<Whereabouts> {
    let sorted = in_order(facts);
    let last_scan = sorted.last()?.occurred_at;
    let mut now: Option<Whereabouts> = None;
    for fact in sorted {
        let leaves = now.is_none_or(|w| may_leave(w.step, fact.step));
        if fact.step == TrackingStep::Note || !leaves {
            continue;
        }
        let arrived = (fact.step == TrackingStep::Delivered).then_some(fact.occurred_at);
        let before = now.and_then(|w| w.delivered_at);
        let since = match now {
            Some(w) if w.step == fact.step => w.since,
            Some(_) | None => fact.occurred_at,
        };
        let was_refused = fact.step == TrackingStep::Refused || now.is_some_and(|w| w.was_refused);
        now = Some(Whereabouts {
            step: fact.step,
            since,
            last_scan,
            delivered_at: before.or(arrived),
            was_refused,
        });
    }
    now
}

/// Delivered is left only for what says the parcel goes back (rule c); nothing leaves a final step.
fn may_leave(from: TrackingStep, to: TrackingStep) -> bool {
    match from {
        TrackingStep::Delivered => {
            matches!(to, TrackingStep::Refused | TrackingStep::Returning | TrackingStep::Returned)
        }
        TrackingStep::Returned | TrackingStep::Cancelled => false,
        TrackingStep::Refused | TrackingStep::Returning => {
            to.rank() >= TrackingStep::Refused.rank()
        }
        TrackingStep::Created
        | TrackingStep::PickedUp
        | TrackingStep::InTransit
        | TrackingStep::AtHub
        | TrackingStep::ReadyForPickup
        | TrackingStep::OutForDelivery
        | TrackingStep::Exception(_)
        | TrackingStep::Note => true,
    }
}
