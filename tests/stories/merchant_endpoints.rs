//! Merchants' own systems: several endpoints, secrets that are rolled, addresses that may not be
//! called, and endpoints that nobody answers at any more.

use orderflow_tests::{
    DAY, HOUR, MINUTE, PartnerFault, Purchase, SECOND, Shop, Value, json, stories,
};

async fn sold(shop: &Shop) -> Purchase {
    shop.merchant("m1").sells("TEE", 12_800).stock("wh-sh", 100).await;
    let purchase = shop.buyer("li").buys(&[("TEE", 1)]).await;
    shop.stripe_says_paid(&purchase).await;
    purchase
}

async fn each_endpoint_hears_what_it_listens_to(shop: &Shop) {
    let merchant = shop.merchant("m1");
    merchant.joins(json!({})).await;
    for (name, events) in
        [("books", json!(["order.paid", "order.settled"])), ("cases", json!(["case.*"]))]
    {
        let endpoint = json!({"url": shop.hook(name), "events": events});
        merchant.opens_endpoint(&endpoint).await;
    }
    let purchase = sold(shop).await;
    shop.warehouse("wh-sh").ships(purchase.only(), &[(1, 1)]).await;
    shop.time_passes(SECOND).await;
    for (name, kind, count) in [
        ("m1", "order.paid", 1),
        ("m1", "order.shipped", 1),
        ("books", "order.paid", 1),
        ("books", "order.shipped", 0),
        ("cases", "order.paid", 0),
    ] {
        assert_eq!(shop.heard_at(name, kind), count, "{kind} at {name}");
    }
    let ids: Vec<String> = shop
        .receiver
        .received()
        .into_iter()
        .filter(|message| message.body["type"] == "order.paid")
        .map(|message| message.id)
        .collect();
    assert_eq!(ids.len(), 2);
    assert_eq!(ids[0], ids[1], "one event has one id, wherever it is told");
    assert!(shop.receiver.refused().is_empty());
}

async fn a_secret_is_rolled_without_losing_a_message(shop: &Shop) {
    let merchant = shop.merchant("m1");
    sold(shop).await;
    shop.time_passes(SECOND).await;
    let id = merchant.endpoint().await["id"].as_str().unwrap().to_owned();
    let answer = merchant.turn(&id, "rotate").key("roll").await.must(&[200]);
    let new = answer.at("/secret").as_str().unwrap().to_owned();
    let repeated = merchant.turn(&id, "rotate").key("roll").await.must(&[200]);
    assert_eq!(repeated.at("/secret"), json!(new), "the same request, the same secret");
    let seen = merchant.get(&format!("/v1/endpoints/{id}")).await.must(&[200]).json();
    assert_eq!((seen["secrets"].as_array().unwrap().len(), &seen["secret"]), (2, &Value::Null));

    // The merchant's systems know only the old one, then only the new one.
    sold(shop).await;
    shop.time_passes(SECOND).await;
    shop.receiver.set_secrets(vec![new]);
    sold(shop).await;
    shop.time_passes(SECOND).await;
    assert_eq!(shop.heard_at("m1", "order.paid"), 3);
    assert!(shop.receiver.refused().is_empty());

    // After a day the old one signs nothing any more.
    shop.receiver.set_secrets(vec!["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".to_owned()]);
    shop.time_passes(DAY).await;
    sold(shop).await;
    shop.time_passes(SECOND).await;
    assert_eq!(shop.heard_at("m1", "order.paid"), 3);
    assert!(!shop.receiver.refused().is_empty());
}

/// Sells something each day while nobody answers, until that many days have gone.
async fn days_of_silence(shop: &Shop, days: i64) -> Purchase {
    shop.receiver.next_answers(10_000, &PartnerFault::Status(500));
    let purchase = sold(shop).await;
    shop.time_passes(MINUTE).await;
    for _ in 0..days {
        shop.time_passes(DAY).await;
        sold(shop).await;
        shop.time_passes(MINUTE).await;
    }
    purchase
}

async fn an_endpoint_that_fails_for_days_is_disabled_and_enabled_by_hand(shop: &Shop) {
    let merchant = shop.merchant("m1");
    merchant.joins(json!({})).await;
    let id = merchant.endpoint().await["id"].as_str().unwrap().to_owned();
    let path = format!("/v1/endpoints/{id}");
    let known = merchant.get(&path).await.must(&[200]);
    let settings = json!({"url": shop.hook("m1"), "contact": "it@m1.example"});
    merchant.put(&path, &settings).await.is_refused(428, "if_match_needed");
    let tag = known.header("etag").unwrap();
    drop(merchant.put(&path, &settings).header("if-match", tag).await.must(&[200]));

    let first = days_of_silence(shop, 4).await;
    let failing = merchant.endpoint().await;
    assert_eq!(
        (&failing["state"], failing["failing_since"].is_string()),
        (&json!("failing"), true)
    );
    shop.time_passes(DAY).await;
    sold(shop).await;
    shop.time_passes(MINUTE).await;
    let disabled = merchant.endpoint().await;
    assert_eq!(
        (&disabled["state"], &disabled["disabled"]["why"]),
        (&json!("disabled"), &json!("failing"))
    );
    let mails = shop.mails("it@m1.example");
    assert_eq!(mails.len(), 1, "whoever looks after it hears of it once");
    assert!(mails[0].text.contains(&shop.hook("m1")), "{}", mails[0].text);
    merchant.turn(&id, "ping").await.is_refused(409, "illegal_step");
    let missed = sold(shop).await;
    shop.time_passes(DAY).await;
    let missed = merchant.message(missed.only(), "order.paid", "endpoint").await;
    assert_eq!(
        (&missed["state"], &missed["note"]),
        (&json!("dead"), &json!("the endpoint is disabled"))
    );

    // The merchant puts it right, enables it, and has what was missed sent again.
    shop.receiver.forgets_faults();
    assert_eq!(merchant.turns(&id, "enable").await["state"], "enabled");
    merchant.redelivers(&missed).await;
    let oldest = merchant.message(first.only(), "order.paid", "endpoint").await;
    assert_eq!(oldest["state"], "dead", "what was still to be tried is given up: {oldest}");
    merchant.redelivers(&oldest).await;
    shop.time_passes(SECOND).await;
    assert_eq!(shop.heard_at("m1", "order.paid"), 2);
    let ids: Vec<String> = shop.receiver.received().into_iter().map(|message| message.id).collect();
    assert!(ids.contains(&oldest["about"]["webhook_id"].as_str().unwrap().to_owned()));
    assert_eq!(merchant.endpoint().await["state"], "enabled");
}

async fn an_endpoint_that_recovers_is_not_disabled(shop: &Shop) {
    days_of_silence(shop, 3).await;
    assert_eq!(shop.merchant("m1").endpoint().await["state"], "failing");
    shop.receiver.forgets_faults();
    sold(shop).await;
    shop.time_passes(SECOND).await;
    assert_eq!(shop.merchant("m1").endpoint().await["state"], "enabled");
    days_of_silence(shop, 3).await;
    assert_eq!(shop.merchant("m1").endpoint().await["state"], "failing", "the days begin anew");
}

async fn an_endpoint_that_is_gone_is_disabled_at_once(shop: &Shop) {
    shop.receiver.next_answers(1, &PartnerFault::Status(410));
    let purchase = sold(shop).await;
    shop.time_passes(SECOND).await;
    let merchant = shop.merchant("m1");
    let gone = merchant.endpoint().await;
    assert_eq!((&gone["state"], &gone["disabled"]["why"]), (&json!("disabled"), &json!("gone")));
    let dead = merchant.message(purchase.only(), "order.paid", "endpoint").await;
    assert_eq!((&dead["state"], &dead["log"][0]["status"]), (&json!("dead"), &json!(410)));
}

async fn a_redirect_is_a_failure_and_is_not_followed(shop: &Shop) {
    let to = shop.hook("elsewhere");
    shop.receiver.next_answers(1, &PartnerFault::Redirect(to));
    let purchase = sold(shop).await;
    shop.time_passes(SECOND).await;
    assert_eq!(shop.heard_at("elsewhere", "order.paid") + shop.heard_at("m1", "order.paid"), 0);
    shop.time_passes(5 * SECOND).await;
    assert_eq!(shop.heard_at("m1", "order.paid"), 1);
    let sent = shop.merchant("m1").message(purchase.only(), "order.paid", "endpoint").await;
    assert_eq!((&sent["attempts"], &sent["log"][0]["status"]), (&json!(2), &json!(307)));
}

async fn a_private_address_is_not_called(shop: &Shop) {
    let merchant = shop.merchant("m1");
    merchant.joins(json!({})).await;
    for url in [
        "http://hooks.example.com/",
        "https://127.0.0.1/",
        "https://2130706433/",
        "https://0x7f.1/",
        "https://[::ffff:10.0.0.1]/",
        "https://169.254.169.254/latest/meta-data",
        "https://metadata.google.internal/",
        "https://localhost:8443/",
        "https://user:secret@hooks.example.com/",
        "not a url",
    ] {
        let answer = merchant.open_endpoint(&json!({"url": url})).await.must(&[422]);
        assert_eq!(answer.at("/errors/0/code"), "not_callable", "{url}");
    }
    let id = merchant.endpoint().await["id"].as_str().unwrap().to_owned();
    let moved = json!({"url": "https://10.0.0.1/"});
    let path = format!("/v1/endpoints/{id}");
    let refused = merchant.put(&path, &moved).header("if-match", "*").await.must(&[422]);
    assert_eq!(refused.at("/errors/0/pointer"), "#/url");
}

async fn an_endpoint_is_its_merchants_and_can_be_tried(shop: &Shop) {
    let (mine, other) = (shop.merchant("m1"), shop.merchant("m2"));
    mine.joins(json!({})).await;
    let id = mine.endpoint().await["id"].as_str().unwrap().to_owned();
    let path = format!("/v1/endpoints/{id}");
    other.get(&path).await.is_refused(404, "not_found");
    other.turn(&id, "rotate").await.is_refused(404, "not_found");
    other.get("/v1/endpoints?merchant=m1").await.is_refused(403, "forbidden");
    shop.buyer("li").get(&path).await.is_refused(403, "forbidden");
    assert!(!mine.get(&path).await.must(&[200]).json().to_string().contains("whsec_"));

    let message = mine.turns(&id, "ping").await["message"].as_str().unwrap().to_owned();
    shop.time_passes(SECOND).await;
    assert_eq!(shop.heard_at("m1", "endpoint.ping"), 1);
    let seen = mine.get(&format!("/v1/messages/{message}")).await.must(&[200]).json();
    assert_eq!((&seen["state"], &seen["log"][0]["status"]), (&json!("sent"), &json!(204)));
    other.get(&format!("/v1/messages/{message}")).await.is_refused(404, "not_found");
    mine.turns(&id, "disable").await;
    sold(shop).await;
    shop.time_passes(HOUR).await;
    assert_eq!(shop.heard_at("m1", "order.paid"), 0);
    let all = mine.get(&format!("/v1/messages?endpoint={id}&state=dead")).await.must(&[200]);
    assert_eq!(all.at("/messages").as_array().unwrap().len(), 1);
    let page = format!("/v1/messages?endpoint={id}&limit=1");
    let first = mine.get(&page).await.must(&[200]);
    let next = first.at("/next_cursor").as_str().unwrap().to_owned();
    let second = mine.get(&format!("{page}&cursor={next}")).await.must(&[200]);
    assert_eq!(second.at("/messages/0/id"), json!(message));
    assert_eq!(second.at("/next_cursor"), Value::Null);
}

stories! {
    each_endpoint_hears_what_it_listens_to
    a_secret_is_rolled_without_losing_a_message
    an_endpoint_that_fails_for_days_is_disabled_and_enabled_by_hand
    an_endpoint_that_recovers_is_not_disabled
    an_endpoint_that_is_gone_is_disabled_at_once
    a_redirect_is_a_failure_and_is_not_followed
    a_private_address_is_not_called
    an_endpoint_is_its_merchants_and_can_be_tried
}
