//! Money that is not what is due: each has its verdict, and nothing of it is lost.

use orderflow_tests::{MINUTE, Purchase, SECOND, Shop, stories};

async fn a_purchase_of_two_merchants(shop: &Shop) -> Purchase {
    shop.merchant("m1").sells("TEE", 12_800).stock("wh-sh", 10).await;
    shop.merchant("m2").sells("MUG", 4_500).stock("wh-sh", 10).await;
    shop.buyer("li").buys(&[("TEE", 1), ("MUG", 1)]).await
}

async fn a_part_is_kept_until_the_rest_has_come(shop: &Shop) {
    let purchase = a_purchase_of_two_merchants(shop).await;
    shop.stripe_says(&shop.paid(&purchase, 13_000)).await;
    assert_eq!(shop.payment(&purchase).await["status"], "partly_paid");
    assert_eq!(shop.order(purchase.order("m1")).await["state"], "awaiting_payment");
    shop.is_later(MINUTE).await;
    let second = shop.gateway.intent("pi_the_rest");
    let rest = second.paid(&purchase.payment, purchase.total - 13_000, "cny", shop.now_s());
    shop.stripe_says(&rest).await;
    for order in &purchase.orders {
        assert_eq!(shop.order(order).await["state"], "confirmed");
    }
    let ledger = shop.ledger(&purchase).await;
    assert_eq!(ledger.balance("escrow:"), -purchase.total);
    assert_eq!(ledger.balance("refunding:"), 0);
}

async fn a_part_goes_back_when_the_rest_does_not_come(shop: &Shop) {
    let purchase = a_purchase_of_two_merchants(shop).await;
    shop.stripe_says(&shop.paid(&purchase, 13_000)).await;
    shop.time_passes(31 * MINUTE).await;
    for order in &purchase.orders {
        assert_eq!(shop.order(order).await["state"], "cancelled");
    }
    assert_eq!(shop.gateway_paid_back(&purchase), 13_000);
    assert_eq!(shop.payment(&purchase).await["status"], "refunded");
    let ledger = shop.ledger(&purchase).await;
    ledger.escrow_is_empty();
    assert_eq!(ledger.balance("gateway:stripe"), 0);
    assert_eq!(shop.stock("TEE", "wh-sh").await, (10, 0));
}

async fn what_is_too_much_goes_back(shop: &Shop) {
    let purchase = a_purchase_of_two_merchants(shop).await;
    shop.stripe_says(&shop.paid(&purchase, purchase.total + 2_200)).await;
    assert_eq!(shop.verdicts(), ["confirmed_excess_refunded"]);
    shop.time_passes(SECOND).await;
    assert_eq!(shop.gateway_paid_back(&purchase), 2_200);
    let ledger = shop.ledger(&purchase).await;
    assert_eq!(ledger.balance("gateway:stripe"), purchase.total);
    assert_eq!(ledger.balance("refunding:"), 0);
    assert_eq!(shop.order(purchase.order("m2")).await["state"], "confirmed");
}

async fn who_pays_twice_gets_the_second_payment_back(shop: &Shop) {
    let purchase = a_purchase_of_two_merchants(shop).await;
    shop.stripe_says_paid(&purchase).await;
    let second = shop.gateway.intent("pi_second");
    shop.stripe_says(&second.paid(&purchase.payment, purchase.total, "cny", shop.now_s())).await;
    shop.time_passes(SECOND).await;
    assert_eq!(shop.gateway_paid_back(&purchase), purchase.total);
    let refunds = shop.gateway.refunds();
    let from: Vec<&str> = refunds.iter().map(|refund| refund.intent.as_str()).collect();
    assert_eq!(from, ["pi_second"], "the first payment is kept");
    assert_eq!(shop.ledger(&purchase).await.balance("gateway:stripe"), purchase.total);
    assert_eq!(shop.order(purchase.order("m1")).await["state"], "confirmed");
}

async fn money_in_another_currency_waits_for_a_person(shop: &Shop) {
    let purchase = a_purchase_of_two_merchants(shop).await;
    let dollars = shop.gateway.paid(&purchase.payment, purchase.total, "usd", shop.now_s());
    shop.stripe_says(&dollars).await;
    assert_eq!(shop.verdicts(), ["suspense_currency"]);
    assert_eq!(shop.order(purchase.order("m1")).await["state"], "awaiting_payment");
    let ledger = shop.ledger(&purchase).await;
    assert_eq!(ledger.balance("suspense:stripe"), -purchase.total);
    ledger.sums_to_zero();
    shop.is_later(MINUTE).await;
    let yuan = shop.gateway.intent("pi_in_yuan");
    shop.stripe_says(&yuan.paid(&purchase.payment, purchase.total, "cny", shop.now_s())).await;
    assert_eq!(shop.order(purchase.order("m1")).await["state"], "confirmed");
}

async fn money_for_nothing_we_know_waits_for_a_person(shop: &Shop) {
    let nobody = "pay_00000000000000000000000000000bad";
    let paid = shop.gateway.paid(nobody, 9_900, "cny", shop.now_s());
    shop.stripe_says(&paid).await;
    shop.stripe_says(&paid).await;
    assert_eq!(shop.verdicts(), ["suspense_unknown_payment"]);
    let suspense = "select sum(amount_minor) from ledger where account = 'suspense:stripe'";
    assert_eq!(shop.books().number(suspense), -9_900);
}

stories! {
    a_part_is_kept_until_the_rest_has_come
    a_part_goes_back_when_the_rest_does_not_come
    what_is_too_much_goes_back
    who_pays_twice_gets_the_second_payment_back
    money_in_another_currency_waits_for_a_person
    money_for_nothing_we_know_waits_for_a_person
}
