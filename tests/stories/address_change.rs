//! The goods go elsewhere than the buyer said first.

use orderflow_tests::{Purchase, Shop, address, json, stories};

async fn a_tee(shop: &Shop) -> Purchase {
    shop.merchant("m1").sells("TEE", 12_800).stock("wh-sh", 10).await;
    shop.buyer("li").buys(&[("TEE", 2)]).await
}

async fn an_order_goes_to_another_address_until_it_is_packed(shop: &Shop) {
    let purchase = a_tee(shop).await;
    let (buyer, order) = (shop.buyer("li"), purchase.only());
    let mut elsewhere = address();
    elsewhere["detail"] = json!("漕溪路 2 号");
    buyer.redirects(order, &elsewhere).await;
    shop.stripe_says_paid(&purchase).await;
    elsewhere["recipient"] = json!("韩梅梅");
    let seen = shop.support().redirects(order, &elsewhere).await;
    assert_eq!(seen["delivery"]["recipient"], "韩梅梅");
    assert_eq!(seen["delivery"]["detail"], "漕溪路 2 号");

    let parcel = shop.warehouse("wh-sh").packs(order, &[(1, 1)]).await;
    let refused = buyer.redirect(order, &address()).await;
    refused.is_refused(409, "illegal_step");
    assert!(!refused.at("/allowed_actions").as_array().unwrap().contains(&json!("change_address")));
    shop.warehouse("wh-sh").unpacks(&parcel).await;
    buyer.redirects(order, &address()).await;

    let path = format!("/v1/orders/{}/timeline", order.id);
    let timeline = buyer.get(&path).await.must(&[200]).json();
    let events = timeline["events"].as_array().unwrap();
    let changes: Vec<_> = events.iter().filter(|e| e["what"] == "address_changed").collect();
    assert_eq!(changes.len(), 3);
    assert_eq!(changes[1]["by"], json!({"by": "support", "id": "agent-7"}));
    assert_eq!(changes[1]["note"], "I moved");
    let kept = "select count(*) from journal where event ->> '$.to.detail' = '漕溪路 2 号'";
    assert_eq!(shop.books().number(kept), 2, "where it was to go before is not forgotten");
}

async fn a_bad_address_is_refused_like_at_the_checkout(shop: &Shop) {
    let purchase = a_tee(shop).await;
    let (buyer, order) = (shop.buyer("li"), purchase.only());
    let mut nowhere = address();
    nowhere["phone"] = json!("12345");
    nowhere["detail"] = json!(" ");
    let refused = buyer.redirect(order, &nowhere).await;
    refused.is_refused(422, "invalid_body");
    let places: Vec<_> = [0, 1].map(|i| refused.at(&format!("/errors/{i}/pointer"))).into();
    assert!(places.contains(&json!("#/delivery/phone")), "{refused}");
    assert!(places.contains(&json!("#/delivery/detail")), "{refused}");
    shop.buyer("han").redirect(order, &address()).await.is_refused(404, "not_found");
}

async fn the_same_address_again_changes_nothing(shop: &Shop) {
    let purchase = a_tee(shop).await;
    let path = format!("/v1/orders/{}", purchase.only().id);
    let before = shop.buyer("li").get(&path).await.must(&[200]);
    let answer = shop.buyer("li").redirect(purchase.only(), &address()).await.must(&[200]);
    assert_eq!(answer.header("etag"), before.header("etag"));
    let stale = shop.buyer("li").redirect(purchase.only(), &address());
    stale.header("if-match", "\"v9\"").await.is_refused(412, "version_differs");
}

async fn where_shipping_costs_another_amount_the_difference_is_named(shop: &Shop) {
    let merchant = shop.merchant("m1");
    merchant.sells("TEE", 12_800).stock("wh-sh", 10).await;
    let fee = |minor: i64| json!({"by": "order", "fee_minor": minor});
    let near = json!({"name": "江浙沪", "to": ["31", "32", "33"], "fee": fee(600)});
    let far = json!({"name": "新疆", "to": ["65"], "fee": fee(2_000)});
    merchant.ships_by(json!([near, far])).await;
    let (buyer, to) = (shop.buyer("li"), |region: &str| {
        let mut delivery = address();
        delivery["region"] = json!(region);
        delivery
    });
    let purchase = buyer.buys(&[("TEE", 2)]).await;
    let order = purchase.only();
    let refused = buyer.redirect(order, &to("650102")).await;
    refused.is_refused(409, "shipping_differs");
    assert_eq!(refused.at("/by"), json!({"amount": 1_400, "currency": "CNY"}));
    let refused = buyer.redirect(order, &to("440305")).await;
    assert_eq!(refused.at("/errors/0/code"), "not_delivered_there");
    let seen = buyer.redirects(order, &to("330106")).await;
    assert_eq!(seen["delivery"]["region"], "330106");
}

stories! {
    where_shipping_costs_another_amount_the_difference_is_named
    an_order_goes_to_another_address_until_it_is_packed
    a_bad_address_is_refused_like_at_the_checkout
    the_same_address_again_changes_nothing
}
