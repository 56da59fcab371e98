//! Alipay's dialect: signed forms in, signed requests out. The notifications in `data/alipay.json`
//! were made for these tests, with a key of theirs.

use crate::signing::{alipay_vectors, bare, order, private_key, public_key, rsa_sign, yuan};
use bytes::Bytes;
use domain::{Millis, PaymentId, PaymentNews, RefundOrder};
use gateways::{Alipay, CannotAsk, Delivery, Gateway, Heard, RefundAnswer, Unheard};
use http::{HeaderMap, Response};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::BTreeMap;

const APP: &str = "2021000000000001";
const URL: &str = "https://openapi.alipay.com/gateway.do";
const NOW: Millis = Millis(1_768_442_400_000);

fn alipay() -> Alipay {
    let alipay = Alipay::new(APP, URL, &bare(&public_key())).unwrap();
    alipay.signing_with(&bare(&private_key())).unwrap()
}

fn read(body: &str) -> Result<Heard, Unheard> {
    let headers = HeaderMap::new();
    alipay().read(&Delivery { headers: &headers, body: body.as_bytes(), now: NOW })
}

fn body(name: &str) -> String {
    alipay_vectors()[name]["form_body"].as_str().unwrap().to_owned()
}

fn what(heard: &Result<Heard, Unheard>) -> (PaymentNews, Millis) {
    let Ok(Heard::Facts(facts)) = heard else { panic!("{heard:?}") };
    (facts[0].what.clone(), facts[0].occurred_at)
}

/// A payment's notification with some fields changed, signed in one of Alipay's two ways.
fn told(changes: &[(&str, &str)], sign_type_signed: bool) -> String {
    let params = alipay_vectors()["paid"]["params"].clone();
    let mut fields: BTreeMap<String, String> = serde_json::from_value(params).unwrap();
    fields.remove("sign");
    for (name, value) in changes {
        fields.insert((*name).to_owned(), (*value).to_owned());
    }
    let signed = fields.iter().filter(|(name, _)| sign_type_signed || *name != "sign_type");
    let signed: Vec<String> = signed.map(|(name, value)| format!("{name}={value}")).collect();
    let sign = rsa_sign(&signed.join("&"));
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(&fields)
        .append_pair("sign", &sign)
        .finish()
}

#[test]
fn a_signed_notification_is_believed_and_read() {
    let paid = read(&body("paid"));
    let Ok(Heard::Facts(facts)) = &paid else { panic!("{paid:?}") };
    assert_eq!(facts[0].gateway.as_str(), "alipay");
    assert_eq!(facts[0].event_id, "2026011500222100000000000000000001");
    assert_eq!(facts[0].account.as_deref(), Some("2088101106499364/2021000000000001"));
    assert_eq!(facts[0].reference, "2026011522001400000000000001");
    assert_eq!(facts[0].payment, None, "an order number is no payment of ours");
    let at = Millis(1_768_442_404_000);
    assert_eq!(what(&paid), (PaymentNews::Captured { amount: yuan(12_800) }, at));
    let refunded = Millis(1_768_449_604_123);
    let part = (PaymentNews::RefundedInTotal { amount: yuan(2_800) }, refunded);
    assert_eq!(what(&read(&body("partial_refund"))), part);
    let all = (PaymentNews::RefundedInTotal { amount: yuan(12_800) }, refunded);
    assert_eq!(what(&read(&body("full_refund"))), all, "closed because all went back");
}

#[test]
fn both_ways_of_alipays_to_sign_are_believed() {
    for sign_type_signed in [false, true] {
        assert!(read(&told(&[], sign_type_signed)).is_ok(), "{sign_type_signed}");
    }
    let odd = told(&[("subject", "100% + a&b=c {\"x\":\"%41\"}"), ("empty", "")], false);
    assert!(read(&odd).is_ok(), "values are decoded once, and empty ones are signed too");
}

#[test]
fn whoever_lacks_alipays_key_is_not_believed() {
    let good = body("paid");
    let forged = [
        good.replace("total_amount=128.00", "total_amount=1.00"),
        good.replace("sign_type=RSA2", "sign_type=RSA"),
        good.replace("subject=", "subject=x"),
        good.replace("&sign=", "&sing="),
        good.replace("&sign=sHEq", "&sign=AAAA"),
        format!("{good}&extra=1"),
        String::new(),
    ];
    for body in forged {
        let answer = read(&body);
        assert!(matches!(answer, Err(Unheard::BadSignature(_))), "{body}: {answer:?}");
    }
}

#[test]
fn a_refund_is_known_by_what_went_back_and_not_by_the_field() {
    let zero = read(&told(&[("refund_fee", "0.00")], false));
    assert!(matches!(what(&zero).0, PaymentNews::Captured { .. }));
    let closed = &[("trade_status", "TRADE_CLOSED"), ("gmt_close", "2026-01-15 10:30:00")];
    assert_eq!(what(&read(&told(closed, false))).0, PaymentNews::Cancelled);
    let finished = read(&told(&[("trade_status", "TRADE_FINISHED")], false));
    assert!(matches!(what(&finished).0, PaymentNews::Captured { .. }));
    let nameless = read(&told(&[("gmt_refund", "2026-01-15 12:00:04")], false));
    assert!(matches!(nameless, Err(Unheard::Unreadable(_))), "a refund of what?");
    let ours = "pay_0000000000000000000000000000000a";
    let Ok(Heard::Facts(facts)) = read(&told(&[("out_trade_no", ours)], false)) else { panic!() };
    assert_eq!(facts[0].payment, PaymentId::parse(ours).ok());
}

#[test]
fn what_is_signed_and_makes_no_sense_is_unreadable_and_says_where() {
    let faults = [
        ("total_amount", "128.005"),
        ("total_amount", "-1"),
        ("total_amount", ""),
        ("refund_fee", "1e2"),
        ("trade_status", "?"),
        ("gmt_payment", "yesterday"),
        ("notify_id", ""),
        ("trade_no", "a b"),
        ("app_id", ""),
        ("charset", "gbk"),
    ];
    for (name, value) in faults {
        let answer = read(&told(&[(name, value)], false));
        let Err(Unheard::Unreadable(why)) = &answer else { panic!("{name}={value}: {answer:?}") };
        assert!(why.starts_with(name), "{why}");
    }
    assert!(matches!(read("a=1&a=2"), Err(Unheard::Unreadable(_))));
    for changes in [("trade_status", "WAIT_BUYER_PAY"), ("notify_type", "open_app_auth_notify")] {
        assert!(matches!(read(&told(&[changes], true)), Ok(Heard::Nothing { .. })));
    }
}

#[test]
fn the_answers_are_alipays_own() {
    assert_eq!(alipay().acknowledge().body().as_ref(), b"success");
    let no = alipay().refuse(&Unheard::BadSignature("x")).unwrap();
    assert_eq!((no.status().as_u16(), no.body().as_ref()), (401, b"fail".as_ref()));
}

fn asked() -> RefundOrder {
    order("alipay", "2026011522001400000000000001")
}

#[test]
fn a_refund_is_asked_for_with_our_id_and_the_apps_signature() {
    let request = alipay().refund_request(&asked(), NOW).unwrap();
    assert!(request.uri().to_string().starts_with(URL));
    let query = request.uri().query().unwrap().as_bytes();
    let mut fields: BTreeMap<String, String> = form_urlencoded::parse(query)
        .chain(form_urlencoded::parse(request.body()))
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect();
    let sign = fields.remove("sign").unwrap();
    let signed: Vec<String> =
        fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
    assert_eq!(sign, rsa_sign(&signed.join("&")));
    assert_eq!(fields["timestamp"], "2026-01-15 10:00:00");
    assert_eq!(fields["method"], "alipay.trade.refund");
    let content: Value = serde_json::from_str(&fields["biz_content"]).unwrap();
    assert_eq!(
        content,
        json!({"trade_no": "2026011522001400000000000001", "refund_amount": "28.00",
            "out_request_no": "ref_0000000000000000000000000000000b"})
    );
    let keyless = Alipay::new(APP, URL, &public_key()).unwrap().refund_request(&asked(), NOW);
    assert!(matches!(keyless, Err(CannotAsk::NotConfigured(_))));
}

fn answered(inner: &str, sign: &str) -> RefundAnswer {
    let body = format!(r#"{{"alipay_trade_refund_response":{inner},"sign":"{sign}"}}"#);
    alipay().refund_answer(&asked(), &Response::new(Bytes::from(body)))
}

#[test]
fn money_went_back_only_when_alipay_signs_that_it_did() {
    let told = |inner: &str| answered(inner, &rsa_sign(inner));
    let theirs = || asked().refund.as_str().to_owned();
    let moved = r#"{"code":"10000","msg":"Success","fund_change":"Y","refund_fee":"28.00"}"#;
    assert_eq!(told(moved), RefundAnswer::Succeeded { theirs: theirs() });
    for not_yet in [moved.replace("\"Y\"", "\"N\""), r#"{"code":"10000"}"#.to_owned()] {
        assert_eq!(told(&not_yet), RefundAnswer::Pending { theirs: theirs() });
    }
    assert!(matches!(answered(moved, "AAAA"), RefundAnswer::TryAgain { .. }), "not signed");
    let no = |code: &str| told(&format!(r#"{{"code":"40004","sub_code":"{code}"}}"#));
    assert!(matches!(no("ACQ.TRADE_HAS_FINISHED"), RefundAnswer::Refused { .. }));
    assert!(matches!(no("ACQ.SYSTEM_ERROR"), RefundAnswer::TryAgain { .. }));
    assert!(matches!(told(r#"{"code":"20000"}"#), RefundAnswer::TryAgain { .. }));
    for garbage in ["", "{}", "[]", "<html>"] {
        let answer = Response::new(Bytes::from(garbage));
        let answer = alipay().refund_answer(&asked(), &answer);
        assert!(matches!(answer, RefundAnswer::TryAgain { .. }), "{garbage}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn no_bytes_can_make_it_panic(body in prop::collection::vec(any::<u8>(), 0..300)) {
        let headers = HeaderMap::new();
        let read = alipay().read(&Delivery { headers: &headers, body: &body, now: NOW });
        prop_assert!(read.is_err());
        let answer = Response::new(Bytes::from(body));
        let answer = alipay().refund_answer(&asked(), &answer);
        let again = matches!(answer, RefundAnswer::TryAgain { .. });
        prop_assert!(again);
    }
}
