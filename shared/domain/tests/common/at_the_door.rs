//! An order that is paid to the courier, for the tables of cash.

// Not every table needs all of it.
#![allow(dead_code)]

use domain::*;

/// One line of a COD order, its payment, and the parcels that were ever packed.
pub struct Scene {
    pub order: Stored<Order>,
    pub payment: Stored<Payment>,
    pub parcels: Vec<Stored<Parcel>>,
    pub fee_minor: i64,
    pub minted: u128,
}

pub fn change(by: Actor) -> Change {
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
    pub fn new(quantity: i64, price_minor: i64, fee_minor: i64) -> Self {
        Self::with(quantity, price_minor, fee_minor, 0)
    }

    /// With an amount off all goods, so that units differ by a cent.
    pub fn with(quantity: i64, price_minor: i64, fee_minor: i64, off_minor: i64) -> Self {
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

    pub fn pack(&mut self, units: i64) {
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

    pub fn cancel(&mut self, units: i64) {
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
    pub fn ship(&mut self, which: usize, taken: bool) {
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
    pub fn comes_back(&mut self, which: usize) -> Option<Result<(), Refusal>> {
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

    pub fn unpack(&mut self, which: usize) {
        if let Some(parcel) = self.parcels.get_mut(which) {
            let mut change = change(Actor::Warehouse("w1".into()));
            unpack(&mut change, &mut self.order, parcel, None).ok();
        }
    }

    pub fn give_back(&mut self, units: i64) {
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

    pub fn sums(&self) {
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
