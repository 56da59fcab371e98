//! Refunds at Stripe: what is asked, and what each of its answers means.
//! The answers are written as Stripe documents them; no server is asked.

use crate::stripe::{PAYMENT, REFUND, event, merged, refund, stripe, tell, usd};
use bytes::Bytes;
use domain::{GatewayName, Millis, PaymentId, RefundId, RefundOrder, RefundedFrom};
use gateways::{CannotAsk, Gateway, Heard, RefundAnswer, Stripe};
use http::Response;
use proptest::prelude::*;
use serde_json::json;

fn order() -> RefundOrder {
    RefundOrder {
        refund: RefundId::parse(REFUND).unwrap(),
        from: RefundedFrom::Payment(PaymentId::parse(PAYMENT).unwrap()),
        gateway: GatewayName::parse("stripe").unwrap(),
        reference: "pi_1".to_owned(),
        amount: usd(2_800),
        captured: usd(12_800),
        look_first: false,
    }
}

#[test]
fn a_refund_is_asked_for_with_our_id_as_its_key() {
    let request = stripe().refund_request(&order(), Millis(0)).unwrap();
    assert_eq!(request.method(), "POST");
    assert_eq!(request.uri(), "https://api.stripe.com/v1/refunds");
    assert_eq!(request.headers()["authorization"], "Bearer sk_test_1");
    assert!(request.headers()["authorization"].is_sensitive());
    assert_eq!(request.headers()["idempotency-key"], REFUND);
    let body: Vec<(String, String)> = form_urlencoded::parse(request.body()).into_owned().collect();
    let said = |key: &str| body.iter().find(|(k, _)| k == key).map(|(_, v)| v.as_str());
    assert_eq!(said("payment_intent"), Some("pi_1"));
    assert_eq!(said("amount"), Some("2800"));
    assert_eq!(said("metadata[refund_no]"), Some(REFUND));
    assert_eq!(said("metadata[payment_id]"), Some(PAYMENT));
    let later = stripe().refund_request(&order(), Millis(99_000)).unwrap();
    assert_eq!(request.body(), later.body(), "the same key must come with the same words");
}

#[test]
fn a_refund_that_cannot_be_said_is_not_asked_for() {
    let ask = |stripe: Stripe, order: RefundOrder| stripe.refund_request(&order, Millis(0));
    let unnamed = ask(Stripe { api_key: String::new(), ..stripe() }, order());
    assert!(matches!(unnamed, Err(CannotAsk::NotConfigured(_))));
    let nothing = ask(stripe(), RefundOrder { amount: usd(0), ..order() });
    assert!(matches!(nothing, Err(CannotAsk::Amount(_))));
    for api_base in ["", "no url at all"] {
        let nowhere = ask(Stripe { api_base: api_base.to_owned(), ..stripe() }, order());
        assert!(matches!(nowhere, Err(CannotAsk::NotARequest(_))), "{api_base:?}");
    }
    let broken = ask(Stripe { api_key: "a\nb".to_owned(), ..stripe() }, order());
    assert!(matches!(broken, Err(CannotAsk::NotARequest(_))));
}

fn answered(status: u16, body: &str) -> RefundAnswer {
    let answer = Response::builder().status(status).body(Bytes::from(body.to_owned())).unwrap();
    stripe().refund_answer(&order(), &answer)
}

#[test]
fn accepted_is_not_refunded() {
    let body = |status: &str| refund(status, json!({})).to_string();
    let theirs = || "re_1".to_owned();
    assert_eq!(answered(200, &body("succeeded")), RefundAnswer::Succeeded { theirs: theirs() });
    assert_eq!(answered(200, &body("pending")), RefundAnswer::Pending { theirs: theirs() });
    assert!(matches!(answered(200, &body("failed")), RefundAnswer::Refused { .. }));
    let other = refund("succeeded", json!({"amount": 2_801})).to_string();
    assert!(matches!(answered(200, &other), RefundAnswer::Refused { .. }));
}

#[test]
fn a_final_no_goes_to_a_person_and_everything_else_is_asked_again() {
    let no = r#"{"error":{"type":"invalid_request_error","code":"charge_already_refunded",
        "message":"Charge ch_1 has already been refunded."}}"#;
    for status in [400, 402, 404] {
        let RefundAnswer::Refused { reason } = answered(status, no) else { panic!("{status}") };
        assert_eq!(reason, "charge_already_refunded: Charge ch_1 has already been refunded.");
        let by_a_proxy = answered(status, "<html>");
        assert!(matches!(by_a_proxy, RefundAnswer::TryAgain { .. }), "{status}");
    }
    for status in [301, 401, 403, 408, 409, 429, 500, 503] {
        assert!(matches!(answered(status, no), RefundAnswer::TryAgain { .. }), "{status}");
    }
    for garbage in
        ["", "{}", "ok", r#"{"object":"charge","id":"ch_1","amount":1,"currency":"usd"}"#]
    {
        assert!(matches!(answered(200, garbage), RefundAnswer::TryAgain { .. }), "{garbage}");
    }
}

#[test]
fn retry_after_is_honoured_where_it_is_a_number() {
    for (value, wait) in [("7", Some(7_000)), ("soon", None), ("-1", None)] {
        let answer = Response::builder()
            .status(429)
            .header("retry-after", value)
            .body(Bytes::new())
            .unwrap();
        let answer = stripe().refund_answer(&order(), &answer);
        assert!(matches!(answer, RefundAnswer::TryAgain { after_ms, .. } if after_ms == wait));
    }
}

proptest! {
    #[test]
    fn no_signed_json_can_make_it_panic(
        kind in prop::sample::select(vec!["payment_intent.succeeded", "refund.updated",
            "charge.refunded", "charge.dispute.closed", "payment_intent.payment_failed"]),
        amount in any::<i64>(),
        created in any::<i64>(),
        text in "\\PC{0,40}",
        status in 0u16..700,
    ) {
        let object = json!({"id": text, "object": "refund", "currency": "usd", "amount": amount,
            "amount_received": amount, "amount_refunded": amount, "status": text,
            "failure_reason": text, "metadata": {"payment_id": text}});
        let told = merged(event(kind, object.clone()), json!({"created": created}));
        if let Ok(Heard::Facts(facts)) = tell(&told) {
            prop_assert_eq!(facts.len(), 1);
        }
        if let Ok(answer) =
            Response::builder().status(status).body(Bytes::from(object.to_string()))
        {
            let answer = stripe().refund_answer(&order(), &answer);
            let paid = matches!(answer, RefundAnswer::Succeeded { .. });
            prop_assert!(!paid || amount == 2_800);
        }
    }
}
