//! Charged, and the order gone: money that comes after the deadline brings the purchase back if
//! everything is still there, and goes back itself if not.

use orderflow_tests::{HOUR, MINUTE, PICKED_UP, Purchase, SECOND, Shop, stories};

/// A purchase that nobody paid for in time.
async fn expired(shop: &Shop, pieces: i64) -> Purchase {
    shop.merchant("m1").sells("TEE", 12_800).stock("wh-sh", pieces).await;
    let purchase = shop.buyer("li").buys(&[("TEE", 1)]).await;
    shop.time_passes(31 * MINUTE).await;
    assert_eq!(shop.order(purchase.only()).await["state"], "cancelled");
    purchase
}

async fn pays(shop: &Shop, purchase: &Purchase, amount: i64) {
    shop.stripe_says(&shop.paid(purchase, amount)).await;
    shop.time_passes(SECOND).await;
}

async fn money_that_comes_an_hour_late_brings_the_order_back(shop: &Shop) {
    let purchase = expired(shop, 10).await;
    shop.is_later(HOUR).await;
    pays(shop, &purchase, 12_800).await;
    assert_eq!(shop.verdicts(), ["revived"]);
    let order = shop.order(purchase.only()).await;
    assert_eq!((&order["state"], &order["final"]), (&"confirmed".into(), &false.into()));
    assert_eq!(shop.stock("TEE", "wh-sh").await, (10, 1));
    assert_eq!(shop.gateway_paid_back(&purchase), 0);
    assert_eq!(shop.merchant_heard(purchase.only(), "order.revived").len(), 1);
    let parcel = shop.warehouse("wh-sh").ships(purchase.only(), &[(1, 1)]).await;
    shop.carrier_says(&parcel, &[PICKED_UP]).await;
    assert_eq!(shop.stock("TEE", "wh-sh").await, (9, 0));
}

async fn a_day_later_the_money_goes_back(shop: &Shop) {
    let purchase = expired(shop, 10).await;
    shop.is_later(25 * HOUR).await;
    pays(shop, &purchase, 12_800).await;
    assert_eq!(shop.verdicts(), ["paid_after_cancel_refunded"]);
    assert_eq!(shop.order(purchase.only()).await["state"], "cancelled");
    assert_eq!(shop.gateway_paid_back(&purchase), 12_800);
    assert_eq!(shop.stock("TEE", "wh-sh").await, (10, 0));
}

async fn a_part_of_the_money_brings_nothing_back(shop: &Shop) {
    let purchase = expired(shop, 10).await;
    pays(shop, &purchase, 12_799).await;
    assert_eq!(shop.order(purchase.only()).await["state"], "cancelled");
    assert_eq!(shop.gateway_paid_back(&purchase), 12_799);
}

async fn too_much_money_brings_it_back_and_the_rest_goes_back(shop: &Shop) {
    let purchase = expired(shop, 10).await;
    pays(shop, &purchase, 13_000).await;
    assert_eq!(shop.order(purchase.only()).await["state"], "confirmed");
    assert_eq!(shop.gateway_paid_back(&purchase), 200);
}

async fn a_part_that_went_back_at_the_deadline_does_not_count_again(shop: &Shop) {
    shop.merchant("m1").sells("TEE", 12_800).stock("wh-sh", 10).await;
    let purchase = shop.buyer("li").buys(&[("TEE", 1)]).await;
    shop.stripe_says(&shop.paid(&purchase, 5_000)).await;
    shop.time_passes(31 * MINUTE).await;
    assert_eq!(shop.gateway_paid_back(&purchase), 5_000);
    // The same attempt brings the rest, which alone is too little;
    shop.stripe_says(&shop.paid(&purchase, 12_800)).await;
    shop.time_passes(SECOND).await;
    assert_eq!(shop.order(purchase.only()).await["state"], "cancelled");
    assert_eq!(shop.gateway_paid_back(&purchase), 12_800);
    // a second attempt brings all of it.
    let second = shop.gateway.intent("pi_second");
    shop.stripe_says(&second.paid(&purchase.payment, 12_800, "cny", shop.now_s())).await;
    shop.time_passes(SECOND).await;
    assert_eq!(shop.order(purchase.only()).await["state"], "confirmed");
    assert_eq!(shop.gateway_paid_back(&purchase), 12_800);
    assert_eq!(shop.ledger(&purchase).await.balance("escrow:"), -12_800);
}

async fn a_purchase_of_two_merchants_comes_back_as_a_whole_or_not(shop: &Shop) {
    shop.merchant("m1").sells("TEE", 12_800).stock("wh-sh", 10).await;
    shop.merchant("m2").sells("MUG", 4_500).stock("wh-gz", 1).await;
    let buyer = shop.buyer("li");
    let gone = buyer.buys(&[("TEE", 1), ("MUG", 1)]).await;
    shop.time_passes(31 * MINUTE).await;
    let other = shop.buyer("han").buys(&[("MUG", 1)]).await;
    pays(shop, &gone, gone.total).await;
    for order in &gone.orders {
        assert_eq!(shop.order(order).await["state"], "cancelled");
    }
    assert_eq!(shop.gateway_paid_back(&gone), gone.total);
    shop.buyer("han").cancels(other.only()).await;
    let back = buyer.buys(&[("TEE", 1), ("MUG", 1)]).await;
    shop.time_passes(31 * MINUTE).await;
    pays(shop, &back, back.total).await;
    for order in &back.orders {
        assert_eq!(shop.order(order).await["state"], "confirmed");
    }
}

async fn the_last_piece_goes_to_one_of_many_who_pay_late(shop: &Shop) {
    shop.is_stubborn(50);
    shop.merchant("m1").sells("TEE", 10_000).stock("wh-sh", 1).await;
    let mut purchases = Vec::new();
    for n in 0..4 {
        purchases.push(shop.buyer(&format!("buyer-{n}")).buys(&[("TEE", 1)]).await);
        shop.time_passes(31 * MINUTE).await;
    }
    let paid: Vec<_> = purchases.iter().map(|one| shop.paid(one, one.total)).collect();
    futures::future::join_all(paid.iter().map(|delivery| shop.stripe_says(delivery))).await;
    shop.time_passes(SECOND).await;
    let mut back = 0;
    for purchase in &purchases {
        let cancelled = shop.order(purchase.only()).await["state"] == "cancelled";
        assert_eq!(shop.gateway_paid_back(purchase), if cancelled { purchase.total } else { 0 });
        back += usize::from(cancelled);
    }
    assert_eq!(back, 3);
    assert_eq!(shop.stock("TEE", "wh-sh").await, (1, 1));
}

stories! {
    money_that_comes_an_hour_late_brings_the_order_back
    a_day_later_the_money_goes_back
    a_part_of_the_money_brings_nothing_back
    too_much_money_brings_it_back_and_the_rest_goes_back
    a_part_that_went_back_at_the_deadline_does_not_count_again
    a_purchase_of_two_merchants_comes_back_as_a_whole_or_not
    the_last_piece_goes_to_one_of_many_who_pay_late
}
