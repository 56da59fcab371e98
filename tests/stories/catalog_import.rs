//! The catalog comes in files, and files come with faults.

use orderflow_tests::{Shop, Value, json, stories};

const MERCHANTS: &str = "id,name,commission_bp,return_address\nm1,Tees,500,Shanghai\n";
const SKUS: &str = "id,merchant,name,price_minor,currency,weight_g\n\
    TEE,m1,Tee,12800,CNY,300\nCAP,m1,Cap,5900,CNY,\n";

async fn set_up(shop: &Shop) {
    shop.operator().imports("merchants", MERCHANTS).await;
    shop.operator().imports("skus", SKUS).await;
    shop.has_warehouse("wh-sh").await;
}

fn outcome(report: &Value) -> [i64; 5] {
    ["rows", "new", "changed", "same", "bad"].map(|name| report[name].as_i64().unwrap())
}

async fn the_same_file_twice_changes_nothing(shop: &Shop) {
    set_up(shop).await;
    let stock = "sku,warehouse,on_hand\nTEE,wh-sh,10\nCAP,wh-sh,5\n";
    assert_eq!(outcome(&shop.operator().imports("stock", stock).await), [2, 2, 0, 0, 0]);
    let before = shop.books().counts();
    for (kind, file) in [("merchants", MERCHANTS), ("skus", SKUS), ("stock", stock)] {
        let report = shop.operator().imports(kind, file).await;
        assert_eq!((&report["same"], &report["bad"]), (&report["rows"], &json!(0)), "{kind}");
    }
    assert_eq!(shop.books().counts(), before);
    let other = "sku,warehouse,on_hand\nTEE,wh-sh,8\nCAP,wh-sh,5\n";
    assert_eq!(outcome(&shop.operator().imports("stock", other).await), [2, 0, 1, 1, 0]);
    assert_eq!(shop.stock("TEE", "wh-sh").await, (8, 0));
}

async fn bad_rows_are_named_and_good_ones_are_kept(shop: &Shop) {
    set_up(shop).await;
    let file = "sku,warehouse,on_hand\nTEE,wh-sh,10\nHAT,wh-sh,1\nCAP,wh-xx,1\nCAP,wh-sh,-1\n\
        CAP,wh-sh,many\n,wh-sh,1\nCAP,wh-sh,7\n";
    let report = shop.operator().imports("stock", file).await;
    assert_eq!(outcome(&report), [7, 2, 0, 0, 5]);
    let fault = |fault: &Value| {
        (fault["line"].as_i64().unwrap(), fault["column"].as_str().unwrap().to_owned())
    };
    let mut faults: Vec<(i64, String)> =
        report["faults"].as_array().unwrap().iter().map(fault).collect();
    faults.sort();
    let expected = [(3, "sku"), (4, "warehouse"), (5, "on_hand"), (6, "on_hand"), (7, "sku")];
    assert_eq!(faults, expected.map(|(line, column)| (line, column.to_owned())));
    assert_eq!(shop.stock("CAP", "wh-sh").await, (7, 0));
}

async fn a_file_in_gbk_is_named_as_such(shop: &Shop) {
    set_up(shop).await;
    let mut file = SKUS.as_bytes().to_vec();
    file.extend(b"HAT,m1,\xc3\xb1\xd7\xd3,1,CNY,\n");
    let report = shop.operator().imports("skus", file).await;
    assert_eq!(outcome(&report), [3, 0, 0, 2, 1]);
    assert!(report["faults"][0]["reason"].as_str().unwrap().contains("GBK"), "{report}");
    let header = shop.operator().import("skus", &b"id,\xc3\xfb\xb3\xc6\n"[..]).await;
    header.is_refused(422, "invalid_body");
}

async fn spreadsheets_write_byte_order_marks_and_quoted_line_breaks(shop: &Shop) {
    set_up(shop).await;
    let file = "\u{feff}name,id,currency,price_minor,merchant\r\n\
        \"Tee, \"\"red\"\"\r\nsize M\",RED,CNY,12800,m1\r\n";
    assert_eq!(outcome(&shop.operator().imports("skus", file).await), [1, 1, 0, 0, 0]);
    let sku = shop.operator().get("/v1/catalog/skus/RED").await.must(&[200]);
    assert_eq!(sku.at("/name"), "Tee, \"red\"\r\nsize M");
}

async fn thousands_of_rows_come_in_one_file(shop: &Shop) {
    set_up(shop).await;
    let mut skus = String::from("id,merchant,name,price_minor,currency\n");
    let mut stock = String::from("sku,warehouse,on_hand\n");
    for n in 0..3_000 {
        skus.push_str(&format!("S{n},m1,Thing {n},{},CNY\n", 100 + n));
        stock.push_str(&format!("S{n},wh-sh,{n}\n"));
    }
    assert_eq!(outcome(&shop.operator().imports("skus", skus.clone()).await)[1], 3_000);
    assert_eq!(outcome(&shop.operator().imports("skus", skus).await)[3], 3_000);
    let report = shop.operator().imports("stock", stock).await;
    assert_eq!((&report["rows"], &report["bad"]), (&json!(3_000), &json!(0)));
    assert_eq!(shop.stock("S2999", "wh-sh").await, (2_999, 0));
}

async fn stock_cannot_be_counted_below_what_is_promised(shop: &Shop) {
    shop.merchant("m1").sells("TEE", 12_800).stock("wh-sh", 10).await;
    shop.buyer("li").buys(&[("TEE", 4)]).await;
    let report = shop.operator().imports("stock", "sku,warehouse,on_hand\nTEE,wh-sh,3\n").await;
    assert_eq!(report["faults"][0]["column"], "on_hand");
    assert_eq!(shop.stock("TEE", "wh-sh").await, (10, 4));
}

async fn a_file_with_other_columns_is_refused_as_a_whole(shop: &Shop) {
    let operator = shop.operator();
    for header in ["sku,warehouse\n", "sku,warehouse,on_hand,colour\n", "sku,sku,on_hand\n", "\n"] {
        let file = format!("{header}TEE,wh-sh,1\n");
        operator.import("stock", file).await.is_refused(422, "invalid_body");
    }
    operator.import("buyers", "id\n").await.is_refused(404, "not_found");
    let typed = operator.import("stock", "x").header("content-type", "application/json").await;
    typed.is_refused(415, "wrong_content_type");
}

async fn a_count_that_comes_twice_at_once_counts_once(shop: &Shop) {
    set_up(shop).await;
    shop.is_stubborn(20);
    let operator = shop.operator();
    let file = "sku,warehouse,on_hand\nTEE,wh-sh,10\n";
    futures::future::join_all((0..4).map(|_| operator.imports("stock", file))).await;
    assert_eq!(shop.stock("TEE", "wh-sh").await, (10, 0));
}

stories! {
    a_count_that_comes_twice_at_once_counts_once
    the_same_file_twice_changes_nothing
    bad_rows_are_named_and_good_ones_are_kept
    a_file_in_gbk_is_named_as_such
    spreadsheets_write_byte_order_marks_and_quoted_line_breaks
    thousands_of_rows_come_in_one_file
    stock_cannot_be_counted_below_what_is_promised
    a_file_with_other_columns_is_refused_as_a_whole
}
