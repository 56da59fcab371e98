//! Waves: which of the orders that wait are picked together, and on which lists they come.

use orderflow_tests::{HOUR, Order, Purchase, SECOND, Shop, Value, json, stories};

/// A buyer's paid purchase of one order.
async fn paid(shop: &Shop, basket: &[(&str, i64)]) -> Purchase {
    shop.is_later(SECOND).await;
    let purchase = shop.buyer("li").buys(basket).await;
    shop.stripe_says_paid(&purchase).await;
    purchase
}

/// TEE, CAP and MUG of one merchant, POT of another; CAP lies in zone B, and nobody knows where MUG
/// lies.
async fn goods(shop: &Shop) {
    for sku in ["TEE", "CAP", "MUG"] {
        shop.merchant("m1").sells(sku, 5_000).stock("wh-sh", 50).await;
    }
    shop.merchant("m2").sells("POT", 6_600).stock("wh-sh", 50).await;
    let warehouse = shop.warehouse("wh-sh");
    warehouse.keeps("TEE", ("A", "10", "2")).await;
    warehouse.keeps("POT", ("A", "2", "7")).await;
    warehouse.keeps("CAP", ("B", "1", "1")).await;
}

fn orders_on(lists: &[Value]) -> Vec<String> {
    let tasks = lists.iter().flat_map(|list| list["tasks"].as_array().unwrap());
    let portions = tasks.flat_map(|task| task["orders"].as_array().unwrap());
    let mut orders: Vec<String> =
        portions.map(|p| p["order"].as_str().unwrap().to_owned()).collect();
    orders.sort();
    orders.dedup();
    orders
}

fn sorted(orders: &[&Order]) -> Vec<String> {
    let mut ids: Vec<String> = orders.iter().map(|order| order.id.clone()).collect();
    ids.sort();
    ids
}

async fn a_wave_by_rule_takes_only_what_it_wants(shop: &Shop) {
    goods(shop).await;
    let warehouse = shop.warehouse("wh-sh");
    let single = paid(shop, &[("TEE", 1)]).await;
    let double = paid(shop, &[("TEE", 2), ("CAP", 1)]).await;
    let many = paid(shop, &[("CAP", 9)]).await;
    let unknown = paid(shop, &[("MUG", 1)]).await;
    let other = paid(shop, &[("POT", 1)]).await;
    shop.buyer("han").buys(&[("TEE", 1)]).await; // nobody paid for it
    shop.is_later(HOUR).await;
    let late = paid(shop, &[("TEE", 1)]).await;
    let cut_off = "2026-03-02T01:30:00Z";
    let (single, double, many) = (single.only(), double.only(), many.only());
    let (unknown, other, late) = (unknown.only(), other.only(), late.only());
    let before = shop.books().counts();
    for (rule, takes) in [
        (json!({}), vec![single, double, many, unknown, other, late]),
        (json!({"confirmed_before": cut_off}), vec![single, double, many, unknown, other]),
        (json!({"lines_at_most": 1}), vec![single, many, unknown, other, late]),
        (json!({"pieces_at_most": 3}), vec![single, double, unknown, other, late]),
        (json!({"merchant": "m2"}), vec![other]),
        (json!({"zones": ["A"]}), vec![single, other, late]),
        (json!({"zones": ["A", "B"]}), vec![single, double, many, other, late]),
        (json!({"orders_at_most": 2}), vec![single, double]),
        (json!({"zones": ["C"]}), vec![]),
    ] {
        let body = json!({"warehouse": "wh-sh", "method": "single", "rule": rule});
        let preview = warehouse.post("/v1/fulfilment/waves/preview", &body).await.must(&[200]);
        assert_eq!(preview.at("/orders"), takes.len(), "{rule}");
    }
    assert_eq!(shop.books().counts(), before, "looking makes nothing");
    let nothing = warehouse.plan_wave("w0", &json!({"rule": {"zones": ["C"]}})).await;
    nothing.is_refused(409, "nothing_to_pick");
    let rule = json!({"rule": {"zones": ["A"], "confirmed_before": cut_off}});
    let wave = warehouse.plans_wave("w1", &rule).await;
    assert_eq!((&wave["orders"], &wave["state"]), (&json!(2), &json!("planned")));
    assert_eq!(orders_on(&warehouse.lists_of("w1").await), sorted(&[single, other]));
    let left: Vec<String> = warehouse.has_to_pick().await.into_iter().map(|(id, _)| id).collect();
    assert!(!left.contains(&single.id) && left.contains(&late.id));
    warehouse.plans_wave("w2", &json!({"rule": {}})).await;
    assert_eq!(orders_on(&warehouse.lists_of("w2").await), sorted(&[double, many, unknown, late]));
    assert_eq!(warehouse.has_to_pick().await, []);
    let page = warehouse.get("/v1/fulfilment/waves?limit=1").await.must(&[200]);
    assert_eq!(page.at("/waves/0/id"), "w2");
    let next = page.at("/next_cursor").as_str().unwrap().to_owned();
    let page = warehouse.get(&format!("/v1/fulfilment/waves?cursor={next}")).await.must(&[200]);
    assert_eq!((page.at("/waves/0/id"), page.at("/next_cursor")), (json!("w1"), json!(null)));
}

async fn a_batch_list_is_walked_by_zone_aisle_and_bin_and_summed(shop: &Shop) {
    goods(shop).await;
    let first = paid(shop, &[("MUG", 1), ("CAP", 1), ("TEE", 2)]).await;
    let second = paid(shop, &[("TEE", 3), ("MUG", 1)]).await;
    let third = paid(shop, &[("POT", 1)]).await;
    let warehouse = shop.warehouse("wh-sh");
    let list = warehouse.plans_one_list("w1").await;
    let tasks = list["tasks"].as_array().unwrap();
    let walked: Vec<(&str, i64)> =
        tasks.iter().map(|t| (t["sku"].as_str().unwrap(), t["units"].as_i64().unwrap())).collect();
    // Aisle 2 comes before aisle 10, zone A before zone B, and last what lies nobody knows where.
    assert_eq!(walked, [("POT", 1), ("TEE", 5), ("CAP", 1), ("MUG", 2)]);
    let gets = |order: &Order, units: i64| {
        let portions = tasks[1]["orders"].as_array().unwrap();
        portions.iter().any(|p| p["order"] == order.id.as_str() && p["units"] == units)
    };
    assert!(gets(first.only(), 2) && gets(second.only(), 3), "{list}");
    assert_eq!(tasks[3]["spot"], json!(null));
    assert_eq!(tasks[0]["orders"][0]["order"], third.only().id.as_str());
}

async fn each_method_divides_orders_in_its_own_way(shop: &Shop) {
    goods(shop).await;
    let warehouse = shop.warehouse("wh-sh");
    let counts = async |name: &str, wanted: Value| {
        for _ in 0..3 {
            paid(shop, &[("TEE", 1), ("CAP", 2)]).await;
        }
        let wave = warehouse.plans_wave(name, &wanted).await;
        let lists = warehouse.lists_of(name).await;
        for list in &lists {
            warehouse.picks_list(list).await;
        }
        assert_eq!(warehouse.wave(name).await["state"], "picked");
        (wave["lists"].as_u64(), wave["tasks"].as_u64(), lists)
    };
    let (lists, tasks, _) = counts("single", json!({"method": "single", "rule": {}})).await;
    assert_eq!((lists, tasks), (Some(3), Some(6)));
    let batch = json!({"method": "batch", "rule": {}, "orders_per_list": 2});
    let (lists, tasks, _) = counts("batch", batch).await;
    assert_eq!((lists, tasks), (Some(2), Some(4)));
    let (lists, tasks, seen) = counts("zone", json!({"method": "zone", "rule": {}})).await;
    assert_eq!((lists, tasks), (Some(2), Some(2)));
    let zones: Vec<&Value> = seen.iter().map(|list| &list["zone"]).collect();
    assert_eq!(zones, [&json!("A"), &json!("B")]);
}

async fn two_planners_at_once_put_nothing_on_two_lists(shop: &Shop) {
    goods(shop).await;
    for _ in 0..12 {
        paid(shop, &[("TEE", 1), ("CAP", 1)]).await;
    }
    let (one, other) = (shop.warehouse("wh-sh"), shop.operator());
    let rule = |most: i64| json!({"rule": {"orders_at_most": most}, "warehouse": "wh-sh"});
    let (here, there) = (rule(8), rule(9));
    let (first, second) =
        futures::join!(one.plan_wave("w1", &here).send(), other.plan_wave("w2", &there).send());
    for (name, wanted, answer) in [("w1", here, first), ("w2", there, second)] {
        if answer.must(&[201, 409, 503]).status == 503 {
            // Whoever was slower three times asks for the same again.
            drop(other.plan_wave(name, &wanted).await.must(&[200, 201, 409]));
        }
    }
    let mut taken = Vec::new();
    for name in ["w1", "w2"] {
        let wave = other.get(&format!("/v1/fulfilment/waves/{name}")).await;
        if wave.status == 200 {
            taken.extend(orders_on(&one.lists_of(name).await));
        }
    }
    let count = taken.len();
    taken.sort();
    taken.dedup();
    assert_eq!((taken.len(), count), (12, 12), "each order is on the lists of one wave");
    assert_eq!(one.has_to_pick().await, []);
}

async fn the_same_wave_asked_for_again_goes_on_and_another_needs_another_name(shop: &Shop) {
    goods(shop).await;
    let order = paid(shop, &[("TEE", 1)]).await;
    let warehouse = shop.warehouse("wh-sh");
    let wanted = json!({"rule": {"lines_at_most": 1}, "orders_per_list": 7});
    shop.loses_its_next_answer().await;
    assert!(warehouse.plan_wave("w1", &wanted).await.status.is_server_error());
    paid(shop, &[("TEE", 1)]).await;
    let wave = warehouse.plan_wave("w1", &wanted).await.must(&[200]).json();
    assert_eq!(wave["orders"], 1, "what was stored is the wave");
    assert_eq!(wave["orders_per_list"], 7, "who goes on with it must want the same");
    assert_eq!(orders_on(&warehouse.lists_of("w1").await), sorted(&[order.only()]));
    let other = json!({"rule": {"lines_at_most": 2}});
    warehouse.plan_wave("w1", &other).await.is_refused(409, "wave_differs");
    let elsewhere = shop.warehouse("wh-bj").get("/v1/fulfilment/waves/w1").await;
    elsewhere.is_refused(403, "forbidden");
}

async fn a_wave_by_hand_takes_all_of_its_orders_or_none(shop: &Shop) {
    goods(shop).await;
    let warehouse = shop.warehouse("wh-sh");
    let (first, second) = (paid(shop, &[("TEE", 1)]).await, paid(shop, &[("CAP", 1)]).await);
    let unpaid = shop.buyer("han").buys(&[("CAP", 1)]).await;
    let by_hand = |orders: &[&Purchase]| {
        let ids: Vec<&str> = orders.iter().map(|p| p.only().id.as_str()).collect();
        json!({"orders": ids})
    };
    let refused = warehouse.plan_wave("w1", &by_hand(&[&first, &unpaid])).await;
    refused.is_refused(409, "not_to_pick");
    assert_eq!(refused.at("/orders"), json!([unpaid.only().id]));
    assert_eq!(warehouse.plans_wave("w1", &by_hand(&[&first])).await["orders"], 1);
    let refused = warehouse.plan_wave("w2", &by_hand(&[&first, &second])).await;
    refused.is_refused(409, "not_to_pick");
    let twice = warehouse.plan_wave("w2", &by_hand(&[&second, &second])).await;
    twice.is_refused(422, "invalid_body");
    assert_eq!(twice.at("/errors/0/code"), "repeated");
    let both = json!({"orders": [first.only().id], "rule": {}});
    warehouse.plan_wave("w2", &both).await.is_refused(422, "invalid_body");
    let when = json!({"rule": {"confirmed_before": "yesterday"}});
    warehouse.plan_wave("w2", &when).await.is_refused(422, "invalid_body");
}

async fn an_order_that_was_in_doubt_for_a_while_comes_back_to_its_list(shop: &Shop) {
    goods(shop).await;
    let warehouse = shop.warehouse("wh-sh");
    let doubted = paid(shop, &[("TEE", 2)]).await;
    let list = warehouse.plans_one_list("w1").await;
    let at = shop.now_s();
    let dispute = shop.gateway.dispute(&doubted.payment, doubted.total, "cny", at);
    shop.stripe_says(&dispute).await;
    assert_eq!(warehouse.pick_list(&list).await["tasks"][0]["wanted"], 0);
    let said = json!({"scanned": "TEE", "quantity": 2});
    warehouse.confirm_task(&list, 1, &said).await.is_refused(409, "more_than_wanted");
    let money = (doubted.total, "cny");
    let won = shop.gateway.dispute_closed(&doubted.payment, money, true, at);
    shop.stripe_says(&won).await;
    let again = warehouse.plan_wave("w2", &json!({"rule": {}})).await;
    again.is_refused(409, "nothing_to_pick");
    assert_eq!(warehouse.picks_list(&list).await["pieces"]["picked"], 2);
}

async fn where_things_lie_comes_in_files_too(shop: &Shop) {
    goods(shop).await;
    let warehouse = shop.warehouse("wh-sh");
    let file = "warehouse,sku,zone,aisle,bin\nwh-sh,MUG,C,,9\nwh-sh,TEE,A,10,2\nwh-sh,NONE,A,1,1\n\
        wh-bj,MUG,A,1,1\nwh-sh,CAP,,1,1\n";
    let report = warehouse.imports("bins", file).await;
    assert_eq!(
        (&report["new"], &report["same"], &report["bad"]),
        (&json!(1), &json!(1), &json!(3))
    );
    let codes: Vec<&Value> =
        report["faults"].as_array().unwrap().iter().map(|fault| &fault["code"]).collect();
    assert_eq!(codes, [&json!("unknown_sku"), &json!("unknown_warehouse"), &json!("missing")]);
    let bins = warehouse.get("/v1/catalog/warehouses/wh-sh/bins?limit=2").await.must(&[200]);
    assert_eq!((bins.at("/bins/0/sku"), bins.at("/bins/1/bin")), (json!("CAP"), json!("9")));
    let spot = json!({"zone": "A", "bin": "1"});
    let elsewhere = shop.warehouse("wh-bj").put("/v1/catalog/warehouses/wh-sh/bins/TEE", &spot);
    elsewhere.await.is_refused(403, "forbidden");
    let unknown = warehouse.put("/v1/catalog/warehouses/wh-sh/bins/NONE", &spot).await;
    unknown.is_refused(404, "not_found");
    let empty = json!({"zone": "", "bin": "1"});
    let wrong = warehouse.put("/v1/catalog/warehouses/wh-sh/bins/TEE", &empty).await;
    wrong.is_refused(422, "invalid_body");
}

stories! {
    a_wave_by_rule_takes_only_what_it_wants
    a_batch_list_is_walked_by_zone_aisle_and_bin_and_summed
    each_method_divides_orders_in_its_own_way
    two_planners_at_once_put_nothing_on_two_lists
    the_same_wave_asked_for_again_goes_on_and_another_needs_another_name
    a_wave_by_hand_takes_all_of_its_orders_or_none
    an_order_that_was_in_doubt_for_a_while_comes_back_to_its_list
    where_things_lie_comes_in_files_too
}
