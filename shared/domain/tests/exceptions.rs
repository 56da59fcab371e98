//! Exceptions on the way: which scans and silences are one, what closes it, and what an outcome
//! does to units, stock and money.

// A test says what it expects by failing.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;
#[path = "common/lost.rs"]
mod lost;

use domain::*;
use lost::{HOURS, Scene, scan, seen};
use proptest::prelude::*;
use std::collections::BTreeMap;

fn of(kind: ExceptionKind) -> TrackingStep {
    TrackingStep::Exception(kind)
}

#[test]
fn scans_amount_to_kinds_until_a_later_one_explains_them() {
    use TrackingStep as S;
    let (delay, lost) = (of(ExceptionKind::Delay), of(ExceptionKind::Lost));
    let failed = of(ExceptionKind::AttemptFailed);
    type Row<'a> = (&'a [S], &'a [(Trouble, i64)]);
    let table: &[Row] = &[
        (&[S::PickedUp, S::InTransit], &[]),
        (&[S::PickedUp, delay], &[(Trouble::Delay, 1)]),
        (&[delay, delay], &[(Trouble::Delay, 0)]),
        (&[delay, S::InTransit], &[]),
        (&[delay, S::Note], &[(Trouble::Delay, 0)]),
        (&[delay, S::InTransit, delay], &[(Trouble::Delay, 2)]),
        (&[delay, lost], &[(Trouble::Delay, 0), (Trouble::Lost, 1)]),
        (&[lost, S::InTransit], &[(Trouble::Lost, 0)]),
        (&[lost, S::InTransit, S::Delivered], &[]),
        (&[of(ExceptionKind::Damaged), S::Delivered], &[(Trouble::Damaged, 0)]),
        (&[failed], &[]),
        (&[failed, S::OutForDelivery, failed], &[(Trouble::AttemptFailed, 2)]),
        (&[failed, failed, S::ReadyForPickup], &[]),
        (&[of(ExceptionKind::Customs), S::InTransit], &[]),
        (&[of(ExceptionKind::Address), S::Returning], &[(Trouble::Returning, 1)]),
        (&[S::Refused, S::Returning], &[(Trouble::Refused, 0), (Trouble::Returning, 1)]),
        (&[S::Refused, S::Delivered], &[]),
        (&[S::Delivered, delay], &[]),
        (&[S::Delivered, S::Refused], &[(Trouble::Refused, 1)]),
        (&[S::Returning, S::Returned], &[(Trouble::Returning, 0)]),
        (&[S::InTransit, S::Cancelled], &[(Trouble::Other, 1)]),
    ];
    for (steps, expected) in table {
        let facts: Vec<TrackingFact> =
            steps.iter().enumerate().map(|(i, s)| scan(i64::try_from(i).unwrap(), *s)).collect();
        let expected: BTreeMap<Trouble, Millis> =
            expected.iter().map(|(kind, at)| (*kind, Millis(*at))).collect();
        assert_eq!(troubles(&facts, 1), expected, "{steps:?}");
    }
}

/// Any step that a carrier may tell.
fn steps() -> impl Strategy<Value = TrackingStep> {
    use TrackingStep as S;
    prop::sample::select(vec![
        S::Created,
        S::PickedUp,
        S::InTransit,
        S::OutForDelivery,
        S::Delivered,
        S::Refused,
        S::Returning,
        S::Returned,
        S::Note,
        of(ExceptionKind::Delay),
        of(ExceptionKind::Lost),
        of(ExceptionKind::Damaged),
        of(ExceptionKind::AttemptFailed),
        of(ExceptionKind::Address),
    ])
}

proptest! {
    #[test]
    fn scans_in_any_order_leave_the_same_exceptions_open(
        told in prop::collection::vec((0_i64..20, steps()), 1..10),
        order in prop::collection::vec(0_usize..1_000, 10),
    ) {
        let facts: Vec<TrackingFact> =
            told.iter().map(|(at, step)| scan(HOURS + *at, *step)).collect();
        let mut shuffled: Vec<(usize, TrackingFact)> =
            facts.iter().cloned().enumerate().map(|(i, f)| (order[i], f)).collect();
        shuffled.sort_by_key(|(key, _)| *key);
        let open = |facts: Vec<TrackingFact>| {
            let mut scene = Scene::shipped();
            for fact in facts {
                scene.hears(fact);
            }
            scene.sums();
            scene.open()
        };
        let (one, other) =
            (open(facts), open(shuffled.into_iter().map(|(_, f)| f).collect()));
        prop_assert_eq!(one, other);
    }
}

#[test]
fn silence_is_an_exception_until_something_is_heard() {
    let mut scene = Scene::shipped();
    assert_eq!(scene.looks_at, Some(Millis(24 * HOURS)));
    scene.clock(24 * HOURS - 1);
    assert_eq!(scene.open(), []);
    scene.clock(24 * HOURS);
    assert_eq!(scene.open(), [Trouble::NoPickup]);
    assert_eq!(scene.looks_at, None, "silence is told once");
    scene.hears(seen(25 * HOURS, TrackingStep::PickedUp));
    assert_eq!(scene.open(), []);
    assert_eq!(scene.looks_at, Some(Millis((25 + 48) * HOURS)));
    scene.clock(73 * HOURS);
    assert_eq!(scene.open(), [Trouble::NoScan]);
    scene.hears(seen(20 * HOURS, TrackingStep::PickedUp));
    assert_eq!(scene.open(), [Trouble::NoScan], "what happened before does not explain it");
    scene.hears(seen(74 * HOURS, TrackingStep::Delivered));
    assert_eq!(scene.open(), []);
    assert_eq!(scene.looks_at, None, "nothing more is waited for");
    assert_eq!(scene.order.doc.open_exceptions, []);
}

#[test]
fn what_was_promised_and_is_not_there_is_an_exception_beside_the_silence() {
    let mut scene = Scene::shipped();
    scene.parcel.doc.promised_by = Some(Millis(30 * HOURS));
    scene.hears(seen(HOURS, TrackingStep::InTransit));
    assert_eq!(scene.looks_at, Some(Millis(30 * HOURS)));
    scene.clock(30 * HOURS);
    assert_eq!(scene.open(), [Trouble::PromiseMissed]);
    assert_eq!(scene.looks_at, Some(Millis(49 * HOURS)));
    scene.clock(49 * HOURS);
    assert_eq!(scene.open(), [Trouble::NoScan, Trouble::PromiseMissed]);
    scene.hears(seen(50 * HOURS, TrackingStep::OutForDelivery));
    assert_eq!(scene.open(), [Trouble::PromiseMissed]);
    scene.hears(seen(51 * HOURS, TrackingStep::Delivered));
    assert_eq!(scene.open(), []);
}

/// Trackers tell hours later what happened in time.
#[test]
fn what_was_there_in_time_and_is_heard_of_late_is_explained() {
    let mut scene = Scene::shipped();
    scene.parcel.doc.promised_by = Some(Millis(20 * HOURS));
    scene.clock(20 * HOURS);
    assert_eq!(scene.open(), [Trouble::PromiseMissed]);
    scene.hears(seen(19 * HOURS, TrackingStep::Delivered));
    assert_eq!(scene.open(), []);
    // The courier's scan is older than the warehouse's word that it left.
    let mut scene = Scene::shipped();
    scene.clock(24 * HOURS);
    assert_eq!(scene.open(), [Trouble::NoPickup]);
    scene.hears(seen(-HOURS, TrackingStep::PickedUp));
    assert_eq!(scene.open(), []);
    scene.sums();
}

#[test]
fn what_a_person_has_dismissed_is_opened_again_only_by_what_happens_after() {
    let mut scene = Scene::shipped();
    scene.hears(seen(2 * HOURS, of(ExceptionKind::Delay)));
    scene
        .with(Trouble::Delay, |change, scene, exception| {
            dismiss(change, &mut scene.order, exception)
        })
        .unwrap();
    scene.hears(seen(HOURS, of(ExceptionKind::Delay)));
    scene.hears(seen(3 * HOURS, of(ExceptionKind::Delay)));
    assert_eq!(scene.open(), [], "it is the same delay");
    scene.hears(seen(4 * HOURS, TrackingStep::InTransit));
    scene.hears(seen(5 * HOURS, of(ExceptionKind::Delay)));
    assert_eq!(scene.open(), [Trouble::Delay]);
}

#[test]
fn what_a_carrier_said_before_a_person_dismissed_a_report_of_it_is_dismissed_with_it() {
    let mut scene = Scene::shipped();
    scene.clock(HOURS);
    scene.report(Trouble::Damaged).unwrap();
    scene.hears(seen(2 * HOURS, of(ExceptionKind::Damaged)));
    assert_eq!(scene.exceptions.len(), 1, "the carrier says it too");
    scene.clock(3 * HOURS);
    scene
        .with(Trouble::Damaged, |change, scene, exception| {
            dismiss(change, &mut scene.order, exception)
        })
        .unwrap();
    scene.hears(seen(4 * HOURS, TrackingStep::InTransit));
    assert_eq!(scene.open(), []);
    scene.hears(seen(5 * HOURS, of(ExceptionKind::Lost)));
    assert_eq!(scene.open(), [Trouble::Lost]);
}

#[test]
fn nobody_deciding_presses_more_and_more_and_then_stays() {
    let mut scene = Scene::shipped();
    scene.hears(seen(HOURS, of(ExceptionKind::Lost)));
    let policy = ExceptionPolicy::default();
    for (hours, priority) in [
        (23, Priority::Normal),
        (24, Priority::High),
        (47, Priority::High),
        (48, Priority::Urgent),
        (500, Priority::Urgent),
    ] {
        scene.now = Millis(hours * HOURS);
        scene
            .with(Trouble::Lost, |change, _, exception| {
                exception_due(change, exception, &policy);
                Ok(())
            })
            .unwrap();
        assert_eq!(scene.exceptions[0].doc.priority, priority, "after {hours} h");
    }
    assert!(scene.exceptions[0].doc.is_open());
}

#[test]
fn what_is_waited_for_is_to_be_decided_when_it_did_not_happen() {
    let mut scene = Scene::shipped();
    scene.hears(seen(HOURS, of(ExceptionKind::Delay)));
    let policy = ExceptionPolicy::default();
    for hours in [0, 721, i64::MAX] {
        let refused = scene.with(Trouble::Delay, |change, _, e| wait(change, e, hours));
        assert!(matches!(refused, Err(Refusal::Faulty(_))), "{refused:?}");
    }
    scene.with(Trouble::Delay, |change, _, e| wait(change, e, 10)).unwrap();
    let state = scene.exceptions[0].doc.state.clone();
    assert_eq!(state, ExceptionState::Waiting { until: Millis(10 * HOURS) });
    scene.now = Millis(10 * HOURS);
    let due = |change: &mut Change, e: &mut Stored<Exception>| exception_due(change, e, &policy);
    scene
        .with(Trouble::Delay, |change, _, e| {
            due(change, e);
            Ok(())
        })
        .unwrap();
    let exception = &scene.exceptions[0].doc;
    assert_eq!(exception.state, ExceptionState::Open);
    assert_eq!(exception.priority, Priority::Normal);
    assert_eq!(exception.deadline, Millis((10 + 48) * HOURS));
}

/// Who may say what.
#[test]
fn people_report_what_people_can_know_and_buyers_only_want_it_back() {
    let buyer = Actor::Buyer("li".into());
    let agent = Actor::Support("a".into());
    for (who, kind, may) in [
        (&agent, Trouble::Lost, true),
        (&agent, Trouble::Intercept, true),
        (&agent, Trouble::NoScan, false),
        (&agent, Trouble::Refused, false),
        (&buyer, Trouble::Intercept, true),
        (&buyer, Trouble::Lost, false),
    ] {
        let mut scene = Scene::shipped();
        scene.actor = who.clone();
        assert_eq!(scene.report(kind).is_ok(), may, "{who:?} {kind:?}");
        assert_eq!(scene.open().len(), usize::from(may));
        if may {
            let again = scene.report(kind);
            assert!(matches!(again, Err(Refusal::ExceptionOpen { .. })), "{again:?}");
        }
    }
}
