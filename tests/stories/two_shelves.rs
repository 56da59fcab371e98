//! One line of an order is held on two shelves: each warehouse packs what it holds, once.

use orderflow_tests::{Purchase, SECOND, Shop, stories};

/// Three tees: two are in Shanghai, one is in Guangzhou.
async fn three_on_two_shelves(shop: &Shop) -> Purchase {
    shop.merchant("m1").sells("TEE", 10_000).stock("wh-sh", 2).stock("wh-gz", 1).await;
    let purchase = shop.buyer("li").buys(&[("TEE", 3)]).await;
    shop.stripe_says_paid(&purchase).await;
    purchase
}

async fn a_warehouse_packs_only_what_it_holds_and_has_not_packed(shop: &Shop) {
    let purchase = three_on_two_shelves(shop).await;
    let (order, shanghai) = (purchase.only(), shop.warehouse("wh-sh"));
    let first = shanghai.packs(order, &[(1, 2)]).await;
    shanghai.pack(order, &[(1, 1)]).await.is_refused(409, "wrong_warehouse");
    let second = shop.warehouse("wh-gz").packs(order, &[(1, 1)]).await;
    for (warehouse, parcel) in [("wh-sh", first), ("wh-gz", second)] {
        let who = shop.warehouse(warehouse);
        let labelled = who.labels(&parcel, "yuantong").await;
        who.hands_over(&labelled).await;
        assert_eq!(shop.stock("TEE", warehouse).await, (0, 0));
    }
    assert_eq!(shop.order(order).await["fulfilment"], "shipped");
}

async fn what_is_packed_stays_held_when_the_rest_is_wanted_no_more(shop: &Shop) {
    let purchase = three_on_two_shelves(shop).await;
    let (order, guangzhou) = (purchase.only(), shop.warehouse("wh-gz"));
    let parcel = guangzhou.packs(order, &[(1, 1)]).await;
    shop.buyer("li").wants_no_more(order, &[(1, 2)]).await;
    assert_eq!(shop.stock("TEE", "wh-sh").await, (2, 0));
    assert_eq!(shop.stock("TEE", "wh-gz").await, (1, 1));
    let labelled = guangzhou.labels(&parcel, "yuantong").await;
    guangzhou.hands_over(&labelled).await;
    shop.time_passes(SECOND).await;
    assert_eq!(shop.gateway_paid_back(&purchase), 20_000);
    assert_eq!(shop.order(order).await["fulfilment"], "shipped");
}

stories! {
    a_warehouse_packs_only_what_it_holds_and_has_not_packed
    what_is_packed_stays_held_when_the_rest_is_wanted_no_more
}
