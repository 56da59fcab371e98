//! Clients repeat requests when an answer does not come. A repeat is answered like the first time.

use orderflow_tests::{HOUR, Purchase, Shop, json, stories};

async fn the_same_request_again_gets_the_same_answer(shop: &Shop) {
    shop.merchant("m1").sells("TEE", 12_800).stock("wh-sh", 10).await;
    let ask = shop.buyer("li").buy(&[("TEE", 2)]).key("basket-1");
    let first = ask.clone().await.must(&[201]);
    let again = ask.clone().await.must(&[201]);
    assert_eq!(first.json(), again.json());
    assert_eq!(first.header("location"), again.header("location"));
    // As RFC 8941 writes a string.
    let quoted = ask.key("\"basket-1\"").await.must(&[201]);
    assert_eq!(first.json(), quoted.json());
    assert_eq!(shop.books().number("select count(*) from orders"), 1);
    assert_eq!(shop.stock("TEE", "wh-sh").await, (10, 2));
}

async fn another_request_with_the_same_key_is_refused(shop: &Shop) {
    shop.merchant("m1").sells("TEE", 12_800).stock("wh-sh", 10).await;
    let buyer = shop.buyer("li");
    drop(buyer.buy(&[("TEE", 2)]).key("basket-1").await.must(&[201]));
    let other = buyer.buy(&[("TEE", 3)]).key("basket-1").await;
    other.is_refused(422, "idempotency_key_reused");
    // Somebody else's key of the same name is another key.
    drop(shop.buyer("han").buy(&[("TEE", 3)]).key("basket-1").await.must(&[201]));
    assert_eq!(shop.stock("TEE", "wh-sh").await, (10, 5));
}

async fn a_request_without_a_key_is_refused(shop: &Shop) {
    shop.merchant("m1").sells("TEE", 12_800).stock("wh-sh", 10).await;
    let ask = shop.buyer("li").buy(&[("TEE", 2)]);
    let without = ask.clone().without("idempotency-key").await;
    without.is_refused(400, "no_idempotency_key");
    ask.clone().key("").await.is_refused(400, "bad_idempotency_key");
    ask.key(&"k".repeat(256)).await.is_refused(400, "bad_idempotency_key");
    assert_eq!(shop.books().number("select count(*) from orders"), 0);
}

async fn after_a_lost_answer_the_retry_gets_the_first_one(shop: &Shop) {
    shop.merchant("m1").sells("TEE", 12_800).stock("wh-sh", 10).await;
    let buyer = shop.buyer("li");
    let ask = buyer.buy(&[("TEE", 2)]).key("basket-1");
    shop.loses_its_next_answer().await;
    let lost = ask.clone().await;
    lost.is_refused(503, "unavailable");
    assert!(lost.header("retry-after").is_some());
    let first = ask.clone().await.must(&[201]);
    assert_eq!(first.json(), ask.await.must(&[201]).json());
    assert_eq!(shop.books().number("select count(*) from orders"), 1);
    assert_eq!(shop.stock("TEE", "wh-sh").await, (10, 2));

    let purchase = Purchase::of(&first);
    shop.stripe_says_paid(&purchase).await;
    let cancel = buyer.cancel(purchase.only());
    shop.loses_its_next_answer().await;
    cancel.clone().await.is_refused(503, "unavailable");
    assert_eq!(cancel.await.must(&[200]).at("/state"), "cancelled");
    assert_eq!(shop.ledger(&purchase).await.postings("refund"), 1);
}

async fn a_webhook_whose_answer_was_lost_is_taken_once(shop: &Shop) {
    shop.merchant("m1").sells("TEE", 12_800).stock("wh-sh", 10).await;
    let purchase = shop.buyer("li").buys(&[("TEE", 1)]).await;
    let paid = shop.paid(&purchase, purchase.total);
    shop.loses_its_next_answer().await;
    shop.hears("payments/stripe", &paid).await.is_refused(503, "unavailable");
    shop.stripe_says(&paid).await;
    assert_eq!(shop.ledger(&purchase).await.postings("capture"), 1);
    assert_eq!(shop.order(purchase.only()).await["state"], "confirmed");
}

async fn twenty_impatient_clicks_are_one_order(shop: &Shop) {
    shop.merchant("m1").sells("TEE", 12_800).stock("wh-sh", 10).await;
    shop.is_stubborn(50);
    let ask = shop.buyer("li").buy(&[("TEE", 1)]).key("basket-1");
    let answers = futures::future::join_all((0..20).map(|_| ask.clone().send())).await;
    for answer in &answers {
        assert_eq!(answer.status, 201, "{answer}");
        assert_eq!(answer.json(), answers[0].json());
    }
    assert_eq!(shop.books().number("select count(*) from orders"), 1);
}

async fn a_refused_request_uses_up_no_key(shop: &Shop) {
    shop.merchant("m1").sells("TEE", 12_800).stock("wh-sh", 1).await;
    let ask = shop.buyer("li").buy(&[("TEE", 2)]).key("basket-1");
    ask.clone().await.is_refused(409, "out_of_stock");
    let more = "sku,warehouse,on_hand\nTEE,wh-sh,5\n";
    shop.operator().imports("stock", more).await;
    drop(ask.await.must(&[201]));
}

async fn a_key_is_forgotten_after_a_day(shop: &Shop) {
    shop.merchant("m1").sells("TEE", 12_800).stock("wh-sh", 10).await;
    let kept = "select count(*) from once where answer is not null";
    let before = shop.books().number(kept);
    drop(shop.buyer("li").buy(&[("TEE", 1)]).key("basket-1").await.must(&[201]));
    assert_eq!(shop.books().number(kept), before + 1);
    shop.time_passes(23 * HOUR).await;
    assert_eq!(shop.books().number(kept), before + 1);
    shop.time_passes(2 * HOUR).await;
    assert_eq!(shop.books().number(kept), 0);
    drop(shop.buyer("li").buy(&[("TEE", 1)]).key("basket-1").await.must(&[201]));
}

async fn a_change_of_another_version_than_was_seen_is_refused(shop: &Shop) {
    shop.merchant("m1").sells("TEE", 12_800).stock("wh-sh", 10).await;
    let path = "/v1/catalog/skus/TEE";
    let merchant = shop.merchant("m1");
    let seen = merchant.get(path).await.must(&[200]);
    let tag = seen.header("etag").unwrap().to_owned();
    let mut sku = seen.json();
    sku["price_minor"] = json!(9_900);
    merchant.put(path, &sku).await.is_refused(428, "if_match_needed");
    let renamed = merchant.put(path, &sku).header("if-match", &tag).await.must(&[200]);
    assert_ne!(renamed.header("etag"), Some(tag.as_str()));
    sku["price_minor"] = json!(8_800);
    merchant.put(path, &sku).header("if-match", &tag).await.is_refused(412, "version_differs");
    let known = merchant.get(path).header("if-none-match", renamed.header("etag").unwrap());
    drop(known.await.must(&[304]));
}

stories! {
    the_same_request_again_gets_the_same_answer
    another_request_with_the_same_key_is_refused
    a_request_without_a_key_is_refused
    after_a_lost_answer_the_retry_gets_the_first_one
    a_webhook_whose_answer_was_lost_is_taken_once
    twenty_impatient_clicks_are_one_order
    a_refused_request_uses_up_no_key
    a_key_is_forgotten_after_a_day
    a_change_of_another_version_than_was_seen_is_refused
}
