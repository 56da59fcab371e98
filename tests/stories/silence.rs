//! Deadlines that pass in silence: the policy names the outcome.

use orderflow_tests::{DAY, HOUR, MINUTE, Order, Purchase, Shop, stories};

async fn delivered(shop: &Shop) -> (Purchase, Order) {
    shop.merchant("m1").sells("TEE", 10_000).stock("wh-sh", 10).await;
    let purchase = shop.buyer("li").buys(&[("TEE", 2)]).await;
    shop.stripe_says_paid(&purchase).await;
    let order = purchase.only().clone();
    shop.sends(&order).await;
    (purchase, order)
}

async fn a_merchant_who_does_not_review_has_agreed(shop: &Shop) {
    let (_, order) = delivered(shop).await;
    let case = shop.buyer("li").wants_to_return(&order, &[(1, 1)]).await;
    shop.time_passes(47 * HOUR).await;
    assert_eq!(shop.case(&case).await["state"], "under_review");
    shop.time_passes(2 * HOUR).await;
    let seen = shop.case(&case).await;
    assert_eq!(seen["state"], "awaiting_return");
    assert_eq!(seen["state_detail"]["address"], "m1, 退货组");
}

async fn a_buyer_who_sends_nothing_back_keeps_the_goods(shop: &Shop) {
    let (purchase, order) = delivered(shop).await;
    let case = shop.buyer("li").wants_to_return(&order, &[(1, 1)]).await;
    shop.merchant("m1").approves(&case).await;
    shop.time_passes(7 * DAY + MINUTE).await;
    let seen = shop.case(&case).await;
    assert_eq!((&seen["state"], &seen["final"]), (&"lapsed".into(), &true.into()));
    assert_eq!(shop.gateway_paid_back(&purchase), 0);
    assert_eq!(shop.order(&order).await["state"], "confirmed", "the clock begins anew");
    shop.time_passes(7 * DAY + MINUTE).await;
    assert_eq!(shop.order(&order).await["state"], "completed");
}

async fn deadlines_of_one_order_that_pass_at_one_moment_all_have_their_outcome(shop: &Shop) {
    shop.merchant("m1").sells("TEE", 10_000).stock("wh-sh", 10).await;
    let buyer = shop.buyer("li");
    let purchase = buyer.buys(&[("TEE", 8)]).await;
    shop.stripe_says_paid(&purchase).await;
    shop.sends(purchase.only()).await;
    let mut cases = Vec::new();
    for _ in 0..8 {
        let case = buyer.wants_to_return(purchase.only(), &[(1, 1)]).await;
        shop.merchant("m1").approves(&case).await;
        cases.push(case);
    }
    shop.is_later(7 * DAY + MINUTE).await;
    let ticked = shop.ticks().await;
    assert_eq!(ticked.at("/failed"), 0, "{ticked}");
    for case in &cases {
        assert_eq!(shop.case(case).await["state"], "lapsed");
    }
}

async fn a_buyer_who_says_nothing_has_everything(shop: &Shop) {
    let (_, order) = delivered(shop).await;
    shop.time_passes(7 * DAY - HOUR).await;
    assert_eq!(shop.order(&order).await["state"], "confirmed");
    shop.time_passes(2 * HOUR).await;
    let seen = shop.order(&order).await;
    assert_eq!(seen["state"], "completed");
    assert_eq!(seen["state_detail"]["by"]["by"], "clock");
}

async fn an_open_case_stops_the_clock(shop: &Shop) {
    let (_, order) = delivered(shop).await;
    let buyer = shop.buyer("li");
    shop.time_passes(6 * DAY).await;
    let case = buyer.wants_to_return(&order, &[(1, 1)]).await;
    shop.merchant("m1").approves(&case).await;
    buyer.sends_back(&case, "shunfeng", "SF1").await;
    shop.time_passes(20 * DAY).await;
    assert_eq!(shop.order(&order).await["state"], "confirmed");
    shop.warehouse("wh-sh").receives(&case, &[(1, 1, "restock")]).await;
    shop.time_passes(8 * DAY).await;
    assert_eq!(shop.order(&order).await["state"], "completed");
}

async fn money_is_not_settled_while_a_case_is_open(shop: &Shop) {
    let (purchase, order) = delivered(shop).await;
    let buyer = shop.buyer("li");
    buyer.confirms_receipt(&order).await;
    shop.time_passes(6 * DAY).await;
    let case = buyer.wants_to_return(&order, &[(1, 1)]).await;
    shop.merchant("m1").approves(&case).await;
    buyer.sends_back(&case, "shunfeng", "SF1").await;
    shop.time_passes(9 * DAY).await;
    assert_eq!(shop.order(&order).await["settlement"]["state"], "frozen");
    shop.finance().close_period("m1").await.is_refused(409, "nothing_to_settle");
    shop.warehouse("wh-sh").receives(&case, &[(1, 1, "restock")]).await;
    shop.time_passes(MINUTE).await;
    assert_eq!(shop.order(&order).await["settlement"]["state"], "settled");
    shop.ledger(&purchase).await.escrow_is_empty();
}

stories! {
    a_merchant_who_does_not_review_has_agreed
    a_buyer_who_sends_nothing_back_keeps_the_goods
    deadlines_of_one_order_that_pass_at_one_moment_all_have_their_outcome
    a_buyer_who_says_nothing_has_everything
    an_open_case_stops_the_clock
    money_is_not_settled_while_a_case_is_open
}
