//! The partners over real sockets, on loopback.
//! A shop that believes what is signed stands in for the product.

use crate::pure::{AT, KEY, MERCHANTS, PAYMENT, SECRET, ask, gateway_with_money, order, stripe};
use domain::Millis;
use gateways::{Gateway as _, RefundAnswer};
use http::StatusCode;
use partners::control::Desk;
use partners::{Carrier, Fault, Gateway, Receiver, send, serve};
use serde_json::{Value, json};

/// Plays the shop: it believes what is signed.
fn shop() -> partners::Handler {
    partners::Handler::new(|request| {
        let now = Millis(partners::now_unix() * 1_000);
        let (headers, body) = (request.headers(), request.body());
        let read = stripe().read(&gateways::Delivery { headers, body, now });
        let mut answer = stripe().acknowledge();
        if read.is_err() {
            *answer.status_mut() = StatusCode::UNAUTHORIZED;
        }
        answer
    })
}

async fn call(url: &str, body: &Value) -> Value {
    // Any delivery can carry any JSON: the control interface checks no signature.
    let delivery = Gateway::new(SECRET, KEY).paid(PAYMENT, 1, "usd", AT);
    let delivery = delivery.edited(|message| *message = body.clone());
    serde_json::from_slice(send(&delivery, url).await.unwrap().body()).unwrap()
}

#[tokio::test]
async fn all_partners_can_be_played_with_by_hand_over_real_sockets() {
    let any = "127.0.0.1:0".parse().unwrap();
    let shop = serve(any, shop()).await.unwrap();
    let desk = Desk {
        gateway: Gateway::new(SECRET, KEY),
        carrier: Carrier::new("salt"),
        receiver: Receiver::new(&[MERCHANTS]),
        shop: shop.base_url(),
    };
    let running = serve(any, desk.clone().handler()).await.unwrap();
    let url = |path: &str| format!("{}{path}", running.base_url());
    let pay = json!({"payment_id": PAYMENT, "amount": 12_800, "currency": "usd", "repeat": 3,
        "shuffle": true, "seed": 7});
    let told = call(&url("/control/pay"), &pay).await;
    let sent = told["sent"].as_array().unwrap();
    assert_eq!(sent.len(), 6, "{told}");
    assert!(sent.iter().all(|one| one["status"] == 200), "{told}");
    let shuffled = call(&url("/control/pay"), &pay).await;
    let kinds = |told: &Value| {
        let sent = told["sent"].as_array().unwrap().clone();
        sent.iter().map(|one| one["type"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(kinds(&told), kinds(&shuffled), "the same seed, the same order");
    let wrong = call(&url("/control/pay"), &json!({"payment": 1})).await;
    assert!(wrong["error"].as_str().unwrap().contains("unknown field"), "{wrong}");
    let fault = json!({"who": "gateway", "fault": {"status": 500}, "times": 1});
    call(&url("/control/fault"), &fault).await;
    assert!(matches!(ask(&desk.gateway, &order(1, 800)), RefundAnswer::TryAgain { .. }));
    call(&url("/control/refunds-are"), &json!({"status": "pending"})).await;
    assert!(matches!(ask(&desk.gateway, &order(1, 800)), RefundAnswer::Pending { .. }));
    let news = json!({"refund": order(1, 800).refund.as_str()});
    let told = call(&url("/control/refund"), &news).await;
    assert_eq!(told["sent"][0]["status"], 200, "{told}");
    assert_eq!(desk.gateway.refunds()[0].status, "succeeded");
}

#[tokio::test]
async fn a_server_that_was_told_to_hang_answers_nobody_and_ends_when_it_is_dropped() {
    let gateway = gateway_with_money();
    gateway.next_answers(1, &Fault::Hang);
    let running = gateway.clone().serve("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let url = format!("{}/v1/refunds", running.base_url());
    let ask = || {
        let (delivery, url) = (gateway.paid(PAYMENT, 1, "usd", AT), url.clone());
        tokio::spawn(async move { send(&delivery, &url).await.map(drop) })
    };
    let (mut one, mut other) = (ask(), ask());
    let (answered, waiting) = tokio::select! {
        answered = &mut one => (answered, other),
        answered = &mut other => (answered, one),
    };
    assert!(answered.unwrap().is_ok(), "the second answer is right again");
    assert!(!waiting.is_finished());
    drop(running);
    assert!(waiting.await.unwrap().is_err(), "the connection ends with the server");
}
