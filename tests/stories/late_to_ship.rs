//! The date by which a buyer was told that it ships is watched: the merchant is reminded before it,
//! and told when it has passed.

use orderflow_tests::{HOUR, Order, Purchase, Shop, Value, json, stories};

async fn three_tees(shop: &Shop) -> Purchase {
    shop.merchant("m1").sells("TEE", 10_000).stock("wh-sh", 9).await;
    let purchase = shop.buyer("li").buys(&[("TEE", 3)]).await;
    shop.stripe_says_paid(&purchase).await;
    purchase
}

async fn late(shop: &Shop) -> Vec<Value> {
    let list = shop.merchant("m1").get("/v1/orders?late=true").await.must(&[200]).json();
    let ids = list["orders"].as_array().unwrap().iter().map(|order| order["id"].clone());
    ids.collect()
}

/// How often the merchant heard that the date is near, and that it has passed.
fn heard(shop: &Shop, order: &Order) -> (usize, usize) {
    let count = |kind: &str| shop.merchant_heard(order, kind).len();
    (count("order.ship_due"), count("order.ship_overdue"))
}

async fn the_merchant_is_reminded_and_told_once_and_the_order_is_late_until_all_left(shop: &Shop) {
    let purchase = three_tees(shop).await;
    let (order, warehouse) = (purchase.only(), shop.warehouse("wh-sh"));
    shop.time_passes(35 * HOUR).await;
    assert_eq!(heard(shop, order), (0, 0));
    shop.time_passes(2 * HOUR).await;
    assert_eq!(heard(shop, order), (1, 0), "twelve hours before");
    warehouse.ships(order, &[(1, 1)]).await;
    assert_eq!(late(shop).await, [Value::Null; 0]);
    shop.time_passes(12 * HOUR).await;
    assert_eq!(heard(shop, order), (1, 1));
    let told = shop.merchant_heard(order, "order.ship_overdue");
    assert_eq!(told[0]["data"]["detail"]["pieces"], 2, "one of three has left");
    assert_eq!(shop.order(order).await["late_to_ship"], true);
    assert_eq!(late(shop).await, [json!(order.id)]);
    shop.time_passes(60 * HOUR).await;
    assert_eq!(heard(shop, order), (1, 1), "nobody is told twice");
    warehouse.ships(order, &[(1, 2)]).await;
    assert_eq!(shop.order(order).await["late_to_ship"], false);
    assert_eq!(late(shop).await, [Value::Null; 0]);
}

async fn what_left_in_time_or_was_cancelled_is_not_late(shop: &Shop) {
    let sent = three_tees(shop).await;
    let cancelled = shop.buyer("li").buys(&[("TEE", 2)]).await;
    shop.stripe_says_paid(&cancelled).await;
    shop.buyer("li").cancels(cancelled.only()).await;
    shop.warehouse("wh-sh").ships(sent.only(), &[(1, 2)]).await;
    shop.buyer("li").cancels_units(sent.only(), &[(1, 1)], "changed_mind").await;
    let timers = "select count(*) from timers where kind = 'ship_by'";
    assert_eq!(shop.books().number(timers), 0, "nobody watches any more");
    shop.time_passes(60 * HOUR).await;
    for order in [sent.only(), cancelled.only()] {
        assert_eq!(heard(shop, order), (0, 0));
        assert_eq!(shop.order(order).await["late_to_ship"], false);
    }
    let strange = shop.merchant("m1").get("/v1/orders?late=perhaps").await;
    strange.is_refused(400, "bad_filter");
}

async fn what_a_bank_doubts_is_late_only_when_the_doubt_is_over(shop: &Shop) {
    let purchase = three_tees(shop).await;
    let order = purchase.only();
    let (payment, total) = (&purchase.payment, purchase.total);
    let dispute = shop.gateway.dispute(payment, total, "cny", shop.now_s());
    shop.stripe_says(&dispute).await;
    shop.time_passes(60 * HOUR).await;
    assert_eq!(heard(shop, order), (0, 0), "it may not be shipped");
    let won = shop.gateway.dispute_closed(payment, (total, "cny"), true, shop.now_s());
    shop.stripe_says(&won).await;
    shop.time_passes(HOUR).await;
    assert_eq!(heard(shop, order), (0, 1));
}

stories! {
    the_merchant_is_reminded_and_told_once_and_the_order_is_late_until_all_left
    what_left_in_time_or_was_cancelled_is_not_late
    what_a_bank_doubts_is_late_only_when_the_doubt_is_over
}
