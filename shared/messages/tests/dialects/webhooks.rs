//! Webhooks to merchants: what is sent, signed with what, and what an answer means.

use crate::NOW;
use bytes::Bytes;
use domain::{
    Endpoint, EndpointId, EndpointSecret, EndpointSettings, EndpointState, MerchantId, Millis,
};
use http::Response;
use messages::webhook::{Event, Heard, heard, request, sign};
use serde_json::{Value, json};

const NEW: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const OLD: &str = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

fn endpoint(old_until: Millis) -> Endpoint {
    let url = "https://hooks.example.com/orders".to_owned();
    let secret = |secret: &str, until| EndpointSecret { secret: secret.to_owned(), until };
    Endpoint {
        id: EndpointId::mint(&mut || 1),
        merchant: MerchantId::parse("m1").unwrap(),
        settings: EndpointSettings { url, events: Vec::new(), contact: None },
        secrets: vec![secret(NEW, None), secret(OLD, Some(old_until))],
        opened_at: Millis(0),
        state: EndpointState::Enabled { failing_since: None },
    }
}

fn event(data: &Value) -> Event<'_> {
    Event { id: "ord_1:paid", kind: "order.paid", at: "2026-03-02T01:00:00.000Z", data }
}

#[test]
fn a_webhook_is_signed_with_every_secret_that_is_good_now() {
    let data = json!({"order": "ord_1"});
    let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let sent = request(&endpoint(NOW.plus(1)), &event(&data), Some(trace), NOW).unwrap();
    assert_eq!(sent.uri(), "https://hooks.example.com/orders");
    assert_eq!(sent.headers()["webhook-id"], "ord_1:paid");
    assert_eq!(sent.headers()["webhook-timestamp"], "1772413200");
    assert_eq!(sent.headers()["traceparent"], trace);
    let by = |secret| sign(secret, "ord_1:paid", 1_772_413_200, sent.body()).unwrap();
    assert_eq!(sent.headers()["webhook-signature"], format!("{} {}", by(NEW), by(OLD)));
    let later = request(&endpoint(NOW), &event(&data), None, NOW).unwrap();
    assert_eq!(later.headers()["webhook-signature"], by(NEW), "the old one's time is over");
    let body: Value = serde_json::from_slice(sent.body()).unwrap();
    let right =
        json!({"type": "order.paid", "timestamp": "2026-03-02T01:00:00.000Z", "data": data});
    assert_eq!(body, right);
}

#[test]
fn too_much_is_told_thin() {
    let data = json!({"order": "ord_1", "number": "n", "detail": "x".repeat(20_000)});
    let body: Value = serde_json::from_slice(&event(&data).body()).unwrap();
    assert_eq!(body["data"], json!({"order": "ord_1", "number": "n", "thin": true}));
}

fn said(status: u16, retry_after: Option<&str>) -> Heard {
    let mut answer = Response::builder().status(status);
    if let Some(value) = retry_after {
        answer = answer.header("retry-after", value);
    }
    heard(&answer.body(Bytes::new()).unwrap(), NOW)
}

#[test]
fn two_hundreds_have_arrived_and_a_redirect_has_not() {
    for status in [200, 201, 204, 299] {
        assert_eq!(said(status, None), Heard::Arrived, "{status}");
    }
    assert_eq!(said(410, None), Heard::Gone);
    for status in [301, 302, 307, 308, 400, 404, 429, 500, 502, 504] {
        assert_eq!(said(status, None), Heard::Failed { after_ms: None }, "{status}");
    }
}

#[test]
fn retry_after_is_seconds_or_a_date() {
    for (value, wait) in [
        ("7", Some(7_000)),
        ("Mon, 02 Mar 2026 01:10:00 GMT", Some(600_000)),
        ("Mon, 02 Mar 2020 01:10:00 GMT", Some(0)),
        ("soon", None),
        ("-1", None),
    ] {
        assert_eq!(said(503, Some(value)), Heard::Failed { after_ms: wait }, "{value}");
    }
}
