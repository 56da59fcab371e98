//! Gateways repeat themselves, come late and in any order. The buyer pays once all the same.

use orderflow_tests::{MINUTE, SECOND, Shop, stories};

async fn the_same_webhook_ten_times_is_one_payment(shop: &Shop) {
    shop.merchant("m1").sells("TEE", 12_800).stock("wh-sh", 10).await;
    let purchase = shop.buyer("li").buys(&[("TEE", 1)]).await;
    let paid = shop.paid(&purchase, purchase.total);
    for _ in 0..10 {
        shop.stripe_says(&paid).await;
    }
    shop.time_passes(SECOND).await;
    let ledger = shop.ledger(&purchase).await;
    assert_eq!(ledger.postings("capture"), 1);
    assert_eq!(ledger.balance("gateway:stripe"), 12_800);
    assert_eq!(shop.merchant_heard(purchase.only(), "order.paid").len(), 1);
    assert_eq!(shop.books().number("select count(*) from facts"), 1);
}

async fn the_same_webhook_at_the_same_moment_is_one_payment(shop: &Shop) {
    shop.merchant("m1").sells("TEE", 12_800).stock("wh-sh", 10).await;
    let purchase = shop.buyer("li").buys(&[("TEE", 1)]).await;
    let paid = shop.paid(&purchase, purchase.total);
    shop.is_stubborn(20);
    futures::future::join_all((0..8).map(|_| shop.stripe_says(&paid))).await;
    let ledger = shop.ledger(&purchase).await;
    assert_eq!(ledger.postings("capture"), 1);
    assert_eq!(shop.books().number("select count(*) from facts"), 1);
}

async fn another_event_about_the_same_money_is_no_new_money(shop: &Shop) {
    shop.merchant("m1").sells("TEE", 12_800).stock("wh-sh", 10).await;
    let purchase = shop.buyer("li").buys(&[("TEE", 1)]).await;
    let paid = shop.paid(&purchase, purchase.total);
    shop.stripe_says(&paid).await;
    shop.stripe_says(&paid.event_id("evt_told_again")).await;
    let ledger = shop.ledger(&purchase).await;
    assert_eq!(ledger.postings("capture"), 1);
    assert_eq!(ledger.balance("gateway:stripe"), 12_800);
}

async fn the_order_in_which_webhooks_arrive_does_not_matter(shop: &Shop) {
    shop.merchant("m1").sells("TEE", 12_800).stock("wh-sh", 10).await;
    let arrivals = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
    for (i, arrival) in arrivals.iter().enumerate() {
        let purchase = shop.buyer(&format!("li-{i}")).buys(&[("TEE", 1)]).await;
        let (payment, total) = (&purchase.payment, purchase.total);
        let at = shop.now_s();
        let news = [
            shop.gateway.processing(payment, total, "cny", at - 60),
            shop.gateway.failed(payment, (total, "cny"), "insufficient_funds", at - 30),
            shop.gateway.paid(payment, total, "cny", at),
        ];
        for which in arrival {
            shop.stripe_says(&news[*which]).await;
        }
        assert_eq!(shop.payment(&purchase).await["status"], "paid", "{arrival:?}");
        assert_eq!(shop.order(purchase.only()).await["state"], "confirmed", "{arrival:?}");
        assert_eq!(shop.ledger(&purchase).await.postings("capture"), 1, "{arrival:?}");
    }
}

async fn a_failed_attempt_leaves_the_order_payable(shop: &Shop) {
    shop.merchant("m1").sells("TEE", 12_800).stock("wh-sh", 10).await;
    let purchase = shop.buyer("li").buys(&[("TEE", 1)]).await;
    let money = (purchase.total, "cny");
    let failed = shop.gateway.failed(&purchase.payment, money, "do_not_honor", shop.now_s());
    shop.stripe_says(&failed).await;
    assert_eq!(shop.payment(&purchase).await["status"], "failed");
    assert_eq!(shop.order(purchase.only()).await["state"], "awaiting_payment");
    shop.is_later(MINUTE).await;
    shop.stripe_says_paid(&purchase).await;
    assert_eq!(shop.payment(&purchase).await["status"], "paid");
}

async fn money_that_comes_late_but_before_the_clock_strikes_is_taken(shop: &Shop) {
    shop.merchant("m1").sells("TEE", 12_800).stock("wh-sh", 10).await;
    let purchase = shop.buyer("li").buys(&[("TEE", 1)]).await;
    shop.is_later(31 * MINUTE).await;
    shop.stripe_says_paid(&purchase).await;
    shop.time_passes(MINUTE).await;
    assert_eq!(shop.order(purchase.only()).await["state"], "confirmed");
    assert_eq!(shop.stock("TEE", "wh-sh").await, (10, 1));
}

async fn a_stale_expired_event_does_not_close_a_paid_order(shop: &Shop) {
    shop.merchant("m1").sells("TEE", 12_800).stock("wh-sh", 10).await;
    let purchase = shop.buyer("li").buys(&[("TEE", 1)]).await;
    let (payment, at) = (&purchase.payment, shop.now_s());
    let expired = shop.gateway.intent("pi_first").canceled(payment, purchase.total, "cny", at);
    let same_expired = shop.gateway.canceled(payment, purchase.total, "cny", at);
    shop.stripe_says_paid(&purchase).await;
    shop.stripe_says(&expired).await;
    shop.stripe_says(&same_expired).await;
    shop.time_passes(MINUTE).await;
    assert_eq!(shop.order(purchase.only()).await["state"], "confirmed");
    assert_eq!(shop.payment(&purchase).await["status"], "paid");
    assert_eq!(shop.gateway_paid_back(&purchase), 0);
}

async fn an_approval_that_comes_after_the_capture_changes_nothing(shop: &Shop) {
    shop.merchant("m1").sells("TEE", 12_800).stock("wh-sh", 10).await;
    let purchase = shop.buyer("li").buys(&[("TEE", 1)]).await;
    let (payment, total, at) = (&purchase.payment, purchase.total, shop.now_s());
    let approved = shop.gateway.approved(payment, total, "cny", at - 30);
    shop.stripe_says_paid(&purchase).await;
    shop.stripe_says(&approved).await;
    assert_eq!(shop.payment(&purchase).await["status"], "paid");
    assert_eq!(shop.ledger(&purchase).await.postings("capture"), 1);
}

stories! {
    a_stale_expired_event_does_not_close_a_paid_order
    an_approval_that_comes_after_the_capture_changes_nothing
    the_same_webhook_ten_times_is_one_payment
    the_same_webhook_at_the_same_moment_is_one_payment
    another_event_about_the_same_money_is_no_new_money
    the_order_in_which_webhooks_arrive_does_not_matter
    a_failed_attempt_leaves_the_order_payable
    money_that_comes_late_but_before_the_clock_strikes_is_taken
}
