//! What shipping costs: the merchant's own table, by where the goods go and what they are.

use orderflow_tests::{Purchase, Shop, Value, address, json, stories};

fn to(region: &str) -> Value {
    let mut delivery = address();
    delivery["region"] = json!(region);
    delivery
}

async fn quoted(shop: &Shop, region: &str, tees: i64) -> i64 {
    let lines = json!([{"sku": "TEE", "quantity": tees}]);
    let body = json!({"lines": lines, "delivery": to(region)});
    let answer = shop.buyer("li").post("/v1/quotes", &body).await.must(&[200]);
    answer.at("/orders/0/shipping/amount").as_i64().unwrap()
}

fn zones() -> Value {
    let near = json!({"name": "江浙沪", "to": ["31", "32", "33"], "free_from_minor": 30_000,
        "fee": {"by": "weight", "first_g": 500, "first_minor": 600, "step_g": 500,
            "step_minor": 100}});
    let far = json!({"name": "偏远", "to": ["54", "65"],
        "fee": {"by": "pieces", "first": 1, "first_minor": 2_000, "step": 1, "step_minor": 1_000}});
    let rest = json!({"name": "全国", "to": ["CN"], "fee": {"by": "order", "fee_minor": 1_200}});
    json!([near, far, rest])
}

async fn shipping_costs_what_the_table_says_for_the_place_and_the_weight(shop: &Shop) {
    // A tee weighs 300 g.
    shop.merchant("m1").sells("TEE", 12_800).stock("wh-sh", 10).await;
    assert_eq!(quoted(shop, "310104", 1).await, 0, "without a table, the merchant's terms");
    shop.merchant("m1").ships_by(zones()).await;
    assert_eq!(quoted(shop, "310104", 1).await, 600);
    assert_eq!(quoted(shop, "310104", 2).await, 700);
    assert_eq!(quoted(shop, "310104", 3).await, 0, "free from 300.00");
    assert_eq!(quoted(shop, "650102", 3).await, 4_000);
    assert_eq!(quoted(shop, "440305", 3).await, 1_200);
    let lines = json!([{"sku": "TEE", "quantity": 2}]);
    let body = json!({"lines": lines, "delivery": to("650102")});
    let answer = shop.buyer("li").post("/v1/purchases", &body).await.must(&[201]);
    let purchase = Purchase::of(&answer);
    assert_eq!(purchase.total, 2 * 12_800 + 3_000);
    // What was agreed stays, whatever the table says later.
    let dear = json!([{"name": "all", "to": ["*"], "fee": {"by": "order", "fee_minor": 9_900}}]);
    shop.merchant("m1").ships_by(dear).await;
    shop.stripe_says_paid(&purchase).await;
    assert_eq!(shop.order(purchase.only()).await["shipping"]["amount"], 3_000);
}

async fn a_place_that_no_zone_reaches_is_refused_before_it_is_paid(shop: &Shop) {
    shop.merchant("m1").sells("TEE", 12_800).stock("wh-sh", 10).await;
    shop.merchant("m1").ships_by(zones()).await;
    let abroad = json!({"recipient": "Lee", "phone": "+14155550132", "country": "US",
        "province": "CA", "city": "San Francisco", "detail": "1 Market Street",
        "postal_code": "94103"});
    let body = json!({"lines": [{"sku": "TEE", "quantity": 1}], "delivery": abroad});
    let answer = shop.buyer("li").post("/v1/purchases", &body).await;
    answer.is_refused(422, "invalid_body");
    assert_eq!(answer.at("/errors/0/code"), "not_delivered_there");
    assert_eq!(answer.at("/errors/0/merchant"), "m1");
}

async fn a_merchant_keeps_their_own_table_and_nobody_overwrites_it_unseen(shop: &Shop) {
    shop.merchant("m1").sells("TEE", 12_800).stock("wh-sh", 10).await;
    let (path, merchant) = ("/v1/catalog/rates/m1", shop.merchant("m1"));
    merchant.get(path).await.is_refused(404, "not_found");
    let table = json!({"id": "m1", "currency": "CNY", "zones": zones()});
    let made = merchant.put(path, &table).await.must(&[201]);
    assert_eq!(made.header("etag"), Some("\"v1\""));
    drop(merchant.put(path, &table).await.must(&[200]));
    let mut other = table.clone();
    other["zones"][0]["fee"]["first_minor"] = json!(700);
    merchant.put(path, &other).await.is_refused(428, "if_match_needed");
    let stale = merchant.put(path, &other).header("if-match", "\"v7\"").await;
    stale.is_refused(412, "version_differs");
    drop(merchant.put(path, &other).header("if-match", "\"v1\"").await.must(&[200]));
    assert_eq!(merchant.get(path).await.at("/zones/0/fee/first_minor"), 700);
    shop.merchant("m2").put(path, &table).await.is_refused(403, "forbidden");
    shop.buyer("li").get(path).await.is_refused(403, "forbidden");
    other["zones"][1]["to"] = json!(["nowhere"]);
    let wrong = merchant.put(path, &other).header("if-match", "*").await;
    wrong.is_refused(422, "invalid_body");
    assert_eq!(wrong.at("/errors/0/pointer"), "#/zones/1/to/0");
}

stories! {
    shipping_costs_what_the_table_says_for_the_place_and_the_weight
    a_place_that_no_zone_reaches_is_refused_before_it_is_paid
    a_merchant_keeps_their_own_table_and_nobody_overwrites_it_unseen
}
