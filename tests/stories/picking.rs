//! Picking: a picker walks a list and says of each task what they found.

use orderflow_tests::{MINUTE, Purchase, SECOND, Shop, Value, json, stories};

async fn paid(shop: &Shop, basket: &[(&str, i64)]) -> Purchase {
    shop.is_later(SECOND).await;
    let purchase = shop.buyer("li").buys(basket).await;
    shop.stripe_says_paid(&purchase).await;
    purchase
}

/// TEE, with a barcode, and CAP.
async fn goods(shop: &Shop) {
    let tee = shop.merchant("m1").sells("TEE", 5_000);
    tee.with("barcodes", json!(["96385074"])).stock("wh-sh", 20).await;
    shop.merchant("m1").sells("CAP", 3_000).stock("wh-sh", 20).await;
    shop.warehouse("wh-sh").keeps("TEE", ("A", "1", "1")).await;
}

fn scan(code: &str, quantity: i64) -> Value {
    json!({"scanned": code, "quantity": quantity})
}

async fn a_list_is_picked_to_its_end_and_then_packed(shop: &Shop) {
    goods(shop).await;
    let (first, second) =
        (paid(shop, &[("TEE", 2), ("CAP", 1)]).await, paid(shop, &[("TEE", 1)]).await);
    let warehouse = shop.warehouse("wh-sh");
    let list = warehouse.plans_one_list("w1").await;
    assert_eq!(shop.order(first.only()).await["fulfilment"], "unfulfilled");
    let claimed = warehouse.list_step(&list, "claim").await.must(&[200]);
    assert_eq!((claimed.at("/state"), claimed.at("/picker")), (json!("claimed"), json!("wh-sh")));
    let done = warehouse.confirms_task(&list, 1, &scan("96385074", 3)).await;
    assert_eq!((&done["task"]["picked"], &done["state"]), (&json!(3), &json!("claimed")));
    let wave = warehouse.wave("w1").await;
    assert_eq!(
        (&wave["state"], &wave["progress"]["pieces"]["picked"]),
        (&json!("picking"), &json!(3))
    );
    let seen = shop.order(first.only()).await;
    assert_eq!(
        (&seen["fulfilment"], &seen["lines"][0]["held"][0]["picked"]),
        (&json!("in_progress"), &json!(2))
    );
    warehouse.confirms_task(&list, 2, &scan("CAP", 1)).await;
    let list = warehouse.pick_list(&list).await;
    assert_eq!((&list["state"], &list["final"]), (&json!("done"), &json!(true)));
    assert_eq!(warehouse.wave("w1").await["state"], "picked");
    assert_eq!(warehouse.has_to_pick().await, []);
    warehouse.ships(first.only(), &[(1, 2), (2, 1)]).await;
    warehouse.ships(second.only(), &[(1, 1)]).await;
    assert_eq!(shop.stock("TEE", "wh-sh").await, (17, 0));
    assert_eq!(shop.order(first.only()).await["fulfilment"], "shipped");
}

async fn scans_that_make_no_sense_are_refused(shop: &Shop) {
    goods(shop).await;
    paid(shop, &[("TEE", 2)]).await;
    let warehouse = shop.warehouse("wh-sh");
    let list = warehouse.plans_one_list("w1").await;
    paid(shop, &[("CAP", 1)]).await;
    let other = warehouse.plans_one_list("w2").await;
    let before = shop.books().counts();
    let confirm = async |task: u64, said: Value| warehouse.confirm_task(&list, task, &said).await;
    confirm(1, scan("0000", 2)).await.is_refused(409, "wrong_item");
    confirm(1, scan("CAP", 1)).await.is_refused(409, "wrong_item");
    confirm(2, scan("CAP", 1)).await.is_refused(404, "unknown_task");
    confirm(0, scan("TEE", 1)).await.is_refused(404, "unknown_task");
    confirm(99_999, scan("TEE", 1)).await.is_refused(404, "not_found");
    confirm(1, scan("TEE", 3)).await.is_refused(409, "more_than_wanted");
    confirm(1, scan("TEE", -1)).await.is_refused(422, "invalid_body");
    confirm(1, scan("TEE", i64::MAX)).await.is_refused(409, "more_than_wanted");
    confirm(1, json!({"quantity": 1})).await.is_refused(422, "invalid_body");
    confirm(1, scan("TEE", 1)).await.is_refused(422, "invalid_body"); // what of the other one?
    let elsewhere = shop.warehouse("wh-bj").confirm_task(&list, 1, &scan("TEE", 2)).await;
    elsewhere.is_refused(403, "forbidden");
    let buyer = shop.buyer("li").confirm_task(&list, 1, &scan("TEE", 2)).await;
    buyer.is_refused(403, "forbidden");
    assert_eq!(shop.books().counts(), before);
    drop(warehouse.list_step(&other, "claim").await.must(&[200]));
    let mut colleague = shop.warehouse("wh-sh");
    colleague.sub = "another picker".to_owned();
    colleague.confirm_task(&other, 1, &scan("CAP", 1)).await.is_refused(409, "list_of_another");
    colleague.list_step(&other, "claim").await.is_refused(409, "list_of_another");
    drop(confirm(1, scan("TEE", 2)).await.must(&[200]));
    confirm(1, scan("TEE", 2)).await.is_refused(409, "illegal_step"); // twice
    let id = list["id"].as_str().unwrap();
    let path = format!("/v1/fulfilment/pick-lists/{id}/tasks/1/confirm");
    let said = scan("CAP", 1);
    let id = other["id"].as_str().unwrap();
    let other_path = format!("/v1/fulfilment/pick-lists/{id}/tasks/1/confirm");
    let first = warehouse.post(&other_path, &said).key("once").await.must(&[200]);
    let again = warehouse.post(&other_path, &said).key("once").await.must(&[200]);
    assert_eq!(first.json(), again.json(), "the same request again is answered as it was");
    warehouse.post(&path, &said).key("two").await.is_refused(409, "illegal_step");
}

async fn what_is_cancelled_on_the_way_is_not_wanted_and_goes_back(shop: &Shop) {
    goods(shop).await;
    let (li, warehouse) = (shop.buyer("li"), shop.warehouse("wh-sh"));
    let (first, second) =
        (paid(shop, &[("TEE", 3), ("CAP", 1)]).await, paid(shop, &[("TEE", 2)]).await);
    let list = warehouse.plans_one_list("w1").await;
    li.cancels_units(first.only(), &[(1, 1)], "changed_mind").await;
    assert_eq!(warehouse.pick_list(&list).await["tasks"][0]["wanted"], 4);
    let too_many = warehouse.confirm_task(&list, 1, &scan("TEE", 5)).await;
    too_many.is_refused(409, "more_than_wanted");
    assert_eq!(too_many.at("/left"), 4);
    let done = warehouse.confirms_task(&list, 1, &scan("TEE", 4)).await;
    assert_eq!((&done["task"]["picked"], &done["task"]["dropped"]), (&json!(4), &json!(1)));
    // All of it was picked; now it is cancelled, and lies around.
    li.cancels(second.only()).await;
    let lies = vec![(second.only().id.clone(), 2)];
    assert_eq!(warehouse.has_to_put_away().await, lies);
    assert_eq!(shop.stock("TEE", "wh-sh").await, (20, 2), "in the books it is there for others");
    // Somebody has brought one of them back, and not the other.
    let path = format!("/v1/fulfilment/put-aways/{}", second.only().id);
    let some = |units| json!({"warehouse": "wh-sh", "lines": [{"line": 1, "units": units}]});
    warehouse.post(&path, &some(3)).await.is_refused(409, "too_many_units");
    drop(warehouse.post(&path, &some(1)).await.must(&[200]));
    assert_eq!(warehouse.has_to_put_away().await, [(second.only().id.clone(), 1)]);
    let back = warehouse.put_away(second.only()).await.must(&[200]);
    assert_eq!((back.at("/lines/0/sku"), back.at("/lines/0/units")), (json!("TEE"), json!(1)));
    assert_eq!(warehouse.has_to_put_away().await, []);
    warehouse.put_away(second.only()).await.is_refused(409, "nothing_to_put_away");
    li.cancels(first.only()).await;
    assert_eq!(warehouse.has_to_put_away().await, [(first.only().id.clone(), 2)]);
    let nothing = warehouse.confirms_task(&list, 2, &json!({"quantity": 0})).await;
    assert_eq!((&nothing["task"]["dropped"], &nothing["state"]), (&json!(1), &json!("done")));
    shop.time_passes(MINUTE).await;
    assert_eq!(shop.gateway_paid_back(&second), second.total);
    assert_eq!(shop.stock("TEE", "wh-sh").await, (20, 0));
}

async fn who_packs_without_the_list_is_faster_than_it(shop: &Shop) {
    goods(shop).await;
    let purchase = paid(shop, &[("TEE", 2)]).await;
    let warehouse = shop.warehouse("wh-sh");
    let list = warehouse.plans_one_list("w1").await;
    let parcel = warehouse.packs(purchase.only(), &[(1, 2)]).await;
    warehouse.confirm_task(&list, 1, &scan("TEE", 2)).await.is_refused(409, "more_than_wanted");
    // Taken apart, it lies on the shelf again, and is still on its list.
    warehouse.unpacks(&parcel).await;
    assert_eq!(warehouse.has_to_pick().await, []);
    warehouse.confirms_task(&list, 1, &scan("TEE", 2)).await;
    let parcel = warehouse.packs(purchase.only(), &[(1, 2)]).await;
    warehouse.unpacks(&parcel).await;
    assert_eq!(warehouse.has_to_pick().await, [], "what was picked is not picked once more");
    warehouse.ships(purchase.only(), &[(1, 2)]).await;
    assert_eq!(shop.stock("TEE", "wh-sh").await, (18, 0));
}

async fn what_a_list_leaves_waits_for_another_one(shop: &Shop) {
    goods(shop).await;
    let (first, second) =
        (paid(shop, &[("TEE", 1), ("CAP", 1)]).await, paid(shop, &[("CAP", 2)]).await);
    let warehouse = shop.warehouse("wh-sh");
    let list = warehouse.plans_one_list("w1").await;
    let next = warehouse.post("/v1/fulfilment/waves/w1/next", &json!({"picker": "mei"})).await;
    assert_eq!(next.must(&[200]).at("/id"), list["id"]);
    let none = warehouse.post("/v1/fulfilment/waves/w1/next", &json!({})).await;
    none.is_refused(409, "nothing_to_pick");
    let hers = warehouse.get("/v1/fulfilment/waves/w1/lists?picker=mei&state=claimed").await;
    assert_eq!(hers.must(&[200]).at("/lists/0/id"), list["id"]);
    drop(warehouse.list_step(&list, "give-back").await.must(&[200]));
    warehouse.list_step(&list, "give-back").await.is_refused(409, "illegal_step");
    warehouse.confirms_task(&list, 1, &scan("TEE", 1)).await;
    let off = warehouse.list_step(&list, "call-off").await.must(&[200]);
    assert_eq!((off.at("/state"), off.at("/pieces/dropped")), (json!("called_off"), json!(3)));
    warehouse.list_step(&list, "call-off").await.is_refused(409, "illegal_step");
    let waits = [(first.only().id.clone(), 1), (second.only().id.clone(), 2)];
    let mut seen = warehouse.has_to_pick().await;
    seen.sort();
    assert_eq!(seen, waits);
    let anew = warehouse.plans_one_list("w2").await;
    assert_eq!(anew["pieces"]["wanted"], 3);
    warehouse.picks_list(&anew).await;
    warehouse.ships(first.only(), &[(1, 1), (2, 1)]).await;
}

async fn an_order_for_the_courier_to_collect_is_picked_like_others(shop: &Shop) {
    shop.merchant("m1").joins(json!({"cash_on_delivery": true})).await;
    goods(shop).await;
    let purchase = shop.buyer("li").buys_on_delivery(&[("TEE", 1)]).await;
    let warehouse = shop.warehouse("wh-sh");
    if shop.order(purchase.only()).await["state"] == "awaiting_confirmation" {
        shop.merchant("m1").confirms(purchase.only()).await;
    }
    let list = warehouse.plans_one_list("w1").await;
    warehouse.picks_list(&list).await;
    shop.buyer("li").cancels(purchase.only()).await;
    assert_eq!(warehouse.has_to_put_away().await, [(purchase.only().id.clone(), 1)]);
}

stories! {
    a_list_is_picked_to_its_end_and_then_packed
    scans_that_make_no_sense_are_refused
    what_is_cancelled_on_the_way_is_not_wanted_and_goes_back
    who_packs_without_the_list_is_faster_than_it
    what_a_list_leaves_waits_for_another_one
    an_order_for_the_courier_to_collect_is_picked_like_others
}
