//! What carriers say: early, late, again and in any order.

use orderflow_tests::{
    DAY, DELIVERED, HOUR, ON_THE_WAY, OUT_FOR_DELIVERY, PICKED_UP, Parcel, RETURNED, Shop, json,
    stories,
};

/// A parcel that is packed and has its label.
async fn labelled(shop: &Shop) -> Parcel {
    shop.merchant("m1").sells("TEE", 12_800).stock("wh-sh", 10).await;
    let purchase = shop.buyer("li").buys(&[("TEE", 1)]).await;
    shop.stripe_says_paid(&purchase).await;
    let warehouse = shop.warehouse("wh-sh");
    let packed = warehouse.packs(purchase.only(), &[(1, 1)]).await;
    warehouse.labels(&packed, "yuantong").await
}

async fn scans_before_the_hand_over_count_from_the_hand_over_on(shop: &Shop) {
    let parcel = labelled(shop).await;
    shop.carrier_says(&parcel, &[PICKED_UP, ON_THE_WAY]).await;
    assert_eq!(shop.parcel(&parcel).await["state"], "packed");
    assert_eq!(shop.stock("TEE", "wh-sh").await, (10, 1));
    shop.warehouse("wh-sh").hands_over(&parcel).await;
    assert_eq!(shop.parcel(&parcel).await["state"], "in_transit");
    assert_eq!(shop.stock("TEE", "wh-sh").await, (9, 0));
}

async fn scans_of_a_number_that_nobody_uses_yet_are_matched_later(shop: &Shop) {
    let unused = Parcel { id: String::new(), carrier: "zto".into(), waybill: "ZT9".into() };
    shop.carrier_pushes(&shop.trace(&unused, &[shop.scan(0, DELIVERED)])).await;
    assert_eq!(shop.books().number("select count(*) from facts where kind = 'tracking'"), 1);
    let parcel = labelled(shop).await;
    assert_eq!(shop.parcel(&parcel).await["state"], "packed");
    let pool = json!({"carrier": "zto", "numbers": ["ZT9"]});
    drop(shop.operator().post("/v1/shipping/waybills", &pool).await.must(&[200]));
    let purchase = shop.buyer("han").buys(&[("TEE", 1)]).await;
    shop.stripe_says_paid(&purchase).await;
    let warehouse = shop.warehouse("wh-sh");
    let packed = warehouse.packs(purchase.only(), &[(1, 1)]).await;
    let numbered = Parcel::of(&warehouse.label(&packed, "zto").await.must(&[200]));
    assert_eq!(numbered.waybill, "ZT9");
    warehouse.hands_over(&numbered).await;
    assert_eq!(shop.parcel(&numbered).await["state"], "delivered");
    assert_eq!(shop.order(purchase.only()).await["fulfilment"], "delivered");
    warehouse.label(&numbered, "zto").await.is_refused(409, "illegal_step");
}

async fn a_late_scan_does_not_turn_the_clock_back(shop: &Shop) {
    let parcel = labelled(shop).await;
    shop.warehouse("wh-sh").hands_over(&parcel).await;
    shop.is_later(DAY).await;
    let delivered = shop.scan(0, DELIVERED);
    shop.carrier_pushes(&shop.trace(&parcel, std::slice::from_ref(&delivered))).await;
    let early = shop.scan(5 * HOUR, OUT_FOR_DELIVERY);
    shop.carrier_pushes(&shop.trace(&parcel, &[early, delivered])).await;
    assert_eq!(shop.parcel(&parcel).await["state"], "delivered");
    let later = shop.scan(0, ON_THE_WAY);
    shop.carrier_pushes(&shop.trace(&parcel, &[later])).await;
    assert_eq!(shop.parcel(&parcel).await["state"], "delivered");
}

async fn every_order_of_arrival_ends_at_the_same_place(shop: &Shop) {
    shop.merchant("m1").sells("TEE", 12_800).stock("wh-sh", 10).await;
    let ways = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
    for (i, way) in ways.iter().enumerate() {
        let purchase = shop.buyer(&format!("li-{i}")).buys(&[("TEE", 1)]).await;
        shop.stripe_says_paid(&purchase).await;
        let parcel = shop.warehouse("wh-sh").ships(purchase.only(), &[(1, 1)]).await;
        let scans = [
            shop.scan(2 * HOUR, PICKED_UP),
            shop.scan(HOUR, OUT_FOR_DELIVERY),
            shop.scan(0, DELIVERED),
        ];
        for which in way {
            shop.carrier_pushes(&shop.trace(&parcel, &scans[*which..=*which])).await;
        }
        let seen = shop.parcel(&parcel).await;
        assert_eq!(seen["state"], "delivered", "{way:?}");
        assert_eq!(shop.order(purchase.only()).await["fulfilment"], "delivered", "{way:?}");
    }
}

async fn the_whole_trace_again_adds_nothing(shop: &Shop) {
    let parcel = labelled(shop).await;
    shop.warehouse("wh-sh").hands_over(&parcel).await;
    shop.carrier_says(&parcel, &[PICKED_UP, ON_THE_WAY]).await;
    let before = shop.books().counts();
    shop.carrier_says(&parcel, &[]).await;
    shop.carrier_says(&parcel, &[]).await;
    assert_eq!(shop.books().counts(), before);
}

async fn a_parcel_that_comes_back_is_back(shop: &Shop) {
    let parcel = labelled(shop).await;
    shop.warehouse("wh-sh").hands_over(&parcel).await;
    shop.carrier_says(&parcel, &[PICKED_UP, DELIVERED]).await;
    shop.is_later(HOUR).await;
    shop.carrier_says(&parcel, &[RETURNED]).await;
    let seen = shop.parcel(&parcel).await;
    assert_eq!((&seen["state"], &seen["final"]), (&json!("returned"), &json!(false)));
    assert_eq!(seen["allowed_actions"], json!(["take_back", "report"]));
    shop.warehouse("wh-sh").hand_over(&parcel).await.is_refused(409, "illegal_step");
}

async fn a_scan_from_the_future_counts_as_now_and_is_marked(shop: &Shop) {
    let parcel = labelled(shop).await;
    shop.warehouse("wh-sh").hands_over(&parcel).await;
    let push = shop.trace(&parcel, &[shop.scan(HOUR, PICKED_UP), shop.scan(-3 * DAY, DELIVERED)]);
    shop.carrier_pushes(&push).await;
    let seen = shop.parcel(&parcel).await;
    assert_eq!(
        (&seen["state"], &seen["delivered_at"]),
        (&json!("delivered"), &seen["last_scan_at"])
    );
    assert_eq!(seen["delivered_at"], edge::views::time(shop.now()), "when we heard of it");
    let told = shop.told(&parcel).await;
    assert_eq!(told[0]["told_at"], edge::views::time(shop.now().plus(3 * DAY)));
    assert_eq!(told[1]["told_at"], json!(null));
    shop.is_later(4 * DAY).await;
    let before = shop.books().counts();
    shop.carrier_pushes(&push).await;
    assert_eq!(shop.books().counts(), before, "once its time has come, it is still the same scan");
}

async fn a_buyer_reads_the_way_of_a_parcel_in_their_language(shop: &Shop) {
    shop.merchant("m1").sells("TEE", 12_800).stock("wh-sh", 10).await;
    let purchase = shop.buyer("li").buys(&[("TEE", 1)]).await;
    shop.stripe_says_paid(&purchase).await;
    let parcel = shop.warehouse("wh-sh").ships(purchase.only(), &[(1, 1)]).await;
    shop.carrier_says(&parcel, &[PICKED_UP, OUT_FOR_DELIVERY]).await;
    let english = shop.way("li", purchase.only(), "en").await;
    let way = &english["parcels"][0];
    assert_eq!(way["words"], "The courier is bringing the parcel today");
    assert_eq!(way["steps"][0]["state"], "out_for_delivery", "the newest first");
    assert_eq!(way["steps"][1]["words"], "The courier has picked up the parcel");
    assert_eq!(way["steps"][1]["text"], PICKED_UP.1, "beside the carrier's own");
    let chinese = shop.way("li", purchase.only(), "zh-CN").await;
    assert_eq!(chinese["parcels"][0]["steps"][1]["words"], "快递员已揽收包裹");
    let path = format!("/v1/orders/{}/tracking", purchase.only().id);
    let asked = shop.buyer("li").get(&path).header("accept-language", "fr, en;q=0.5");
    let answer = asked.await.must(&[200]);
    assert_eq!(answer.header("content-language"), Some("en"));
    assert_eq!(shop.buyer("li").get(&path).await.at("/language"), "zh-CN");
    let klingon = format!("{path}?lang=tlh");
    shop.buyer("li").get(&klingon).await.is_refused(400, "bad_filter");
    shop.buyer("han").get(&path).await.is_refused(404, "not_found");
}

async fn what_a_carrier_sent_can_be_read_as_it_came(shop: &Shop) {
    let parcel = labelled(shop).await;
    let push = shop.trace(&parcel, &[shop.scan(0, PICKED_UP), shop.scan(0, ON_THE_WAY)]);
    shop.carrier_pushes(&push).await;
    let told = shop.told(&parcel).await;
    let pushes: Vec<&str> = told.iter().filter_map(|scan| scan["push"].as_str()).collect();
    assert_eq!((pushes.len(), pushes[0] == pushes[1]), (2, true), "one push brought both");
    let path = format!("/v1/shipping/pushes/{}", pushes[0]);
    let kept = shop.support().get(&path).await.must(&[200]);
    assert_eq!(kept.at("/raw").as_str().map(str::as_bytes), Some(push.body.as_ref()));
    shop.buyer("li").get(&path).await.is_refused(403, "forbidden");
    shop.support().get("/v1/shipping/pushes/none").await.is_refused(404, "not_found");
    let tracking = format!("/v1/shipping/parcels/{}/tracking", parcel.id);
    shop.warehouse("wh-sh").get(&tracking).await.is_refused(403, "forbidden");
}

stories! {
    a_scan_from_the_future_counts_as_now_and_is_marked
    a_buyer_reads_the_way_of_a_parcel_in_their_language
    what_a_carrier_sent_can_be_read_as_it_came
    scans_before_the_hand_over_count_from_the_hand_over_on
    scans_of_a_number_that_nobody_uses_yet_are_matched_later
    a_late_scan_does_not_turn_the_clock_back
    every_order_of_arrival_ends_at_the_same_place
    the_whole_trace_again_adds_nothing
    a_parcel_that_comes_back_is_back
}
