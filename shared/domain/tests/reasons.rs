//! Why something is cancelled: buyers give buyers' reasons, merchants theirs, the clock its own.

// A test says what it expects by failing.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use common::{basket, placed};
use domain::*;

#[test]
fn a_reason_is_given_by_whose_it_is() {
    for (actor, why, fits) in [
        (Actor::Buyer("li".into()), CancelReason::ChangedMind, true),
        (Actor::Buyer("li".into()), CancelReason::OutOfStock, false),
        (Actor::Merchant("m1".into()), CancelReason::OutOfStock, true),
        (Actor::Merchant("m1".into()), CancelReason::BuyerAsked, false),
        (Actor::Support("a".into()), CancelReason::BuyerAsked, true),
        (Actor::Support("a".into()), CancelReason::Unpaid, false),
        (Actor::Support("a".into()), CancelReason::ReturnedToSender, false),
        (Actor::Support("a".into()), CancelReason::LostByCarrier, false),
        (Actor::Clock, CancelReason::Unconfirmed, true),
        (Actor::Warehouse("w1".into()), CancelReason::OutOfStock, false),
    ] {
        let placed = placed(&basket(&[("TEE", 1)]));
        let mut order = Stored { version: 1, doc: placed.orders[0].clone() };
        let mut payment = Stored { version: 1, doc: placed.payment };
        let wanted = Cancellation { picks: None, why: why.clone(), note: None };
        let (order, payment) = (&mut order, &mut payment);
        let at_hand = OrderAtHand { order, siblings: &mut [], payment };
        let mut change = Change::new(actor.clone(), Millis(1_000));
        let told = cancel(&mut change, at_hand, &wanted, &mut || 9);
        assert_eq!(told.is_ok(), fits, "{actor:?} {why:?}");
    }
}
