//! Short picks: what should be on the shelf is not. Each outcome has its effect on stock and money.

use orderflow_tests::{DAY, HOUR, MINUTE, Purchase, SECOND, Shop, Value, json, stories};

/// Tees for 33.33 each, and 10.00 for shipping: ten here, two in Beijing.
async fn tees(shop: &Shop) {
    shop.merchant("m1").joins(json!({"shipping": {"fee_minor": 1_000}})).await;
    shop.merchant("m1").sells("TEE", 3_333).stock("wh-sh", 10).stock("wh-bj", 2).await;
    shop.warehouse("wh-sh").keeps("TEE", ("A", "1", "1")).await;
}

async fn paid(shop: &Shop, tees: i64) -> Purchase {
    shop.is_later(SECOND).await;
    let purchase = shop.buyer("li").buys(&[("TEE", tees)]).await;
    shop.stripe_says_paid(&purchase).await;
    purchase
}

fn found(quantity: i64, outcome: &str) -> Value {
    json!({"scanned": "TEE", "quantity": quantity, "short": {"outcome": outcome}})
}

async fn exactly_the_missing_units_are_paid_back_and_the_rest_ships(shop: &Shop) {
    tees(shop).await;
    let (first, second) = (paid(shop, 3).await, paid(shop, 3).await);
    let warehouse = shop.warehouse("wh-sh");
    let list = warehouse.plans_one_list("w1").await;
    let done = warehouse.confirms_task(&list, 1, &found(4, "refund")).await;
    assert_eq!((&done["task"]["picked"], &done["task"]["short"]), (&json!(4), &json!(2)));
    assert_eq!(done["state"], "done");
    // The orders get pieces in their order: the first all of its own, the second one of three.
    shop.time_passes(MINUTE).await;
    assert_eq!(shop.gateway_paid_back(&first), 0);
    assert_eq!(shop.gateway_paid_back(&second), 2 * 3_333, "shipping is still worth something");
    assert_eq!(shop.stock("TEE", "wh-sh").await, (8, 4), "what is missing is not there any more");
    let moved = warehouse.sees_movements("TEE").await;
    assert_eq!((&moved[0]["why"], &moved[0]["change"]), (&json!("missing"), &json!(-2)));
    assert_eq!(moved[0]["about"], second.only().id.as_str());
    let seen = shop.order(second.only()).await;
    assert_eq!(
        (&seen["state"], &seen["lines"][0]["units"]["cancelled"]),
        (&json!("confirmed"), &json!(2))
    );
    warehouse.ships(first.only(), &[(1, 3)]).await;
    warehouse.ships(second.only(), &[(1, 1)]).await;
    assert_eq!(shop.order(second.only()).await["fulfilment"], "shipped");
    assert_eq!(shop.stock("TEE", "wh-sh").await, (4, 0));
}

async fn an_order_of_which_nothing_was_found_is_cancelled_with_its_shipping(shop: &Shop) {
    tees(shop).await;
    let purchase = paid(shop, 2).await;
    let warehouse = shop.warehouse("wh-sh");
    let list = warehouse.plans_one_list("w1").await;
    let none = json!({"quantity": 0, "short": {"outcome": "refund"}});
    warehouse.confirms_task(&list, 1, &none).await;
    shop.time_passes(MINUTE).await;
    assert_eq!(shop.gateway_paid_back(&purchase), purchase.total);
    let seen = shop.order(purchase.only()).await;
    assert_eq!((&seen["state"], &seen["final"]), (&json!("cancelled"), &json!(true)));
    assert_eq!(seen["state_detail"]["why"], "short_pick");
    assert_eq!(shop.stock("TEE", "wh-sh").await, (8, 0));
    shop.ledger(&purchase).await.escrow_is_empty();
}

async fn missing_units_come_from_another_warehouse(shop: &Shop) {
    tees(shop).await;
    let purchase = paid(shop, 3).await;
    let (here, there) = (shop.warehouse("wh-sh"), shop.warehouse("wh-bj"));
    let list = here.plans_one_list("w1").await;
    here.confirms_task(&list, 1, &found(2, "other_warehouse")).await;
    assert_eq!(shop.stock("TEE", "wh-sh").await, (9, 2));
    assert_eq!(shop.stock("TEE", "wh-bj").await, (2, 1));
    assert_eq!(there.has_to_pick().await, [(purchase.only().id.clone(), 1)]);
    here.ships(purchase.only(), &[(1, 2)]).await;
    assert_eq!(shop.order(purchase.only()).await["fulfilment"], "partly_shipped");
    let list = there.plans_one_list("w2").await;
    there.picks_list(&list).await;
    there.ships(purchase.only(), &[(1, 1)]).await;
    assert_eq!(shop.order(purchase.only()).await["fulfilment"], "shipped");
    assert_eq!(shop.gateway_paid_back(&purchase), 0);
}

async fn what_no_other_warehouse_has_needs_another_outcome(shop: &Shop) {
    tees(shop).await;
    paid(shop, 3).await;
    let warehouse = shop.warehouse("wh-sh");
    let list = warehouse.plans_one_list("w1").await;
    let before = shop.books().counts();
    let refused = warehouse.confirm_task(&list, 1, &found(0, "other_warehouse")).await;
    refused.is_refused(409, "out_of_stock");
    assert_eq!(refused.at("/errors/0/available"), 2);
    assert_eq!(shop.books().counts(), before);
    warehouse.confirms_task(&list, 1, &found(1, "other_warehouse")).await;
    assert_eq!(shop.stock("TEE", "wh-bj").await, (2, 2));
}

async fn missing_units_are_waited_for_and_then_picked(shop: &Shop) {
    tees(shop).await;
    let purchase = paid(shop, 3).await;
    let warehouse = shop.warehouse("wh-sh");
    let list = warehouse.plans_one_list("w1").await;
    let past = json!({"scanned": "TEE", "quantity": 2,
        "short": {"outcome": "wait", "until": "2026-03-01T00:00:00Z"}});
    warehouse.confirm_task(&list, 1, &past).await.is_refused(422, "invalid_body");
    let until = json!({"scanned": "TEE", "quantity": 2,
        "short": {"outcome": "wait", "until": "2026-03-02T09:00:30+08:00"}});
    drop(warehouse.confirm_task(&list, 1, &until).await.must(&[200]));
    assert_eq!(
        shop.stock("TEE", "wh-sh").await,
        (10, 3),
        "they stay promised until somebody counts"
    );
    shop.is_later(MINUTE).await;
    let list = warehouse.plans_one_list("w2").await;
    warehouse.confirms_task(&list, 1, &found(0, "wait")).await;
    shop.is_later(HOUR).await;
    let too_early = warehouse.plan_wave("w3", &json!({"rule": {}})).await;
    too_early.is_refused(409, "nothing_to_pick");
    shop.is_later(DAY).await;
    let list = warehouse.plans_one_list("w3").await;
    assert_eq!(list["pieces"]["wanted"], 1);
    warehouse.picks_list(&list).await;
    warehouse.ships(purchase.only(), &[(1, 3)]).await;
    assert_eq!(shop.stock("TEE", "wh-sh").await, (7, 0));
}

async fn what_is_waited_for_here_is_picked_at_once_elsewhere(shop: &Shop) {
    tees(shop).await;
    let purchase = paid(shop, 2).await;
    let (here, there) = (shop.warehouse("wh-sh"), shop.warehouse("wh-bj"));
    let list = here.plans_one_list("w1").await;
    let none = json!({"quantity": 0, "short": {"outcome": "wait"}});
    here.confirms_task(&list, 1, &none).await;
    let too_early = here.plan_wave("w2", &json!({"rule": {}})).await;
    too_early.is_refused(409, "nothing_to_pick");
    here.reroutes(purchase.only(), &json!({"reason": "goods_missing"})).await;
    let list = there.plans_one_list("w3").await;
    assert_eq!(list["pieces"]["wanted"], 2);
    there.picks_list(&list).await;
    there.ships(purchase.only(), &[(1, 2)]).await;
}

async fn the_policy_decides_where_nobody_says_it(shop: &Shop) {
    tees(shop).await;
    let purchase = paid(shop, 2).await;
    let warehouse = shop.warehouse("wh-sh");
    let list = warehouse.plans_one_list("w1").await;
    let said = json!({"scanned": "TEE", "quantity": 1});
    warehouse.confirm_task(&list, 1, &said).await.is_refused(422, "invalid_body");
    let policy = json!({"id": "shop", "set": {"picking": {"short_pick": "refund"}}});
    drop(shop.operator().put("/v1/catalog/policies/shop", &policy).await.must(&[201]));
    warehouse.confirms_task(&list, 1, &said).await;
    shop.time_passes(MINUTE).await;
    assert_eq!(shop.gateway_paid_back(&purchase), 3_333);
}

async fn nobody_pays_the_courier_for_what_was_not_found(shop: &Shop) {
    let terms = json!({"shipping": {"fee_minor": 1_000}, "cash_on_delivery": true});
    shop.merchant("m1").joins(terms).await;
    tees(shop).await;
    let purchase = shop.buyer("li").buys_on_delivery(&[("TEE", 3)]).await;
    let warehouse = shop.warehouse("wh-sh");
    if shop.order(purchase.only()).await["state"] == "awaiting_confirmation" {
        shop.merchant("m1").confirms(purchase.only()).await;
    }
    let list = warehouse.plans_one_list("w1").await;
    warehouse.confirms_task(&list, 1, &found(2, "refund")).await;
    let seen = shop.order(purchase.only()).await;
    assert_eq!(seen["cash_on_delivery"]["due"]["amount"], 2 * 3_333 + 1_000);
    let parcel = warehouse.ships(purchase.only(), &[(1, 2)]).await;
    let seen = warehouse.get(&format!("/v1/shipping/parcels/{}", parcel.id)).await.must(&[200]);
    assert_eq!(seen.at("/collect/amount"), 2 * 3_333 + 1_000);
}

async fn a_pick_whose_answer_was_lost_is_booked_once(shop: &Shop) {
    tees(shop).await;
    let purchase = paid(shop, 3).await;
    let warehouse = shop.warehouse("wh-sh");
    let list = warehouse.plans_one_list("w1").await;
    let ask = warehouse.confirm_task(&list, 1, &found(1, "refund"));
    shop.loses_its_next_answer().await;
    assert!(ask.clone().await.status.is_server_error());
    let again = ask.await.must(&[200]).json();
    assert_eq!((&again["task"]["picked"], &again["task"]["short"]), (&json!(1), &json!(2)));
    shop.time_passes(MINUTE).await;
    assert_eq!(shop.gateway_paid_back(&purchase), 2 * 3_333);
    assert_eq!(shop.stock("TEE", "wh-sh").await, (8, 1));
}

stories! {
    exactly_the_missing_units_are_paid_back_and_the_rest_ships
    an_order_of_which_nothing_was_found_is_cancelled_with_its_shipping
    missing_units_come_from_another_warehouse
    what_no_other_warehouse_has_needs_another_outcome
    missing_units_are_waited_for_and_then_picked
    what_is_waited_for_here_is_picked_at_once_elsewhere
    the_policy_decides_where_nobody_says_it
    nobody_pays_the_courier_for_what_was_not_found
    a_pick_whose_answer_was_lost_is_booked_once
}
