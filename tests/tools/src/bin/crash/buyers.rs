//! People who order, pay and cancel, all at the same time, until the shop dies under their hands.

use crate::book::{Open, Placed, Wish};
use crate::shop::{CATALOG, Shop};
use crate::{Shared, locked};
use partners::{Delivery, Gateway};
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tools::{Call, Catalog, Client, Dice, basket};

const PAYMENTS: &str = "/v1/webhooks/payments/stripe";
/// How often a call that had no answer is made again while the system is busy.
const TRIES: usize = 20;

/// One of them.
struct Buyer {
    client: Client,
    token: String,
    dice: Dice,
    gateway: Gateway,
    /// Seconds since 1970 in the shop, when the round began.
    now_s: i64,
    book: Shared,
    dead: Arc<AtomicBool>,
    /// Makes keys that nobody else has.
    name: String,
    calls: u32,
}

/// Lets all of them buy, and kills the shop after that time.
pub async fn until_death(
    shop: &mut Shop,
    book: &Shared,
    load: Duration,
    dice: &Dice,
) -> anyhow::Result<()> {
    let dead = Arc::new(AtomicBool::new(false));
    let mut tasks = Vec::new();
    let round = dice.clone().roll();
    for (i, token) in shop.buyers.iter().enumerate() {
        let buyer = Buyer {
            client: shop.client()?,
            token: token.clone(),
            dice: dice.for_other(i as u64 + 1),
            gateway: shop.gateway.clone(),
            now_s: shop.now().timestamp(),
            book: book.clone(),
            dead: dead.clone(),
            name: format!("{round:016x}-{i}"),
            calls: 0,
        };
        tasks.push(tokio::spawn(buyer.live()));
    }
    tokio::time::sleep(load).await;
    shop.kill().await?;
    dead.store(true, Ordering::Release);
    for task in tasks {
        task.await?;
    }
    Ok(())
}

impl Buyer {
    async fn live(mut self) {
        while !self.dead.load(Ordering::Acquire) {
            let Some(placed) = self.order().await else { continue };
            if self.dice.percent(10) {
                self.cancel(&placed).await;
            }
            if self.dice.percent(65) {
                self.pay(&placed).await;
            }
            if self.dice.percent(15) {
                self.cancel(&placed).await;
            }
        }
    }

    fn key(&mut self) -> String {
        self.calls += 1;
        format!("{}-{}", self.name, self.calls)
    }

    async fn ask(&mut self, key: String, wish: Wish, call: Call) -> Option<Placed> {
        let open = Open { key, wish, call: call.clone() };
        match self.client.call(call).await {
            Ok(answer) => locked(&self.book).answered(open, &answer),
            Err(_) => {
                locked(&self.book).open.push(open);
                // Nobody is there any more, most likely.
                tokio::time::sleep(Duration::from_millis(5)).await;
                None
            }
        }
    }

    /// One to three lines, of one merchant or two; some want what everybody wants. The key is the
    /// order's note as well, so that the database can be asked how often it was done.
    async fn order(&mut self) -> Option<Placed> {
        let mut lines = Vec::new();
        let first = self.dice.below(CATALOG.merchants);
        let count = 1 + usize::try_from(self.dice.below(3)).unwrap_or(0);
        for sku in self.dice.different(count, CATALOG.skus_each) {
            let other = u64::from(self.dice.percent(20));
            let merchant = (first + other) % CATALOG.merchants;
            lines.push((Catalog::sku(merchant, sku), 1 + self.dice.below(3)));
        }
        if self.dice.percent(25) {
            lines.retain(|(sku, _)| *sku != Catalog::sku(0, 0));
            lines.push((Catalog::sku(0, 0), 2));
        }
        let key = self.key();
        let body = basket(&lines, Some(&key));
        let call = Call::post("/v1/purchases", &body).by(&self.token).once(&key);
        self.ask(key, Wish::Order, call).await
    }

    /// The gateway says it once or twice.
    async fn pay(&mut self, placed: &Placed) {
        let (payment, amount_minor) = (placed.payment.clone(), placed.due_minor);
        let paid = self.gateway.paid(&payment, amount_minor, "CNY", self.now_s);
        for _ in 0..=u64::from(self.dice.percent(25)) {
            let delivery = Box::new(paid.clone());
            let (key, payment) = (self.key(), payment.clone());
            let call = Call::webhook(PAYMENTS, &paid);
            self.ask(key, Wish::Pay { payment, amount_minor, delivery }, call).await;
        }
    }

    async fn cancel(&mut self, placed: &Placed) {
        let Some(order) = placed.orders.first().cloned() else { return };
        if !locked(&self.book).unwanted.insert(order.clone()) {
            return;
        }
        let key = self.key();
        let path = format!("/v1/orders/{order}/cancel");
        let call = Call::post(&path, &json!({})).by(&self.token).once(&key);
        self.ask(key, Wish::Cancel { order }, call).await;
    }
}

/// Makes every call again that had no answer, and then once more.
pub async fn ask_again(shop: &Shop, book: &Shared) -> anyhow::Result<()> {
    let mut client = shop.client()?;
    let open = std::mem::take(&mut locked(book).open);
    for call in &open {
        for _ in 0..2 {
            again(shop, book, &mut client, call).await?;
        }
    }
    Ok(())
}

async fn again(shop: &Shop, book: &Shared, client: &mut Client, open: &Open) -> anyhow::Result<()> {
    let now_s = shop.now().timestamp();
    let signed = |delivery: &Delivery| Call::webhook(PAYMENTS, &delivery.clone().signed_at(now_s));
    let call = match &open.wish {
        Wish::Pay { delivery, .. } => signed(delivery),
        Wish::Order | Wish::Cancel { .. } => open.call.clone(),
    };
    for _ in 0..TRIES {
        let answer = client.call(call.clone()).await?;
        let busy = answer.status.as_u16() == 503;
        {
            let mut book = locked(book);
            book.repeated += 1;
            if !busy {
                book.answered(open.clone(), &answer);
                return Ok(());
            }
        }
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
    anyhow::bail!("{} is answered 503 for seconds, and nobody else is here", open.key)
}
