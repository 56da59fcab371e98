//! A gateway that does not pay back at once, not at all, or takes it back: the books follow.

use orderflow_tests::{HOUR, MINUTE, PartnerFault, Purchase, SECOND, Shop, stories};

/// Paid, and cancelled by its buyer.
async fn cancelled(shop: &Shop) -> Purchase {
    shop.merchant("m1").sells("TEE", 12_800).stock("wh-sh", 10).await;
    let buyer = shop.buyer("li");
    let purchase = buyer.buys(&[("TEE", 1)]).await;
    shop.stripe_says_paid(&purchase).await;
    buyer.cancels(purchase.only()).await;
    purchase
}

async fn refund_of(shop: &Shop, purchase: &Purchase) -> (String, String) {
    let refund = shop.payment(purchase).await["refunds"][0].clone();
    let text = |name: &str| refund[name].as_str().unwrap().to_owned();
    (text("id"), text("state"))
}

async fn a_refund_that_fails_after_it_succeeded_is_booked_back(shop: &Shop) {
    let purchase = cancelled(shop).await;
    shop.time_passes(SECOND).await;
    let (refund, state) = refund_of(shop, &purchase).await;
    assert_eq!(state, "succeeded");
    shop.is_later(HOUR).await;
    let failed = shop.gateway.refund_failed(&refund, "lost_or_stolen_card", shop.now_s()).unwrap();
    shop.stripe_says(&failed).await;
    shop.stripe_says(&failed).await;
    assert_eq!(refund_of(shop, &purchase).await.1, "failed");
    let ledger = shop.ledger(&purchase).await;
    assert_eq!(ledger.postings("refund_returned"), 1);
    assert_eq!(ledger.balance("gateway:stripe"), 12_800);
    assert_eq!(ledger.balance("refunding:"), -12_800, "still the buyer's");
    ledger.escrow_is_empty();
}

async fn an_accepted_refund_is_not_refunded_until_the_gateway_says_so(shop: &Shop) {
    let purchase = cancelled(shop).await;
    shop.gateway.refunds_are("pending");
    shop.time_passes(SECOND).await;
    let (refund, state) = refund_of(shop, &purchase).await;
    assert_eq!(state, "accepted");
    assert_eq!(shop.ledger(&purchase).await.balance("gateway:stripe"), 12_800);
    shop.is_later(HOUR).await;
    let done = shop.gateway.refund_succeeded(&refund, shop.now_s()).unwrap();
    shop.stripe_says(&done).await;
    assert_eq!(refund_of(shop, &purchase).await.1, "succeeded");
    assert_eq!(shop.ledger(&purchase).await.balance("gateway:stripe"), 0);
    assert_eq!(shop.payment(&purchase).await["status"], "refunded");
}

async fn a_gateway_that_is_down_is_asked_again_with_the_same_number(shop: &Shop) {
    let purchase = cancelled(shop).await;
    shop.gateway.next_answers(1, &PartnerFault::Garbage);
    shop.gateway.next_answers(1, &PartnerFault::Status(500));
    shop.gateway.next_answers(1, &PartnerFault::TooManyRequests { retry_after_s: 7 });
    shop.time_passes(SECOND).await;
    assert_eq!(refund_of(shop, &purchase).await.1, "requested");
    for wait in [MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR] {
        shop.time_passes(wait).await;
    }
    assert_eq!(refund_of(shop, &purchase).await.1, "succeeded");
    let refunds = shop.gateway.refunds();
    assert_eq!(refunds.len(), 1, "the answer that was lost is not paid twice");
    assert_eq!(refunds[0].asked, 1, "whoever asks again looks first");
    assert_eq!(shop.ledger(&purchase).await.balance("gateway:stripe"), 0);
}

async fn the_webhook_may_be_faster_than_the_answer(shop: &Shop) {
    let purchase = cancelled(shop).await;
    shop.gateway.next_answers(1, &PartnerFault::Garbage);
    shop.time_passes(SECOND).await;
    let (refund, state) = refund_of(shop, &purchase).await;
    assert_eq!(state, "requested");
    let news = shop.gateway.refund_updated(&refund, shop.now_s()).unwrap();
    shop.stripe_says(&news).await;
    assert_eq!(refund_of(shop, &purchase).await.1, "succeeded");
    shop.time_passes(HOUR).await;
    let ledger = shop.ledger(&purchase).await;
    assert_eq!(ledger.postings("refunded"), 1);
    assert_eq!(ledger.balance("gateway:stripe"), 0);
}

/// Each answer was lost, and the webhook told of the success: giving up on the answers is no news.
async fn a_refund_that_has_happened_stays_so_when_it_is_given_up(shop: &Shop) {
    let purchase = cancelled(shop).await;
    shop.gateway.next_answers(1, &PartnerFault::DoneButLost);
    shop.gateway.next_answers(9, &PartnerFault::Status(500));
    shop.time_passes(SECOND).await;
    let refund = shop.gateway.refunds()[0].id.clone();
    shop.stripe_says(&shop.gateway.refund_updated(&refund, shop.now_s()).unwrap()).await;
    assert_eq!(refund_of(shop, &purchase).await.1, "succeeded");
    for _ in 0..10 {
        shop.time_passes(12 * HOUR).await;
    }
    let given_up = "select count(*) from outbox where recipient = 'gateway' and state = 'dead'";
    assert_eq!(shop.books().number(given_up), 1);
    assert_eq!(refund_of(shop, &purchase).await.1, "succeeded");
    assert_eq!(shop.ledger(&purchase).await.balance("gateway:stripe"), 0);
}

async fn a_refund_that_the_gateway_refuses_waits_for_a_person(shop: &Shop) {
    let purchase = cancelled(shop).await;
    let money = (purchase.total, "cny");
    let dispute = shop.gateway.dispute(&purchase.payment, money.0, money.1, shop.now_s());
    shop.stripe_says(&dispute).await;
    shop.gateway.refunds_are("failed");
    shop.time_passes(SECOND).await;
    let payment = shop.payment(&purchase).await;
    assert_eq!(payment["refunds"][0]["state"], "failed");
    assert!(payment["refunds"][0]["reason"].as_str().is_some());
    assert_eq!(shop.ledger(&purchase).await.balance("refunding:"), -12_800);
    shop.time_passes(24 * HOUR).await;
    assert_eq!(shop.gateway.refunds().len(), 1, "nobody asks again by themselves");
}

async fn a_merchant_whose_systems_are_down_hears_it_later(shop: &Shop) {
    shop.receiver.next_answers(3, &PartnerFault::Status(503));
    let purchase = cancelled(shop).await;
    shop.time_passes(SECOND).await;
    for wait in [5 * SECOND, 5 * MINUTE, 30 * MINUTE] {
        shop.time_passes(wait).await;
    }
    for kind in ["order.paid", "order.cancelled", "order.refund_granted"] {
        assert_eq!(shop.merchant_heard(purchase.only(), kind).len(), 1, "{kind}");
    }
}

stories! {
    a_refund_that_fails_after_it_succeeded_is_booked_back
    an_accepted_refund_is_not_refunded_until_the_gateway_says_so
    a_gateway_that_is_down_is_asked_again_with_the_same_number
    the_webhook_may_be_faster_than_the_answer
    a_refund_that_has_happened_stays_so_when_it_is_given_up
    a_refund_that_the_gateway_refuses_waits_for_a_person
    a_merchant_whose_systems_are_down_hears_it_later
}
