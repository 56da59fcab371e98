//! What was paid for before and comes back undelivered, whatever else happens to the order: all
//! that was paid is in escrow or on its way back, to the cent.

// A test says what it expects by failing.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use common::{basket, cny, placed};
use domain::*;
use proptest::prelude::*;

/// A paid order of three mugs and two caps, and the parcels that were ever packed.
struct Scene {
    order: Stored<Order>,
    payment: Stored<Payment>,
    parcels: Vec<Stored<Parcel>>,
    /// What the carrier has said of each.
    told: Vec<Vec<TrackingFact>>,
    minted: u128,
}

fn by(actor: Actor) -> Change {
    Change::new(actor, Millis(1_000))
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
    fn new() -> Self {
        let mut wanted = basket(&[("MUG", 3), ("CAP", 2)]);
        wanted.discounts.push(Discount::new("d", cny(101)));
        let placed = placed(&wanted);
        let (order, payment) = (placed.orders[0].clone(), placed.payment);
        let (order, payment) =
            (Stored { version: 1, doc: order }, Stored { version: 1, doc: payment });
        let mut scene =
            Self { order, payment, parcels: Vec::new(), told: Vec::new(), minted: 1_000 };
        let due = cny(scene.payment.doc.due_minor());
        let fact = PaymentFact {
            gateway: scene.payment.doc.gateway.clone(),
            reference: "pi".to_owned(),
            event_id: "evt".to_owned(),
            payment: Some(scene.payment.doc.id.clone()),
            account: None,
            occurred_at: Millis(1),
            what: PaymentNews::Captured { amount: due },
        };
        let at = PaymentSituation {
            payment: Some(scene.payment.clone()),
            orders: vec![scene.order.clone()],
            ..PaymentSituation::default()
        };
        let mut change = by(Actor::Gateway("stripe".into()));
        let verdict = record_payment_fact(&mut change, at, &fact, None, &mut || 900);
        assert_eq!(verdict, "confirmed");
        for (kind, written) in change.docs() {
            match kind {
                "orders" => scene.order.doc = serde_json::from_str(written.doc.get()).unwrap(),
                "payments" => scene.payment.doc = serde_json::from_str(written.doc.get()).unwrap(),
                _ => {}
            }
        }
        scene
    }

    fn mint(&mut self) -> u128 {
        self.minted += 100;
        self.minted
    }

    fn ids(&mut self) -> impl FnMut() -> u128 + use<> {
        let mut next = self.mint();
        move || {
            next += 1;
            next
        }
    }

    /// Packs and ships units of a line.
    fn ship(&mut self, line: u16, units: i64) {
        let id = self.mint();
        let parcel = Parcel {
            id: ParcelId::mint(&mut || id),
            order: self.order.doc.id.clone(),
            merchant: self.order.doc.merchant.clone(),
            warehouse: WarehouseId::parse("w1").unwrap(),
            picks: vec![Pick { line, units }],
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
        let mut change = by(Actor::Warehouse("w1".into()));
        if let Ok(mut parcel) = pack(&mut change, &mut self.order, parcel) {
            let waybill = Waybill::parse(&format!("YT{id}")).unwrap();
            let carrier = CarrierCode::parse("yuantong").unwrap();
            parcel.doc.label = Some(Label { carrier, waybill });
            let order = &mut self.order;
            let journey = Journey { parcel: &mut parcel, order, payment: None };
            ship(&mut change, journey, &[]).unwrap();
            self.parcels.push(parcel);
            self.told.push(Vec::new());
        }
    }

    /// The carrier sees a parcel somewhere else.
    fn seen(&mut self, which: usize, step: TrackingStep) {
        let Some(parcel) = self.parcels.get_mut(which) else { return };
        let (label, known) = (parcel.doc.label.clone().unwrap(), self.told[which].clone());
        let at = i64::try_from(known.len()).unwrap();
        self.told[which].push(scan(&label, at, step));
        let journey = Journey { parcel, order: &mut self.order, payment: None };
        let mut change = by(Actor::Carrier("yuantong".into()));
        let trace = Trace::of(&self.told[which]);
        record_tracking(&mut change, Some(journey), &Heard::of(&known), &trace);
    }

    fn comes_back(&mut self, which: usize) -> Option<Result<(), Refusal>> {
        let mut ids = self.ids();
        let parcel = self.parcels.get_mut(which)?;
        let (order, payment) = (&mut self.order, Some(&mut self.payment));
        let journey = Journey { parcel, order, payment };
        let mut change = by(Actor::Warehouse("w1".into()));
        Some(take_back(&mut change, journey, Opened::default(), &mut ids))
    }

    fn cancel(&mut self, line: u16, units: i64) {
        let mut ids = self.ids();
        let picks = Some(vec![Pick { line, units }]);
        let wanted = Cancellation { picks, why: CancelReason::ChangedMind, note: None };
        let (order, payment) = (&mut self.order, &mut self.payment);
        let at_hand = OrderAtHand { order, siblings: &mut [], payment };
        cancel(&mut by(Actor::Buyer("alice".into())), at_hand, &wanted, &mut ids).ok();
    }

    /// The buyer wants money for units that were not sent.
    fn wants_no_more(&mut self, line: u16, units: i64) {
        let mut ids = self.ids();
        let ask = OpenCase {
            id: CaseId::mint(&mut ids),
            kind: CaseKind::RefundOnly,
            picks: vec![Pick { line, units }],
            reason: CaseReason::ChangedMind,
            description: None,
        };
        let (policy, mut change) = (Policy::default(), by(Actor::Buyer("alice".into())));
        let (order, payment) = (&mut self.order, &mut self.payment);
        open_case(&mut change, order, payment, ask, &policy, &mut ids).ok();
    }

    fn sums(&self) {
        let (order, payment) = (&self.order.doc, &self.payment.doc);
        let left = payment.captured_minor() - payment.refunds_minor();
        let escrow = order.in_escrow_minor();
        assert_eq!(left, escrow, "what was not given back is there for the order");
        assert!(escrow >= 0);
        if matches!(order.state, OrderState::Cancelled { .. }) {
            assert_eq!(escrow, 0, "nothing stays of an order that ended");
        }
        let reached = order.sum(|units| units.delivered);
        if reached == 0 && order.live_units() == 0 {
            assert!(matches!(order.state, OrderState::Cancelled { .. }), "{order:?}");
        }
        if reached > 0 {
            assert!(!order.shipping.refunded, "the carrier has brought something");
        }
    }
}

proptest! {
    #[test]
    fn what_comes_back_is_neither_lost_nor_paid_back_twice(
        steps in prop::collection::vec((0_u8..7, 0_usize..5, 1_u16..3, 1_i64..4), 1..40),
    ) {
        let mut scene = Scene::new();
        for (what, which, line, units) in steps {
            match what {
                0 | 1 => scene.ship(line, units),
                2 => scene.seen(which, TrackingStep::Delivered),
                3 => scene.seen(which, TrackingStep::Returned),
                4 => drop(scene.comes_back(which)),
                5 => scene.cancel(line, units),
                _ => scene.wants_no_more(line, units),
            }
            scene.sums();
        }
    }
}

#[test]
fn only_what_its_carrier_brought_back_is_taken_back() {
    let mut scene = Scene::new();
    scene.ship(1, 3);
    let early = scene.comes_back(0);
    assert!(matches!(early, Some(Err(Refusal::IllegalStep { .. }))), "{early:?}");
    scene.seen(0, TrackingStep::Refused);
    let early = scene.comes_back(0);
    assert!(matches!(early, Some(Err(Refusal::IllegalStep { .. }))), "{early:?}");
    scene.seen(0, TrackingStep::Returned);
    let before = scene.order.doc.in_escrow_minor();
    let worth: i64 = scene.order.doc.line(1).unwrap().paid_minor;
    assert_eq!(scene.comes_back(0), Some(Ok(())));
    assert_eq!(before - scene.order.doc.in_escrow_minor(), worth, "shipping is kept so far");
    scene.sums();
}

/// SF sends it back under a number of its own.
#[test]
fn what_is_on_its_way_back_may_be_here_before_its_carrier_says_so() {
    let mut scene = Scene::new();
    scene.ship(1, 3);
    scene.ship(2, 2);
    scene.seen(0, TrackingStep::Returning);
    assert_eq!(scene.comes_back(0), Some(Ok(())));
    assert_eq!(scene.parcels[0].doc.word(), "came_back");
    scene.sums();
    // What was told as delivered is believed until the carrier says that it is here.
    scene.seen(1, TrackingStep::Delivered);
    scene.seen(1, TrackingStep::Returning);
    let early = scene.comes_back(1);
    assert!(matches!(early, Some(Err(Refusal::IllegalStep { .. }))), "{early:?}");
}

#[test]
fn what_was_cancelled_before_does_not_stand_in_the_way() {
    let mut scene = Scene::new();
    scene.ship(1, 2);
    scene.cancel(1, 1);
    scene.cancel(2, 2);
    scene.seen(0, TrackingStep::Delivered);
    scene.seen(0, TrackingStep::Returned);
    assert_eq!(scene.comes_back(0), Some(Ok(())));
    scene.sums();
    assert_eq!(scene.payment.doc.refunds_minor(), scene.payment.doc.captured_minor());
}
