//! Verdicts on money as a table, and what holds whatever gateways say and people do, in any order.

// A test says what it expects by failing.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use domain::*;
use proptest::prelude::*;
use std::collections::BTreeMap;

const DUE: i64 = 12_800;

type Paid = Stored<Payment>;
type Orders = Vec<Stored<Order>>;

/// A purchase of one order in a world of its own: what is stored, the ledger, and the time.
struct World {
    payment: Stored<Payment>,
    orders: Vec<Stored<Order>>,
    suspense: BTreeMap<String, Stored<Suspense>>,
    ledger: BTreeMap<String, i64>,
    pieces: i64,
    policy: Policy,
    now: Millis,
    ids: u128,
    told: u64,
}

fn read<D: Document>(change: &Change) -> Vec<Stored<D>> {
    let of_kind = change.docs().filter(|(kind, _)| *kind == D::KIND);
    let doc = |(_, written): (&str, &Written)| Stored {
        version: written.version + 1,
        doc: serde_json::from_str(written.doc.get()).unwrap(),
    };
    of_kind.map(doc).collect()
}

impl World {
    fn new() -> Self {
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
            pieces: 0,
            policy,
            now: Millis(0),
            ids,
            told: 0,
        }
    }

    /// Decides something and lives with it.
    fn change<T>(&mut self, decide: impl FnOnce(&mut Self, &mut Change) -> T) -> T {
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
                Effect::Adjust(_)
                | Effect::SendAgain { .. }
                | Effect::TimerRan { .. }
                | Effect::SetTimer { .. }
                | Effect::ClearTimer { .. }
                | Effect::Send(_) => {}
            }
        }
        answer
    }

    fn hears(&mut self, attempt: &str, what: PaymentNews) -> &'static str {
        self.told += 1;
        let fact = PaymentFact {
            gateway: GatewayName::parse("stripe").unwrap(),
            event_id: format!("evt_{}", self.told),
            account: None,
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
                priority: 0,
                pieces: world.pieces,
            };
            let at = PaymentSituation {
                payment: Some(world.payment.clone()),
                orders: world.orders.clone(),
                suspense: world.suspense.get(attempt).cloned(),
                stock: vec![stock],
                policy: world.policy.clone(),
                ..PaymentSituation::default()
            };
            let mut ids = || {
                world.ids += 1;
                world.ids
            };
            record_payment_fact(change, at, &fact, None, &mut ids)
        })
    }

    fn pays(&mut self, attempt: &str, minor: i64) -> &'static str {
        let amount = Money::new(minor, Currency::CNY);
        self.hears(attempt, PaymentNews::Captured { amount })
    }

    fn step(&mut self, decide: impl FnOnce(&mut Change, &mut Paid, &mut Orders, &mut dyn Ids)) {
        self.change(|world, change| {
            let (mut payment, mut orders) = (world.payment.clone(), world.orders.clone());
            let mut ids = || {
                world.ids += 1;
                world.ids
            };
            decide(change, &mut payment, &mut orders, &mut ids);
        });
    }

    fn balance(&self, prefix: &str) -> i64 {
        self.ledger.iter().filter(|(name, _)| name.starts_with(prefix)).map(|(_, sum)| sum).sum()
    }

    /// What must hold whatever has happened.
    fn holds(&self) -> Result<(), TestCaseError> {
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
            let Some(refund) = nth(world, *refund) else { return };
            let why = || "bank".to_owned();
            let news = match news {
                0 => RefundNews::Pending,
                1 => RefundNews::Succeeded,
                2 => RefundNews::Failed { reason: why() },
                _ => RefundNews::Undecided { reason: why() },
            };
            world.step(|change, payment, _, _| {
                refund_told(change, payment, &mut [], &refund.id, None, news);
            });
        }
        Step::Cancels => world.step(|change, payment, orders, ids| {
            let why = CancelReason::BuyerAsked;
            let at_hand = OrderAtHand { order: &mut orders[0], siblings: &mut Vec::new(), payment };
            drop(cancel(change, at_hand, &Cancellation { picks: None, why, note: None }, ids));
        }),
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
