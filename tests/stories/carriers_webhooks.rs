//! Five senders tell where parcels are, each in its own way: signed, by its own names of carriers,
//! and answered as it expects.

use orderflow_tests::{
    DELIVERED, HOUR, ON_THE_WAY, OUT_FOR_DELIVERY, PICKED_UP, Parcel, Scan, Shop, json, stories,
};
use partners::Delivery;

/// A parcel of an order of its own, on its way with a carrier.
async fn sent_by(shop: &Shop, carrier: &str) -> Parcel {
    let parcel = labelled_by(shop, carrier).await;
    shop.warehouse("wh-sh").hands_over(&parcel).await;
    parcel
}

async fn labelled_by(shop: &Shop, carrier: &str) -> Parcel {
    shop.merchant("m1").sells("TEE", 12_800).stock("wh-sh", 10).await;
    let purchase = shop.buyer(&format!("li-{}", shop.next())).buys(&[("TEE", 1)]).await;
    shop.stripe_says_paid(&purchase).await;
    let warehouse = shop.warehouse("wh-sh");
    let packed = warehouse.packs(purchase.only(), &[(1, 1)]).await;
    warehouse.labels(&packed, carrier).await
}

/// Whoever signs is heard once, and whoever forges is not.
async fn heard_once(shop: &Shop, path: &str, push: &Delivery, parcel: &Parcel) {
    let before = shop.books().counts();
    let forged = push.clone().forged(|message| message["forged"] = json!(true));
    drop(shop.hears(path, &forged).await.must(&[401]));
    drop(shop.hears(path, &push.clone().signed_by("another secret")).await.must(&[401]));
    assert_eq!(shop.books().counts(), before, "nothing was stored");
    drop(shop.hears(path, push).await.must(&[200]));
    assert_eq!(shop.parcel(parcel).await["state"], "delivered", "{path}");
    let after = shop.books().counts();
    drop(shop.hears(path, push).await.must(&[200]));
    assert_eq!(shop.books().counts(), after, "again it changes nothing");
}

async fn each_tracker_is_heard_by_its_own_name_of_the_carrier(shop: &Shop) {
    let scan = |code| vec![shop.scan(HOUR, (code, "signed for"))];
    let parcel = sent_by(shop, "shunfeng").await;
    let scans = scan("Delivered_Other");
    let push = shop.trackers.seventeen_track_pushes(100_012, &parcel.waybill, &scans);
    heard_once(shop, "carriers/17track", &push, &parcel).await;
    let parcel = sent_by(shop, "yunda").await;
    let (scans, at) = (scan("Delivered"), shop.now_s());
    let push = shop.trackers.aftership_pushes("yundaex", &parcel.waybill, &scans, at);
    heard_once(shop, "carriers/aftership", &push, &parcel).await;
    let parcel = sent_by(shop, "dhl").await;
    let push = shop.trackers.easypost_pushes("DHLExpress", &parcel.waybill, &scan("delivered"));
    heard_once(shop, "carriers/easypost", &push, &parcel).await;
    let parcel = sent_by(shop, "yuantong").await;
    let push = shop.trace(&parcel, &[shop.scan(0, DELIVERED)]);
    heard_once(shop, "carriers/kuaidi100", &push, &parcel).await;
}

async fn whoever_does_not_know_sfs_word_is_not_let_in(shop: &Shop) {
    let parcel = sent_by(shop, "shunfeng").await;
    let push = shop.trackers.sf_pushes(&[(&parcel.waybill, shop.scan(0, ("80", "已签收")))]);
    for path in ["carriers/shunfeng", "carriers/shunfeng-", "carriers/shunfeng-a-word-that-only"] {
        shop.hears(path, &push).await.is_refused(404, "not_found");
    }
    assert_eq!(shop.parcel(&parcel).await["state"], "shipped");
    shop.sf_pushes(&push).await;
    let after = shop.books().counts();
    shop.sf_pushes(&push).await;
    assert_eq!(shop.parcel(&parcel).await["state"], "delivered");
    assert_eq!(shop.books().counts(), after);
}

async fn one_push_may_tell_of_many_waybills(shop: &Shop) {
    shop.merchant("m1").sells("TEE", 12_800).stock("wh-sh", 10).await;
    let purchase = shop.buyer("li").buys(&[("TEE", 2)]).await;
    shop.stripe_says_paid(&purchase).await;
    let (warehouse, order) = (shop.warehouse("wh-sh"), purchase.only());
    let mut parcels = Vec::new();
    for _ in 0..2 {
        let packed = warehouse.packs(order, &[(1, 1)]).await;
        let parcel = warehouse.labels(&packed, "shunfeng").await;
        warehouse.hands_over(&parcel).await;
        parcels.push(parcel);
    }
    let signed = || shop.scan(0, ("80", "已签收"));
    let (one, two) = (parcels[0].waybill.as_str(), parcels[1].waybill.as_str());
    let all = [(one, signed()), ("SF-OF-NOBODY", signed()), (two, signed())];
    shop.sf_pushes(&shop.trackers.sf_pushes(&all)).await;
    assert_eq!(shop.order(order).await["fulfilment"], "delivered");
    let kept = "select count(*) from facts where kind = 'push'";
    assert_eq!(shop.books().number(kept), 1, "it is kept once");
    assert_eq!(shop.books().number("select count(*) from facts where kind = 'tracking'"), 3);
}

async fn another_carriers_scan_of_the_same_number_moves_no_parcel(shop: &Shop) {
    let parcel = sent_by(shop, "shunfeng").await;
    let scans = [shop.scan(0, ("Delivered", "left at the door"))];
    let push = shop.trackers.aftership_pushes("yto", &parcel.waybill, &scans, shop.now_s());
    drop(shop.hears("carriers/aftership", &push).await.must(&[200]));
    let stranger = Parcel { carrier: "zhongtong".into(), ..parcel.clone() };
    shop.carrier_pushes(&shop.trace(&stranger, &[shop.scan(0, DELIVERED)])).await;
    assert_eq!(shop.parcel(&parcel).await["state"], "shipped");
    assert_eq!(shop.told(&parcel).await, Vec::<serde_json::Value>::new());
    assert_eq!(shop.books().number("select count(*) from facts where kind = 'tracking'"), 2);
}

async fn what_a_tracker_told_by_a_name_we_did_not_know_is_found_once_we_do(shop: &Shop) {
    let parcel = labelled_by(shop, "yw56").await;
    let (early, late) = (("in_transit", "left Yiwu"), ("delivered", "signed for"));
    let first = [shop.scan(2 * HOUR, early)];
    let push = shop.trackers.easypost_pushes("Yanwen", &parcel.waybill, &first);
    drop(shop.hears("carriers/easypost", &push).await.must(&[200]));
    assert_eq!(shop.parcel(&parcel).await["state"], "packed");
    let names = json!({"id": "shop", "set": {"carrier_names": {"easypost/yanwen": "yw56"}}});
    drop(shop.operator().put("/v1/catalog/policies/shop", &names).await.must(&[201]));
    shop.warehouse("wh-sh").hands_over(&parcel).await;
    assert_eq!(shop.parcel(&parcel).await["state"], "in_transit", "it was kept, and is found");
    let both = [first[0].clone(), shop.scan(HOUR, late)];
    let push = shop.trackers.easypost_pushes("Yanwen", &parcel.waybill, &both);
    drop(shop.hears("carriers/easypost", &push).await.must(&[200]));
    assert_eq!(shop.parcel(&parcel).await["state"], "delivered");
    assert_eq!(shop.told(&parcel).await.len(), 2, "and is not there twice");
}

async fn a_name_that_no_tracker_has_is_refused(shop: &Shop) {
    for names in [json!({"pigeon/x": "yuantong"}), json!({"yto": "yuantong"})] {
        let policy = json!({"id": "shop", "set": {"carrier_names": names}});
        let put = shop.operator().put("/v1/catalog/policies/shop", &policy).await;
        put.is_refused(422, "invalid_body");
    }
}

async fn a_trace_told_anew_takes_back_what_it_does_not_hold(shop: &Shop) {
    let parcel = sent_by(shop, "yuantong").await;
    let scans: Vec<Scan> =
        vec![shop.scan(3 * HOUR, PICKED_UP), shop.scan(2 * HOUR, OUT_FOR_DELIVERY)];
    let wrong = shop.trace(&parcel, &scans);
    shop.carrier_pushes(&wrong).await;
    assert_eq!(shop.parcel(&parcel).await["state"], "out_for_delivery");
    let right = [scans[0].clone(), shop.scan(HOUR, ON_THE_WAY)];
    let anew = shop.carrier.tells_anew(&parcel.carrier, &parcel.waybill, &right);
    shop.carrier_pushes(&anew).await;
    assert_eq!(shop.parcel(&parcel).await["state"], "in_transit");
    let withdrawn: Vec<bool> =
        shop.told(&parcel).await.iter().map(|scan| scan["withdrawn"] == true).collect();
    assert_eq!(withdrawn, [false, true, false], "nothing is deleted");
    let after = shop.books().counts();
    for old in [&wrong, &anew] {
        shop.carrier_pushes(old).await;
    }
    assert_eq!(shop.books().counts(), after, "old pushes again change nothing");
    assert_eq!(shop.parcel(&parcel).await["state"], "in_transit");
}

async fn a_delivery_that_the_shop_has_acted_on_is_not_taken_back(shop: &Shop) {
    let parcel = sent_by(shop, "yuantong").await;
    let scans = [shop.scan(2 * HOUR, PICKED_UP), shop.scan(HOUR, DELIVERED)];
    shop.carrier_pushes(&shop.trace(&parcel, &scans)).await;
    let anew = shop.carrier.tells_anew(&parcel.carrier, &parcel.waybill, &scans[..1]);
    shop.carrier_pushes(&anew).await;
    assert_eq!(shop.parcel(&parcel).await["state"], "delivered");
    shop.carrier_pushes(&shop.trace(&parcel, &scans)).await;
    let delivered = "select count(*) from journal where event ->> 'event' = 'delivered'";
    assert_eq!(shop.books().number(delivered), 1, "its order is delivered once");
}

async fn ten_thousand_scans_in_one_push_are_taken_in(shop: &Shop) {
    let parcel = sent_by(shop, "yuantong").await;
    let numbered = |i: usize| Scan { text: format!("第 {i} 站"), ..shop.scan(HOUR, ON_THE_WAY) };
    let mut scans: Vec<Scan> = (0..10_000).map(numbered).collect();
    *scans.last_mut().expect("scans") = shop.scan(0, DELIVERED);
    let push = shop.trace(&parcel, &scans);
    shop.carrier_pushes(&push).await;
    assert_eq!(shop.parcel(&parcel).await["state"], "delivered");
    assert_eq!(shop.books().number("select count(*) from facts where kind = 'tracking'"), 10_000);
    let one = "select count(distinct received_at_ms) from facts where kind = 'tracking'";
    assert_eq!(shop.books().number(one), 1, "in one commit");
    scans.push(shop.scan(0, PICKED_UP));
    let more = shop.trace(&parcel, &scans);
    drop(shop.hears("carriers/kuaidi100", &more).await.must(&[400]));
    assert_eq!(shop.told(&parcel).await.len(), 1_000, "the newest are shown");
}

stories! {
    each_tracker_is_heard_by_its_own_name_of_the_carrier
    whoever_does_not_know_sfs_word_is_not_let_in
    one_push_may_tell_of_many_waybills
    another_carriers_scan_of_the_same_number_moves_no_parcel
    what_a_tracker_told_by_a_name_we_did_not_know_is_found_once_we_do
    a_name_that_no_tracker_has_is_refused
    a_trace_told_anew_takes_back_what_it_does_not_hold
    a_delivery_that_the_shop_has_acted_on_is_not_taken_back
    ten_thousand_scans_in_one_push_are_taken_in
}
