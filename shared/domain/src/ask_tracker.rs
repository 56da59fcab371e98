//! Asking for a parcel: trackers are told to follow it when it leaves, and are asked where it is
//! when nothing was heard of it for too long. No tracker promises that its pushes arrive.

use crate::time::HOUR;
use crate::{
    CarrierCode, Change, Effect, Message, Millis, Parcel, ParcelEvent, ParcelId, ParcelState,
    Policy, Recipient, TimerKind, TrackingStep, Waybill,
};
use serde::{Deserialize, Serialize};

/// What a tracker is asked for about one waybill. Which tracker is decided when it is sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrackerAsk {
    pub parcel: ParcelId,
    pub carrier: CarrierCode,
    pub waybill: Waybill,
    pub want: TrackingWish,
}

/// What is wanted of a tracker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TrackingWish {
    /// That it pushes what it hears from now on. Without this, most trackers push nothing.
    Follow,
    /// All that it knows.
    Trace,
}

/// A parcel that has left is looked at for the first time after this; the policy says how long
/// nothing may be heard of it.
const FIRST_LOOK_MS: i64 = HOUR;

impl Parcel {
    /// Its tracker is told of it once, and somebody looks whether anything is heard.
    pub(crate) fn is_followed(&self, event: &ParcelEvent) -> Vec<Effect> {
        let ParcelEvent::Shipped { at } = event else { return Vec::new() };
        let follow = self.ask(TrackingWish::Follow, "follow".to_owned()).map(Effect::Send);
        follow.into_iter().chain([self.look_at(at.plus(FIRST_LOOK_MS))]).collect()
    }

    fn ask(&self, want: TrackingWish, what: String) -> Option<Message> {
        let label = self.label.clone()?;
        let (parcel, carrier, waybill) = (self.id.clone(), label.carrier, label.waybill);
        let ask = TrackerAsk { parcel, carrier, waybill, want };
        Some(Message { id: format!("{}:{what}", self.id), to: Recipient::Tracker { ask } })
    }

    fn look_at(&self, due: Millis) -> Effect {
        Effect::SetTimer { kind: TimerKind::CarrierSilent, subject: self.id.to_string(), due }
    }

    /// When it left, while its carrier still has something to say that matters.
    fn on_its_way_since(&self) -> Option<Millis> {
        let ParcelState::Shipped { at, seen } = self.state else { return None };
        let there = seen.is_some_and(|seen| seen.step == TrackingStep::Delivered);
        let over = seen.is_some_and(|seen| seen.step.is_final());
        (!there && !over).then_some(at)
    }
}

/// Somebody looks whether anything was heard of a parcel; `heard_at` is when its newest scan came.
/// If that is too long ago its tracker is asked; in any case somebody looks again later, until it
/// has arrived or nobody expects it any more.
pub fn look_for_parcel(
    change: &mut Change,
    parcel: &Parcel,
    heard_at: Option<Millis>,
    policy: &Policy,
) {
    let Some(shipped_at) = parcel.on_its_way_since() else { return };
    let (now, pause) = (change.at, policy.pull_after_ms.max(HOUR));
    if now > shipped_at.plus(policy.pull_for_ms) {
        return;
    }
    let due = heard_at.unwrap_or(shipped_at).max(shipped_at).plus(pause);
    if now < due {
        change.effect(parcel.look_at(due));
        return;
    }
    if let Some(ask) = parcel.ask(TrackingWish::Trace, format!("trace:{}", now.0)) {
        change.effect(Effect::Send(ask));
    }
    change.effect(parcel.look_at(now.plus(pause)));
}
