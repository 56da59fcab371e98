//! From the quote to the money: one purchase, one order for each merchant.

use crate::field::{list, number, text};
use crate::stage::{Stage, Who};
use anyhow::{Context as _, ensure};
use serde_json::{Value, json};
use tools::yuan;

/// Where Stripe tells us things.
pub const PAYMENTS: &str = "/v1/webhooks/payments/stripe";
/// What the shop's promotion gives, over all goods.
const OFF_MINOR: i64 = 3_000;

/// What a buyer was told it costs.
pub struct Quoted {
    body: Value,
}

/// What was bought.
#[derive(Debug, Clone)]
pub struct Bought {
    /// The purchase.
    pub purchase: String,
    /// Its payment.
    pub payment: String,
    /// What was paid for it all.
    pub total_minor: i64,
    /// The tea merchant's order.
    pub tea: Ordered,
    /// The pot merchant's order.
    pub pots: Ordered,
}

/// One order.
#[derive(Debug, Clone)]
pub struct Ordered {
    /// Its id.
    pub id: String,
    /// The number that people read out.
    pub number: String,
    /// Where it is.
    pub path: String,
}

/// The buyer asks what it costs.
pub async fn quote(stage: &mut Stage) -> anyhow::Result<Quoted> {
    stage.voice.step("What does it cost?");
    let line = |goods: &crate::cast::Goods| {
        let price = goods.body.get("price_minor").cloned().unwrap_or_default();
        json!({"sku": goods.sku, "quantity": goods.wanted,
            "price": {"amount": price, "currency": "CNY"}})
    };
    let lines: Vec<Value> = stage.cast.goods.iter().map(line).collect();
    let off = json!({"id": "autumn", "amount": {"amount": OFF_MINOR, "currency": "CNY"}});
    let mut body = json!({
        "lines": lines, "discounts": [off],
        "delivery": {"recipient": "Ling", "phone": "13800138000", "region": "310104",
            "detail": "88 Hengshan Road, Building 3, 502"},
    });
    let answer = stage.act(Who::Buyer, "/v1/quotes", &body, 200).await?;
    let (tea, pots) = (&stage.cast.tea, &stage.cast.pots);
    let wants = [stage.cast.basket_of(tea), stage.cast.basket_of(pots)].join(", ");
    let what = format!("asks for a quote: {wants}; {} CNY off all of it", yuan(OFF_MINOR));
    stage.voice.did(Who::Buyer.name(), &what);
    let total = number(&answer, "/total/amount")?;
    let discount: i64 = list(&answer, "/orders")?
        .iter()
        .filter_map(|order| order.get("lines").and_then(Value::as_array))
        .flatten()
        .filter_map(|line| line.pointer("/discount/amount").and_then(Value::as_i64))
        .sum();
    ensure!(discount == OFF_MINOR, "the lines' discounts sum to {discount}, not to {OFF_MINOR}");
    stage.voice.now(&format!(
        "{} CNY with shipping; the discount is shared over the lines and loses no cent",
        yuan(total)
    ));
    if let Some(body) = body.as_object_mut() {
        body.insert("total".to_owned(), json!({"amount": total, "currency": "CNY"}));
    }
    Ok(Quoted { body })
}

/// The buyer orders what was quoted; a repeated click changes nothing.
pub async fn place(stage: &mut Stage, quoted: Quoted) -> anyhow::Result<Bought> {
    stage.voice.step("The order");
    let key = format!("demo-{}-order", stage.cast.run);
    let placed = stage.act_as(Who::Buyer, "/v1/purchases", &quoted.body, 201, &key).await?;
    let again = stage.act_as(Who::Buyer, "/v1/purchases", &quoted.body, 201, &key).await?;
    ensure!(placed == again, "the same Idempotency-Key gave two purchases: {placed} and {again}");
    let order = |merchant: &str| -> anyhow::Result<Ordered> {
        let orders = list(&placed, "/orders")?;
        let own = orders.iter().find(|o| o.get("merchant") == Some(&json!(merchant)));
        let own = own.with_context(|| format!("there is no order for {merchant}"))?;
        let id = text(own, "/id")?.to_owned();
        let path = format!("/v1/orders/{id}");
        Ok(Ordered { number: text(own, "/number")?.to_owned(), id, path })
    };
    let bought = Bought {
        purchase: text(&placed, "/purchase")?.to_owned(),
        payment: text(&placed, "/payment/id")?.to_owned(),
        total_minor: number(&placed, "/payment/due/amount")?,
        tea: order(&stage.cast.tea.id)?,
        pots: order(&stage.cast.pots.id)?,
    };
    let what = "orders it, and clicks twice: the same Idempotency-Key gives the same purchase";
    stage.voice.did(Who::Buyer.name(), what);
    for (order, merchant) in [(&bought.tea, &stage.cast.tea), (&bought.pots, &stage.cast.pots)] {
        let (number, name) = (&order.number, merchant.name);
        let what = format!("order {number} for {name}: awaiting_payment, its pieces are held");
        stage.voice.now(&what);
    }
    for goods in stage.cast.goods.clone() {
        let held = stock(stage, &goods.sku).await?.1;
        ensure!(held == goods.wanted, "{held} of {} are held, not {}", goods.sku, goods.wanted);
    }
    must_be(stage, &bought, "/state", ["awaiting_payment"; 2]).await?;
    Ok(bought)
}

/// The gateway says that the money came, twice.
pub async fn pay(stage: &mut Stage, bought: &Bought) -> anyhow::Result<()> {
    stage.voice.step("The money");
    let now = stage.now().await?.timestamp();
    let paid = stage.gateway.paid(&bought.payment, bought.total_minor, "CNY", now);
    stage.told(PAYMENTS, &paid, 2).await?;
    let total = yuan(bought.total_minor);
    let what = format!("takes {total} CNY and says so in a signed webhook, and says it again");
    stage.voice.did("payment gateway", &what);
    must_be(stage, bought, "/state", ["confirmed"; 2]).await?;
    let purchase = stage.get(Who::Buyer, &format!("/v1/purchases/{}", bought.purchase)).await?;
    let status = text(&purchase, "/payment/status")?;
    ensure!(status == "paid", "the payment is {status}, not paid");
    let captured = number(&purchase, "/payment/captured/amount")?;
    ensure!(captured == bought.total_minor, "captured is {captured} after the repeated webhook");
    stage.voice.now(&format!("payment: paid, captured {} CNY once", yuan(captured)));
    stage.voice.now("both orders: confirmed");
    Ok(())
}

/// Checks one field of both orders: the tea merchant's, then the pot merchant's.
pub async fn must_be(
    stage: &mut Stage,
    bought: &Bought,
    pointer: &str,
    expected: [&str; 2],
) -> anyhow::Result<()> {
    for (order, expected) in [&bought.tea, &bought.pots].into_iter().zip(expected) {
        let seen = stage.get(Who::Buyer, &order.path).await?;
        let is = text(&seen, pointer)?;
        ensure!(is == expected, "order {}: {pointer} is {is}, not {expected}", order.number);
    }
    Ok(())
}

/// Pieces of an SKU: on hand, and held of them.
pub async fn stock(stage: &mut Stage, sku: &str) -> anyhow::Result<(i64, i64)> {
    let seen = stage.get(Who::Operator, &format!("/v1/catalog/skus/{sku}/stock")).await?;
    let mut sum = (0, 0);
    for place in list(&seen, "/stock")? {
        sum = (sum.0 + number(place, "/on_hand")?, sum.1 + number(place, "/held")?);
    }
    Ok(sum)
}
