//! SF Express's dialect: unsigned scans on a secret path, as JSON and as XML. The pushes in
//! `data/shunfeng.json` are those of SF's documentation.

use carriers::shunfeng::Mode;
use carriers::{Carrier, Delivery, Shunfeng, Unheard};
use domain::{ExceptionKind, Millis, TrackingFact, TrackingStep as S};
use http::HeaderMap;
use proptest::prelude::*;
use serde_json::{Value, json};

const TOKEN: &str = "0123456789abcdef";
const NOW: Millis = Millis(1_768_536_000_000);

fn shunfeng(mode: Mode) -> Shunfeng {
    Shunfeng::new(mode, TOKEN).unwrap()
}

fn read(mode: Mode, body: &str) -> Result<Vec<TrackingFact>, Unheard> {
    let headers = HeaderMap::new();
    shunfeng(mode)
        .read(&Delivery { headers: &headers, body: body.as_bytes(), now: NOW })
        .map(|t| t.facts)
}

fn form(xml: &str) -> String {
    form_urlencoded::Serializer::new(String::new()).append_pair("content", xml).finish()
}

fn vectors() -> Value {
    serde_json::from_str(include_str!("data/shunfeng.json")).unwrap()
}

fn scan(op_code: &str, remark: &str, more: &[(&str, &str)]) -> S {
    let mut route = json!({"mailno": "SF1", "acceptTime": "2026-01-16 09:00:00",
        "opCode": op_code, "remark": remark});
    for (name, value) in more {
        route[*name] = json!(value);
    }
    let push = json!({"Body": {"WaybillRoute": [route]}});
    read(Mode::Json, &push.to_string()).unwrap()[0].step
}

#[test]
fn both_forms_of_a_push_say_the_same() {
    let vectors = vectors();
    let by_json = read(Mode::Json, vectors["sf_push_json"]["body"].as_str().unwrap()).unwrap();
    let [fact] = by_json.as_slice() else { panic!() };
    assert_eq!((fact.carrier.as_str(), fact.waybill.as_str()), ("shunfeng", "SF7444400031887"));
    assert_eq!(fact.occurred_at, Millis(1_589_187_414_000), "16:56:54 in Beijing");
    assert_eq!((fact.step, fact.code.as_str()), (S::PickedUp, "50"));
    assert_eq!(fact.place.as_deref(), Some("深圳市"));
    let xml = vectors["sf_push_form"]["xml"].as_str().unwrap();
    let by_form = read(Mode::Form, &form(xml)).unwrap();
    let [fact] = by_form.as_slice() else { panic!() };
    assert_eq!(fact.waybill.as_str(), "444003077898");
    assert_eq!((fact.step, fact.text.as_str()), (S::PickedUp, "顺丰速运 已收取快件"));
}

#[test]
fn only_who_knows_the_secret_path_reaches_it() {
    let shunfeng = shunfeng(Mode::Json);
    assert!(shunfeng.is_called("shunfeng-0123456789abcdef"));
    for segment in ["shunfeng", "shunfeng-", "shunfeng-0123456789abcdeF", ""] {
        assert!(!shunfeng.is_called(segment), "{segment}");
    }
    assert!(Shunfeng::new(Mode::Json, "").is_none());
    assert!(Shunfeng::new(Mode::Json, "guessable").is_none());
}

#[test]
fn codes_that_matter_have_their_words() {
    let attempt = S::Exception(ExceptionKind::AttemptFailed);
    let table = [
        ("647", S::Created),
        ("54", S::PickedUp),
        ("30", S::InTransit),
        ("31", S::AtHub),
        ("125", S::ReadyForPickup),
        ("607", S::ReadyForPickup),
        ("204", S::OutForDelivery),
        ("80", S::Delivered),
        ("33", attempt),
        ("66", S::Exception(ExceptionKind::Delay)),
        ("17", S::Exception(ExceptionKind::Customs)),
        ("14", S::InTransit),
        ("99", S::InTransit),
        ("648", S::Returning),
        ("631", S::Returned),
        ("31337", S::Note),
    ];
    for (code, step) in table {
        assert_eq!(scan(code, "", &[]), step, "{code}");
    }
    assert_eq!(scan("70", "收方客户拒收快件", &[]), S::Refused);
    assert_eq!(scan("70", "电话无人接听", &[("reasonCode", "46")]), S::Cancelled);
    assert_eq!(scan("70", "电话无人接听", &[]), attempt);
}

#[test]
fn a_signature_that_is_not_the_buyers_is_no_delivery() {
    assert_eq!(scan("80", "已签收,感谢使用顺丰", &[]), S::Delivered);
    assert_eq!(scan("80", "退回件已签收", &[]), S::Returning);
    assert_eq!(scan("80", "拒收,退件已签收", &[]), S::Refused);
    let attempt = S::Exception(ExceptionKind::AttemptFailed);
    assert_eq!(scan("8000", "未签收", &[("firstStatusCode", "4")]), attempt);
    assert_eq!(scan("607", "代理收件", &[("firstStatusCode", "4")]), S::Delivered);
    assert_eq!(scan("80", "", &[("firstStatusCode", "3")]), S::OutForDelivery);
    assert_eq!(scan("31337", "", &[("firstStatusCode", "2")]), S::InTransit);
    assert_eq!(scan("31", "", &[("firstStatusCode", "2")]), S::AtHub, "the finer word stays");
}

#[test]
fn a_scan_from_the_future_gets_the_time_of_receipt() {
    let push = json!({"Body": {"WaybillRoute": [
        {"mailno": "SF1", "acceptTime": "2027-01-16 09:00:00", "opCode": "50"}]}});
    assert_eq!(read(Mode::Json, &push.to_string()).unwrap()[0].occurred_at, NOW);
}

#[test]
fn what_makes_no_sense_is_unreadable_and_says_where() {
    let entity = r#"<!DOCTYPE r [<!ENTITY a "b">]><Request><Body/></Request>"#;
    let faults = [
        (Mode::Json, "{}".to_owned(), "Body"),
        (Mode::Json, r#"{"Body":{"WaybillRoute":[{}]}}"#.to_owned(), "WaybillRoute[0]"),
        (Mode::Form, "x=1".to_owned(), "content: missing"),
        (Mode::Form, form("<Request"), "content"),
        (Mode::Form, form(""), "content"),
        (Mode::Form, form("<Response/>"), "content"),
        (Mode::Form, form(entity), "content: a document type"),
        (Mode::Form, form(r#"<Request><WaybillRoute mailno="1"/></Request>"#), "WaybillRoute[0]"),
        (Mode::Form, form(r#"<Request><WaybillRoute mailno="&x;"/></Request>"#), "content"),
    ];
    for (mode, body, path) in faults {
        let answer = read(mode, &body);
        let Err(Unheard::Unreadable(why)) = &answer else { panic!("{body}: {answer:?}") };
        assert!(why.contains(path), "{why:?} does not name {path:?}");
    }
}

#[test]
fn the_answers_are_the_senders_own() {
    let vectors = vectors();
    let json = shunfeng(Mode::Json);
    let yes: Value = serde_json::from_slice(json.acknowledge().body()).unwrap();
    assert_eq!(yes, vectors["sf_push_json"]["expected_ack"]);
    let why = Unheard::Unreadable("x".into());
    let no: Value = serde_json::from_slice(json.refuse(&why).body()).unwrap();
    assert_eq!(no["return_code"], "1000");
    let form = shunfeng(Mode::Form);
    let said = |body: &[u8]| Value::from(String::from_utf8(body.to_vec()).unwrap());
    assert_eq!(said(form.acknowledge().body()), vectors["sf_push_form"]["expected_ack"]);
    assert_eq!(said(form.refuse(&why).body()), vectors["sf_push_form"]["nack"]);
}

proptest! {
    #[test]
    fn no_bytes_can_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let headers = HeaderMap::new();
        for mode in [Mode::Json, Mode::Form] {
            let body = bytes.as_slice();
            let read = shunfeng(mode).read(&Delivery { headers: &headers, body, now: NOW });
            prop_assert!(read.is_err());
        }
    }

    #[test]
    fn no_xml_can_make_it_panic(
        text in "(<Request>)?(<WaybillRoute( (mailno|id)=\"\\PC{0,12}\"){0,3}/?>|\\PC{0,9}){0,4}",
        time in "[0-9]{4,6}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}",
    ) {
        if let Ok(facts) = read(Mode::Form, &form(&text)) {
            prop_assert!(facts.len() < 5);
        }
        let push = json!({"Body": {"WaybillRoute": [{"mailno": "1", "acceptTime": time}]}});
        if let Ok(facts) = read(Mode::Json, &push.to_string()) {
            prop_assert_eq!(facts.len(), 1);
        }
    }
}
