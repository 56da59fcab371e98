//! Waves by carrier: what would go with a carrier now is picked together, and goes with it when it
//! weighs what was expected.

use orderflow_tests::{Answer, Order, Parcel, Purchase, SECOND, Shop, Value, json, stories};

/// A paid order of so many TEE of 300 g.
async fn paid(shop: &Shop, pieces: i64) -> Purchase {
    shop.is_later(SECOND).await;
    let purchase = shop.buyer("li").buys(&[("TEE", pieces)]).await;
    shop.stripe_says_paid(&purchase).await;
    purchase
}

/// Yuantong is cheap and takes 900 g, ZTO takes everything.
async fn shop_and_carriers(shop: &Shop) {
    shop.merchant("m1").sells("TEE", 12_800).stock("wh-sh", 90).await;
    shop.has_carrier("yuantong", 2, 800, json!({"limits": {"weight_at_most_g": 900}})).await;
    shop.has_carrier("zto", 2, 1_200, json!({})).await;
    shop.has_numbers("yuantong", &["YT1", "YT2", "YT3"]).await;
    shop.has_numbers("zto", &["Z1", "Z2", "Z3"]).await;
}

fn by(carriers: &[&str]) -> Value {
    json!({"rule": {"carriers": carriers}})
}

/// What a wave would be now.
async fn preview(shop: &Shop, carriers: &[&str]) -> Answer {
    let mut body = by(carriers);
    (body["warehouse"], body["method"]) = (json!("wh-sh"), json!("batch"));
    shop.warehouse("wh-sh").post("/v1/fulfilment/waves/preview", &body).await
}

/// Plans a wave, picks all of it, and answers its orders.
async fn picked(shop: &Shop, name: &str, carriers: &[&str]) -> Vec<String> {
    let warehouse = shop.warehouse("wh-sh");
    let wave = warehouse.plans_wave(name, &by(carriers)).await;
    assert_eq!(wave["rule"]["carriers"], json!(carriers));
    let mut orders = Vec::new();
    for list in warehouse.lists_of(name).await {
        warehouse.picks_list(&list).await;
        let portions = list["tasks"][0]["orders"].as_array().unwrap().clone();
        orders.extend(portions.iter().map(|p| p["order"].as_str().unwrap().to_owned()));
    }
    orders
}

/// The carrier that a parcel of all that was ordered gets, if it weighs so much.
async fn goes_with(shop: &Shop, order: &Order, (pieces, weight_g): (i64, i64)) -> String {
    let warehouse = shop.warehouse("wh-sh");
    let body = json!({"order": order.id, "warehouse": "wh-sh", "weight_g": weight_g,
        "lines": [{"line": 1, "units": pieces}]});
    let parcel = Parcel::of(&warehouse.post("/v1/fulfilment/parcels", &body).await.must(&[201]));
    Parcel::of(&warehouse.want_waybill(&parcel, &json!({})).await.must(&[200])).carrier
}

async fn a_wave_by_carrier_takes_what_would_go_with_it(shop: &Shop) {
    shop_and_carriers(shop).await;
    let (light, heavy) = (paid(shop, 1).await, paid(shop, 4).await);
    let wrapped = paid(shop, 3).await;
    let (light, heavy, wrapped) = (light.only(), heavy.only(), wrapped.only());
    for (carriers, orders) in [(&["yuantong"][..], 2), (&["zto"], 1), (&["zto", "yuantong"], 3)] {
        let seen = preview(shop, carriers).await.must(&[200]).at("/orders");
        assert_eq!(seen, json!(orders), "{carriers:?}");
    }
    assert_eq!(picked(shop, "light", &["yuantong"]).await, [light.id.clone(), wrapped.id.clone()]);
    assert_eq!(picked(shop, "heavy", &["zto"]).await, std::slice::from_ref(&heavy.id));
    assert_eq!(goes_with(shop, light, (1, 320)).await, "yuantong");
    assert_eq!(goes_with(shop, heavy, (4, 1_260)).await, "zto");
    // The carrier is chosen when the parcel is there, and its wrapping has a weight too.
    assert_eq!(goes_with(shop, wrapped, (3, 950)).await, "zto");
}

async fn a_wave_by_carrier_names_carriers_in_use(shop: &Shop) {
    shop_and_carriers(shop).await;
    paid(shop, 1).await;
    let (warehouse, wanted) = (shop.warehouse("wh-sh"), by(&["yuantong"]));
    warehouse.plans_wave("w1", &wanted).await;
    shop.operator().changes("carriers", "yuantong", json!({"active": false})).await;
    let again = warehouse.plan_wave("w1", &wanted).await.must(&[200]);
    assert_eq!(again.at("/orders"), json!(1), "what was planned is the wave");
    preview(shop, &["pigeon"]).await.is_refused(422, "invalid_body");
    let (second, retired) = (paid(shop, 1).await, by(&["zto", "yuantong"]));
    for (carriers, place, code) in [
        (&retired, "#/rule/carriers/1", "unknown_carrier"),
        (&by(&["pigeon"]), "#/rule/carriers/0", "unknown_carrier"),
        (&by(&["zto", "zto"]), "#/rule/carriers/1", "repeated"),
        (&by(&[]), "#/rule/carriers", "out_of_range"),
    ] {
        let no = warehouse.plan_wave("w2", carriers).await;
        no.is_refused(422, "invalid_body");
        assert_eq!(
            (no.at("/errors/0/pointer"), no.at("/errors/0/code")),
            (json!(place), json!(code))
        );
    }
    assert_eq!(picked(shop, "w2", &["zto"]).await, [second.only().id.clone()]);
}

stories! {
    a_wave_by_carrier_takes_what_would_go_with_it
    a_wave_by_carrier_names_carriers_in_use
}
