//! The buyer or the merchant changes their mind about all of an order or about some of it, before
//! it is packed.

use orderflow_tests::{DAY, HOUR, Purchase, SECOND, Shop, Value, json, stories};

/// Three tees of 33.33 and a mug of 45.00 of one merchant, with shipping for 10.00.
async fn tees_and_a_mug(shop: &Shop) -> Purchase {
    let merchant = shop.merchant("m1");
    merchant.joins(json!({"shipping": {"fee_minor": 1_000}})).await;
    merchant.sells("TEE", 3_333).stock("wh-sh", 10).await;
    merchant.sells("MUG", 4_500).stock("wh-sh", 10).await;
    let purchase = shop.buyer("li").buys(&[("TEE", 3), ("MUG", 1)]).await;
    assert_eq!(purchase.total, 3 * 3_333 + 4_500 + 1_000);
    purchase
}

fn may(seen: &Value, action: &str) -> bool {
    seen["allowed_actions"].as_array().unwrap().contains(&json!(action))
}

async fn one_line_of_a_paid_order_is_cancelled_and_paid_back(shop: &Shop) {
    let purchase = tees_and_a_mug(shop).await;
    shop.stripe_says_paid(&purchase).await;
    let (buyer, order) = (shop.buyer("li"), purchase.only());
    let seen = buyer.cancels_units(order, &[(2, 1)], "changed_mind").await;
    assert_eq!((&seen["state"], &seen["refunded"]["amount"]), (&json!("confirmed"), &json!(4_500)));
    shop.time_passes(SECOND).await;
    assert_eq!(shop.gateway_paid_back(&purchase), 4_500, "shipping is not given back");
    assert_eq!(shop.stock("MUG", "wh-sh").await, (10, 0));
    assert_eq!(shop.merchant_heard(order, "order.units_cancelled").len(), 1);
    buyer.cancel_units(order, &[(2, 1)], "changed_mind").await.is_refused(409, "too_many_units");
    shop.sends(order).await;
    assert_eq!(shop.order(order).await["fulfilment"], "delivered");
}

async fn one_line_of_an_unpaid_order_lowers_what_is_due(shop: &Shop) {
    let purchase = tees_and_a_mug(shop).await;
    let (buyer, order) = (shop.buyer("li"), purchase.only());
    let seen = buyer.cancels_units(order, &[(1, 1)], "ordered_twice").await;
    assert_eq!(
        (&seen["state"], &seen["waived"]["amount"]),
        (&json!("awaiting_payment"), &json!(3_333))
    );
    assert_eq!(shop.stock("TEE", "wh-sh").await, (10, 2));
    let due = purchase.total - 3_333;
    assert_eq!(shop.payment(&purchase).await["due"]["amount"], due);
    shop.stripe_says(&shop.paid(&purchase, due)).await;
    assert_eq!(shop.order(order).await["state"], "confirmed");
    assert_eq!(shop.payment(&purchase).await["status"], "paid");
    // Of the three shares of 33.33 two are left to give back, and shipping with the last unit.
    buyer.cancels(order).await;
    shop.time_passes(SECOND).await;
    assert_eq!(shop.gateway_paid_back(&purchase), due);
    shop.ledger(&purchase).await.escrow_is_empty();
}

async fn what_had_come_beyond_the_new_amount_goes_back_and_the_rest_is_confirmed(shop: &Shop) {
    let purchase = tees_and_a_mug(shop).await;
    let (buyer, order) = (shop.buyer("li"), purchase.only());
    shop.stripe_says(&shop.paid(&purchase, 12_000)).await;
    assert_eq!(shop.order(order).await["state"], "awaiting_payment");
    let seen = buyer.cancels_units(order, &[(2, 1)], "changed_mind").await;
    assert_eq!(seen["state"], "confirmed");
    shop.time_passes(HOUR).await;
    assert_eq!(shop.gateway_paid_back(&purchase), 12_000 - 10_999);
    assert_eq!(shop.order(order).await["state"], "confirmed");
    let escrow = format!("escrow:{}", order.id);
    assert_eq!(shop.ledger(&purchase).await.balance(&escrow), -10_999);
}

async fn cancelling_one_unpaid_order_leaves_the_other_merchants_as_it_is(shop: &Shop) {
    shop.merchant("m1").sells("TEE", 12_800).stock("wh-sh", 10).await;
    shop.merchant("m2").sells("MUG", 4_500).stock("wh-sh", 10).await;
    let buyer = shop.buyer("li");
    let purchase = buyer.buys(&[("TEE", 1), ("MUG", 1)]).await;
    let (tee, mug) = (purchase.order("m1"), purchase.order("m2"));
    shop.merchant("m2").cancels(mug).await;
    assert_eq!(shop.order(mug).await["state"], "cancelled");
    assert_eq!(shop.order(tee).await["state"], "awaiting_payment");
    assert_eq!(shop.payment(&purchase).await["due"]["amount"], 12_800);
    shop.stripe_says(&shop.paid(&purchase, 12_800)).await;
    assert_eq!(shop.order(tee).await["state"], "confirmed");
    assert_eq!(shop.order(mug).await["state"], "cancelled");
    assert_eq!(shop.stock("MUG", "wh-sh").await, (10, 0));
}

async fn an_unpaid_purchase_of_which_nothing_is_left_wants_no_money(shop: &Shop) {
    let purchase = tees_and_a_mug(shop).await;
    let (buyer, order) = (shop.buyer("li"), purchase.only());
    buyer.cancels_units(order, &[(1, 3)], "cheaper_elsewhere").await;
    let seen = buyer.cancels_units(order, &[(2, 1)], "cheaper_elsewhere").await;
    assert_eq!(seen["state"], "cancelled", "all lines are the whole order");
    assert_eq!(shop.payment(&purchase).await["status"], "expired");
    buyer.cancel(order).await.is_refused(409, "illegal_step");
    shop.stripe_says_paid(&purchase).await;
    shop.time_passes(HOUR).await;
    assert_eq!(shop.gateway_paid_back(&purchase), purchase.total);
    assert_eq!(shop.stock("TEE", "wh-sh").await, (10, 0));
}

async fn all_lines_of_a_paid_order_one_by_one_are_the_whole_order(shop: &Shop) {
    let purchase = tees_and_a_mug(shop).await;
    shop.stripe_says_paid(&purchase).await;
    let (buyer, order) = (shop.buyer("li"), purchase.only());
    for (lines, back) in [((1, 2), 6_666), ((2, 1), 11_166), ((1, 1), 15_499)] {
        buyer.cancels_units(order, &[lines], "too_slow").await;
        shop.time_passes(SECOND).await;
        assert_eq!(shop.gateway_paid_back(&purchase), back, "shipping goes with the last unit");
    }
    assert_eq!(shop.order(order).await["state"], "cancelled");
    shop.ledger(&purchase).await.escrow_is_empty();
}

async fn packed_units_are_refused_and_the_answer_says_what_may_be_done(shop: &Shop) {
    let purchase = tees_and_a_mug(shop).await;
    shop.stripe_says_paid(&purchase).await;
    let (buyer, order) = (shop.buyer("li"), purchase.only());
    assert!(may(&shop.order(order).await, "cancel"));
    let parcel = shop.warehouse("wh-sh").packs(order, &[(1, 2)]).await;
    let seen = shop.order(order).await;
    assert!(!may(&seen, "cancel") && may(&seen, "cancel_units"));
    buyer.cancel(order).await.is_refused(409, "illegal_step");
    let refused = buyer.cancel_units(order, &[(1, 2)], "changed_mind").await;
    refused.is_refused(409, "units_packed");
    assert_eq!((refused.at("/line"), refused.at("/left")), (json!(1), json!(1)));
    assert!(may(&refused.json(), "cancel_units"));
    buyer.cancels_units(order, &[(1, 1)], "changed_mind").await;
    shop.warehouse("wh-sh").unpacks(&parcel).await;
    buyer.cancels(order).await;
    shop.time_passes(SECOND).await;
    assert_eq!(shop.gateway_paid_back(&purchase), purchase.total);
}

async fn a_merchant_says_why_and_everybody_can_read_it(shop: &Shop) {
    let purchase = tees_and_a_mug(shop).await;
    shop.stripe_says_paid(&purchase).await;
    let (merchant, order) = (shop.merchant("m1"), purchase.only());
    let path = format!("/v1/orders/{}/cancel", order.id);
    let body = json!({"reason": "changed_mind"});
    merchant.post(&path, &body).await.is_refused(422, "invalid_body");
    let body = json!({"reason": "unpaid"});
    shop.operator().post(&path, &body).await.is_refused(422, "invalid_body");
    let body = json!({"reason": "out_of_stock", "note": "a pallet fell over"});
    let seen = merchant.post(&path, &body).await.must(&[200]).json();
    assert_eq!(seen["state_detail"]["why"], "out_of_stock");
    let path = format!("/v1/orders/{}/timeline", order.id);
    let timeline = shop.buyer("li").get(&path).await.must(&[200]).json();
    let last = timeline["events"].as_array().unwrap().last().unwrap().clone();
    assert_eq!((&last["what"], &last["why"]), (&json!("cancelled"), &json!("out_of_stock")));
    assert_eq!(last["note"], "a pallet fell over");
    assert_eq!(last["by"], json!({"by": "merchant", "id": "m1"}));
}

async fn an_order_whose_rest_is_cancelled_completes_with_what_came(shop: &Shop) {
    let purchase = tees_and_a_mug(shop).await;
    shop.stripe_says_paid(&purchase).await;
    let order = purchase.only();
    let parcel = shop.warehouse("wh-sh").ships(order, &[(1, 3)]).await;
    shop.carrier_says(&parcel, &[orderflow_tests::DELIVERED]).await;
    shop.merchant("m1").cancels_units(order, &[(2, 1)], "out_of_stock").await;
    assert_eq!(shop.order(order).await["fulfilment"], "delivered");
    shop.time_passes(7 * DAY).await;
    assert_eq!(shop.order(order).await["state"], "completed");
    assert_eq!(shop.gateway_paid_back(&purchase), 4_500);
}

async fn the_same_wish_twice_cancels_once(shop: &Shop) {
    let purchase = tees_and_a_mug(shop).await;
    shop.stripe_says_paid(&purchase).await;
    let wish = shop.buyer("li").cancel_units(purchase.only(), &[(1, 1)], "changed_mind");
    let first = wish.clone().await.must(&[200]);
    assert_eq!(wish.await.must(&[200]).body, first.body);
    shop.time_passes(SECOND).await;
    assert_eq!(shop.gateway_paid_back(&purchase), 3_333);
    let stale = shop.buyer("li").cancel_units(purchase.only(), &[(1, 1)], "changed_mind");
    stale.header("if-match", "\"v1\"").await.is_refused(412, "version_differs");
}

stories! {
    one_line_of_a_paid_order_is_cancelled_and_paid_back
    one_line_of_an_unpaid_order_lowers_what_is_due
    what_had_come_beyond_the_new_amount_goes_back_and_the_rest_is_confirmed
    cancelling_one_unpaid_order_leaves_the_other_merchants_as_it_is
    an_unpaid_purchase_of_which_nothing_is_left_wants_no_money
    all_lines_of_a_paid_order_one_by_one_are_the_whole_order
    packed_units_are_refused_and_the_answer_says_what_may_be_done
    a_merchant_says_why_and_everybody_can_read_it
    an_order_whose_rest_is_cancelled_completes_with_what_came
    the_same_wish_twice_cancels_once
}
