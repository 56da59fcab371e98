//! What happens to cash that was collected at the door: a delivery that was a mistake, a payment
//! online as well, and the settlement that waits for it.

// A test says what it expects by failing.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "common/at_the_door.rs"]
mod at_the_door;

use at_the_door::{Scene, change};
use domain::*;

#[test]
fn what_was_delivered_by_mistake_is_booked_back_when_it_is_there_again() {
    let mut scene = Scene::new(3, 3_333, 1_000);
    scene.pack(2);
    scene.pack(1);
    scene.ship(0, true);
    scene.ship(1, true);
    assert!(matches!(scene.payment.doc.life, PaymentLife::Complete { .. }));
    assert_eq!(scene.comes_back(0), Some(Ok(())));
    scene.sums();
    let cod = scene.order.doc.cod.clone().unwrap();
    assert_eq!((cod.collected_minor, cod.owed_minor), (3_333, 3_333));
    assert_eq!(scene.order.doc.lines[0].units.undelivered, 2);
    assert!(matches!(scene.payment.doc.life, PaymentLife::Complete { .. }), "all that is due came");
    assert!(matches!(scene.comes_back(0), Some(Err(Refusal::IllegalStep { .. }))));
    // Given back already: then it was delivered after all.
    scene.give_back(1);
    let told = scene.comes_back(1);
    assert_eq!(told, Some(Err(Refusal::TooManyUnits { line: 1, left: 0 })));
    scene.sums();
}

#[test]
fn all_that_was_delivered_by_mistake_ends_the_order_without_money() {
    let mut scene = Scene::new(1, 3_333, 1_000);
    scene.pack(1);
    scene.ship(0, true);
    let buyer = Actor::Buyer("alice".into());
    complete_order(&mut change(buyer), &mut scene.order).unwrap();
    assert_eq!(scene.comes_back(0), Some(Ok(())));
    scene.sums();
    let (order, payment) = (&scene.order.doc, &scene.payment.doc);
    assert!(matches!(order.state, OrderState::Cancelled { .. }));
    assert_eq!((order.due_minor(), order.in_escrow_minor()), (0, 0));
    assert_eq!((order.deadline(), order.is_final()), (None, true));
    assert_eq!((payment.captured_minor(), payment.due_minor()), (0, 0));
    assert!(matches!(payment.life, PaymentLife::Closed { .. }));
}

/// A tee for 1.00 that was paid at the door.
fn paid_at_the_door() -> Scene {
    let mut scene = Scene::new(1, 100, 0);
    scene.pack(1);
    scene.ship(0, true);
    scene
}

#[test]
fn what_is_paid_online_as_well_goes_back_online_although_the_cash_is_newer() {
    let scene = paid_at_the_door();
    let stripe = GatewayName::parse("stripe").unwrap();
    let fact = PaymentFact {
        gateway: stripe.clone(),
        event_id: "evt_1".to_owned(),
        account: None,
        payment: Some(scene.payment.doc.id.clone()),
        reference: "pi_1".to_owned(),
        occurred_at: Millis(10),
        what: PaymentNews::Captured { amount: Money::new(100, Currency::CNY) },
    };
    let mut change = change(Actor::Gateway("stripe".to_owned()));
    let (payment, orders) = (Some(scene.payment), vec![scene.order]);
    let at = PaymentSituation { payment, orders, ..PaymentSituation::default() };
    record_payment_fact(&mut change, at, &fact, None, &mut || 99);
    let mut docs = change.docs().filter(|(kind, _)| *kind == Payment::KIND);
    let written = docs.next().unwrap().1.doc.get();
    let payment: Payment = serde_json::from_str(written).unwrap();
    let refunds: Vec<_> = payment.refunds.iter().map(|r| (&r.gateway, r.amount_minor)).collect();
    assert_eq!(refunds, [(&stripe, 100)]);
}

#[test]
fn the_last_thing_that_a_settlement_waits_for_sets_its_clock() {
    let order = paid_at_the_door().order.doc;
    let (case, at) = (CaseId::mint(&mut || 1), Millis(9));
    let parcel = ParcelId::mint(&mut || 2);
    let dispute = || "dp_1".to_owned();
    let cash = OrderEvent::CashSettled { parcel, by_minor: 1, at };
    let closed = OrderEvent::CaseClosed { case: case.clone(), picks: Vec::new(), at };
    let won = OrderEvent::DisputeClosed { dispute: dispute(), at };
    for (event, owed, case_open, disputed, sets) in [
        (&cash, 0, false, false, true),
        (&cash, 1, false, false, false),
        (&cash, 0, true, false, false),
        (&cash, 0, false, true, false),
        (&closed, 0, false, false, true),
        (&closed, 1, false, false, false),
        (&closed, 0, false, true, false),
        (&won, 0, false, false, true),
        (&won, 1, false, false, false),
        (&won, 0, true, false, false),
    ] {
        let mut order = order.clone();
        order.state = OrderState::Completed { at, by: Actor::Clock };
        order.settlement = Settlement::Frozen;
        order.clock = None;
        order.cod.as_mut().unwrap().owed_minor = owed;
        order.open_cases = case_open.then(|| case.clone()).into_iter().collect();
        order.disputes = disputed.then(dispute).into_iter().collect();
        let timer = |effect: &Effect| matches!(effect, Effect::SetTimer { .. });
        let told = order.react(event).iter().any(timer);
        assert_eq!(told, sets, "{event:?} {owed} {case_open} {disputed}");
    }
}
