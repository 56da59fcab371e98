//! What happens when two do something at the same moment: one is first, and the other is told so.
//! Which of them is first is not said; that goods and money are counted once is.

use futures::future::{join, join_all};
use orderflow_tests::{Answer, MINUTE, Purchase, SECOND, Shop, json, stories};

async fn paid(shop: &Shop, tees: i64) -> Purchase {
    shop.is_stubborn(50);
    shop.merchant("m1").sells("TEE", 10_000).stock("wh-sh", 10).await;
    let purchase = shop.buyer("li").buys(&[("TEE", tees)]).await;
    shop.stripe_says_paid(&purchase).await;
    purchase
}

fn served(answers: &[Answer]) -> usize {
    answers.iter().filter(|answer| answer.status.is_success()).count()
}

async fn an_order_is_cancelled_and_packed_at_once(shop: &Shop) {
    let purchase = paid(shop, 2).await;
    let (order, warehouse) = (purchase.only(), shop.warehouse("wh-sh"));
    let cancel = shop.buyer("li").cancel(order).send();
    let (cancelled, packed) = join(cancel, warehouse.pack(order, &[(1, 2)]).send()).await;
    assert_eq!(served(&[cancelled.clone(), packed.clone()]), 1, "{cancelled} {packed}");
    shop.time_passes(SECOND).await;
    let back = if cancelled.status.is_success() { 20_000 } else { 0 };
    assert_eq!(shop.gateway_paid_back(&purchase), back);
}

async fn two_of_the_family_want_the_same_money_back(shop: &Shop) {
    let purchase = paid(shop, 3).await;
    let (buyer, support) = (shop.buyer("li"), shop.support());
    let order = purchase.only();
    let asks = [
        buyer.ask_back("refund_only", order, &[(1, 2)]),
        support.ask_back("refund_only", order, &[(1, 2)]),
        buyer.cancel(order),
        support.cancel(order),
    ];
    let answers = join_all(asks.map(|ask| ask.send())).await;
    assert!((1..=2).contains(&served(&answers)));
    shop.time_passes(SECOND).await;
    let units = shop.order(order).await["lines"][0]["units"]["refunded"].as_i64().unwrap();
    assert_eq!(shop.gateway_paid_back(&purchase), units * 10_000);
}

async fn the_clock_strikes_while_the_money_comes(shop: &Shop) {
    shop.is_stubborn(50);
    shop.merchant("m1").sells("TEE", 10_000).stock("wh-sh", 10).await;
    let purchases = join_all(
        (0..6).map(|n| async move { shop.buyer(&format!("buyer-{n}")).buys(&[("TEE", 1)]).await }),
    )
    .await;
    shop.is_later(31 * MINUTE).await;
    let pays = join_all(purchases.iter().map(|purchase| shop.stripe_says_paid(purchase)));
    join(pays, shop.ticks()).await;
    shop.time_passes(MINUTE).await;
    for purchase in &purchases {
        let order = shop.order(purchase.only()).await;
        let back = if order["state"] == "cancelled" { 10_000 } else { 0 };
        assert_eq!(shop.gateway_paid_back(purchase), back, "{order}");
    }
}

async fn many_schedulers_send_every_message_once(shop: &Shop) {
    let purchase = paid(shop, 1).await;
    shop.buyer("li").cancels(purchase.only()).await;
    join_all((0..6).map(|_| shop.dispatches())).await;
    shop.time_passes(SECOND).await;
    assert_eq!(shop.gateway.refunds().len(), 1);
    assert_eq!(shop.gateway.refunds()[0].asked, 1);
    assert!(shop.receiver.received().iter().all(|message| !message.repeat));
    for kind in ["order.paid", "order.cancelled", "order.refund_granted"] {
        assert_eq!(shop.merchant_heard(purchase.only(), kind).len(), 1, "{kind}");
    }
}

async fn many_packers_take_no_number_twice(shop: &Shop) {
    let purchase = paid(shop, 8).await;
    let warehouse = shop.warehouse("wh-sh");
    let numbers: Vec<String> = (0..8).map(|n| format!("ZT{n}")).collect();
    let pool = json!({"carrier": "zto", "numbers": numbers});
    drop(shop.operator().post("/v1/shipping/waybills", &pool).await.must(&[200]));
    let mut parcels = Vec::new();
    for _ in 0..8 {
        parcels.push(warehouse.packs(purchase.only(), &[(1, 1)]).await);
    }
    let labels = parcels.iter().map(|parcel| warehouse.label(parcel, "zto").send());
    let answers = join_all(labels).await;
    assert_eq!(served(&answers), 8);
    let mut taken: Vec<String> =
        answers.iter().map(|answer| answer.at("/label/waybill").to_string()).collect();
    taken.sort();
    taken.dedup();
    assert_eq!(taken.len(), 8);
    let dispatches = parcels.iter().map(|parcel| warehouse.hand_over(parcel).send());
    assert_eq!(served(&join_all(dispatches).await), 8);
    assert_eq!(shop.stock("TEE", "wh-sh").await, (2, 0));
}

async fn many_pickers_take_no_list_twice(shop: &Shop) {
    paid(shop, 1).await;
    for _ in 0..3 {
        let purchase = shop.buyer("li").buys(&[("TEE", 1)]).await;
        shop.stripe_says_paid(&purchase).await;
    }
    let warehouse = shop.warehouse("wh-sh");
    warehouse.plans_wave("w1", &json!({"method": "single", "rule": {}})).await;
    let next = |n: usize| {
        let picker = json!({"picker": format!("picker-{n}")});
        warehouse.post("/v1/fulfilment/waves/w1/next", &picker).send()
    };
    let answers = join_all((0..4).map(next)).await;
    assert_eq!(served(&answers), 4);
    let mut taken: Vec<String> =
        answers.iter().map(|answer| answer.at("/id").to_string()).collect();
    taken.sort();
    taken.dedup();
    assert_eq!(taken.len(), 4);
}

async fn a_return_is_received_once_however_many_scan_it(shop: &Shop) {
    let purchase = paid(shop, 2).await;
    let (order, buyer) = (purchase.only(), shop.buyer("li"));
    shop.sends(order).await;
    let case = buyer.wants_to_return(order, &[(1, 2)]).await;
    let merchant = shop.merchant("m1");
    let (approve, reject) = (json!({}), json!({"reason": "worn"}));
    let asks = [
        merchant.step(&case, "approve", &approve),
        merchant.step(&case, "reject", &reject),
        buyer.step(&case, "withdraw", &json!({})),
    ];
    let answers = join_all(asks.map(|ask| ask.send())).await;
    // Whoever approves may be followed by a buyer who withdraws.
    assert!((1..=2).contains(&served(&answers)));
    if shop.case(&case).await["state"] != "awaiting_return" {
        return;
    }
    let body = json!({"lines": [{"line": 1, "units": 2, "warehouse": "wh-sh", "to": "restock"}]});
    let warehouse = shop.warehouse("wh-sh");
    let scans = (0..4).map(|_| warehouse.step(&case, "receive", &body).send());
    assert_eq!(served(&join_all(scans).await), 1);
    shop.time_passes(SECOND).await;
    assert_eq!(shop.gateway_paid_back(&purchase), 20_000);
    assert_eq!(shop.stock("TEE", "wh-sh").await, (10, 0));
}

stories! {
    an_order_is_cancelled_and_packed_at_once
    two_of_the_family_want_the_same_money_back
    the_clock_strikes_while_the_money_comes
    many_schedulers_send_every_message_once
    many_packers_take_no_number_twice
    many_pickers_take_no_list_twice
    a_return_is_received_once_however_many_scan_it
}
