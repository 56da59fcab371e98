//! What pushes tell: told once, told anew, told by whoever's name, and told from the future; and
//! when a tracker is asked.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "common/mod.rs"]
mod common;

use common::{basket, placed};
use domain::*;
use proptest::prelude::*;

fn carrier(code: &str) -> CarrierCode {
    CarrierCode::parse(code).unwrap()
}

fn scan(told_by: &str, time: i64, step: TrackingStep) -> TrackingFact {
    TrackingFact {
        carrier: carrier("yuantong"),
        waybill: Waybill::parse("YT1").unwrap(),
        occurred_at: Millis(time),
        step,
        code: step.word().to_owned(),
        text: "scan".to_owned(),
        place: None,
        source: Source { told_by: told_by.to_owned(), ..Source::default() },
    }
}

fn change() -> Change {
    Change::new(Actor::Carrier("yuantong".into()), Millis(1_000_000))
}

fn push(id: &str) -> Push {
    Push { told_by: "kuaidi100".into(), id: id.into(), raw: format!("bytes of {id}") }
}

/// Takes in a trace of a waybill without a parcel, as the database would: what is kept is known
/// next time.
#[derive(Default)]
struct Known {
    heard: Heard,
    pushes: Vec<String>,
}

impl Known {
    fn hears(&mut self, told: &[TrackingFact], replaces: bool, push: &Push) -> usize {
        let mut change = change();
        self.heard.push_known = self.pushes.contains(&push.key());
        let trace = Trace { told, replaces, push: Some(push) };
        record_tracking(&mut change, None, &self.heard, &trace);
        for fact in change.facts() {
            let value = fact.fact.clone();
            match fact.kind {
                FactKind::Tracking => {
                    self.heard.facts.push(serde_json::from_value(value).unwrap());
                }
                FactKind::Correction => {
                    self.heard.corrections.push(serde_json::from_value(value).unwrap());
                }
                FactKind::Push => self.pushes.push(fact.key.clone()),
                FactKind::Payment
                | FactKind::Remittance
                | FactKind::Assignment
                | FactKind::Serial => unreachable!(),
            }
        }
        change.facts().len()
    }

    fn steps(&self) -> Vec<TrackingStep> {
        self.heard.standing().iter().map(|fact| fact.step).collect()
    }
}

#[test]
fn a_trace_told_again_keeps_what_is_new_and_its_push_once() {
    let mut known = Known::default();
    let first = [scan("kuaidi100", 1, TrackingStep::PickedUp)];
    assert_eq!(known.hears(&first, false, &push("a")), 2, "a scan and its push");
    assert_eq!(known.hears(&first, false, &push("a")), 0);
    assert_eq!(known.hears(&first, false, &push("b")), 0, "nothing new: not kept");
    let more = [first[0].clone(), scan("kuaidi100", 2, TrackingStep::InTransit)];
    assert_eq!(known.hears(&more, false, &push("c")), 2);
    assert_eq!(known.heard.facts[1].source.push.as_deref(), Some("c"), "it names its push");
    assert_eq!(known.heard.facts[0].source.push.as_deref(), Some("a"));
}

#[test]
fn a_trace_that_replaces_takes_back_what_it_does_not_hold_and_nothing_is_deleted() {
    use TrackingStep::{Delivered, InTransit, PickedUp};
    let (one, two, wrong) = (
        scan("kuaidi100", 1, PickedUp),
        scan("kuaidi100", 2, InTransit),
        scan("kuaidi100", 3, Delivered),
    );
    let other = scan("shunfeng", 4, InTransit);
    let mut known = Known::default();
    known.hears(&[one.clone(), two.clone(), wrong.clone()], false, &push("a"));
    known.hears(std::slice::from_ref(&other), false, &push("b"));
    known.hears(&[one.clone(), two.clone()], true, &push("c"));
    assert_eq!(known.steps(), [PickedUp, InTransit, InTransit], "others' words stand");
    assert_eq!(known.heard.facts.len(), 4, "nothing is deleted");
    assert_eq!(fold(&known.heard.standing()).unwrap().delivered_at, None);
    // Late repeats of old pushes change nothing.
    known.hears(&[one.clone(), two.clone(), wrong.clone()], false, &push("a"));
    assert_eq!(known.steps(), [PickedUp, InTransit, InTransit]);
    // Told anew once more, with it: it counts again.
    known.hears(&[one.clone(), two.clone(), wrong.clone()], true, &push("d"));
    assert_eq!(known.steps(), [PickedUp, InTransit, Delivered, InTransit]);
    // The replacement before it, again.
    assert_eq!(known.hears(&[one, two], true, &push("c")), 0);
    assert_eq!(known.steps(), [PickedUp, InTransit, Delivered, InTransit]);
}

#[test]
fn a_replacement_that_changed_nothing_cannot_undo_a_later_one() {
    use TrackingStep::{Delivered, InTransit, PickedUp};
    let all = [scan("kuaidi100", 1, PickedUp), scan("kuaidi100", 2, InTransit)];
    let more = [all[0].clone(), scan("kuaidi100", 3, Delivered)];
    let mut known = Known::default();
    known.hears(&all, false, &push("a"));
    assert_eq!(known.hears(&all, true, &push("same")), 1, "the push alone is kept");
    known.hears(&more, true, &push("newer"));
    assert_eq!(known.hears(&all, true, &push("same")), 0);
    assert_eq!(known.steps(), [PickedUp, Delivered]);
}

#[test]
fn a_trace_without_scans_replaces_nothing() {
    let mut known = Known::default();
    known.hears(&[scan("kuaidi100", 1, TrackingStep::PickedUp)], false, &push("a"));
    known.hears(&[], true, &push("empty"));
    assert_eq!(known.steps(), [TrackingStep::PickedUp]);
}

#[test]
fn a_tracker_means_our_carrier_by_its_own_name() {
    let names = CarrierNames::default();
    for (told_by, theirs, ours) in [
        ("17track", "17track:100012", "shunfeng"),
        ("17track", "17track:3011", "youzhengguonei"),
        ("17track", "17track:1", "17track:1"),
        ("aftership", "sf-express", "shunfeng"),
        ("easypost", "sfexpress", "shunfeng"),
        ("easypost", "sf-express", "sf-express"),
        ("kuaidi100", "yuantong", "yuantong"),
        ("kuaidi100", "sto", "sto"),
    ] {
        assert_eq!(names.ours(told_by, &carrier(theirs)), carrier(ours), "{told_by} {theirs}");
    }
    let theirs = |tracker| names.theirs(tracker, &carrier("shunfeng"));
    assert_eq!(theirs(TrackerName::SeventeenTrack), Some("100012"));
    assert_eq!(theirs(TrackerName::Aftership), Some("sf-express"));
    assert_eq!(theirs(TrackerName::Kuaidi100), None, "it calls it as we do");
}

#[test]
fn what_was_kept_under_a_trackers_name_is_found_by_ours_and_by_no_other() {
    let named = |told_by: &str, code: &str| TrackingFact {
        carrier: carrier(code),
        ..scan(told_by, 1, TrackingStep::PickedUp)
    };
    let mut heard = Heard::of(&[
        named("aftership", "sf-express"),
        named("kuaidi100", "shunfeng"),
        named("easypost", "sf-express"),
        named("kuaidi100", "sf-express"),
    ]);
    heard = heard.named(&carrier("shunfeng"), &CarrierNames::default());
    let told: Vec<&str> = heard.facts.iter().map(|f| f.source.told_by.as_str()).collect();
    assert_eq!(told, ["aftership"], "the same scan twice is one, and strangers' are none");
    assert_eq!(heard.facts[0].carrier, carrier("shunfeng"));
}

#[test]
fn a_policy_names_only_trackers_that_there_are() {
    let read = |text: &str| serde_json::from_str::<CarrierNames>(text);
    assert!(read(r#"{"aftership/yto": "yuantong"}"#).is_ok());
    for wrong in [r#"{"yto": "yuantong"}"#, r#"{"pigeon/yto": "yuantong"}"#, r#"{"17track/": "x"}"#]
    {
        assert!(read(wrong).is_err(), "{wrong}");
    }
}

/// A parcel that left at `at` and was last seen so.
fn parcel(at: i64, seen: Option<TrackingStep>) -> Parcel {
    let order = placed(&basket(&[("MUG", 1)])).orders.remove(0);
    let whereabouts = |step| Whereabouts {
        step,
        since: Millis(at),
        last_scan: Millis(at),
        delivered_at: None,
        was_refused: false,
    };
    Parcel {
        id: ParcelId::parse(&format!("pcl_{:032x}", 1)).unwrap(),
        order: order.id,
        merchant: order.merchant,
        warehouse: WarehouseId::parse("w1").unwrap(),
        picks: Vec::new(),
        weight_g: 1,
        packed_at: Millis(0),
        label: Some(Label { carrier: carrier("yuantong"), waybill: Waybill::parse("1").unwrap() }),
        state: ParcelState::Shipped { at: Millis(at), seen: seen.map(whereabouts) },
        cash: None,
        carriage: Carriage::default(),
        promised_by: None,
        replaces: None,
        packaging: Packaging::default(),
    }
}

#[test]
fn a_silent_parcel_is_asked_for_until_it_has_arrived_or_nobody_expects_it() {
    use TrackingStep::{Cancelled, Delivered, InTransit, Refused, Returned};
    let half_day = 12 * HOUR;
    // Now, when it was heard of, where it was seen; whether it is asked for, when it is looked at.
    let table = [
        (HOUR, None, None, false, Some(half_day)),
        (half_day, None, None, true, Some(2 * half_day)),
        (half_day, Some(HOUR), Some(InTransit), false, Some(half_day + HOUR)),
        (half_day + HOUR, Some(HOUR), Some(InTransit), true, Some(2 * half_day + HOUR)),
        (half_day + HOUR, Some(HOUR), Some(Refused), true, Some(2 * half_day + HOUR)),
        (5 * DAY, Some(HOUR), Some(Delivered), false, None),
        (5 * DAY, Some(HOUR), Some(Returned), false, None),
        (5 * DAY, Some(HOUR), Some(Cancelled), false, None),
        (30 * DAY, Some(HOUR), Some(InTransit), true, Some(30 * DAY + half_day)),
        (30 * DAY + 1, Some(HOUR), Some(InTransit), false, None),
    ];
    for (now, heard, seen, asks, next) in table {
        let mut change = Change::new(Actor::Clock, Millis(now));
        look_for_parcel(&mut change, &parcel(0, seen), heard.map(Millis), &Policy::default());
        let case = format!("{now} {heard:?} {seen:?}");
        let asked = change.effects().iter().filter(|e| matches!(e, Effect::Send(_))).count();
        assert_eq!(asked == 1, asks, "{case}");
        let due = change.effects().iter().find_map(|effect| {
            if let Effect::SetTimer { due, .. } = effect { Some(due.0) } else { None }
        });
        assert_eq!(due, next, "{case}");
    }
}

proptest! {
    #[test]
    fn scans_from_the_future_and_taken_back_leave_the_same_state_in_any_order(
        scans in
            prop::collection::vec((0_i64..40, 0_usize..6, any::<bool>(), any::<bool>()), 1..10),
        seed in any::<u64>(),
    ) {
        let steps = [
            TrackingStep::PickedUp,
            TrackingStep::InTransit,
            TrackingStep::OutForDelivery,
            TrackingStep::Delivered,
            TrackingStep::Exception(ExceptionKind::Delay),
            TrackingStep::Note,
        ];
        let facts: Vec<TrackingFact> = scans
            .iter()
            .map(|(time, step, ahead, _)| {
                let mut fact = scan("kuaidi100", *time, steps[*step]);
                fact.source.told_at = ahead.then_some(Millis(1_000 + *time));
                fact
            })
            .collect();
        let kept: Vec<TrackingFact> =
            facts.iter().zip(&scans).filter(|(_, s)| s.3).map(|(f, _)| f.clone()).collect();
        let told = |order: &[TrackingFact]| {
            let mut known = Known::default();
            for (i, fact) in order.iter().enumerate() {
                known.hears(std::slice::from_ref(fact), false, &push(&i.to_string()));
            }
            known.hears(&kept, true, &push("whole"));
            fold(&known.heard.standing())
        };
        let expected = told(&facts);
        let mut shuffled: Vec<TrackingFact> = facts.iter().chain(&facts).cloned().collect();
        let mut rest = seed;
        for i in (1..shuffled.len()).rev() {
            rest = rest.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let j = usize::try_from(rest >> 33).unwrap() % (i + 1);
            shuffled.swap(i, j);
        }
        prop_assert_eq!(told(&shuffled), expected);
        if !kept.is_empty() {
            let alone = Heard::of(&kept).standing();
            prop_assert_eq!(expected, fold(&alone), "only what was told anew counts");
        }
    }
}
