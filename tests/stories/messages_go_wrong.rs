//! Providers that hang, answer nonsense, send us elsewhere or say no: what arrives, arrives once
//! where the provider can tell a repeat, and what does not is in the log.

use orderflow_tests::{
    DAY, HOUR, MINUTE, PartnerFault, Purchase, SECOND, Shop, Value, json, stories,
};

const PHONE: &str = "13800138000";

/// Paid by a buyer who is told like this.
async fn paid(shop: &Shop, how: Option<Value>) -> Purchase {
    shop.merchant("m1").sells("TEE", 12_800).stock("wh-sh", 10).await;
    let buyer = shop.buyer("li");
    if let Some(how) = how {
        buyer.is_told(how).await;
    }
    let purchase = buyer.buys(&[("TEE", 1)]).await;
    shop.stripe_says_paid(&purchase).await;
    purchase
}

fn outcomes(message: &Value) -> Vec<(String, Value)> {
    let log = message["log"].as_array().unwrap().iter();
    log.map(|a| (a["outcome"].as_str().unwrap().to_owned(), a["status"].clone())).collect()
}

async fn a_mail_whose_answer_is_lost_arrives_once(shop: &Shop) {
    let faults = [
        PartnerFault::Garbage,
        PartnerFault::Status(503),
        PartnerFault::Redirect("http://127.0.0.1:1/".to_owned()),
        PartnerFault::TooManyRequests { retry_after_s: 3_000 },
    ];
    for fault in &faults {
        shop.messengers.mail.next_answers(1, fault);
    }
    let purchase = paid(shop, Some(json!({"email": "li@example.com"}))).await;
    for wait in [SECOND, 5 * SECOND, 5 * MINUTE, 30 * MINUTE] {
        shop.time_passes(wait).await;
    }
    let failed = shop.support().message(purchase.only(), "paid", "email").await;
    assert_eq!((&failed["state"], &failed["final"]), (&json!("failed"), &json!(false)));
    let wanted = ["waiting"; 4].map(str::to_owned).to_vec();
    let got: Vec<String> = outcomes(&failed).into_iter().map(|(outcome, _)| outcome).collect();
    assert_eq!(got, wanted);
    shop.time_passes(2 * HOUR).await;
    let sent = shop.support().message(purchase.only(), "paid", "email").await;
    assert_eq!((&sent["state"], &sent["attempts"]), (&json!("sent"), &json!(5)));
    let statuses: Vec<Value> = outcomes(&sent).into_iter().map(|(_, status)| status).collect();
    assert_eq!(statuses, [200, 503, 307, 429, 200].map(Value::from));
    let mails = shop.mails("li@example.com");
    assert_eq!(mails.len(), 1, "the first attempt had worked, and the key says so");
    assert_eq!((mails[0].asked, &json!(mails[0].key)), (2, &sent["id"]));
}

async fn a_provider_that_asks_for_a_longer_wait_gets_it(shop: &Shop) {
    shop.messengers.sms.next_answers(1, &PartnerFault::TooManyRequests { retry_after_s: 3_600 });
    paid(shop, None).await;
    shop.time_passes(SECOND).await;
    shop.time_passes(50 * MINUTE).await;
    assert!(shop.texts(PHONE).is_empty());
    shop.time_passes(11 * MINUTE).await;
    assert_eq!(shop.texts(PHONE).len(), 1);
}

async fn a_number_that_is_none_is_given_up_at_once_and_can_be_seen(shop: &Shop) {
    shop.messengers.sms.refuses(PHONE, "isv.MOBILE_NUMBER_ILLEGAL");
    let purchase = paid(shop, None).await;
    shop.time_passes(SECOND).await;
    let support = shop.support();
    let dead = support.message(purchase.only(), "paid", "sms").await;
    assert_eq!((&dead["state"], &dead["attempts"]), (&json!("dead"), &json!(1)));
    assert!(dead["note"].as_str().unwrap().contains("isv.MOBILE_NUMBER_ILLEGAL"), "{dead}");
    assert_eq!(outcomes(&dead), [("dead".to_owned(), json!(200))]);
    shop.time_passes(DAY).await;
    assert_eq!(support.message(purchase.only(), "paid", "sms").await["attempts"], 1);
    assert!(!dead.to_string().contains(PHONE), "the log holds no number");
}

async fn what_was_given_up_is_sent_again_by_hand(shop: &Shop) {
    shop.messengers.sms.refuses(PHONE, "isv.MOBILE_NUMBER_ILLEGAL");
    let purchase = paid(shop, None).await;
    shop.time_passes(SECOND).await;
    let (support, order) = (shop.support(), purchase.only());
    let dead = support.message(order, "paid", "sms").await;
    shop.messengers.sms.takes(PHONE);
    let id = dead["id"].as_str().unwrap();
    shop.merchant("m1").redeliver(id).await.is_refused(404, "not_found");
    shop.buyer("li").redeliver(id).await.is_refused(403, "forbidden");
    let again = support.redeliver(id).key("again");
    assert_eq!(again.clone().await.must(&[202]).at("/state"), "failed");
    support.redeliver(id).await.is_refused(409, "illegal_step");
    shop.time_passes(SECOND).await;
    assert_eq!(again.await.must(&[202]).at("/state"), "failed", "the same request, its answer");
    shop.time_passes(SECOND).await;
    assert_eq!(shop.texts(PHONE).len(), 1, "one request is one attempt");
    let sent = support.message(order, "paid", "sms").await;
    let words: Vec<String> = outcomes(&sent).into_iter().map(|(word, _)| word).collect();
    assert_eq!((sent["state"].clone(), words.join(" ")), (json!("sent"), "dead asked sent".into()));
    assert!(sent["log"][1]["note"].as_str().unwrap().contains("agent-7"), "who wanted it");

    // A mail that went well is sent again too: for its provider it is another one.
    shop.buyer("li").is_told(json!({"email": "li@example.com"})).await;
    shop.warehouse("wh-sh").ships(order, &[(1, 1)]).await;
    shop.time_passes(SECOND).await;
    support.redelivers(&support.message(order, "shipped", "email").await).await;
    shop.time_passes(SECOND).await;
    assert_eq!(shop.mails("li@example.com").len(), 2);
}

async fn what_is_not_set_up_is_not_sent_and_can_be_seen(shop: &Shop) {
    shop.merchant("m1").sells("TEE", 12_800).stock("wh-sh", 10).await;
    let buyer = shop.buyer("li");
    buyer.is_told(json!({"phone": PHONE, "language": "en"})).await;
    let purchase = buyer.buys(&[("TEE", 1)]).await;
    shop.stripe_says_paid(&purchase).await;
    shop.sends(purchase.only()).await;
    let case = buyer.wants_to_return(purchase.only(), &[(1, 1)]).await;
    shop.merchant("m1").approves(&case).await;
    shop.time_passes(8 * DAY).await;
    assert_eq!(shop.case(&case).await["state"], "lapsed");
    let skipped = shop.support().message(purchase.only(), "case_lapsed", "sms").await;
    assert_eq!((&skipped["state"], &skipped["final"]), (&json!("skipped"), &json!(true)));
    assert_eq!(skipped["note"], "not configured: no SMS template for case_lapsed in en");
}

async fn news_that_are_a_day_old_are_no_news(shop: &Shop) {
    shop.messengers.push.next_answers(50, &PartnerFault::Status(500));
    let purchase = paid(shop, Some(json!({"push": ["phone-1"]}))).await;
    for _ in 0..30 {
        shop.time_passes(HOUR).await;
    }
    let dead = shop.support().message(purchase.only(), "paid", "push").await;
    assert_eq!((&dead["state"], &dead["attempts"]), (&json!("dead"), &json!(7)));
    assert!(shop.pushes("phone-1").is_empty());
}

async fn a_device_that_is_gone_is_told_nothing_and_nobody_is_asked_again(shop: &Shop) {
    let purchase = paid(shop, Some(json!({"push": ["gone-1"]}))).await;
    shop.time_passes(SECOND).await;
    let dead = shop.support().message(purchase.only(), "paid", "push").await;
    assert_eq!((&dead["state"], &dead["attempts"]), (&json!("dead"), &json!(1)));
    assert!(dead["note"].as_str().unwrap().contains("1011"));
}

async fn a_push_whose_answer_is_lost_arrives_once(shop: &Shop) {
    shop.messengers.push.next_answers(1, &PartnerFault::Garbage);
    paid(shop, Some(json!({"push": ["phone-1"]}))).await;
    shop.time_passes(SECOND).await;
    shop.time_passes(5 * SECOND).await;
    assert_eq!(shop.pushes("phone-1").len(), 1);
}

/// On the components this takes as long as the shop waits for a provider.
async fn a_provider_that_hangs_is_asked_again(shop: &Shop) {
    shop.messengers.sms.next_answers(1, &PartnerFault::Hang);
    let purchase = paid(shop, None).await;
    shop.time_passes(SECOND).await;
    let failed = shop.support().message(purchase.only(), "paid", "sms").await;
    assert_eq!((&failed["state"], &failed["attempts"]), (&json!("failed"), &json!(1)));
    assert_eq!(failed["log"][0]["status"], json!(null));
    assert!(failed["note"].as_str().unwrap().contains("no answer in time"), "{failed}");
    shop.time_passes(5 * SECOND).await;
    assert_eq!(shop.texts(PHONE).len(), 1);
}

stories! {
    a_provider_that_hangs_is_asked_again
    a_mail_whose_answer_is_lost_arrives_once
    a_provider_that_asks_for_a_longer_wait_gets_it
    a_number_that_is_none_is_given_up_at_once_and_can_be_seen
    what_was_given_up_is_sent_again_by_hand
    what_is_not_set_up_is_not_sent_and_can_be_seen
    news_that_are_a_day_old_are_no_news
    a_device_that_is_gone_is_told_nothing_and_nobody_is_asked_again
    a_push_whose_answer_is_lost_arrives_once
}
