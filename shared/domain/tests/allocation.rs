//! What is paid back in parts is in all what was paid: for every sequence of parts, with discounts,
//! points and shipping, whatever the currency's smallest unit is.

// A test says what it expects by failing.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use common::{basket, currency, ids, shelf};
use domain::*;
use proptest::prelude::*;

/// A purchase: what three SKUs cost and how many of each are wanted, then what is taken off.
#[derive(Debug, Clone)]
struct Case {
    code: &'static str,
    prices: [i64; 3],
    quantities: [i64; 3],
    /// In parts of a thousand of what can be taken off.
    off: [i64; 4],
    fee: i64,
}

fn cases() -> impl Strategy<Value = Case> {
    let price = prop_oneof![0_i64..20, 1_i64..100_000, 1_i64..10_000_000_000];
    (
        prop_oneof![Just("JPY"), Just("CNY"), Just("KWD"), Just("CLF")],
        [price.clone(), price.clone(), price],
        [1_i64..8, 1_i64..8, 1_i64..8],
        [0_i64..=1_000, 0_i64..=1_000, 0_i64..=1_000, 0_i64..=1_000],
        0_i64..5_000,
    )
        .prop_map(|(code, prices, quantities, off, fee)| Case {
            code,
            prices,
            quantities,
            off,
            fee,
        })
}

/// The purchase of a case, placed: everything by one merchant, in the case's currency.
fn place_it(case: &Case) -> (Change, Placed) {
    let (currency, names) = (currency(case.code), ["TEE", "CAP", "MUG"]);
    let mut shelf = shelf();
    for (name, price) in names.iter().zip(case.prices) {
        let sku = shelf.skus.get_mut(&SkuId::parse(name).unwrap()).unwrap();
        (sku.price_minor, sku.currency) = (price, currency);
    }
    for merchant in shelf.merchants.values_mut() {
        merchant.shipping = ShippingTerms { fee_minor: case.fee, free_from_minor: None };
    }
    let lines: Vec<(&str, i64)> = names.into_iter().zip(case.quantities).collect();
    let mut wanted = basket(&lines);
    let money = |minor| Money::new(minor, currency);
    let part = |whole: i64, thousandths: i64| whole * thousandths / 1_000;
    let goods: i64 = case.prices.iter().zip(case.quantities).map(|(p, q)| p * q).sum();
    let mut left = goods;
    let of_cap = part(case.prices[1] * case.quantities[1], case.off[0]);
    let skus = vec![SkuId::parse("CAP").unwrap()];
    wanted.discounts.push(Discount { skus, ..Discount::new("cap", money(of_cap)) });
    left -= of_cap;
    let of_all = part(left, case.off[1]);
    wanted.discounts.push(Discount::new("all", money(of_all)));
    left -= of_all;
    let on = DiscountOn::Shipping;
    let of_fee = money(part(case.fee, case.off[2]));
    wanted.discounts.push(Discount { on, ..Discount::new("fee", of_fee) });
    wanted.points = Some(Points { id: "spent".into(), amount: money(part(left, case.off[3])) });
    let policy = Policy { amount_at_most_minor: LARGEST_MINOR, ..Policy::default() };
    let mut change = Change::new(Actor::Buyer("alice".into()), Millis(0));
    let placed = place(&mut change, &shelf, &wanted, &policy, &mut ids()).unwrap();
    (change, placed)
}

/// The payment comes in full, and the order is confirmed.
fn paid(placed: &Placed, ids: &mut dyn Ids) -> (Stored<Order>, Stored<Payment>) {
    let mut change = Change::new(Actor::Gateway("stripe".into()), Millis(1));
    let stored = |doc: &Payment| Stored { version: 1, doc: doc.clone() };
    let order = Stored { version: 1, doc: placed.orders[0].clone() };
    if placed.payment.due_minor() == 0 {
        return (order, stored(&placed.payment));
    }
    let fact = PaymentFact {
        gateway: GatewayName::parse("stripe").unwrap(),
        event_id: "evt".into(),
        account: None,
        payment: Some(placed.payment.id.clone()),
        reference: "pi".into(),
        occurred_at: Millis(1),
        what: PaymentNews::Captured {
            amount: Money::new(placed.payment.due_minor(), placed.payment.currency),
        },
    };
    let situation = PaymentSituation {
        payment: Some(stored(&placed.payment)),
        orders: vec![order.clone()],
        ..PaymentSituation::default()
    };
    let verdict = record_payment_fact(&mut change, situation, &fact, None, ids);
    assert_eq!(verdict, "confirmed");
    let latest = |kind: &str| {
        let (_, written) = change.docs().find(|(k, _)| *k == kind).unwrap();
        written.doc.get().to_owned()
    };
    let order = serde_json::from_str(&latest("orders")).unwrap();
    let payment = serde_json::from_str(&latest("payments")).unwrap();
    (Stored { version: 2, doc: order }, Stored { version: 2, doc: payment })
}

proptest! {
    #[test]
    fn any_sequence_of_partial_refunds_sums_to_what_was_paid(
        case in cases(),
        steps in prop::collection::vec((0_usize..3, 1_i64..4), 0..20),
    ) {
        let (_, placed) = place_it(&case);
        let total = placed.orders[0].total_minor;
        let points: i64 = placed.orders[0].lines.iter().map(|l| l.points_minor).sum();
        let mut ids = ids();
        let (mut order, mut payment) = paid(&placed, &mut ids);
        let (mut given, mut points_back) = (0, 0);
        // Then what is left of each line, so that all units are given back in the end.
        let rest = [(0, i64::MAX), (1, i64::MAX), (2, i64::MAX)];
        for (line, units) in steps.into_iter().chain(rest) {
            let (first, left) = {
                let line = &order.doc.lines[line];
                (line.units.refunded, line.quantity - line.units.refunded)
            };
            let units = units.min(left);
            if units == 0 {
                continue;
            }
            let no = order.doc.lines[line].no;
            let (amount, _) = worth(&order.doc, &[Pick { line: no, units }]);
            prop_assert!(amount >= 0);
            points_back += order.doc.lines[line].points_of(first, units);
            let ask = OpenCase {
                id: CaseId::mint(&mut ids),
                kind: CaseKind::RefundOnly,
                picks: vec![Pick { line: no, units }],
                reason: CaseReason::ChangedMind,
                description: None,
            };
            let mut change = Change::new(Actor::Buyer("alice".into()), Millis(2));
            let policy = Policy::default();
            open_case(&mut change, &mut order, &mut payment, ask, &policy, &mut ids).unwrap();
            given += amount;
            prop_assert_eq!(payment.doc.refunds_minor(), given, "what is asked of the gateway");
        }
        prop_assert_eq!(given, total);
        prop_assert_eq!(points_back, points);
        prop_assert_eq!(order.doc.in_escrow_minor(), 0);
        prop_assert_eq!(payment.doc.refundable_minor(), 0);
    }

    #[test]
    fn every_unit_carries_its_price_and_no_cent_more(case in cases()) {
        let (_, placed) = place_it(&case);
        for line in &placed.orders[0].lines {
            let (mut paid, mut points) = (0, 0);
            for unit in 0..line.quantity {
                let money = share_of_units(line.paid_minor, line.quantity, unit, 1);
                let by_points = line.points_of(unit, 1);
                let off = line.unit_price_minor - money - by_points;
                prop_assert!(money >= 0 && by_points >= 0 && off >= 0, "{line:?}");
                paid += money;
                points += by_points;
            }
            prop_assert_eq!((paid, points), (line.paid_minor, line.points_minor));
        }
    }

    #[test]
    fn what_promotions_give_is_on_the_lines_and_the_fee(case in cases()) {
        let (_, placed) = place_it(&case);
        let order = &placed.orders[0];
        let noted: i64 = order.promotions.iter().map(|p| p.amount_minor).sum();
        let on_lines: i64 = order.lines.iter().map(|l| l.discount_minor).sum();
        prop_assert_eq!(noted, on_lines + order.shipping.discount_minor);
        let goods: i64 = order.lines.iter().map(|l| l.unit_price_minor * l.quantity).sum();
        let points = order.points.as_ref().map_or(0, |points| points.amount_minor);
        prop_assert_eq!(goods - on_lines - points + order.shipping.paid_minor, order.total_minor);
    }
}
