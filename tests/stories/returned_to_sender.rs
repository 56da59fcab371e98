//! What was paid for comes back to the warehouse, because it reached nobody: its money goes back.

use orderflow_tests::{
    DAY, DELIVERED, HOUR, MINUTE, ON_THE_WAY, Order, PICKED_UP, Purchase, RETURNED, Shop, json,
    stories,
};

/// Three tees for 33.33 each, and 10.00 for shipping.
async fn three_tees(shop: &Shop) -> Purchase {
    shop.merchant("m1").joins(json!({"shipping": {"fee_minor": 1_000}})).await;
    shop.merchant("m1").sells("TEE", 3_333).stock("wh-sh", 10).await;
    let purchase = shop.buyer("li").buys(&[("TEE", 3)]).await;
    shop.stripe_says_paid(&purchase).await;
    purchase
}

/// A parcel with so many tees that its carrier brought back.
async fn brought_back(shop: &Shop, order: &Order, units: i64) -> orderflow_tests::Parcel {
    let parcel = shop.warehouse("wh-sh").ships(order, &[(1, units)]).await;
    shop.carrier_says(&parcel, &[PICKED_UP, ON_THE_WAY]).await;
    shop.is_later(HOUR).await;
    shop.carrier_says(&parcel, &[RETURNED]).await;
    parcel
}

async fn an_order_that_reached_nobody_is_paid_back_with_its_shipping(shop: &Shop) {
    let purchase = three_tees(shop).await;
    let (order, warehouse) = (purchase.only(), shop.warehouse("wh-sh"));
    let under_way = warehouse.ships(order, &[(1, 1)]).await;
    let early = warehouse.take_back(&under_way, &[(1, 1, "restock")]).await;
    early.is_refused(409, "illegal_step");
    let parcel = brought_back(shop, order, 2).await;
    let seen = warehouse.takes_back(&parcel, &[(1, 1, "restock"), (1, 1, "scrap")]).await;
    assert_eq!((&seen["state"], &seen["final"]), (&json!("came_back"), &json!(true)));
    shop.time_passes(MINUTE).await;
    assert_eq!(shop.gateway_paid_back(&purchase), 6_666, "shipping may still be worth something");
    assert_eq!(shop.order(order).await["state"], "confirmed");
    shop.carrier_says(&under_way, &[RETURNED]).await;
    warehouse.takes_back(&under_way, &[(1, 1, "restock")]).await;
    shop.time_passes(MINUTE).await;
    assert_eq!(shop.gateway_paid_back(&purchase), purchase.total);
    let seen = shop.order(order).await;
    assert_eq!((&seen["state"], &seen["final"]), (&json!("cancelled"), &json!(true)));
    assert_eq!(seen["state_detail"]["why"], "returned_to_sender");
    assert_eq!(shop.stock("TEE", "wh-sh").await, (9, 0));
    assert_eq!(shop.payment(&purchase).await["status"], "refunded");
    shop.ledger(&purchase).await.escrow_is_empty();
    warehouse.take_back(&parcel, &[]).await.is_refused(409, "illegal_step");
}

async fn what_reached_the_buyer_keeps_its_shipping(shop: &Shop) {
    let purchase = three_tees(shop).await;
    let (order, warehouse) = (purchase.only(), shop.warehouse("wh-sh"));
    let taken = warehouse.ships(order, &[(1, 1)]).await;
    shop.carrier_says(&taken, &[DELIVERED]).await;
    let parcel = brought_back(shop, order, 2).await;
    assert_eq!(shop.order(order).await["fulfilment"], "partly_delivered");
    warehouse.takes_back(&parcel, &[(1, 2, "restock")]).await;
    shop.time_passes(MINUTE).await;
    assert_eq!(shop.gateway_paid_back(&purchase), 6_666);
    assert_eq!(shop.order(order).await["fulfilment"], "delivered");
    shop.time_passes(8 * DAY).await;
    assert_eq!(shop.order(order).await["state"], "completed");
    shop.time_passes(8 * DAY).await;
    let settled = shop.order(order).await["settlement"].clone();
    let kept = 3_333 + 1_000;
    assert_eq!(settled["net"]["amount"], kept - 167 - 100, "commission is taken on goods");
    shop.ledger(&purchase).await.escrow_is_empty();
}

async fn units_that_were_not_sent_yet_are_paid_back_when_nobody_wants_them(shop: &Shop) {
    let purchase = three_tees(shop).await;
    let order = purchase.only();
    let parcel = brought_back(shop, order, 2).await;
    shop.warehouse("wh-sh").takes_back(&parcel, &[(1, 2, "restock")]).await;
    // Nothing of it is anywhere: the last unit takes shipping with it.
    shop.buyer("li").wants_no_more(order, &[(1, 1)]).await;
    shop.time_passes(MINUTE).await;
    assert_eq!(shop.gateway_paid_back(&purchase), purchase.total);
    assert_eq!(shop.order(order).await["state"], "cancelled");
    shop.ledger(&purchase).await.escrow_is_empty();
}

async fn what_was_told_as_delivered_and_is_back_is_paid_back(shop: &Shop) {
    let purchase = three_tees(shop).await;
    let (order, warehouse) = (purchase.only(), shop.warehouse("wh-sh"));
    let parcel = warehouse.ships(order, &[(1, 3)]).await;
    shop.carrier_says(&parcel, &[DELIVERED]).await;
    warehouse.take_back(&parcel, &[(1, 3, "restock")]).await.is_refused(409, "illegal_step");
    let case = shop.buyer("li").wants_to_return(order, &[(1, 1)]).await;
    shop.is_later(HOUR).await;
    shop.carrier_says(&parcel, &[RETURNED]).await;
    warehouse.take_back(&parcel, &[(1, 3, "restock")]).await.is_refused(409, "already_in_case");
    shop.buyer("li").withdraws(&case).await;
    warehouse.takes_back(&parcel, &[(1, 3, "restock")]).await;
    shop.time_passes(8 * DAY).await;
    assert_eq!(shop.gateway_paid_back(&purchase), purchase.total);
    assert_eq!(shop.order(order).await["state"], "cancelled");
    assert_eq!(shop.stock("TEE", "wh-sh").await, (10, 0));
    shop.ledger(&purchase).await.escrow_is_empty();
}

async fn what_is_settled_is_not_taken_back(shop: &Shop) {
    let purchase = three_tees(shop).await;
    let (order, warehouse) = (purchase.only(), shop.warehouse("wh-sh"));
    let parcel = warehouse.ships(order, &[(1, 3)]).await;
    shop.carrier_says(&parcel, &[DELIVERED]).await;
    shop.buyer("li").confirms_receipt(order).await;
    shop.time_passes(8 * DAY).await;
    assert_eq!(shop.order(order).await["settlement"]["state"], "settled");
    shop.carrier_says(&parcel, &[RETURNED]).await;
    warehouse.take_back(&parcel, &[(1, 3, "restock")]).await.is_refused(409, "window_closed");
}

stories! {
    an_order_that_reached_nobody_is_paid_back_with_its_shipping
    what_reached_the_buyer_keeps_its_shipping
    units_that_were_not_sent_yet_are_paid_back_when_nobody_wants_them
    what_was_told_as_delivered_and_is_back_is_paid_back
    what_is_settled_is_not_taken_back
}
