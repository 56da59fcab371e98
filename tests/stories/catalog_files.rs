//! Files as shops really send them: price lists, lines of JSON, files that are wrong throughout.

use orderflow_tests::{Shop, Value, json, stories};

fn outcome(report: &Value) -> [i64; 5] {
    ["rows", "new", "changed", "same", "bad"].map(|name| report[name].as_i64().unwrap())
}

fn faults(report: &Value) -> Vec<(i64, String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let fault = |f: &Value| (f["line"].as_i64().unwrap(), text(&f["column"]), text(&f["code"]));
    report["faults"].as_array().unwrap().iter().map(fault).collect()
}

fn told(expected: &[(i64, &str, &str)]) -> Vec<(i64, String, String)> {
    expected.iter().map(|(l, column, code)| (*l, (*column).into(), (*code).into())).collect()
}

async fn a_price_list_changes_prices_and_nothing_else(shop: &Shop) {
    let merchant = shop.merchant("m1");
    merchant.sells("TEE", 12_800).with("barcodes", json!(["96385074"])).await;
    let list = "id,price_minor\nTEE,9900\nHAT,100\n";
    let report = merchant.imports("skus", list).await;
    assert_eq!(outcome(&report), [2, 0, 1, 0, 1]);
    assert_eq!(faults(&report), told(&[(3, "merchant", "missing")]));
    let tee = merchant.get("/v1/catalog/skus/TEE").await;
    assert_eq!((tee.at("/price_minor"), tee.at("/weight_g")), (json!(9_900), json!(300)));
    // An empty cell takes away what is there.
    let emptied = "id,barcodes,weight_g,length_mm\nTEE,,,\n";
    assert_eq!(outcome(&merchant.imports("skus", emptied).await), [1, 0, 1, 0, 0]);
    let tee = merchant.get("/v1/catalog/skus/TEE").await;
    assert_eq!((tee.at("/barcodes"), tee.at("/weight_g")), (json!([]), json!(0)));
    let needed = merchant.imports("skus", "id,name\nTEE,\n").await;
    assert_eq!(faults(&needed), told(&[(2, "name", "missing")]));
}

async fn all_of_a_thing_fits_into_a_row(shop: &Shop) {
    shop.merchant("m1").joins(json!({})).await;
    let merchants = "id,name,commission_bp,return_address,service_fee_minor,account_period,\
        shipping_fee_minor,free_shipping_from_minor,active\n\
        m7,Seven,700,Suzhou,50,weekly,800,,no\n";
    assert_eq!(outcome(&shop.operator().imports("merchants", merchants).await), [1, 1, 0, 0, 0]);
    let seven = shop.operator().get("/v1/catalog/merchants/m7").await;
    assert_eq!(seven.at("/shipping"), json!({"fee_minor": 800, "free_from_minor": null}));
    assert_eq!((seven.at("/account_period"), seven.at("/active")), (json!("weekly"), json!(false)));
    let warehouses = "id,name,region,carriers\nw9,Nine,310115,zto; yuantong\n";
    assert_eq!(outcome(&shop.operator().imports("warehouses", warehouses).await)[1], 1);
    let nine = shop.operator().get("/v1/catalog/warehouses/w9").await;
    assert_eq!(nine.at("/carriers"), json!(["zto", "yuantong"]));
    let skus = "id,merchant,name,price_minor,currency,length_mm,width_mm,height_mm,barcodes,\
        for_sale,return_exception,serial_kept,warranty_months,low_stock\n\
        PEN,m1,Pen,100,CNY,10,20,30,4006381333931;PEN-1,否,customised,是,24,3\n\
        INK,m1,Ink,100,CNY,10,,,,,,,,\n\
        PAD,m1,Pad,100,CNY,,,,4006381333932,,,,,\n\
        CUP,m1,Cup,100,CNY,,,,,maybe,,,,\n";
    let report = shop.merchant("m1").imports("skus", skus).await;
    let wrong = [
        (3, "length_mm", "does_not_fit"),
        (4, "barcodes", "not_a_barcode"),
        (5, "for_sale", "not_a_flag"),
    ];
    assert_eq!(faults(&report), told(&wrong));
    let pen = shop.merchant("m1").get("/v1/catalog/skus/PEN").await;
    assert_eq!(pen.at("/size_mm/height"), 30);
    assert_eq!((pen.at("/serial_kept"), pen.at("/for_sale")), (json!(true), json!(false)));
}

async fn lines_of_json_say_what_a_table_says(shop: &Shop) {
    shop.merchant("m1").joins(json!({})).await;
    shop.has_warehouse("wh-sh").await;
    let merchant = shop.merchant("m1");
    let sku = |id: &str| {
        json!({"id": id, "merchant": "m1", "name": "Thing", "price_minor": 100,
        "currency": "CNY", "size_mm": {"length": 1, "width": 2, "height": 3}})
    };
    let mut wrong = sku("CAP");
    wrong["size_mm"]["width"] = json!(-2);
    let lines =
        [sku("TEE"), wrong, json!([]), json!({"id": "HAT"}), sku("MUG"), json!({"name": 1})];
    let report = merchant.imports_lines("skus", &lines).await;
    assert_eq!(outcome(&report), [6, 2, 0, 0, 4]);
    assert_eq!(
        faults(&report),
        told(&[
            (2, "#/size_mm/width", "out_of_range"),
            (3, "#", "does_not_fit"),
            (4, "#/merchant", "missing"),
            (6, "#/id", "missing")
        ])
    );
    let before = shop.books().counts();
    assert_eq!(outcome(&merchant.imports_lines("skus", &lines).await), [6, 0, 0, 2, 4]);
    assert_eq!(shop.books().counts(), before, "the same file twice changes nothing");
    let less = [json!({"id": "TEE", "size_mm": null, "name": "Tee"})];
    assert_eq!(outcome(&merchant.imports_lines("skus", &less).await), [1, 0, 1, 0, 0]);
    let tee = merchant.get("/v1/catalog/skus/TEE").await;
    assert_eq!((tee.at("/size_mm"), tee.at("/name")), (json!(null), json!("Tee")));
    let stock = [
        json!({"sku": "TEE", "warehouse": "wh-sh", "on_hand": 5}),
        json!({"sku": "TEE", "warehouse": "wh-sh", "on_hand": "6"}),
        json!({"sku": "TEE", "warehouse": "wh-sh", "on_hand": 7, "colour": 1}),
    ];
    let report = merchant.imports_lines("stock", &stock).await;
    let wrong = [(2, "#/on_hand", "does_not_fit"), (3, "#/colour", "does_not_fit")];
    assert_eq!(faults(&report), told(&wrong));
    assert_eq!(shop.stock("TEE", "wh-sh").await, (5, 0));
    let broken = merchant.import("skus", "{\"id\":\n\nnull\n");
    let report = broken.header("content-type", "application/x-ndjson").await.must(&[200]).json();
    assert_eq!(faults(&report), told(&[(1, "", "unreadable_json"), (3, "#", "does_not_fit")]));
}

async fn a_file_that_is_wrong_throughout_gets_a_report_with_an_end(shop: &Shop) {
    shop.merchant("m1").sells("TEE", 12_800).stock("wh-sh", 10).await;
    let mut file = String::from("sku,warehouse,on_hand\r\n");
    (0..2_500).for_each(|n| file.push_str(&format!("S{n},wh-sh,1\r\n")));
    file.push_str("TEE,wh-sh,11\r\n,,\r\n");
    let report = shop.operator().imports("stock", file).await;
    assert_eq!(outcome(&report), [2_501, 0, 1, 0, 2_500]);
    assert_eq!(report["faults"].as_array().unwrap().len(), 1_000);
    assert_eq!(report["faults_left_out"], 1_500);
    assert_eq!(faults(&report)[999], (1_001, "sku".to_owned(), "unknown_sku".to_owned()));
    assert_eq!(shop.stock("TEE", "wh-sh").await, (11, 0));
    let long = format!("sku,warehouse,on_hand\nTEE,\"wh-sh,12\n{}", "TEE,wh-sh,13\n".repeat(2_000));
    let report = shop.operator().imports("stock", long).await;
    assert_eq!(faults(&report), told(&[(2, "", "too_long")]), "a quote that is never closed");
    let cells = shop.operator().imports("stock", "sku,warehouse,on_hand\nTEE,wh-sh,1,2\n").await;
    assert_eq!(faults(&cells), told(&[(2, "", "wrong_number_of_cells")]));
}

async fn another_encoding_is_named(shop: &Shop) {
    shop.merchant("m1").joins(json!({})).await;
    let operator = shop.operator();
    let gbk = b"id,merchant,name,price_minor,currency\nHAT,m1,\xc3\xb1\xd7\xd3,1,CNY\n".to_vec();
    let report = operator.imports("skus", gbk).await;
    assert_eq!(faults(&report), told(&[(2, "", "not_utf8")]));
    assert!(report["faults"][0]["reason"].as_str().unwrap().contains("GBK"), "{report}");
    let header = operator.import("skus", &b"id,\xc3\xfb\xb3\xc6\n"[..]).await;
    header.is_refused(422, "invalid_body");
    assert!(header.at("/errors/0/detail").as_str().unwrap().contains("GBK"), "{header}");
    let wide: Vec<u8> =
        "\u{feff}id,name\n".encode_utf16().flat_map(|unit| unit.to_le_bytes()).collect();
    let header = operator.import("skus", wide).await;
    assert!(header.at("/errors/0/detail").as_str().unwrap().contains("UTF-16"), "{header}");
    let said = operator.import("skus", "id\n").header("content-type", "text/csv; charset=GBK");
    said.await.is_refused(415, "wrong_charset");
    let said =
        operator.import("skus", "id\n").header("content-type", "text/csv; charset=\"utf-8\"");
    drop(said.await.must(&[200]));
}

async fn a_file_changes_only_what_its_sender_may_change(shop: &Shop) {
    shop.merchant("m1").sells("TEE", 12_800).stock("wh-sh", 10).stock("wh-bj", 10).await;
    shop.merchant("m2").sells("MUG", 4_500).stock("wh-sh", 10).await;
    let skus = "id,merchant,price_minor\nTEE,m1,1\nMUG,m2,1\nMUG,m1,1\nTEE,m2,1\n";
    let report = shop.merchant("m1").imports("skus", skus).await;
    let forbidden = [(3, "id", "forbidden"), (4, "id", "forbidden"), (5, "id", "forbidden")];
    assert_eq!(faults(&report), told(&forbidden));
    assert_eq!(shop.operator().get("/v1/catalog/skus/MUG").await.at("/price_minor"), 4_500);
    let stock = "sku,warehouse,on_hand\nTEE,wh-sh,1\nTEE,wh-bj,2\nMUG,wh-sh,3\n";
    let report = shop.merchant("m1").imports("stock", stock).await;
    assert_eq!(faults(&report), told(&[(4, "sku", "forbidden")]));
    let report = shop.warehouse("wh-sh").imports("stock", stock).await;
    assert_eq!(faults(&report), told(&[(3, "sku", "forbidden")]));
    assert_eq!(shop.stock("MUG", "wh-sh").await, (3, 0));
    for kind in ["merchants", "warehouses"] {
        shop.merchant("m1").import(kind, "id\n").await.is_refused(403, "forbidden");
    }
    shop.operator().import("policies", "id\n").await.is_refused(404, "not_found");
}

stories! {
    a_price_list_changes_prices_and_nothing_else
    all_of_a_thing_fits_into_a_row
    lines_of_json_say_what_a_table_says
    a_file_that_is_wrong_throughout_gets_a_report_with_an_end
    another_encoding_is_named
    a_file_changes_only_what_its_sender_may_change
}
