//! What goes wrong on the way: silence, what carriers say, and the queue of those who look after
//! it.

use orderflow_tests::{
    DAMAGED, DAY, DELAYED, DELIVERED, HOUR, MINUTE, ON_THE_WAY, Order, PICKED_UP, Parcel, SECOND,
    Shop, Value, json, stories,
};

/// A parcel of a merchant that has just left.
async fn shipped(shop: &Shop, merchant: &str, sku: &str) -> (Order, Parcel) {
    shop.merchant(merchant).sells(sku, 12_800).stock("wh-sh", 10).await;
    let purchase = shop.buyer("li").buys(&[(sku, 1)]).await;
    shop.stripe_says_paid(&purchase).await;
    let order = purchase.only().clone();
    let parcel = shop.warehouse("wh-sh").ships(&order, &[(1, 1)]).await;
    (order, parcel)
}

fn due_in(shop: &Shop, ms: i64) -> Value {
    json!(edge::views::time(shop.now().plus(ms)))
}

async fn a_parcel_of_which_nothing_is_heard_is_in_the_queue_until_it_is_scanned(shop: &Shop) {
    let (order, parcel) = shipped(shop, "m1", "TEE").await;
    shop.time_passes(DAY - MINUTE).await;
    assert_eq!(shop.open_exceptions(&parcel).await, Vec::<Value>::new());
    shop.time_passes(MINUTE).await;
    let silent = shop.open_exception(&parcel).await;
    assert_eq!((&silent["kind"], &silent["state"]), (&json!("no_pickup"), &json!("open")));
    assert_eq!(silent["deadline"], due_in(shop, 12 * HOUR));
    assert_eq!(silent["owner"], Value::Null);
    assert_eq!(shop.order(&order).await["open_exceptions"], json!([silent["id"]]));
    shop.is_later(HOUR).await;
    shop.carrier_says(&parcel, &[PICKED_UP]).await;
    let seen = shop.exception(&silent).await;
    assert_eq!((&seen["state"], &seen["final"]), (&json!("resolved"), &json!(true)));
    assert_eq!(seen["state_detail"]["outcome"], "explained");
    assert_eq!(seen["state_detail"]["explained_by"], "picked_up");
    assert_eq!(shop.order(&order).await["open_exceptions"], json!([]));
    shop.time_passes(2 * DAY).await;
    let silent = shop.open_exception(&parcel).await;
    assert_eq!(silent["kind"], "no_scan");
    shop.carrier_says(&parcel, &[ON_THE_WAY]).await;
    assert_eq!(shop.exception(&silent).await["state"], "resolved");
    shop.carrier_says(&parcel, &[DELIVERED]).await;
    shop.time_passes(6 * DAY).await;
    assert_eq!(shop.open_exceptions(&parcel).await, Vec::<Value>::new());
    let resolved = shop.support().exceptions("?state=resolved").await;
    assert_eq!(resolved.len(), 2, "the newest first");
    assert_eq!(resolved[0]["kind"], "no_scan");
}

async fn what_a_carrier_says_is_closed_by_what_explains_it_or_stays_for_a_person(shop: &Shop) {
    let (order, parcel) = shipped(shop, "m1", "TEE").await;
    shop.carrier_says(&parcel, &[PICKED_UP, DELAYED]).await;
    let delay = shop.open_exception(&parcel).await;
    assert_eq!(delay["kind"], "delay");
    shop.is_later(HOUR).await;
    shop.carrier_says(&parcel, &[DAMAGED]).await;
    assert_eq!(shop.open_exceptions(&parcel).await.len(), 2);
    shop.is_later(HOUR).await;
    shop.carrier_says(&parcel, &[ON_THE_WAY]).await;
    let damaged = shop.open_exception(&parcel).await;
    assert_eq!(damaged["kind"], "damaged");
    assert_eq!(shop.exception(&delay).await["state"], "resolved");
    shop.is_later(HOUR).await;
    shop.carrier_says(&parcel, &[DELIVERED]).await;
    assert_eq!(shop.open_exception(&parcel).await["id"], damaged["id"]);
    let seen = shop.order(&order).await;
    assert_eq!(seen["completion"], json!({"state": "stopped", "left_ms": 7 * DAY}));
    let done = shop.support().handles(&damaged, "resolve", &json!({"outcome": "dismiss"})).await;
    assert_eq!(done["state_detail"]["outcome"], "dismissed");
    assert_eq!(shop.order(&order).await["completion"]["state"], "running");
    let path = format!("/v1/orders/{}/timeline", order.id);
    let timeline = shop.buyer("li").get(&path).await.must(&[200]);
    let events = timeline.at("/events");
    let told: Vec<&Value> =
        events.as_array().unwrap().iter().filter(|e| e["about"] == delay["id"]).collect();
    assert_eq!(told.len(), 2);
    assert_eq!((&told[0]["what"], &told[0]["why"]), (&json!("opened"), &json!("delay")));
    assert_eq!((&told[1]["what"], &told[1]["why"]), (&json!("resolved"), &json!("explained")));
}

async fn nobody_deciding_presses_and_is_told(shop: &Shop) {
    let (_, parcel) = shipped(shop, "m1", "TEE").await;
    shop.carrier_says(&parcel, &[PICKED_UP, DELAYED]).await;
    let delay = shop.open_exception(&parcel).await;
    // Messages that wait at the same time arrive in any order: this one is not to wait.
    shop.time_passes(SECOND).await;
    for (priority, deadline) in [("high", due_in(shop, 4 * DAY)), ("urgent", Value::Null)] {
        shop.time_passes(2 * DAY).await;
        let seen = shop.exception(&delay).await;
        assert_eq!(seen["priority"], priority);
        if deadline != Value::Null {
            assert_eq!(seen["deadline"], deadline);
        }
    }
    shop.time_passes(10 * DAY).await;
    assert_eq!(shop.exception(&delay).await["state"], "open");
    let received = shop.receiver.received();
    let kinds: Vec<&str> = received
        .iter()
        .filter(|heard| heard.body["data"]["exception"] == delay["id"])
        .filter_map(|heard| heard.body["type"].as_str())
        .collect();
    let overdue = "parcel.exception_overdue";
    assert_eq!(kinds, ["parcel.exception", overdue, overdue]);
    let done = json!({"outcome": "wait", "hours": 5});
    let waiting = shop.support().handles(&delay, "resolve", &done).await;
    assert_eq!(
        (&waiting["state"], &waiting["deadline"]),
        (&json!("waiting"), &due_in(shop, 5 * HOUR))
    );
    shop.time_passes(5 * HOUR).await;
    assert_eq!(shop.exception(&delay).await["state"], "open");
}

async fn the_queue_is_sorted_by_deadline_and_everybody_sees_their_part(shop: &Shop) {
    let (_, one) = shipped(shop, "m1", "TEE").await;
    let (_, two) = shipped(shop, "m2", "CAP").await;
    shop.carrier_says(&one, &[PICKED_UP, DELAYED]).await;
    shop.carrier_says(&two, &[PICKED_UP, DAMAGED]).await;
    let all = shop.support().exceptions("").await;
    let kinds: Vec<&Value> = all.iter().map(|e| &e["kind"]).collect();
    assert_eq!(kinds, ["damaged", "delay"], "the damaged one is due first");
    let first = shop.support().get("/v1/exceptions?limit=1").await.must(&[200]);
    let next = first.at("/next_cursor").as_str().unwrap().to_owned();
    let second = shop.support().exceptions(&format!("?limit=1&cursor={next}")).await;
    assert_eq!(second[0]["kind"], "delay");
    let of_one = shop.merchant("m1").exceptions("").await;
    assert_eq!(of_one.len(), 1);
    let hidden = shop.merchant("m2").get(&format!("/v1/exceptions/{}", text(&of_one[0]["id"])));
    hidden.await.is_refused(404, "not_found");
    assert_eq!(shop.support().exceptions("?merchant=m2&kind=damaged").await.len(), 1);
    assert_eq!(shop.support().exceptions("?kind=lost").await.len(), 0);
    assert_eq!(shop.warehouse("wh-bj").exceptions("").await.len(), 0);
    shop.support().get("/v1/exceptions?kind=bad").await.is_refused(400, "unknown_kind");
    shop.support().get("/v1/exceptions?state=bad").await.is_refused(400, "unknown_state");
    shop.support().get("/v1/exceptions?cursor=aGV5").await.is_refused(400, "bad_cursor");
    assert_eq!(shop.support().exceptions("?owner=none").await.len(), 2);
    let owner = json!({"role": "support", "name": "agent-7"});
    let taken = shop.support().handles(&of_one[0], "assign", &owner).await;
    assert_eq!(taken["owner"], json!({"by": "support", "id": "agent-7"}));
    let mine = shop.support().exceptions("?owner=agent-7").await;
    assert_eq!(mine.len(), 1);
    let noted = shop.merchant("m1").handles(&mine[0], "note", &json!({"text": "I asked"})).await;
    assert_eq!(noted["notes"][0]["text"], "I asked");
    let nothing = shop.support().handle(&mine[0], "note", &json!({"text": " "})).await;
    nothing.is_refused(422, "invalid_body");
}

async fn what_is_not_there_when_its_carrier_promised_it_is_an_exception(shop: &Shop) {
    shop.merchant("m1").sells("TEE", 12_800).stock("wh-sh", 10).await;
    let purchase = shop.buyer("li").buys(&[("TEE", 1)]).await;
    shop.stripe_says_paid(&purchase).await;
    let warehouse = shop.warehouse("wh-sh");
    let packed = warehouse.packs(purchase.only(), &[(1, 1)]).await;
    let parcel = warehouse.labels(&packed, "yuantong").await;
    let path = format!("/v1/shipping/parcels/{}/dispatch", parcel.id);
    for days in [0, 61] {
        let far = warehouse.post(&path, &json!({"promised_days": days})).await;
        far.is_refused(422, "invalid_body");
    }
    let sent = warehouse.post(&path, &json!({"promised_days": 2})).await.must(&[200]);
    assert_eq!(sent.at("/promised_by"), due_in(shop, 2 * DAY));
    shop.time_passes(DAY - HOUR).await;
    shop.carrier_says(&parcel, &[PICKED_UP]).await;
    shop.time_passes(DAY + HOUR).await;
    let missed = shop.open_exception(&parcel).await;
    assert_eq!(missed["kind"], "promise_missed");
    shop.carrier_says(&parcel, &[ON_THE_WAY]).await;
    assert_eq!(shop.open_exception(&parcel).await["id"], missed["id"], "it is still late");
    shop.is_later(HOUR).await;
    shop.carrier_says(&parcel, &[DELIVERED]).await;
    assert_eq!(shop.exception(&missed).await["state_detail"]["explained_by"], "delivered");
}

async fn what_makes_no_sense_is_refused(shop: &Shop) {
    let (_, parcel) = shipped(shop, "m1", "TEE").await;
    let packed = Parcel { id: "pcl_0000000000000000000000000000000f".into(), ..parcel.clone() };
    shop.support().report(&packed, "lost").await.is_refused(422, "invalid_body");
    shop.support().report(&parcel, "no_scan").await.is_refused(422, "invalid_body");
    shop.buyer("li").report(&parcel, "lost").await.is_refused(422, "invalid_body");
    shop.buyer("han").report(&parcel, "intercept").await.is_refused(422, "invalid_body");
    let lost = shop.support().reports(&parcel, "lost").await;
    shop.support().report(&parcel, "lost").await.is_refused(409, "exception_open");
    let hours = json!({"outcome": "wait", "hours": 0});
    shop.support().handle(&lost, "resolve", &hours).await.is_refused(422, "invalid_body");
    let platform = json!({"outcome": "refund", "borne_by": "platform"});
    shop.merchant("m1").handle(&lost, "resolve", &platform).await.is_refused(403, "forbidden");
    let keep = json!({"outcome": "keep"});
    shop.support().handle(&lost, "resolve", &keep).await.is_refused(409, "illegal_step");
    let much = json!({"amount": {"amount": 1_000_000, "currency": "CNY"}});
    shop.support().handle(&lost, "claim", &much).await.is_refused(422, "invalid_body");
    let other = json!({"amount": {"amount": 1, "currency": "USD"}});
    shop.support().handle(&lost, "claim", &other).await.is_refused(409, "currency_differs");
    shop.carrier_says(&parcel, &[PICKED_UP, DELIVERED]).await;
    let late = json!({"outcome": "refund"});
    shop.support().handle(&lost, "resolve", &late).await.is_refused(409, "illegal_step");
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

stories! {
    a_parcel_of_which_nothing_is_heard_is_in_the_queue_until_it_is_scanned
    what_a_carrier_says_is_closed_by_what_explains_it_or_stays_for_a_person
    nobody_deciding_presses_and_is_told
    the_queue_is_sorted_by_deadline_and_everybody_sees_their_part
    what_is_not_there_when_its_carrier_promised_it_is_an_exception
    what_makes_no_sense_is_refused
}
