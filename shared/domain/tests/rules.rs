//! Rules as tables: given a situation, when a command comes, then the refusal is that, in the
//! order in which they are checked.

// A test says what it expects by failing.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use domain::*;
use proptest::prelude::*;

fn ids() -> impl FnMut() -> u128 {
    let mut n = 0;
    move || {
        n += 1;
        n
    }
}

fn sku(id: &str, price_minor: i64) -> Sku {
    Sku {
        id: SkuId::parse(id).unwrap(),
        merchant: MerchantId::parse("m1").unwrap(),
        name: id.to_owned(),
        price_minor,
        currency: Currency::CNY,
        weight_g: 100,
        active: true,
        for_sale: true,
        size_mm: None,
        barcodes: Vec::new(),
        return_days: None,
        return_exception: None,
        serial_kept: false,
        warranty_months: None,
        low_stock: None,
    }
}

fn shelf() -> Shelf {
    let merchant = Merchant {
        id: MerchantId::parse("m1").unwrap(),
        name: "Shop".to_owned(),
        active: true,
        commission_bp: 500,
        service_fee_minor: 100,
        account_period: AccountPeriod::default(),
        return_address: "here".to_owned(),
        contacts: Vec::new(),
        shipping: ShippingTerms { fee_minor: 1_000, free_from_minor: Some(100_000) },
        cash_on_delivery: false,
    };
    let skus = [sku("TEE", 12_800), sku("CAP", 5_000), sku("MUG", 333)];
    let stock = |sku: &Sku| Available {
        sku: sku.id.clone(),
        warehouse: WarehouseId::parse("w1").unwrap(),
        region: "310115".to_owned(),
        cost_minor: 0,
        priority: 0,
        pieces: 10,
    };
    Shelf {
        history: CodHistory::default(),
        stock: skus.iter().map(stock).collect(),
        skus: skus.into_iter().map(|s| (s.id.clone(), s)).collect(),
        merchants: [(merchant.id.clone(), merchant)].into(),
        ..Shelf::default()
    }
}

fn line(sku: &str, quantity: i64) -> LineWanted {
    LineWanted { sku: SkuId::parse(sku).unwrap(), quantity, price: None }
}

fn basket(lines: Vec<LineWanted>) -> PlacePurchase {
    let delivery = DeliveryWanted::in_china("Li Lei", "13800000000", "310115", "1 Century Avenue");
    let gateway = GatewayName::parse("stripe").unwrap();
    PlacePurchase::new(BuyerId::parse("alice").unwrap(), lines, delivery, gateway)
}

fn placed(wanted: &PlacePurchase) -> Result<Placed, Refusal> {
    let mut change = Change::new(Actor::Buyer("alice".into()), Millis(0));
    place(&mut change, &shelf(), wanted, &Policy::default(), &mut ids())
}

fn faults(wanted: &PlacePurchase) -> Vec<(String, &'static str)> {
    match placed(wanted) {
        Err(Refusal::Faulty(faults)) => {
            faults.into_iter().map(|f| (f.pointer, f.what.word())).collect()
        }
        other => panic!("expected faults, got {other:?}"),
    }
}

#[test]
fn every_fault_of_a_basket_is_told_in_one_answer_with_its_place() {
    let mut wanted = basket(vec![line("TEE", 0), line("NONE", 1), line("TEE", 1)]);
    wanted.lines[2].price = Some(Money::new(1, Currency::CNY));
    wanted.delivery.phone = "12345".to_owned();
    wanted.delivery.region = Some("31".to_owned());
    wanted.delivery.recipient = " ".to_owned();
    let told = faults(&wanted);
    let told: Vec<(&str, &str)> = told.iter().map(|(p, w)| (p.as_str(), *w)).collect();
    assert_eq!(
        told,
        [
            ("#/lines/0/quantity", "quantity_out_of_range"),
            ("#/lines/1/sku", "unknown_sku"),
            ("#/lines/2/sku", "repeated_sku"),
            ("#/lines/2/price", "price_differs"),
            ("#/delivery/recipient", "missing"),
            ("#/delivery/region", "not_a_region"),
            ("#/delivery/phone", "not_a_phone_number"),
        ]
    );
}

#[test]
fn lines_that_are_not_in_stock_are_all_named_with_what_is_left() {
    let told = faults(&basket(vec![line("TEE", 11), line("CAP", 1), line("MUG", 99)]));
    let places: Vec<&str> = told.iter().map(|(p, _)| p.as_str()).collect();
    assert_eq!(places, ["#/lines/0/quantity", "#/lines/2/quantity"]);
    assert!(told.iter().all(|(_, word)| *word == "out_of_stock"));
}

#[test]
fn a_total_that_differs_is_refused_with_the_right_one() {
    let mut wanted = basket(vec![line("TEE", 1)]);
    wanted.total = Some(Money::new(12_800, Currency::CNY));
    let right = Money::new(13_800, Currency::CNY);
    let fault = Fault::at("#/total", FaultKind::TotalDiffers { right });
    assert_eq!(placed(&wanted).unwrap_err(), Refusal::Faulty(vec![fault]));
    wanted.total = Some(right);
    assert!(placed(&wanted).is_ok());
}

#[test]
fn a_discount_is_spread_over_lines_without_losing_a_cent() {
    let mut wanted = basket(vec![line("TEE", 1), line("CAP", 1), line("MUG", 3)]);
    let amount = Money::new(1_000, Currency::CNY);
    wanted.discounts.push(Discount::new("promo", amount));
    let order = placed(&wanted).unwrap().orders.remove(0);
    let off: i64 = order.lines.iter().map(|l| l.discount_minor).sum();
    assert_eq!(off, 1_000);
    assert_eq!(order.total_minor, 12_800 + 5_000 + 999 - 1_000 + 1_000);
    wanted.discounts[0].amount.minor = 1_000_000;
    assert_eq!(faults(&wanted)[0].1, "discount_exceeds_goods");
}

#[test]
fn a_purchase_that_promotions_pay_for_is_confirmed_at_once() {
    let mut wanted = basket(vec![line("TEE", 8)]);
    let amount = Money::new(8 * 12_800, Currency::CNY);
    wanted.discounts.push(Discount::new("all", amount));
    let mut shelf = shelf();
    for merchant in shelf.merchants.values_mut() {
        merchant.shipping = ShippingTerms::default();
    }
    let mut change = Change::new(Actor::Buyer("alice".into()), Millis(0));
    let placed = place(&mut change, &shelf, &wanted, &Policy::default(), &mut ids()).unwrap();
    assert_eq!(placed.orders[0].state.word(), "confirmed");
    assert_eq!(placed.payment.status(), PaymentStatus::Paid);
}

#[test]
fn every_state_of_an_order_is_named_once_and_final_ones_allow_nothing() {
    let at = Millis(0);
    let states = [
        OrderState::AwaitingPayment { until: at },
        OrderState::AwaitingConfirmation { until: at },
        OrderState::Confirmed { at },
        OrderState::Completed { at, by: Actor::Clock },
        OrderState::Cancelled { at, by: Actor::Clock, why: CancelReason::Unpaid },
    ];
    let words: std::collections::BTreeSet<_> = states.iter().map(OrderState::word).collect();
    assert_eq!(words.len(), states.len());
    assert!(states[4].allows().is_empty());
    assert!(!states[0].allows().contains(&Action::Pack), "nothing is packed before it is paid");
}

fn step() -> impl Strategy<Value = TrackingStep> {
    prop_oneof![
        Just(TrackingStep::Created),
        Just(TrackingStep::PickedUp),
        Just(TrackingStep::InTransit),
        Just(TrackingStep::AtHub),
        Just(TrackingStep::ReadyForPickup),
        Just(TrackingStep::OutForDelivery),
        Just(TrackingStep::Delivered),
        Just(TrackingStep::Exception(ExceptionKind::Delay)),
        Just(TrackingStep::Refused),
        Just(TrackingStep::Returning),
        Just(TrackingStep::Returned),
        Just(TrackingStep::Cancelled),
        Just(TrackingStep::Note),
    ]
}

fn scan(time: i64, step: TrackingStep) -> TrackingFact {
    TrackingFact {
        carrier: CarrierCode::parse("yuantong").unwrap(),
        waybill: Waybill::parse("YT1").unwrap(),
        occurred_at: Millis(time),
        step,
        code: format!("{step:?}"),
        text: "scan".to_owned(),
        place: None,
        source: Source::default(),
    }
}

#[test]
fn a_late_scan_does_not_turn_the_clock_back() {
    let told = [scan(30, TrackingStep::Delivered), scan(20, TrackingStep::OutForDelivery)];
    let seen = fold(&told).unwrap();
    assert_eq!((seen.step, seen.delivered_at), (TrackingStep::Delivered, Some(Millis(30))));
    let after = [told[0].clone(), scan(40, TrackingStep::InTransit)];
    assert_eq!(fold(&after).unwrap().step, TrackingStep::Delivered, "delivered is sticky");
    let back = [told[0].clone(), scan(40, TrackingStep::Returning)];
    assert_eq!(fold(&back).unwrap().step, TrackingStep::Returning);
}

proptest! {
    #[test]
    fn scans_in_any_order_leave_the_parcel_in_the_same_state(
        scans in prop::collection::vec((0_i64..50, step()), 1..12),
        seed in any::<u64>(),
    ) {
        let facts: Vec<TrackingFact> = scans.into_iter().map(|(t, s)| scan(t, s)).collect();
        let expected = fold(&facts);
        let mut shuffled: Vec<TrackingFact> = facts.iter().chain(&facts).cloned().collect();
        let mut rest = seed;
        for i in (1..shuffled.len()).rev() {
            rest = rest.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let j = usize::try_from(rest >> 33).unwrap() % (i + 1);
            shuffled.swap(i, j);
        }
        prop_assert_eq!(fold(&shuffled), expected);
    }

    #[test]
    fn units_are_worth_in_all_what_was_paid_for_the_line(
        quantity in 1_i64..9,
        off in 0_i64..2_000,
        steps in prop::collection::vec(1_i64..4, 1..9),
    ) {
        let mut wanted = basket(vec![line("MUG", quantity)]);
        let amount = Money::new(off.min(333 * quantity), Currency::CNY);
        wanted.discounts.push(Discount::new("p", amount));
        let mut order = placed(&wanted).unwrap().orders.remove(0);
        let (mut left, mut given) = (quantity, 0);
        for units in steps {
            let units = units.min(left);
            given += order.lines[0].worth(units);
            order.lines[0].units.refunded += units;
            left -= units;
        }
        given += order.lines[0].worth(left);
        prop_assert_eq!(given, order.lines[0].paid_minor);
    }
}
