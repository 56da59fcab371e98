//! Goods back for money. What came counts, not what was announced.

use orderflow_tests::{DAY, HOUR, Order, Purchase, SECOND, Shop, stories};

/// Three tees, paid for and delivered.
async fn three_delivered(shop: &Shop) -> (Purchase, Order) {
    shop.merchant("m1").sells("TEE", 10_000).stock("wh-sh", 10).await;
    let purchase = shop.buyer("li").buys(&[("TEE", 3)]).await;
    shop.stripe_says_paid(&purchase).await;
    let order = purchase.only().clone();
    shop.sends(&order).await;
    (purchase, order)
}

async fn goods_come_back_and_the_money_goes_back(shop: &Shop) {
    let (purchase, order) = three_delivered(shop).await;
    let (buyer, merchant) = (shop.buyer("li"), shop.merchant("m1"));
    let case = buyer.wants_to_return(&order, &[(1, 2)]).await;
    assert_eq!(shop.case(&case).await["state"], "under_review");
    let approved = merchant.approves(&case).await;
    assert_eq!(approved["state"], "awaiting_return");
    assert_eq!(approved["state_detail"]["address"], "m1, 退货组");
    buyer.sends_back(&case, "shunfeng", "SF1234567890").await;
    let received = shop.warehouse("wh-sh").receives(&case, &[(1, 2, "restock")]).await;
    assert_eq!(received["state"], "refunding");
    shop.time_passes(SECOND).await;
    assert_eq!(shop.case(&case).await["state"], "refunded");
    assert_eq!(shop.gateway_paid_back(&purchase), 20_000);
    assert_eq!(shop.stock("TEE", "wh-sh").await, (9, 0));
    assert_eq!(shop.order(&order).await["refunded"]["amount"], 20_000);
}

async fn when_less_comes_than_was_announced_less_is_paid_back(shop: &Shop) {
    let (purchase, order) = three_delivered(shop).await;
    let buyer = shop.buyer("li");
    let case = buyer.wants_to_return(&order, &[(1, 3)]).await;
    shop.merchant("m1").approves(&case).await;
    buyer.sends_back(&case, "shunfeng", "SF1").await;
    shop.warehouse("wh-sh").receives(&case, &[(1, 1, "restock")]).await;
    shop.time_passes(SECOND).await;
    assert_eq!(shop.gateway_paid_back(&purchase), 10_000);
    assert_eq!(shop.case(&case).await["state_detail"]["amount_minor"], 10_000);
    // What did not come can be asked for again.
    let again = buyer.wants_to_return(&order, &[(1, 2)]).await;
    let third = buyer.ask_back("return_and_refund", &order, &[(1, 1)]).await;
    third.is_refused(409, "already_in_case");
    buyer.withdraws(&again).await;
}

async fn each_unit_gets_its_own_end(shop: &Shop) {
    let (purchase, order) = three_delivered(shop).await;
    let buyer = shop.buyer("li");
    let case = buyer.wants_to_return(&order, &[(1, 3)]).await;
    shop.merchant("m1").approves(&case).await;
    buyer.sends_back(&case, "shunfeng", "SF1").await;
    let ends = [(1, 1, "restock"), (1, 1, "scrap"), (1, 1, "back_to_buyer")];
    shop.warehouse("wh-sh").receives(&case, &ends).await;
    shop.time_passes(SECOND).await;
    assert_eq!(shop.gateway_paid_back(&purchase), 20_000, "what goes back to the buyer is theirs");
    assert_eq!(shop.stock("TEE", "wh-sh").await, (8, 0), "only one is on the shelf again");
    let units = shop.order(&order).await["lines"][0]["units"].clone();
    assert_eq!((&units["returned"], &units["in_case"]), (&2.into(), &0.into()));
}

async fn nothing_comes_and_nothing_is_paid(shop: &Shop) {
    let (purchase, order) = three_delivered(shop).await;
    let buyer = shop.buyer("li");
    let case = buyer.wants_to_return(&order, &[(1, 1)]).await;
    shop.merchant("m1").approves(&case).await;
    buyer.sends_back(&case, "shunfeng", "SF-EMPTY-BOX").await;
    shop.warehouse("wh-sh").receives(&case, &[]).await;
    shop.time_passes(SECOND).await;
    assert_eq!(shop.gateway_paid_back(&purchase), 0);
    assert_eq!(shop.case(&case).await["final"], true);
}

async fn more_than_was_announced_is_not_taken(shop: &Shop) {
    let (_, order) = three_delivered(shop).await;
    let buyer = shop.buyer("li");
    let case = buyer.wants_to_return(&order, &[(1, 1)]).await;
    shop.merchant("m1").approves(&case).await;
    buyer.sends_back(&case, "shunfeng", "SF1").await;
    let lines = orderflow_tests::json!([
        {"line": 1, "units": 1, "warehouse": "wh-sh", "to": "restock"},
        {"line": 1, "units": 1, "warehouse": "wh-sh", "to": "scrap"},
    ]);
    let body = orderflow_tests::json!({"lines": lines});
    let warehouse = shop.warehouse("wh-sh");
    warehouse.step(&case, "receive", &body).await.is_refused(409, "too_many_units");
    warehouse.receives(&case, &[(1, 1, "refurbish")]).await;
    warehouse.step(&case, "receive", &body).await.is_refused(409, "illegal_step");
    shop.time_passes(SECOND).await;
}

async fn a_refused_return_costs_nobody_anything(shop: &Shop) {
    let (purchase, order) = three_delivered(shop).await;
    let case = shop.buyer("li").wants_to_return(&order, &[(1, 1)]).await;
    let rejected = shop.merchant("m1").rejects(&case, "worn, see photo").await;
    assert_eq!(rejected["state"], "rejected");
    assert_eq!(rejected["state_detail"]["reason"], "worn, see photo");
    shop.merchant("m1")
        .step(&case, "approve", &orderflow_tests::json!({}))
        .await
        .is_refused(409, "illegal_step");
    assert_eq!(shop.gateway_paid_back(&purchase), 0);
    // The clock that the case had stopped goes on.
    shop.time_passes(7 * DAY + HOUR).await;
    assert_eq!(shop.order(&order).await["state"], "completed");
}

async fn goods_that_did_not_come_cannot_be_sent_back(shop: &Shop) {
    shop.merchant("m1").sells("TEE", 10_000).stock("wh-sh", 10).await;
    let buyer = shop.buyer("li");
    let purchase = buyer.buys(&[("TEE", 1)]).await;
    let order = purchase.only();
    let early = buyer.ask_back("return_and_refund", order, &[(1, 1)]).await;
    early.is_refused(409, "illegal_step");
    shop.stripe_says_paid(&purchase).await;
    let undelivered = buyer.ask_back("return_and_refund", order, &[(1, 1)]).await;
    undelivered.is_refused(409, "not_delivered");
    shop.sends(order).await;
    buyer.confirms_receipt(order).await;
    shop.time_passes(8 * DAY).await;
    let late = buyer.ask_back("return_and_refund", order, &[(1, 1)]).await;
    late.is_refused(409, "window_closed");
}

async fn each_sku_has_its_own_days_to_be_sent_back(shop: &Shop) {
    let merchant = shop.merchant("m1");
    merchant.sells("TEE", 10_000).with("return_days", 15.into()).stock("wh-sh", 10).await;
    merchant.sells("CAKE", 5_000).with("return_days", 1.into()).stock("wh-sh", 10).await;
    let buyer = shop.buyer("li");
    let purchase = buyer.buys(&[("TEE", 1), ("CAKE", 1)]).await;
    shop.stripe_says_paid(&purchase).await;
    let order = purchase.only();
    shop.sends(order).await;
    buyer.confirms_receipt(order).await;
    shop.time_passes(2 * DAY).await;
    let cake = buyer.ask_back("return_and_refund", order, &[(2, 1)]).await;
    cake.is_refused(409, "window_closed");
    let tee = buyer.wants_to_return(order, &[(1, 1)]).await;
    buyer.withdraws(&tee).await;
    shop.time_passes(14 * DAY).await;
    assert_eq!(shop.order(order).await["settlement"]["state"], "settled");
}

stories! {
    each_sku_has_its_own_days_to_be_sent_back
    goods_come_back_and_the_money_goes_back
    when_less_comes_than_was_announced_less_is_paid_back
    each_unit_gets_its_own_end
    nothing_comes_and_nothing_is_paid
    more_than_was_announced_is_not_taken
    a_refused_return_costs_nobody_anything
    goods_that_did_not_come_cannot_be_sent_back
}
