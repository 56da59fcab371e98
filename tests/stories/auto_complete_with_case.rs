//! The time in which an order completes by itself stands still while something is open, and then
//! goes on with what was left.

use orderflow_tests::{
    DAY, DELIVERED, HOUR, MINUTE, ON_THE_WAY, Order, PICKED_UP, Parcel, Shop, json, stories,
};

/// Two pieces in one parcel, delivered at this moment.
async fn delivered(shop: &Shop) -> (Order, Parcel) {
    shop.merchant("m1").sells("TEE", 12_800).stock("wh-sh", 10).await;
    let purchase = shop.buyer("li").buys(&[("TEE", 2)]).await;
    shop.stripe_says_paid(&purchase).await;
    let parcel = shop.sends(purchase.only()).await;
    (purchase.only().clone(), parcel)
}

/// It completes after this time to the minute, and not before.
async fn completes_after(shop: &Shop, order: &Order, ms: i64) {
    let due = edge::views::time(shop.now().plus(ms));
    let seen = shop.order(order).await;
    assert_eq!(seen["completion"], json!({"state": "running", "due": due}));
    assert_eq!(seen["deadline"], json!(due));
    shop.time_passes(ms - MINUTE).await;
    assert_eq!(shop.order(order).await["state"], "confirmed");
    shop.time_passes(MINUTE).await;
    let seen = shop.order(order).await;
    assert_eq!((&seen["state"], &seen["completion"]), (&json!("completed"), &json!(null)));
}

async fn an_open_case_gives_the_rest_of_the_time_back(shop: &Shop) {
    let (order, _) = delivered(shop).await;
    let buyer = shop.buyer("li");
    shop.time_passes(3 * DAY).await;
    let case = buyer.wants_to_return(&order, &[(1, 1)]).await;
    let stopped = json!({"state": "stopped", "left_ms": 4 * DAY});
    assert_eq!(shop.order(&order).await["completion"], stopped);
    shop.time_passes(DAY).await;
    let second = buyer.wants_to_return(&order, &[(1, 1)]).await;
    shop.time_passes(5 * HOUR).await;
    buyer.withdraws(&case).await;
    assert_eq!(shop.order(&order).await["completion"], stopped, "one is still open");
    buyer.confirm_receipt(&order).await.is_refused(409, "illegal_step");
    shop.time_passes(7 * HOUR).await;
    buyer.withdraws(&second).await;
    completes_after(shop, &order, 4 * DAY).await;
}

async fn an_open_exception_gives_the_rest_of_the_time_back_too(shop: &Shop) {
    let (order, parcel) = delivered(shop).await;
    shop.time_passes(6 * DAY).await;
    let damaged = shop.support().reports(&parcel, "damaged").await;
    let case = shop.buyer("li").wants_to_return(&order, &[(1, 1)]).await;
    shop.time_passes(DAY).await;
    shop.support().handles(&damaged, "resolve", &json!({"outcome": "dismiss"})).await;
    let stopped = json!({"state": "stopped", "left_ms": DAY});
    assert_eq!(shop.order(&order).await["completion"], stopped, "the case is still open");
    shop.buyer("li").withdraws(&case).await;
    completes_after(shop, &order, DAY).await;
}

async fn what_is_still_to_come_keeps_it_from_completing(shop: &Shop) {
    shop.merchant("m1").sells("TEE", 12_800).stock("wh-sh", 10).await;
    let purchase = shop.buyer("li").buys(&[("TEE", 2)]).await;
    shop.stripe_says_paid(&purchase).await;
    let (order, warehouse) = (purchase.only(), shop.warehouse("wh-sh"));
    let first = warehouse.ships(order, &[(1, 1)]).await;
    let second = warehouse.ships(order, &[(1, 1)]).await;
    shop.carrier_says(&first, &[PICKED_UP, DELIVERED]).await;
    shop.carrier_says(&second, &[PICKED_UP, ON_THE_WAY]).await;
    shop.time_passes(30 * DAY).await;
    let seen = shop.order(order).await;
    assert_eq!((&seen["state"], &seen["completion"]), (&json!("confirmed"), &json!(null)));
    shop.carrier_says(&second, &[DELIVERED]).await;
    completes_after(shop, order, 7 * DAY).await;
}

async fn what_is_open_holds_the_merchants_money_too(shop: &Shop) {
    let (order, parcel) = delivered(shop).await;
    shop.buyer("li").confirms_receipt(&order).await;
    let damaged = shop.support().reports(&parcel, "damaged").await;
    shop.time_passes(8 * DAY).await;
    assert_eq!(shop.order(&order).await["settlement"]["state"], "frozen");
    shop.support().handles(&damaged, "resolve", &json!({"outcome": "dismiss"})).await;
    shop.time_passes(MINUTE).await;
    assert_eq!(shop.order(&order).await["settlement"]["state"], "settled");
}

stories! {
    an_open_case_gives_the_rest_of_the_time_back
    an_open_exception_gives_the_rest_of_the_time_back_too
    what_is_still_to_come_keeps_it_from_completing
    what_is_open_holds_the_merchants_money_too
}
