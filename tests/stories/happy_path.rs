//! From the basket to the payout, with two merchants and one payment.

use orderflow_tests::{DAY, SECOND, Shop, json, stories};

async fn two_merchants_sell_ship_and_are_paid_out(shop: &Shop) {
    shop.merchant("m1").sells("TEE", 12_800).stock("wh-sh", 10).await;
    shop.merchant("m2").sells("MUG", 4_500).stock("wh-gz", 5).await;
    let buyer = shop.buyer("li");
    let purchase = buyer.buys(&[("TEE", 2), ("MUG", 1)]).await;
    assert_eq!(purchase.total, 2 * 12_800 + 4_500);
    assert_eq!(shop.stock("TEE", "wh-sh").await, (10, 2));
    let tees = purchase.order("m1");
    assert_eq!(shop.order(tees).await["state"], "awaiting_payment");

    shop.stripe_says_paid(&purchase).await;
    assert_eq!(shop.order(tees).await["state"], "confirmed");
    assert_eq!(shop.payment(&purchase).await["status"], "paid");

    for order in &purchase.orders {
        shop.sends(order).await;
        assert_eq!(shop.order(order).await["fulfilment"], "delivered");
    }
    assert_eq!(shop.stock("TEE", "wh-sh").await, (8, 0));
    buyer.confirms_receipt(tees).await;
    assert_eq!(shop.order(purchase.order("m2")).await["state"], "confirmed");

    // The mug completes by itself a week after it came, and is settled a week later.
    shop.time_passes(7 * DAY).await;
    assert_eq!(shop.order(purchase.order("m2")).await["state"], "completed");
    shop.time_passes(7 * DAY).await;
    for order in &purchase.orders {
        let settled = shop.order(order).await;
        assert_eq!(settled["settlement"]["state"], "settled", "{settled}");
        assert_eq!(settled["final"], true);
    }

    // 5 % of the goods and 1.00 per order stay with the platform.
    for (merchant, net) in [("m1", 25_600 - 1_280 - 100), ("m2", 4_500 - 225 - 100)] {
        let statement = shop.finance().closes_period(merchant).await;
        assert_eq!((statement.net, statement.state.as_str()), (net, "due"));
        assert_eq!(shop.finance().pays_out(&statement).await.state, "paid");
        shop.finance().close_period(merchant).await.is_refused(409, "nothing_to_settle");
    }
    let ledger = shop.ledger(&purchase).await;
    ledger.sums_to_zero();
    ledger.escrow_is_empty();
    assert_eq!(ledger.balance("gateway:stripe"), 30_100);
    assert_eq!(ledger.balance("platform:commission"), -1_505);
    assert_eq!(ledger.balance("platform:fees"), -200);
}

async fn a_merchant_hears_of_every_milestone_once_and_can_verify_it(shop: &Shop) {
    shop.merchant("m1").sells("TEE", 12_800).stock("wh-sh", 10).await;
    let buyer = shop.buyer("li");
    let purchase = buyer.buys(&[("TEE", 1)]).await;
    shop.stripe_says_paid(&purchase).await;
    let order = purchase.only();
    shop.time_passes(SECOND).await;
    assert_eq!(shop.merchant_heard(order, "order.paid").len(), 1);
    shop.sends(order).await;
    buyer.confirms_receipt(order).await;
    shop.time_passes(8 * DAY).await;
    for milestone in ["paid", "packed", "shipped", "delivered", "completed", "settled"] {
        let heard = shop.merchant_heard(order, &format!("order.{milestone}"));
        assert_eq!(heard.len(), 1, "{milestone}");
        assert_eq!(heard[0]["data"]["total"]["amount"], 12_800);
    }
    assert_eq!(shop.receiver.refused(), Vec::<String>::new());
}

async fn a_buyer_sees_what_happened_in_the_order_of_its_time(shop: &Shop) {
    shop.merchant("m1").sells("TEE", 12_800).stock("wh-sh", 10).await;
    let buyer = shop.buyer("li");
    let purchase = buyer.buys(&[("TEE", 1)]).await;
    shop.stripe_says_paid(&purchase).await;
    let order = purchase.only();
    shop.sends(order).await;
    buyer.confirms_receipt(order).await;
    let path = format!("/v1/orders/{}/timeline", order.id);
    let timeline = buyer.get(&path).await.must(&[200]).json();
    let words = |list: &str, word: &str| -> Vec<String> {
        let all = timeline[list].as_array().unwrap();
        all.iter().map(|entry| entry[word].as_str().unwrap().to_owned()).collect()
    };
    let of_order: Vec<String> = words("events", "what");
    let told: Vec<&str> = of_order.iter().map(String::as_str).collect();
    for pair in ["placed", "paid", "packed", "shipped", "delivered", "completed"].windows(2) {
        let place = |what: &str| told.iter().position(|told| *told == what).unwrap();
        assert!(place(pair[0]) < place(pair[1]), "{told:?}");
    }
    assert_eq!(words("tracking", "state"), ["picked_up", "in_transit", "delivered"]);
    assert_eq!(words("parcels", "state"), ["delivered"]);
}

async fn the_journal_is_enough_to_build_every_document_again(shop: &Shop) {
    shop.merchant("m1").sells("TEE", 12_800).stock("wh-sh", 10).await;
    let zone = json!({"name": "all", "to": ["*"], "fee": {"by": "order", "fee_minor": 500}});
    shop.merchant("m1").ships_by(json!([zone])).await;
    shop.operator().describes("policies", &json!({"id": "shop", "set": {}})).await;
    let buyer = shop.buyer("li");
    buyer.is_told(json!({"email": "li@example.com"})).await;
    let purchase = buyer.buys(&[("TEE", 2)]).await;
    shop.stripe_says_paid(&purchase).await;
    let order = purchase.only();
    shop.sends(order).await;
    buyer.confirms_receipt(order).await;
    let case = buyer.wants_to_return(order, &[(1, 1)]).await;
    shop.merchant("m1").approves(&case).await;
    buyer.sends_back(&case, "shunfeng", "SF1").await;
    shop.warehouse("wh-sh").receives(&case, &[(1, 1, "restock")]).await;
    shop.time_passes(8 * DAY).await;
    let statement = shop.finance().closes_period("m1").await;
    shop.finance().pays_out(&statement).await;
    let kinds = "select count(distinct kind) from journal";
    assert_eq!(shop.books().number(kinds), 13, "every kind that an order's whole life touches");
    assert!(shop.books().journal_rebuilds_everything() >= 13);
}

stories! {
    two_merchants_sell_ship_and_are_paid_out
    a_merchant_hears_of_every_milestone_once_and_can_verify_it
    a_buyer_sees_what_happened_in_the_order_of_its_time
    the_journal_is_enough_to_build_every_document_again
}
