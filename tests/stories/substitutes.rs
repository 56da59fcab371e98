//! Substitutes: a picker does not find something, the warehouse offers something else, and the
//! buyer says yes, no or nothing.

use orderflow_tests::{
    DAY, DELIVERED, HOUR, MINUTE, Order, Purchase, SECOND, Shop, Value, json, stories,
};

/// Tees for 33.33 each and 10.00 for shipping; caps cost more, socks less, and pots are another
/// merchant's.
async fn goods(shop: &Shop) {
    let terms = json!({"shipping": {"fee_minor": 1_000}, "cash_on_delivery": true});
    shop.merchant("m1").joins(terms).await;
    shop.merchant("m1").sells("TEE", 3_333).stock("wh-sh", 10).await;
    shop.merchant("m1").sells("CAP", 4_000).stock("wh-sh", 2).stock("wh-bj", 2).await;
    shop.merchant("m1").sells("SOCK", 500).stock("wh-sh", 10).await;
    shop.merchant("m2").sells("POT", 9_900).stock("wh-sh", 10).await;
}

async fn paid(shop: &Shop, basket: &[(&str, i64)]) -> Purchase {
    shop.is_later(SECOND).await;
    let purchase = shop.buyer("li").buys(basket).await;
    shop.stripe_says_paid(&purchase).await;
    purchase
}

/// What a picker says who found so many and offers something for the rest.
fn offers(quantity: i64, sku: &str) -> Value {
    json!({"scanned": "TEE", "quantity": quantity,
        "short": {"outcome": "substitute", "sku": sku}})
}

/// A picker found one of three, and two caps are offered for the others.
async fn two_are_missing(shop: &Shop) -> Purchase {
    goods(shop).await;
    let purchase = paid(shop, &[("TEE", 3)]).await;
    let warehouse = shop.warehouse("wh-sh");
    let list = warehouse.plans_one_list("w1").await;
    warehouse.confirms_task(&list, 1, &offers(1, "CAP")).await;
    purchase
}

fn answer(order: &Order, line: u16, word: &str) -> String {
    format!("/v1/orders/{}/substitutes/{line}/{word}", order.id)
}

async fn a_buyer_takes_something_else_for_what_they_paid(shop: &Shop) {
    let purchase = two_are_missing(shop).await;
    let (order, li) = (purchase.only(), shop.buyer("li"));
    let seen = shop.order(order).await;
    assert_eq!(seen["substitutes"][0]["sku"], "CAP");
    assert_eq!(seen["substitutes"][0]["units"], 2);
    assert_eq!(seen["substitutes"][0]["price"]["amount"], 4_000);
    let may = |seen: &Value| {
        seen["allowed_actions"].as_array().unwrap().contains(&json!("answer_substitute"))
    };
    assert!(may(&seen), "{seen}");
    assert_eq!(shop.stock("TEE", "wh-sh").await, (10, 3), "nothing is moved before the answer");
    shop.time_passes(SECOND).await;
    assert_eq!(shop.merchant_heard(order, "order.substitute_offered").len(), 1);
    let texts = shop.texts("13800138000");
    let asked = texts.iter().find(|sms| sms.template == "SMS_substitute_offered_zh").unwrap();
    assert_eq!(
        (asked.params["pieces"].as_str(), asked.params["name"].as_str()),
        ("2", "CAP of m1")
    );
    let ask = li.post(&answer(order, 1, "accept"), &json!({})).key("yes");
    let taken = ask.clone().await.must(&[200]).json();
    assert_eq!(ask.await.must(&[200]).json(), taken, "the same answer twice is one");
    let (tee, cap) = (&taken["lines"][0], &taken["lines"][1]);
    assert_eq!((&tee["quantity"], &tee["paid"]["amount"]), (&json!(1), &json!(3_333)));
    assert_eq!((&cap["quantity"], &cap["paid"]["amount"]), (&json!(2), &json!(6_666)));
    assert_eq!(
        (&cap["sku"], &cap["line"], &cap["instead_of"]),
        (&json!("CAP"), &json!(2), &json!(1))
    );
    assert_eq!(taken["total"]["amount"], purchase.total);
    assert!(!may(&taken) && taken["substitutes"] == json!([]), "{taken}");
    // The tees are in the books no more, and the caps are promised where the tee comes from.
    assert_eq!(shop.stock("TEE", "wh-sh").await, (8, 1));
    assert_eq!(shop.stock("CAP", "wh-sh").await, (2, 2));
    let warehouse = shop.warehouse("wh-sh");
    let list = warehouse.plans_one_list("w2").await;
    assert_eq!(list["tasks"][0]["sku"], "CAP");
    warehouse.picks_list(&list).await;
    let parcel = warehouse.ships(order, &[(1, 1), (2, 2)]).await;
    assert_eq!(shop.order(order).await["fulfilment"], "shipped");
    assert_eq!(shop.gateway_paid_back(&purchase), 0);
    // What was taken instead is sent back like anything else, for what was paid.
    shop.carrier_says(&parcel, &[DELIVERED]).await;
    let case = li.wants_to_return(order, &[(2, 1)]).await;
    shop.merchant("m1").approves(&case).await;
    li.sends_back(&case, "shunfeng", "SF1").await;
    warehouse.receives(&case, &[(2, 1, "restock")]).await;
    shop.time_passes(MINUTE).await;
    assert_eq!(shop.gateway_paid_back(&purchase), 3_333);
    assert_eq!(shop.stock("CAP", "wh-sh").await, (1, 0));
}

async fn who_declines_gets_the_money_for_exactly_the_missing_units(shop: &Shop) {
    let purchase = two_are_missing(shop).await;
    let (order, li) = (purchase.only(), shop.buyer("li"));
    drop(li.post(&answer(order, 1, "decline"), &json!({})).await.must(&[200]));
    shop.time_passes(MINUTE).await;
    assert_eq!(shop.gateway_paid_back(&purchase), 2 * 3_333);
    assert_eq!(shop.stock("TEE", "wh-sh").await, (8, 1));
    assert_eq!(shop.stock("CAP", "wh-sh").await, (2, 0));
    li.post(&answer(order, 1, "accept"), &json!({})).await.is_refused(409, "illegal_step");
    shop.warehouse("wh-sh").ships(order, &[(1, 1)]).await;
    assert_eq!(shop.order(order).await["fulfilment"], "shipped");
}

async fn silence_is_a_no(shop: &Shop) {
    let purchase = two_are_missing(shop).await;
    shop.time_passes(DAY - MINUTE).await;
    assert_eq!(shop.gateway_paid_back(&purchase), 0);
    shop.time_passes(2 * MINUTE).await;
    assert_eq!(shop.gateway_paid_back(&purchase), 2 * 3_333);
    let seen = shop.order(purchase.only()).await;
    assert_eq!(seen["lines"][0]["units"]["cancelled"], 2);
    assert_eq!(seen["substitutes"], json!([]));
}

async fn nothing_is_offered_that_is_no_fair_substitute(shop: &Shop) {
    goods(shop).await;
    paid(shop, &[("TEE", 3), ("SOCK", 1)]).await;
    let warehouse = shop.warehouse("wh-sh");
    let list = warehouse.plans_one_list("w1").await;
    let task = list["tasks"].as_array().unwrap().iter().find(|task| task["sku"] == "TEE").unwrap();
    let no = task["task"].as_u64().unwrap();
    shop.merchant("m1").sells("RAG", 100).stock("wh-sh", 10).await;
    shop.merchant("m1").sells("HAT", 9_000).stock("wh-sh", 1).await;
    let before = shop.books().counts();
    for (sku, code) in [
        ("NONE", "unknown_sku"),
        ("POT", "not_for_sale"),
        ("SOCK", "repeated_sku"),
        ("TEE", "repeated_sku"),
    ] {
        let refused = warehouse.confirm_task(&list, no, &offers(1, sku)).await;
        refused.is_refused(422, "invalid_body");
        assert_eq!(refused.at("/errors/0/code"), code);
        assert_eq!(refused.at("/errors/0/pointer"), "#/short/sku");
    }
    let cheaper = warehouse.confirm_task(&list, no, &offers(1, "RAG")).await;
    assert_eq!(cheaper.at("/errors/0/code"), "worth_less");
    assert_eq!(cheaper.at("/errors/0/at_least/amount"), 3_333);
    let without = json!({"scanned": "TEE", "quantity": 1, "short": {"outcome": "substitute"}});
    warehouse.confirm_task(&list, no, &without).await.is_refused(422, "invalid_body");
    let few = warehouse.confirm_task(&list, no, &offers(1, "HAT")).await;
    few.is_refused(409, "out_of_stock");
    assert_eq!(few.at("/errors/0/available"), 1);
    assert_eq!(shop.books().counts(), before, "nothing is half done");
}

async fn what_is_offered_can_be_gone_and_others_have_no_say(shop: &Shop) {
    let purchase = two_are_missing(shop).await;
    let order = purchase.only();
    let yes = answer(order, 1, "accept");
    shop.buyer("han").post(&yes, &json!({})).await.is_refused(404, "not_found");
    shop.merchant("m1").post(&yes, &json!({})).await.is_refused(403, "forbidden");
    let li = shop.buyer("li");
    li.post(&answer(order, 2, "accept"), &json!({})).await.is_refused(409, "illegal_step");
    // Somebody else was faster.
    paid(shop, &[("CAP", 3)]).await;
    let gone = li.post(&yes, &json!({})).await;
    gone.is_refused(409, "out_of_stock");
    assert_eq!(gone.at("/errors/0/available"), 1);
    drop(shop.support().post(&answer(order, 1, "decline"), &json!({})).await.must(&[200]));
    shop.time_passes(MINUTE).await;
    assert_eq!(shop.gateway_paid_back(&purchase), 2 * 3_333);
}

async fn an_offer_lapses_when_the_pieces_turn_up(shop: &Shop) {
    let purchase = two_are_missing(shop).await;
    let (order, warehouse) = (purchase.only(), shop.warehouse("wh-sh"));
    warehouse.ships(order, &[(1, 3)]).await;
    assert_eq!(shop.order(order).await["substitutes"], json!([]));
    let yes = shop.buyer("li").post(&answer(order, 1, "accept"), &json!({}));
    yes.await.is_refused(409, "illegal_step");
    shop.time_passes(DAY + HOUR).await;
    assert_eq!(shop.gateway_paid_back(&purchase), 0);
    assert_eq!(shop.order(order).await["fulfilment"], "shipped");
    assert_eq!(shop.stock("CAP", "wh-sh").await, (2, 0));
}

async fn the_courier_is_paid_the_same_for_a_substitute(shop: &Shop) {
    goods(shop).await;
    let purchase = shop.buyer("li").buys_on_delivery(&[("TEE", 3)]).await;
    let (order, warehouse) = (purchase.only(), shop.warehouse("wh-sh"));
    if shop.order(order).await["state"] == "awaiting_confirmation" {
        shop.merchant("m1").confirms(order).await;
    }
    let list = warehouse.plans_one_list("w1").await;
    warehouse.confirms_task(&list, 1, &offers(1, "CAP")).await;
    drop(shop.buyer("li").post(&answer(order, 1, "accept"), &json!({})).await.must(&[200]));
    let tee = warehouse.ships(order, &[(1, 1)]).await;
    let caps = warehouse.ships(order, &[(2, 2)]).await;
    let asks = async |parcel: &orderflow_tests::Parcel| {
        let seen = warehouse.get(&format!("/v1/shipping/parcels/{}", parcel.id)).await;
        seen.must(&[200]).at("/collect/amount").as_i64().unwrap()
    };
    assert_eq!((asks(&tee).await, asks(&caps).await), (3_333 + 1_000, 6_666));
}

stories! {
    a_buyer_takes_something_else_for_what_they_paid
    who_declines_gets_the_money_for_exactly_the_missing_units
    silence_is_a_no
    nothing_is_offered_that_is_no_fair_substitute
    what_is_offered_can_be_gone_and_others_have_no_say
    an_offer_lapses_when_the_pieces_turn_up
    the_courier_is_paid_the_same_for_a_substitute
}
