//! What becomes of refunds, whatever gateways say of them and when.

// A test says what it expects by failing.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "common/world.rs"]
mod world;

use domain::*;
use world::*;

/// Paid in two halves, and cancelled: two refunds of one payment.
fn two_refunds() -> World {
    let mut world = World::new();
    world.pays("pi_1", DUE / 2);
    world.pays("pi_2", DUE / 2);
    world.cancels();
    assert_eq!(world.payment.doc.refunds.len(), 2);
    world
}

fn word(world: &World, refund: usize) -> &'static str {
    world.payment.doc.refunds[refund].state.word()
}

#[test]
fn every_refund_of_a_payment_has_its_turn() {
    let mut world = two_refunds();
    world.says(0, RefundNews::Pending);
    world.passes(5 * MINUTE);
    world.says(1, RefundNews::Pending);
    world.passes(2 * MINUTE);
    world.says(0, RefundNews::Succeeded { at: world.now });
    world.passes(3 * MINUTE);
    assert_eq!(world.refunds_due, Some(Millis(15 * MINUTE)), "the other one still waits");
    for _ in 0..30 {
        world.passes(DAY);
    }
    assert_eq!((word(&world, 0), word(&world, 1)), ("succeeded", "undecided"));
    assert_eq!(world.refunds_due, None);
    // A timer that goes off too early is set again.
    let mut world = two_refunds();
    world.says(1, RefundNews::Pending);
    world.refunds_due = Some(Millis(MINUTE));
    world.passes(MINUTE);
    assert_eq!(world.refunds_due, Some(Millis(10 * MINUTE)));
}

fn succeeded(at: i64) -> RefundNews {
    RefundNews::Succeeded { at: Millis(at) }
}

fn failed(at: i64) -> RefundNews {
    RefundNews::Failed { at: Millis(at), reason: "bank".to_owned(), by_hand: false }
}

#[test]
fn what_happened_last_counts_and_not_what_was_heard_last() {
    let (soon, later) = (10 * MINUTE, 20 * MINUTE);
    let answered = RefundEnd::answered_at(Millis(later)).0;
    let refused = || RefundNews::NotTaken { reason: "no".to_owned() };
    let table: &[(&str, Vec<RefundNews>, &str)] = &[
        ("in order", vec![succeeded(soon), failed(later)], "failed"),
        ("the failure overtakes the success", vec![failed(later), succeeded(soon)], "failed"),
        ("in one second", vec![failed(soon), succeeded(soon)], "failed"),
        ("a person sent it on", vec![failed(soon), succeeded(later)], "succeeded"),
        ("the same, overtaken", vec![succeeded(later), failed(soon)], "succeeded"),
        ("paid by the answer, then returned", vec![succeeded(answered), failed(later)], "failed"),
        ("returned while it was asked", vec![failed(later), succeeded(answered)], "failed"),
        ("an answer that is no news of it", vec![refused(), succeeded(soon)], "succeeded"),
        ("told to have failed twice", vec![refused(), failed(later), succeeded(soon)], "failed"),
        ("accepted at last", vec![succeeded(soon), RefundNews::Pending], "succeeded"),
    ];
    for (given, told, state) in table {
        let mut world = two_refunds();
        world.now = Millis(later);
        for news in told.iter().chain(told) {
            world.says(0, news.clone());
            world.holds().unwrap();
        }
        assert_eq!(word(&world, 0), *state, "{given}");
    }
}

#[test]
fn a_success_that_was_overtaken_is_no_second_payment() {
    let mut world = two_refunds();
    world.passes(HOUR);
    world.says(0, succeeded(MINUTE));
    world.says(0, failed(2 * MINUTE));
    world.passes(HOUR);
    assert_eq!(word(&world, 0), "replaced");
    world.says(0, succeeded(90_000));
    assert_eq!(world.balance("platform:losses"), 0);
    world.says(0, succeeded(3 * MINUTE));
    assert_eq!(world.balance("platform:losses"), DUE / 2, "this one left after all");
    world.holds().unwrap();
}

#[test]
fn a_refund_that_failed_is_tried_once_more_where_that_can_help() {
    let by_hand =
        RefundNews::Failed { at: Millis(1), reason: "abnormal".to_owned(), by_hand: true };
    let refused = RefundNews::NotTaken { reason: "no".to_owned() };
    let table: &[(&str, Vec<RefundNews>, bool)] = &[
        ("asked for, and failed", vec![failed(1)], true),
        ("accepted, and failed", vec![RefundNews::Pending, failed(1)], true),
        ("returned after it had succeeded", vec![succeeded(0), failed(1)], true),
        ("refused", vec![refused], false),
        ("kept for a person", vec![RefundNews::Pending, by_hand.clone()], false),
        ("returned, and kept for a person", vec![succeeded(0), by_hand], false),
    ];
    for (given, told, again) in table {
        let mut world = two_refunds();
        told.iter().for_each(|news| world.says(0, news.clone()));
        assert_eq!(world.payment.doc.needs_person, !again, "{given}");
        world.passes(HOUR);
        let refunds = &world.payment.doc.refunds;
        assert_eq!(
            (word(&world, 0) == "replaced", refunds.len() == 3),
            (*again, *again),
            "{given}"
        );
        if *again {
            world.says(2, failed(1));
            assert!(world.payment.doc.needs_person, "once, and then a person looks");
        }
        world.holds().unwrap();
    }
}
