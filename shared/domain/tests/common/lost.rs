//! A parcel on its way with two of three mugs, for the tables of exceptions and their outcomes.

// Not every table needs all of it.
#![allow(dead_code)]

use crate::common::{basket, placed};
use domain::*;
use std::collections::BTreeMap;

/// Milliseconds of an hour; the parcel left at hour zero.
pub const HOURS: i64 = 3_600_000;

/// What is stored, the ledger, the stock that was moved, and the time.
pub struct Scene {
    pub order: Stored<Order>,
    pub payment: Stored<Payment>,
    pub parcel: Stored<Parcel>,
    pub exceptions: Vec<Stored<Exception>>,
    pub told: Vec<TrackingFact>,
    pub policy: Policy,
    pub now: Millis,
    pub actor: Actor,
    /// Free pieces of mugs.
    pub stock: i64,
    /// Pieces that were promised anew.
    pub held: i64,
    /// When the clock looks for silence.
    pub looks_at: Option<Millis>,
    ledger: BTreeMap<String, i64>,
    minted: u128,
}

fn label() -> Label {
    let carrier = CarrierCode::parse("yuantong").unwrap();
    Label { carrier, waybill: Waybill::parse("YT1").unwrap() }
}

/// A scan at a time in milliseconds.
pub fn scan(at: i64, step: TrackingStep) -> TrackingFact {
    let Label { carrier, waybill } = label();
    let (code, text, source) = (format!("{step:?}"), String::new(), Source::default());
    TrackingFact {
        carrier,
        waybill,
        occurred_at: Millis(at),
        step,
        code,
        text,
        place: None,
        source,
    }
}

pub use scan as seen;

impl Scene {
    pub fn shipped() -> Self {
        let placed = placed(&basket(&[("MUG", 3), ("CAP", 2)]));
        let order = Stored { version: 1, doc: placed.orders[0].clone() };
        let payment = Stored { version: 1, doc: placed.payment };
        let picks = vec![Pick { line: 1, units: 2 }];
        let parcel = Parcel {
            id: ParcelId::mint(&mut || 77),
            order: order.doc.id.clone(),
            merchant: order.doc.merchant.clone(),
            warehouse: WarehouseId::parse("w1").unwrap(),
            picks,
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
        let mut scene = Self {
            order,
            payment,
            parcel: Stored { version: 1, doc: parcel },
            exceptions: Vec::new(),
            told: Vec::new(),
            policy: Policy::default(),
            now: Millis(0),
            actor: Actor::Support("a".into()),
            stock: 100,
            held: 0,
            looks_at: None,
            ledger: BTreeMap::new(),
            minted: 10_000,
        };
        scene.is_paid();
        let mut change = Change::new(Actor::Warehouse("w1".into()), Millis(0));
        let parcel = scene.parcel.doc.clone();
        scene.parcel = pack(&mut change, &mut scene.order, parcel).unwrap();
        scene.parcel.doc.label = Some(label());
        let (parcel, order) = (&mut scene.parcel, &mut scene.order);
        ship(&mut change, Journey { parcel, order, payment: None }, &[]).unwrap();
        scene.watch(&mut change);
        scene.takes_over(&change);
        scene.held = 0;
        scene
    }

    fn is_paid(&mut self) {
        let fact = PaymentFact {
            gateway: self.payment.doc.gateway.clone(),
            reference: "pi".to_owned(),
            event_id: "evt".to_owned(),
            payment: Some(self.payment.doc.id.clone()),
            account: None,
            occurred_at: Millis(0),
            what: PaymentNews::Captured {
                amount: Money::new(self.payment.doc.due_minor(), Currency::CNY),
            },
        };
        let at = PaymentSituation {
            payment: Some(self.payment.clone()),
            orders: vec![self.order.clone()],
            ..PaymentSituation::default()
        };
        let mut change = Change::new(Actor::Gateway("stripe".into()), Millis(0));
        record_payment_fact(&mut change, at, &fact, None, &mut || 900);
        for (kind, written) in change.docs() {
            match kind {
                "orders" => self.order.doc = serde_json::from_str(written.doc.get()).unwrap(),
                "payments" => self.payment.doc = serde_json::from_str(written.doc.get()).unwrap(),
                _ => {}
            }
        }
        self.takes_over(&change);
    }

    /// What a change does outside its documents.
    fn takes_over(&mut self, change: &Change) {
        for effect in change.effects() {
            if let Effect::Post(posting) = effect {
                for line in posting.lines() {
                    *self.ledger.entry(line.account.to_string()).or_default() += line.amount_minor;
                }
            } else if let Effect::Stock(StockMove { on_hand: 0, held, .. }) = effect {
                self.held += held;
            } else if let Effect::SetTimer { kind: TimerKind::NoScan, due, .. } = effect {
                self.looks_at = Some(*due);
            } else if let Effect::ClearTimer { kind: TimerKind::NoScan, .. } = effect {
                self.looks_at = None;
            }
        }
    }

    fn ids(&mut self) -> impl FnMut() -> u128 + use<> {
        self.minted += 1_000;
        let mut next = self.minted;
        move || {
            next += 1;
            next
        }
    }

    fn watch(&mut self, change: &mut Change) {
        let mut ids = self.ids();
        let (exceptions, facts) = (&mut self.exceptions, self.told.as_slice());
        let watch = Watch { exceptions, facts, policy: &self.policy };
        watch_parcel(change, &self.parcel, &mut self.order, watch, &mut ids);
    }

    /// The carrier tells a scan.
    pub fn hears(&mut self, fact: TrackingFact) {
        let mut change = Change::new(Actor::Carrier("yuantong".into()), self.now);
        let known = self.told.clone();
        self.told.push(fact);
        let (parcel, order) = (&mut self.parcel, &mut self.order);
        let journey = Journey { parcel, order, payment: None };
        let trace = Trace::of(&self.told);
        record_tracking(&mut change, Some(journey), &Heard::of(&known), &trace);
        self.watch(&mut change);
        self.takes_over(&change);
    }

    /// The timer of the parcel goes off.
    pub fn clock(&mut self, at: i64) {
        self.now = Millis(at);
        let mut change = Change::new(Actor::Clock, self.now);
        self.watch(&mut change);
        self.takes_over(&change);
    }

    /// Kinds that are open.
    pub fn open(&self) -> Vec<Trouble> {
        let open = self.exceptions.iter().filter(|e| e.doc.is_open());
        let mut kinds: Vec<Trouble> = open.map(|e| e.doc.kind).collect();
        kinds.sort();
        kinds
    }

    pub fn outcome(&self, kind: Trouble) -> Outcome {
        let last = self.exceptions.iter().rev().find(|e| e.doc.kind == kind).unwrap();
        let ExceptionState::Resolved { outcome, .. } = &last.doc.state else { panic!("{last:?}") };
        outcome.clone()
    }

    /// A person does something with the newest exception of a kind.
    pub fn with(
        &mut self,
        kind: Trouble,
        step: impl FnOnce(&mut Change, &mut Self, &mut Stored<Exception>) -> Result<(), Refusal>,
    ) -> Result<(), Refusal> {
        let place = self.exceptions.iter().rposition(|e| e.doc.kind == kind).unwrap();
        let mut exception = self.exceptions[place].clone();
        let mut change = Change::new(self.actor.clone(), self.now);
        let done = step(&mut change, self, &mut exception);
        self.exceptions[place] = exception;
        self.takes_over(&change);
        done
    }

    pub fn report(&mut self, kind: Trouble) -> Result<(), Refusal> {
        let mut change = Change::new(self.actor.clone(), self.now);
        let mut ids = self.ids();
        let said = Report { kind, note: Some("they called".to_owned()) };
        let (order, exceptions) = (&mut self.order, &mut self.exceptions);
        let with = (&self.policy, &mut ids as &mut dyn Ids);
        let opened = report(&mut change, &self.parcel, order, exceptions, said, with)?;
        self.exceptions.push(opened);
        self.takes_over(&change);
        Ok(())
    }

    fn decide(
        &mut self,
        outcome: impl FnOnce(
            &mut Change,
            ExceptionAtHand<'_>,
            &[Available],
            &mut dyn Ids,
        ) -> Result<(), Refusal>,
    ) -> Result<(), Refusal> {
        let open = self.exceptions.iter().position(|e| e.doc.is_open());
        let Some(place) = open.or(self.exceptions.len().checked_sub(1)) else {
            return Err(Refusal::NothingChosen);
        };
        let mut ids = self.ids();
        let mut exception = self.exceptions.remove(place);
        let free = |sku: &str, pieces: i64| Available {
            sku: SkuId::parse(sku).unwrap(),
            warehouse: WarehouseId::parse("w1").unwrap(),
            region: "310115".to_owned(),
            cost_minor: 0,
            priority: 0,
            pieces,
        };
        let stock = [free("MUG", self.stock), free("CAP", 100)];
        let mut change = Change::new(self.actor.clone(), self.now);
        let at_hand = ExceptionAtHand {
            exception: &mut exception,
            others: &mut self.exceptions,
            parcel: &mut self.parcel,
            order: &mut self.order,
            payment: &mut self.payment,
        };
        let done = outcome(&mut change, at_hand, &stock, &mut ids);
        self.exceptions.insert(place, exception);
        self.takes_over(&change);
        done
    }

    pub fn send_again(&mut self, borne_by: Bearer) -> Result<(), Refusal> {
        let policy = self.policy.clone();
        self.decide(|change, at_hand, stock, ids| {
            send_again(change, at_hand, borne_by, (stock, &policy), ids)
        })
    }

    pub fn refund(&mut self, borne_by: Bearer) -> Result<(), Refusal> {
        let policy = self.policy.exceptions.clone();
        self.decide(|change, at_hand, _, ids| refund_lost(change, at_hand, borne_by, &policy, ids))
    }

    /// The warehouse has the parcel again, with so many mugs. Answers what was restocked.
    pub fn comes_back(&mut self, units: i64) -> Result<i64, Refusal> {
        let mut change = Change::new(Actor::Warehouse("w1".into()), self.now);
        let mut ids = self.ids();
        let warehouse = WarehouseId::parse("w1").unwrap();
        let returned = vec![Returned { line: 1, units, warehouse, to: Disposition::Restock }];
        let opened = Opened { returned, ..Opened::default() };
        let (parcel, order) = (&mut self.parcel, &mut self.order);
        let journey = Journey { parcel, order, payment: Some(&mut self.payment) };
        take_back(&mut change, journey, opened, &mut ids)?;
        exceptions_of_what_came_back(&mut change, &mut self.order, &mut self.exceptions);
        self.takes_over(&change);
        let back = change
            .effects()
            .iter()
            .filter_map(|e| if let Effect::Stock(moved) = e { Some(moved.on_hand) } else { None });
        Ok(back.sum())
    }

    /// Minor units that are on their way back to the buyer, or there.
    pub fn refunded(&self) -> i64 {
        self.payment.doc.refunds_minor()
    }

    pub fn balance(&self, account: &str) -> i64 {
        self.ledger.get(account).copied().unwrap_or(0)
    }

    /// What always holds.
    pub fn sums(&self) {
        let (order, payment) = (&self.order.doc, &self.payment.doc);
        assert_eq!(
            payment.captured_minor() - payment.refunds_minor(),
            order.in_escrow_minor(),
            "what was not given back is there for the order"
        );
        assert_eq!(self.ledger.values().sum::<i64>(), 0, "{:?}", self.ledger);
        let escrow = self.balance(&format!("escrow:{}", order.id));
        assert_eq!(-escrow, order.in_escrow_minor());
        for line in &order.lines {
            let held: i64 = line.held.iter().map(|h| h.quantity).sum();
            let units = &line.units;
            let left = line.quantity - units.cancelled - units.shipped + units.resent;
            assert_eq!(held, left, "held for what is not sent: {line:?}");
            assert!(units.resent <= units.shipped && line.open_units() >= 0, "{line:?}");
        }
        let mut open: Vec<&ExceptionId> =
            self.exceptions.iter().filter(|e| e.doc.is_open()).map(|e| &e.doc.id).collect();
        let mut known: Vec<&ExceptionId> = order.open_exceptions.iter().collect();
        open.sort();
        known.sort();
        assert_eq!(open, known, "the order knows what is open");
        let mut kinds = self.open();
        kinds.dedup();
        assert_eq!(kinds, self.open(), "one of a kind");
    }
}
