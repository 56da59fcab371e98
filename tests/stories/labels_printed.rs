//! Labels and packing slips come out of the printer as order and parcel say, a scanner reads them
//! back, and it is kept who printed what.

use domain::{Currency, Gift, Money};
use labels::{Label, Part, Personal, Slip, SlipLine};
use orderflow_tests::{Order, Parcel, SECOND, Shop, address, json, stories};
use scanner::Picture;

const ADDRESS: &str = "上海市徐汇区漕溪路 1 号";

fn person(name: &str, phone: &str, address: &str) -> labels::Person {
    labels::Person { name: name.into(), phone: phone.into(), address: address.into() }
}

fn cny(minor: i64) -> Money {
    Money::new(minor, Currency::CNY)
}

/// Three tees for 33.33 each are paid for and go to Li Lei.
async fn an_order(shop: &Shop) -> Order {
    let tee = shop.merchant("m1").sells("TEE", 3_333).with("name", json!("纯棉短袖 T 恤"));
    tee.stock("wh-sh", 20).await;
    let sender = json!({"recipient": "华东一号仓", "phone": "13900139000", "region": "310114",
        "detail": "沪宜公路2999号"});
    shop.operator().changes("warehouses", "wh-sh", json!({"sender": sender})).await;
    let purchase = shop.buyer("li").buys(&[("TEE", 3)]).await;
    shop.stripe_says_paid(&purchase).await;
    purchase.only().clone()
}

/// What the label of a parcel must say.
async fn label_of(shop: &Shop, order: &Order, parcel: &Parcel) -> Label {
    let number = shop.order(order).await["number"].as_str().unwrap().to_owned();
    Label {
        carrier: "圆通速递".into(),
        service: None,
        waybill: parcel.waybill.clone(),
        sort_code: None,
        qr: None,
        order_no: number,
        recipient: person("李雷", "+8613800138000", ADDRESS),
        personal: Personal::Full,
        sender: person("华东一号仓", "+8613900139000", "上海市嘉定区沪宜公路2999号"),
        parcel: Part { no: 1, of: 1 },
        weight_g: 850,
        collect: None,
        note: None,
    }
}

fn zpl(bytes: &[u8]) -> Vec<scanner::zpl::Sheet> {
    scanner::zpl::print(std::str::from_utf8(bytes).unwrap())
}

async fn a_label_is_read_back_by_a_scanner(shop: &Shop) {
    let order = an_order(shop).await;
    let packer = shop.warehouse("wh-sh");
    let packed = packer.packs(&order, &[(1, 3)]).await;
    packer.print(&packed, "label", "zpl").await.is_refused(409, "no_label");
    let parcel = packer.labels(&packed, "yuantong").await;
    let label = label_of(shop, &order, &parcel).await;

    let first = packer.print(&parcel, "label", "zpl").await.must(&[200]);
    assert_eq!(first.header("content-type"), Some("application/zpl"));
    assert_eq!(first.header("cache-control"), Some("no-store"));
    let told = |name: &str| first.header(name).map(str::to_owned);
    assert_eq!(
        (told("print-reprint").as_deref(), told("print-losses").as_deref()),
        (Some("false"), Some(""))
    );
    // Every dot is as it must be, the Chinese address too, and the scanner reads the waybill.
    assert!(first.body == labels::zpl(&label).unwrap().bytes, "another label was printed");
    let sheets = zpl(&first.body);
    assert_eq!(sheets.len(), 1);
    assert_eq!(sheets[0].bars, std::slice::from_ref(&parcel.waybill));
    assert_eq!(sheets[0].picture.bar_code(), Some(parcel.waybill.clone()));
    assert_eq!(sheets[0].picture.qr_code(), Some(parcel.waybill.clone()));
    let other =
        Label { recipient: person("李雷", "+8613800138000", "上海市"), ..label.clone() };
    assert!(first.body != labels::zpl(&other).unwrap().bytes, "an address shows");

    let second = packer.print(&parcel, "label", "pdf").await.must(&[200]);
    assert_eq!(second.header("print-reprint"), Some("true"));
    assert!(second.body == labels::pdf(&label).unwrap().bytes);
    let page = &Picture::of_pdf(&second.body, 2.0)[0];
    assert_eq!(page.bar_code(), Some(parcel.waybill.clone()));
    assert_eq!(page.qr_code(), Some(parcel.waybill.clone()));

    // Names are masked where the couriers call through their carrier.
    let policy = json!({"id": "shop", "set": {"packing": {"recipient_on_label": "masked"}}});
    shop.operator().describes("policies", &policy).await;
    let masked = Label { personal: Personal::Masked, ..label };
    assert!(packer.prints(&parcel, "label", "zpl").await == labels::zpl(&masked).unwrap().bytes);
}

async fn a_slip_says_what_is_in_the_parcel_and_what_it_cost(shop: &Shop) {
    let order = an_order(shop).await;
    let packer = shop.warehouse("wh-sh");
    let first = packer.packs(&order, &[(1, 1)]).await;
    shop.is_later(SECOND).await;
    let second = packer.packs(&order, &[(1, 2)]).await;
    let number = shop.order(&order).await["number"].as_str().unwrap().to_owned();
    let slip = |no, quantity, minor| Slip {
        shop: "Merchant m1".into(),
        order_no: number.clone(),
        parcel: Part { no, of: 2 },
        lines: vec![SlipLine {
            sku: "TEE".into(),
            name: "纯棉短袖 T 恤".into(),
            quantity,
            amount: Some(cny(minor)),
        }],
        total: Some(cny(minor)),
        gift: None,
        note: Some(labels::returns_to("m1, 退货组")),
    };
    for (parcel, slip) in [(&first, slip(1, 1, 3_333)), (&second, slip(2, 2, 6_666))] {
        let pdf = packer.prints(parcel, "slip", "pdf").await;
        assert!(pdf == labels::slip_pdf(&slip).unwrap().bytes);
        let sheets = zpl(&packer.prints(parcel, "slip", "zpl").await);
        assert_eq!(sheets[0].picture.qr_code(), Some(number.clone()));
    }
    packer.unpacks(&second).await;
    packer.print(&second, "slip", "pdf").await.is_refused(409, "illegal_step");
}

async fn what_is_sent_again_is_not_the_second_parcel_of_two(shop: &Shop) {
    let order = an_order(shop).await;
    let packer = shop.warehouse("wh-sh");
    let gone = packer.ships(&order, &[(1, 3)]).await;
    let lost = shop.support().reports(&gone, "lost").await;
    shop.support().handles(&lost, "resolve", &json!({"outcome": "send_again"})).await;
    let packed = packer.packs(&order, &[(1, 3)]).await;
    let parcel = packer.labels(&packed, "yuantong").await;
    let label = label_of(shop, &order, &parcel).await;
    assert!(packer.prints(&parcel, "label", "zpl").await == labels::zpl(&label).unwrap().bytes);
}

async fn a_present_shows_no_prices(shop: &Shop) {
    an_order(shop).await;
    let body = json!({"lines": [{"sku": "TEE", "quantity": 1}], "delivery": address(),
        "gift": {"message": "生日快乐", "hide_prices": true}});
    let placed = shop.buyer("li").post("/v1/purchases", &body).await.must(&[201]);
    let purchase = orderflow_tests::Purchase::of(&placed);
    shop.stripe_says_paid(&purchase).await;
    let packer = shop.warehouse("wh-sh");
    let parcel = packer.packs(purchase.only(), &[(1, 1)]).await;
    let number = shop.order(purchase.only()).await["number"].as_str().unwrap().to_owned();
    let gift = Gift { message: Some("生日快乐".into()), hide_prices: true };
    let name = "纯棉短袖 T 恤".to_owned();
    let slip = Slip {
        shop: "Merchant m1".into(),
        order_no: number,
        parcel: Part { no: 1, of: 1 },
        lines: vec![SlipLine { sku: "TEE".into(), name, quantity: 1, amount: None }],
        total: None,
        gift: Some(gift),
        note: Some(labels::returns_to("m1, 退货组")),
    };
    let printed = packer.prints(&parcel, "slip", "zpl").await;
    assert!(printed == labels::slip_zpl(&slip).unwrap().bytes);
}

async fn a_courier_who_is_to_collect_reads_how_much(shop: &Shop) {
    an_order(shop).await;
    shop.operator().changes("merchants", "m1", json!({"cash_on_delivery": true})).await;
    let purchase = shop.buyer("han").buys_on_delivery(&[("TEE", 2)]).await;
    let packer = shop.warehouse("wh-sh");
    let packed = packer.packs(purchase.only(), &[(1, 2)]).await;
    let parcel = packer.labels(&packed, "yuantong").await;
    let label = label_of(shop, purchase.only(), &parcel).await;
    let label = Label { collect: Some(cny(6_666)), ..label };
    assert!(packer.prints(&parcel, "label", "pdf").await == labels::pdf(&label).unwrap().bytes);
}

async fn what_cannot_be_shown_is_told_and_what_no_scanner_could_read_is_refused(shop: &Shop) {
    an_order(shop).await;
    let mut delivery = address();
    delivery["recipient"] = json!("吉田𠮷");
    let body = json!({"lines": [{"sku": "TEE", "quantity": 2}], "delivery": delivery});
    let placed = shop.buyer("li").post("/v1/purchases", &body).await.must(&[201]);
    let purchase = orderflow_tests::Purchase::of(&placed);
    shop.stripe_says_paid(&purchase).await;
    let packer = shop.warehouse("wh-sh");
    let packed = packer.packs(purchase.only(), &[(1, 1)]).await;
    let parcel = packer.labels(&packed, "yuantong").await;
    let printed = packer.print(&parcel, "label", "pdf").await.must(&[200]);
    assert_eq!(printed.header("print-losses"), Some("recipient:U+20BB7"));
    let log = packer.sees_prints(&parcel).await;
    assert_eq!(log[0]["losses"], json!(["recipient:U+20BB7"]));

    let long = "LONG-WAYBILL-".repeat(4);
    let pool = json!({"carrier": "zto", "numbers": [long]});
    drop(shop.operator().post("/v1/shipping/waybills", &pool).await.must(&[200]));
    let packed = packer.packs(purchase.only(), &[(1, 1)]).await;
    let wide = Parcel::of(&packer.label(&packed, "zto").await.must(&[200]));
    packer.print(&wide, "label", "zpl").await.is_refused(409, "bar_code_too_wide");
    assert!(packer.sees_prints(&wide).await.is_empty(), "nothing was printed");
    packer.prints(&wide, "slip", "zpl").await;
}

async fn who_printed_what_is_kept_and_strangers_print_nothing(shop: &Shop) {
    let order = an_order(shop).await;
    let packer = shop.warehouse("wh-sh");
    let packed = packer.packs(&order, &[(1, 3)]).await;
    let parcel = packer.labels(&packed, "yuantong").await;
    // The same request sent twice is one print; both get the paper.
    let ask = packer.print(&parcel, "label", "zpl");
    let (first, again) = (ask.clone().await.must(&[200]), ask.await.must(&[200]));
    assert!(first.body == again.body);
    assert_eq!(again.header("print-reprint"), Some("false"));
    packer.prints(&parcel, "slip", "pdf").await;
    shop.operator().prints(&parcel, "label", "pdf").await;
    let log = shop.merchant("m1").sees_prints(&parcel).await;
    let row = |at: usize| (log[at]["paper"].clone(), log[at]["reprint"].clone());
    assert_eq!(log.len(), 3);
    assert_eq!(row(0), (json!("label"), json!(true)));
    assert_eq!(row(1), (json!("slip"), json!(false)));
    assert_eq!(row(2), (json!("label"), json!(false)));
    assert_eq!(log[0]["by"], json!({"by": "operator", "id": "operator"}));
    assert_eq!(log[2]["label"]["waybill"], parcel.waybill.as_str());
    let text = json!(log).to_string();
    assert!(!text.contains("李雷") && !text.contains("13800138000"), "{text}");

    let elsewhere = shop.warehouse("wh-bj");
    elsewhere.print(&parcel, "label", "zpl").await.is_refused(403, "forbidden");
    for stranger in [shop.merchant("m1"), shop.buyer("li"), shop.support()] {
        stranger.print(&parcel, "label", "zpl").await.is_refused(403, "forbidden");
    }
    let path = format!("/v1/print/parcels/{}/prints", parcel.id);
    shop.merchant("m2").get(&path).await.is_refused(404, "not_found");
    let nothing = Parcel { id: "pcl_1".into(), ..parcel };
    packer.print(&nothing, "slip", "zpl").await.is_refused(404, "not_found");
}

stories! {
    a_label_is_read_back_by_a_scanner
    a_slip_says_what_is_in_the_parcel_and_what_it_cost
    what_is_sent_again_is_not_the_second_parcel_of_two
    a_present_shows_no_prices
    a_courier_who_is_to_collect_reads_how_much
    what_cannot_be_shown_is_told_and_what_no_scanner_could_read_is_refused
    who_printed_what_is_kept_and_strangers_print_nothing
}
