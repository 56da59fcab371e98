//! Kinds of exceptions, and which of them a carrier's scans amount to.
//!
//! What is wrong is a function of the set of scans, like the place of the parcel: their order of
//! arrival cannot matter. A kind is wrong from the first scan that says so on, until a later one
//! explains it (`field/integrations.md` §2.7, rule d, of the plan).

use crate::tracking::in_order;
use crate::{ExceptionKind, Millis, TrackingFact, TrackingStep};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What is wrong with a parcel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trouble {
    /// Handed over, and the carrier has not scanned it.
    NoPickup,
    /// Nothing was heard of it for too long.
    NoScan,
    /// It is not there by when its carrier promised.
    PromiseMissed,
    Lost,
    Damaged,
    Refused,
    /// Something is wrong with the address.
    Address,
    /// The courier was there, more than once, and nobody opened.
    AttemptFailed,
    Customs,
    Delay,
    /// On its way back to us.
    Returning,
    /// Somebody wants it back before it is delivered (拦截).
    Intercept,
    Other,
}

impl Trouble {
    pub const ALL: [Self; 13] = [
        Self::NoPickup,
        Self::NoScan,
        Self::PromiseMissed,
        Self::Lost,
        Self::Damaged,
        Self::Refused,
        Self::Address,
        Self::AttemptFailed,
        Self::Customs,
        Self::Delay,
        Self::Returning,
        Self::Intercept,
        Self::Other,
    ];

    /// The name of the kind.
    pub fn word(self) -> &'static str {
        match self {
            Self::NoPickup => "no_pickup",
            Self::NoScan => "no_scan",
            Self::PromiseMissed => "promise_missed",
            Self::Lost => "lost",
            Self::Damaged => "damaged",
            Self::Refused => "refused",
            Self::Address => "address",
            Self::AttemptFailed => "attempt_failed",
            Self::Customs => "customs",
            Self::Delay => "delay",
            Self::Returning => "returning",
            Self::Intercept => "intercept",
            Self::Other => "other",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// What a scan says is wrong.
    fn of(step: TrackingStep) -> Option<Self> {
        match step {
            TrackingStep::Exception(kind) => Some(match kind {
                ExceptionKind::Delay => Self::Delay,
                ExceptionKind::Lost => Self::Lost,
                ExceptionKind::Damaged => Self::Damaged,
                ExceptionKind::AttemptFailed => Self::AttemptFailed,
                ExceptionKind::Customs => Self::Customs,
                ExceptionKind::Address => Self::Address,
                ExceptionKind::Other => Self::Other,
            }),
            TrackingStep::Refused => Some(Self::Refused),
            TrackingStep::Returning => Some(Self::Returning),
            // The carrier has called off a parcel that left.
            TrackingStep::Cancelled => Some(Self::Other),
            TrackingStep::Created
            | TrackingStep::PickedUp
            | TrackingStep::InTransit
            | TrackingStep::AtHub
            | TrackingStep::ReadyForPickup
            | TrackingStep::OutForDelivery
            | TrackingStep::Delivered
            | TrackingStep::Returned
            | TrackingStep::Note => None,
        }
    }

    /// Whether a later scan explains it, so that nobody has to look any more. Damage stays for a
    /// person, and so does what is lost until it is where it should be; what goes back is explained
    /// when it is delivered after all, or when the warehouse has it.
    pub fn is_left_by(self, step: TrackingStep) -> bool {
        let arrived = matches!(step, TrackingStep::Delivered);
        let back = matches!(step, TrackingStep::Returned);
        match self {
            Self::Damaged | Self::Intercept => false,
            Self::Refused | Self::Returning => arrived,
            Self::Lost | Self::PromiseMissed => arrived || back,
            Self::NoScan => true,
            Self::NoPickup => !matches!(step, TrackingStep::Created | TrackingStep::Note),
            Self::Address | Self::AttemptFailed | Self::Customs | Self::Delay | Self::Other => {
                arrived || back || step.goes_on()
            }
        }
    }

    /// Nothing but this can be wrong with what the buyer has.
    fn matters_after_delivery(self) -> bool {
        matches!(self, Self::Damaged | Self::Refused | Self::Returning)
    }
}

impl TrackingStep {
    /// The parcel moves, to its buyer or back.
    fn goes_on(self) -> bool {
        match self {
            Self::PickedUp
            | Self::InTransit
            | Self::AtHub
            | Self::ReadyForPickup
            | Self::OutForDelivery
            | Self::Refused
            | Self::Returning => true,
            Self::Created
            | Self::Delivered
            | Self::Exception(_)
            | Self::Returned
            | Self::Cancelled
            | Self::Note => false,
        }
    }
}

/// What is wrong by all scans of a parcel together, and since when by the carrier's clock. `facts`
/// may come in any order and hold repeats.
pub fn troubles<'a>(
    facts: impl IntoIterator<Item = &'a TrackingFact>,
    failed_attempts_at_most: i64,
) -> BTreeMap<Trouble, Millis> {
    let mut sorted = in_order(facts);
    sorted.dedup_by(|a, b| {
        (a.occurred_at, a.step, &a.code, &a.text) == (b.occurred_at, b.step, &b.code, &b.text)
    });
    let mut open: BTreeMap<Trouble, Millis> = BTreeMap::new();
    let (mut failed, mut delivered) = (0, false);
    for fact in sorted {
        open.retain(|kind, _| !kind.is_left_by(fact.step));
        delivered |= fact.step == TrackingStep::Delivered;
        let Some(kind) = Trouble::of(fact.step) else { continue };
        failed += i64::from(kind == Trouble::AttemptFailed);
        let tolerated = kind == Trouble::AttemptFailed && failed <= failed_attempts_at_most;
        if !tolerated && (!delivered || kind.matters_after_delivery()) {
            open.entry(kind).or_insert(fact.occurred_at);
        }
    }
    open
}

/// The scan that explains an exception which is not there any more by all scans together. One that
/// a carrier told is explained by them in any case, and so is that nothing was heard of what had
/// been picked up or was there in time; other silence, and what a person said, only by a scan that
/// happened later.
pub(super) fn explanation<'a>(
    kind: Trouble,
    since: Millis,
    facts: impl IntoIterator<Item = &'a TrackingFact>,
) -> Option<TrackingStep> {
    let sorted = in_order(facts);
    let told = sorted.iter().any(|f| f.occurred_at == since && Trouble::of(f.step) == Some(kind));
    let whenever = told || matches!(kind, Trouble::NoPickup | Trouble::PromiseMissed);
    let explains =
        |f: &&&TrackingFact| (whenever || f.occurred_at > since) && kind.is_left_by(f.step);
    let newest = sorted.last().filter(|_| told);
    sorted.iter().rev().find(explains).or(newest).map(|fact| fact.step)
}
