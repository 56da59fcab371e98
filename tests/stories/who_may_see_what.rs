//! Whose business it is. What somebody may not see does not exist for them.

use http::Method;
use orderflow_tests::{DAY, HOUR, Millis, Purchase, Shop, json, stories};

async fn a_paid_purchase(shop: &Shop) -> Purchase {
    shop.merchant("m1").sells("TEE", 12_800).stock("wh-sh", 10).await;
    let purchase = shop.buyer("li").buys(&[("TEE", 1)]).await;
    shop.stripe_says_paid(&purchase).await;
    purchase
}

async fn an_order_exists_only_for_those_whom_it_concerns(shop: &Shop) {
    let purchase = a_paid_purchase(shop).await;
    let order = purchase.only();
    let paths = [format!("/v1/orders/{}", order.id), format!("/v1/orders/{}/timeline", order.id)];
    for path in &paths {
        for stranger in [shop.buyer("han"), shop.merchant("m2"), shop.warehouse("wh-bj")] {
            stranger.get(path).await.is_refused(404, "not_found");
        }
        let known = [shop.buyer("li"), shop.merchant("m1"), shop.warehouse("wh-sh")];
        for known in known.into_iter().chain([shop.support(), shop.finance(), shop.operator()]) {
            drop(known.get(path).await.must(&[200]));
        }
    }
    shop.buyer("han").cancel(order).await.is_refused(404, "not_found");
    shop.merchant("m2").cancel(order).await.is_refused(404, "not_found");
    shop.buyer("han").confirm_receipt(order).await.is_refused(404, "not_found");
    let stolen = shop.buyer("han").ask_back("refund_only", order, &[(1, 1)]).await;
    stolen.is_refused(404, "not_found");
    let path = format!("/v1/purchases/{}", purchase.id);
    shop.buyer("han").get(&path).await.is_refused(404, "not_found");
}

async fn a_role_may_do_its_own_work_only(shop: &Shop) {
    let purchase = a_paid_purchase(shop).await;
    let order = purchase.only();
    let body = json!({"lines": [], "delivery": {}});
    shop.merchant("m1").post("/v1/purchases", &body).await.is_refused(403, "forbidden");
    shop.merchant("m1").close_period("m1").await.is_refused(403, "forbidden");
    let ledger = format!("/v1/purchases/{}/ledger", purchase.id);
    shop.buyer("li").get(&ledger).await.is_refused(403, "forbidden");
    let file = shop.merchant("m1").import("warehouses", "id\n").await;
    file.is_refused(403, "forbidden");
    let packing = json!({"order": order.id, "warehouse": "wh-sh", "weight_g": 1,
        "lines": [{"line": 1, "units": 1}]});
    let elsewhere = shop.warehouse("wh-bj").post("/v1/fulfilment/parcels", &packing).await;
    elsewhere.is_refused(403, "forbidden");
    let buyer = shop.buyer("li").post("/v1/fulfilment/parcels", &packing).await;
    buyer.is_refused(403, "forbidden");
    let sku = json!({"id": "HAT", "merchant": "m1", "name": "Hat", "price_minor": 1,
        "currency": "CNY"});
    let other = shop.merchant("m2").put("/v1/catalog/skus/HAT", &sku).await;
    other.is_refused(403, "forbidden");
}

async fn without_a_token_nobody_is_let_in(shop: &Shop) {
    let purchase = a_paid_purchase(shop).await;
    let path = format!("/v1/orders/{}", purchase.only().id);
    let nobody = shop.nobody(Method::GET, &path).await;
    nobody.is_refused(401, "no_token");
    assert_eq!(nobody.header("www-authenticate"), Some("Bearer"));
    shop.nobody(Method::GET, &path).token("x.y.z").await.is_refused(401, "bad_token");
    let buyer = shop.buyer("li");
    let old = shop.token(&buyer, Millis(shop.now().0 - DAY - HOUR));
    buyer.get(&path).token(&old).await.is_refused(401, "bad_token");
    let good = shop.token(&buyer, shop.now());
    drop(buyer.get(&path).token(&good).await.must(&[200]));
    let (signed, _) = good.rsplit_once('.').unwrap();
    buyer.get(&path).token(&format!("{signed}.AAAA")).await.is_refused(401, "bad_token");
    // The same token, a day later.
    shop.is_later(DAY + HOUR).await;
    buyer.get(&path).token(&good).await.is_refused(401, "bad_token");
}

async fn only_the_scheduler_runs_what_is_due(shop: &Shop) {
    for path in ["/v1/internal/tick", "/v1/internal/dispatch"] {
        shop.nobody(Method::POST, path).await.is_refused(401, "no_token");
        let operator = shop.operator().post(path, &json!({})).await;
        operator.is_refused(401, "bad_token");
    }
}

async fn a_list_shows_ones_own_orders_and_hides_who_buys(shop: &Shop) {
    let purchase = a_paid_purchase(shop).await;
    shop.merchant("m2").sells("MUG", 4_500).stock("wh-sh", 10).await;
    for n in 0..5 {
        shop.buyer("han").buys(&[("MUG", 1)]).await;
        assert_eq!(shop.books().number("select count(*) from orders"), n + 2);
    }
    let mine = shop.buyer("li").get("/v1/orders").await.must(&[200]);
    assert_eq!(mine.at("/orders/0/id"), purchase.only().id.as_str());
    assert_eq!(mine.at("/orders/0/delivery/phone"), "+86138****8000");
    assert_eq!(mine.at("/orders/1"), json!(null));
    let theirs = shop.merchant("m2").get("/v1/orders?merchant=m1&buyer=li").await.must(&[200]);
    assert_eq!(theirs.at("/orders").as_array().unwrap().len(), 0, "m2 sold nothing to li");
    // Two by two, each order once.
    let (mut seen, mut path) = (Vec::new(), "/v1/orders?limit=2".to_owned());
    loop {
        let page = shop.buyer("han").get(&path).await.must(&[200]).json();
        seen.extend(page["orders"].as_array().unwrap().iter().map(|o| o["id"].to_string()));
        let Some(next) = page["next_cursor"].as_str() else { break };
        path = format!("/v1/orders?limit=2&cursor={next}");
    }
    seen.dedup();
    assert_eq!(seen.len(), 5);
    let first = shop.support().get("/v1/orders?limit=2&merchant=m2").await.must(&[200]);
    let link = first.header("link").unwrap();
    assert!(link.contains("&merchant=m2") && link.ends_with("rel=\"next\""), "{link}");
    let bad = shop.buyer("han").get("/v1/orders?cursor=!").await;
    bad.is_refused(400, "bad_cursor");
}

stories! {
    an_order_exists_only_for_those_whom_it_concerns
    a_role_may_do_its_own_work_only
    without_a_token_nobody_is_let_in
    only_the_scheduler_runs_what_is_due
    a_list_shows_ones_own_orders_and_hides_who_buys
}
