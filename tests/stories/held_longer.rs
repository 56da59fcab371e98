//! Goods are held while somebody pays: a payment that was started gets more time, once.

use orderflow_tests::{MINUTE, Purchase, SECOND, Shop, stories};

async fn bought(shop: &Shop) -> Purchase {
    shop.merchant("m1").sells("TEE", 12_800).stock("wh-sh", 10).await;
    shop.buyer("li").buys(&[("TEE", 3)]).await
}

async fn the_gateway_says_it_started(shop: &Shop, purchase: &Purchase, attempt: &str) {
    let at = shop.now_s();
    let (amount, currency) = (purchase.total, &purchase.currency);
    let attempt = shop.gateway.intent(attempt);
    shop.stripe_says(&attempt.processing(&purchase.payment, amount, currency, at)).await;
}

async fn a_payment_that_was_started_is_waited_for_once(shop: &Shop) {
    let purchase = bought(shop).await;
    let before = shop.order(purchase.only()).await["deadline"].clone();
    shop.time_passes(29 * MINUTE).await;
    the_gateway_says_it_started(shop, &purchase, "pi_first").await;
    let moved = shop.order(purchase.only()).await;
    assert_ne!(moved["deadline"], before);
    assert_eq!(moved["state_detail"]["until"], moved["deadline"]);
    assert_eq!(shop.payment(&purchase).await["deadline"], moved["deadline"]);
    // The old deadline passes, and nothing happens; a second attempt does not move it again.
    shop.time_passes(10 * MINUTE).await;
    assert_eq!(shop.order(purchase.only()).await["state"], "awaiting_payment");
    the_gateway_says_it_started(shop, &purchase, "pi_second").await;
    the_gateway_says_it_started(shop, &purchase, "pi_first").await;
    assert_eq!(shop.order(purchase.only()).await["deadline"], moved["deadline"]);
    shop.time_passes(7 * MINUTE).await;
    assert_eq!(shop.order(purchase.only()).await["state"], "cancelled");
    assert_eq!(shop.stock("TEE", "wh-sh").await, (10, 0));
}

async fn money_that_comes_in_the_time_given_is_kept(shop: &Shop) {
    let purchase = bought(shop).await;
    shop.time_passes(29 * MINUTE).await;
    the_gateway_says_it_started(shop, &purchase, "pi_first").await;
    shop.time_passes(14 * MINUTE).await;
    shop.stripe_says_paid(&purchase).await;
    assert_eq!(shop.order(purchase.only()).await["state"], "confirmed");
    shop.time_passes(60 * MINUTE).await;
    assert_eq!(shop.gateway_paid_back(&purchase), 0);
    assert_eq!(shop.stock("TEE", "wh-sh").await, (10, 3));
}

/// The gateway reserves the money first, and whoever runs the shop's till captures it later.
async fn money_that_is_reserved_keeps_the_goods_until_it_is_captured(shop: &Shop) {
    let purchase = bought(shop).await;
    shop.time_passes(29 * MINUTE).await;
    let (payment, total) = (&purchase.payment, purchase.total);
    shop.stripe_says(&shop.gateway.approved(payment, total, "cny", shop.now_s())).await;
    shop.time_passes(10 * MINUTE).await;
    let order = shop.order(purchase.only()).await;
    assert_eq!(order["state"], "awaiting_payment", "the goods are still there");
    assert_eq!(shop.payment(&purchase).await["status"], "authorised");
    shop.stripe_says(&shop.gateway.approved(payment, total, "cny", shop.now_s())).await;
    assert_eq!(shop.order(purchase.only()).await["deadline"], order["deadline"], "once");
    shop.stripe_says_paid(&purchase).await;
    assert_eq!(shop.order(purchase.only()).await["state"], "confirmed");
    assert_eq!(shop.verdicts(), ["noted", "noted", "confirmed"]);
    assert_eq!(shop.ledger(&purchase).await.postings("capture"), 1);
    assert_eq!(shop.stock("TEE", "wh-sh").await, (10, 3));
}

async fn news_of_a_start_after_the_end_changes_nothing(shop: &Shop) {
    let purchase = bought(shop).await;
    shop.time_passes(31 * MINUTE).await;
    the_gateway_says_it_started(shop, &purchase, "pi_late").await;
    shop.time_passes(SECOND).await;
    assert_eq!(shop.order(purchase.only()).await["state"], "cancelled");
    assert_eq!(shop.books().number("select count(*) from timers"), 0);
    assert_eq!(shop.stock("TEE", "wh-sh").await, (10, 0));
}

stories! {
    a_payment_that_was_started_is_waited_for_once
    money_that_comes_in_the_time_given_is_kept
    money_that_is_reserved_keeps_the_goods_until_it_is_captured
    news_of_a_start_after_the_end_changes_nothing
}
