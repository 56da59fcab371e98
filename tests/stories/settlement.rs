//! What a merchant gets: what the buyer paid, less what went back, commission and fee.

use orderflow_tests::{Answer, DAY, Purchase, Shop, address, json, stories};

async fn delivered(shop: &Shop, basket: &[(&str, i64)]) -> Purchase {
    let purchase = shop.buyer("li").buys(basket).await;
    shop.stripe_says_paid(&purchase).await;
    for order in &purchase.orders {
        shop.sends(order).await;
    }
    purchase
}

async fn settlement_of(shop: &Shop, purchase: &Purchase) -> (i64, i64, i64) {
    let settled = shop.order(purchase.only()).await["settlement"].clone();
    assert_eq!(settled["state"], "settled");
    let amount = |name: &str| settled[name]["amount"].as_i64().unwrap();
    (amount("net"), amount("commission"), amount("fee"))
}

async fn commission_is_taken_on_what_stays_with_the_buyer(shop: &Shop) {
    shop.merchant("m1")
        .joins(json!({"commission_bp": 333, "service_fee_minor": 50,
        "shipping": {"fee_minor": 800}}))
        .await;
    shop.merchant("m1").sells("TEE", 3_333).stock("wh-sh", 10).await;
    let body = json!({"lines": [{"sku": "TEE", "quantity": 3}], "delivery": address(),
        "discounts": [{"id": "100-off", "amount": {"amount": 100, "currency": "CNY"}}]});
    let buyer = shop.buyer("li");
    let placed: Answer = buyer.post("/v1/purchases", &body).await.must(&[201]);
    let purchase = Purchase::of(&placed);
    assert_eq!(purchase.total, 9_899 + 800);
    shop.stripe_says_paid(&purchase).await;
    let order = purchase.only();
    shop.sends(order).await;
    let case = buyer.wants_to_return(order, &[(1, 1)]).await;
    shop.merchant("m1").approves(&case).await;
    buyer.sends_back(&case, "shunfeng", "SF1").await;
    shop.warehouse("wh-sh").receives(&case, &[(1, 1, "restock")]).await;
    buyer.confirms_receipt(order).await;
    shop.time_passes(8 * DAY).await;
    assert_eq!(shop.gateway_paid_back(&purchase), 3_300);
    // 6599 of goods at 3.33 % is 219.7467; shipping bears no commission.
    assert_eq!(settlement_of(shop, &purchase).await, (6_599 + 800 - 220 - 50, 220, 50));
    let ledger = shop.ledger(&purchase).await;
    ledger.escrow_is_empty();
    assert_eq!(ledger.balance("merchant:m1"), -7_129);
}

async fn terms_are_those_of_the_day_when_the_order_was_placed(shop: &Shop) {
    shop.merchant("m1").sells("TEE", 10_000).stock("wh-sh", 10).await;
    let purchase = delivered(shop, &[("TEE", 1)]).await;
    let path = "/v1/catalog/merchants/m1";
    let known = shop.operator().get(path).await.must(&[200]);
    let mut merchant = known.json();
    merchant["commission_bp"] = json!(5_000);
    let tag = known.header("etag").unwrap();
    drop(shop.operator().put(path, &merchant).header("if-match", tag).await.must(&[200]));
    shop.buyer("li").confirms_receipt(purchase.only()).await;
    shop.time_passes(8 * DAY).await;
    assert_eq!(settlement_of(shop, &purchase).await, (9_400, 500, 100));
}

async fn each_period_holds_what_was_settled_since_the_last_one(shop: &Shop) {
    shop.merchant("m1").sells("TEE", 10_000).stock("wh-sh", 10).await;
    let finance = shop.finance();
    for number in 1..=3 {
        let purchase = delivered(shop, &[("TEE", number)]).await;
        shop.buyer("li").confirms_receipt(purchase.only()).await;
        shop.time_passes(8 * DAY).await;
        let statement = finance.closes_period("m1").await;
        assert_eq!(statement.net, number * 9_500 - 100);
        let path = format!("/v1/settlements/{}", statement.id);
        let seen = shop.merchant("m1").get(&path).await.must(&[200]).json();
        assert_eq!((&seen["number"], &seen["orders"]), (&json!(number), &json!(1)));
        shop.merchant("m2").get(&path).await.is_refused(404, "not_found");
        let lines = shop.merchant("m1").get(&format!("{path}/lines")).await.must(&[200]).json();
        assert_eq!(lines["lines"][0]["amount"]["amount"], statement.net);
        assert_eq!(lines["lines"][0]["order"], purchase.only().id.as_str());
        finance.pays_out(&statement).await;
        let again = finance.post(&format!("{path}/payout"), &json!({"reference": "2"})).await;
        again.is_refused(409, "illegal_step");
    }
    let owed = "select sum(amount_minor) from ledger where account = 'merchant:m1'";
    assert_eq!(shop.books().number(owed), 0);
}

async fn a_merchant_who_earned_nothing_has_nothing_to_settle(shop: &Shop) {
    shop.merchant("m1").joins(json!({"commission_bp": 10_000})).await;
    shop.merchant("m1").sells("TEE", 10_000).stock("wh-sh", 10).await;
    let purchase = delivered(shop, &[("TEE", 1)]).await;
    shop.buyer("li").confirms_receipt(purchase.only()).await;
    shop.time_passes(8 * DAY).await;
    assert_eq!(settlement_of(shop, &purchase).await, (0, 10_000, 0));
    shop.finance().close_period("m1").await.is_refused(409, "nothing_to_settle");
    shop.finance().close_period("nobody").await.is_refused(422, "invalid_body");
    shop.ledger(&purchase).await.escrow_is_empty();
}

async fn two_accountants_close_one_period_once(shop: &Shop) {
    shop.merchant("m1").sells("TEE", 10_000).stock("wh-sh", 10).await;
    let purchase = delivered(shop, &[("TEE", 1)]).await;
    shop.buyer("li").confirms_receipt(purchase.only()).await;
    shop.time_passes(8 * DAY).await;
    let finance = shop.finance();
    shop.is_stubborn(20);
    let closes = (0..6).map(|_| finance.close_period("m1").send());
    let answers = futures::future::join_all(closes).await;
    let made = answers.iter().filter(|answer| answer.status == 201).count();
    assert_eq!(made, 1);
    for refused in answers.iter().filter(|answer| answer.status != 201) {
        refused.is_refused(409, "nothing_to_settle");
    }
}

stories! {
    commission_is_taken_on_what_stays_with_the_buyer
    terms_are_those_of_the_day_when_the_order_was_placed
    each_period_holds_what_was_settled_since_the_last_one
    a_merchant_who_earned_nothing_has_nothing_to_settle
    two_accountants_close_one_period_once
}
