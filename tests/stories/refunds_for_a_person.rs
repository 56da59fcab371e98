//! Refunds that no rule can bring home: a person has them tried again, or pays another way and
//! proves it. Nobody gets their money twice.

use orderflow_tests::{
    Ask, DAY, HOUR, MINUTE, PartnerFault, Purchase, SECOND, Shop, Value, json, stories,
};

/// Paid, and cancelled by its buyer.
async fn cancelled(shop: &Shop) -> Purchase {
    shop.merchant("m1").sells("TEE", 12_800).stock("wh-sh", 10).await;
    let buyer = shop.buyer("li");
    let purchase = buyer.buys(&[("TEE", 1)]).await;
    shop.stripe_says_paid(&purchase).await;
    buyer.cancels(purchase.only()).await;
    purchase
}

/// A refund that the gateway has refused.
async fn refused(shop: &Shop) -> (Purchase, String) {
    let purchase = cancelled(shop).await;
    shop.gateway.refunds_are("failed");
    shop.time_passes(SECOND).await;
    shop.gateway.refunds_are("succeeded");
    let refund = newest(shop, &purchase).await;
    assert_eq!(refund["state"], "failed");
    let id = refund["id"].as_str().unwrap().to_owned();
    (purchase, id)
}

async fn newest(shop: &Shop, purchase: &Purchase) -> Value {
    shop.payment(purchase).await["refunds"].as_array().unwrap().last().unwrap().clone()
}

fn step<'s>(
    shop: &'s Shop,
    purchase: &Purchase,
    refund: &str,
    step: &str,
    body: &Value,
) -> Ask<'s> {
    let path = format!("/v1/payments/{}/refunds/{refund}/{step}", purchase.payment);
    shop.finance().post(&path, body)
}

fn proof() -> Value {
    json!({"reference": "ICBC-20260302-77", "proof": "receipt in folder 12"})
}

async fn a_refund_that_came_back_is_tried_once_more_and_then_by_a_person(shop: &Shop) {
    let purchase = cancelled(shop).await;
    shop.time_passes(SECOND).await;
    let first = newest(shop, &purchase).await["id"].as_str().unwrap().to_owned();
    let back = shop.gateway.refund_failed(&first, "lost_or_stolen_card", shop.now_s()).unwrap();
    shop.stripe_says(&back).await;
    shop.time_passes(61 * MINUTE).await;
    let second = newest(shop, &purchase).await;
    assert_eq!((&second["state"], &second["replaces"]), (&json!("succeeded"), &json!(first)));
    let second = second["id"].as_str().unwrap().to_owned();
    assert_ne!(first, second, "the old number is spent");
    assert_eq!(shop.ledger(&purchase).await.balance("gateway:stripe"), 0);
    let back = shop.gateway.refund_failed(&second, "lost_or_stolen_card", shop.now_s()).unwrap();
    shop.stripe_says(&back).await;
    shop.time_passes(DAY).await;
    assert_eq!(newest(shop, &purchase).await["state"], "failed", "nobody tries by themselves");
    assert_eq!(shop.payment(&purchase).await["needs_person"], true);
    assert_eq!(shop.gateway.refunds().len(), 2);
}

async fn a_refused_refund_is_on_the_list_and_tried_again_under_a_new_number(shop: &Shop) {
    let (purchase, refund) = refused(shop).await;
    let list = shop.finance().get("/v1/payments").await.must(&[200]);
    assert_eq!(list.at("/payments/0/id"), purchase.payment.as_str());
    assert_eq!(list.at("/payments/0/final"), false, "its buyer has no money yet");
    assert_eq!(list.at("/payments/0/allowed_actions"), json!(["recheck"]));
    let retry = step(shop, &purchase, &refund, "retry", &json!({})).key("again");
    let first = retry.clone().await.must(&[200]);
    assert_eq!(retry.await.must(&[200]).json(), first.json(), "the same wish is one try");
    shop.time_passes(SECOND).await;
    assert_eq!(newest(shop, &purchase).await["state"], "succeeded");
    assert_eq!(shop.gateway_paid_back(&purchase), 12_800);
    assert_eq!(shop.finance().get("/v1/payments").await.at("/payments"), json!([]));
    let again = step(shop, &purchase, &refund, "retry", &json!({})).await;
    again.is_refused(409, "illegal_step");
    let ledger = shop.ledger(&purchase).await;
    assert_eq!((ledger.balance("gateway:stripe"), ledger.balance("refunding:")), (0, 0));
}

async fn an_answer_that_never_comes_is_no_reason_to_pay_twice(shop: &Shop) {
    let purchase = cancelled(shop).await;
    shop.gateway.next_answers(7, &PartnerFault::DoneButLost);
    shop.time_passes(SECOND).await;
    for wait in [MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, 4 * HOUR, 12 * HOUR] {
        shop.time_passes(wait).await;
    }
    let refund = newest(shop, &purchase).await;
    assert_eq!((&refund["state"], &refund["needs_person"]), (&json!("undecided"), &json!(true)));
    // Days later the gateway has forgotten the key; who asks again looks first.
    shop.time_passes(3 * DAY).await;
    shop.gateway.forgets_keys();
    let id = refund["id"].as_str().unwrap();
    drop(step(shop, &purchase, id, "retry", &json!({})).await.must(&[200]));
    shop.time_passes(SECOND).await;
    assert_eq!(newest(shop, &purchase).await["state"], "succeeded");
    assert_eq!(shop.gateway_paid_back(&purchase), 12_800);
    assert_eq!(shop.gateway.refunds().len(), 1, "it was there already");
}

/// The answer is lost, and the next try comes so late that the gateway knows the key no more.
async fn a_gateway_that_has_forgotten_the_number_does_not_pay_a_part_twice(shop: &Shop) {
    shop.merchant("m1").sells("TEE", 12_800).stock("wh-sh", 10).await;
    let buyer = shop.buyer("li");
    let purchase = buyer.buys(&[("TEE", 2)]).await;
    shop.stripe_says_paid(&purchase).await;
    buyer.cancels_units(purchase.only(), &[(1, 1)], "changed_mind").await;
    shop.gateway.next_answers(1, &PartnerFault::DoneButLost);
    shop.gateway.next_answers(1, &PartnerFault::TooManyRequests { retry_after_s: 86_400 });
    shop.time_passes(SECOND).await;
    shop.time_passes(MINUTE).await;
    shop.gateway.forgets_keys();
    shop.time_passes(61 * MINUTE).await;
    assert_eq!(newest(shop, &purchase).await["state"], "succeeded", "nobody waits for a day");
    assert_eq!(shop.gateway.refunds().len(), 1);
    assert_eq!(shop.gateway_paid_back(&purchase), 12_800);
}

async fn finance_pays_from_the_bank_and_proves_it(shop: &Shop) {
    let (purchase, refund) = refused(shop).await;
    let unproved = json!({"reference": "", "proof": "x"});
    step(shop, &purchase, &refund, "offline", &unproved).await.is_refused(422, "invalid_body");
    let path = format!("/v1/payments/{}/refunds/{refund}/offline", purchase.payment);
    shop.support().post(&path, &proof()).await.is_refused(403, "forbidden");
    let pay = step(shop, &purchase, &refund, "offline", &proof()).key("paid-it");
    drop(pay.clone().await.must(&[200]));
    drop(pay.await.must(&[200]));
    let paid = newest(shop, &purchase).await;
    assert_eq!(paid["state"], "paid_otherwise");
    assert_eq!(paid["paid_otherwise"]["reference"], "ICBC-20260302-77");
    let payment = shop.payment(&purchase).await;
    assert_eq!((&payment["status"], &payment["final"]), (&json!("refunded"), &json!(true)));
    // Why the shop believes it is the shop's own; the reference is the buyer's too.
    let told = shop.payment_told(&purchase).await["refunds"][0]["paid_otherwise"].clone();
    assert_eq!(told["proof"], "receipt in folder 12");
    let path = format!("/v1/purchases/{}", purchase.id);
    let seen = shop.buyer("li").get(&path).await.must(&[200]);
    let seen = seen.at("/payment/refunds/0/paid_otherwise");
    assert_eq!((&seen["reference"], &seen["proof"]), (&told["reference"], &Value::Null));
    let ledger = shop.ledger(&purchase).await;
    assert_eq!(ledger.balance("platform:bank"), -12_800);
    assert_eq!((ledger.balance("gateway:stripe"), ledger.balance("refunding:")), (12_800, 0));
    step(shop, &purchase, &refund, "retry", &json!({})).await.is_refused(409, "illegal_step");
    let nothing =
        step(shop, &purchase, "ref_0000000000000000000000000000000b", "retry", &json!({}));
    nothing.await.is_refused(404, "not_found");
}

async fn what_the_gateway_pays_after_all_is_a_loss_that_shows(shop: &Shop) {
    let (purchase, refund) = refused(shop).await;
    drop(step(shop, &purchase, &refund, "offline", &proof()).await.must(&[200]));
    for _ in 0..2 {
        let late = shop.gateway.refund_succeeded(&refund, shop.now_s()).unwrap();
        shop.stripe_says(&late).await;
    }
    assert_eq!(shop.verdicts(), ["confirmed", "refunded_twice", "nothing_new"]);
    let ledger = shop.ledger(&purchase).await;
    assert_eq!(ledger.balance("platform:losses"), 12_800);
    assert_eq!(ledger.balance("gateway:stripe"), 0);
}

async fn two_people_do_not_both_bring_it_home(shop: &Shop) {
    let (purchase, refund) = refused(shop).await;
    let asks = [
        step(shop, &purchase, &refund, "retry", &json!({})),
        step(shop, &purchase, &refund, "offline", &proof()),
        step(shop, &purchase, &refund, "retry", &json!({})),
    ];
    let answers = futures::future::join_all(asks.map(|ask| ask.send())).await;
    assert_eq!(answers.iter().filter(|answer| answer.status.is_success()).count(), 1);
    shop.time_passes(SECOND).await;
    let bank = -shop.ledger(&purchase).await.balance("platform:bank");
    assert_eq!(shop.gateway_paid_back(&purchase) + bank, 12_800);
}

async fn a_case_is_refunded_when_finance_has_paid_it(shop: &Shop) {
    shop.merchant("m1").sells("TEE", 10_000).stock("wh-sh", 10).await;
    let buyer = shop.buyer("li");
    let purchase = buyer.buys(&[("TEE", 2)]).await;
    shop.stripe_says_paid(&purchase).await;
    shop.gateway.refunds_are("failed");
    let case = buyer.wants_no_more(purchase.only(), &[(1, 1)]).await;
    shop.time_passes(SECOND).await;
    assert_eq!(shop.case(&case).await["state"], "refunding");
    let refund = newest(shop, &purchase).await["id"].as_str().unwrap().to_owned();
    drop(step(shop, &purchase, &refund, "offline", &proof()).await.must(&[200]));
    assert_eq!(shop.case(&case).await["state"], "refunded");
}

stories! {
    a_refund_that_came_back_is_tried_once_more_and_then_by_a_person
    a_refused_refund_is_on_the_list_and_tried_again_under_a_new_number
    an_answer_that_never_comes_is_no_reason_to_pay_twice
    a_gateway_that_has_forgotten_the_number_does_not_pay_a_part_twice
    finance_pays_from_the_bank_and_proves_it
    what_the_gateway_pays_after_all_is_a_loss_that_shows
    two_people_do_not_both_bring_it_home
    a_case_is_refunded_when_finance_has_paid_it
}
