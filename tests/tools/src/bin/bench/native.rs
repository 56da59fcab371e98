//! The same commits without components and HTTP: `domain::place` and `store` on rusqlite, in one
//! thread. One by one is what a program could do that waits for each; thirty-two in a statement is
//! the limit that group commit works towards.

use crate::busy::{Busy, Spent};
use crate::load::Measured;
use crate::scene::lines;
use anyhow::{Context as _, ensure};
use domain::{
    Actor, BuyerId, Change, DeliveryWanted, GatewayName, LineWanted, Millis, Order, PlacePurchase,
    Placed, Policy, SkuId, place,
};
use edge::{Answer, views};
use serde_json::{Value, json};
use std::cell::RefCell;
use std::path::Path;
use std::rc::Rc;
use std::time::{Duration, Instant};
use store::{Commit, Native, OnceKey, Outcome, Store};
use tools::Dice;

/// Commits of a statement.
const BATCH: usize = 32;

/// A figure of the database alone.
pub struct Alone {
    /// Its name.
    pub name: &'static str,
    /// Commits of a statement.
    pub batch: usize,
    /// What was measured.
    pub measured: Measured,
    /// What others had meanwhile.
    pub busy: Busy,
}

/// One commit per statement.
pub fn one_by_one(database: &Path, time: Duration) -> anyhow::Result<Alone> {
    alone("native_one_by_one", database, time, 1)
}

/// Thirty-two commits per statement.
pub fn batched(database: &Path, time: Duration) -> anyhow::Result<Alone> {
    alone("native_batched", database, time, BATCH)
}

fn alone(
    name: &'static str,
    database: &Path,
    time: Duration,
    batch: usize,
) -> anyhow::Result<Alone> {
    let before = Spent::now(None);
    let measured = run(database, time, batch)?;
    let busy = before.until(Spent::now(None), measured.all);
    Ok(Alone { name, batch, measured, busy })
}

fn run(database: &Path, time: Duration, batch: usize) -> anyhow::Result<Measured> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let native = Native::open(database).map_err(|error| {
            anyhow::anyhow!("could not open {}: {}", database.display(), error.0)
        })?;
        let store = Store::new(Rc::new(native));
        store.ready(now().0).await.context("could not look at the schema")?;
        let buyer = Buyer { store, dice: RefCell::new(Dice::new(now().0.unsigned_abs())) };
        let mut micros = Vec::new();
        let began = Instant::now();
        while began.elapsed() < time {
            let begun = Instant::now();
            buyer.buy(batch).await?;
            let each = u32::try_from(begun.elapsed().as_micros()).unwrap_or(u32::MAX);
            micros.extend(std::iter::repeat_n(each, batch));
        }
        Ok(Measured::of(micros.len() as u64, began.elapsed(), micros))
    })
}

fn now() -> Millis {
    Millis(chrono::Utc::now().timestamp_millis())
}

struct Buyer {
    store: Store,
    dice: RefCell<Dice>,
}

impl Buyer {
    fn id(&self) -> u128 {
        let mut dice = self.dice.borrow_mut();
        let random = (u128::from(dice.roll()) << 64) | u128::from(dice.roll());
        (now().0.unsigned_abs() as u128) << 80 | random >> 48
    }

    /// Places so many purchases with one statement.
    async fn buy(&self, batch: usize) -> anyhow::Result<()> {
        let mut decided = Vec::with_capacity(batch);
        for _ in 0..batch {
            decided.push(self.decide().await?);
        }
        // Who comes first writes alone, and the others gather behind: so first comes one that
        // writes nothing, and then they go together.
        let nothing = Change::new(Actor::Clock, now());
        let first = (batch > 1).then(|| self.store.commit(Commit::new(self.id(), &nothing)));
        let commits = decided.iter().map(|(change, once)| {
            let mut commit = Commit::new(self.id(), change);
            commit.once = Some(once.clone());
            self.store.commit(commit)
        });
        let outcomes = futures::future::join_all(first.into_iter().chain(commits)).await;
        for outcome in outcomes {
            ensure!(outcome? == Outcome::Applied, "a commit was refused, and nobody else is here");
        }
        Ok(())
    }

    async fn decide(&self) -> anyhow::Result<(Change, OnceKey)> {
        let wanted = self.wanted()?;
        let shelf = self.store.shelf(wanted.lines.iter().map(|line| &line.sku)).await?;
        let mut change = Change::new(Actor::Buyer(wanted.buyer.to_string()), now());
        let policy = Policy::default();
        let placed = place(&mut change, &shelf, &wanted, &policy, &mut || self.id())
            .map_err(|refusal| anyhow::anyhow!("a purchase was refused: {refusal:?}"))?;
        let once = OnceKey {
            key: format!("{:032x}", self.id()),
            hash: Some(format!("{:032x}", self.id())),
            answer: Some(serde_json::to_string(&answer(&placed))?),
            until_ms: Some(change.at.plus(policy.idempotency_ms).0),
        };
        Ok((change, once))
    }

    fn wanted(&self) -> anyhow::Result<PlacePurchase> {
        let lines = lines(&mut self.dice.borrow_mut(), false);
        let line = |(sku, quantity): (String, u64)| -> anyhow::Result<LineWanted> {
            let quantity = i64::try_from(quantity)?;
            Ok(LineWanted { sku: SkuId::parse(&sku)?, quantity, price: None })
        };
        let lines = lines.into_iter().map(line).collect::<anyhow::Result<_>>()?;
        let detail = "88 Hengshan Road, Building 3, 502";
        let delivery = DeliveryWanted::in_china("Li Na", "13800138000", "310104", detail);
        let (buyer, gateway) = (BuyerId::parse("buyer-0")?, GatewayName::parse("stripe")?);
        Ok(PlacePurchase::new(buyer, lines, delivery, gateway))
    }
}

/// About what the function answers, and keeps with the key.
fn answer(placed: &Placed) -> Answer {
    let order = |o: &Order| {
        json!({
            "id": o.id, "number": o.number, "merchant": o.merchant, "state": o.state.word(),
            "total": views::money(o.total_minor, o.currency), "ship_by": views::time(o.ship_by),
            "allowed_actions": o.allowed_actions(o.placed_at),
        })
    };
    let orders: Vec<Value> = placed.orders.iter().map(order).collect();
    let body = json!({
        "purchase": placed.purchase, "payment": views::payment(&placed.payment),
        "orders": orders,
    });
    Answer::created(format!("/v1/purchases/{}", placed.purchase), body)
}
