//! Cash on delivery, whatever happens to the units: what is collected, waived and given back sums
//! to what was agreed, to the cent.

// A test says what it expects by failing.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use domain::*;
use proptest::prelude::*;

/// One line of a COD order, its payment, and the parcels that were ever packed.
struct Scene {
    order: Stored<Order>,
    payment: Stored<Payment>,
    parcels: Vec<Stored<Parcel>>,
    fee_minor: i64,
    minted: u128,
}

fn change(by: Actor) -> Change {
    Change::new(by, Millis(1_000))
}

fn scan(label: &Label, at: i64, step: TrackingStep) -> TrackingFact {
    TrackingFact {
        carrier: label.carrier.clone(),
        waybill: label.waybill.clone(),
        occurred_at: Millis(at),
        step,
        code: String::new(),
        text: String::new(),
        place: None,
        source: Source::default(),
    }
}

impl Scene {
    fn new(quantity: i64, price_minor: i64, fee_minor: i64) -> Self {
        Self::with(quantity, price_minor, fee_minor, 0)
    }

    /// With an amount off all goods, so that units differ by a cent.
    fn with(quantity: i64, price_minor: i64, fee_minor: i64, off_minor: i64) -> Self {
        let (merchant, warehouse) = ("m1", WarehouseId::parse("w1").unwrap());
        let sku = Sku {
            price_minor,
            ..serde_json::from_value(serde_json::json!({
                "id": "TEE", "merchant": merchant, "name": "Tee", "price_minor": 0,
                "currency": "CNY",
            }))
            .unwrap()
        };
        let merchant: Merchant = serde_json::from_value(serde_json::json!({
            "id": merchant, "name": "Shop", "commission_bp": 0, "return_address": "here",
            "shipping": {"fee_minor": fee_minor}, "cash_on_delivery": true,
        }))
        .unwrap();
        let stock = Available {
            sku: sku.id.clone(),
            warehouse,
            region: "310115".to_owned(),
            cost_minor: 0,
            priority: 0,
            pieces: quantity,
        };
        let shelf = Shelf {
            skus: [(sku.id.clone(), sku)].into(),
            merchants: [(merchant.id.clone(), merchant)].into(),
            stock: vec![stock],
            ..Shelf::default()
        };
        let delivery: DeliveryWanted = serde_json::from_value(serde_json::json!({
            "recipient": "李雷", "phone": "13800138000", "region": "310104",
            "detail": "漕溪路 1 号",
        }))
        .unwrap();
        let line = LineWanted { sku: SkuId::parse("TEE").unwrap(), quantity, price: None };
        let buyer = BuyerId::parse("li").unwrap();
        let mut wanted = PlacePurchase::new(buyer, vec![line], delivery, GatewayName::cash());
        wanted.discounts.push(Discount::new("d", Money::new(off_minor, Currency::CNY)));
        let mut minted = 0;
        let mut ids = || {
            minted += 1;
            minted
        };
        let mut placing = change(Actor::Buyer("li".into()));
        let placed = place(&mut placing, &shelf, &wanted, &Policy::default(), &mut ids).unwrap();
        let order = Stored { version: 1, doc: placed.orders.into_iter().next().unwrap() };
        let payment = Stored { version: 1, doc: placed.payment };
        Self { order, payment, parcels: Vec::new(), fee_minor, minted }
    }

    fn pack(&mut self, units: i64) {
        self.minted += 1;
        let id = self.minted;
        let parcel = Parcel {
            id: ParcelId::mint(&mut || id),
            order: self.order.doc.id.clone(),
            merchant: self.order.doc.merchant.clone(),
            warehouse: WarehouseId::parse("w1").unwrap(),
            picks: vec![Pick { line: 1, units }],
            weight_g: 1,
            packed_at: Millis(0),
            label: None,
            state: ParcelState::Packed,
            cash: None,
            carriage: Carriage::default(),
            promised_by: None,
            replaces: None,
            packaging: Packaging::default(),
        };
        let by = Actor::Warehouse("w1".into());
        if let Ok(mut parcel) = pack(&mut change(by), &mut self.order, parcel) {
            let waybill = Waybill::parse(&format!("YT{id}")).unwrap();
            let carrier = CarrierCode::parse("yuantong").unwrap();
            parcel.doc.label = Some(Label { carrier, waybill });
            self.parcels.push(parcel);
        }
    }

    fn cancel(&mut self, units: i64) {
        self.minted += 1;
        let id = self.minted;
        let picks = Some(vec![Pick { line: 1, units }]);
        let wanted = Cancellation { picks, why: CancelReason::ChangedMind, note: None };
        let (order, payment) = (&mut self.order, &mut self.payment);
        let at_hand = OrderAtHand { order, siblings: &mut [], payment };
        let mut change = change(Actor::Buyer("li".into()));
        cancel(&mut change, at_hand, &wanted, &mut || id).ok();
    }

    /// Ships a parcel; it is taken and paid, or comes back.
    fn ship(&mut self, which: usize, taken: bool) {
        let Some(parcel) = self.parcels.get_mut(which) else { return };
        let mut change = change(Actor::Carrier("yuantong".into()));
        let (order, payment) = (&mut self.order, &mut self.payment);
        let label = parcel.doc.label.clone().unwrap();
        let journey = Journey { parcel, order, payment: Some(payment) };
        if ship(&mut change, journey, &[]).is_err() {
            return;
        }
        let (order, payment) = (&mut self.order, &mut self.payment);
        let journey = Journey { parcel, order, payment: Some(payment) };
        if taken {
            record_tracking(
                &mut change,
                Some(journey),
                &Heard::default(),
                &Trace::of(&[scan(&label, 1, TrackingStep::Delivered)]),
            );
        } else {
            take_back(&mut change, journey, Opened::default(), &mut || 7).unwrap();
        }
    }

    /// A parcel that was told as delivered is seen on its way back to us, and is there.
    fn comes_back(&mut self, which: usize) -> Option<Result<(), Refusal>> {
        let parcel = self.parcels.get_mut(which)?;
        let mut change = change(Actor::Carrier("yuantong".into()));
        let label = parcel.doc.label.clone().unwrap();
        let told =
            [scan(&label, 1, TrackingStep::Delivered), scan(&label, 2, TrackingStep::Returned)];
        let (order, payment) = (&mut self.order, &mut self.payment);
        let journey = Journey { parcel, order, payment: Some(payment) };
        let (heard, trace) = (Heard::of(&told[..1]), Trace::of(&told[1..]));
        record_tracking(&mut change, Some(journey), &heard, &trace);
        let (order, payment) = (&mut self.order, &mut self.payment);
        let journey = Journey { parcel, order, payment: Some(payment) };
        Some(take_back(&mut change, journey, Opened::default(), &mut || 8))
    }

    fn unpack(&mut self, which: usize) {
        if let Some(parcel) = self.parcels.get_mut(which) {
            let mut change = change(Actor::Warehouse("w1".into()));
            unpack(&mut change, &mut self.order, parcel, None).ok();
        }
    }

    fn give_back(&mut self, units: i64) {
        let line = &self.order.doc.lines[0];
        let kept = line.units.delivered - line.units.refunded;
        if kept < units {
            return;
        }
        self.minted += 1;
        let id = self.minted;
        let picks = vec![Pick { line: 1, units }];
        let (amount_minor, shipping) = worth(&self.order.doc, &picks);
        let grant = Grant { picks, shipping, amount_minor, case: None };
        let mut change = change(Actor::Support("a".into()));
        let mut next = id;
        let mut ids = || {
            next += 1;
            next
        };
        grant_refund(&mut change, &mut self.order, &mut self.payment, grant, &mut ids).unwrap();
        self.minted = next;
    }

    fn sums(&self) {
        let (order, payment) = (&self.order.doc, &self.payment.doc);
        let cod = order.cod.as_ref().unwrap();
        let open: i64 = order.lines.iter().map(|l| l.cash.as_ref().unwrap().open_minor).sum();
        let waits = |p: &&Stored<Parcel>| match p.doc.state {
            ParcelState::Packed | ParcelState::Shipped { .. } => {
                p.doc.cash.as_ref().unwrap().collected_at.is_none()
            }
            ParcelState::Cancelled { .. }
            | ParcelState::CameBack { .. }
            | ParcelState::GivenUp { .. } => false,
        };
        let collect = |p: &Stored<Parcel>| p.doc.cash.as_ref().unwrap().collect.total_minor();
        let waiting: i64 = self.parcels.iter().filter(waits).map(collect).sum();
        let asks = cod.shipping_with.is_none() && !order.shipping.refunded;
        let shipping = if asks { self.fee_minor } else { 0 };
        let units: i64 = order.lines.iter().map(Line::open_units).sum();
        if units + waiting == 0 {
            assert_ne!(payment.life, PaymentLife::OnDelivery, "nobody can collect what is due");
        }
        if !matches!(order.state, OrderState::Cancelled { .. }) {
            let left = order.lines.iter().map(Line::open_units).sum::<i64>();
            assert!(left > 0 || shipping == 0, "no parcel will bring the shipping");
            assert_eq!(order.due_minor(), open + shipping + waiting + cod.collected_minor);
        }
        assert_eq!(payment.due_minor(), order.due_minor());
        assert_eq!(payment.applied_minor(), cod.collected_minor);
        assert_eq!(order.in_escrow_minor(), cod.collected_minor - order.refunded_minor);
        let kept = |l: &Line| l.cash.as_ref().unwrap().kept_minor;
        assert!(order.in_escrow_minor() >= 0 && open >= 0);
        assert!(order.lines.iter().all(|l| kept(l) >= 0));
    }
}

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
