//! Which carrier takes a parcel: the best by promise, price and priority of those that can, with
//! the reasons kept; and what speaks against one that somebody names.

use orderflow_tests::{DAY, Parcel, Shop, json, stories};

/// A paid order of two in a parcel of 850 g, in Shanghai.
async fn packed(shop: &Shop) -> Parcel {
    shop.merchant("m1").sells("TEE", 12_800).stock("wh-sh", 90).await;
    let purchase = shop.buyer("li").buys(&[("TEE", 2)]).await;
    shop.stripe_says_paid(&purchase).await;
    shop.warehouse("wh-sh").packs(purchase.only(), &[(1, 2)]).await
}

async fn two_carriers(shop: &Shop) {
    shop.has_carrier("yuantong", 7, 800, json!({})).await;
    shop.has_carrier("zto", 2, 1_200, json!({"limits": {"cash_on_delivery": true}})).await;
    shop.has_numbers("yuantong", &["YT1", "YT2", "YT3"]).await;
    shop.has_numbers("zto", &["Z1", "Z2", "Z3"]).await;
}

async fn the_best_carrier_is_taken_and_the_reasons_are_kept(shop: &Shop) {
    let (parcel, warehouse) = (packed(shop).await, shop.warehouse("wh-sh"));
    two_carriers(shop).await;
    let seen = warehouse.compares(&parcel).await;
    let names: Vec<&str> = seen.iter().map(|(name, _)| name.as_str()).collect();
    // Seven days are two too many, at ten yuan each.
    assert_eq!(names, ["zto", "yuantong"]);
    let ask = warehouse.want_waybill(&parcel, &json!({})).key("best");
    let labelled = Parcel::of(&ask.clone().await.must(&[200]));
    assert_eq!(labelled.carrier, "zto");
    assert_eq!(Parcel::of(&ask.await.must(&[200])).waybill, labelled.waybill);
    let choice = shop.carriage(&parcel).await["choice"].clone();
    let scores: Vec<_> = choice["candidates"].as_array().unwrap().iter().collect();
    assert_eq!((&scores[0]["score"], &scores[0]["cost"]["amount"]), (&json!(1_200), &json!(1_200)));
    assert_eq!((&scores[1]["score"], &scores[1]["late_days"]), (&json!(2_800), &json!(2)));
    // What carriers cost is not the buyer's business.
    let path = format!("/v1/shipping/parcels/{}", parcel.id);
    assert_eq!(shop.buyer("li").get(&path).await.must(&[200]).at("/carriage"), json!(null));
    let path = format!("/v1/orders/{}/timeline", seen_of(shop, &parcel).await);
    let told = shop.buyer("li").get(&path).await.must(&[200]);
    assert_eq!(told.at("/parcels/0/carriage"), json!(null));
    assert!(!told.at("/events").to_string().contains("carrier_chosen"), "{told}");
    let told = shop.support().get(&path).await.must(&[200]);
    assert!(told.at("/events").to_string().contains("carrier_chosen"), "{told}");
    warehouse.hands_over(&labelled).await;
}

/// The order of a parcel.
async fn seen_of(shop: &Shop, parcel: &Parcel) -> String {
    shop.parcel(parcel).await["order"].as_str().unwrap().to_owned()
}

async fn a_shop_says_what_a_day_is_worth_to_it(shop: &Shop) {
    let (parcel, warehouse) = (packed(shop).await, shop.warehouse("wh-sh"));
    two_carriers(shop).await;
    let policy = json!({"id": "shop", "set": {"carrier_choice": {"day_late_minor": 100}}});
    drop(shop.operator().put("/v1/catalog/policies/shop", &policy).await.must(&[201]));
    assert_eq!(warehouse.compares(&parcel).await[0].0, "yuantong");
    // A late parcel hurries: now every day counts, and the faster one is better.
    shop.is_later(5 * DAY).await;
    let late = shop.operator().get(&format!("/v1/shipping/parcels/{}/carriers", parcel.id)).await;
    let late = late.must(&[200]);
    assert_eq!(late.at("/candidates/0/carrier"), json!("zto"));
    assert_eq!(late.at("/candidates/0/late_days"), json!(2));
}

async fn what_speaks_against_a_carrier_is_told(shop: &Shop) {
    let (parcel, warehouse) = (packed(shop).await, shop.warehouse("wh-sh"));
    two_carriers(shop).await;
    for (id, more, why) in [
        ("sto", json!({"limits": {"weight_at_most_g": 849}}), "too_heavy"),
        ("jd", json!({"limits": {"not_to": ["3101"]}}), "not_served"),
        ("yunda", json!({"services": []}), "no_service"),
        ("shunfeng", json!({"waybills": {"from": "interface", "by": "sf"}}), "no_sender"),
    ] {
        shop.has_carrier(id, 1, 100, more).await;
        shop.has_numbers(id, &[format!("{id}-1").as_str()]).await;
        let all = warehouse.compares(&parcel).await;
        let (_, unfit) = all.iter().find(|(name, _)| name == id).unwrap();
        assert!(unfit.contains(&json!(why)), "{id}: {unfit:?}");
    }
    let named = |carrier: &str| warehouse.want_waybill(&parcel, &json!({ "carrier": carrier }));
    let no = named("sto").await;
    no.is_refused(409, "carrier_unfit");
    assert_eq!(no.at("/reasons"), json!(["too_heavy"]));
    named("jd").await.is_refused(409, "carrier_unfit");
    named("shunfeng").await.is_refused(409, "carrier_unfit");
    shop.operator().changes("warehouses", "wh-sh", json!({"carriers": ["sto"]})).await;
    named("zto").await.is_refused(409, "carrier_not_here");
    warehouse.want_waybill(&parcel, &json!({})).await.is_refused(409, "no_carrier_fits");
    shop.operator().changes("warehouses", "wh-sh", json!({"carriers": []})).await;
    // Whoever names a carrier with a pool need not know its prices.
    assert_eq!(Parcel::of(&named("yunda").await.must(&[200])).waybill, "yunda-1");
}

async fn a_parcel_that_is_paid_at_the_door_goes_with_who_collects(shop: &Shop) {
    shop.merchant("m1").joins(json!({"cash_on_delivery": true})).await;
    shop.merchant("m1").sells("TEE", 12_800).stock("wh-sh", 9).await;
    let purchase = shop.buyer("li").buys_on_delivery(&[("TEE", 1)]).await;
    let order = shop.order(purchase.only()).await;
    if order["state"] == "awaiting_confirmation" {
        shop.support().confirms(purchase.only()).await;
    }
    let parcel = shop.warehouse("wh-sh").packs(purchase.only(), &[(1, 1)]).await;
    two_carriers(shop).await;
    shop.operator().changes("carriers", "yuantong", json!({"priority": -1_000})).await;
    let named = json!({"carrier": "yuantong"});
    let warehouse = shop.warehouse("wh-sh");
    warehouse.want_waybill(&parcel, &named).await.is_refused(409, "carrier_takes_no_cash");
    let best = warehouse.want_waybill(&parcel, &json!({})).await.must(&[200]);
    assert_eq!(Parcel::of(&best).carrier, "zto");
}

async fn a_carrier_is_described_like_everything_else(shop: &Shop) {
    two_carriers(shop).await;
    let file = "id,name_zh,name_en,weight_at_most_g,cash_on_delivery,not_to\n\
        yunda,韵达,Yunda,30000,true,54;65\nsto,,STO,,,\n";
    let report = shop.operator().imports("carriers", file).await;
    assert_eq!((&report["new"], &report["bad"]), (&json!(1), &json!(1)), "{report}");
    let zone = json!({"to": ["same_city"], "days": 1, "first_g": 1, "first_minor": 1, "step_g": 1,
        "step_minor": 1});
    let row = json!({"id": "yunda", "services": [{"code": "std", "zones": [zone]}]});
    let report = shop.operator().imports_lines("carriers", &[row]).await;
    assert_eq!(report["changed"], 1, "{report}");
    let seen = shop.support().get("/v1/catalog/carriers/yunda").await.must(&[200]);
    assert_eq!(seen.at("/limits/not_to"), json!(["54", "65"]));
    assert_eq!(seen.at("/services/0/zones/0/to/0"), json!("same_city"));
    let bad = json!({"id": "x", "name": {"zh": "x", "en": "x"}, "volumetric_divisor": 1});
    let no = shop.operator().put("/v1/catalog/carriers/x", &bad).await;
    no.is_refused(422, "invalid_body");
    assert_eq!(no.at("/errors/0/pointer"), json!("#/volumetric_divisor"));
    let mine = json!({"id": "x", "name": {"zh": "x", "en": "x"}});
    let no = shop.merchant("m1").put("/v1/catalog/carriers/x", &mine).await;
    no.is_refused(403, "forbidden");
    let page = shop.warehouse("wh-sh").get("/v1/catalog/carriers?active=true").await.must(&[200]);
    assert_eq!(page.at("/carriers").as_array().unwrap().len(), 3);
}

stories! {
    the_best_carrier_is_taken_and_the_reasons_are_kept
    a_shop_says_what_a_day_is_worth_to_it
    what_speaks_against_a_carrier_is_told
    a_parcel_that_is_paid_at_the_door_goes_with_who_collects
    a_carrier_is_described_like_everything_else
}
