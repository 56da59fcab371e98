//! The buyer wants no more of it, and it is still on the shelf: the money goes back at once.

use orderflow_tests::{Purchase, SECOND, Shop, json, stories};

async fn three_tees_with_shipping(shop: &Shop) -> Purchase {
    let merchant = shop.merchant("m1");
    merchant.joins(json!({"shipping": {"fee_minor": 1_000}})).await;
    merchant.sells("TEE", 3_333).stock("wh-sh", 10).await;
    let purchase = shop.buyer("li").buys(&[("TEE", 3)]).await;
    assert_eq!(purchase.total, 3 * 3_333 + 1_000);
    shop.stripe_says_paid(&purchase).await;
    purchase
}

async fn a_cancelled_order_is_paid_back_whole(shop: &Shop) {
    let purchase = three_tees_with_shipping(shop).await;
    let seen = shop.buyer("li").cancels(purchase.only()).await;
    assert_eq!(seen["state"], "cancelled");
    assert_eq!(shop.stock("TEE", "wh-sh").await, (10, 0));
    assert_eq!(shop.ledger(&purchase).await.balance("refunding:"), -purchase.total);
    shop.time_passes(SECOND).await;
    assert_eq!(shop.gateway_paid_back(&purchase), purchase.total);
    assert_eq!(shop.payment(&purchase).await["status"], "refunded");
    let ledger = shop.ledger(&purchase).await;
    ledger.escrow_is_empty();
    assert_eq!((ledger.balance("gateway:stripe"), ledger.balance("refunding:")), (0, 0));
    let heard = shop.merchant_heard(purchase.only(), "order.refund_granted");
    assert_eq!(heard.len(), 1);
}

async fn one_of_three_is_paid_back_and_two_are_sent(shop: &Shop) {
    let purchase = three_tees_with_shipping(shop).await;
    let order = purchase.only();
    let case = shop.buyer("li").wants_no_more(order, &[(1, 1)]).await;
    shop.time_passes(SECOND).await;
    assert_eq!(shop.case(&case).await["state"], "refunded");
    assert_eq!(shop.gateway_paid_back(&purchase), 3_333, "shipping is not given back");
    assert_eq!(shop.stock("TEE", "wh-sh").await, (10, 2));
    let buyer = shop.buyer("li");
    buyer.ask_back("refund_only", order, &[(1, 3)]).await.is_refused(409, "too_many_units");
    shop.sends(order).await;
    assert_eq!(shop.order(order).await["fulfilment"], "delivered");
    buyer.ask_back("refund_only", order, &[(1, 1)]).await.is_refused(409, "too_many_units");
    assert_eq!(shop.stock("TEE", "wh-sh").await, (8, 0));
}

async fn shipping_goes_back_with_the_last_unit_of_an_order_that_was_not_sent(shop: &Shop) {
    let purchase = three_tees_with_shipping(shop).await;
    let (buyer, order) = (shop.buyer("li"), purchase.only());
    for back in [3_333, 6_666, 10_999] {
        buyer.wants_no_more(order, &[(1, 1)]).await;
        shop.time_passes(SECOND).await;
        assert_eq!(shop.gateway_paid_back(&purchase), back);
    }
    assert_eq!(shop.order(order).await["state"], "cancelled");
    shop.ledger(&purchase).await.escrow_is_empty();
}

async fn units_named_one_by_one_are_worth_what_they_are_worth_together(shop: &Shop) {
    shop.merchant("m1").sells("TEE", 3_333).stock("wh-sh", 1).stock("wh-bj", 2).await;
    let buyer = shop.buyer("li");
    let discount = json!([{"id": "100-off", "amount": {"amount": 101, "currency": "CNY"}}]);
    let body = json!({"lines": [{"sku": "TEE", "quantity": 3}], "discounts": discount,
        "delivery": orderflow_tests::address()});
    let purchase = Purchase::of(&buyer.post("/v1/purchases", &body).await.must(&[201]));
    assert_eq!(purchase.total, 9_898);
    shop.stripe_says_paid(&purchase).await;
    let order = purchase.only();
    buyer.wants_no_more(order, &[(1, 1), (1, 1)]).await;
    shop.time_passes(SECOND).await;
    assert_eq!(shop.gateway_paid_back(&purchase), 3_300 + 3_299);
    let held = shop.stock("TEE", "wh-sh").await.1 + shop.stock("TEE", "wh-bj").await.1;
    assert_eq!(held, 1);
    buyer.wants_no_more(order, &[(1, 1)]).await;
    shop.time_passes(SECOND).await;
    assert_eq!(shop.gateway_paid_back(&purchase), 9_898);
}

async fn a_parcel_that_is_packed_must_be_unpacked_before_its_order_is_cancelled(shop: &Shop) {
    let purchase = three_tees_with_shipping(shop).await;
    let (order, warehouse) = (purchase.only(), shop.warehouse("wh-sh"));
    let parcel = warehouse.packs(order, &[(1, 2)]).await;
    shop.buyer("li").cancel(order).await.is_refused(409, "illegal_step");
    let path = format!("/v1/fulfilment/parcels/{}/unpack", parcel.id);
    drop(warehouse.post(&path, &json!({})).await.must(&[200]));
    shop.merchant("m1").cancels(order).await;
    warehouse.pack(order, &[(1, 1)]).await.is_refused(409, "illegal_step");
    shop.time_passes(SECOND).await;
    assert_eq!(shop.gateway_paid_back(&purchase), purchase.total);
}

async fn one_merchants_refund_does_not_touch_the_others_order(shop: &Shop) {
    shop.merchant("m1").sells("TEE", 12_800).stock("wh-sh", 10).await;
    shop.merchant("m2").sells("MUG", 4_500).stock("wh-sh", 10).await;
    let buyer = shop.buyer("li");
    let purchase = buyer.buys(&[("TEE", 1), ("MUG", 1)]).await;
    shop.stripe_says_paid(&purchase).await;
    buyer.cancels(purchase.order("m1")).await;
    shop.time_passes(SECOND).await;
    assert_eq!(shop.gateway_paid_back(&purchase), 12_800);
    let mug = purchase.order("m2");
    assert_eq!(shop.order(mug).await["state"], "confirmed");
    let escrow = format!("escrow:{}", mug.id);
    assert_eq!(shop.ledger(&purchase).await.balance(&escrow), -4_500);
    assert_eq!(shop.payment(&purchase).await["status"], "partly_refunded");
}

stories! {
    a_cancelled_order_is_paid_back_whole
    one_of_three_is_paid_back_and_two_are_sent
    shipping_goes_back_with_the_last_unit_of_an_order_that_was_not_sent
    units_named_one_by_one_are_worth_what_they_are_worth_together
    a_parcel_that_is_packed_must_be_unpacked_before_its_order_is_cancelled
    one_merchants_refund_does_not_touch_the_others_order
}
