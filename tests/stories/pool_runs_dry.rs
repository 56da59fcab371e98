//! Waybill numbers end: the next carrier takes over, or somebody is told. A number is on one parcel
//! in its life, whoever brings it.

use futures::future::join_all;
use orderflow_tests::{Order, Parcel, Shop, json, stories};

async fn ordered(shop: &Shop) -> Order {
    shop.merchant("m1").sells("TEE", 12_800).stock("wh-sh", 90).await;
    let purchase = shop.buyer("li").buys(&[("TEE", 9)]).await;
    shop.stripe_says_paid(&purchase).await;
    purchase.only().clone()
}

async fn the_next_carrier_takes_over_and_the_verdict_says_so(shop: &Shop) {
    let (order, warehouse) = (ordered(shop).await, shop.warehouse("wh-sh"));
    shop.has_carrier("yuantong", 2, 800, json!({})).await;
    shop.has_carrier("zto", 2, 1_200, json!({})).await;
    shop.has_numbers("yuantong", &["YT1"]).await;
    shop.has_numbers("zto", &["Z1"]).await;
    let mut parcels = Vec::new();
    for _ in 0..3 {
        parcels.push(warehouse.packs(&order, &[(1, 1)]).await);
    }
    let first = warehouse.want_waybill(&parcels[0], &json!({})).await.must(&[200]);
    assert_eq!(Parcel::of(&first).waybill, "YT1");
    let second = warehouse.want_waybill(&parcels[1], &json!({})).await.must(&[200]);
    assert_eq!(Parcel::of(&second).waybill, "Z1");
    let left_out = second.at("/carriage/choice/candidates/1");
    assert_eq!(left_out["carrier"], "yuantong");
    assert_eq!(left_out["unfit"], json!(["no_waybill_left"]));
    let third = || warehouse.want_waybill(&parcels[2], &json!({}));
    third().await.is_refused(409, "no_waybill_left");
    let named = json!({"carrier": "zto"});
    warehouse.want_waybill(&parcels[2], &named).await.is_refused(409, "no_waybill_left");
    // New numbers, and it goes on.
    shop.has_numbers("yuantong", &["YT1", "YT2"]).await;
    assert_eq!(Parcel::of(&third().await.must(&[200])).waybill, "YT2");
}

async fn two_packers_do_not_get_the_same_number(shop: &Shop) {
    let (order, warehouse) = (ordered(shop).await, shop.warehouse("wh-sh"));
    shop.has_carrier("yuantong", 2, 800, json!({})).await;
    shop.has_numbers("yuantong", &["YT1", "YT2", "YT3", "YT4", "YT5", "YT6"]).await;
    let mut parcels = Vec::new();
    for _ in 0..6 {
        parcels.push(warehouse.packs(&order, &[(1, 1)]).await);
    }
    let asks = parcels.iter().map(|parcel| warehouse.want_waybill(parcel, &json!({})).send());
    let mut numbers = Vec::new();
    for (answer, parcel) in join_all(asks).await.into_iter().zip(&parcels) {
        let answer = match answer.status.as_u16() {
            // Who was too late three times comes again.
            503 => warehouse.want_waybill(parcel, &json!({})).await.must(&[200]),
            _ => answer.must(&[200]),
        };
        numbers.push(Parcel::of(&answer).waybill);
    }
    numbers.sort();
    assert_eq!(numbers, ["YT1", "YT2", "YT3", "YT4", "YT5", "YT6"]);
}

async fn a_number_on_paper_is_taken_once(shop: &Shop) {
    let (order, warehouse) = (ordered(shop).await, shop.warehouse("wh-sh"));
    let (one, two) =
        (warehouse.packs(&order, &[(1, 1)]).await, warehouse.packs(&order, &[(1, 1)]).await);
    shop.has_numbers("zto", &["Z1", "Z2"]).await;
    let on = |parcel: &Parcel, carrier: &str, waybill: &str| {
        warehouse.want_waybill(parcel, &json!({"carrier": carrier, "waybill": waybill}))
    };
    assert_eq!(Parcel::of(&on(&one, "zto", "Z2").await.must(&[200])).waybill, "Z2");
    on(&two, "zto", "Z2").await.is_refused(409, "waybill_used");
    on(&two, "yuantong", "Z1").await.is_refused(409, "waybill_of_another");
    on(&two, "yuantong", "Z2").await.is_refused(409, "waybill_of_another");
    on(&one, "zto", "Z1").await.is_refused(409, "illegal_step");
    // One that a courier brought, and that we hear of now.
    assert_eq!(Parcel::of(&on(&two, "zto", "PAPER-7").await.must(&[200])).waybill, "PAPER-7");
    let pool = json!({"carrier": "zto", "numbers": ["PAPER-7"]});
    let filled = shop.operator().post("/v1/shipping/waybills", &pool).await.must(&[200]);
    assert_eq!(filled.at("/known"), json!(1));
    let three = warehouse.packs(&order, &[(1, 1)]).await;
    assert_eq!(Parcel::of(&warehouse.label(&three, "zto").await.must(&[200])).waybill, "Z1");
    let without = json!({"waybill": "Z9"});
    warehouse.want_waybill(&three, &without).await.is_refused(422, "invalid_body");
}

async fn a_void_number_is_not_used_again(shop: &Shop) {
    let (order, warehouse) = (ordered(shop).await, shop.warehouse("wh-sh"));
    shop.has_numbers("zto", &["Z1", "Z2"]).await;
    let parcel = warehouse.packs(&order, &[(1, 1)]).await;
    let first = Parcel::of(&warehouse.label(&parcel, "zto").await.must(&[200]));
    let without = warehouse.cancel_waybill(&parcel).await.must(&[200]);
    assert_eq!((without.at("/label"), without.at("/state")), (json!(null), json!("packed")));
    assert_eq!(without.at("/carriage/void/0/state"), json!("void"));
    warehouse.cancel_waybill(&parcel).await.is_refused(409, "illegal_step");
    let second = Parcel::of(&warehouse.label(&parcel, "zto").await.must(&[200]));
    assert_ne!(first.waybill, second.waybill);
    let again = json!({"carrier": "zto", "waybill": first.waybill});
    let other = warehouse.packs(&order, &[(1, 1)]).await;
    warehouse.want_waybill(&other, &again).await.is_refused(409, "waybill_used");
    warehouse.unpacks(&second).await;
    let void = "select count(*) from waybills where doc ->> 'void' = 1";
    assert_eq!(shop.books().number(void), 2);
    warehouse.label(&other, "zto").await.is_refused(409, "no_waybill_left");
}

stories! {
    the_next_carrier_takes_over_and_the_verdict_says_so
    two_packers_do_not_get_the_same_number
    a_number_on_paper_is_taken_once
    a_void_number_is_not_used_again
}
