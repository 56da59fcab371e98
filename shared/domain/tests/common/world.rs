//! A purchase of one order in a world of its own, for the tables of payments and refunds.

// Not every table needs all of it.
#![allow(dead_code)]

use domain::*;
use proptest::prelude::*;
use std::collections::BTreeMap;

pub const DUE: i64 = 12_800;

pub type Paid = Stored<Payment>;
pub type Orders = Vec<Stored<Order>>;

/// A purchase of one order in a world of its own: what is stored, the ledger, and the time.
pub struct World {
    pub payment: Stored<Payment>,
    pub orders: Vec<Stored<Order>>,
    pub suspense: BTreeMap<String, Stored<Suspense>>,
    pub ledger: BTreeMap<String, i64>,
    /// When the clock comes to refunds.
    pub refunds_due: Option<Millis>,
    pub pieces: i64,
    pub policy: Policy,
    pub now: Millis,
    /// Our account at the gateway, and the one that it speaks of.
    pub accounts: (Option<String>, Option<String>),
    pub ids: u128,
    pub told: u64,
}

pub fn read<D: Document>(change: &Change) -> Vec<Stored<D>> {
    let of_kind = change.docs().filter(|(kind, _)| *kind == D::KIND);
    let doc = |(_, written): (&str, &Written)| Stored {
        version: written.version + 1,
        doc: serde_json::from_str(written.doc.get()).unwrap(),
    };
    of_kind.map(doc).collect()
}

impl World {
    pub fn new() -> Self {
        let mut ids = 0;
        let mut mint = || {
            ids += 1;
            ids
        };
        let sku = Sku {
            id: SkuId::parse("TEE").unwrap(),
            merchant: MerchantId::parse("m1").unwrap(),
            price_minor: DUE,
            currency: Currency::CNY,
            ..serde_json::from_str(
                r#"{"id":"TEE","merchant":"m1","name":"T","price_minor":1,"currency":"CNY"}"#,
            )
            .unwrap()
        };
        let merchant: Merchant = serde_json::from_str(
            r#"{"id":"m1","name":"M","commission_bp":500,"return_address":"R"}"#,
        )
        .unwrap();
        let shelf = Shelf {
            stock: vec![Available {
                sku: sku.id.clone(),
                warehouse: WarehouseId::parse("w1").unwrap(),
                region: "310115".to_owned(),
                cost_minor: 0,
                priority: 0,
                pieces: 1,
            }],
            skus: [(sku.id.clone(), sku)].into(),
            merchants: [(merchant.id.clone(), merchant)].into(),
            ..Shelf::default()
        };
        let line = LineWanted { sku: SkuId::parse("TEE").unwrap(), quantity: 1, price: None };
        let delivery = DeliveryWanted::in_china("Li Lei", "13800000000", "310115", "1 Road");
        let (buyer, gateway) = (BuyerId::parse("li"), GatewayName::parse("stripe"));
        let wanted = PlacePurchase::new(buyer.unwrap(), vec![line], delivery, gateway.unwrap());
        let mut change = Change::new(Actor::Clock, Millis(0));
        let policy = Policy::default();
        place(&mut change, &shelf, &wanted, &policy, &mut mint).unwrap();
        Self {
            payment: read::<Payment>(&change).remove(0),
            orders: read::<Order>(&change),
            suspense: BTreeMap::new(),
            ledger: BTreeMap::new(),
            refunds_due: None,
            pieces: 0,
            policy,
            now: Millis(0),
            accounts: (None, None),
            ids,
            told: 0,
        }
    }

    /// Decides something and lives with it.
    pub fn change<T>(&mut self, decide: impl FnOnce(&mut Self, &mut Change) -> T) -> T {
        let mut change = Change::new(Actor::Support("s".into()), self.now);
        let answer = decide(self, &mut change);
        self.payment = read::<Payment>(&change).pop().unwrap_or(self.payment.clone());
        for order in read::<Order>(&change) {
            self.orders = vec![order];
        }
        for item in read::<Suspense>(&change) {
            self.suspense.insert(item.doc.reference.clone(), item);
        }
        for effect in change.effects() {
            match effect {
                Effect::Post(posting) => {
                    for line in posting.lines() {
                        *self.ledger.entry(line.account.to_string()).or_default() +=
                            line.amount_minor;
                    }
                }
                Effect::Stock(moved) => self.pieces -= moved.held,
                Effect::SetTimer { kind: TimerKind::RefundsDue, subject, due }
                    if subject == self.payment.doc.id.as_str() =>
                {
                    self.refunds_due = Some(*due);
                }
                Effect::ClearTimer { kind: TimerKind::RefundsDue, subject }
                    if subject == self.payment.doc.id.as_str() =>
                {
                    self.refunds_due = None;
                }
                Effect::Adjust(_)
                | Effect::ToPick(_)
                | Effect::NotPicked(_)
                | Effect::StockOf { .. }
                | Effect::OnList(_)
                | Effect::OffList(_)
                | Effect::SendAgain { .. }
                | Effect::TimerRan { .. }
                | Effect::SetTimer { .. }
                | Effect::ClearTimer { .. }
                | Effect::Send(_) => {}
            }
        }
        answer
    }

    pub fn hears(&mut self, attempt: &str, what: PaymentNews) -> &'static str {
        self.told += 1;
        let fact = PaymentFact {
            gateway: GatewayName::parse("stripe").unwrap(),
            event_id: format!("evt_{}", self.told),
            account: self.accounts.1.clone(),
            payment: Some(self.payment.doc.id.clone()),
            reference: attempt.to_owned(),
            occurred_at: self.now,
            what,
        };
        self.change(|world, change| {
            let stock = Available {
                sku: SkuId::parse("TEE").unwrap(),
                warehouse: WarehouseId::parse("w1").unwrap(),
                region: "310115".to_owned(),
                cost_minor: 0,
                priority: 0,
                pieces: world.pieces,
            };
            let at = PaymentSituation {
                payment: Some(world.payment.clone()),
                orders: world.orders.clone(),
                suspense: world.suspense.get(attempt).cloned(),
                stock: vec![stock],
                policy: world.policy.clone(),
                account: world.accounts.0.clone(),
                ..PaymentSituation::default()
            };
            let mut ids = || {
                world.ids += 1;
                world.ids
            };
            record_payment_fact(change, at, &fact, None, &mut ids)
        })
    }

    pub fn pays(&mut self, attempt: &str, minor: i64) -> &'static str {
        let amount = Money::new(minor, Currency::CNY);
        self.hears(attempt, PaymentNews::Captured { amount })
    }

    pub fn step(&mut self, decide: impl FnOnce(&mut Change, &mut Paid, &mut Orders, &mut dyn Ids)) {
        self.change(|world, change| {
            let (mut payment, mut orders) = (world.payment.clone(), world.orders.clone());
            let mut ids = || {
                world.ids += 1;
                world.ids
            };
            decide(change, &mut payment, &mut orders, &mut ids);
        });
    }

    pub fn cancels(&mut self) {
        self.step(|change, payment, orders, ids| {
            let why = CancelReason::BuyerAsked;
            let at_hand = OrderAtHand { order: &mut orders[0], siblings: &mut Vec::new(), payment };
            drop(cancel(change, at_hand, &Cancellation { picks: None, why, note: None }, ids));
        });
    }

    /// What a gateway answers, of a refund by its place.
    pub fn says(&mut self, refund: usize, news: RefundNews) {
        let Some(id) = self.payment.doc.refunds.get(refund).map(|r| r.id.clone()) else { return };
        self.step(|change, payment, _, _| {
            refund_told(change, payment, &mut [], &id, None, news);
        });
    }

    /// Time passes, and the clock starts what is due of refunds.
    pub fn passes(&mut self, ms: i64) {
        self.now = self.now.plus(ms);
        while self.refunds_due.take_if(|due| *due <= self.now).is_some() {
            self.step(|change, payment, _, ids| refunds_due(change, payment, ids));
        }
    }

    /// Somebody settles what was suspended of an attempt.
    pub fn settles<T>(
        &mut self,
        attempt: &str,
        how: impl FnOnce(&mut Change, &mut Stored<Suspense>, &mut dyn Ids) -> T,
    ) -> T {
        self.change(|world, change| {
            let mut item = world.suspense[attempt].clone();
            let mut ids = || {
                world.ids += 1;
                world.ids
            };
            how(change, &mut item, &mut ids)
        })
    }

    pub fn balance(&self, prefix: &str) -> i64 {
        self.ledger.iter().filter(|(name, _)| name.starts_with(prefix)).map(|(_, sum)| sum).sum()
    }

    /// What must hold whatever has happened.
    pub fn holds(&self) -> Result<(), TestCaseError> {
        let payment = &self.payment.doc;
        let captured = payment.captured_minor();
        let losses = self.balance("platform:losses");
        let refunds = payment.refunds_minor();
        prop_assert!(refunds <= captured, "refunds {refunds} of {captured}");
        let owed = payment.refunds.iter().filter(|r| r.counts() && !r.is_done());
        let owed: i64 = owed.map(|r| r.amount_minor).sum();
        prop_assert_eq!(-self.balance("refunding:"), owed);
        let order = &self.orders[0].doc;
        let escrow = match order.state {
            OrderState::Cancelled { .. } => 0,
            OrderState::AwaitingPayment { .. } | OrderState::AwaitingConfirmation { .. } => {
                payment.applied_minor()
            }
            OrderState::Confirmed { .. } | OrderState::Completed { .. } => order.in_escrow_minor(),
        };
        prop_assert_eq!(-self.balance("escrow:"), escrow);
        prop_assert!(escrow >= 0);
        let sum: i64 = self.ledger.values().sum();
        prop_assert_eq!(sum, 0);
        // By the gateway or by our bank, the buyer has no more than came, or it shows as a loss.
        let back = captured - self.balance("gateway:") - self.balance("platform:bank");
        prop_assert!(back <= captured + losses, "{back} of {captured}, {losses} lost");
        prop_assert!((0..=1).contains(&self.pieces), "stock {}", self.pieces);
        Ok(())
    }
}
