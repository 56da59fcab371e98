//! The shop sets its own policy, and it holds from the next request on.

use orderflow_tests::{DAY, MINUTE, Shop, json, stories};

const POLICY: &str = "/v1/catalog/policies/shop";

async fn what_the_shop_sets_holds_from_the_next_order_on(shop: &Shop) {
    shop.merchant("m1").sells("TEE", 12_800).stock("wh-sh", 10).await;
    shop.merchant("m1").sells("CAP", 5_900).stock("wh-sh", 10).await;
    let (buyer, operator) = (shop.buyer("li"), shop.operator());
    operator.get(POLICY).await.is_refused(404, "not_found");
    buyer.buys(&[("TEE", 1), ("CAP", 1)]).await;
    let set = json!({"id": "shop", "set": {"unpaid_ms": 10 * MINUTE, "lines_at_most": 1}});
    let made = operator.put(POLICY, &set).await.must(&[201]);
    let refused = buyer.buy(&[("TEE", 1), ("CAP", 1)]).await;
    assert_eq!(refused.at("/errors/0/code"), "too_many_lines");
    let quote = buyer.post(
        "/v1/quotes",
        &json!({"lines": [
        {"sku": "TEE", "quantity": 1}, {"sku": "CAP", "quantity": 1}],
        "delivery": orderflow_tests::address()}),
    );
    assert_eq!(quote.await.at("/errors/0/code"), "too_many_lines");
    let purchase = buyer.buys(&[("TEE", 1)]).await;
    shop.time_passes(11 * MINUTE).await;
    let order = buyer.get(&format!("/v1/orders/{}", purchase.only().id)).await;
    assert_eq!(order.at("/state"), "cancelled", "it expired after ten minutes");
    // Taken back, the default holds again.
    let none = json!({"id": "shop", "set": {}});
    let tag = made.header("etag").unwrap();
    drop(operator.put(POLICY, &none).header("if-match", tag).await.must(&[200]));
    buyer.buys(&[("TEE", 1), ("CAP", 1)]).await;
    let effective = operator.get(&format!("{POLICY}/effective")).await.must(&[200]);
    assert_eq!(effective.at("/lines_at_most"), 200);
    assert_eq!(shop.books().number("select count(*) from journal where kind = 'policies'"), 2);
}

async fn a_policy_that_makes_no_sense_is_refused_with_its_place(shop: &Shop) {
    let wrong = [
        (json!({"unpaid_seconds": 5}), "#/set/unpaid_seconds"),
        (json!({"unpaid_ms": "soon"}), "#/set/unpaid_ms"),
        (json!({"unpaid_ms": 1.5}), "#/set/unpaid_ms"),
        (json!({"unpaid_ms": 0}), "#/set/unpaid_ms"),
        (json!({"unpaid_ms": -MINUTE}), "#/set/unpaid_ms"),
        (json!({"review_ms": 4_000 * DAY}), "#/set/review_ms"),
        (json!({"lines_at_most": 0}), "#/set/lines_at_most"),
        (json!({"lines_at_most": 100_000}), "#/set/lines_at_most"),
        (json!({"pieces_at_most": null}), "#/set/pieces_at_most"),
    ];
    let operator = shop.operator();
    for (set, place) in wrong {
        let refused = operator.put(POLICY, &json!({"id": "shop", "set": set})).await;
        refused.is_refused(422, "invalid_body");
        assert_eq!(refused.at("/errors/0/pointer"), place, "{refused}");
    }
    let other = operator.put("/v1/catalog/policies/m1", &json!({"id": "m1", "set": {}})).await;
    other.is_refused(422, "invalid_body");
    operator.get(POLICY).await.is_refused(404, "not_found");
    let merchant = shop.merchant("m1").put(POLICY, &json!({"id": "shop", "set": {}})).await;
    merchant.is_refused(403, "forbidden");
}

async fn an_idempotency_key_is_remembered_as_long_as_the_shop_says(shop: &Shop) {
    shop.merchant("m1").sells("TEE", 12_800).stock("wh-sh", 10).await;
    let set = json!({"id": "shop", "set": {"idempotency_ms": 5 * MINUTE}});
    shop.operator().describes("policies", &set).await;
    let buyer = shop.buyer("li");
    let ask = buyer.buy(&[("TEE", 1)]).key("once");
    let first = ask.clone().await.must(&[201]);
    shop.time_passes(4 * MINUTE).await;
    assert_eq!(ask.clone().await.at("/purchase"), first.at("/purchase"));
    shop.time_passes(2 * MINUTE).await;
    assert_ne!(ask.await.must(&[201]).at("/purchase"), first.at("/purchase"));
    // The same for what is no order.
    let adjust = shop.warehouse("wh-sh").adjust("found", json!(null), &[("TEE", "wh-sh", 1)]);
    let adjust = adjust.key("found");
    drop(adjust.clone().await.must(&[201]));
    shop.time_passes(6 * MINUTE).await;
    drop(adjust.await.must(&[201]));
    assert_eq!(shop.stock("TEE", "wh-sh").await.0, 12);
}

stories! {
    what_the_shop_sets_holds_from_the_next_order_on
    a_policy_that_makes_no_sense_is_refused_with_its_place
    an_idempotency_key_is_remembered_as_long_as_the_shop_says
}
