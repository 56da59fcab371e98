//! What becomes of parcels that were lost or stopped: units, stock and money, in any order.

// A test says what it expects by failing.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;
#[path = "common/lost.rs"]
mod lost;

use domain::*;
use lost::{HOURS, Scene, seen};
use proptest::prelude::*;

fn lost() -> Scene {
    let mut scene = Scene::shipped();
    scene.hears(seen(HOURS, TrackingStep::Exception(ExceptionKind::Lost)));
    assert_eq!(scene.open(), [Trouble::Lost]);
    scene
}

#[test]
fn what_is_sent_again_is_held_anew_and_can_be_packed() {
    let mut scene = lost();
    scene.send_again(Bearer::Merchant).unwrap();
    let line = &scene.order.doc.lines[0];
    assert_eq!((line.units.shipped, line.units.resent, line.open_units()), (2, 2, 3));
    assert_eq!(scene.order.doc.sent_units(), 0);
    assert_eq!(scene.held, 2, "pieces that are promised anew");
    assert_eq!(scene.refunded(), 0);
    assert_eq!(scene.parcel.doc.word(), "given_up");
    assert_eq!(
        scene.order.doc.sent_again.last().map(|s| s.parcel.clone()),
        Some(scene.parcel.doc.id.clone())
    );
    let again = scene.send_again(Bearer::Merchant);
    assert!(matches!(again, Err(Refusal::IllegalStep { .. })), "{again:?}");
    scene.sums();
}

#[test]
fn what_cannot_be_sent_again_is_paid_back() {
    let mut scene = lost();
    scene.stock = 1;
    scene.send_again(Bearer::Merchant).unwrap();
    let outcome = scene.outcome(Trouble::Lost);
    assert!(matches!(outcome, Outcome::PaidBack { out_of_stock: true, .. }), "{outcome:?}");
    assert_eq!(scene.held, 0);
    assert!(scene.refunded() > 0);
    assert_eq!(scene.order.doc.line(1).unwrap().units.undelivered, 2);
    scene.sums();
}

#[test]
fn who_bears_the_loss_is_in_the_ledger() {
    for (bearer, merchant, losses) in
        [(Bearer::Merchant, 0, 0), (Bearer::Platform, -1, 1), (Bearer::Carrier, 0, 0)]
    {
        let mut scene = lost();
        let worth = scene.order.doc.line(1).unwrap().worth(2);
        scene.refund(bearer).unwrap();
        assert_eq!(scene.refunded(), worth, "the exact amount of these units");
        assert_eq!(scene.balance("merchant:m1"), merchant * worth);
        assert_eq!(scene.balance("platform:losses"), losses * worth);
        assert_eq!(scene.exceptions[0].doc.claim.is_some(), bearer == Bearer::Carrier);
        scene.sums();
    }
}

#[test]
fn a_claim_is_owed_when_it_is_accepted_and_gone_when_it_is_paid() {
    for (else_on, rest) in [(Liability::Merchant, 0), (Liability::Platform, 1)] {
        let mut scene = lost();
        scene.policy.exceptions.losses_on = else_on;
        let worth = scene.order.doc.line(1).unwrap().worth(2);
        scene.refund(Bearer::Carrier).unwrap();
        assert_eq!(scene.balance("carrier:yuantong"), 0, "nothing is owed before");
        let too_much = scene.with(Trouble::Lost, |c, _, e| accept_claim(c, e, worth + 1));
        assert!(matches!(too_much, Err(Refusal::Faulty(_))), "{too_much:?}");
        scene.with(Trouble::Lost, |c, _, e| accept_claim(c, e, 100)).unwrap();
        assert_eq!(scene.balance("carrier:yuantong"), 100);
        assert_eq!(scene.balance("merchant:m1"), -100 - rest * (worth - 100));
        assert_eq!(scene.balance("platform:losses"), rest * (worth - 100));
        let twice = scene.with(Trouble::Lost, |c, _, e| reject_claim(c, e, "no".into()));
        assert!(matches!(twice, Err(Refusal::IllegalStep { .. })), "{twice:?}");
        scene.with(Trouble::Lost, |c, _, e| pay_claim(c, e, "bank".into())).unwrap();
        assert_eq!(scene.balance("carrier:yuantong"), 0);
        assert_eq!(scene.balance("platform:bank"), 100);
        assert!(scene.exceptions[0].doc.is_final());
    }
}

#[test]
fn a_claim_that_is_rejected_is_borne_as_was_agreed() {
    let mut scene = lost();
    scene.policy.exceptions.losses_on = Liability::Platform;
    let worth = scene.order.doc.line(1).unwrap().worth(2);
    scene.send_again(Bearer::Carrier).unwrap();
    scene.with(Trouble::Lost, |c, _, e| reject_claim(c, e, "no proof".into())).unwrap();
    assert_eq!(scene.balance("platform:losses"), worth);
    assert_eq!(scene.balance("merchant:m1"), -worth);
    assert_eq!(scene.balance("carrier:yuantong"), 0);
}

#[test]
fn a_merchant_is_paid_once_for_what_was_lost() {
    let claimed = |scene: &mut Scene, minor: i64| {
        let step = |c: &mut Change, _: &mut Scene, e: &mut Stored<Exception>| {
            claim(c, e, (minor, minor), Liability::Platform)
        };
        scene.with(Trouble::Lost, step).unwrap();
    };
    // The platform has paid: what the carrier pays is the platform's.
    let mut scene = lost();
    let worth = scene.order.doc.line(1).unwrap().worth(2);
    scene.refund(Bearer::Platform).unwrap();
    claimed(&mut scene, worth);
    scene.with(Trouble::Lost, |c, _, e| accept_claim(c, e, worth - 1)).unwrap();
    assert_eq!((scene.balance("merchant:m1"), scene.balance("platform:losses")), (-worth, 1));
    // The claim has brought the money before.
    for accepted in [0, 1] {
        let mut scene = lost();
        claimed(&mut scene, worth);
        let end = |c: &mut Change, _: &mut Scene, e: &mut Stored<Exception>| match accepted {
            0 => reject_claim(c, e, "no".into()),
            minor => accept_claim(c, e, minor),
        };
        scene.with(Trouble::Lost, end).unwrap();
        scene.refund(Bearer::Platform).unwrap();
        assert_eq!(scene.balance("merchant:m1"), -worth, "{accepted}");
        scene.sums();
    }
}

#[test]
fn what_turns_up_is_looked_at_once_more_and_its_goods_are_counted() {
    let mut scene = lost();
    scene.send_again(Bearer::Merchant).unwrap();
    scene.hears(seen(2 * HOURS, TrackingStep::InTransit));
    assert_eq!(scene.open(), [], "it is not there yet");
    scene.hears(seen(3 * HOURS, TrackingStep::Delivered));
    assert_eq!(scene.open(), [Trouble::Lost]);
    assert_eq!(scene.order.doc.line(1).unwrap().units.delivered, 0);
    assert_eq!(scene.order.doc.open_exceptions.len(), 1);
    scene.with(Trouble::Lost, |change, _, e| intercept(change, e)).unwrap();
    let restocked = scene.comes_back(2);
    assert_eq!(restocked, Ok(2));
    assert_eq!(scene.open(), []);
    assert_eq!(scene.parcel.doc.word(), "recovered");
    assert!(scene.comes_back(2).is_err(), "once");
    scene.sums();
}

#[test]
fn what_the_buyer_has_is_not_given_up() {
    let mut scene = Scene::shipped();
    scene.report(Trouble::Lost).unwrap();
    scene.hears(seen(HOURS, TrackingStep::Delivered));
    assert_eq!(scene.open(), []);
    scene.report(Trouble::Damaged).unwrap();
    for refused in [scene.refund(Bearer::Merchant), scene.send_again(Bearer::Merchant)] {
        assert!(matches!(refused, Err(Refusal::IllegalStep { .. })), "{refused:?}");
    }
}

#[test]
fn a_wish_to_stop_it_goes_on_as_a_return_where_the_buyer_had_it() {
    for (who, asks_back) in [
        (Actor::Buyer("li".into()), true),
        (Actor::Support("a".into()), true),
        (Actor::Merchant("m1".into()), false),
    ] {
        let mut scene = Scene::shipped();
        scene.actor = who.clone();
        scene.report(Trouble::Intercept).unwrap();
        scene.with(Trouble::Intercept, |change, _, e| intercept(change, e)).unwrap();
        let policy = scene.policy.exceptions.clone();
        scene.with(Trouble::Intercept, |change, _, e| not_intercepted(change, e, &policy)).unwrap();
        assert!(scene.exceptions[0].doc.unstoppable);
        scene.hears(seen(HOURS, TrackingStep::Delivered));
        assert_eq!(scene.open(), []);
        let outcome = scene.outcome(Trouble::Intercept);
        let Outcome::NotIntercepted { case } = outcome else { panic!("{outcome:?}") };
        assert_eq!(case.is_some(), asks_back, "{who:?}");
        assert_eq!(scene.order.doc.open_cases.len(), usize::from(asks_back));
        assert_eq!(scene.order.doc.line(1).unwrap().units.in_case, 2 * i64::from(asks_back));
    }
}

proptest! {
    #[test]
    fn whatever_becomes_of_a_parcel_units_and_money_add_up(
        steps in prop::collection::vec((0_u8..9, 0_i64..3), 1..25),
    ) {
        let mut scene = Scene::shipped();
        for (i, (what, bearer)) in steps.into_iter().enumerate() {
            let at = (i64::try_from(i).unwrap() + 1) * HOURS;
            scene.now = Millis(at);
            let bearer = [Bearer::Merchant, Bearer::Platform, Bearer::Carrier]
                [usize::try_from(bearer).unwrap()];
            match what {
                0 => scene.hears(seen(at, TrackingStep::Exception(ExceptionKind::Lost))),
                1 => scene.hears(seen(at, TrackingStep::Delivered)),
                2 => scene.hears(seen(at, TrackingStep::Returned)),
                3 => drop(scene.send_again(bearer)),
                4 => drop(scene.refund(bearer)),
                5 => drop(scene.comes_back(1)),
                6 => drop(scene.report(Trouble::Damaged)),
                7 => drop(scene.report(Trouble::Intercept)),
                _ => scene.clock(at),
            }
            scene.sums();
        }
    }
}
