//! Charged, and no order: money that nothing explains is kept apart, finds its order or a person,
//! and is never booked twice.

use orderflow_tests::{
    Ask, DELIVERED, HOUR, MINUTE, PartnerFault, Purchase, SECOND, Shop, Value, json, runtime,
    stories,
};

const NOBODY: &str = "pay_00000000000000000000000000000bad";

fn suspended(shop: &Shop) -> i64 {
    shop.books().number("select -sum(amount_minor) from ledger where account = 'suspense:stripe'")
}

async fn bought(shop: &Shop) -> Purchase {
    shop.merchant("m1").sells("TEE", 12_800).stock("wh-sh", 10).await;
    shop.buyer("li").buys(&[("TEE", 1)]).await
}

/// Somebody has paid for something that the shop has never heard of, an hour ago.
async fn unexplained(shop: &Shop, amount: i64) -> String {
    shop.stripe_says(&shop.gateway.paid(NOBODY, amount, "cny", shop.now_s())).await;
    shop.time_passes(61 * MINUTE).await;
    let open = shop.suspense("open").await;
    assert_eq!(open.len(), 1, "{open:?}");
    open[0]["id"].as_str().unwrap().to_owned()
}

fn settle<'s>(shop: &'s Shop, item: &str, how: &str, body: &Value) -> Ask<'s> {
    shop.finance().post(&format!("/v1/suspense/{item}/{how}"), body)
}

async fn told_again_under_another_event_id_it_is_booked_once(shop: &Shop) {
    let paid = shop.gateway.paid(NOBODY, 9_900, "cny", shop.now_s());
    shop.stripe_says(&paid).await;
    shop.stripe_says(&paid.clone().event_id("evt_again")).await;
    shop.stripe_says(&paid.event_id("evt_and_again")).await;
    assert_eq!(shop.verdicts(), ["suspense_unknown_payment", "nothing_new", "nothing_new"]);
    assert_eq!(suspended(shop), 9_900);
    assert_eq!(shop.suspense("waiting").await.len(), 1);
    // More by the same attempt is more money.
    shop.stripe_says(&shop.gateway.paid(NOBODY, 12_000, "cny", shop.now_s())).await;
    assert_eq!(suspended(shop), 12_000);
}

async fn the_same_money_told_at_the_same_moment_is_booked_once(shop: &Shop) {
    shop.is_stubborn(20);
    let paid = shop.gateway.paid(NOBODY, 9_900, "cny", shop.now_s());
    let events = (0..6).map(|n| paid.clone().event_id(&format!("evt_{n}_at_once")));
    let events: Vec<_> = events.collect();
    futures::future::join_all(events.iter().map(|event| shop.stripe_says(event))).await;
    assert_eq!(suspended(shop), 9_900);
    assert_eq!(shop.books().number("select count(*) from suspense"), 1);
}

async fn what_no_order_explains_within_the_hour_is_left_to_a_person(shop: &Shop) {
    shop.stripe_says(&shop.gateway.paid(NOBODY, 9_900, "cny", shop.now_s())).await;
    shop.time_passes(59 * MINUTE).await;
    assert_eq!(shop.suspense("waiting").await.len(), 1);
    shop.time_passes(2 * MINUTE).await;
    let open = shop.suspense("open").await;
    assert_eq!(open[0]["allowed_actions"], json!(["give_to_payment", "refund", "keep"]));
    assert_eq!(open[0]["final"], false);
}

async fn a_person_gives_it_to_its_payment(shop: &Shop) {
    let purchase = bought(shop).await;
    shop.stripe_says(&shop.gateway.paid(NOBODY, 12_800, "cny", shop.now_s())).await;
    let item = shop.suspense("waiting").await[0]["id"].as_str().unwrap().to_owned();
    let to = json!({"payment": purchase.payment});
    let given = settle(shop, &item, "give", &to).await.must(&[200]);
    assert_eq!(given.at("/verdict"), "confirmed");
    assert_eq!(shop.order(purchase.only()).await["state"], "confirmed");
    assert_eq!(suspended(shop), 0);
    assert_eq!(shop.ledger(&purchase).await.balance("escrow:"), -12_800);
    settle(shop, &item, "give", &to).await.is_refused(409, "illegal_step");
    // Whoever disputes or cancels later is known, although the gateway never named the payment.
    shop.stripe_says(&shop.gateway.paid(NOBODY, 12_800, "cny", shop.now_s())).await;
    shop.buyer("li").cancels(purchase.only()).await;
    shop.time_passes(HOUR).await;
    assert_eq!(shop.payment(&purchase).await["status"], "refunded");
}

async fn a_person_sends_it_back(shop: &Shop) {
    let item = unexplained(shop, 9_900).await;
    let ask = settle(shop, &item, "refund", &json!({})).key("send-it-back");
    let first = ask.clone().await.must(&[200]);
    let again = ask.await.must(&[200]);
    assert_eq!(first.json(), again.json());
    shop.time_passes(SECOND).await;
    let refunds = shop.gateway.refunds();
    assert_eq!((refunds.len(), refunds[0].amount, refunds[0].asked), (1, 9_900, 1));
    assert_eq!(shop.suspense("refunded").await.len(), 1);
    assert_eq!(suspended(shop), 0);
    // The bank sends it back to us: a person decides again.
    let failed = shop.gateway.refund_failed(&refunds[0].id, "lost_or_stolen_card", shop.now_s());
    shop.stripe_says(&failed.unwrap()).await;
    assert_eq!(shop.suspense("open").await[0]["refund"]["state"], "failed");
    assert_eq!(suspended(shop), 9_900);
}

async fn a_way_back_of_which_nobody_hears_is_on_the_list_again(shop: &Shop) {
    let item = unexplained(shop, 9_900).await;
    let list = async || {
        let list = shop.finance().get("/v1/suspense").await.must(&[200]).at("/suspense");
        list.as_array().cloned().unwrap_or_default()
    };
    assert_eq!(list().await.len(), 1);
    shop.gateway.next_answers(7, &PartnerFault::DoneButLost);
    drop(settle(shop, &item, "refund", &json!({})).await.must(&[200]));
    assert_eq!(list().await.len(), 0, "it is on its way");
    for wait in [SECOND, MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, 4 * HOUR, 12 * HOUR] {
        shop.time_passes(wait).await;
    }
    let listed = list().await;
    assert_eq!(
        (&listed[0]["state"], &listed[0]["needs_person"]),
        (&json!("refunding"), &json!(true))
    );
    assert_eq!(listed[0]["refund"]["state"], "undecided");
    drop(settle(shop, &item, "refund", &json!({})).await.must(&[200]));
    shop.time_passes(SECOND).await;
    assert_eq!(shop.gateway.refunds().len(), 1, "it was there already");
    assert_eq!((list().await.len(), suspended(shop)), (0, 0));
}

async fn a_person_keeps_it_with_a_reason_and_a_proof(shop: &Shop) {
    let item = unexplained(shop, 9_900).await;
    let unproved = json!({"reason": "deposit for the fair", "proof": " "});
    settle(shop, &item, "keep", &unproved).await.is_refused(422, "invalid_body");
    let body = json!({"reason": "deposit for the fair", "proof": "contract 7, page 2"});
    let by_support = shop.support().post(&format!("/v1/suspense/{item}/keep"), &body).await;
    by_support.is_refused(403, "forbidden");
    let kept = settle(shop, &item, "keep", &body).await.must(&[200]);
    assert_eq!(kept.at("/state"), "kept");
    assert_eq!(kept.at("/final"), true);
    let sundry = "select -sum(amount_minor) from ledger where account = 'platform:sundry'";
    assert_eq!((suspended(shop), shop.books().number(sundry)), (0, 9_900));
    settle(shop, &item, "refund", &json!({})).await.is_refused(409, "illegal_step");
}

async fn what_came_before_the_courier_was_paid_goes_back_the_way_it_came(shop: &Shop) {
    shop.merchant("m1").joins(json!({"cash_on_delivery": true})).await;
    shop.merchant("m1").sells("TEE", 9_900).stock("wh-sh", 10).await;
    let item = unexplained(shop, 9_900).await;
    let purchase = shop.buyer("li").buys_on_delivery(&[("TEE", 1)]).await;
    let parcel = shop.warehouse("wh-sh").ships(purchase.only(), &[(1, 1)]).await;
    shop.carrier_says(&parcel, &[DELIVERED]).await;
    let to = json!({"payment": purchase.payment});
    drop(settle(shop, &item, "give", &to).await.must(&[200]));
    shop.time_passes(SECOND).await;
    let refund = shop.payment(&purchase).await["refunds"][0].clone();
    assert_eq!((&refund["gateway"], &refund["state"]), (&json!("stripe"), &json!("succeeded")));
    assert_eq!(shop.gateway_paid_back(&purchase), 9_900);
    let ledger = shop.ledger(&purchase).await;
    assert_eq!((ledger.balance("gateway:stripe"), ledger.balance("refunding:")), (0, 0));
    assert_eq!(ledger.balance("carrier:yuantong"), 9_900, "the courier's cash pays for the order");
}

async fn two_people_cannot_both_settle_it(shop: &Shop) {
    let purchase = bought(shop).await;
    let item = unexplained(shop, 9_900).await;
    let (to, proof) =
        (json!({"payment": purchase.payment}), json!({"reason": "ours", "proof": "a letter"}));
    let asks = [
        settle(shop, &item, "give", &to),
        settle(shop, &item, "refund", &json!({})),
        settle(shop, &item, "keep", &proof),
    ];
    let answers = futures::future::join_all(asks.map(|ask| ask.send())).await;
    let served = answers.iter().filter(|answer| answer.status.is_success()).count();
    assert_eq!(served, 1, "{answers:?}");
    shop.time_passes(HOUR).await;
    assert_eq!(suspended(shop), 0);
}

async fn money_in_another_currency_cannot_be_given_to_the_payment(shop: &Shop) {
    let purchase = bought(shop).await;
    shop.stripe_says(&shop.gateway.paid(&purchase.payment, 12_800, "usd", shop.now_s())).await;
    let item = shop.suspense("open").await[0]["id"].as_str().unwrap().to_owned();
    let to = json!({"payment": purchase.payment});
    settle(shop, &item, "give", &to).await.is_refused(409, "currency_differs");
    let nobody = json!({"payment": NOBODY});
    settle(shop, &item, "give", &nobody).await.is_refused(422, "invalid_body");
}

stories! {
    told_again_under_another_event_id_it_is_booked_once
    the_same_money_told_at_the_same_moment_is_booked_once
    what_no_order_explains_within_the_hour_is_left_to_a_person
    a_person_gives_it_to_its_payment
    a_person_sends_it_back
    a_way_back_of_which_nobody_hears_is_on_the_list_again
    a_person_keeps_it_with_a_reason_and_a_proof
    what_came_before_the_courier_was_paid_goes_back_the_way_it_came
    two_people_cannot_both_settle_it
    money_in_another_currency_cannot_be_given_to_the_payment
}

/// Ids are the same in every run of a shop in this process, so one run tells the next one which
/// payment will be made; `early` is what is told before it is.
fn an_order_that_comes_after_its_money(early: &str, later_ms: i64) -> (String, Vec<String>, Value) {
    runtime().block_on(async {
        let shop = Shop::natively();
        shop.merchant("m1").sells("TEE", 12_800).stock("wh-sh", 10).await;
        shop.stripe_says(&shop.gateway.paid(early, 12_800, "cny", shop.now_s())).await;
        let purchase = shop.buyer("li").buys(&[("TEE", 1)]).await;
        shop.time_passes(later_ms).await;
        let order = shop.order(purchase.only()).await;
        shop.audit().await;
        (purchase.payment.clone(), shop.verdicts(), order["state"].clone())
    })
}

#[test]
fn money_that_comes_before_its_order_finds_it_within_the_hour() {
    let (payment, _, state) = an_order_that_comes_after_its_money(NOBODY, 6 * MINUTE);
    assert_eq!(state, "awaiting_payment", "that money was for something else");
    let (same, verdicts, state) = an_order_that_comes_after_its_money(&payment, 6 * MINUTE);
    assert_eq!(same, payment, "both runs made the same payment");
    assert_eq!(verdicts, ["suspense_unknown_payment"]);
    assert_eq!(state, "confirmed");
}
