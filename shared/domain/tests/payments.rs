//! Verdicts on money as a table, and what holds whatever gateways say and people do, in any order.

// A test says what it expects by failing.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "common/world.rs"]
mod world;

use domain::*;
use proptest::prelude::*;
use world::*;

#[test]
fn money_that_arrives_has_its_verdict_by_what_came_before() {
    let late = |ms: i64| {
        move |world: &mut World| {
            world.now = Millis(31 * MINUTE);
            world.step(|change, payment, orders, ids| payment_due(change, payment, orders, ids));
            world.now = world.now.plus(ms);
        }
    };
    let gone = |world: &mut World| {
        late(0)(world);
        world.pieces = 0;
    };
    let cancelled = |world: &mut World| {
        world.step(|change, payment, orders, ids| {
            drop_purchase(change, payment, orders, &CancelReason::BuyerAsked, ids);
        });
    };
    let paid = |world: &mut World| {
        world.pays("pi_0", DUE);
    };
    type Given<'a> = &'a dyn Fn(&mut World);
    let table: &[(&str, Given<'_>, i64, &str)] = &[
        ("awaiting, all", &|_| {}, DUE, "confirmed"),
        ("awaiting, less", &|_| {}, DUE - 1, "partly_paid"),
        ("awaiting, more", &|_| {}, DUE + 1, "confirmed_excess_refunded"),
        ("paid, again", &paid, DUE, "paid_twice_refunded"),
        ("expired, the stock is there", &late(HOUR), DUE, "revived"),
        ("expired, less", &late(HOUR), DUE - 1, "paid_after_cancel_refunded"),
        ("expired, the stock is gone", &gone, DUE, "paid_after_cancel_refunded"),
        ("expired, a day ago", &late(DAY + 1), DUE, "paid_after_cancel_refunded"),
        ("cancelled by its buyer", &cancelled, DUE, "paid_after_cancel_refunded"),
    ];
    for (given, set_up, amount, verdict) in table {
        let mut world = World::new();
        set_up(&mut world);
        assert_eq!(world.pays("pi_1", *amount), *verdict, "{given}");
        assert_eq!(world.pays("pi_1", *amount), "nothing_new", "{given}, told again");
        world.holds().unwrap();
    }
}

#[test]
fn who_bears_a_lost_dispute_is_the_shops_to_say() {
    let cases = [(Liability::Merchant, 0, DUE), (Liability::Platform, DUE, 0)];
    for (liability, losses, of_escrow) in cases {
        let mut world = World::new();
        world.policy.chargebacks_on = liability;
        world.pays("pi_1", DUE);
        let amount = Money::new(DUE, Currency::CNY);
        let dispute = || "dp_1".to_owned();
        world.hears("pi_1", PaymentNews::Disputed { amount, dispute: dispute() });
        let lost = PaymentNews::DisputeClosed { amount, dispute: dispute(), won: false };
        assert_eq!(world.hears("pi_1", lost), "dispute_lost");
        assert_eq!(world.balance("platform:losses"), losses);
        assert_eq!(-world.balance("escrow:"), DUE - of_escrow);
        assert_eq!(world.balance("gateway:"), 0);
    }
}

#[test]
fn what_began_at_a_former_account_of_ours_goes_on() {
    let account = |name: &str| Some(name.to_owned());
    let amount = Money::new(DUE, Currency::CNY);
    let mut world = World::new();
    world.accounts = (account("old"), account("old"));
    world.pays("pi_1", DUE);
    world.cancels();
    world.accounts.0 = account("new");
    let id = world.payment.doc.refunds[0].id.clone();
    let refund = RefundRef { ours: Some(id), theirs: "re_1".to_owned() };
    let paid = PaymentNews::RefundSucceeded { refund, amount };
    assert_eq!(world.hears("pi_1", paid), "refunded");
    let dispute = PaymentNews::Disputed { amount, dispute: "dp_1".to_owned() };
    assert_eq!(world.hears("pi_1", dispute), "disputed");
    // What begins there now is not ours.
    assert_eq!(world.hears("pi_2", PaymentNews::Processing), "other_account");
    assert_eq!(world.pays("pi_2", DUE), "suspense_account");
    world.holds().unwrap();
}

#[derive(Debug, Clone)]
enum Step {
    Pays(u8, i64),
    Says(u8, u8),
    Cancels,
    Retries(u8),
    PaysOffline(u8),
    Disputes(u8, bool),
    Waits(i64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0_u8..3, 1_i64..2 * DUE).prop_map(|(a, m)| Step::Pays(a, m)),
        2 => (0_u8..3).prop_map(|a| Step::Pays(a, DUE)),
        6 => (0_u8..6, 0_u8..4).prop_map(|(r, n)| Step::Says(r, n)),
        2 => Just(Step::Cancels),
        2 => (0_u8..6).prop_map(Step::Retries),
        2 => (0_u8..6).prop_map(Step::PaysOffline),
        1 => (0_u8..3, any::<bool>()).prop_map(|(a, won)| Step::Disputes(a, won)),
        3 => (0_i64..2 * DAY).prop_map(Step::Waits),
    ]
}

fn nth(world: &World, n: u8) -> Option<Refund> {
    world.payment.doc.refunds.get(usize::from(n)).cloned()
}

fn take(world: &mut World, step: &Step) {
    match step {
        Step::Pays(attempt, minor) => {
            world.pays(&format!("pi_{attempt}"), *minor);
        }
        Step::Says(refund, news) => {
            let (at, why) = (world.now, || "bank".to_owned());
            let news = match news {
                0 => RefundNews::Pending,
                1 => RefundNews::Succeeded { at },
                2 => RefundNews::Failed { at, reason: why(), by_hand: false },
                _ => RefundNews::Undecided { reason: why() },
            };
            world.says(usize::from(*refund), news);
        }
        Step::Cancels => world.cancels(),
        Step::Retries(refund) => {
            let Some(refund) = nth(world, *refund) else { return };
            world.step(|change, payment, _, ids| drop(retry_refund(change, payment, &refund, ids)));
        }
        Step::PaysOffline(refund) => {
            let Some(refund) = nth(world, *refund) else { return };
            let proof = ("ref".to_owned(), "proof".to_owned());
            world.step(|change, payment, _, _| {
                drop(pay_refund_offline(change, payment, &mut [], &refund, proof));
            });
        }
        Step::Disputes(attempt, won) => {
            let amount = Money::new(DUE, Currency::CNY);
            let (attempt, dispute) = (format!("pi_{attempt}"), format!("dp_{attempt}"));
            if world
                .payment
                .doc
                .attempts
                .iter()
                .any(|a| a.reference == attempt && a.captured_minor >= DUE)
            {
                let closed = PaymentNews::DisputeClosed { amount, dispute, won: *won };
                world.hears(&attempt, closed);
            }
        }
        Step::Waits(ms) => {
            world.now = world.now.plus(*ms);
            world.step(|change, payment, orders, ids| payment_due(change, payment, orders, ids));
            world.step(|change, payment, _, ids| refunds_due(change, payment, ids));
        }
    }
}

proptest! {
    #[test]
    fn whatever_happens_in_any_order_nobody_gets_back_more_than_came(
        steps in prop::collection::vec(step(), 1..40),
    ) {
        let mut world = World::new();
        for step in &steps {
            take(&mut world, step);
            world.holds()?;
        }
    }
}
