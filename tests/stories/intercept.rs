//! A buyer does not want any more what is on its way: the carrier is asked to bring it back.

use orderflow_tests::{
    DAY, DELIVERED, HOUR, MINUTE, ON_THE_WAY, Order, PICKED_UP, Parcel, Purchase, RETURNED,
    RETURNING, Shop, json, stories,
};

async fn under_way(shop: &Shop) -> (Purchase, Order, Parcel) {
    shop.merchant("m1").sells("TEE", 12_800).stock("wh-sh", 10).await;
    let purchase = shop.buyer("li").buys(&[("TEE", 1)]).await;
    shop.stripe_says_paid(&purchase).await;
    let order = purchase.only().clone();
    let parcel = shop.warehouse("wh-sh").ships(&order, &[(1, 1)]).await;
    shop.carrier_says(&parcel, &[PICKED_UP, ON_THE_WAY]).await;
    shop.buyer("li").cancel(&order).await.is_refused(409, "illegal_step");
    (purchase, order, parcel)
}

async fn what_is_stopped_comes_back_and_its_money_goes_back(shop: &Shop) {
    let (purchase, order, parcel) = under_way(shop).await;
    let wish = shop.buyer("li").reports(&parcel, "intercept").await;
    assert_eq!((&wish["kind"], &wish["state"]), (&json!("intercept"), &json!("open")));
    shop.buyer("li").handle(&wish, "intercept", &json!({})).await.is_refused(403, "forbidden");
    let asked = shop.support().handles(&wish, "intercept", &json!({})).await;
    assert_eq!(asked["state"], "intercepting");
    assert_eq!(asked["state_detail"]["by"], json!({"by": "support", "id": "agent-7"}));
    shop.is_later(HOUR).await;
    shop.carrier_says(&parcel, &[RETURNING]).await;
    shop.is_later(HOUR).await;
    shop.carrier_says(&parcel, &[RETURNED]).await;
    shop.warehouse("wh-sh").takes_back(&parcel, &[(1, 1, "restock")]).await;
    shop.time_passes(MINUTE).await;
    assert_eq!(shop.gateway_paid_back(&purchase), purchase.total);
    let seen = shop.order(&order).await;
    assert_eq!(
        (&seen["state"], &seen["state_detail"]["why"]),
        (&json!("cancelled"), &json!("buyer_asked"))
    );
    assert_eq!(seen["open_exceptions"], json!([]));
    assert_eq!(shop.exception(&wish).await["state_detail"]["outcome"], "came_back");
    assert_eq!(shop.stock("TEE", "wh-sh").await, (10, 0));
    shop.ledger(&purchase).await.escrow_is_empty();
}

async fn what_could_not_be_stopped_goes_on_as_a_return(shop: &Shop) {
    let (purchase, order, parcel) = under_way(shop).await;
    let wish = shop.buyer("li").reports(&parcel, "intercept").await;
    shop.support().handles(&wish, "intercept", &json!({})).await;
    shop.is_later(HOUR).await;
    let no = shop.support().handles(&wish, "not-intercepted", &json!({})).await;
    assert_eq!((&no["state"], &no["unstoppable"]), (&json!("open"), &json!(true)));
    shop.carrier_says(&parcel, &[DELIVERED]).await;
    let seen = shop.exception(&wish).await;
    assert_eq!(seen["state_detail"]["outcome"], "not_intercepted");
    let case = seen["state_detail"]["case"].as_str().expect("a case").to_owned();
    let case = orderflow_tests::Case { id: case };
    assert_eq!(shop.case(&case).await["state"], "under_review");
    assert_eq!(shop.order(&order).await["open_cases"], json!([case.id]));
    shop.merchant("m1").approves(&case).await;
    shop.buyer("li").sends_back(&case, "shunfeng", "SF1").await;
    shop.warehouse("wh-sh").receives(&case, &[(1, 1, "restock")]).await;
    shop.time_passes(MINUTE).await;
    assert_eq!(shop.gateway_paid_back(&purchase), purchase.total);
    assert_eq!(shop.stock("TEE", "wh-sh").await, (10, 0));
}

async fn what_a_merchant_wanted_back_and_was_delivered_is_the_buyers(shop: &Shop) {
    let (_, order, parcel) = under_way(shop).await;
    let wish = shop.merchant("m1").reports(&parcel, "intercept").await;
    shop.merchant("m1").handles(&wish, "intercept", &json!({})).await;
    shop.carrier_says(&parcel, &[DELIVERED]).await;
    let seen = shop.exception(&wish).await;
    assert_eq!(seen["state_detail"]["outcome"], "not_intercepted");
    assert_eq!(seen["state_detail"]["case"], json!(null));
    assert_eq!(shop.order(&order).await["open_cases"], json!([]));
    shop.time_passes(7 * DAY).await;
    assert_eq!(shop.order(&order).await["state"], "completed");
}

async fn what_the_buyer_has_cannot_be_stopped(shop: &Shop) {
    let (_, _, parcel) = under_way(shop).await;
    shop.carrier_says(&parcel, &[DELIVERED]).await;
    shop.buyer("li").report(&parcel, "intercept").await.is_refused(409, "illegal_step");
}

stories! {
    what_is_stopped_comes_back_and_its_money_goes_back
    what_could_not_be_stopped_goes_on_as_a_return
    what_a_merchant_wanted_back_and_was_delivered_is_the_buyers
    what_the_buyer_has_cannot_be_stopped
}
