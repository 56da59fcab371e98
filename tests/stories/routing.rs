//! Which warehouse sends what, and why: the choice at the order, and moving it before it is picked.

use orderflow_tests::{Purchase, SECOND, Shop, address, json, stories};

const MISSING: &str = "goods_missing";

fn here(warehouse: &str, pieces: i64) -> (String, i64) {
    (warehouse.to_owned(), pieces)
}

/// A tee and a cap; the buyer lives in Shanghai.
async fn a_tee_and_a_cap(shop: &Shop) -> Purchase {
    let purchase = shop.buyer("li").buys(&[("TEE", 1), ("CAP", 1)]).await;
    shop.stripe_says_paid(&purchase).await;
    purchase
}

/// Two tees, in Shanghai where their buyer lives; more lie in Guangzhou and Beijing.
async fn two_tees(shop: &Shop) -> Purchase {
    let merchant = shop.merchant("m1");
    merchant.sells("TEE", 10_000).stock("wh-sh", 2).stock("wh-gz", 2).stock("wh-bj", 9).await;
    let purchase = shop.buyer("li").buys(&[("TEE", 2)]).await;
    shop.stripe_says_paid(&purchase).await;
    assert_eq!(shop.held_in(purchase.only(), 1).await, [here("wh-sh", 2)]);
    purchase
}

async fn one_warehouse_that_has_all_is_chosen_over_two_that_are_nearer(shop: &Shop) {
    let merchant = shop.merchant("m1");
    merchant.sells("TEE", 10_000).stock("wh-sh", 5).stock("wh-bj", 5).await;
    merchant.sells("CAP", 5_000).stock("wh-xh", 5).stock("wh-bj", 5).await;
    shop.operator().changes("warehouses", "wh-xh", json!({"region": "310104"})).await;
    let purchase = a_tee_and_a_cap(shop).await;
    let order = purchase.only();
    assert_eq!(shop.held_in(order, 1).await, [here("wh-bj", 1)]);
    assert_eq!(shop.held_in(order, 2).await, [here("wh-bj", 1)]);
    let told = [("wh-xh", "lacking"), ("wh-sh", "lacking"), ("wh-bj", "chosen")];
    let told = told.map(|(warehouse, verdict)| (warehouse.to_owned(), verdict.to_owned()));
    assert_eq!(shop.candidates(order).await, told);
    let path = format!("/v1/orders/{}", order.id);
    let seen = shop.warehouse("wh-bj").get(&path).await.must(&[200]);
    let routing = seen.at("/routing");
    assert_eq!((&routing["method"], &routing["split"]), (&json!("exact"), &json!(false)));
    assert_eq!((&routing["by"]["by"], &routing["by"]["id"]), (&json!("buyer"), &json!("li")));
    assert_eq!(routing["candidates"][0]["near"], "district");
    assert_eq!(routing["candidates"][2]["lines"], 2);
    let own = shop.buyer("li").get(&path).await.must(&[200]).json();
    assert!(own.get("routing").is_none(), "what the shop looked at is not for buyers");
}

async fn what_it_costs_and_what_the_shop_prefers_decide_between_equals(shop: &Shop) {
    let (operator, merchant) = (shop.operator(), shop.merchant("m1"));
    merchant.sells("TEE", 10_000).stock("wh-1", 5).stock("wh-2", 5).await;
    operator.changes("warehouses", "wh-1", json!({"cost_minor": 700})).await;
    operator.changes("warehouses", "wh-2", json!({"cost_minor": 600})).await;
    let first = shop.buyer("li").buys(&[("TEE", 1)]).await;
    assert_eq!(shop.held_in(first.only(), 1).await, [here("wh-2", 1)]);
    // A shop that weighs cost against distance may send from afar.
    merchant.sells("TEE", 10_000).stock("wh-gz", 5).await;
    let weights = json!({"routing": {"parcels": 1_000, "region": 100, "cost": 1}});
    operator.describes("policies", &json!({"id": "shop", "set": weights})).await;
    let second = shop.buyer("li").buys(&[("TEE", 1)]).await;
    assert_eq!(shop.held_in(second.only(), 1).await, [here("wh-gz", 1)]);
}

async fn an_order_of_two_warehouses_ships_when_both_have_sent_their_part(shop: &Shop) {
    let merchant = shop.merchant("m1");
    merchant.sells("TEE", 10_000).stock("wh-sh", 5).await;
    merchant.sells("CAP", 5_000).stock("wh-gz", 5).await;
    let purchase = a_tee_and_a_cap(shop).await;
    let order = purchase.only();
    let path = format!("/v1/orders/{}", order.id);
    assert_eq!(shop.support().get(&path).await.must(&[200]).at("/routing/split"), true);
    for (warehouse, line, after) in [("wh-gz", 2, "partly_shipped"), ("wh-sh", 1, "shipped")] {
        let who = shop.warehouse(warehouse);
        assert_eq!(who.has_to_pick().await, [(order.id.clone(), 1)]);
        who.ships(order, &[(line, 1)]).await;
        assert_eq!(who.has_to_pick().await, []);
        assert_eq!(shop.order(order).await["fulfilment"], after);
    }
}

async fn a_warehouse_that_cannot_gives_it_up_and_the_next_best_sends_it(shop: &Shop) {
    let purchase = two_tees(shop).await;
    let (order, shanghai) = (purchase.only(), shop.warehouse("wh-sh"));
    let how = json!({"reason": MISSING, "note": "the shelf is empty"});
    let now = shanghai.reroutes(order, &how).await;
    assert_eq!(now["lines"][0]["held"], json!([{"warehouse": "wh-bj", "quantity": 2}]));
    assert_eq!((&now["routing"]["why"], &now["routing"]["lines"]), (&json!(MISSING), &json!(1)));
    let path = format!("/v1/orders/{}/timeline", order.id);
    let told = shop.buyer("li").get(&path).await.must(&[200]).at("/events").to_string();
    assert!(!told.contains("the shelf is empty"), "this is for colleagues: {told}");
    let told = shop.support().get(&path).await.must(&[200]).at("/events").to_string();
    assert!(told.contains("the shelf is empty"), "{told}");
    assert_eq!(shop.stock("TEE", "wh-sh").await, (2, 0));
    assert_eq!(shop.stock("TEE", "wh-bj").await, (9, 2));
    assert_eq!(shanghai.has_to_pick().await, []);
    assert_eq!(shop.warehouse("wh-bj").has_to_pick().await, [(order.id.clone(), 2)]);
    let to = json!({"reason": "overloaded", "to": "wh-gz"});
    shop.merchant("m1").reroutes(order, &to).await;
    assert_eq!(shop.held_in(order, 1).await, [here("wh-gz", 2)]);
    shop.operator().reroutes(order, &to).await;
    shop.time_passes(SECOND).await;
    let heard = shop.merchant_heard(order, "order.rerouted");
    assert_eq!(heard.len(), 2, "it was there already the third time");
    let units = json!({"reason": "other", "to": "wh-bj", "lines": [{"line": 1, "units": 1}]});
    shop.operator().reroutes(order, &units).await;
    assert_eq!(shop.held_in(order, 1).await, [here("wh-gz", 1), here("wh-bj", 1)]);
}

async fn what_is_packed_is_not_moved(shop: &Shop) {
    let purchase = two_tees(shop).await;
    let (order, shanghai) = (purchase.only(), shop.warehouse("wh-sh"));
    let parcel = shanghai.packs(order, &[(1, 1)]).await;
    let how = json!({"reason": MISSING});
    shanghai.reroute(order, &how).await.is_refused(409, "units_packed");
    let one = json!({"reason": MISSING, "lines": [{"line": 1, "units": 1}]});
    shanghai.reroutes(order, &one).await;
    let two = [("wh-sh", 1), ("wh-bj", 1)].map(|(warehouse, pieces)| here(warehouse, pieces));
    assert_eq!(shop.held_in(order, 1).await, two);
    shanghai.reroute(order, &one).await.is_refused(409, "too_many_units");
    let labelled = shanghai.labels(&parcel, "yuantong").await;
    shanghai.hands_over(&labelled).await;
    shop.warehouse("wh-bj").ships(order, &[(1, 1)]).await;
    let nothing = shop.operator().reroute(order, &how).await;
    nothing.is_refused(409, "illegal_step");
}

async fn what_is_on_a_pick_list_is_not_moved_before_the_list_is_given_up(shop: &Shop) {
    let order = two_tees(shop).await.only().clone();
    let (warehouse, how) = (shop.warehouse("wh-sh"), json!({"reason": MISSING}));
    let list = warehouse.plans_one_list("w1").await;
    let refused = warehouse.reroute(&order, &how).await;
    refused.is_refused(409, "being_picked");
    assert_eq!(refused.at("/warehouse"), "wh-sh");
    drop(warehouse.list_step(&list, "call-off").await.must(&[200]));
    warehouse.reroutes(&order, &how).await;
    assert_eq!(shop.held_in(&order, 1).await, [here("wh-bj", 2)]);
}

async fn who_cannot_have_it_all_elsewhere_is_told_what_fails(shop: &Shop) {
    let merchant = shop.merchant("m1");
    merchant.sells("TEE", 10_000).stock("wh-sh", 5).stock("wh-gz", 1).await;
    merchant.sells("CAP", 5_000).stock("wh-sh", 5).stock("wh-gz", 5).await;
    let purchase = shop.buyer("li").buys(&[("TEE", 2), ("CAP", 2)]).await;
    let (order, operator) = (purchase.only(), shop.operator());
    let away = operator.reroute(order, &json!({"reason": "closed", "away_from": "wh-sh"})).await;
    away.is_refused(409, "out_of_stock");
    let errors = away.at("/errors");
    assert_eq!(errors.as_array().unwrap().len(), 1, "{errors}");
    assert_eq!((&errors[0]["sku"], &errors[0]["available"]), (&json!("TEE"), &json!(1)));
    let unknown = operator.reroute(order, &json!({"reason": "closed", "to": "wh-nowhere"})).await;
    unknown.is_refused(422, "invalid_body");
    assert_eq!(unknown.at("/errors/0/code"), "unknown_warehouse");
    let theirs = json!({"reason": "closed", "away_from": "wh-gz"});
    shop.warehouse("wh-sh").reroute(order, &theirs).await.is_refused(403, "forbidden");
    shop.merchant("m2")
        .reroute(order, &json!({"reason": "closed"}))
        .await
        .is_refused(404, "not_found");
    let none = operator.reroute(order, &json!({"reason": "closed", "away_from": "wh-gz"})).await;
    none.is_refused(422, "invalid_body");
    assert_eq!(shop.stock("TEE", "wh-gz").await, (1, 0), "nothing is half done");
}

async fn after_a_change_of_address_it_may_come_from_nearer(shop: &Shop) {
    let purchase = two_tees(shop).await;
    let order = purchase.only();
    let mut elsewhere = address();
    (elsewhere["region"], elsewhere["detail"]) = (json!("440104"), json!("中山五路 1 号"));
    shop.buyer("li").redirects(order, &elsewhere).await;
    assert_eq!(shop.held_in(order, 1).await, [here("wh-sh", 2)], "the hold stays");
    let path = format!("/v1/orders/{}", order.id);
    assert_eq!(shop.operator().get(&path).await.at("/routing/moved_since"), true);
    let now = shop.merchant("m1").reroutes(order, &json!({"reason": "address_changed"})).await;
    assert_eq!(now["lines"][0]["held"], json!([{"warehouse": "wh-gz", "quantity": 2}]));
    assert_eq!(now["routing"]["moved_since"], false);
}

async fn of_the_last_piece_elsewhere_one_gets_it(shop: &Shop) {
    shop.is_stubborn(50);
    let merchant = shop.merchant("m1");
    merchant.sells("TEE", 10_000).stock("wh-sh", 1).stock("wh-gz", 1).await;
    let purchase = shop.buyer("li").buys(&[("TEE", 1)]).await;
    shop.stripe_says_paid(&purchase).await;
    let (order, how) = (purchase.only(), json!({"reason": MISSING}));
    let warehouse = shop.warehouse("wh-sh");
    let (moved, bought) = futures::future::join(
        warehouse.reroute(order, &how).send(),
        shop.buyer("han").buy(&[("TEE", 1)]).send(),
    )
    .await;
    // If the other buyer was first, nothing is left to move to; if not, they get what is free now.
    match moved.status.as_u16() {
        200 => assert_eq!(shop.held_in(order, 1).await, [here("wh-gz", 1)]),
        _ => {
            moved.is_refused(409, "out_of_stock");
            assert_eq!(shop.held_in(order, 1).await, [here("wh-sh", 1)]);
        }
    }
    drop(bought.must(&[201, 409]));
}

stories! {
    one_warehouse_that_has_all_is_chosen_over_two_that_are_nearer
    what_it_costs_and_what_the_shop_prefers_decide_between_equals
    an_order_of_two_warehouses_ships_when_both_have_sent_their_part
    a_warehouse_that_cannot_gives_it_up_and_the_next_best_sends_it
    what_is_packed_is_not_moved
    what_is_on_a_pick_list_is_not_moved_before_the_list_is_given_up
    who_cannot_have_it_all_elsewhere_is_told_what_fails
    after_a_change_of_address_it_may_come_from_nearer
    of_the_last_piece_elsewhere_one_gets_it
}
