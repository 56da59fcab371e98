//! A courier loses a parcel: its units are paid back exactly, and somebody bears the loss.

use orderflow_tests::{
    DAY, DELIVERED, HOUR, MINUTE, ON_THE_WAY, Order, PICKED_UP, Parcel, Purchase, Shop, Value,
    json, stories,
};

/// Three tees for 33.33 each and 10.00 for shipping; two of them are on their way.
async fn under_way(shop: &Shop) -> (Purchase, Order, Parcel) {
    shop.merchant("m1").joins(json!({"shipping": {"fee_minor": 1_000}})).await;
    shop.merchant("m1").sells("TEE", 3_333).stock("wh-sh", 10).await;
    let purchase = shop.buyer("li").buys(&[("TEE", 3)]).await;
    shop.stripe_says_paid(&purchase).await;
    let order = purchase.only().clone();
    let parcel = shop.warehouse("wh-sh").ships(&order, &[(1, 2)]).await;
    shop.carrier_says(&parcel, &[PICKED_UP, ON_THE_WAY]).await;
    (purchase, order, parcel)
}

fn amount(minor: i64) -> Value {
    json!({"amount": {"amount": minor, "currency": "CNY"}})
}

async fn exactly_the_lost_units_are_paid_back_and_the_carrier_pays_for_them(shop: &Shop) {
    let (purchase, order, parcel) = under_way(shop).await;
    let lost = shop.support().reports(&parcel, "lost").await;
    let refund = json!({"outcome": "refund", "borne_by": "carrier"});
    let decided = shop.support().handles(&lost, "resolve", &refund).await;
    assert_eq!(decided["state_detail"]["loss"]["amount"], 6_666);
    assert_eq!(decided["claim"]["state"], "asked");
    shop.time_passes(MINUTE).await;
    assert_eq!(shop.gateway_paid_back(&purchase), 6_666, "shipping may still be worth something");
    assert_eq!(shop.stock("TEE", "wh-sh").await, (8, 1), "two are gone, one is held");
    let support = shop.support();
    let short = support.handle(&lost, "claim/accept", &amount(6_667)).await;
    short.is_refused(422, "invalid_body");
    support.handles(&lost, "claim/accept", &amount(5_000)).await;
    support
        .handle(&lost, "claim/reject", &json!({"reason": "no"}))
        .await
        .is_refused(409, "illegal_step");
    let ledger = shop.ledger(&purchase).await;
    assert_eq!((ledger.balance("carrier:"), ledger.balance("merchant:m1")), (5_000, -5_000));
    let paid = shop.finance().handles(&lost, "claim/pay", &json!({"reference": "bank-7"})).await;
    assert_eq!((&paid["claim"]["state"], &paid["final"]), (&json!("paid"), &json!(true)));
    let ledger = shop.ledger(&purchase).await;
    assert_eq!((ledger.balance("carrier:"), ledger.balance("platform:bank")), (0, 5_000));
    ledger.sums_to_zero();
    // The third one is sent, and everything ends with all of it explained.
    shop.sends(&order).await;
    shop.time_passes(7 * DAY).await;
    assert_eq!(shop.order(&order).await["state"], "completed");
    shop.time_passes(8 * DAY).await;
    let net = 3_333 + 1_000 - 167 - 100;
    let settled = shop.order(&order).await["settlement"].clone();
    assert_eq!(settled["net"]["amount"], net);
    let statement = shop.finance().closes_period("m1").await;
    assert_eq!(statement.net, net + 5_000, "the carrier's money is the merchant's");
    shop.ledger(&purchase).await.escrow_is_empty();
}

async fn what_the_carrier_rejects_is_borne_by_the_platform_where_that_was_agreed(shop: &Shop) {
    let policy = json!({"id": "shop", "set": {"exceptions": {"losses_on": "platform"}}});
    drop(shop.operator().put("/v1/catalog/policies/shop", &policy).await.must(&[201]));
    let (purchase, _, parcel) = under_way(shop).await;
    let lost = shop.support().reports(&parcel, "lost").await;
    let refund = json!({"outcome": "refund", "borne_by": "carrier"});
    shop.support().handles(&lost, "resolve", &refund).await;
    let no = json!({"reason": "it was packed badly"});
    shop.support().handles(&lost, "claim/reject", &no).await;
    shop.time_passes(MINUTE).await;
    let ledger = shop.ledger(&purchase).await;
    assert_eq!(ledger.balance("platform:losses"), 6_666);
    assert_eq!(ledger.balance("merchant:m1"), -6_666, "the goods were the merchant's");
    assert_eq!(ledger.balance("carrier:"), 0);
    ledger.sums_to_zero();
}

async fn all_of_it_lost_goes_back_with_its_shipping(shop: &Shop) {
    let (purchase, order, parcel) = under_way(shop).await;
    let rest = shop.warehouse("wh-sh").ships(&order, &[(1, 1)]).await;
    for parcel in [&parcel, &rest] {
        let lost = shop.support().reports(parcel, "lost").await;
        shop.merchant("m1").handles(&lost, "resolve", &json!({"outcome": "refund"})).await;
    }
    shop.time_passes(MINUTE).await;
    assert_eq!(shop.gateway_paid_back(&purchase), purchase.total);
    let seen = shop.order(&order).await;
    assert_eq!((&seen["state"], &seen["final"]), (&json!("cancelled"), &json!(true)));
    shop.ledger(&purchase).await.escrow_is_empty();
}

async fn what_was_paid_back_and_is_delivered_all_the_same_is_for_a_person(shop: &Shop) {
    let (purchase, order, parcel) = under_way(shop).await;
    let lost = shop.support().reports(&parcel, "lost").await;
    shop.support().handles(&lost, "resolve", &json!({"outcome": "refund"})).await;
    shop.is_later(HOUR).await;
    shop.carrier_says(&parcel, &[DELIVERED]).await;
    let open = shop.open_exception(&parcel).await;
    assert_eq!(open["id"], lost["id"]);
    assert_eq!(shop.order(&order).await["lines"][0]["units"]["delivered"], 0);
    shop.support().handles(&open, "resolve", &json!({"outcome": "keep"})).await;
    shop.time_passes(MINUTE).await;
    assert_eq!(shop.gateway_paid_back(&purchase), 6_666);
}

async fn what_was_to_be_paid_at_the_door_is_not_asked_for_when_it_is_lost(shop: &Shop) {
    shop.merchant("m1").joins(json!({"cash_on_delivery": true})).await;
    shop.merchant("m1").sells("TEE", 3_333).stock("wh-sh", 10).await;
    let purchase = shop.buyer("li").buys_on_delivery(&[("TEE", 3)]).await;
    let order = purchase.only();
    let parcel = shop.warehouse("wh-sh").ships(order, &[(1, 2)]).await;
    let again = shop.warehouse("wh-sh").ships(order, &[(1, 1)]).await;
    for (parcel, outcome) in [(&parcel, "refund"), (&again, "send_again")] {
        let lost = shop.support().reports(parcel, "lost").await;
        shop.support().handles(&lost, "resolve", &json!({"outcome": outcome})).await;
    }
    let seen = shop.order(order).await;
    assert_eq!(seen["cash_on_delivery"]["due"]["amount"], 3_333);
    let sent = shop.warehouse("wh-sh").ships(order, &[(1, 1)]).await;
    assert_eq!(shop.parcel(&sent).await["collect"]["amount"], 3_333);
    shop.carrier_says(&sent, &[DELIVERED]).await;
    let seen = shop.order(order).await;
    assert_eq!(seen["cash_on_delivery"]["collected"]["amount"], 3_333);
    assert_eq!(seen["fulfilment"], "delivered");
}

async fn the_policy_may_pay_back_what_nobody_decides_about(shop: &Shop) {
    let set = json!({"exceptions": {"when_overdue": {"lost": "refund"}}});
    let policy = json!({"id": "shop", "set": set});
    drop(shop.operator().put("/v1/catalog/policies/shop", &policy).await.must(&[201]));
    let (purchase, _, parcel) = under_way(shop).await;
    let lost = shop.support().reports(&parcel, "lost").await;
    shop.time_passes(DAY - MINUTE).await;
    assert_eq!(shop.exception(&lost).await["state"], "open");
    shop.time_passes(MINUTE).await;
    let seen = shop.exception(&lost).await;
    assert_eq!(seen["state_detail"]["outcome"], "paid_back");
    assert_eq!(seen["state_detail"]["by"]["by"], "clock");
    shop.time_passes(MINUTE).await;
    assert_eq!(shop.gateway_paid_back(&purchase), 6_666);
}

async fn who_decided_to_wait_decides_once_more_before_it_is_paid_back(shop: &Shop) {
    let set = json!({"exceptions": {"when_overdue": {"lost": "refund"}}});
    let policy = json!({"id": "shop", "set": set});
    drop(shop.operator().put("/v1/catalog/policies/shop", &policy).await.must(&[201]));
    let (_, _, parcel) = under_way(shop).await;
    let lost = shop.support().reports(&parcel, "lost").await;
    let wait = json!({"outcome": "wait", "hours": 2});
    shop.support().handles(&lost, "resolve", &wait).await;
    shop.time_passes(2 * HOUR).await;
    assert_eq!(shop.exception(&lost).await["state"], "open");
    shop.time_passes(DAY).await;
    assert_eq!(shop.exception(&lost).await["state_detail"]["outcome"], "paid_back");
}

stories! {
    exactly_the_lost_units_are_paid_back_and_the_carrier_pays_for_them
    what_the_carrier_rejects_is_borne_by_the_platform_where_that_was_agreed
    all_of_it_lost_goes_back_with_its_shipping
    what_was_paid_back_and_is_delivered_all_the_same_is_for_a_person
    what_was_to_be_paid_at_the_door_is_not_asked_for_when_it_is_lost
    the_policy_may_pay_back_what_nobody_decides_about
    who_decided_to_wait_decides_once_more_before_it_is_paid_back
}
