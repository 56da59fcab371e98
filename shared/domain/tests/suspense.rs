//! Money that nothing explains: what may be done with it, and what becomes of its ways back.

// A test says what it expects by failing.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "common/world.rs"]
mod world;

use domain::*;
use world::*;

/// It names a payment that exists, but it is in another currency.
const ATTEMPT: &str = "pi_usd";

fn usd(minor: i64) -> Money {
    Money::new(minor, Currency::parse("USD").unwrap())
}

fn brings(world: &mut World, minor: i64) -> &'static str {
    world.hears(ATTEMPT, PaymentNews::Captured { amount: usd(minor) })
}

fn keeps(world: &mut World) {
    let why = ("deposit".to_owned(), "contract 7".to_owned());
    world.settles(ATTEMPT, |change, item, _| keep_suspense(change, item, why.0, why.1)).unwrap();
}

/// Sends it back; answers the number.
fn sends_back(world: &mut World) -> RefundId {
    world.settles(ATTEMPT, refund_suspense).unwrap();
    world.suspense[ATTEMPT].doc.refunds.last().unwrap().id.clone()
}

fn of(id: &RefundId) -> RefundRef {
    RefundRef { ours: Some(id.clone()), theirs: format!("re_{id}") }
}

/// A second later its gateway says that it was paid back, or that it was not.
fn tells(world: &mut World, id: &RefundId, well: bool) -> &'static str {
    world.now = world.now.plus(SECOND);
    let (refund, amount) = (of(id), usd(5_000));
    let reason = "bank".to_owned();
    let what = match well {
        true => PaymentNews::RefundSucceeded { refund, amount },
        false => PaymentNews::RefundFailed { refund, amount, reason, by_hand: false },
    };
    world.hears(ATTEMPT, what)
}

fn stands(world: &World) -> (&'static str, i64) {
    (world.suspense[ATTEMPT].doc.state.word(), -world.balance("suspense:"))
}

#[test]
fn more_money_of_what_was_settled_is_open_again() {
    type Settles = fn(&mut World);
    let ways: [(&str, Settles); 2] = [
        ("kept", keeps),
        ("refunded", |world| {
            let id = sends_back(world);
            assert_eq!(tells(world, &id, true), "refunded");
        }),
    ];
    for (state, settles) in ways {
        let mut world = World::new();
        assert_eq!(brings(&mut world, 5_000), "suspense_currency");
        settles(&mut world);
        assert_eq!(stands(&world), (state, 0));
        assert_eq!(brings(&mut world, 8_000), "suspense_more");
        assert_eq!(stands(&world), ("open", 3_000), "{state}");
        let allowed = world.suspense[ATTEMPT].doc.allowed_actions();
        assert_eq!(allowed, [Action::Refund, Action::Keep], "a part is given to no payment");
        settles(&mut world);
        assert_eq!(stands(&world), (state, 0));
        assert_eq!(brings(&mut world, 8_000), "nothing_new");
    }
}

#[test]
fn more_money_while_some_is_on_its_way_back_is_open_afterwards() {
    let mut world = World::new();
    brings(&mut world, 5_000);
    let id = sends_back(&mut world);
    brings(&mut world, 8_000);
    assert_eq!(stands(&world), ("refunding", 8_000));
    tells(&mut world, &id, true);
    assert_eq!(stands(&world), ("open", 3_000));
}

#[test]
fn what_a_gateway_says_of_a_way_back_is_heard_although_the_payment_is_known() {
    let mut world = World::new();
    brings(&mut world, 5_000);
    let id = sends_back(&mut world);
    assert_eq!(tells(&mut world, &id, true), "refunded");
    assert_eq!(stands(&world), ("refunded", 0));
    assert_eq!(tells(&mut world, &id, false), "refund_returned");
    assert_eq!(stands(&world), ("open", 5_000));
    assert_eq!(world.balance("gateway:"), 5_000);
}

#[test]
fn money_that_left_by_a_former_number_is_not_there_any_more() {
    let mut world = World::new();
    brings(&mut world, 5_000);
    let first = sends_back(&mut world);
    assert_eq!(tells(&mut world, &first, false), "refund_failed");
    assert_eq!(stands(&world), ("open", 5_000));
    let second = sends_back(&mut world);
    assert_eq!(tells(&mut world, &first, true), "refunded");
    assert_eq!(stands(&world), ("refunding", 0), "nobody knows yet of the other one");
    assert_eq!(tells(&mut world, &second, false), "refund_failed");
    assert_eq!(stands(&world), ("refunded", 0));
    // What leaves by both is a loss, until it comes back.
    assert_eq!(tells(&mut world, &second, true), "refunded_twice");
    assert_eq!((stands(&world), world.balance("platform:losses")), (("refunded", 0), 5_000));
    assert_eq!(world.balance("gateway:"), -5_000);
    assert_eq!(tells(&mut world, &second, false), "refund_returned");
    assert_eq!((stands(&world), world.balance("platform:losses")), (("refunded", 0), 0));
}

#[test]
fn what_was_kept_and_left_all_the_same_is_a_loss() {
    let mut world = World::new();
    brings(&mut world, 5_000);
    let id = sends_back(&mut world);
    tells(&mut world, &id, false);
    keeps(&mut world);
    assert_eq!(tells(&mut world, &id, true), "refunded_twice");
    assert_eq!(stands(&world), ("kept", 0));
    assert_eq!((world.balance("platform:losses"), world.balance("gateway:")), (5_000, 0));
}
