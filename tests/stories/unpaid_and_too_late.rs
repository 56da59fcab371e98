//! Orders that nobody pays for, and money that comes when nobody wants it any more.

use orderflow_tests::{HOUR, MINUTE, PartnerFault, SECOND, Shop, stories};

async fn an_unpaid_order_expires_and_its_stock_returns(shop: &Shop) {
    shop.merchant("m1").sells("TEE", 12_800).stock("wh-sh", 10).await;
    let purchase = shop.buyer("li").buys(&[("TEE", 3)]).await;
    shop.time_passes(29 * MINUTE).await;
    assert_eq!(shop.order(purchase.only()).await["state"], "awaiting_payment");
    assert_eq!(shop.stock("TEE", "wh-sh").await, (10, 3));
    shop.time_passes(2 * MINUTE).await;
    let order = shop.order(purchase.only()).await;
    assert_eq!(order["state"], "cancelled");
    assert_eq!(order["state_detail"]["why"], "unpaid");
    assert_eq!(order["final"], true);
    assert_eq!(shop.stock("TEE", "wh-sh").await, (10, 0));
    assert_eq!(shop.payment(&purchase).await["status"], "expired");
    assert_eq!(shop.merchant_heard(purchase.only(), "order.cancelled").len(), 1);
}

async fn money_for_a_cancelled_order_goes_back(shop: &Shop) {
    shop.merchant("m1").sells("TEE", 12_800).stock("wh-sh", 10).await;
    let buyer = shop.buyer("li");
    let purchase = buyer.buys(&[("TEE", 1)]).await;
    buyer.cancels(purchase.only()).await;
    shop.stripe_says_paid(&purchase).await;
    shop.time_passes(SECOND).await;
    assert_eq!(shop.order(purchase.only()).await["state"], "cancelled");
    assert_eq!(shop.gateway_paid_back(&purchase), 12_800);
    let ledger = shop.ledger(&purchase).await;
    ledger.escrow_is_empty();
    assert_eq!((ledger.balance("gateway:stripe"), ledger.balance("refunding:")), (0, 0));
}

async fn a_late_webhook_does_not_reopen_an_expired_order(shop: &Shop) {
    shop.merchant("m1").sells("TEE", 12_800).stock("wh-sh", 1).await;
    let purchase = shop.buyer("li").buys(&[("TEE", 1)]).await;
    let paid = shop.paid(&purchase, purchase.total);
    // The gateway cannot be asked just now, and somebody else gets the piece.
    shop.gateway.next_answers(1, &PartnerFault::Status(500));
    shop.time_passes(31 * MINUTE).await;
    let other = shop.buyer("han").buys(&[("TEE", 1)]).await;
    shop.stripe_says_paid(&other).await;
    shop.is_later(2 * HOUR).await;
    shop.stripe_says(&paid.signed_at(shop.now_s())).await;
    shop.time_passes(SECOND).await;
    assert_eq!(shop.order(purchase.only()).await["state"], "cancelled");
    assert_eq!(shop.order(other.only()).await["state"], "confirmed");
    assert_eq!(shop.gateway_paid_back(&purchase), 12_800);
    assert_eq!(shop.stock("TEE", "wh-sh").await, (1, 1));
}

async fn a_purchase_that_promotions_pay_for_waits_for_nothing(shop: &Shop) {
    shop.merchant("m1").sells("TEE", 12_800).stock("wh-sh", 10).await;
    let line = orderflow_tests::json!([{"sku": "TEE", "quantity": 1}]);
    let gift = orderflow_tests::json!([{"id": "gift-card",
        "amount": {"amount": 12_800, "currency": "CNY"}}]);
    let body = orderflow_tests::json!({"lines": line, "discounts": gift,
        "delivery": orderflow_tests::address()});
    let answer = shop.buyer("li").post("/v1/purchases", &body).await.must(&[201]);
    let purchase = orderflow_tests::Purchase::of(&answer);
    assert_eq!(purchase.total, 0);
    assert_eq!(shop.order(purchase.only()).await["state"], "confirmed");
    shop.time_passes(HOUR).await;
    assert_eq!(shop.order(purchase.only()).await["state"], "confirmed");
}

stories! {
    an_unpaid_order_expires_and_its_stock_returns
    money_for_a_cancelled_order_goes_back
    a_late_webhook_does_not_reopen_an_expired_order
    a_purchase_that_promotions_pay_for_waits_for_nothing
}
