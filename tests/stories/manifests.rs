//! Hand-over manifests: a driver takes what waits for a carrier, all at once; each parcel is
//! accepted or refused on its own, and is on one list at most.

use orderflow_tests::{Answer, Order, Parcel, SECOND, Shop, Value, json, stories};

/// So many paid orders of one tee, each in a parcel with a label.
async fn labelled(shop: &Shop, count: i64) -> Vec<(Order, Parcel)> {
    shop.merchant("m1").sells("TEE", 12_800).stock("wh-sh", 90).await;
    let mut all = Vec::new();
    for _ in 0..count {
        let purchase = shop.buyer("li").buys(&[("TEE", 1)]).await;
        shop.stripe_says_paid(&purchase).await;
        let parcel = shop.warehouse("wh-sh").packs(purchase.only(), &[(1, 1)]).await;
        let parcel = shop.warehouse("wh-sh").labels(&parcel, "yuantong").await;
        all.push((purchase.only().clone(), parcel));
        // Rows stand in the order of packing, and one moment has none.
        shop.is_later(SECOND).await;
    }
    all
}

fn fates(manifest: &Answer) -> Vec<String> {
    let rows = manifest.at("/rows");
    let fate = |row: &Value| {
        format!("{} {}", row["state"].as_str().unwrap(), row["code"].as_str().unwrap_or("-"))
    };
    rows.as_array().unwrap().iter().map(fate).collect()
}

async fn all_that_waits_leaves_at_once(shop: &Shop) {
    let (all, warehouse) = (labelled(shop, 5).await, shop.warehouse("wh-sh"));
    warehouse.list_for("zto").await.is_refused(409, "nothing_to_hand_over");
    let ask = warehouse.list_for("yuantong").key("list");
    let made = ask.clone().await.must(&[201]);
    assert_eq!(ask.await.must(&[201]).at("/id"), made.at("/id"), "one key, one list");
    assert_eq!((made.at("/number"), made.at("/count")), (json!(1), json!(5)));
    assert_eq!(made.at("/rows/0/to"), json!("上海市"));
    warehouse.list_for("yuantong").await.is_refused(409, "nothing_to_hand_over");
    assert_eq!(shop.stock("TEE", "wh-sh").await, (90, 5));
    let ask = warehouse.hand_over_all(&made).key("driver");
    let done = ask.clone().await.must(&[200]);
    assert_eq!((done.at("/state"), done.at("/stayed")), (json!("handed_over"), json!(0)));
    assert_eq!(ask.await.must(&[200]).body, done.body);
    warehouse.hand_over_all(&made).await.is_refused(409, "illegal_step");
    assert_eq!(shop.stock("TEE", "wh-sh").await, (85, 0), "the stock falls once");
    for (order, _) in &all {
        assert_eq!(shop.order(order).await["fulfilment"], "shipped");
    }
}

async fn each_parcel_is_refused_on_its_own_and_may_go_with_the_next(shop: &Shop) {
    let (all, warehouse) = (labelled(shop, 5).await, shop.warehouse("wh-sh"));
    let made = warehouse.list_for("yuantong").await.must(&[201]);
    // One is taken apart, one gets another waybill, one has left by itself, one with another
    // carrier.
    warehouse.unpacks(&all[0].1).await;
    drop(warehouse.cancel_waybill(&all[1].1).await.must(&[200]));
    let again = Parcel::of(&warehouse.label(&all[1].1, "yuantong").await.must(&[200]));
    warehouse.hands_over(&all[2].1).await;
    drop(warehouse.cancel_waybill(&all[4].1).await.must(&[200]));
    let elsewhere = warehouse.labels(&all[4].1, "zto").await;
    warehouse.hands_over(&elsewhere).await;
    let done = warehouse.hand_over_all(&made).await.must(&[200]);
    let (left, off) = ("left -", "stayed not_on_manifest");
    assert_eq!(fates(&done), ["stayed illegal_step", off, left, left, off]);
    assert_eq!(done.at("/stayed"), json!(3));
    let next = warehouse.list_for("yuantong").await.must(&[201]);
    assert_eq!((next.at("/number"), next.at("/count")), (json!(2), json!(1)));
    assert_eq!(next.at("/rows/0/waybill"), json!(again.waybill));
    assert_eq!(shop.stock("TEE", "wh-sh").await, (87, 2));
}

async fn only_what_is_scanned_goes_on_the_list(shop: &Shop) {
    let (all, warehouse) = (labelled(shop, 4).await, shop.warehouse("wh-sh"));
    let number = |i: usize| all[i].1.waybill.as_str();
    drop(warehouse.list_scanned("yuantong", &[number(3)]).await.must(&[201]));
    warehouse.hands_over(&all[2].1).await;
    let scans = [number(0), "NOBODY", number(0), number(3), number(2)];
    let made = warehouse.list_scanned("yuantong", &scans).await.must(&[201]);
    assert_eq!(made.at("/count"), json!(1));
    let not = |waybill: &str, code: &str| json!({"waybill": waybill, "code": code});
    let not_taken = json!([
        not("NOBODY", "unknown_waybill"),
        not(number(0), "repeated"),
        not(number(3), "on_another_manifest"),
        not(number(2), "illegal_step")
    ]);
    assert_eq!(made.at("/not_taken"), not_taken);
    let only = warehouse.list_scanned("yuantong", &["NOBODY"]).await;
    only.is_refused(409, "nothing_to_hand_over");
    warehouse.list_scanned("yuantong", &[]).await.is_refused(422, "invalid_body");
    let body = json!({"warehouse": "wh-bj", "carrier": "yuantong", "waybills": [number(1)]});
    warehouse.post("/v1/shipping/manifests", &body).await.is_refused(403, "forbidden");
    shop.has_warehouse("wh-bj").await;
    let elsewhere = shop.operator().post("/v1/shipping/manifests", &body).await;
    elsewhere.is_refused(409, "nothing_to_hand_over");
}

async fn a_list_is_shown_as_json_and_csv(shop: &Shop) {
    let (all, warehouse) = (labelled(shop, 2).await, shop.warehouse("wh-sh"));
    let made = warehouse.list_for("yuantong").await.must(&[201]);
    let path = format!("/v1/shipping/manifests/{}", made.at("/id").as_str().unwrap());
    let csv = warehouse.get(&format!("{path}?format=csv")).await.must(&[200]);
    let text = String::from_utf8(csv.body.to_vec()).unwrap();
    let lines: Vec<&str> = text.split("\r\n").collect();
    assert_eq!(lines[0], "no,waybill,order_number,parcel,weight_g,to,state,code");
    let number = shop.order(&all[0].0).await["number"].as_str().unwrap().to_owned();
    let (waybill, id) = (&all[0].1.waybill, &all[0].1.id);
    assert_eq!(lines[1], format!("1,{waybill},{number},{id},850,上海市,listed,"));
    assert_eq!(warehouse.get(&path).await.must(&[200]).at("/rows/1/parcel"), json!(all[1].1.id));
    shop.warehouse("wh-bj").get(&path).await.is_refused(403, "forbidden");
    shop.support().get(&format!("{path}?format=pdf")).await.is_refused(400, "bad_filter");
    let listed = warehouse.get("/v1/shipping/manifests").await.must(&[200]);
    assert_eq!(listed.at("/manifests/0/number"), json!(1));
    shop.operator().get("/v1/shipping/manifests").await.is_refused(400, "no_filter");
}

async fn a_hand_over_that_stopped_half_way_goes_on(shop: &Shop) {
    let (all, warehouse) = (labelled(shop, 6).await, shop.warehouse("wh-sh"));
    let made = warehouse.list_for("yuantong").await.must(&[201]);
    let Some(native) = shop.stage().native() else { return };
    // Something is written, then storage fails.
    native.fail_at(native.writes() + 1, orderflow_tests::Fault::After);
    let ask = warehouse.hand_over_all(&made).key("driver");
    let first = ask.clone().await;
    assert!(first.status == 503 || first.status == 200, "{first}");
    let done = ask.await.must(&[200]);
    assert_eq!((done.at("/state"), done.at("/stayed")), (json!("handed_over"), json!(0)));
    assert_eq!(shop.stock("TEE", "wh-sh").await, (84, 0));
    for (_, parcel) in &all {
        assert_eq!(shop.parcel(parcel).await["state"], "shipped");
    }
}

async fn two_drivers_do_not_take_a_parcel_twice(shop: &Shop) {
    shop.is_stubborn(50);
    let (_, warehouse) = (labelled(shop, 4).await, shop.warehouse("wh-sh"));
    let lists = [warehouse.list_for("yuantong"), warehouse.list_for("yuantong")];
    let made = futures::future::join_all(lists.map(|ask| ask.send())).await;
    let made: Vec<Answer> = made.into_iter().filter(|answer| answer.status == 201).collect();
    assert_eq!(made.len(), 1);
    let twice = [warehouse.hand_over_all(&made[0]), warehouse.hand_over_all(&made[0])];
    let done = futures::future::join_all(twice.map(|ask| ask.send())).await;
    assert_eq!(done.iter().filter(|answer| answer.status == 200).count(), 1);
    assert_eq!(shop.stock("TEE", "wh-sh").await, (86, 0));
}

stories! {
    all_that_waits_leaves_at_once
    each_parcel_is_refused_on_its_own_and_may_go_with_the_next
    only_what_is_scanned_goes_on_the_list
    a_list_is_shown_as_json_and_csv
    a_hand_over_that_stopped_half_way_goes_on
    two_drivers_do_not_take_a_parcel_twice
}
