//! No tracker promises that its pushes arrive: it is told to follow each parcel that leaves, and a
//! parcel of which nothing is heard is asked for. What is answered counts like a push.

use orderflow_tests::{
    DAY, DELIVERED, HOUR, MINUTE, ON_THE_WAY, PICKED_UP, Parcel, PartnerFault, SECOND, Scan, Shop,
    json, stories,
};
use partners::Followed;

async fn sent_by(shop: &Shop, carrier: &str) -> Parcel {
    shop.merchant("m1").sells("TEE", 12_800).stock("wh-sh", 10).await;
    let purchase = shop.buyer(&format!("li-{}", shop.next())).buys(&[("TEE", 1)]).await;
    shop.stripe_says_paid(&purchase).await;
    let warehouse = shop.warehouse("wh-sh");
    let packed = warehouse.packs(purchase.only(), &[(1, 1)]).await;
    let parcel = warehouse.labels(&packed, carrier).await;
    warehouse.hands_over(&parcel).await;
    parcel
}

fn states_of_messages(shop: &Shop) -> Vec<String> {
    let sql = "select state from outbox where recipient = 'tracker' order by created_at_ms, id";
    let word = |row: Vec<serde_json::Value>| row[0].as_str().unwrap_or_default().to_owned();
    shop.books().rows(sql).into_iter().map(word).collect()
}

async fn a_parcel_that_leaves_is_followed_once(shop: &Shop) {
    let parcel = sent_by(shop, "yuantong").await;
    shop.trackers.next_answers(1, &PartnerFault::DoneButLost);
    shop.time_passes(SECOND).await;
    shop.time_passes(2 * MINUTE).await;
    let (by, carrier) = ("kuaidi100", "yuantong".to_owned());
    let waybill = parcel.waybill.clone();
    assert_eq!(shop.trackers.followed(), [Followed { by, carrier, waybill }]);
    assert_eq!(states_of_messages(shop), ["sent"]);
}

async fn sf_pushes_by_itself_and_is_not_told(shop: &Shop) {
    drop(sent_by(shop, "shunfeng").await);
    shop.time_passes(SECOND).await;
    assert_eq!(shop.trackers.followed(), []);
    assert_eq!(states_of_messages(shop), ["skipped"]);
}

async fn a_parcel_of_which_nothing_is_heard_is_asked_for(shop: &Shop) {
    for (carrier, by, code) in
        [("yuantong", "kuaidi100", DELIVERED.0), ("shunfeng", "shunfeng", "80")]
    {
        let parcel = sent_by(shop, carrier).await;
        shop.trackers.knows(&parcel.waybill, &[shop.scan(0, (code, "已签收"))]);
        shop.time_passes(11 * HOUR).await;
        assert_eq!(shop.trackers.asked_for(&parcel.waybill), Vec::<&str>::new(), "not yet");
        shop.time_passes(2 * HOUR).await;
        assert_eq!(shop.trackers.asked_for(&parcel.waybill), [by]);
        assert_eq!(shop.parcel(&parcel).await["state"], "delivered");
        shop.time_passes(2 * DAY).await;
        assert_eq!(shop.trackers.asked_for(&parcel.waybill), [by], "it has arrived");
        let told = shop.told(&parcel).await;
        assert_eq!((told.len(), &told[0]["told_by"]), (1, &json!(by)));
        let push = told[0]["push"].as_str().expect("the answer is kept");
        let path = format!("/v1/shipping/pushes/{push}");
        drop(shop.support().get(&path).await.must(&[200]));
    }
}

async fn a_parcel_that_is_heard_of_is_not_asked_for(shop: &Shop) {
    let parcel = sent_by(shop, "yuantong").await;
    for _ in 0..3 {
        shop.time_passes(10 * HOUR).await;
        shop.carrier_says(&parcel, &[ON_THE_WAY]).await;
    }
    assert_eq!(shop.trackers.asked_for(&parcel.waybill), Vec::<&str>::new());
    shop.time_passes(12 * HOUR).await;
    assert_eq!(shop.trackers.asked_for(&parcel.waybill), ["kuaidi100"]);
}

async fn a_push_and_an_answer_about_the_same_scan_are_one(shop: &Shop) {
    let parcel = sent_by(shop, "yuantong").await;
    let scans = [shop.scan(HOUR, PICKED_UP), shop.scan(0, ON_THE_WAY)];
    shop.carrier_pushes(&shop.trace(&parcel, &scans)).await;
    shop.trackers.knows(&parcel.waybill, &scans);
    shop.time_passes(13 * HOUR).await;
    assert_eq!(shop.trackers.asked_for(&parcel.waybill), ["kuaidi100"]);
    assert_eq!(shop.told(&parcel).await.len(), 2);
    assert_eq!(shop.books().number("select count(*) from facts where kind = 'push'"), 1);
}

async fn nobody_asks_for_ever(shop: &Shop) {
    let parcel = sent_by(shop, "yuantong").await;
    for _ in 0..31 {
        shop.time_passes(DAY).await;
    }
    let asked = shop.trackers.asked_for(&parcel.waybill).len();
    assert!((29..=31).contains(&asked), "about once a day, by this clock: {asked}");
    shop.time_passes(DAY).await;
    assert_eq!(shop.trackers.asked_for(&parcel.waybill).len(), asked);
    let timers = "select count(*) from timers where kind = 'carrier_silent'";
    assert_eq!(shop.books().number(timers), 0);
}

async fn a_tracker_that_does_not_answer_is_asked_again(shop: &Shop) {
    let parcel = sent_by(shop, "yuantong").await;
    shop.time_passes(SECOND).await;
    shop.trackers.knows(&parcel.waybill, &[shop.scan(0, DELIVERED)]);
    shop.trackers.next_answers(1, &PartnerFault::Hang);
    shop.trackers.next_answers(1, &PartnerFault::Garbage);
    shop.trackers.next_answers(1, &PartnerFault::Status(503));
    shop.time_passes(13 * HOUR).await;
    assert_eq!(shop.parcel(&parcel).await["state"], "shipped");
    for wait in [MINUTE, 5 * MINUTE, 30 * MINUTE] {
        shop.time_passes(wait).await;
    }
    assert_eq!(shop.parcel(&parcel).await["state"], "delivered");
}

async fn who_asks_too_often_comes_back_at_a_moment_of_its_own(shop: &Shop) {
    drop(sent_by(shop, "yuantong").await);
    drop(sent_by(shop, "yuantong").await);
    shop.trackers.next_answers(2, &PartnerFault::Status(429));
    shop.time_passes(SECOND).await;
    let sql = "select due_at_ms - 60000 from outbox where recipient = 'tracker'";
    let due: Vec<i64> =
        shop.books().rows(sql).iter().map(|row| row[0].as_i64().unwrap_or_default()).collect();
    let now = shop.now().0;
    assert!(due.len() == 2 && due[0] != due[1], "{due:?}");
    assert!(due.iter().all(|at| (now..now + HOUR).contains(at)), "{now}: {due:?}");
    shop.time_passes(2 * HOUR).await;
    assert_eq!(states_of_messages(shop), ["sent", "sent"]);
}

async fn the_shop_says_which_tracker_is_asked(shop: &Shop) {
    let trackers = json!({"yuantong": "17track", "yunda": "aftership", "dhl": "easypost"});
    let policy = json!({"id": "shop", "set": {"tracked_by": trackers, "pull_after_ms": 7_200_000}});
    drop(shop.operator().put("/v1/catalog/policies/shop", &policy).await.must(&[201]));
    for (carrier, by, theirs, code) in [
        ("yuantong", "17track", "190157", "Delivered_Other"),
        ("yunda", "aftership", "yundaex", "Delivered"),
        ("dhl", "easypost", "dhlexpress", "delivered"),
    ] {
        let parcel = sent_by(shop, carrier).await;
        shop.time_passes(SECOND).await;
        let (carrier, waybill) = (theirs.to_owned(), parcel.waybill.clone());
        let followed = shop.trackers.followed();
        assert_eq!(followed.last(), Some(&Followed { by, carrier, waybill }));
        let known: [Scan; 1] = [shop.scan(0, (code, "signed for"))];
        shop.trackers.knows(&parcel.waybill, &known);
        shop.time_passes(3 * HOUR).await;
        assert_eq!(shop.trackers.asked_for(&parcel.waybill), [by]);
        assert_eq!(shop.parcel(&parcel).await["state"], "delivered", "{by}");
    }
}

stories! {
    a_parcel_that_leaves_is_followed_once
    sf_pushes_by_itself_and_is_not_told
    a_parcel_of_which_nothing_is_heard_is_asked_for
    a_parcel_that_is_heard_of_is_not_asked_for
    a_push_and_an_answer_about_the_same_scan_are_one
    nobody_asks_for_ever
    a_tracker_that_does_not_answer_is_asked_again
    who_asks_too_often_comes_back_at_a_moment_of_its_own
    the_shop_says_which_tracker_is_asked
}
