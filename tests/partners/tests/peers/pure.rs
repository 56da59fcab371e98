//! The partners against the product's own dialects, without a network.
//! The two share no code, so each finds the other wrong.

use bytes::Bytes;
use domain::{
    Currency, GatewayName, Millis, Money, PaymentId, PaymentNews, RefundId, RefundOrder,
    RefundedFrom, TrackingStep, fold,
};
use gateways::{Gateway as _, Heard, RefundAnswer, Stripe, Unheard};
use http::{Request, StatusCode};
use partners::{Carrier, Delivery, Fault, Gateway, Hang, Receiver, Scan};
use serde_json::json;

pub const SECRET: &str = "whsec_c2VjcmV0";
pub const KEY: &str = "sk_test_1";
pub const MERCHANTS: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
pub const PAYMENT: &str = "pay_0000000000000000000000000000000a";
pub const AT: i64 = 1_768_442_400;

pub fn stripe() -> Stripe {
    let secrets = vec![SECRET.to_owned()];
    let api_base = "http://127.0.0.1:1".to_owned();
    Stripe { secrets, api_key: KEY.to_owned(), api_base, livemode: false, account: None }
}

fn read(delivery: &Delivery) -> Result<Heard, Unheard> {
    let Delivery { headers, body, .. } = delivery;
    stripe().read(&gateways::Delivery { headers, body, now: Millis(AT * 1_000) })
}

fn news(delivery: &Delivery) -> PaymentNews {
    let Ok(Heard::Facts(mut facts)) = read(delivery) else { panic!("{:?}", read(delivery)) };
    facts.remove(0).what
}

pub fn order(n: u8, minor: i64) -> RefundOrder {
    let usd = Currency::parse("USD").unwrap();
    RefundOrder {
        refund: RefundId::parse(&format!("ref_{n:032x}")).unwrap(),
        from: RefundedFrom::Payment(PaymentId::parse(PAYMENT).unwrap()),
        gateway: GatewayName::parse("stripe").unwrap(),
        reference: "pi_0000000000000000000000000000000a".to_owned(),
        amount: Money::new(minor, usd),
        captured: Money::new(12_800, usd),
        look_first: false,
    }
}

pub fn ask(gateway: &Gateway, order: &RefundOrder) -> RefundAnswer {
    let request = stripe().refund_request(order, Millis(0)).unwrap();
    stripe().refund_answer(order, &gateway.refund(&request))
}

pub fn gateway_with_money() -> Gateway {
    let gateway = Gateway::new(SECRET, KEY);
    gateway.paid(PAYMENT, 12_800, "USD", AT);
    gateway
}

#[test]
fn the_product_believes_the_gateway_and_understands_it() {
    let gateway = Gateway::new(SECRET, KEY);
    let paid = gateway.paid(PAYMENT, 12_800, "USD", AT);
    assert!(matches!(news(&paid), PaymentNews::Captured { amount } if amount.minor == 12_800));
    let failed = gateway.failed(PAYMENT, (12_800, "USD"), "insufficient_funds", AT);
    assert!(matches!(news(&failed), PaymentNews::Failed { .. }));
    assert_eq!(news(&gateway.processing(PAYMENT, 1, "usd", AT)), PaymentNews::Processing);
    assert_eq!(news(&gateway.canceled(PAYMENT, 1, "usd", AT)), PaymentNews::Cancelled);
    let dispute = gateway.dispute(PAYMENT, 700, "usd", AT);
    assert!(matches!(news(&dispute), PaymentNews::Disputed { .. }));
    let closed = gateway.dispute_closed(PAYMENT, (700, "usd"), true, AT);
    assert!(matches!(news(&closed), PaymentNews::DisputeClosed { won: true, .. }));
    let (Ok(Heard::Facts(first)), Ok(Heard::Facts(second))) = (read(&paid), read(&failed)) else {
        panic!()
    };
    assert_eq!(first[0].payment.as_ref().unwrap().as_str(), PAYMENT);
    assert_eq!(first[0].reference, second[0].reference);
    assert_ne!(first[0].event_id, second[0].event_id);
}

#[test]
fn a_delivery_can_be_aged_forged_and_signed_by_somebody_else() {
    let paid = Gateway::new(SECRET, KEY).paid(PAYMENT, 12_800, "USD", AT);
    assert_eq!(read(&paid.clone().signed_at(AT - 301)), Err(Unheard::TooOld));
    let forged = paid.clone().forged(|event| event["data"]["object"]["amount_received"] = 1.into());
    assert!(matches!(read(&forged), Err(Unheard::BadSignature(_))));
    let others = paid.clone().signed_by("whsec_b3RoZXI=");
    assert!(matches!(read(&others), Err(Unheard::BadSignature(_))));
    let Ok(Heard::Facts(facts)) = read(&paid.event_id("evt_again")) else { panic!() };
    assert_eq!(facts[0].event_id, "evt_again");
}

#[test]
fn asking_twice_for_a_refund_pays_once() {
    let gateway = gateway_with_money();
    let first = ask(&gateway, &order(1, 2_800));
    assert!(matches!(&first, RefundAnswer::Succeeded { .. }), "{first:?}");
    assert_eq!(ask(&gateway, &order(1, 2_800)), first);
    assert_eq!(gateway.refunds().len(), 1);
    assert_eq!(gateway.refunds()[0].asked, 2);
    let other_words = ask(&gateway, &order(1, 2_801));
    assert!(matches!(other_words, RefundAnswer::Refused { .. }));
}

#[test]
fn nobody_gets_back_more_than_was_captured() {
    let gateway = gateway_with_money();
    assert!(matches!(ask(&gateway, &order(1, 12_801)), RefundAnswer::Refused { .. }));
    assert!(matches!(ask(&gateway, &order(2, 12_800)), RefundAnswer::Succeeded { .. }));
    let RefundAnswer::Refused { reason } = ask(&gateway, &order(3, 1)) else { panic!() };
    assert!(reason.starts_with("charge_already_refunded"), "{reason}");
    let total = gateway.refunded_in_total(PAYMENT, AT).unwrap();
    assert!(matches!(news(&total), PaymentNews::RefundedInTotal { amount }
        if amount.minor == 12_800));
    let unknown = RefundOrder { reference: "pi_x".to_owned(), ..order(4, 1) };
    assert!(matches!(ask(&gateway, &unknown), RefundAnswer::Refused { .. }));
    let failed = gateway.refund_failed(order(2, 0).refund.as_str(), "lost_card", AT).unwrap();
    assert!(matches!(news(&failed), PaymentNews::RefundFailed { reason, .. }
        if reason == "lost_card"));
    let again = ask(&gateway, &order(5, 12_800));
    assert!(matches!(again, RefundAnswer::Succeeded { .. }), "what failed can be paid again");
}

#[test]
fn a_pending_refund_ends_when_the_gateway_says_so() {
    let gateway = gateway_with_money();
    gateway.refunds_are("pending");
    assert!(matches!(ask(&gateway, &order(1, 800)), RefundAnswer::Pending { .. }));
    let which = order(1, 800).refund;
    let pending = gateway.refund_updated(which.as_str(), AT).unwrap();
    assert!(matches!(news(&pending), PaymentNews::RefundPending { .. }));
    let done = gateway.refund_succeeded(which.as_str(), AT).unwrap();
    let PaymentNews::RefundSucceeded { refund, amount } = news(&done) else { panic!() };
    assert_eq!((refund.ours, amount.minor), (Some(which), 800));
    assert!(gateway.refund_updated("re_none", AT).is_err());
}

#[test]
fn a_gateway_that_misbehaves_is_asked_again_and_has_paid_once() {
    let gateway = gateway_with_money();
    let faults = [
        Fault::Status(500),
        Fault::TooManyRequests { retry_after_s: 7 },
        Fault::Hang,
        Fault::Redirect("http://127.0.0.1:1/".to_owned()),
        Fault::Garbage,
        Fault::DoneButLost,
    ];
    for fault in &faults {
        gateway.next_answers(1, fault);
        let answer = ask(&gateway, &order(1, 2_800));
        assert!(matches!(answer, RefundAnswer::TryAgain { .. }), "{fault:?}: {answer:?}");
    }
    assert!(matches!(ask(&gateway, &order(1, 2_800)), RefundAnswer::Succeeded { .. }));
    assert_eq!(gateway.refunds().len(), 1);
    gateway.next_answers(1, &Fault::Hang);
    let request = stripe().refund_request(&order(2, 1), Millis(0)).unwrap();
    assert!(gateway.refund(&request).extensions().get::<Hang>().is_some());
}

#[test]
fn a_stranger_gets_no_refund() {
    let gateway = gateway_with_money();
    let stranger = Stripe { api_key: "sk_other".to_owned(), ..stripe() };
    let request = stranger.refund_request(&order(1, 1), Millis(0)).unwrap();
    assert_eq!(gateway.refund(&request).status(), StatusCode::UNAUTHORIZED);
    assert!(gateway.refunds().is_empty());
}

#[test]
fn the_product_believes_the_carrier_and_understands_it() {
    use carriers::Carrier as _;
    let carrier = Carrier::new("salt");
    let trace = [
        Scan::new("2026-01-15 18:00:00", "103", "已揽收"),
        Scan::new("2026-01-16 09:00:00", "5", "正在派件"),
    ];
    let push = carrier.trace("yuantong", "YT1", &trace);
    let ours = carriers::Kuaidi100::new("salt").unwrap();
    let read = |push: &Delivery| {
        let Delivery { headers, body, .. } = push;
        ours.read(&carriers::Delivery { headers, body, now: Millis(1_768_536_000_000) })
            .map(|told| told.facts)
    };
    assert_eq!(fold(&read(&push).unwrap()).unwrap().step, TrackingStep::OutForDelivery);
    let given_up = read(&carrier.gives_up("yuantong", "YT1", &trace, "60天无变化")).unwrap();
    assert!(matches!(fold(&given_up).unwrap().step, TrackingStep::Exception(_)));
    let forged = push.forged(|push| push["lastResult"]["nu"] = json!("YT2"));
    assert!(matches!(read(&forged), Err(carriers::Unheard::BadSignature(_))));
}

fn message(id: &str, secrets: &[&str], sent_at: i64, body: &str) -> Request<Bytes> {
    let signature =
        messages::webhook::sign_with_all(secrets.iter().copied(), id, sent_at, body.as_bytes())
            .unwrap();
    Request::post("http://127.0.0.1:1/hooks")
        .header("webhook-id", id)
        .header("webhook-timestamp", sent_at)
        .header("webhook-signature", signature)
        .body(Bytes::from(body.to_owned()))
        .unwrap()
}

#[test]
fn a_merchant_verifies_our_messages_and_knows_a_repeat() {
    let other = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    let receiver = Receiver::new(&[MERCHANTS]);
    receiver.set_clock(AT);
    let good = message("msg_1", &[MERCHANTS], AT, "{}");
    let rolled = message("msg_2", &[other, MERCHANTS], AT - 300, "{}");
    for request in [&good, &good, &rolled] {
        assert_eq!(receiver.receive(request).status(), 204);
    }
    let mut changed = good.clone();
    *changed.body_mut() = Bytes::from_static(b"[]");
    let bad = [
        changed,
        message("msg_3", &[other], AT, "{}"),
        message("msg_4", &[MERCHANTS], AT - 301, "{}"),
        message("msg_5", &[MERCHANTS], AT + 301, "{}"),
        message("msg.6", &[MERCHANTS], AT, "{}"),
    ];
    for request in &bad {
        assert_eq!(receiver.receive(request).status(), 401);
    }
    let got: Vec<(String, bool)> =
        receiver.received().into_iter().map(|message| (message.id, message.repeat)).collect();
    let expected = [("msg_1", false), ("msg_1", true), ("msg_2", false)];
    assert_eq!(got, expected.map(|(id, repeat)| (id.to_owned(), repeat)));
    assert_eq!(receiver.refused().len(), bad.len());
    receiver.next_answers(1, &Fault::Redirect("http://127.0.0.1:1/".to_owned()));
    assert_eq!(receiver.receive(&good).status(), 307);
}
