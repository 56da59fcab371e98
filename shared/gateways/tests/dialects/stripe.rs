//! Stripe's dialect: signatures as Stripe makes them, events as Stripe sends them. The events in
//! `data/stripe.json` were made for these tests, with a secret of theirs.

use domain::{Currency, Millis, Money, PaymentId, PaymentNews, RefundId};
use gateways::{Delivery, Gateway, Heard, Stripe, Unheard};
use hmac::{Hmac, Mac};
use http::HeaderMap;
use proptest::prelude::*;
use serde_json::{Value, json};
use sha2::Sha256;

const SECRET: &str = "whsec_test_secret";
pub const PAYMENT: &str = "pay_0000000000000000000000000000000a";
pub const REFUND: &str = "ref_0000000000000000000000000000000b";
const NOW_S: i64 = 1_768_442_400;

pub fn stripe() -> Stripe {
    Stripe {
        secrets: vec![SECRET.to_owned()],
        api_key: "sk_test_1".to_owned(),
        api_base: "https://api.stripe.com".to_owned(),
        livemode: false,
        account: None,
    }
}

pub fn sign(secret: &str, time: &str, body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(time.as_bytes());
    mac.update(b".");
    mac.update(body);
    hex::encode(mac.finalize().into_bytes())
}

fn deliver(header: &str, body: &[u8], now_s: i64) -> Result<Heard, Unheard> {
    let mut headers = HeaderMap::new();
    headers.insert("stripe-signature", header.parse().unwrap());
    stripe().read(&Delivery { headers: &headers, body, now: Millis(now_s * 1_000) })
}

/// Signed well and on time.
pub fn tell(event: &Value) -> Result<Heard, Unheard> {
    let body = event.to_string();
    let v1 = sign(SECRET, &NOW_S.to_string(), body.as_bytes());
    deliver(&format!("t={NOW_S},v1={v1}"), body.as_bytes(), NOW_S)
}

fn news(event: &Value) -> PaymentNews {
    match tell(event).unwrap() {
        Heard::Facts(mut facts) if facts.len() == 1 => facts.remove(0).what,
        other @ (Heard::Facts(_) | Heard::Nothing { .. }) => panic!("{other:?}"),
    }
}

pub fn event(kind: &str, object: Value) -> Value {
    json!({"id": "evt_9", "object": "event", "created": NOW_S, "livemode": false, "type": kind,
        "data": {"object": object}})
}

fn intent(more: Value) -> Value {
    merged(
        json!({"id": "pi_1", "object": "payment_intent", "currency": "usd", "amount": 12_800,
        "metadata": {"payment_id": PAYMENT}}),
        more,
    )
}

pub fn refund(status: &str, more: Value) -> Value {
    merged(
        json!({"id": "re_1", "object": "refund", "currency": "usd", "amount": 2_800,
        "payment_intent": "pi_1", "charge": "ch_1", "status": status,
        "metadata": {"payment_id": PAYMENT, "refund_no": REFUND}}),
        more,
    )
}

pub fn merged(mut base: Value, more: Value) -> Value {
    for (key, value) in more.as_object().unwrap() {
        base[key] = value.clone();
    }
    base
}

pub fn usd(minor: i64) -> Money {
    Money::new(minor, Currency::parse("USD").unwrap())
}

#[test]
fn the_signed_events_are_believed_and_read() {
    let vectors: Value = serde_json::from_str(include_str!("data/stripe.json")).unwrap();
    for (kind, vector) in vectors.as_object().unwrap() {
        let Some(body) = vector["body"].as_str() else { continue };
        let at = vector["timestamp"].as_i64().unwrap();
        let header = vector["header"].as_str().unwrap();
        let Ok(Heard::Facts(facts)) = deliver(header, body.as_bytes(), at + 299) else {
            panic!("{kind}");
        };
        let [fact] = facts.as_slice() else { panic!("{kind}") };
        assert_eq!(fact.gateway.as_str(), "stripe");
        assert_eq!(fact.reference, "pi_3ORD0003");
        assert_eq!(fact.payment, None, "an order id is not a payment of ours");
        assert_eq!(fact.occurred_at, Millis((at - 1) * 1_000));
        let right = match kind.as_str() {
            "payment_intent.succeeded" => {
                fact.what == PaymentNews::Captured { amount: usd(12_800) }
            }
            "payment_intent.payment_failed" => {
                fact.what == PaymentNews::Failed { reason: "insufficient_funds".into() }
            }
            "charge.refunded" => fact.what == PaymentNews::RefundedInTotal { amount: usd(2_800) },
            "refund.updated" => matches!(&fact.what, PaymentNews::RefundSucceeded { refund, .. }
                if refund.theirs == "re_3ORD0003" && refund.ours.is_none()),
            "refund.failed" => matches!(&fact.what, PaymentNews::RefundFailed { reason, .. }
                if reason == "expired_or_canceled_card"),
            other => panic!("{other}"),
        };
        assert!(right, "{kind}: {:?}", fact.what);
    }
}

#[test]
fn a_signature_is_believed_for_five_minutes_and_no_longer() {
    let body = event("ping", json!({})).to_string();
    let header = format!("t={NOW_S},v1={}", sign(SECRET, &NOW_S.to_string(), body.as_bytes()));
    for off in [-300, -1, 0, 300] {
        assert!(deliver(&header, body.as_bytes(), NOW_S + off).is_ok(), "{off}");
    }
    for off in [-301, 301, 400, 1_000_000_000] {
        assert_eq!(deliver(&header, body.as_bytes(), NOW_S + off), Err(Unheard::TooOld), "{off}");
    }
}

#[test]
fn only_a_v1_by_a_secret_of_ours_proves_anything() {
    let body = event("ping", json!({})).to_string();
    let good = sign(SECRET, &NOW_S.to_string(), body.as_bytes());
    let other = sign("whsec_other", &NOW_S.to_string(), body.as_bytes());
    let believed = [
        format!("t={NOW_S},v1={good}"),
        format!("t={NOW_S},v1={other},v1={good}"),
        format!("t={NOW_S}, v1={good}, v0={other}"),
        format!("v1={good},t={NOW_S},v1="),
    ];
    for header in &believed {
        assert!(deliver(header, body.as_bytes(), NOW_S).is_ok(), "{header}");
    }
    let not_believed = [
        format!("t={NOW_S},v0={good}"),
        format!("t={NOW_S},v1={other}"),
        format!("t={NOW_S},v1=x={good}"),
        format!("t={NOW_S},v1={}", &good[..62]),
        format!("t={NOW_S},t={NOW_S},v1={good}"),
        format!("t=,v1={good}"),
        format!("t=+{NOW_S},v1={good}"),
        format!("t={NOW_S}0000000000000000000,v1={good}"),
        format!("v1={good}"),
        format!("t={NOW_S}"),
        String::new(),
    ];
    for header in &not_believed {
        let answer = deliver(header, body.as_bytes(), NOW_S);
        assert!(matches!(answer, Err(Unheard::BadSignature(_))), "{header}: {answer:?}");
    }
    let longer = format!("{body} ");
    let answer = deliver(&believed[0], longer.as_bytes(), NOW_S);
    assert!(matches!(answer, Err(Unheard::BadSignature(_))), "one byte more");
}

#[test]
fn without_a_configured_secret_nobody_is_believed() {
    let body = event("ping", json!({})).to_string();
    let mut headers = HeaderMap::new();
    let v1 = sign("", &NOW_S.to_string(), body.as_bytes());
    headers.insert("stripe-signature", format!("t={NOW_S},v1={v1}").parse().unwrap());
    let delivery =
        Delivery { headers: &headers, body: body.as_bytes(), now: Millis(NOW_S * 1_000) };
    for secrets in [vec![], vec![String::new()]] {
        let read = Stripe { secrets, ..stripe() }.read(&delivery);
        assert!(matches!(read, Err(Unheard::BadSignature(_))));
    }
    assert_eq!(Stripe::secrets_from(" a , ,b"), ["a", "b"]);
    assert!(Stripe::secrets_from("").is_empty());
}

#[test]
fn both_secrets_are_believed_while_one_is_rolled() {
    let body = event("ping", json!({})).to_string();
    let rolling = Stripe { secrets: vec!["whsec_new".into(), "whsec_old".into()], ..stripe() };
    for secret in ["whsec_new", "whsec_old"] {
        let mut headers = HeaderMap::new();
        let v1 = sign(secret, &NOW_S.to_string(), body.as_bytes());
        headers.insert("stripe-signature", format!("t={NOW_S},v1={v1}").parse().unwrap());
        let now = Millis(NOW_S * 1_000);
        assert!(rolling.read(&Delivery { headers: &headers, body: body.as_bytes(), now }).is_ok());
    }
}

#[test]
fn every_event_about_money_has_its_word() {
    let payment = Some(PaymentId::parse(PAYMENT).unwrap());
    let heard =
        tell(&event("payment_intent.succeeded", intent(json!({"amount_received": 12_800}))));
    let Ok(Heard::Facts(facts)) = heard else { panic!("{heard:?}") };
    assert_eq!(facts[0].payment, payment);
    assert_eq!(facts[0].event_id, "evt_9");
    let told = |kind, object| news(&event(kind, object));
    assert_eq!(told("payment_intent.processing", intent(json!({}))), PaymentNews::Processing);
    assert_eq!(told("payment_intent.canceled", intent(json!({}))), PaymentNews::Cancelled);
    assert_eq!(
        told("payment_intent.amount_capturable_updated", intent(json!({"amount_capturable": 5}))),
        PaymentNews::Authorised { amount: usd(5) }
    );
    assert_eq!(
        told("payment_intent.payment_failed", intent(json!({"last_payment_error": null}))),
        PaymentNews::Failed { reason: "no reason given".into() }
    );
    let dispute = json!({"id": "dp_1", "object": "dispute", "currency": "usd", "amount": 700,
        "charge": "ch_1", "payment_intent": "pi_1", "status": "needs_response"});
    assert_eq!(
        told("charge.dispute.created", dispute.clone()),
        PaymentNews::Disputed { amount: usd(700), dispute: "dp_1".into() }
    );
    for (status, won) in [("won", true), ("lost", false), ("warning_closed", true)] {
        assert_eq!(
            told("charge.dispute.closed", merged(dispute.clone(), json!({"status": status}))),
            PaymentNews::DisputeClosed { amount: usd(700), dispute: "dp_1".into(), won }
        );
    }
}

#[test]
fn a_refunds_status_is_the_truth_whichever_event_brings_it() {
    let ours = RefundId::parse(REFUND).unwrap();
    for kind in ["refund.created", "refund.updated", "refund.failed"] {
        for status in ["pending", "requires_action"] {
            let told = news(&event(kind, refund(status, json!({}))));
            assert!(matches!(told, PaymentNews::RefundPending { .. }), "{kind} {status}");
        }
        let told = news(&event(kind, refund("succeeded", json!({}))));
        let PaymentNews::RefundSucceeded { refund: which, amount } = told else { panic!("{kind}") };
        assert_eq!((which.ours.as_ref(), amount), (Some(&ours), usd(2_800)));
        for status in ["failed", "canceled"] {
            let told = news(&event(kind, refund(status, json!({}))));
            assert!(matches!(told, PaymentNews::RefundFailed { reason, .. } if reason == status));
        }
    }
}

#[test]
fn an_event_that_we_do_not_act_on_is_heard_as_nothing() {
    let told = tell(&event("customer.created", json!({"anything": [1, 2]})));
    assert_eq!(told, Ok(Heard::Nothing { event_id: "evt_9".into() }));
}

#[test]
fn a_body_without_what_it_needs_is_unreadable_and_says_where() {
    let succeeded = "payment_intent.succeeded";
    let faults = [
        (event(succeeded, intent(json!({}))), "data.object.amount_received: missing"),
        (event(succeeded, intent(json!({"amount_received": "9"}))), "data.object.amount_received"),
        (event(succeeded, intent(json!({"amount_received": -1}))), "data.object.amount_received"),
        (event(succeeded, intent(json!({"currency": "???"}))), "data.object.amount_received"),
        (event(succeeded, intent(json!({"metadata": {"payment_id": 7}}))), "data.object.metadata"),
        (event(succeeded, refund("succeeded", json!({}))), "data.object.object"),
        (event("refund.updated", refund("gone", json!({}))), "data.object.status"),
        (event("charge.dispute.closed", refund("x", json!({}))), "data.object.object"),
        (json!({"object": "v2.core.event", "id": "evt_9"}), "object: not an event"),
        (merged(event("ping", json!({})), json!({"livemode": true})), "livemode"),
        (merged(event("ping", json!({})), json!({"id": ""})), "id: not an identifier"),
        (merged(event("ping", json!({})), json!({"created": i64::MAX})), "created"),
        (json!([]), ""),
    ];
    for (event, path) in faults {
        let read = tell(&event);
        let Err(Unheard::Unreadable(why)) = &read else { panic!("{event}: {read:?}") };
        assert!(why.starts_with(path), "{why:?} does not start with {path:?}");
    }
    for body in ["", "{", "{\"object\":\"event\"}{}", "\u{feff}{}"] {
        let v1 = sign(SECRET, &NOW_S.to_string(), body.as_bytes());
        let read = deliver(&format!("t={NOW_S},v1={v1}"), body.as_bytes(), NOW_S);
        assert!(matches!(read, Err(Unheard::Unreadable(_))), "{body:?}: {read:?}");
    }
}

proptest! {
    #[test]
    fn no_bytes_can_make_it_panic(
        header in "\\PC{0,80}|t=[0-9]{0,20},v1=[0-9a-f]{0,70}",
        body in prop::collection::vec(any::<u8>(), 0..300),
        now in any::<i64>(),
    ) {
        let mut headers = HeaderMap::new();
        if let Ok(value) = http::HeaderValue::from_bytes(header.as_bytes()) {
            headers.insert("stripe-signature", value);
        }
        let read = stripe().read(&Delivery { headers: &headers, body: &body, now: Millis(now) });
        prop_assert!(read.is_err());
    }
}
