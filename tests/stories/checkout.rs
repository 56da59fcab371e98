//! Checkout: what a buyer asks for is checked in one go, kept as it was agreed, and shown to those
//! whom it concerns.

use orderflow_tests::{Purchase, Shop, Value, address, json, stories};

async fn two_merchants(shop: &Shop) {
    shop.merchant("m1").sells("TEE", 12_800).stock("wh-sh", 10).await;
    shop.merchant("m2").sells("MUG", 4_500).stock("wh-gz", 5).await;
}

fn basket() -> Value {
    json!({
        "lines": [{"sku": "TEE", "quantity": 2}, {"sku": "MUG", "quantity": 1}],
        "delivery": address(),
    })
}

fn cny(minor: i64) -> Value {
    json!({"amount": minor, "currency": "CNY"})
}

async fn a_quote_tells_everything_that_is_wrong_at_once(shop: &Shop) {
    two_merchants(shop).await;
    let mut wrong = basket();
    wrong["lines"][0]["quantity"] = json!(11);
    wrong["lines"][1]["price"] = cny(1);
    wrong["delivery"] = json!({"recipient": "李", "phone": "123", "province": "广东省",
        "city": "长沙市", "detail": "一号"});
    wrong["invoice"] = json!({"to": "company", "title": "某某公司", "tax_no": "1"});
    let answer = shop.buyer("li").post("/v1/quotes", &wrong).await;
    answer.is_refused(422, "invalid_body");
    let errors = answer.at("/errors");
    let told: Vec<String> = errors
        .as_array()
        .unwrap()
        .iter()
        .map(|e| format!("{} {}", e["pointer"].as_str().unwrap(), e["code"].as_str().unwrap()))
        .collect();
    let expected = [
        "#/lines/1/price price_differs",
        "#/delivery/recipient too_short",
        "#/delivery/detail too_short",
        "#/delivery/city unknown_region",
        "#/delivery/phone not_a_phone_number",
        "#/invoice/tax_no not_a_tax_number",
        "#/lines/0/quantity out_of_stock",
    ];
    assert_eq!(told, expected);
    assert_eq!(shop.books().number("select count(*) from orders"), 0);
    // What is only different now is a conflict: asking again may help.
    let mut late = basket();
    late["total"] = cny(1);
    late["lines"][0]["quantity"] = json!(11);
    let answer = shop.buyer("li").post("/v1/purchases", &late).await;
    answer.is_refused(409, "out_of_stock");
    assert_eq!(answer.at("/errors/0/available"), 10);
    assert_eq!(answer.at("/errors/1/right/amount"), 11 * 12_800 + 4_500);
}

async fn amounts_that_are_no_whole_numbers_are_refused_with_their_place(shop: &Shop) {
    two_merchants(shop).await;
    let mut right = basket();
    right["total"] = json!("the total");
    right["points"] = json!({"id": "p", "amount": "the points"});
    let right = right.to_string();
    let quote = async |what: &str, amount: &str| {
        let money = |minor: &str| format!("{{\"amount\":{minor},\"currency\":\"CNY\"}}");
        let body = right.replace(&format!("\"{what}\""), &money(amount));
        let body = body.replace("\"the total\"", &money("30100"));
        let body = body.replace("\"the points\"", &money("0"));
        shop.buyer("li").post("/v1/quotes", &json!({})).body("application/json", body).await
    };
    drop(quote("the total", "30100").await.must(&[200]));
    for (what, place) in [("the total", "#/total"), ("the points", "#/points/amount")] {
        for amount in ["12.5", "1e3", "\"12800\"", "99999999999999999999", "true", "null"] {
            let answer = quote(what, amount).await;
            answer.is_refused(422, "invalid_body");
            assert_eq!(answer.at("/errors/0/pointer"), format!("{place}/amount"), "{amount}");
        }
    }
}

async fn everything_a_buyer_asked_for_is_on_the_order(shop: &Shop) {
    two_merchants(shop).await;
    let terms = json!({"shipping": {"fee_minor": 1_000}});
    shop.merchant("m3").joins(terms).await;
    shop.merchant("m3").sells("POT", 6_660).stock("wh-sh", 5).await;
    let mut wanted = basket();
    wanted["lines"][1] = json!({"sku": "POT", "quantity": 3});
    wanted["delivery"] = json!({"recipient": "李雷", "phone": "138 0013 8000",
        "province": "广东", "city": "深圳", "district": "南山区", "street": "粤海街道",
        "detail": "科技园 9 栋", "postal_code": "518000"});
    wanted["discounts"] = json!([
        {"id": "spring", "amount": cny(2_558)},
        {"id": "freight", "amount": cny(400), "on": "shipping", "merchant": "m3"},
    ]);
    wanted["points"] = json!({"id": "spend-9", "amount": cny(2_000)});
    wanted["note"] = json!("请周末送");
    wanted["invoice"] = json!({"to": "company", "kind": "special", "title": "某某有限公司",
        "tax_no": "91350100m000100y43", "email": "tax@example.com"});
    wanted["gift"] = json!({"message": "生日快乐", "hide_prices": true});
    let total = 2 * 12_800 + 3 * 6_660 - 2_558 - 2_000 + 600;
    wanted["total"] = cny(total);
    let answer = shop.buyer("li").post("/v1/purchases", &wanted).await.must(&[201]);
    let purchase = Purchase::of(&answer);
    assert_eq!(purchase.total, total);
    let order = shop.order(purchase.order("m3")).await;
    assert_eq!(order["delivery"]["phone"], "+8613800138000");
    assert_eq!(order["delivery"]["region"], "440305");
    assert_eq!(order["delivery"]["city"], "深圳市");
    assert_eq!(order["delivery"]["street"], "粤海街道");
    assert_eq!(order["note"], "请周末送");
    assert_eq!(order["invoice"]["tax_no"], "91350100M000100Y43");
    assert_eq!(order["gift"], json!({"message": "生日快乐", "hide_prices": true}));
    assert_eq!(order["shipping"]["amount"], 600);
    assert_eq!(order["shipping_discount"]["amount"], 400);
    assert_eq!(order["promotions"][1]["id"], "freight");
    let points = |order: &Value| order["points"]["amount"]["amount"].as_i64().unwrap();
    let other = shop.order(purchase.order("m1")).await;
    assert_eq!(points(&order) + points(&other), 2_000);
    // In a list only the first sign of what is personal shows.
    let listed = shop.support().get("/v1/orders?merchant=m3").await.must(&[200]);
    for (pointer, masked) in [
        ("/orders/0/note", json!("请**")),
        ("/orders/0/invoice/title", json!("某**")),
        ("/orders/0/invoice/tax_no", json!("9**")),
        ("/orders/0/gift/message", json!("生**")),
        ("/orders/0/delivery/recipient", json!("李**")),
        ("/orders/0/delivery/detail", Value::Null),
    ] {
        assert_eq!(listed.at(pointer), masked, "{pointer}");
    }
}

async fn units_given_back_carry_their_part_of_points_and_discounts(shop: &Shop) {
    two_merchants(shop).await;
    let mut wanted = basket();
    wanted["lines"] = json!([{"sku": "TEE", "quantity": 3}]);
    wanted["discounts"] = json!([{"id": "a", "amount": cny(1_000)}]);
    wanted["points"] = json!({"id": "p", "amount": cny(500)});
    let buyer = shop.buyer("li");
    let answer = buyer.post("/v1/purchases", &wanted).await.must(&[201]);
    let purchase = Purchase::of(&answer);
    shop.stripe_says_paid(&purchase).await;
    let mut paid_back = 0;
    for points in [166, 333, 500] {
        buyer.wants_no_more(purchase.only(), &[(1, 1)]).await;
        shop.time_passes(1_000).await;
        let back = shop.order(purchase.only()).await["points"]["given_back"]["amount"].clone();
        assert_eq!(back, points);
        assert!(shop.gateway_paid_back(&purchase) > paid_back);
        paid_back = shop.gateway_paid_back(&purchase);
    }
    assert_eq!(paid_back, 3 * 12_800 - 1_500);
}

async fn a_new_district_is_no_reason_to_sell_nothing(shop: &Shop) {
    two_merchants(shop).await;
    let mut wanted = basket();
    wanted["delivery"]["region"] = json!("310199");
    wanted["delivery"]["district"] = json!("临港新区");
    let answer = shop.buyer("li").post("/v1/purchases", &wanted).await.must(&[201]);
    let order = shop.order(Purchase::of(&answer).order("m1")).await;
    assert_eq!(order["delivery"]["remarks"], json!(["unknown_district"]));
    assert_eq!(order["delivery"]["region"], "310100");
    assert_eq!(order["delivery"]["district"], "临港新区");
    wanted["delivery"]["region"] = json!("319999");
    let answer = shop.buyer("li").post("/v1/purchases", &wanted).await;
    answer.is_refused(422, "invalid_body");
    assert_eq!(answer.at("/errors/0/code"), "unknown_region");
}

async fn a_buyer_who_holds_much_and_pays_nothing_must_wait(shop: &Shop) {
    two_merchants(shop).await;
    let set = json!({"id": "shop", "set": {"unpaid_at_most": 2}});
    shop.operator().describes("policies", &set).await;
    let buyer = shop.buyer("li");
    let first = buyer.buys(&[("TEE", 1)]).await;
    buyer.buys(&[("TEE", 1)]).await;
    buyer.buy(&[("TEE", 1)]).await.is_refused(409, "too_many_unpaid");
    shop.buyer("han").buys(&[("TEE", 1)]).await;
    shop.stripe_says_paid(&first).await;
    buyer.buys(&[("TEE", 1)]).await;
}

stories! {
    a_quote_tells_everything_that_is_wrong_at_once
    amounts_that_are_no_whole_numbers_are_refused_with_their_place
    everything_a_buyer_asked_for_is_on_the_order
    units_given_back_carry_their_part_of_points_and_discounts
    a_new_district_is_no_reason_to_sell_nothing
    a_buyer_who_holds_much_and_pays_nothing_must_wait
}
