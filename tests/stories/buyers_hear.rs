//! A buyer hears of what happens to their order: once, in their language, by the channels they
//! want.

use orderflow_tests::{
    DAY, DELIVERED, HOUR, MINUTE, OUT_FOR_DELIVERY, PICKED_UP, SECOND, Shop, json, stories,
};

const PHONE: &str = "13800138000";

fn templates(shop: &Shop, number: &str) -> Vec<String> {
    shop.texts(number).into_iter().map(|sms| sms.template).collect()
}

async fn a_buyer_hears_of_each_milestone_once(shop: &Shop) {
    shop.merchant("m1").sells("TEE", 12_800).stock("wh-sh", 10).await;
    let buyer = shop.buyer("li");
    let purchase = buyer.buys(&[("TEE", 2)]).await;
    shop.time_passes(SECOND).await;
    assert_eq!(templates(shop, PHONE), Vec::<String>::new(), "there is nothing to tell yet");
    shop.stripe_says_paid(&purchase).await;
    shop.stripe_says_paid(&purchase).await;
    let order = purchase.only();
    let parcel = shop.warehouse("wh-sh").ships(order, &[(1, 2)]).await;
    shop.carrier_says(&parcel, &[PICKED_UP, OUT_FOR_DELIVERY]).await;
    shop.carrier_says(&parcel, &[OUT_FOR_DELIVERY]).await;
    shop.carrier_says(&parcel, &[DELIVERED]).await;
    shop.time_passes(SECOND).await;
    buyer.confirms_receipt(order).await;
    shop.time_passes(SECOND).await;
    let mut heard = templates(shop, PHONE);
    heard.sort();
    let milestones = ["completed", "delivered", "out_for_delivery", "paid", "shipped"];
    assert_eq!(heard, milestones.map(|word| format!("SMS_{word}_zh")));

    let told = |word: &str| {
        let texts = shop.texts(PHONE).into_iter();
        texts.filter(|sms| sms.template == format!("SMS_{word}_zh")).collect::<Vec<_>>().remove(0)
    };
    let number = shop.order(order).await["number"].as_str().unwrap().to_owned();
    let paid = told("paid");
    assert_eq!(paid.params["order"], number);
    assert_eq!(paid.params["amount"], "¥256.00");
    assert_eq!(paid.params["goods"], "TEE of m1×2");
    assert_eq!(paid.params["time"], "3月4日 09:00", "in Beijing, 48 hours after it was placed");
    let shipped = told("shipped");
    assert_eq!(shipped.params["carrier"], "圆通速递");
    assert_eq!(shipped.params["waybill"], parcel.waybill);
}

async fn a_buyer_hears_by_the_channels_and_in_the_language_they_want(shop: &Shop) {
    shop.merchant("m1").sells("TEE", 12_800).stock("wh-sh", 10).await;
    let buyer = shop.buyer("li");
    let how = json!({"phone": "+8613900139000", "email": "li@example.com",
        "push": ["phone-1", "pad"], "language": "en",
        "channels": {"delivery": ["push"], "order": ["email"]}});
    buyer.is_told(how).await;
    let purchase = buyer.buys(&[("TEE", 1)]).await;
    shop.stripe_says_paid(&purchase).await;
    shop.time_passes(SECOND).await;
    let mails = shop.mails("li@example.com");
    let number = shop.order(purchase.only()).await["number"].as_str().unwrap().to_owned();
    assert_eq!(mails.len(), 1);
    assert_eq!(mails[0].subject, format!("Order {number} is paid"));
    assert!(mails[0].text.contains("¥128.00") && mails[0].text.contains("4 Mar 2026, 01:00 UTC"));
    assert!(mails[0].html.contains("<html lang=\"en\">") && mails[0].html.contains(&number));

    let parcel = shop.warehouse("wh-sh").ships(purchase.only(), &[(1, 1)]).await;
    shop.time_passes(SECOND).await;
    let pushes = shop.pushes("pad");
    assert_eq!(pushes.len(), 1);
    assert_eq!(pushes[0].to, ["phone-1", "pad"], "one push for all of their devices");
    assert_eq!(pushes[0].order, purchase.only().id);
    assert!(pushes[0].body.contains("YTO Express"), "{}", pushes[0].body);
    assert!(shop.texts("13900139000").is_empty() && shop.texts(PHONE).is_empty());

    // Where they chose nothing, they hear by everything that has an address.
    shop.carrier_says(&parcel, &[DELIVERED]).await;
    buyer.wants_to_return(purchase.only(), &[(1, 1)]).await;
    shop.time_passes(SECOND).await;
    assert_eq!(shop.texts("13900139000")[0].template, "SMS_case_opened_en");
    assert!(shop.mails("li@example.com")[1].subject.starts_with("Your request about"));
    assert!(shop.pushes("pad").iter().any(|push| push.title.starts_with("Your request")));
}

async fn who_opted_out_hears_nothing_and_the_log_says_why(shop: &Shop) {
    shop.merchant("m1").sells("TEE", 12_800).stock("wh-sh", 10).await;
    let buyer = shop.buyer("li");
    buyer.is_told(json!({"phone": PHONE, "opted_out": ["order"]})).await;
    let purchase = buyer.buys(&[("TEE", 1)]).await;
    shop.stripe_says_paid(&purchase).await;
    shop.warehouse("wh-sh").ships(purchase.only(), &[(1, 1)]).await;
    shop.time_passes(SECOND).await;
    assert_eq!(templates(shop, PHONE), ["SMS_shipped_zh"], "delivery is another topic");
    let silent = shop.support().message(purchase.only(), "paid", "buyer").await;
    assert_eq!((&silent["state"], &silent["final"]), (&json!("skipped"), &json!(true)));
    assert_eq!(silent["note"], "the buyer wants no news of order");
}

async fn a_payment_that_is_about_to_expire_is_told_once(shop: &Shop) {
    shop.merchant("m1").sells("TEE", 12_800).stock("wh-sh", 10).await;
    let buyer = shop.buyer("li");
    let paid = buyer.buys(&[("TEE", 1)]).await;
    let unpaid = buyer.buys(&[("TEE", 1)]).await;
    shop.stripe_says_paid(&paid).await;
    shop.time_passes(19 * MINUTE).await;
    assert!(!templates(shop, PHONE).contains(&"SMS_payment_expiring_zh".to_owned()));
    shop.time_passes(2 * MINUTE).await;
    shop.time_passes(5 * MINUTE).await;
    let texts = shop.texts(PHONE).into_iter();
    let reminders: Vec<_> = texts.filter(|s| s.template == "SMS_payment_expiring_zh").collect();
    assert_eq!(reminders.len(), 1, "who has paid is not reminded");
    assert_eq!(reminders[0].params["time"], "3月2日 09:30");
    shop.time_passes(5 * MINUTE).await;
    assert_eq!(shop.order(unpaid.only()).await["state"], "cancelled");
    let last = shop.texts(PHONE).pop().unwrap();
    assert_eq!(last.template, "SMS_cancelled_zh");
    assert_eq!(last.params["reason"], "超时未付款");
}

async fn a_return_is_told_step_by_step(shop: &Shop) {
    shop.merchant("m1").sells("TEE", 10_000).stock("wh-sh", 10).await;
    let buyer = shop.buyer("li");
    let purchase = buyer.buys(&[("TEE", 3)]).await;
    shop.stripe_says_paid(&purchase).await;
    let order = purchase.only();
    shop.sends(order).await;
    shop.time_passes(SECOND).await;
    let before = shop.texts(PHONE).len();
    let refused = buyer.wants_to_return(order, &[(1, 1)]).await;
    shop.merchant("m1").rejects(&refused, "已使用过").await;
    let case = buyer.wants_to_return(order, &[(1, 1)]).await;
    shop.merchant("m1").approves(&case).await;
    buyer.sends_back(&case, "shunfeng", "SF1").await;
    shop.time_passes(HOUR).await;
    shop.warehouse("wh-sh").receives(&case, &[(1, 1, "restock")]).await;
    shop.time_passes(SECOND).await;
    let told: Vec<_> = shop.texts(PHONE).split_off(before);
    let of = |word: &str| {
        let found = told.iter().find(|sms| sms.template == format!("SMS_{word}_zh"));
        found.unwrap_or_else(|| panic!("no {word} in {told:#?}")).params.clone()
    };
    assert_eq!(told.iter().filter(|sms| sms.template == "SMS_case_opened_zh").count(), 2);
    assert_eq!(of("case_rejected")["reason"], "已使用过");
    assert_eq!(of("case_approved")["address"], "m1, 退货组");
    assert!(of("case_received").contains_key("order"));
    assert_eq!(of("refund_granted")["amount"], "¥100.00");
    assert_eq!(of("refunded")["amount"], "¥100.00");
    assert_eq!(told.len(), 7, "{told:#?}");
}

async fn a_buyer_says_how_they_are_told_and_only_they(shop: &Shop) {
    let (li, han) = (shop.buyer("li"), shop.buyer("han"));
    li.get("/v1/buyers/me").await.is_refused(404, "not_found");
    li.is_told(json!({"phone": "13900139000", "email": "li.lei@example.com"})).await;
    let seen = li.get("/v1/buyers/li").await.must(&[200]);
    assert_eq!(seen.at("/phone"), "+8613900139000");
    han.get("/v1/buyers/li").await.is_refused(404, "not_found");
    han.put("/v1/buyers/li", &json!({})).await.is_refused(404, "not_found");
    shop.merchant("m1").get("/v1/buyers/li").await.is_refused(403, "forbidden");
    let masked = shop.support().get("/v1/buyers/li").await.must(&[200]);
    assert_eq!(masked.at("/phone"), "+86139****9000");
    assert_eq!(masked.at("/email"), "l**@example.com");
    let full = shop.support().get("/v1/buyers/li?personal=full").await.must(&[200]);
    assert_eq!(full.at("/email"), "li.lei@example.com");

    let changed = json!({"phone": "13900139001"});
    li.be_told(&changed).await.is_refused(428, "if_match_needed");
    li.be_told(&changed).header("if-match", "\"v7\"").await.is_refused(412, "version_differs");
    let tag = seen.header("etag").unwrap();
    drop(li.be_told(&changed).header("if-match", tag).await.must(&[200]));
    drop(li.be_told(&changed).await.must(&[200]));
    let wrong = json!({"phone": "12", "email": "nobody", "push": ["a b"]});
    let faults = li.be_told(&wrong).header("if-match", "*").await.must(&[422]).at("/errors");
    let places = faults.as_array().unwrap().iter().map(|fault| fault["pointer"].clone());
    assert_eq!(places.collect::<Vec<_>>(), ["#/phone", "#/email", "#/push/0"]);
}

async fn a_buyer_who_moved_is_told_at_the_new_address(shop: &Shop) {
    shop.merchant("m1").sells("TEE", 10_000).stock("wh-sh", 10).await;
    let buyer = shop.buyer("li");
    buyer.is_told(json!({"email": "old@example.com"})).await;
    let purchase = buyer.buys(&[("TEE", 1)]).await;
    shop.stripe_says_paid(&purchase).await;
    buyer.is_told(json!({"email": "new@example.com"})).await;
    shop.time_passes(DAY).await;
    assert_eq!((shop.mails("old@example.com").len(), shop.mails("new@example.com").len()), (0, 1));
    let outbox = shop.books().number(
        "select count(*) from outbox
        where message like '%example.com%' or message like '%1380013%'",
    );
    assert_eq!(outbox, 0, "no message keeps an address");
}

stories! {
    a_buyer_hears_of_each_milestone_once
    a_buyer_hears_by_the_channels_and_in_the_language_they_want
    who_opted_out_hears_nothing_and_the_log_says_why
    a_payment_that_is_about_to_expire_is_told_once
    a_return_is_told_step_by_step
    a_buyer_says_how_they_are_told_and_only_they
    a_buyer_who_moved_is_told_at_the_new_address
}
