//! A courier loses a parcel: its goods are sent again, and then the first one turns up.

use orderflow_tests::{
    DAY, DELIVERED, HOUR, MINUTE, ON_THE_WAY, PICKED_UP, Parcel, Purchase, RETURNED, Shop, Value,
    json, stories,
};

const AGAIN: &str = "send_again";

/// Two tees for 33.33 each that were lost on their way; one more was never sent.
async fn lost(shop: &Shop, pieces: i64) -> (Purchase, Parcel, Value) {
    shop.merchant("m1").sells("TEE", 3_333).stock("wh-sh", pieces).await;
    let purchase = shop.buyer("li").buys(&[("TEE", 2)]).await;
    shop.stripe_says_paid(&purchase).await;
    let parcel = shop.warehouse("wh-sh").ships(purchase.only(), &[(1, 2)]).await;
    shop.carrier_says(&parcel, &[PICKED_UP, ON_THE_WAY]).await;
    shop.is_later(HOUR).await;
    let lost = shop.support().reports(&parcel, "lost").await;
    (purchase, parcel, lost)
}

/// The same, and sent again: the second parcel is on its way.
async fn sent_again(shop: &Shop) -> (Purchase, Parcel, Parcel, Value) {
    let (purchase, first, lost) = lost(shop, 10).await;
    assert_eq!(shop.stock("TEE", "wh-sh").await, (8, 0));
    let decided = shop.support().handles(&lost, "resolve", &json!({"outcome": AGAIN})).await;
    assert_eq!(decided["state_detail"]["outcome"], "sent_again");
    assert_eq!(decided["state_detail"]["loss"]["amount"], 6_666);
    assert_eq!(shop.stock("TEE", "wh-sh").await, (8, 2), "held anew");
    let seen = shop.order(purchase.only()).await;
    assert_eq!(
        (&seen["fulfilment"], &seen["open_exceptions"]),
        (&json!("unfulfilled"), &json!([]))
    );
    let second = shop.warehouse("wh-sh").ships(purchase.only(), &[(1, 2)]).await;
    assert_eq!(shop.parcel(&second).await["replaces"], json!(first.id));
    assert_eq!(shop.stock("TEE", "wh-sh").await, (6, 0));
    assert_eq!(shop.parcel(&first).await["state"], "given_up");
    (purchase, first, second, lost)
}

async fn what_was_lost_is_sent_again_and_completes_like_any_other(shop: &Shop) {
    let (purchase, _, second, _) = sent_again(shop).await;
    shop.carrier_says(&second, &[DELIVERED]).await;
    assert_eq!(shop.order(purchase.only()).await["fulfilment"], "delivered");
    shop.time_passes(7 * DAY).await;
    assert_eq!(shop.order(purchase.only()).await["state"], "completed");
    assert_eq!(shop.gateway_paid_back(&purchase), 0);
    shop.time_passes(8 * DAY).await;
    assert_eq!(shop.order(purchase.only()).await["settlement"]["state"], "settled");
    shop.ledger(&purchase).await.escrow_is_empty();
}

async fn the_first_one_turns_up_and_the_buyer_has_it_twice(shop: &Shop) {
    let (purchase, first, second, lost) = sent_again(shop).await;
    shop.carrier_says(&second, &[DELIVERED]).await;
    shop.time_passes(3 * DAY).await;
    shop.carrier_says(&first, &[DELIVERED]).await;
    let open = shop.open_exception(&first).await;
    assert_eq!(open["id"], lost["id"], "it is the same exception, opened again");
    assert_ne!(open["turned_up_at"], Value::Null);
    let seen = shop.order(purchase.only()).await;
    assert_eq!(seen["completion"], json!({"state": "stopped", "left_ms": 4 * DAY}));
    assert_eq!(seen["lines"][0]["units"]["delivered"], 2, "what was paid for, and no more");
    let refund = json!({"outcome": "refund"});
    shop.support().handle(&open, "resolve", &refund).await.is_refused(409, "illegal_step");
    shop.time_passes(DAY).await;
    shop.support().handles(&open, "resolve", &json!({"outcome": "keep"})).await;
    assert_eq!(shop.exception(&lost).await["state_detail"]["outcome"], "kept");
    shop.time_passes(4 * DAY - MINUTE).await;
    assert_eq!(shop.order(purchase.only()).await["state"], "confirmed");
    shop.time_passes(MINUTE).await;
    assert_eq!(shop.order(purchase.only()).await["state"], "completed");
    assert_eq!(shop.stock("TEE", "wh-sh").await, (6, 0), "four pieces left, for good");
    assert_eq!(shop.gateway_paid_back(&purchase), 0);
}

async fn the_first_one_is_asked_back_and_its_goods_are_on_the_shelf_again(shop: &Shop) {
    let (purchase, first, second, lost) = sent_again(shop).await;
    shop.carrier_says(&second, &[DELIVERED]).await;
    shop.carrier_says(&first, &[DELIVERED]).await;
    let open = shop.open_exception(&first).await;
    let asked = shop.support().handles(&open, "intercept", &json!({})).await;
    assert_eq!(asked["state"], "intercepting");
    shop.is_later(DAY).await;
    shop.carrier_says(&first, &[RETURNED]).await;
    let back = shop.warehouse("wh-sh").takes_back(&first, &[(1, 2, "restock")]).await;
    assert_eq!((&back["state"], &back["final"]), (&json!("recovered"), &json!(true)));
    assert_eq!(shop.exception(&lost).await["state_detail"]["outcome"], "came_back");
    assert_eq!(shop.stock("TEE", "wh-sh").await, (8, 0));
    shop.warehouse("wh-sh").take_back(&first, &[]).await.is_refused(409, "illegal_step");
    assert_eq!(shop.order(purchase.only()).await["fulfilment"], "delivered");
    assert_eq!(shop.gateway_paid_back(&purchase), 0);
}

async fn the_first_one_comes_back_by_itself(shop: &Shop) {
    let (purchase, first, _, lost) = sent_again(shop).await;
    shop.carrier_says(&first, &[RETURNED]).await;
    assert_eq!(shop.exception(&lost).await["state"], "resolved", "nobody has it twice");
    shop.warehouse("wh-sh").takes_back(&first, &[(1, 1, "restock"), (1, 1, "scrap")]).await;
    assert_eq!(shop.stock("TEE", "wh-sh").await, (7, 0));
    assert_eq!(shop.order(purchase.only()).await["fulfilment"], "shipped");
}

async fn what_is_sold_out_is_paid_back_instead(shop: &Shop) {
    let (purchase, _, lost) = lost(shop, 3).await;
    let decided = shop.support().handles(&lost, "resolve", &json!({"outcome": AGAIN})).await;
    assert_eq!(decided["state_detail"]["outcome"], "paid_back");
    assert_eq!(decided["state_detail"]["out_of_stock"], true);
    shop.time_passes(MINUTE).await;
    assert_eq!(shop.gateway_paid_back(&purchase), purchase.total);
    let seen = shop.order(purchase.only()).await;
    assert_eq!(
        (&seen["state"], &seen["state_detail"]["why"]),
        (&json!("cancelled"), &json!("lost_by_carrier"))
    );
    assert_eq!(shop.stock("TEE", "wh-sh").await, (1, 0));
    shop.ledger(&purchase).await.escrow_is_empty();
}

async fn what_is_to_be_sent_again_can_still_be_cancelled(shop: &Shop) {
    let (purchase, first, lost) = lost(shop, 10).await;
    shop.support().handles(&lost, "resolve", &json!({"outcome": AGAIN})).await;
    shop.buyer("li").cancels(purchase.only()).await;
    shop.time_passes(MINUTE).await;
    assert_eq!(shop.gateway_paid_back(&purchase), purchase.total);
    assert_eq!(shop.stock("TEE", "wh-sh").await, (8, 0));
    shop.carrier_says(&first, &[DELIVERED]).await;
    assert_eq!(shop.open_exception(&first).await["id"], lost["id"], "somebody has to look");
    shop.ledger(&purchase).await.escrow_is_empty();
}

stories! {
    what_was_lost_is_sent_again_and_completes_like_any_other
    the_first_one_turns_up_and_the_buyer_has_it_twice
    the_first_one_is_asked_back_and_its_goods_are_on_the_shelf_again
    the_first_one_comes_back_by_itself
    what_is_sold_out_is_paid_back_instead
    what_is_to_be_sent_again_can_still_be_cancelled
}
