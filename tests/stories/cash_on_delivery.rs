//! The buyer pays the courier: somebody believes in the order, and each parcel brings its cash.

use orderflow_tests::{
    DAY, DELIVERED, HOUR, MINUTE, Order, Purchase, Shop, Value, address, json, stories,
};

/// A merchant who is paid at the door sells tees for 33.33 and an anvil for 600.00.
async fn cash_is_fine(shop: &Shop) {
    let merchant = shop.merchant("m1");
    merchant.joins(json!({"shipping": {"fee_minor": 1_000}, "cash_on_delivery": true})).await;
    merchant.sells("TEE", 3_333).stock("wh-sh", 10).await;
    merchant.sells("ANVIL", 60_000).stock("wh-sh", 10).await;
}

async fn three_tees(shop: &Shop) -> Purchase {
    cash_is_fine(shop).await;
    shop.buyer("li").buys_on_delivery(&[("TEE", 3)]).await
}

/// An order that a person has to look at, because it is expensive.
async fn an_anvil(shop: &Shop) -> Purchase {
    cash_is_fine(shop).await;
    let purchase = shop.buyer("li").buys_on_delivery(&[("ANVIL", 1)]).await;
    assert_eq!(shop.order(purchase.only()).await["state"], "awaiting_confirmation");
    purchase
}

async fn verdict(shop: &Shop, order: &Order) -> Value {
    shop.order(order).await["cash_on_delivery"]["verdict"].clone()
}

async fn a_small_order_is_confirmed_by_rule_and_paid_to_the_courier(shop: &Shop) {
    let purchase = three_tees(shop).await;
    let order = purchase.only();
    let seen = shop.order(order).await;
    assert_eq!((&seen["state"], purchase.total), (&json!("confirmed"), 10_999));
    let verdict = verdict(shop, order).await;
    assert_eq!(verdict["outcome"], "confirmed_by_rule");
    assert_eq!(verdict["findings"][0]["rule"], "amount_at_most");
    assert_eq!(verdict["findings"][0]["amount_minor"], 10_999);
    let payment = shop.payment(&purchase).await;
    assert_eq!(
        (&payment["gateway"], &payment["status"]),
        (&json!("cash_on_delivery"), &json!("awaiting"))
    );
    shop.time_passes(2 * HOUR).await;
    assert_eq!(shop.stock("TEE", "wh-sh").await, (10, 3));
    assert_eq!(shop.merchant_heard(order, "order.confirmed").len(), 1);
    assert_eq!(shop.merchant_heard(order, "order.awaiting_confirmation").len(), 0);

    let parcel = shop.warehouse("wh-sh").ships(order, &[(1, 3)]).await;
    assert_eq!(shop.parcel(&parcel).await["collect"], json!({"amount": 10_999, "currency": "CNY"}));
    shop.buyer("li").confirm_receipt(order).await.is_refused(409, "illegal_step");
    assert_eq!(shop.ledger(&purchase).await.lines.len(), 0, "nothing was paid yet");
    shop.carrier_says(&parcel, &[DELIVERED]).await;
    assert_eq!(shop.payment(&purchase).await["status"], "paid");
    let ledger = shop.ledger(&purchase).await;
    assert_eq!((ledger.balance("carrier:yuantong"), ledger.balance("escrow:")), (10_999, -10_999));
    // The same scan again collects nothing.
    shop.carrier_says(&parcel, &[]).await;
    assert_eq!(shop.ledger(&purchase).await.postings("collected"), 1);
}

async fn an_order_that_no_rule_believes_in_is_confirmed_by_a_person(shop: &Shop) {
    let purchase = an_anvil(shop).await;
    let order = purchase.only();
    assert_eq!(verdict(shop, order).await["outcome"], "referred");
    assert_eq!(shop.stock("ANVIL", "wh-sh").await, (10, 1), "it is held meanwhile");
    let (warehouse, buyer) = (shop.warehouse("wh-sh"), shop.buyer("li"));
    warehouse.pack(order, &[(1, 1)]).await.is_refused(409, "illegal_step");
    buyer.confirm(order).await.is_refused(403, "forbidden");
    shop.merchant("m2").confirm(order).await.is_refused(404, "not_found");
    let seen = shop.support().confirms(order).await;
    assert_eq!(seen["state"], "confirmed");
    assert_eq!(
        verdict(shop, order).await,
        json!({"outcome": "confirmed_by_person", "note": "I called"})
    );
    shop.support().confirm(order).await.is_refused(409, "illegal_step");
    shop.time_passes(2 * DAY).await;
    assert_eq!(shop.order(order).await["state"], "confirmed");
    assert_eq!(shop.merchant_heard(order, "order.awaiting_confirmation").len(), 1);
    shop.sends(order).await;
    assert_eq!(shop.payment(&purchase).await["captured"]["amount"], 61_000);
}

async fn an_order_that_a_person_declines_is_over_and_its_stock_is_free(shop: &Shop) {
    let purchase = an_anvil(shop).await;
    let (merchant, order) = (shop.merchant("m1"), purchase.only());
    merchant.decline(order, "changed_mind").await.is_refused(422, "invalid_body");
    let seen = merchant.decline(order, "buyer_unreachable").await.must(&[200]).json();
    assert_eq!((&seen["state"], &seen["final"]), (&json!("cancelled"), &json!(true)));
    assert_eq!(seen["state_detail"]["why"], "buyer_unreachable");
    assert_eq!(shop.stock("ANVIL", "wh-sh").await, (10, 0));
    assert_eq!(shop.payment(&purchase).await["final"], true);
    merchant.confirm(order).await.is_refused(409, "illegal_step");
    shop.time_passes(2 * DAY).await;
}

async fn an_order_that_nobody_confirms_in_time_is_cancelled(shop: &Shop) {
    let purchase = an_anvil(shop).await;
    let order = purchase.only();
    shop.time_passes(DAY - MINUTE).await;
    assert_eq!(shop.order(order).await["state"], "awaiting_confirmation");
    shop.time_passes(MINUTE).await;
    let seen = shop.order(order).await;
    assert_eq!(
        (&seen["state"], &seen["state_detail"]["why"]),
        (&json!("cancelled"), &json!("unconfirmed"))
    );
    assert_eq!(shop.stock("ANVIL", "wh-sh").await, (10, 0));
    shop.support().confirm(order).await.is_refused(409, "illegal_step");
}

async fn a_merchant_who_is_not_paid_at_the_door_is_paid_before(shop: &Shop) {
    shop.merchant("m2").sells("MUG", 4_500).stock("wh-sh", 10).await;
    cash_is_fine(shop).await;
    let buyer = shop.buyer("li");
    let refused = buyer.buy_on_delivery(&[("TEE", 1), ("MUG", 1)]).await;
    refused.is_refused(422, "invalid_body");
    assert_eq!(refused.at("/errors/0/code"), "cash_not_offered");
    let refused = buyer.buy_on_delivery(&[("ANVIL", 17)]).await;
    assert_eq!(refused.at("/errors/0/code"), "out_of_stock");
    shop.merchant("m1").sells("PIANO", 1_000_000).stock("wh-sh", 1).await;
    let refused = buyer.buy_on_delivery(&[("PIANO", 1)]).await;
    assert_eq!(refused.at("/errors/0/code"), "too_much_cash");
    assert_eq!(refused.at("/errors/0/at_most/amount"), 1_000_000);
}

async fn an_address_without_a_number_is_looked_at_by_a_person(shop: &Shop) {
    cash_is_fine(shop).await;
    let mut vague = address();
    vague["detail"] = json!("somewhere in the lane");
    let body = json!({"lines": [{"sku": "TEE", "quantity": 1}], "delivery": vague,
        "gateway": "cash_on_delivery"});
    let placed = shop.buyer("li").post("/v1/purchases", &body).await.must(&[201]);
    let purchase = Purchase::of(&placed);
    assert_eq!(shop.order(purchase.only()).await["state"], "awaiting_confirmation");
    let findings = verdict(shop, purchase.only()).await["findings"].clone();
    assert_eq!(findings[2], json!({"rule": "address_complete", "holds": false}));
}

async fn an_order_that_goes_elsewhere_is_looked_at_again(shop: &Shop) {
    cash_is_fine(shop).await;
    let trusted = json!({"cash_on_delivery": {"trusted_regions": ["31"]}});
    shop.operator().describes("policies", &json!({"id": "shop", "set": trusted})).await;
    let buyer = shop.buyer("li");
    let purchase = buyer.buys_on_delivery(&[("TEE", 1)]).await;
    let order = purchase.only();
    assert_eq!(verdict(shop, order).await["outcome"], "confirmed_by_rule");
    // Next door all rules hold as before.
    let mut to = address();
    to["detail"] = json!("漕溪路 2 号");
    assert_eq!(buyer.redirects(order, &to).await["state"], "confirmed");
    shop.time_passes(MINUTE).await;
    to["region"] = json!("330106");
    let seen = buyer.redirects(order, &to).await;
    assert_eq!(seen["state"], "awaiting_confirmation");
    assert_eq!(seen["deadline"], edge::views::time(shop.now().plus(DAY)));
    let findings = verdict(shop, order).await["findings"].clone();
    let region = json!({"rule": "region_trusted", "region": "330106", "holds": false});
    assert_eq!(findings[3], region);
    shop.warehouse("wh-sh").pack(order, &[(1, 1)]).await.is_refused(409, "illegal_step");
    shop.time_passes(MINUTE).await;
    shop.support().confirms(order).await;
    shop.time_passes(MINUTE).await;
    // What a person believed in, they believed in for that address.
    to["detail"] = json!("somewhere in the lane");
    assert_eq!(buyer.redirects(order, &to).await["state"], "awaiting_confirmation");
    shop.time_passes(MINUTE).await;
    assert_eq!(buyer.redirects(order, &address()).await["state"], "confirmed");
    assert_eq!(verdict(shop, order).await["outcome"], "confirmed_by_rule");
    shop.time_passes(2 * DAY).await;
    assert_eq!(shop.merchant_heard(order, "order.awaiting_confirmation").len(), 2);
    assert_eq!(shop.merchant_heard(order, "order.confirmed").len(), 3);
}

async fn who_has_many_orders_on_the_way_unpaid_must_wait(shop: &Shop) {
    cash_is_fine(shop).await;
    let set = json!({"id": "shop", "set": {"unpaid_at_most": 2}});
    shop.operator().describes("policies", &set).await;
    let (buyer, warehouse) = (shop.buyer("li"), shop.warehouse("wh-sh"));
    let first = buyer.buys_on_delivery(&[("TEE", 1)]).await;
    assert_eq!(shop.order(first.only()).await["state"], "confirmed");
    let second = buyer.buys_on_delivery(&[("ANVIL", 1)]).await;
    assert_eq!(shop.order(second.only()).await["state"], "awaiting_confirmation");
    buyer.buy_on_delivery(&[("TEE", 1)]).await.is_refused(409, "too_many_unpaid");
    buyer.buy(&[("TEE", 1)]).await.is_refused(409, "too_many_unpaid");
    shop.buyer("han").buys_on_delivery(&[("TEE", 1)]).await;
    let parcel = warehouse.ships(first.only(), &[(1, 1)]).await;
    buyer.buy_on_delivery(&[("TEE", 1)]).await.is_refused(409, "too_many_unpaid");
    shop.carrier_says(&parcel, &[DELIVERED]).await;
    buyer.buys_on_delivery(&[("TEE", 1)]).await;
    buyer.cancels(second.only()).await;
    buyer.buys_on_delivery(&[("TEE", 1)]).await;
}

async fn an_order_that_nobody_confirms_can_be_sent_all_the_same(shop: &Shop) {
    let confirm = json!({"id": "shop", "set": {"cash_on_delivery": {"on_silence": "confirm"}}});
    shop.operator().describes("policies", &confirm).await;
    let purchase = an_anvil(shop).await;
    let order = purchase.only();
    shop.time_passes(DAY - MINUTE).await;
    assert_eq!(shop.order(order).await["state"], "awaiting_confirmation");
    shop.time_passes(MINUTE).await;
    assert_eq!(shop.order(order).await["state"], "confirmed");
    assert_eq!(verdict(shop, order).await, json!({"outcome": "confirmed_by_silence"}));
    assert_eq!(shop.merchant_heard(order, "order.confirmed").len(), 1);
    shop.sends(order).await;
    assert_eq!(shop.payment(&purchase).await["status"], "paid");
}

async fn a_carrier_that_collects_no_cash_gets_no_such_parcel(shop: &Shop) {
    let purchase = three_tees(shop).await;
    let (order, warehouse) = (purchase.only(), shop.warehouse("wh-sh"));
    let collectors = json!({"cash_on_delivery": {"carriers": ["yuantong"]}});
    shop.operator().describes("policies", &json!({"id": "shop", "set": collectors})).await;
    let parcel = warehouse.packs(order, &[(1, 3)]).await;
    shop.has_waybills("zto").await;
    warehouse.label(&parcel, "zto").await.is_refused(409, "carrier_takes_no_cash");
    warehouse.labels(&parcel, "yuantong").await;
    let prepaid = shop.buyer("han").buys(&[("TEE", 1)]).await;
    shop.stripe_says_paid(&prepaid).await;
    let parcel = warehouse.packs(prepaid.only(), &[(1, 1)]).await;
    warehouse.labels(&parcel, "zto").await;
}

async fn what_a_short_shipment_lacks_is_not_collected(shop: &Shop) {
    let purchase = three_tees(shop).await;
    let (order, warehouse) = (purchase.only(), shop.warehouse("wh-sh"));
    let first = warehouse.ships(order, &[(1, 1)]).await;
    assert_eq!(shop.parcel(&first).await["collect"]["amount"], 3_333 + 1_000);
    // The warehouse does not find another one.
    shop.merchant("m1").cancels_units(order, &[(1, 1)], "out_of_stock").await;
    assert_eq!(shop.payment(&purchase).await["due"]["amount"], 10_999 - 3_333);
    let packed = warehouse.packs(order, &[(1, 1)]).await;
    assert_eq!(shop.parcel(&packed).await["collect"]["amount"], 3_333);
    warehouse.unpacks(&packed).await;
    let last = warehouse.ships(order, &[(1, 1)]).await;
    shop.carrier_says(&first, &[DELIVERED]).await;
    assert_eq!(shop.payment(&purchase).await["status"], "partly_paid");
    shop.carrier_says(&last, &[DELIVERED]).await;
    let payment = shop.payment(&purchase).await;
    assert_eq!(
        (&payment["status"], &payment["captured"]["amount"]),
        (&json!("paid"), &json!(7_666))
    );
    assert_eq!(shop.order(order).await["fulfilment"], "delivered");
}

async fn units_are_cancelled_before_they_are_packed_and_not_paid_for(shop: &Shop) {
    let purchase = three_tees(shop).await;
    let (order, buyer) = (purchase.only(), shop.buyer("li"));
    let asked = buyer.ask_back("refund_only", order, &[(1, 1)]).await;
    asked.is_refused(409, "not_paid");
    buyer.cancels_units(order, &[(1, 2)], "changed_mind").await;
    assert_eq!(shop.payment(&purchase).await["due"]["amount"], 4_333);
    let seen = buyer.cancels(order).await;
    assert_eq!((&seen["state"], &seen["waived"]["amount"]), (&json!("cancelled"), &json!(10_999)));
    assert_eq!(shop.stock("TEE", "wh-sh").await, (10, 0));
    assert_eq!(shop.payment(&purchase).await["status"], "expired");
    assert_eq!(shop.ledger(&purchase).await.lines.len(), 0);
}

async fn shipping_that_no_parcel_can_bring_any_more_is_not_asked_for(shop: &Shop) {
    let purchase = three_tees(shop).await;
    let (order, warehouse) = (purchase.only(), shop.warehouse("wh-sh"));
    let first = warehouse.packs(order, &[(1, 1)]).await;
    assert_eq!(shop.parcel(&first).await["collect"]["amount"], 3_333 + 1_000);
    let second = warehouse.ships(order, &[(1, 2)]).await;
    warehouse.unpacks(&first).await;
    shop.buyer("li").cancels_units(order, &[(1, 1)], "changed_mind").await;
    assert_eq!(shop.payment(&purchase).await["due"]["amount"], 6_666);
    shop.carrier_says(&second, &[DELIVERED]).await;
    let payment = shop.payment(&purchase).await;
    assert_eq!((&payment["status"], &payment["due"]["amount"]), (&json!("paid"), &json!(6_666)));
}

stories! {
    a_small_order_is_confirmed_by_rule_and_paid_to_the_courier
    an_order_that_no_rule_believes_in_is_confirmed_by_a_person
    an_order_that_a_person_declines_is_over_and_its_stock_is_free
    an_order_that_nobody_confirms_in_time_is_cancelled
    a_merchant_who_is_not_paid_at_the_door_is_paid_before
    who_has_many_orders_on_the_way_unpaid_must_wait
    an_order_that_nobody_confirms_can_be_sent_all_the_same
    a_carrier_that_collects_no_cash_gets_no_such_parcel
    an_address_without_a_number_is_looked_at_by_a_person
    an_order_that_goes_elsewhere_is_looked_at_again
    what_a_short_shipment_lacks_is_not_collected
    units_are_cancelled_before_they_are_packed_and_not_paid_for
    shipping_that_no_parcel_can_bring_any_more_is_not_asked_for
}
