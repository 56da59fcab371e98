//! The rules of substitutes: what the buyer pays stays the same, to the unit.

// A test says what it expects by failing.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use common::{basket, ids, placed};
use domain::*;
use proptest::prelude::*;

fn warehouse() -> WarehouseId {
    WarehouseId::parse("w1").unwrap()
}

fn sku(text: &str) -> SkuId {
    SkuId::parse(text).unwrap()
}

fn offer(units: i64, until: i64) -> SubstituteOffer {
    let instead = Substitute {
        sku: sku("CAP"),
        name: "Cap".to_owned(),
        price_minor: 20_000,
        weight_g: 90,
        return_ms: 7,
    };
    let (warehouse, list) = (warehouse(), PickListId::mint(&mut || 5));
    SubstituteOffer { line: 1, units, warehouse, list, instead, until: Millis(until) }
}

/// A confirmed order of tees that are held in w1, and an offer for some of them.
fn scene(quantity: i64, (discount, points): (i64, i64), units: i64) -> Stored<Order> {
    let mut doc = placed(&basket(&[("TEE", 1)])).orders[0].clone();
    doc.state = OrderState::Confirmed { at: Millis(0) };
    let line = &mut doc.lines[0];
    (line.quantity, line.held) = (quantity, vec![Held::new(warehouse(), quantity)]);
    (line.discount_minor, line.points_minor) = (discount, points);
    line.paid_minor = line.unit_price_minor * quantity - discount - points;
    doc.offers.push(offer(units, 100));
    Stored { version: 1, doc }
}

fn caps(pieces: i64) -> Vec<Available> {
    let (region, cost_minor, priority) = ("310115".to_owned(), 0, 0);
    vec![Available {
        sku: sku("CAP"),
        warehouse: warehouse(),
        region,
        cost_minor,
        priority,
        pieces,
    }]
}

fn accept(order: &mut Stored<Order>, line: u16, caps: &[Available]) -> Result<Change, Refusal> {
    let mut change = Change::new(Actor::Buyer("li".into()), Millis(10));
    let weights = RoutingWeights::default();
    accept_substitute(&mut change, order, line, caps, &weights).map(|()| change)
}

/// What each unit of a line carries: paid, and in points.
fn shares(line: &Line) -> Vec<(i64, i64)> {
    let paid = |unit| share_of_units(line.paid_minor, line.quantity, unit, 1);
    (0..line.quantity).map(|unit| (paid(unit), line.points_of(unit, 1))).collect()
}

proptest! {
    #[test]
    fn no_unit_is_worth_another_amount_than_before(
        quantity in 1..40_i64, units in 1..40_i64, discount in 0..5_000_i64, points in 0..5_000_i64,
    ) {
        let units = units.min(quantity);
        let (discount, points) = (discount.min(quantity), points.min(quantity * 9));
        let mut order = scene(quantity, (discount, points), units);
        let before = shares(&order.doc.lines[0]);
        accept(&mut order, 1, &caps(40)).unwrap();
        let [tee, cap] = order.doc.lines.as_slice() else { panic!("two lines") };
        prop_assert_eq!((tee.quantity, cap.quantity), (quantity - units, units));
        prop_assert_eq!([shares(tee), shares(cap)].concat(), before);
        for line in [tee, cap] {
            let parts = line.paid_minor + line.discount_minor + line.points_minor;
            prop_assert_eq!(parts, line.unit_price_minor * line.quantity);
        }
        prop_assert_eq!(tee.discount_minor + cap.discount_minor, discount);
    }
}

#[test]
fn a_substitute_is_a_line_of_its_own() {
    let mut order = scene(3, (0, 0), 2);
    accept(&mut order, 1, &caps(2)).unwrap();
    let cap = &order.doc.lines[1];
    assert_eq!((cap.no, &cap.sku, cap.instead_of), (2, &sku("CAP"), Some(1)));
    assert_eq!((cap.weight_g, cap.return_ms), (90, 7));
    assert_eq!(cap.held, [Held::new(warehouse(), 2)]);
    assert_eq!(order.doc.lines[0].held, [Held::new(warehouse(), 1)]);
    assert_eq!((order.doc.offers.as_slice(), order.doc.pick_after.len()), ([].as_slice(), 0));
    assert_eq!(order.doc.live_units(), 3);
}

#[test]
fn an_answer_is_checked_in_this_order() {
    let refused = |order: &mut Stored<Order>, line, pieces| {
        accept(order, line, &caps(pieces)).map(drop).unwrap_err()
    };
    let mut order = scene(3, (0, 0), 2);
    order.doc.disputes.push("dp_1".to_owned());
    let no = |refusal| assert!(matches!(refusal, Refusal::IllegalStep { state: "confirmed", .. }));
    no(refused(&mut order, 1, 0));
    order.doc.disputes.clear();
    no(refused(&mut order, 2, 0));
    let few = FaultKind::OutOfStock { sku: sku("CAP"), available: 1 };
    assert_eq!(refused(&mut order, 1, 1), Refusal::Faulty(vec![Fault::at("#", few)]));
    // Units that were lost on the way and are to be sent again stay what they are.
    order.doc.lines[0].units.resent = 1;
    assert_eq!(refused(&mut order, 1, 2), Refusal::TooManyUnits { line: 1, left: 0 });
}

#[test]
fn an_offer_ends_with_its_units_and_the_next_deadline_is_kept() {
    let mut order = scene(3, (0, 0), 2);
    order.doc.offers.push(SubstituteOffer { line: 9, ..offer(1, 300) });
    let mut payment = Stored { version: 1, doc: placed(&basket(&[("TEE", 3)])).payment };
    // One of the two was packed after all.
    order.doc.lines[0].held[0].packed = 2;
    assert_eq!(order.doc.open_offers().count(), 0);
    let mut change = Change::new(Actor::Clock, Millis(100));
    let (order_at, siblings, payment) = (&mut order, &mut [][..], &mut payment);
    let at_hand = OrderAtHand { order: order_at, siblings, payment };
    substitutes_due(&mut change, at_hand, &mut ids()).unwrap();
    let left: Vec<u16> = order.doc.offers.iter().map(|offer| offer.line).collect();
    assert_eq!(left, [9]);
    let timers: Vec<&Effect> =
        change.effects().iter().filter(|e| matches!(e, Effect::SetTimer { .. })).collect();
    let (kind, subject) = (TimerKind::SubstituteDue, order.doc.id.to_string());
    assert_eq!(timers, [&Effect::SetTimer { kind, subject, due: Millis(300) }]);
    assert_eq!(order.doc.lines[0].units, Units::default());
}

/// What the clock makes of an offer whose time is over, if a bank took so much of the money.
fn unanswered(taken: i64) -> Stored<Order> {
    let mut order = scene(3, (0, 0), 2);
    let total = order.doc.lines[0].paid_minor;
    (order.doc.total_minor, order.doc.charged_back_minor) = (total, taken);
    let mut payment = Stored { version: 1, doc: placed(&basket(&[("TEE", 3)])).payment };
    payment.doc.attempts.push(Attempt {
        gateway: GatewayName::parse("stripe").unwrap(),
        reference: "pi_1".to_owned(),
        authorised_minor: 0,
        captured_minor: total,
        failure: None,
        closed: false,
        newest: Millis(0),
    });
    let mut change = Change::new(Actor::Clock, Millis(100));
    let (order_at, siblings, payment) = (&mut order, &mut [][..], &mut payment);
    let at_hand = OrderAtHand { order: order_at, siblings, payment };
    substitutes_due(&mut change, at_hand, &mut ids()).unwrap();
    order
}

#[test]
fn silence_pays_back_and_where_a_bank_took_the_money_the_units_stay() {
    let paid_back = unanswered(0).doc;
    assert_eq!((paid_back.lines[0].units.cancelled, paid_back.refunded_minor), (2, 2 * 12_800));
    let taken = unanswered(2 * 12_800).doc;
    assert_eq!((taken.lines[0].units.cancelled, taken.refunded_minor), (0, 0));
    assert_eq!((taken.offers.len(), taken.lines[0].held[0].quantity), (0, 3));
}
