//! Buyers pay by WeChat Pay, by Alipay or by several gateways at once: it is one payment all the
//! same, and its refund goes back the way the money came.

use orderflow_tests::{HOUR, MINUTE, Purchase, SECOND, Shop, address, json, stories};

async fn bought_through(shop: &Shop, gateway: &str) -> Purchase {
    shop.merchant("m1").sells("TEE", 12_800).stock("wh-sh", 10).await;
    shop.buyer("li").buys_through(gateway, &[("TEE", 1)]).await
}

async fn state_of_refund(shop: &Shop, purchase: &Purchase) -> (String, String) {
    let refund = shop.payment(purchase).await["refunds"][0].clone();
    let text = |name: &str| refund[name].as_str().unwrap().to_owned();
    (text("id"), text("state"))
}

async fn a_payment_by_wechat_confirms_and_its_refund_goes_back_there(shop: &Shop) {
    let purchase = bought_through(shop, "wechatpay").await;
    let paid = shop.gateway.wechatpay.paid(&purchase.payment, 12_800, shop.now_s());
    shop.wechatpay_says(&paid).await;
    shop.wechatpay_says(&paid).await;
    assert_eq!(shop.order(purchase.only()).await["state"], "confirmed");
    assert_eq!(shop.ledger(&purchase).await.balance("gateway:wechatpay"), 12_800);
    shop.buyer("li").cancels(purchase.only()).await;
    shop.time_passes(SECOND).await;
    assert_eq!(shop.gateway.wechatpay.refunds().len(), 1);
    assert_eq!(shop.gateway_paid_back(&purchase), 12_800);
    assert_eq!(shop.payment(&purchase).await["status"], "refunded");
    assert_eq!(shop.ledger(&purchase).await.balance("gateway:wechatpay"), 0);
}

async fn a_payment_by_alipay_confirms_and_its_refund_goes_back_there(shop: &Shop) {
    let purchase = bought_through(shop, "alipay").await;
    let paid = shop.gateway.alipay.paid(&purchase.payment, "128.00", shop.now_s());
    shop.alipay_says(&paid).await;
    shop.alipay_says(&paid).await;
    assert_eq!(shop.order(purchase.only()).await["state"], "confirmed");
    shop.buyer("li").cancels(purchase.only()).await;
    shop.time_passes(SECOND).await;
    assert_eq!(shop.gateway.alipay.refunds().len(), 1);
    assert_eq!(shop.payment(&purchase).await["status"], "refunded");
    shop.alipay_says(&shop.gateway.alipay.refunded(&purchase.payment, shop.now_s())).await;
    let ledger = shop.ledger(&purchase).await;
    assert_eq!((ledger.postings("refunded"), ledger.balance("gateway:alipay")), (1, 0));
}

async fn an_amount_with_fewer_digits_is_the_same_amount(shop: &Shop) {
    shop.merchant("m1").sells("TEE", 12_800).stock("wh-sh", 10).await;
    for written in ["128", "128.0", "128.00"] {
        let purchase = shop.buyer("li").buys_through("alipay", &[("TEE", 1)]).await;
        let paid = shop.gateway.alipay.paid(&purchase.payment, written, shop.now_s());
        shop.alipay_says(&paid).await;
        assert_eq!(shop.payment(&purchase).await["status"], "paid", "{written}");
    }
    assert_eq!(shop.verdicts(), ["confirmed"; 3]);
}

async fn an_accepted_refund_at_wechat_ends_with_its_notice(shop: &Shop) {
    let purchase = bought_through(shop, "wechatpay").await;
    shop.wechatpay_says(&shop.gateway.wechatpay.paid(&purchase.payment, 12_800, shop.now_s()))
        .await;
    shop.gateway.wechatpay.refunds_are("pending");
    shop.buyer("li").cancels(purchase.only()).await;
    shop.time_passes(SECOND).await;
    let (refund, state) = state_of_refund(shop, &purchase).await;
    assert_eq!(state, "accepted");
    shop.is_later(MINUTE).await;
    let ended = shop.gateway.wechatpay.refund_ended(&refund, "SUCCESS", shop.now_s());
    shop.wechatpay_says(&ended).await;
    assert_eq!(state_of_refund(shop, &purchase).await.1, "succeeded");
    assert_eq!(shop.ledger(&purchase).await.balance("gateway:wechatpay"), 0);
}

async fn an_accepted_refund_of_which_nothing_is_heard_is_asked_for(shop: &Shop) {
    let purchase = bought_through(shop, "alipay").await;
    shop.alipay_says(&shop.gateway.alipay.paid(&purchase.payment, "128.00", shop.now_s())).await;
    shop.gateway.alipay.refunds_are("pending");
    shop.buyer("li").cancels(purchase.only()).await;
    shop.time_passes(SECOND).await;
    let (refund, state) = state_of_refund(shop, &purchase).await;
    assert_eq!(state, "accepted");
    shop.time_passes(HOUR).await;
    assert_eq!(state_of_refund(shop, &purchase).await.1, "accepted", "asked, and not done yet");
    shop.gateway.alipay.finishes(&refund);
    shop.time_passes(2 * HOUR).await;
    assert_eq!(state_of_refund(shop, &purchase).await.1, "succeeded");
    assert_eq!(shop.gateway.alipay.refunds()[0].asked, 1, "it was asked about, not asked for");
}

async fn money_for_an_account_that_is_no_longer_ours_waits_for_a_person(shop: &Shop) {
    let purchase = bought_through(shop, "wechatpay").await;
    let at = shop.now_s();
    let old = shop.gateway.wechatpay.of_account("1600000001");
    shop.wechatpay_says(&old.paid(&purchase.payment, 12_800, at)).await;
    let old = shop.gateway.alipay.of_app("2019000000000009");
    shop.alipay_says(&old.paid(&purchase.payment, "128.00", at)).await;
    assert_eq!(shop.verdicts(), ["suspense_account"; 2]);
    assert_eq!(shop.order(purchase.only()).await["state"], "awaiting_payment");
    let waiting = shop.suspense("open").await;
    // They came in the same moment, so either may be first in the list.
    let mut accounts: Vec<&str> = waiting.iter().filter_map(|w| w["account"].as_str()).collect();
    accounts.sort_unstable();
    assert_eq!(accounts, ["1600000001", "2088101106499364/2019000000000009"]);
    let ledger = shop.ledger(&purchase).await;
    assert_eq!(ledger.balance("suspense:"), -25_600);
    ledger.sums_to_zero();
}

async fn who_pays_by_two_gateways_gets_the_second_payment_back_there(shop: &Shop) {
    let purchase = bought_through(shop, "stripe").await;
    let (payment, at) = (&purchase.payment, shop.now_s());
    shop.wechatpay_says(&shop.gateway.wechatpay.paid(payment, 12_800, at)).await;
    assert_eq!(shop.order(purchase.only()).await["state"], "confirmed");
    shop.is_later(MINUTE).await;
    shop.alipay_says(&shop.gateway.alipay.paid(payment, "128.00", shop.now_s())).await;
    shop.time_passes(SECOND).await;
    assert_eq!(shop.verdicts(), ["confirmed", "paid_twice_refunded"]);
    assert_eq!(shop.gateway.alipay.refunds().len(), 1);
    assert_eq!(shop.gateway.wechatpay.refunds().len(), 0);
    let ledger = shop.ledger(&purchase).await;
    assert_eq!(ledger.balance("gateway:wechatpay"), 12_800);
    assert_eq!(ledger.balance("gateway:alipay"), 0);
}

async fn parts_by_two_gateways_are_one_payment(shop: &Shop) {
    let purchase = bought_through(shop, "wechatpay").await;
    let (payment, at) = (&purchase.payment, shop.now_s());
    shop.wechatpay_says(&shop.gateway.wechatpay.paid(payment, 10_000, at)).await;
    assert_eq!(shop.payment(&purchase).await["status"], "partly_paid");
    shop.alipay_says(&shop.gateway.alipay.paid(payment, "28.00", at)).await;
    assert_eq!(shop.payment(&purchase).await["status"], "paid");
    shop.buyer("li").cancels(purchase.only()).await;
    shop.time_passes(SECOND).await;
    let back =
        |refunds: Vec<orderflow_tests::Refund>| refunds.iter().map(|r| r.amount).sum::<i64>();
    assert_eq!(back(shop.gateway.wechatpay.refunds()), 10_000);
    assert_eq!(back(shop.gateway.alipay.refunds()), 2_800);
}

async fn a_gateway_that_the_shop_does_not_offer_cannot_be_chosen(shop: &Shop) {
    shop.merchant("m1").sells("TEE", 12_800).stock("wh-sh", 10).await;
    let body = json!({"lines": [{"sku": "TEE", "quantity": 1}], "delivery": address(),
        "gateway": "paypal"});
    let answer = shop.buyer("li").post("/v1/purchases", &body).await;
    answer.is_refused(422, "invalid_body");
    assert_eq!(answer.at("/errors/0/code"), "unknown_gateway");
    assert_eq!(shop.stock("TEE", "wh-sh").await, (10, 0));
}

stories! {
    a_payment_by_wechat_confirms_and_its_refund_goes_back_there
    a_payment_by_alipay_confirms_and_its_refund_goes_back_there
    an_amount_with_fewer_digits_is_the_same_amount
    an_accepted_refund_at_wechat_ends_with_its_notice
    an_accepted_refund_of_which_nothing_is_heard_is_asked_for
    money_for_an_account_that_is_no_longer_ours_waits_for_a_person
    who_pays_by_two_gateways_gets_the_second_payment_back_there
    parts_by_two_gateways_are_one_payment
    a_gateway_that_the_shop_does_not_offer_cannot_be_chosen
}
