//! Waybills that a carrier's interface gives: asked for after the commit that wants one, once,
//! whatever gets lost; and what happens when the carrier says no.

use orderflow_tests::{HOUR, MINUTE, Parcel, PartnerFault, SECOND, Shop, json, stories};

const CREATE: &str = "EXP_RECE_CREATE_ORDER";

async fn packed(shop: &Shop) -> Parcel {
    shop.merchant("m1").sells("TEE", 12_800).stock("wh-sh", 90).await;
    let purchase = shop.buyer("li").buys(&[("TEE", 2)]).await;
    shop.stripe_says_paid(&purchase).await;
    shop.warehouse("wh-sh").packs(purchase.only(), &[(1, 2)]).await
}

/// Asks for a waybill of the best carrier, which has to be asked.
async fn asked(shop: &Shop, parcel: &Parcel) {
    let asked = shop.warehouse("wh-sh").want_waybill(parcel, &json!({})).await.must(&[202]);
    assert_eq!(asked.at("/state"), json!("waybill_requested"));
    assert_eq!(asked.at("/label"), json!(null));
    assert_eq!(asked.at("/allowed_actions"), json!(["cancel_waybill", "unpack"]));
}

async fn label(shop: &Shop, parcel: &Parcel) -> Parcel {
    let seen = shop.parcel(parcel).await;
    let text = |name: &str| seen["label"][name].as_str().unwrap_or_default().to_owned();
    Parcel { id: parcel.id.clone(), carrier: text("carrier"), waybill: text("waybill") }
}

async fn sf_gives_a_waybill_after_the_commit_that_asks(shop: &Shop) {
    let parcel = packed(shop).await;
    shop.has_sf(1, 2_300).await;
    asked(shop, &parcel).await;
    assert_eq!(shop.couriers.sf.asked(CREATE), 0, "nobody is called before the commit");
    let waits = shop.warehouse("wh-sh").want_waybill(&parcel, &json!({})).await;
    waits.is_refused(409, "illegal_step");
    shop.time_passes(SECOND).await;
    let orders = shop.couriers.sf.orders();
    let (id, order) = orders.iter().next().unwrap();
    assert_eq!((orders.len(), id.as_str()), (1, format!("{}-1", parcel.id).as_str()));
    assert_eq!(order.asked["contactInfoList"][0]["contact"], "发货组");
    assert_eq!(order.asked["contactInfoList"][1]["contact"], "李雷");
    assert_eq!(order.asked["totalWeight"], 0.85);
    let labelled = label(shop, &parcel).await;
    assert_eq!((labelled.carrier.as_str(), &labelled.waybill), ("shunfeng", &order.waybill));
    // Nothing outside the parcel's order knows its address.
    let kept = "select count(*) from outbox where recipient = 'waybills' and message like '%李雷%'";
    assert_eq!(shop.books().number(kept), 0);
    shop.warehouse("wh-sh").hands_over(&labelled).await;
}

async fn easypost_sells_postage_once_though_its_answers_are_lost(shop: &Shop) {
    let parcel = packed(shop).await;
    shop.has_usps(2, 800).await;
    asked(shop, &parcel).await;
    shop.couriers.easypost.next_sales(1, &PartnerFault::DoneButLost);
    shop.time_passes(SECOND).await;
    assert_eq!(shop.parcel(&parcel).await["label"], json!(null));
    shop.time_passes(10 * SECOND).await;
    let shipments = shop.couriers.easypost.shipments();
    assert_eq!(shipments.len(), 1, "who asks again looks first");
    let labelled = label(shop, &parcel).await;
    assert_eq!(shipments[0].tracking_code.as_deref(), Some(labelled.waybill.as_str()));
    let carriage = shop.carriage(&parcel).await;
    assert_eq!(carriage["service"], "GroundAdvantage");
    assert_eq!(carriage["label_url"], "https://easypost-files.test/0.png");
}

async fn a_carrier_is_found_under_easyposts_name_and_scans_move_its_parcel(shop: &Shop) {
    let parcel = packed(shop).await;
    shop.says_who_sends("wh-sh").await;
    let zone = json!({"to": ["*"], "days": 2, "first_g": 1_000, "first_minor": 800,
        "step_g": 500, "step_minor": 200});
    let service = json!({"code": "ExpressWorldwide", "zones": [zone]});
    let more = json!({"waybills": {"from": "interface", "by": "easypost"}, "services": [service]});
    shop.has_carrier("dhl", 2, 800, more).await;
    asked(shop, &parcel).await;
    shop.time_passes(SECOND).await;
    let labelled = label(shop, &parcel).await;
    assert_eq!(labelled.carrier, "dhl");
    shop.warehouse("wh-sh").hands_over(&labelled).await;
    let scans = [shop.scan(0, ("delivered", "signed for"))];
    let push = shop.trackers.easypost_pushes("DHLExpress", &labelled.waybill, &scans);
    drop(shop.hears("carriers/easypost", &push).await.must(&[200]));
    assert_eq!(shop.parcel(&parcel).await["state"], "delivered");
}

async fn an_order_that_sf_knows_already_is_looked_up(shop: &Shop) {
    let parcel = packed(shop).await;
    shop.has_sf(1, 2_300).await;
    asked(shop, &parcel).await;
    shop.couriers.sf.next_answers(1, &PartnerFault::DoneButLost);
    shop.couriers.sf.next_answers(1, &PartnerFault::Status(503));
    for wait in [SECOND, 10 * SECOND, 30 * SECOND] {
        shop.time_passes(wait).await;
    }
    assert_eq!(shop.couriers.sf.orders().len(), 1);
    assert_eq!(shop.couriers.sf.asked("EXP_RECE_SEARCH_ORDER_RESP"), 1);
    assert!(!label(shop, &parcel).await.waybill.is_empty());
    assert_eq!(shop.asked_carriers("sent"), 1);
}

async fn a_waybill_whose_commit_was_lost_is_the_same_one(shop: &Shop) {
    let parcel = packed(shop).await;
    shop.has_sf(1, 2_300).await;
    shop.time_passes(SECOND).await;
    asked(shop, &parcel).await;
    let Some(native) = shop.stage().native() else { return };
    // The dispatcher claims the message, asks, and dies before it can say what it heard.
    native.fail_at(native.writes() + 2, orderflow_tests::Fault::Before);
    let died = shop.nobody(http::Method::POST, "/v1/internal/dispatch");
    drop(died.token(orderflow_tests::SCHEDULER).await);
    assert_eq!(shop.couriers.sf.asked(CREATE), 1);
    assert_eq!(shop.parcel(&parcel).await["label"], json!(null));
    shop.time_passes(2 * MINUTE).await;
    assert_eq!(shop.couriers.sf.orders().len(), 1);
    assert!(!label(shop, &parcel).await.waybill.is_empty());
}

async fn the_next_carrier_is_asked_when_the_first_says_no(shop: &Shop) {
    let parcel = packed(shop).await;
    shop.has_sf(1, 900).await;
    shop.has_carrier("yuantong", 2, 1_500, json!({})).await;
    shop.has_numbers("yuantong", &["YT1"]).await;
    shop.couriers.sf.refuses(Some(("1014", "到方地址不能为空")));
    asked(shop, &parcel).await;
    shop.time_passes(SECOND).await;
    let carriage = shop.carriage(&parcel).await;
    assert_eq!(carriage["refused"][0]["carrier"], "shunfeng");
    assert_eq!(carriage["refused"][0]["reason"], "1014 到方地址不能为空");
    assert_eq!(carriage["needs_person"], false);
    assert_eq!(carriage["choice"]["candidates"][1]["unfit"], json!(["refused_before"]));
    assert_eq!(label(shop, &parcel).await.waybill, "YT1");
}

async fn a_person_looks_where_no_other_carrier_is_left(shop: &Shop) {
    let (parcel, warehouse) = (packed(shop).await, shop.warehouse("wh-sh"));
    shop.has_sf(1, 900).await;
    shop.couriers.sf.refuses(Some(("8114", "月结卡号无效")));
    asked(shop, &parcel).await;
    shop.time_passes(SECOND).await;
    let waiting = "/v1/shipping/parcels?needs_person=true";
    let seen = warehouse.get(waiting).await.must(&[200]);
    assert_eq!(seen.at("/parcels/0/id"), json!(parcel.id));
    assert_eq!(seen.at("/parcels/0/state"), json!("packed"));
    let elsewhere = shop.warehouse("wh-bj").get(waiting).await.must(&[200]);
    assert_eq!(elsewhere.at("/parcels"), json!([]));
    warehouse.want_waybill(&parcel, &json!({})).await.is_refused(409, "no_carrier_fits");
    // The card is mended, and the person asks the same carrier again: with another id.
    shop.couriers.sf.refuses(None);
    let named = json!({"carrier": "shunfeng"});
    drop(warehouse.want_waybill(&parcel, &named).await.must(&[202]));
    assert_eq!(warehouse.get(waiting).await.must(&[200]).at("/parcels"), json!([]));
    shop.time_passes(SECOND).await;
    let orders = shop.couriers.sf.orders();
    assert_eq!(orders.keys().collect::<Vec<_>>(), [&format!("{}-2", parcel.id)]);
    assert!(!label(shop, &parcel).await.waybill.is_empty());
}

async fn a_carrier_that_does_not_answer_is_given_up_and_what_it_made_is_taken_back(shop: &Shop) {
    let parcel = packed(shop).await;
    shop.has_sf(1, 900).await;
    asked(shop, &parcel).await;
    shop.couriers.sf.next_answers(1, &PartnerFault::DoneButLost);
    shop.couriers.sf.next_answers(5, &PartnerFault::Status(503));
    for wait in [SECOND, 10 * SECOND, 30 * SECOND, 2 * MINUTE, 10 * MINUTE, 30 * MINUTE] {
        shop.time_passes(wait).await;
    }
    let carriage = shop.carriage(&parcel).await;
    assert_eq!((&carriage["needs_person"], &carriage["request"]), (&json!(true), &json!(null)));
    let orders = shop.couriers.sf.orders();
    assert!(orders.len() == 1 && orders.values().all(|order| order.cancelled), "{orders:?}");
}

async fn a_waybill_that_is_not_wanted_is_cancelled_at_its_carrier(shop: &Shop) {
    let (parcel, warehouse) = (packed(shop).await, shop.warehouse("wh-sh"));
    shop.has_sf(1, 900).await;
    asked(shop, &parcel).await;
    shop.time_passes(SECOND).await;
    let first = label(shop, &parcel).await;
    let void = warehouse.cancel_waybill(&parcel).await.must(&[200]);
    assert_eq!(void.at("/carriage/void/0/state"), json!("cancelling"));
    shop.couriers.sf.next_answers(1, &PartnerFault::Garbage);
    shop.time_passes(SECOND).await;
    shop.time_passes(MINUTE).await;
    let carriage = shop.carriage(&parcel).await;
    assert_eq!(carriage["void"][0]["state"], "cancelled");
    assert_eq!(carriage["void"][0]["label"]["waybill"], json!(first.waybill));
    // Another one has another id, and unpacking cancels that too.
    asked(shop, &parcel).await;
    shop.time_passes(SECOND).await;
    let second = label(shop, &parcel).await;
    assert_ne!(first.waybill, second.waybill);
    warehouse.unpacks(&second).await;
    shop.time_passes(SECOND).await;
    let orders = shop.couriers.sf.orders();
    assert!(orders.len() == 2 && orders.values().all(|order| order.cancelled), "{orders:?}");
}

async fn a_request_that_is_taken_back_before_it_is_sent_leaves_nothing(shop: &Shop) {
    let (parcel, warehouse) = (packed(shop).await, shop.warehouse("wh-sh"));
    shop.has_usps(2, 800).await;
    asked(shop, &parcel).await;
    drop(warehouse.cancel_waybill(&parcel).await.must(&[200]));
    shop.time_passes(SECOND).await;
    assert!(shop.couriers.easypost.shipments().is_empty());
    assert_eq!((shop.asked_carriers("skipped"), shop.asked_carriers("sent")), (1, 1));
    assert_eq!(shop.carriage(&parcel).await["void"][0]["state"], "cancelled");
    // One that was sent, whose answer was lost, and that is taken back then.
    asked(shop, &parcel).await;
    shop.couriers.easypost.next_sales(1, &PartnerFault::DoneButLost);
    shop.time_passes(SECOND).await;
    warehouse.unpacks(&parcel).await;
    shop.time_passes(HOUR).await;
    let shipments = shop.couriers.easypost.shipments();
    assert!(shipments.len() == 1 && shipments[0].refunded, "{shipments:?}");
}

async fn a_number_that_was_given_before_is_not_put_on_a_second_parcel(shop: &Shop) {
    let parcel = packed(shop).await;
    shop.has_sf(1, 900).await;
    shop.has_numbers("shunfeng", &["SF77"]).await;
    shop.couriers.sf.gives("SF77");
    asked(shop, &parcel).await;
    shop.time_passes(SECOND).await;
    let carriage = shop.carriage(&parcel).await;
    assert_eq!(carriage["needs_person"], true);
    let reason = carriage["refused"][0]["reason"].as_str().unwrap();
    assert!(reason.contains("SF77"), "{reason}");
    let orders = shop.couriers.sf.orders();
    assert!(orders.values().all(|order| order.cancelled), "{orders:?}");
}

stories! {
    sf_gives_a_waybill_after_the_commit_that_asks
    easypost_sells_postage_once_though_its_answers_are_lost
    a_carrier_is_found_under_easyposts_name_and_scans_move_its_parcel
    an_order_that_sf_knows_already_is_looked_up
    a_waybill_whose_commit_was_lost_is_the_same_one
    the_next_carrier_is_asked_when_the_first_says_no
    a_person_looks_where_no_other_carrier_is_left
    a_carrier_that_does_not_answer_is_given_up_and_what_it_made_is_taken_back
    a_waybill_that_is_not_wanted_is_cancelled_at_its_carrier
    a_request_that_is_taken_back_before_it_is_sent_leaves_nothing
    a_number_that_was_given_before_is_not_put_on_a_second_parcel
}
