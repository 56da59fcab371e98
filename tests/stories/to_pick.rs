//! A warehouse sees what it has to do: what is certain to be sent, held there, and in no parcel.

use orderflow_tests::{HOUR, MINUTE, Shop, json, stories};

async fn what_is_paid_waits_in_its_warehouse_the_earliest_promise_first(shop: &Shop) {
    shop.merchant("m1").sells("TEE", 12_800).stock("wh-sh", 9).await;
    let (li, warehouse) = (shop.buyer("li"), shop.warehouse("wh-sh"));
    let first = li.buys(&[("TEE", 2)]).await;
    shop.is_later(MINUTE).await;
    let second = li.buys(&[("TEE", 1)]).await;
    assert_eq!(warehouse.has_to_pick().await, [], "nobody has paid");
    shop.stripe_says_paid(&second).await;
    shop.stripe_says_paid(&first).await;
    let (first, second) = (first.only(), second.only());
    let all = [(first.id.clone(), 2), (second.id.clone(), 1)];
    assert_eq!(warehouse.has_to_pick().await, all);
    assert_eq!(shop.warehouse("wh-bj").has_to_pick().await, [], "nothing lies there");

    let page = warehouse.get("/v1/fulfilment/orders?limit=1").await.must(&[200]);
    let line = json!({"line": 1, "sku": "TEE", "name": "TEE of m1", "pieces": 2});
    assert_eq!(page.at("/orders/0/lines"), json!([line]));
    assert_eq!(page.at("/orders/0/region"), "310104");
    let next = page.at("/next_cursor");
    let path = format!("/v1/fulfilment/orders?limit=1&cursor={}", next.as_str().unwrap());
    let page = warehouse.get(&path).await.must(&[200]);
    assert_eq!(page.at("/orders/0/order"), second.id.as_str());
    assert_eq!(page.at("/next_cursor"), json!(null));
}

async fn what_is_packed_or_cancelled_or_doubted_waits_no_more(shop: &Shop) {
    shop.merchant("m1").sells("TEE", 12_800).stock("wh-sh", 9).await;
    let (li, warehouse) = (shop.buyer("li"), shop.warehouse("wh-sh"));
    let purchase = li.buys(&[("TEE", 5)]).await;
    shop.stripe_says_paid(&purchase).await;
    let order = purchase.only();
    let waits = |pieces| vec![(order.id.clone(), pieces)];
    let parcel = warehouse.packs(order, &[(1, 2)]).await;
    assert_eq!(warehouse.has_to_pick().await, waits(3));
    li.cancels_units(order, &[(1, 1)], "changed_mind").await;
    assert_eq!(warehouse.has_to_pick().await, waits(2));
    warehouse.unpacks(&parcel).await;
    assert_eq!(warehouse.has_to_pick().await, waits(4));
    li.cancels(order).await;
    assert_eq!(warehouse.has_to_pick().await, []);

    let doubted = li.buys(&[("TEE", 1)]).await;
    shop.stripe_says_paid(&doubted).await;
    assert_eq!(warehouse.has_to_pick().await.len(), 1);
    let dispute = shop.gateway.dispute(&doubted.payment, doubted.total, "cny", shop.now_s());
    shop.stripe_says(&dispute).await;
    assert_eq!(warehouse.has_to_pick().await, []);
}

async fn what_the_courier_is_paid_for_waits_once_it_is_believed_in(shop: &Shop) {
    let terms = json!({"cash_on_delivery": true});
    shop.merchant("m1").joins(terms).await;
    shop.merchant("m1").sells("TEE", 90_000).stock("wh-sh", 9).await;
    let order = shop.buyer("li").buys_on_delivery(&[("TEE", 3)]).await;
    let warehouse = shop.warehouse("wh-sh");
    assert_eq!(warehouse.has_to_pick().await, []);
    shop.merchant("m1").confirms(order.only()).await;
    assert_eq!(warehouse.has_to_pick().await, [(order.only().id.clone(), 3)]);
}

async fn a_merchant_sees_theirs_and_what_is_late_says_so(shop: &Shop) {
    shop.merchant("m1").sells("TEE", 12_800).stock("wh-sh", 9).await;
    shop.merchant("m2").sells("POT", 6_600).stock("wh-sh", 9).await;
    let purchase = shop.buyer("li").buys(&[("TEE", 1), ("POT", 1)]).await;
    shop.stripe_says_paid(&purchase).await;
    assert_eq!(shop.warehouse("wh-sh").has_to_pick().await.len(), 2);
    shop.is_later(49 * HOUR).await;
    let theirs = shop.merchant("m1").get("/v1/fulfilment/orders?warehouse=wh-sh").await;
    let theirs = theirs.must(&[200]);
    assert_eq!(theirs.at("/orders/0/order"), purchase.order("m1").id.as_str());
    assert_eq!((theirs.at("/orders/0/late"), theirs.at("/orders/1")), (json!(true), json!(null)));
    let unnamed = shop.merchant("m1").get("/v1/fulfilment/orders").await;
    unnamed.is_refused(400, "no_warehouse");
    let unknown = shop.warehouse("wh-sh").get("/v1/fulfilment/orders?state=lost").await;
    unknown.is_refused(400, "unknown_state");
    let strange = shop.warehouse("wh-sh").get("/v1/fulfilment/orders?cursor=azp4").await;
    strange.is_refused(400, "bad_cursor");
}

stories! {
    what_is_paid_waits_in_its_warehouse_the_earliest_promise_first
    what_is_packed_or_cancelled_or_doubted_waits_no_more
    what_the_courier_is_paid_for_waits_once_it_is_believed_in
    a_merchant_sees_theirs_and_what_is_late_says_so
}
