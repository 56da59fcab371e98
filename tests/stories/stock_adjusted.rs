//! Stock changes without an order, too: goods arrive, break, get lost and are found again. Every
//! piece has a reason and an author.

use orderflow_tests::{Shop, Value, json, stories};

const ADJUSTMENTS: &str = "/v1/catalog/stock/adjustments";

async fn every_piece_that_comes_or_goes_has_a_reason_and_an_author(shop: &Shop) {
    shop.merchant("m1").sells("TEE", 12_800).stock("wh-sh", 10).await;
    let warehouse = shop.warehouse("wh-sh");
    warehouse.adjusts("received", "TEE", "wh-sh", 5).await;
    warehouse.adjusts("damaged", "TEE", "wh-sh", -2).await;
    let purchase = shop.buyer("li").buys(&[("TEE", 3)]).await;
    shop.stripe_says_paid(&purchase).await;
    warehouse.ships(purchase.only(), &[(1, 3)]).await;
    let counted = json!({"reason": "counted", "note": "stocktake",
        "lines": [{"sku": "TEE", "warehouse": "wh-sh", "count": 9}]});
    let answer = warehouse.post(ADJUSTMENTS, &counted).await.must(&[201]);
    assert_eq!(answer.at("/lines/0/before"), 10);
    assert_eq!(answer.at("/lines/0/now/on_hand"), 9);
    let order = json!(purchase.only().id);
    let told: Vec<[Value; 4]> = warehouse
        .sees_movements("TEE")
        .await
        .into_iter()
        .map(|m| {
            assert!(m["at"].as_str().is_some_and(|at| at.starts_with("2026-03-02T")));
            [m["why"].clone(), m["change"].clone(), m["balance"].clone(), m["by"]["id"].clone()]
        })
        .collect();
    let expected = [
        ("counted", -1, 9, "wh-sh"),
        ("shipped", -3, 10, "wh-sh"),
        ("damaged", -2, 13, "wh-sh"),
        ("received", 5, 15, "wh-sh"),
        ("counted", 10, 10, "operator"),
    ];
    assert_eq!(
        told,
        expected.map(|(why, change, balance, by)| {
            [json!(why), json!(change), json!(balance), json!(by)]
        })
    );
    let moved = warehouse.sees_movements("TEE").await;
    assert_eq!((&moved[1]["about"], &moved[0]["note"]), (&order, &json!("stocktake")));
    let shown = warehouse.get(answer.header("location").unwrap()).await.must(&[200]);
    assert_eq!(shown.at("/lines/0/change"), -1);
    assert_eq!(shown.at("/reason"), "counted");
}

async fn an_adjustment_is_booked_whole_or_not_at_all(shop: &Shop) {
    shop.merchant("m1").sells("TEE", 12_800).stock("wh-sh", 10).await;
    shop.merchant("m1").sells("CAP", 5_900).stock("wh-sh", 10).await;
    let operator = shop.operator();
    let adjust = |reason: &str, lines: Value| {
        operator.post(ADJUSTMENTS, &json!({"reason": reason, "lines": lines}))
    };
    let line =
        |sku: &str, at: &str, delta: i64| json!({"sku": sku, "warehouse": at, "delta": delta});
    let good = line("TEE", "wh-sh", 1);
    let wrong = [
        ("found", json!([good, line("HAT", "wh-sh", 1)]), "#/lines/1/sku", "unknown_sku"),
        (
            "found",
            json!([good, line("CAP", "wh-x", 1)]),
            "#/lines/1/warehouse",
            "unknown_warehouse",
        ),
        ("found", json!([good, line("CAP", "wh-sh", -1)]), "#/lines/1/delta", "wrong_direction"),
        ("lost", json!([line("CAP", "wh-sh", 1)]), "#/lines/0/delta", "wrong_direction"),
        ("lost", json!([line("CAP", "wh-sh", -11)]), "#/lines/0/delta", "out_of_range"),
        ("found", json!([line("CAP", "wh-sh", i64::MAX)]), "#/lines/0/delta", "out_of_range"),
        ("found", json!([line("CAP", "wh-sh", 0)]), "#/lines/0/delta", "out_of_range"),
        ("found", json!([good, good]), "#/lines/1/sku", "repeated"),
        ("found", json!([]), "#/lines", "no_lines"),
        ("found", json!([{"sku": "TEE", "warehouse": "wh-sh"}]), "#/lines/0/delta", "either_or"),
        ("counted", json!([good]), "#/lines/0/delta", "wrong_direction"),
        ("correction", json!([good]), "#/note", "missing"),
        ("stolen", json!([good]), "#/reason", "does_not_fit"),
    ];
    for (reason, lines, place, code) in wrong {
        let answer = adjust(reason, lines).await;
        answer.is_refused(422, "invalid_body");
        let told = (answer.at("/errors/0/pointer"), answer.at("/errors/0/code"));
        assert_eq!(told, (json!(place), json!(code)), "{answer}");
    }
    assert_eq!(shop.stock("TEE", "wh-sh").await, (10, 0));
    drop(adjust("found", json!([good, line("CAP", "wh-sh", 2)])).await.must(&[201]));
    assert_eq!(shop.stock("TEE", "wh-sh").await, (11, 0));
    assert_eq!(shop.stock("CAP", "wh-sh").await, (12, 0));
    let keyless = adjust("found", json!([good])).without("idempotency-key").await;
    keyless.is_refused(400, "no_idempotency_key");
}

async fn promised_pieces_cannot_be_lost(shop: &Shop) {
    shop.merchant("m1").sells("TEE", 12_800).stock("wh-sh", 10).await;
    shop.buyer("li").buys(&[("TEE", 7)]).await;
    let warehouse = shop.warehouse("wh-sh");
    let lost = warehouse.adjust("lost", json!(null), &[("TEE", "wh-sh", -4)]).await;
    lost.is_refused(409, "less_than_held");
    assert_eq!(lost.at("/errors/0/held"), 7);
    warehouse.adjusts("lost", "TEE", "wh-sh", -3).await;
    assert_eq!(shop.stock("TEE", "wh-sh").await, (7, 7));
}

async fn the_same_adjustment_twice_moves_once(shop: &Shop) {
    shop.merchant("m1").sells("TEE", 12_800).stock("wh-sh", 10).await;
    let warehouse = shop.warehouse("wh-sh");
    let found = warehouse.adjust("found", json!("behind it"), &[("TEE", "wh-sh", 2)]).key("f1");
    shop.loses_its_next_answer().await;
    drop(found.clone().await.must(&[503]));
    let first = found.clone().await.must(&[201]);
    assert_eq!(found.await.must(&[201]).at("/id"), first.at("/id"));
    assert_eq!(shop.stock("TEE", "wh-sh").await, (12, 0));
    let other = warehouse.adjust("found", json!("more"), &[("TEE", "wh-sh", 3)]).key("f1").await;
    other.is_refused(422, "idempotency_key_reused");
    // Many at once, each counts.
    shop.is_stubborn(50);
    let one = || warehouse.adjust("found", json!(null), &[("TEE", "wh-sh", 1)]);
    let all = futures::future::join_all((0..6).map(|_| one().send())).await;
    assert!(all.iter().all(|answer| answer.status == 201));
    assert_eq!(shop.stock("TEE", "wh-sh").await, (18, 0));
}

async fn a_merchant_has_their_own_goods_and_a_warehouse_its_own_shelves(shop: &Shop) {
    shop.merchant("m1").sells("TEE", 12_800).stock("wh-sh", 10).stock("wh-bj", 5).await;
    shop.merchant("m2").sells("MUG", 4_500).stock("wh-sh", 10).await;
    let found = |sku, warehouse| [(sku, warehouse, 1)];
    let mine = shop.merchant("m1").adjust("found", json!(null), &found("TEE", "wh-bj")).await;
    let mine = mine.must(&[201]);
    let theirs = shop.merchant("m1").adjust("found", json!(null), &found("MUG", "wh-sh")).await;
    theirs.is_refused(403, "forbidden");
    let here = shop.warehouse("wh-bj").adjust("found", json!(null), &found("TEE", "wh-bj")).await;
    drop(here.must(&[201]));
    let there = shop.warehouse("wh-bj").adjust("found", json!(null), &found("TEE", "wh-sh")).await;
    there.is_refused(403, "forbidden");
    for outsider in [shop.support(), shop.finance(), shop.buyer("li")] {
        let asked = outsider.adjust("found", json!(null), &found("TEE", "wh-sh")).await;
        asked.is_refused(403, "forbidden");
    }
    let location = mine.header("location").unwrap();
    drop(shop.warehouse("wh-bj").get(location).await.must(&[200]));
    shop.merchant("m2").get(location).await.is_refused(404, "not_found");
    shop.warehouse("wh-sh").get(location).await.is_refused(404, "not_found");
    let seen = shop.warehouse("wh-bj").sees_movements("TEE").await;
    assert!(seen.iter().all(|m| m["warehouse"] == "wh-bj") && seen.len() == 3, "{seen:?}");
    assert_eq!(shop.operator().sees_movements("TEE").await.len(), 4);
}

async fn what_is_running_out_is_listed(shop: &Shop) {
    let merchant = shop.merchant("m1");
    merchant
        .sells("TEE", 12_800)
        .with("low_stock", json!(5))
        .stock("wh-sh", 4)
        .stock("wh-bj", 4)
        .await;
    merchant.sells("CAP", 5_900).with("low_stock", json!(0)).await;
    merchant.sells("HAT", 5_900).stock("wh-sh", 1).await;
    shop.merchant("m2").sells("MUG", 4_500).with("low_stock", json!(9)).stock("wh-sh", 9).await;
    let low = async |path: &str| -> Vec<String> {
        let page = shop.operator().get(path).await.must(&[200]).at("/low");
        let sku = |low: &Value| low["sku"].as_str().unwrap().to_owned();
        page.as_array().unwrap().iter().map(sku).collect()
    };
    assert_eq!(low("/v1/catalog/stock/low").await, ["CAP", "MUG"]);
    assert_eq!(low("/v1/catalog/stock/low?merchant=m1").await, ["CAP"]);
    assert_eq!(low("/v1/catalog/stock/low?warehouse=wh-bj").await, ["CAP", "MUG", "TEE"]);
    shop.buyer("li").buys(&[("TEE", 3)]).await;
    assert_eq!(low("/v1/catalog/stock/low?merchant=m1").await, ["CAP", "TEE"]);
    let levels = merchant.get("/v1/catalog/skus/TEE/stock").await.must(&[200]);
    assert_eq!((levels.at("/free"), levels.at("/is_low")), (json!(5), json!(true)));
    shop.operator().changes("skus", "CAP", json!({"active": false})).await;
    assert_eq!(low("/v1/catalog/stock/low?merchant=m1").await, ["TEE"]);
    let own = shop.merchant("m2").get("/v1/catalog/stock/low?merchant=m1").await.must(&[200]);
    assert_eq!(own.at("/low/0/sku"), "MUG");
    let first = shop.operator().get("/v1/catalog/stock/low?limit=1").await.must(&[200]);
    assert!(first.header("link").unwrap().contains("/v1/catalog/stock/low?cursor="));
}

async fn movements_go_page_by_page(shop: &Shop) {
    shop.merchant("m1").sells("TEE", 12_800).stock("wh-sh", 1).await;
    for _ in 0..5 {
        shop.operator().adjusts("received", "TEE", "wh-sh", 1).await;
    }
    let (mut path, mut seen) = ("/v1/catalog/skus/TEE/movements?limit=4".to_owned(), Vec::new());
    loop {
        let page = shop.merchant("m1").get(&path).await.must(&[200]);
        let rows = page.at("/movements");
        seen.extend(rows.as_array().unwrap().iter().map(|m| m["balance"].as_i64().unwrap()));
        let Some(next) = page.at("/next_cursor").as_str().map(str::to_owned) else { break };
        path = format!("/v1/catalog/skus/TEE/movements?limit=4&cursor={next}");
    }
    assert_eq!(seen, [6, 5, 4, 3, 2, 1]);
}

stories! {
    every_piece_that_comes_or_goes_has_a_reason_and_an_author
    an_adjustment_is_booked_whole_or_not_at_all
    promised_pieces_cannot_be_lost
    the_same_adjustment_twice_moves_once
    a_merchant_has_their_own_goods_and_a_warehouse_its_own_shelves
    what_is_running_out_is_listed
    movements_go_page_by_page
}
