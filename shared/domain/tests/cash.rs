//! Cash on delivery, whatever happens to the units: what is collected, waived and given back sums
//! to what was agreed, to the cent.

// A test says what it expects by failing.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "common/at_the_door.rs"]
mod at_the_door;

use at_the_door::Scene;
use domain::*;
use proptest::prelude::*;

proptest! {
    #[test]
    fn cash_is_neither_lost_nor_made_up(
        quantity in 1_i64..8,
        price_minor in 1_i64..200,
        fee_minor in 0_i64..50,
        off_minor in 0_i64..200,
        steps in prop::collection::vec((0_u8..7, 0_usize..8, 1_i64..4), 1..40),
    ) {
        let off_minor = off_minor % (quantity * price_minor);
        let mut scene = Scene::with(quantity, price_minor, fee_minor, off_minor);
        for (what, which, units) in steps {
            match what {
                0 => scene.pack(units),
                1 => scene.unpack(which),
                2 => scene.cancel(units),
                3 => scene.ship(which, true),
                4 => scene.ship(which, false),
                5 => drop(scene.comes_back(which)),
                _ => scene.give_back(units),
            }
            scene.sums();
        }
        while scene.order.doc.lines[0].units.delivered > scene.order.doc.lines[0].units.refunded {
            scene.give_back(1);
            scene.sums();
        }
        // All goods went back; what stays is shipping, if it was paid.
        let with = scene.order.doc.cod.as_ref().unwrap().shipping_with.clone();
        let paid = scene.parcels.iter().any(|p| {
            Some(&p.doc.id) == with.as_ref() && p.doc.cash.as_ref().unwrap().collected_at.is_some()
        });
        let shipping = if paid { fee_minor } else { 0 };
        prop_assert_eq!(scene.order.doc.in_escrow_minor(), shipping);
    }
}

#[test]
fn a_verdict_names_each_rule_with_what_it_saw() {
    let scene = Scene::new(3, 100, 10);
    let verdict = scene.order.doc.cod.map(|cod| cod.verdict);
    let Some(CodVerdict::ConfirmedByRule { findings }) = verdict else { panic!("{verdict:?}") };
    let amount = CodFinding::AmountAtMost { amount_minor: 310, at_most_minor: 50_000, holds: true };
    assert_eq!(findings[0], amount);
    assert_eq!(findings.len(), 4);
    let dear = Scene::new(1, 60_000, 0).order.doc.cod.map(|cod| cod.verdict);
    assert!(matches!(dear, Some(CodVerdict::Referred { .. })), "{dear:?}");
}

#[test]
fn shipping_that_no_parcel_will_bring_is_waived_with_the_last_unit() {
    let mut scene = Scene::new(3, 3_333, 1_000);
    scene.pack(1);
    scene.pack(2);
    let with = scene.order.doc.cod.as_ref().unwrap().shipping_with.clone();
    assert_eq!(with, Some(scene.parcels[0].doc.id.clone()));
    scene.unpack(0);
    scene.cancel(1);
    let (order, payment) = (&scene.order.doc, &scene.payment.doc);
    assert_eq!((order.waived_minor, payment.due_minor()), (3_333 + 1_000, 6_666));
    assert!(order.shipping.refunded, "commission is taken on all that is collected");
    // Packed once more, the rest brings no shipping either.
    scene.unpack(1);
    scene.pack(2);
    scene.sums();
    scene.ship(2, true);
    assert!(matches!(scene.payment.doc.life, PaymentLife::Complete { .. }));
}
