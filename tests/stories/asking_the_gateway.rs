//! No gateway promises that its webhooks arrive: a payment of which nothing was heard is asked for,
//! and what is answered counts like a webhook.

use orderflow_tests::{MINUTE, PartnerFault, Purchase, SECOND, Shop, json, stories};

async fn bought_through(shop: &Shop, gateway: &str) -> Purchase {
    shop.merchant("m1").sells("TEE", 12_800).stock("wh-sh", 10).await;
    shop.buyer("li").buys_through(gateway, &[("TEE", 1)]).await
}

/// The buyer has paid, and the webhook is lost on the way.
fn pays_unheard(shop: &Shop, purchase: &Purchase, gateway: &str) {
    let (payment, at) = (&purchase.payment, shop.now_s());
    match gateway {
        "stripe" => drop(shop.gateway.paid(payment, 12_800, "cny", at)),
        "wechatpay" => drop(shop.gateway.wechatpay.paid(payment, 12_800, at)),
        _ => drop(shop.gateway.alipay.paid(payment, "128.00", at)),
    }
}

async fn a_payment_whose_webhook_was_lost_is_found_by_asking(shop: &Shop) {
    for gateway in ["stripe", "wechatpay", "alipay"] {
        let purchase = bought_through(shop, gateway).await;
        pays_unheard(shop, &purchase, gateway);
        assert_eq!(shop.order(purchase.only()).await["state"], "awaiting_payment");
        shop.time_passes(11 * MINUTE).await;
        assert_eq!(shop.order(purchase.only()).await["state"], "confirmed", "{gateway}");
        let account = format!("gateway:{gateway}");
        assert_eq!(shop.ledger(&purchase).await.balance(&account), 12_800);
    }
}

async fn a_webhook_and_an_answer_about_the_same_money_are_one_payment(shop: &Shop) {
    let purchase = bought_through(shop, "stripe").await;
    let paid = shop.paid(&purchase, 12_800);
    shop.time_passes(11 * MINUTE).await;
    assert_eq!(shop.order(purchase.only()).await["state"], "confirmed");
    shop.stripe_says(&paid.signed_at(shop.now_s())).await;
    assert_eq!(shop.verdicts(), ["confirmed", "nothing_new"]);
    assert_eq!(shop.ledger(&purchase).await.postings("capture"), 1);
}

async fn nobody_has_paid_and_the_gateway_says_so(shop: &Shop) {
    for gateway in ["stripe", "wechatpay", "alipay"] {
        let purchase = bought_through(shop, gateway).await;
        shop.time_passes(31 * MINUTE).await;
        assert_eq!(shop.order(purchase.only()).await["state"], "cancelled");
        assert_eq!(shop.payment(&purchase).await["status"], "expired");
    }
    assert_eq!(shop.verdicts(), Vec::<String>::new());
    let waiting = "select count(*) from outbox where state <> 'sent' and recipient = 'gateway'";
    assert_eq!(shop.books().number(waiting), 0, "every question was answered");
}

async fn money_that_only_the_gateway_knows_at_the_deadline_counts(shop: &Shop) {
    let purchase = bought_through(shop, "wechatpay").await;
    shop.time_passes(12 * MINUTE).await;
    pays_unheard(shop, &purchase, "wechatpay");
    shop.time_passes(19 * MINUTE).await;
    assert_eq!(shop.verdicts(), ["revived"]);
    assert_eq!(shop.order(purchase.only()).await["state"], "confirmed");
    assert_eq!(shop.stock("TEE", "wh-sh").await, (10, 1));
}

async fn support_has_a_payment_asked_for(shop: &Shop) {
    let purchase = bought_through(shop, "stripe").await;
    pays_unheard(shop, &purchase, "stripe");
    let path = format!("/v1/payments/{}/recheck", purchase.payment);
    let ask = shop.support().post(&path, &json!({})).key("once");
    drop(ask.clone().await.must(&[202]));
    drop(ask.await.must(&[202]));
    shop.buyer("li").post(&path, &json!({})).await.is_refused(403, "forbidden");
    shop.time_passes(SECOND).await;
    assert_eq!(shop.order(purchase.only()).await["state"], "confirmed");
    let asked = "select count(*) from outbox where recipient = 'gateway'";
    assert_eq!(shop.books().number(asked), 1);
    let told = shop.payment_told(&purchase).await;
    assert_eq!(told["facts"][0]["verdict"], "confirmed");
    // Asked again, it says nothing new.
    drop(shop.finance().post(&path, &json!({})).await.must(&[202]));
    shop.time_passes(SECOND).await;
    assert_eq!(shop.ledger(&purchase).await.postings("capture"), 1);
}

async fn cash_is_known_to_no_gateway(shop: &Shop) {
    shop.merchant("m1").joins(json!({"cash_on_delivery": true})).await;
    shop.merchant("m1").sells("TEE", 12_800).stock("wh-sh", 10).await;
    let purchase = shop.buyer("li").buys_on_delivery(&[("TEE", 1)]).await;
    assert_eq!(shop.payment(&purchase).await["allowed_actions"], json!([]));
    let path = format!("/v1/payments/{}/recheck", purchase.payment);
    shop.support().post(&path, &json!({})).await.is_refused(409, "nobody_to_ask");
}

async fn a_gateway_that_does_not_answer_is_asked_again(shop: &Shop) {
    let purchase = bought_through(shop, "wechatpay").await;
    pays_unheard(shop, &purchase, "wechatpay");
    shop.gateway.next_answers(1, &PartnerFault::Hang);
    shop.gateway.next_answers(1, &PartnerFault::Garbage);
    shop.time_passes(11 * MINUTE).await;
    assert_eq!(shop.order(purchase.only()).await["state"], "awaiting_payment");
    for wait in [MINUTE, 5 * MINUTE] {
        shop.time_passes(wait).await;
    }
    assert_eq!(shop.order(purchase.only()).await["state"], "confirmed");
}

async fn a_failed_attempt_that_is_found_leaves_the_order_payable(shop: &Shop) {
    let purchase = bought_through(shop, "stripe").await;
    let money = (12_800, "cny");
    drop(shop.gateway.failed(&purchase.payment, money, "do_not_honor", shop.now_s()));
    shop.time_passes(11 * MINUTE).await;
    assert_eq!(shop.payment(&purchase).await["status"], "failed");
    shop.stripe_says_paid(&purchase).await;
    assert_eq!(shop.order(purchase.only()).await["state"], "confirmed");
}

stories! {
    a_payment_whose_webhook_was_lost_is_found_by_asking
    a_webhook_and_an_answer_about_the_same_money_are_one_payment
    nobody_has_paid_and_the_gateway_says_so
    money_that_only_the_gateway_knows_at_the_deadline_counts
    support_has_a_payment_asked_for
    cash_is_known_to_no_gateway
    a_gateway_that_does_not_answer_is_asked_again
    a_failed_attempt_that_is_found_leaves_the_order_payable
}
