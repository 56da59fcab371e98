//! Goods are scanned before they become a parcel: what does not belong there is caught, and it is
//! kept who read what and when. A parcel that weighs something else than it should is looked at.

use orderflow_tests::{Order, Parcel, Person, Shop, Value, json, stories};

const TEE: &str = "4006381333931";
const CAM: &str = "CAM-EAN";

/// Two TEE, one CAP and two CAM (with serial numbers) are paid for.
async fn an_order(shop: &Shop) -> Order {
    let seller = shop.merchant("m1");
    seller.sells("TEE", 3_000).with("barcodes", json!([TEE])).stock("wh-sh", 20).await;
    seller.sells("CAP", 2_000).with("barcodes", json!(["CAP-EAN"])).stock("wh-sh", 20).await;
    seller.sells("MUG", 1_000).with("barcodes", json!(["MUG-EAN"])).stock("wh-sh", 20).await;
    let camera = seller.sells("CAM", 90_000).with("barcodes", json!([CAM]));
    camera.with("serial_kept", json!(true)).with("weight_g", json!(500)).stock("wh-sh", 20).await;
    let purchase = shop.buyer("li").buys(&[("TEE", 2), ("CAP", 1), ("CAM", 2)]).await;
    shop.stripe_says_paid(&purchase).await;
    purchase.only().clone()
}

async fn a_wrong_item_is_caught_at_recheck(shop: &Shop) {
    let order = an_order(shop).await;
    let packer = shop.warehouse("wh-sh");
    let packing = packer.opens_packing(&order, &[(1, 2), (2, 1)]).await;
    for (code, quantity, heard) in [
        (TEE, 1, "accepted"),
        ("MUG-EAN", 1, "not_in_order"),
        ("6901234567892", 1, "unknown_barcode"),
        (CAM, 1, "not_wanted"),
        (TEE, 2, "too_many"),
        ("0004006381333931", 1, "unknown_barcode"),
        ("04006381333931", 1, "accepted"),
    ] {
        assert_eq!(packer.scans(&packing, code, quantity).await, heard, "{code}");
    }
    let early = packer.close(&packing, 900).await;
    early.is_refused(409, "scans_differ");
    assert_eq!(early.at("/missing"), json!([{"line": 2, "units": 1}]));
    assert_eq!(packer.scans(&packing, "CAP", 1).await, "accepted");
    let parcel = packer.closes(&packing, 900).await;
    let seen = shop.parcel(&parcel).await;
    assert_eq!((&seen["rechecked"], &seen["packing"]), (&json!(true), &json!(packing.id)));
    assert_eq!(seen["lines"], json!([{"line": 1, "units": 2}, {"line": 2, "units": 1}]));
    let seen = packer.sees_packing(&packing).await;
    assert_eq!((&seen["state"], &seen["parcel"]), (&json!("closed"), &json!(parcel.id)));
    assert_eq!((&seen["mistakes"], &seen["final"]), (&json!(5), &json!(true)));

    // What is read after that is a mistake as well, also once the parcel has left.
    assert_eq!(packer.scans(&packing, "CAP", 1).await, "not_open");
    let labelled = packer.labels(&parcel, "yuantong").await;
    packer.hands_over(&labelled).await;
    assert_eq!(packer.scans(&packing, "CAP", 1).await, "not_open");
    packer.close(&packing, 900).await.is_refused(409, "illegal_step");
    let log = packer.sees_log(&packing).await;
    assert_eq!(log.len(), 1 + 8 + 1 + 2, "opened, scans, closed, late scans");
    let first_mistake = &log[log.len() - 3];
    assert_eq!(first_mistake["by"], json!({"by": "warehouse", "id": "wh-sh"}));
    assert_eq!(first_mistake["read"]["code"], "MUG-EAN");
    assert_eq!(first_mistake["read"]["mistake"], "not_in_order");
    assert!(first_mistake["at"].as_str().unwrap().starts_with("2026-03-02T"));
}

async fn what_is_taken_out_again_and_left_for_later_is_packed_another_time(shop: &Shop) {
    let order = an_order(shop).await;
    let packer = shop.warehouse("wh-sh");
    let packing = packer.opens_packing(&order, &[(1, 2)]).await;
    assert_eq!(packer.scans(&packing, TEE, 2).await, "accepted");
    let out = |code: &str| packer.at_packing(&packing, "unscan", &json!({"code": code}));
    assert_eq!(out("CAP").await.must(&[200]).at("/mistake/code"), "not_wanted");
    assert_eq!(out(TEE).await.must(&[200]).at("/packing/lines/0/scanned"), 1);
    let body = json!({"weight_g": 400, "rest_later": true});
    let part = Parcel::of(&packer.at_packing(&packing, "close", &body).await.must(&[201]));
    assert_eq!(shop.parcel(&part).await["lines"], json!([{"line": 1, "units": 1}]));
    // Two packers take what is left, and one of them is first.
    let mine = packer.opens_packing(&order, &[(1, 1)]).await;
    let theirs = packer.opens_packing(&order, &[(1, 1)]).await;
    for packing in [&mine, &theirs] {
        assert_eq!(packer.scans(packing, TEE, 1).await, "accepted");
    }
    packer.closes(&mine, 400).await;
    packer.close(&theirs, 400).await.is_refused(409, "too_many_units");
    let gone = packer.at_packing(&theirs, "abandon", &json!({})).await.must(&[200]);
    assert_eq!(gone.at("/state"), "abandoned");
    assert_eq!(shop.order(&order).await["lines"][0]["units"]["packed"], 2);
}

async fn a_piece_with_a_serial_number_is_in_one_parcel(shop: &Shop) {
    let order = an_order(shop).await;
    let packer = shop.warehouse("wh-sh");
    packer.pack(&order, &[(3, 1)]).await.is_refused(409, "serials_needed");
    let packing = packer.opens_packing(&order, &[(3, 1)]).await;
    assert_eq!(packer.scans(&packing, CAM, 1).await, "serial_missing");
    assert_eq!(packer.scans_piece(&packing, CAM, "SN/1").await, "accepted");
    assert_eq!(packer.scans_piece(&packing, CAM, "SN/1").await, "serial_repeated");
    // Both have it on their tables; who closes first has it.
    let other = packer.opens_packing(&order, &[(3, 1)]).await;
    assert_eq!(packer.scans_piece(&other, CAM, "SN/1").await, "accepted");
    let parcel = packer.closes(&packing, 600).await;
    let serials = json!([{"line": 3, "sku": "CAM", "serial": "SN/1"}]);
    assert_eq!(shop.parcel(&parcel).await["serials"], serials);
    packer.close(&other, 600).await.is_refused(409, "serial_elsewhere");
    let body = json!({"code": CAM, "serial": "SN/1"});
    drop(packer.at_packing(&other, "unscan", &body).await.must(&[200]));
    assert_eq!(packer.scans_piece(&other, CAM, "SN/1").await, "serial_elsewhere");
    // Taken apart, it is free again, and everybody can see where it has been.
    packer.unpacks(&parcel).await;
    assert_eq!(packer.scans_piece(&other, CAM, "SN/1").await, "accepted");
    let second = packer.closes(&other, 600).await;
    let path = "/v1/fulfilment/serials?sku=CAM&serial=SN%2F1";
    let uses = shop.support().get(path).await.must(&[200]).at("/parcels");
    let ids: Vec<Value> = uses.as_array().unwrap().iter().map(|p| p["id"].clone()).collect();
    assert_eq!(ids, [json!(second.id), json!(parcel.id)]);
    let elsewhere = shop.merchant("m2").get(path).await.must(&[200]);
    assert_eq!(elsewhere.at("/parcels"), json!([]), "it is none of theirs");
}

/// Describes boxes out of a file: a large and a small one.
async fn boxes(shop: &Shop) {
    let file = "id,name,length_mm,width_mm,height_mm,tare_g,max_weight_g,warehouse\n\
        L,Large,400,300,200,200,10000,\nS,Small,150,150,150,60,700,wh-sh\n\
        B,Elsewhere,500,500,500,60,900,wh-bj\n";
    let report = shop.operator().imports("boxes", file).await;
    assert_eq!((&report["new"], &report["bad"]), (&json!(3), &json!(0)), "{report}");
}

fn packed_in(packer: &Person<'_>, order: &Order, weight_g: i64) -> Value {
    json!({"order": order.id, "warehouse": packer.warehouse, "weight_g": weight_g, "box": "L",
        "lines": [{"line": 1, "units": 2}], "scans": [{"code": TEE, "quantity": 2}]})
}

async fn a_parcel_that_weighs_something_else_is_looked_at(shop: &Shop) {
    let order = an_order(shop).await;
    boxes(shop).await;
    let packer = shop.warehouse("wh-sh");
    let pack = |body: &Value| packer.post("/v1/fulfilment/parcels", body);
    // Two tees of 300 g in a box of 200 g.
    let heavy = pack(&packed_in(&packer, &order, 1_100)).await;
    heavy.is_refused(409, "weight_out_of_tolerance");
    assert_eq!((heavy.at("/expected_g"), heavy.at("/most_g")), (json!(800), json!(850)));
    for (weight_g, code) in [(0, "weight_out_of_range"), (-5, "weight_out_of_range")] {
        assert_eq!(pack(&packed_in(&packer, &order, weight_g)).await.at("/errors/0/code"), code);
    }
    let tons = pack(&packed_in(&packer, &order, 5_000_000)).await;
    assert_eq!(tons.at("/errors/0/code"), "weight_out_of_range");
    for (kind, code) in [("B", "unknown_box"), ("nothing", "unknown_box")] {
        let mut body = packed_in(&packer, &order, 800);
        body["box"] = json!(kind);
        assert_eq!(pack(&body).await.at("/errors/0/code"), code, "{kind}");
    }
    let mut small = packed_in(&packer, &order, 800);
    small["box"] = json!("S");
    pack(&small).await.is_refused(409, "box_overloaded");
    let mut known = packed_in(&packer, &order, 1_100);
    known["weight_reason"] = json!("a wooden hanger is a present");
    let parcel = pack(&known).await.must(&[201]);
    let check = json!({"is": "confirmed", "expected_g": 800, "least_g": 750, "most_g": 850,
        "reason": "a wooden hanger is a present"});
    assert_eq!((parcel.at("/weight_check"), parcel.at("/box")), (check, json!("L")));
    // Who does not name the box is not checked, and that is said.
    let by_numbers = packer.packs(&order, &[(2, 1)]).await;
    let unchecked = json!({"is": "not_checked", "why": {"is": "no_box"}});
    assert_eq!(shop.parcel(&by_numbers).await["weight_check"], unchecked);
}

async fn a_shop_may_demand_scans_and_boxes(shop: &Shop) {
    let order = an_order(shop).await;
    boxes(shop).await;
    let policy = json!({"id": "shop", "set": {"packing": {"recheck": "required",
        "boxes": "required", "tolerance_g": 10, "tolerance_percent": 1}}});
    shop.operator().describes("policies", &policy).await;
    let packer = shop.warehouse("wh-sh");
    packer.pack(&order, &[(1, 2)]).await.is_refused(409, "recheck_needed");
    let mut body = packed_in(&packer, &order, 805);
    let pack = |body: &Value| packer.post("/v1/fulfilment/parcels", body);
    body["scans"] = json!([{"code": TEE}, {"code": "MUG-EAN"}]);
    let wrong = pack(&body).await.must(&[422]);
    let fault = wrong.at("/errors/0");
    assert_eq!((&fault["pointer"], &fault["code"]), (&json!("#/scans/1"), &json!("not_in_order")));
    body["scans"] = json!([{"code": TEE}]);
    pack(&body).await.is_refused(409, "scans_differ");
    body["scans"] = json!([{"code": TEE, "quantity": 2}]);
    let boxless = packed_in(&packer, &order, 805).as_object().cloned().map(|mut body| {
        body.remove("box");
        Value::Object(body)
    });
    let refused = pack(&boxless.unwrap()).await.must(&[422]);
    assert_eq!(refused.at("/errors/0/code"), "box_needed");
    let parcel = pack(&body).await.must(&[201]);
    assert_eq!(parcel.at("/weight_check/is"), "within");
}

async fn a_box_is_suggested_by_the_size_of_the_goods(shop: &Shop) {
    let order = an_order(shop).await;
    boxes(shop).await;
    let packer = shop.warehouse("wh-sh");
    let packing = packer.opens_packing(&order, &[(1, 2), (2, 1)]).await;
    let path = format!("/v1/fulfilment/packings/{}/boxes", packing.id);
    let unknown = packer.get(&path).await.must(&[200]);
    assert_eq!(unknown.at("/without_size"), json!(["TEE", "CAP"]));
    let size = |[length, width, height]: [i64; 3]| {
        let size = json!({"length": length, "width": width, "height": height});
        json!({"size_mm": size})
    };
    shop.merchant("m1").changes("skus", "TEE", size([300, 250, 20])).await;
    shop.merchant("m1").changes("skus", "CAP", size([100, 100, 100])).await;
    let found = packer.get(&path).await.must(&[200]);
    let only = json!([{"box": "L", "filled_percent": 16, "weight_g": 1_100}]);
    assert_eq!((found.at("/boxes"), found.at("/estimate")), (only, json!(true)));
}

async fn only_the_people_of_a_warehouse_pack_there(shop: &Shop) {
    let order = an_order(shop).await;
    let packing = shop.warehouse("wh-sh").opens_packing(&order, &[]).await;
    assert_eq!(shop.operator().sees_packing(&packing).await["lines"][2]["wanted"], 2);
    let path = format!("/v1/fulfilment/packings/{}", packing.id);
    let stranger = shop.warehouse("wh-bj");
    for path in [path.clone(), format!("{path}/log"), format!("{path}/boxes")] {
        stranger.get(&path).await.is_refused(403, "forbidden");
        shop.buyer("li").get(&path).await.is_refused(403, "forbidden");
    }
    let scan = json!({"code": TEE});
    stranger.at_packing(&packing, "scan", &scan).await.is_refused(403, "forbidden");
    let at = shop.warehouse("wh-sh");
    at.open_packing(&order, &[(1, 3)]).await.is_refused(409, "too_many_units");
    // The same scan sent twice, because its answer was lost, counts once.
    let ask = at.at_packing(&packing, "scan", &scan);
    let (first, again) = (ask.clone().await.must(&[200]), ask.await.must(&[200]));
    assert_eq!(first.json(), again.json());
    assert_eq!(at.sees_packing(&packing).await["lines"][0]["scanned"], 1);
}

stories! {
    a_wrong_item_is_caught_at_recheck
    what_is_taken_out_again_and_left_for_later_is_packed_another_time
    a_piece_with_a_serial_number_is_in_one_parcel
    a_parcel_that_weighs_something_else_is_looked_at
    a_shop_may_demand_scans_and_boxes
    a_box_is_suggested_by_the_size_of_the_goods
    only_the_people_of_a_warehouse_pack_there
}
