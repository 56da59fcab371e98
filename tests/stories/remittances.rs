//! Carriers bring the cash that their couriers collected, or do not.

use orderflow_tests::{DAY, DELIVERED, Parcel, Purchase, Shop, Value, json, stories};

async fn cash_is_fine(shop: &Shop) {
    shop.merchant("m1").joins(json!({"cash_on_delivery": true})).await;
    shop.merchant("m1").sells("TEE", 10_000).stock("wh-sh", 20).await;
}

/// A parcel of one tee for 100.00 that a buyer has paid the courier for.
async fn paid_at_the_door(shop: &Shop) -> (Purchase, Parcel) {
    cash_is_fine(shop).await;
    another(shop).await
}

async fn another(shop: &Shop) -> (Purchase, Parcel) {
    let purchase = shop.buyer("li").buys_on_delivery(&[("TEE", 1)]).await;
    let parcel = shop.warehouse("wh-sh").ships(purchase.only(), &[(1, 1)]).await;
    shop.carrier_says(&parcel, &[DELIVERED]).await;
    (purchase, parcel)
}

/// What all carriers owe, in minor units.
async fn owed(shop: &Shop) -> i64 {
    let path = "/v1/settlements/remittances/missing";
    let missing = shop.finance().get(path).await.must(&[200]).json();
    let sums = missing["carriers"].as_array().unwrap().iter();
    sums.map(|sum| sum["owed"]["amount"].as_i64().unwrap()).sum()
}

async fn remitted(shop: &Shop, number: &str) -> Vec<Value> {
    let path = format!("/v1/settlements/remittances/yuantong/{number}");
    let seen = shop.finance().get(&path).await.must(&[200]).json();
    seen["lines"].as_array().unwrap().iter().map(|line| line["verdict"].clone()).collect()
}

async fn cash_is_remitted_and_the_merchant_gets_it(shop: &Shop) {
    let (purchase, parcel) = paid_at_the_door(shop).await;
    assert_eq!(owed(shop).await, 10_000);
    let lines = [("R1", parcel.waybill.as_str(), "100.00")];
    let report = shop.finance().remits("yuantong", &lines).await;
    assert_eq!((&report["new"], &report["verdicts"]["matched"]), (&json!(1), &json!(1)));
    assert_eq!((owed(shop).await, remitted(shop, "R1").await), (0, vec![json!("matched")]));
    let ledger = shop.ledger(&purchase).await;
    assert_eq!(ledger.balance("carrier:"), 0);
    assert_eq!(ledger.balance("platform:bank"), 10_000);

    let before = shop.books().counts();
    let report = shop.finance().remits("yuantong", &lines).await;
    assert_eq!((&report["new"], &report["same"]), (&json!(0), &json!(1)));
    assert_eq!(shop.books().counts(), before, "the same file again changes nothing");

    shop.buyer("li").confirms_receipt(purchase.only()).await;
    shop.time_passes(8 * DAY).await;
    let statement = shop.finance().closes_period("m1").await;
    assert_eq!(statement.net, 10_000 - 500 - 100);
    shop.finance().pays_out(&statement).await;
    shop.ledger(&purchase).await.escrow_is_empty();
}

async fn settlement_waits_for_the_cash(shop: &Shop) {
    let (purchase, parcel) = paid_at_the_door(shop).await;
    let order = purchase.only();
    shop.buyer("li").confirms_receipt(order).await;
    shop.time_passes(8 * DAY).await;
    assert_eq!(shop.order(order).await["settlement"]["state"], "frozen");
    assert_eq!(shop.parcel(&parcel).await["cash_overdue"], true);
    shop.finance().close_period("m1").await.is_refused(409, "nothing_to_settle");
    shop.finance().remits("yuantong", &[("R1", &parcel.waybill, "99.00")]).await;
    shop.time_passes(DAY).await;
    assert_eq!(shop.order(order).await["settlement"]["state"], "frozen");
    assert_eq!((owed(shop).await, remitted(shop, "R1").await), (100, vec![json!("short")]));
    shop.finance().remits("yuantong", &[("R2", &parcel.waybill, "1.00")]).await;
    shop.time_passes(1_000).await;
    assert_eq!(shop.order(order).await["settlement"]["state"], "settled");
    assert_eq!(shop.parcel(&parcel).await["cash_overdue"], false);
    assert_eq!(remitted(shop, "R2").await, vec![json!("matched")]);
}

async fn what_does_not_match_is_named_and_booked_all_the_same(shop: &Shop) {
    let (purchase, parcel) = paid_at_the_door(shop).await;
    let unsent = shop.buyer("li").buys_on_delivery(&[("TEE", 1)]).await;
    let unsent = shop.warehouse("wh-sh").ships(unsent.only(), &[(1, 1)]).await;
    let online = shop.buyer("han").buys(&[("TEE", 1)]).await;
    shop.stripe_says_paid(&online).await;
    let prepaid = shop.sends(online.only()).await;
    let lines = [
        ("R1", parcel.waybill.as_str(), "100.50"),
        ("R2", parcel.waybill.as_str(), "100.00"),
        ("R1", "YT9999", "12.00"),
        ("R1", unsent.waybill.as_str(), "100.00"),
        ("R1", prepaid.waybill.as_str(), "7.00"),
    ];
    let report = shop.finance().remits("yuantong", &lines).await;
    let right = json!({"over": 2, "twice": 1, "unknown_waybill": 1, "not_delivered": 1});
    assert_eq!((&report["verdicts"], &report["bad"]), (&right, &json!(0)));
    let told = remitted(shop, "R1").await;
    assert_eq!(told, ["over", "unknown_waybill", "not_delivered", "over"].map(|word| json!(word)));
    let carrier = "select sum(amount_minor) from ledger where account = 'carrier:yuantong'";
    let came = 10_050 + 10_000 + 1_200 + 10_000 + 700;
    assert_eq!(shop.books().number(carrier), 10_000 - came, "what they paid too much is theirs");
    assert_eq!(shop.ledger(&purchase).await.balance("platform:bank"), 20_050);
    // The scan comes later than the cash, and nothing is owed.
    shop.carrier_says(&unsent, &[DELIVERED]).await;
    assert_eq!(owed(shop).await, 0);
}

async fn bad_rows_are_named_and_good_ones_are_taken(shop: &Shop) {
    let (_, parcel) = paid_at_the_door(shop).await;
    let (finance, waybill) = (shop.finance(), &parcel.waybill);
    let file = format!(
        "carrier,remittance,waybill,amount,collected_on\n\
        yuantong,R1,{waybill},100.001,2026-03-02\n\
        yuantong,R1,{waybill},-100,2026-03-02\n\
        yuantong,R1,{waybill},100,2.3.2026\n\
        yuantong,,{waybill},100,2026-03-02\n\
        yuantong,R1,{waybill},100,2026-03-02\n\
        yuantong,R1,{waybill},50,2026-03-02\n"
    );
    let path = "/v1/settlements/remittances";
    let report = finance.post(path, &json!({})).body("text/csv", file).await.must(&[200]).json();
    assert_eq!(
        (&report["rows"], &report["new"], &report["bad"]),
        (&json!(6), &json!(1), &json!(5))
    );
    let faults = report["faults"].as_array().unwrap();
    let told: Vec<(i64, &str)> = faults
        .iter()
        .map(|fault| (fault["line"].as_i64().unwrap(), fault["column"].as_str().unwrap()))
        .collect();
    let right =
        [(2, "amount"), (3, "amount"), (4, "collected_on"), (5, "remittance"), (7, "amount")];
    assert_eq!(told, right);
    assert_eq!(owed(shop).await, 0);
    shop.merchant("m1").remit("yuantong", &[]).await.is_refused(403, "forbidden");
    finance
        .remit("yuantong", &[])
        .body("text/csv", "waybill,amount\n")
        .await
        .is_refused(422, "invalid_body");
    finance.get(&format!("{path}/yuantong/R9")).await.is_refused(404, "not_found");
}

async fn missing_cash_is_seen_by_its_age_and_can_be_written_off(shop: &Shop) {
    let (purchase, parcel) = paid_at_the_door(shop).await;
    shop.buyer("li").confirms_receipt(purchase.only()).await;
    shop.time_passes(15 * DAY).await;
    let (_, young) = another(shop).await;
    let path = "/v1/settlements/remittances/missing";
    let missing = shop.finance().get(path).await.must(&[200]).json();
    let ages: Vec<_> = missing["carriers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|sum| {
            (sum["days_at_least"].as_i64().unwrap(), sum["owed"]["amount"].as_i64().unwrap())
        })
        .collect();
    assert!(ages.contains(&(14, 10_000)) && ages.contains(&(0, 10_000)), "{missing}");
    let ids: Vec<_> =
        missing["parcels"].as_array().unwrap().iter().map(|p| p["id"].clone()).collect();
    assert_eq!(ids, [json!(parcel.id), json!(young.id)], "the oldest first");
    let page = shop.finance().get(&format!("{path}?limit=1")).await.must(&[200]).json();
    let next = page["next_cursor"].as_str().unwrap();
    let rest = shop.finance().get(&format!("{path}?limit=1&cursor={next}")).await.must(&[200]);
    assert_eq!(rest.at("/parcels/0/id"), young.id.as_str());

    let written_off = shop.finance().write_off(&parcel);
    drop(written_off.clone().await.must(&[200]));
    drop(written_off.await.must(&[200]));
    shop.finance().write_off(&parcel).await.is_refused(409, "nothing_owed");
    assert_eq!(owed(shop).await, 10_000);
    shop.time_passes(1_000).await;
    assert_eq!(shop.order(purchase.only()).await["settlement"]["state"], "settled");
    let ledger = shop.ledger(&purchase).await;
    assert_eq!((ledger.balance("platform:losses"), ledger.balance("carrier:")), (10_000, 0));
}

async fn what_was_written_off_and_comes_all_the_same_is_no_loss(shop: &Shop) {
    let (purchase, parcel) = paid_at_the_door(shop).await;
    let finance = shop.finance();
    finance.remits("yuantong", &[("R1", &parcel.waybill, "40.00")]).await;
    drop(finance.write_off(&parcel).await.must(&[200]));
    let losses = "select sum(amount_minor) from ledger where account = 'platform:losses'";
    assert_eq!((shop.books().number(losses), owed(shop).await), (6_000, 0));
    finance.remits("yuantong", &[("R2", &parcel.waybill, "25.00")]).await;
    assert_eq!((shop.books().number(losses), owed(shop).await), (3_500, 0));
    let report = finance.remits("yuantong", &[("R3", &parcel.waybill, "35.00")]).await;
    assert_eq!(report["verdicts"]["recovered"], 1);
    assert_eq!(remitted(shop, "R2").await, vec![json!("recovered")]);
    let ledger = shop.ledger(&purchase).await;
    assert_eq!((ledger.balance("platform:losses"), ledger.balance("carrier:")), (0, 0));
    assert_eq!(ledger.balance("platform:bank"), 10_000);
    finance.remits("yuantong", &[("R4", &parcel.waybill, "35.00")]).await;
    assert_eq!(remitted(shop, "R4").await, vec![json!("twice")]);
    assert_eq!(shop.books().number(losses), 0);
}

/// The file names a waybill that is nobody's: two signs were swapped.
async fn a_line_with_a_mistyped_waybill_is_assigned_to_its_parcel(shop: &Shop) {
    let (purchase, parcel) = paid_at_the_door(shop).await;
    let (_, other) = another(shop).await;
    let finance = shop.finance();
    let lines = [("R1", "YT9999", "100.00"), ("R1", other.waybill.as_str(), "100.00")];
    finance.remits("yuantong", &lines).await;
    let path = "/v1/settlements/remittances";
    let open = format!("{path}?verdict=unknown_waybill&assigned=false");
    let seen = finance.get(&open).await.must(&[200]).json();
    assert_eq!(seen["lines"].as_array().unwrap().len(), 1);
    assert_eq!(seen["lines"][0]["waybill"], "YT9999");
    finance.get(&format!("{path}?verdict=odd")).await.is_refused(400, "bad_filter");

    let at = |waybill: &str| format!("{path}/yuantong/R1/{waybill}/assign");
    let wish = json!({"parcel": parcel.id, "reason": "the courier swapped two digits"});
    shop.support().post(&at("YT9999"), &wish).await.is_refused(403, "forbidden");
    finance.post(&at("YT9998"), &wish).await.is_refused(404, "not_found");
    finance.post(&at(&other.waybill), &wish).await.is_refused(409, "line_booked");
    let paid = json!({"parcel": other.id, "reason": "x"});
    finance.post(&at("YT9999"), &paid).await.is_refused(409, "nothing_owed");
    let done = finance.post(&at("YT9999"), &wish).await.must(&[200]).json();
    assert_eq!(
        (&done["verdict"], &done["parcel"]["owed_by_carrier"]["amount"]),
        (&json!("matched"), &json!(0))
    );
    finance.post(&at("YT9999"), &wish).await.is_refused(409, "line_booked");
    assert_eq!(owed(shop).await, 0);
    let carrier = "select sum(amount_minor) from ledger where account = 'carrier:yuantong'";
    assert_eq!(shop.books().number(carrier), 0);

    let seen = finance.get(&open).await.must(&[200]).json();
    assert_eq!(seen["lines"], json!([]));
    let seen = finance.get(&format!("{path}/yuantong/R1")).await.must(&[200]).json();
    let assigned = &seen["lines"][0]["assigned"];
    assert_eq!(
        (&assigned["parcel"], &assigned["by"]["id"]),
        (&json!(parcel.id), &json!("accountant"))
    );
    let timeline = format!("/v1/orders/{}/timeline", purchase.only().id);
    let timeline = shop.support().get(&timeline).await.must(&[200]).json();
    let events = timeline["events"].as_array().unwrap();
    let told = events.iter().find(|event| event["what"] == "cash_assigned").unwrap();
    assert_eq!(told["why"], "the courier swapped two digits");
    shop.buyer("li").confirms_receipt(purchase.only()).await;
    shop.time_passes(8 * DAY).await;
    assert_eq!(shop.order(purchase.only()).await["settlement"]["state"], "settled");
}

stories! {
    a_line_with_a_mistyped_waybill_is_assigned_to_its_parcel
    what_was_written_off_and_comes_all_the_same_is_no_loss
    cash_is_remitted_and_the_merchant_gets_it
    settlement_waits_for_the_cash
    what_does_not_match_is_named_and_booked_all_the_same
    bad_rows_are_named_and_good_ones_are_taken
    missing_cash_is_seen_by_its_age_and_can_be_written_off
}
