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
    world.says(0, RefundNews::Succeeded);
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
