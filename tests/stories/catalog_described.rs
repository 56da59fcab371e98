//! What a shop says of itself: nothing is replaced unseen, nothing is deleted, nonsense is refused.

use http::Method;
use orderflow_tests::{Shop, Value, json, stories};

const TEE: &str = "/v1/catalog/skus/TEE";

async fn nothing_is_replaced_unseen(shop: &Shop) {
    shop.merchant("m1").sells("TEE", 12_800).await;
    let merchant = shop.merchant("m1");
    let known = merchant.get(TEE).await.must(&[200]);
    let tag = known.header("etag").unwrap().to_owned();
    drop(merchant.get(TEE).header("if-none-match", &tag).await.must(&[304]));
    let mut other = known.json();
    other["price_minor"] = json!(9_900);
    merchant.put(TEE, &other).await.is_refused(428, "if_match_needed");
    let new = merchant.put(TEE, &other).header("if-none-match", "*").await;
    new.is_refused(412, "exists");
    drop(merchant.put(TEE, &other).header("if-match", &tag).await.must(&[200]));
    other["price_minor"] = json!(8_800);
    let late = merchant.put(TEE, &other).header("if-match", &tag).await;
    late.is_refused(412, "version_differs");
    assert_eq!(merchant.get(TEE).await.at("/price_minor"), 9_900);
    // Saying again what it is, is no change and needs no version.
    let known = merchant.get(TEE).await;
    let same = merchant.put(TEE, &known.json()).await.must(&[200]);
    assert_eq!(same.header("etag"), known.header("etag"));
    other["id"] = json!("HAT");
    let absent = merchant.put("/v1/catalog/skus/HAT", &other).header("if-match", &tag).await;
    absent.is_refused(412, "version_differs");
    drop(
        merchant
            .put("/v1/catalog/skus/HAT", &other)
            .header("if-none-match", "*")
            .await
            .must(&[201]),
    );
}

async fn what_is_retired_is_not_sold_and_keeps_its_history(shop: &Shop) {
    shop.merchant("m1").sells("TEE", 12_800).stock("wh-sh", 10).await;
    let (buyer, operator) = (shop.buyer("li"), shop.operator());
    let purchase = buyer.buys(&[("TEE", 1)]).await;
    shop.stripe_says_paid(&purchase).await;
    let refused = [
        ("skus", "TEE", "/errors/0/code", json!("not_for_sale")),
        ("merchants", "m1", "/errors/0/code", json!("unknown_merchant")),
        ("warehouses", "wh-sh", "/errors/0/available", json!(0)),
    ];
    for (kind, id, place, why) in refused {
        operator.changes(kind, id, json!({"active": false})).await;
        assert_eq!(buyer.buy(&[("TEE", 1)]).await.at(place), why, "{kind}");
        let mut deletion = operator.get(&format!("/v1/catalog/{kind}/{id}"));
        deletion.method = Method::DELETE;
        deletion.await.is_refused(405, "method_not_allowed");
        let retired = operator.get(&format!("/v1/catalog/{kind}?active=false")).await;
        assert_eq!(retired.at(&format!("/{kind}/0/id")), id);
        operator.changes(kind, id, json!({"active": true})).await;
        buyer.buys(&[("TEE", 1)]).await;
        let versions =
            format!("select count(*) from journal where kind = '{kind}' and id = '{id}'");
        assert_eq!(shop.books().number(&versions), 3);
    }
    // What was sold before goes on to its end.
    operator.changes("skus", "TEE", json!({"active": false})).await;
    operator.changes("warehouses", "wh-sh", json!({"active": false})).await;
    shop.warehouse("wh-sh").ships(purchase.only(), &[(1, 1)]).await;
}

async fn only_carriers_that_collect_at_a_warehouse_label_its_parcels(shop: &Shop) {
    shop.merchant("m1").sells("TEE", 12_800).stock("wh-sh", 10).await;
    shop.operator().changes("warehouses", "wh-sh", json!({"carriers": ["yuantong"]})).await;
    let purchase = shop.buyer("li").buys(&[("TEE", 1)]).await;
    shop.stripe_says_paid(&purchase).await;
    let warehouse = shop.warehouse("wh-sh");
    let parcel = warehouse.packs(purchase.only(), &[(1, 1)]).await;
    warehouse.label(&parcel, "zto").await.is_refused(409, "carrier_not_here");
    warehouse.labels(&parcel, "yuantong").await;
}

async fn a_merchant_sees_and_describes_only_their_own(shop: &Shop) {
    shop.merchant("m1").sells("TEE", 12_800).stock("wh-sh", 10).await;
    shop.merchant("m2").sells("MUG", 4_500).await;
    let stranger = shop.merchant("m2");
    for path in [TEE, "/v1/catalog/skus/TEE/stock", "/v1/catalog/skus/TEE/movements"] {
        stranger.get(path).await.is_refused(404, "not_found");
        drop(shop.merchant("m1").get(path).await.must(&[200]));
    }
    stranger.get("/v1/catalog/merchants/m1").await.is_refused(404, "not_found");
    let listed = |answer: Value| -> Vec<Value> {
        answer.as_array().unwrap().iter().map(|thing| thing["id"].clone()).collect()
    };
    let skus = stranger.get("/v1/catalog/skus?merchant=m1").await.must(&[200]);
    assert_eq!(listed(skus.at("/skus")), ["MUG"]);
    let merchants = stranger.get("/v1/catalog/merchants").await.must(&[200]);
    assert_eq!(listed(merchants.at("/merchants")), ["m2"]);
    let warehouses = stranger.get("/v1/catalog/warehouses").await.must(&[200]);
    assert_eq!(listed(warehouses.at("/warehouses")), ["wh-sh"]);
    let all = shop.operator().get("/v1/catalog/skus").await.must(&[200]);
    assert_eq!(listed(all.at("/skus")), ["MUG", "TEE"]);
    let mut taken = shop.operator().get(TEE).await.json();
    taken["merchant"] = json!("m2");
    let stolen = stranger.put(TEE, &taken).header("if-match", "\"v1\"").await;
    stolen.is_refused(403, "forbidden");
    let buyer = shop.buyer("li").get("/v1/catalog/skus").await;
    buyer.is_refused(403, "forbidden");
    let itself = shop.merchant("m1").get("/v1/catalog/merchants/m1").await.must(&[200]);
    let own = shop.merchant("m1").put("/v1/catalog/merchants/m1", &itself.json()).await;
    own.is_refused(403, "forbidden");
}

async fn what_was_said_by_whom_and_when_stays(shop: &Shop) {
    let merchant = shop.merchant("m1");
    merchant.sells("TEE", 12_800).await;
    merchant.changes("skus", "TEE", json!({"price_minor": 9_900})).await;
    shop.operator().changes("skus", "TEE", json!({"active": false})).await;
    let said = merchant.get("/v1/catalog/skus/TEE/history?limit=2").await.must(&[200]);
    let entry = |n: usize, field: &str| said.at(&format!("/history/{n}/{field}"));
    assert_eq!((entry(0, "by/by"), entry(0, "now/active")), (json!("operator"), json!(false)));
    assert_eq!((entry(1, "by/id"), entry(1, "etag")), (json!("m1"), json!("\"v2\"")));
    let (_, rest) = said.header("link").unwrap().split_once('<').unwrap();
    let oldest = merchant.get(rest.split_once('>').unwrap().0).await.must(&[200]);
    assert_eq!(oldest.at("/history/0/now/price_minor"), 12_800);
    assert_eq!((oldest.at("/history/1"), oldest.header("link")), (json!(null), None));
    let stranger = shop.merchant("m2").get("/v1/catalog/skus/TEE/history").await;
    stranger.is_refused(404, "not_found");
    let nonsense = merchant.get("/v1/catalog/skus/TEE/history?cursor=azp4").await;
    nonsense.is_refused(400, "bad_cursor");
}

async fn lists_go_page_by_page(shop: &Shop) {
    for n in 0..5 {
        shop.merchant("m1").sells(&format!("S{n}"), 100).await;
        shop.merchant("m2").sells(&format!("T{n}"), 100).await;
    }
    let (mut path, mut seen) = ("/v1/catalog/skus?merchant=m1&limit=2".to_owned(), Vec::new());
    loop {
        let page = shop.support().get(&path).await.must(&[200]);
        let ids = page.at("/skus");
        seen.extend(ids.as_array().unwrap().iter().map(|s| s["id"].as_str().unwrap().to_owned()));
        let Some(link) = page.header("link") else { break };
        let next = link.strip_prefix('<').unwrap().strip_suffix(">; rel=\"next\"").unwrap();
        path = next.to_owned();
    }
    assert_eq!(seen, ["S0", "S1", "S2", "S3", "S4"]);
    shop.support().get("/v1/catalog/skus?cursor=x").await.is_refused(400, "bad_cursor");
    shop.support().get("/v1/catalog/skus?active=maybe").await.is_refused(400, "bad_filter");
}

/// Descriptions that cannot be, and every place at which they are wrong.
fn wrong() -> Vec<(&'static str, Value, &'static str)> {
    let sku = |fields: Value| {
        let mut sku =
            json!({"id": "X", "merchant": "m1", "name": "X", "price_minor": 1, "currency": "CNY"});
        sku.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        sku
    };
    let codes = json!({"barcodes": ["4006381333932", "a", "a"]});
    let size = json!({"size_mm": {"length": 0, "width": 1, "height": 1}, "low_stock": -1});
    let merchant = json!({"id": "X", "name": "X", "commission_bp": 10_001, "return_address": "",
        "contacts": [{"name": "Li", "phone": "call me", "email": "@"}]});
    let yearly = json!({"id": "X", "name": "X", "commission_bp": 1, "return_address": "R",
        "account_period": "yearly"});
    let warehouse = json!({"id": "X", "name": "X", "region": "31", "priority": 5_000,
        "carriers": ["zto", "zto"]});
    vec![
        ("skus", sku(json!({"name": " ", "price_minor": -1})), "#/name #/price_minor"),
        ("skus", sku(codes), "#/barcodes/0 #/barcodes/2"),
        ("skus", sku(size), "#/size_mm/length #/low_stock"),
        ("skus", sku(json!({"merchant": "m9"})), "#/merchant"),
        ("skus", sku(json!({"price_minor": 1.5})), "#/price_minor"),
        ("skus", sku(json!({"colour": "red"})), "#/colour"),
        (
            "merchants",
            merchant,
            "#/commission_bp #/return_address #/contacts/0/phone #/contacts/0/email",
        ),
        ("merchants", yearly, "#/account_period"),
        ("warehouses", warehouse, "#/region #/priority #/carriers/1"),
    ]
}

async fn a_description_that_cannot_be_is_refused_with_every_place(shop: &Shop) {
    shop.merchant("m1").sells("TEE", 12_800).await;
    for (kind, thing, places) in wrong() {
        let answer = shop.operator().put(&format!("/v1/catalog/{kind}/X"), &thing).await;
        answer.is_refused(422, "invalid_body");
        let told = answer.at("/errors");
        let told: Vec<&str> =
            told.as_array().unwrap().iter().map(|e| e["pointer"].as_str().unwrap()).collect();
        assert_eq!(told.join(" "), places, "{answer}");
    }
    let right = json!({"id": "PEN", "merchant": "m1", "name": "Pen", "price_minor": 1,
        "currency": "CNY", "barcodes": ["4006381333931"], "return_exception": "customised",
        "serial_kept": true, "warranty_months": 24});
    let made = shop.merchant("m1").describes("skus", &right).await;
    assert_eq!(made.at("/warranty_months"), 24);
    let elsewhere = shop.nobody(Method::GET, "/v1/catalog/skus/PEN").await;
    elsewhere.is_refused(401, "no_token");
}

stories! {
    nothing_is_replaced_unseen
    what_is_retired_is_not_sold_and_keeps_its_history
    only_carriers_that_collect_at_a_warehouse_label_its_parcels
    a_merchant_sees_and_describes_only_their_own
    what_was_said_by_whom_and_when_stays
    lists_go_page_by_page
    a_description_that_cannot_be_is_refused_with_every_place
}
