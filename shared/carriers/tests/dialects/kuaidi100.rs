//! Kuaidi100's dialect: full traces, signed with the salt of the subscription. The push in
//! `data/kuaidi100.json` was made for these tests, with a salt of theirs.

use carriers::{Carrier, Delivery, Kuaidi100, Unheard};
use domain::{AHEAD_AT_MOST, ExceptionKind, HOUR, Millis, TrackingFact, TrackingStep, fold};
use http::HeaderMap;
use md5::{Digest, Md5};
use proptest::prelude::*;
use serde_json::{Value, json};

const SALT: &str = "XXXXXXXXXX";
/// 2026-01-16 12:00:00 in Beijing.
const NOW: Millis = Millis(1_768_536_000_000);

fn read(body: &str) -> Result<Vec<TrackingFact>, Unheard> {
    read_at(body, NOW)
}

fn read_at(body: &str, now: Millis) -> Result<Vec<TrackingFact>, Unheard> {
    let headers = HeaderMap::new();
    let delivery = Delivery { headers: &headers, body: body.as_bytes(), now };
    Kuaidi100::new(SALT).unwrap().read(&delivery).map(|told| told.facts)
}

fn signed(push: &Value) -> String {
    let param = push.to_string();
    let sign = hex::encode_upper(Md5::digest(format!("{param}{SALT}")));
    form_urlencoded::Serializer::new(String::new())
        .append_pair("sign", &sign)
        .append_pair("param", &param)
        .finish()
}

fn push(status: &str, data: Value) -> Value {
    json!({"status": status, "message": "", "comOld": "", "comNew": "",
        "lastResult": {"com": "yuantong", "nu": "YT1", "state": "0", "data": data}})
}

fn scan(time: &str, code: &str) -> Value {
    json!({"context": format!("说 {code}"), "time": time, "ftime": time, "statusCode": code})
}

fn vector() -> Value {
    serde_json::from_str(include_str!("data/kuaidi100.json")).unwrap()
}

#[test]
fn a_push_is_the_whole_trace_in_our_words() {
    let vector = &vector()["kuaidi100_push"];
    let facts = read(vector["form_body"].as_str().unwrap()).unwrap();
    let [sent, taken] = facts.as_slice() else { panic!("{facts:?}") };
    assert_eq!(sent.carrier.as_str(), "yuantong");
    assert_eq!(sent.waybill.as_str(), "YT0000000000001");
    assert_eq!(sent.occurred_at, Millis(NOW.0 - 3 * HOUR), "09:00 in Beijing is 01:00 in UTC");
    assert_eq!((sent.step, sent.code.as_str()), (TrackingStep::OutForDelivery, "5"));
    assert_eq!(sent.text, "【上海市】快件正在派件");
    assert_eq!(sent.place.as_deref(), Some("上海"));
    assert_eq!((taken.step, taken.place.as_deref()), (TrackingStep::PickedUp, None));
    assert_eq!(fold(&facts).unwrap().step, TrackingStep::OutForDelivery);
}

#[test]
fn the_sign_is_compared_without_its_case_and_over_the_decoded_text() {
    let vector = &vector()["kuaidi100_push"];
    let body = vector["form_body"].as_str().unwrap();
    let sign = vector["sign_md5_upper"].as_str().unwrap();
    assert!(read(&body.replace(sign, &sign.to_lowercase())).is_ok());
    assert!(read(&body.replace("+", "%20")).is_ok(), "another way to write the same");
}

#[test]
fn nobody_is_believed_without_the_salt() {
    let body = signed(&push("polling", json!([])));
    let (sign, param) = body.split_once("&param=").unwrap();
    let forged = [
        format!("param={param}"),
        format!("sign=&param={param}"),
        format!("sign=9488AF3274FE82E8018404A7C44A8982&param={param}"),
        format!("{sign}0&param={param}"),
        format!("{sign}&{sign}&param={param}"),
        format!("{sign}&param={param}+"),
        String::new(),
    ];
    for body in forged {
        let answer = read(&body);
        assert!(matches!(answer, Err(Unheard::BadSignature(_))), "{body}: {answer:?}");
    }
    assert!(Kuaidi100::new("").is_none());
}

#[test]
fn what_is_signed_and_makes_no_sense_is_unreadable_and_says_where() {
    let long = |n: usize| vec![scan("2026-01-16 09:00:00", "0"); n];
    let faults = [
        (json!({}), "status"),
        (json!([1]), ""),
        (json!({"status": "polling"}), "lastResult"),
        (push("polling", json!([{"context": "x"}])), "lastResult.data[0].ftime"),
        (push("polling", json!([scan("yesterday", "0")])), "lastResult.data[0].ftime"),
        (push("polling", json!([{"statusCode": []}])), "lastResult.data[0].statusCode"),
        (push("polling", json!(long(10_001))), "lastResult.data: too many"),
        (json!({"status": "", "lastResult": {"com": "a b", "nu": "1"}}), "lastResult.com"),
        (json!({"status": "", "lastResult": {"com": "sf", "nu": ""}}), "lastResult.nu"),
    ];
    for (push, path) in faults {
        let answer = read(&signed(&push));
        let Err(Unheard::Unreadable(why)) = &answer else { panic!("{path}: {answer:?}") };
        assert!(why.contains(path), "{why:?} does not name {path:?}");
    }
    assert!(matches!(read("sign=A"), Err(Unheard::Unreadable(_))));
}

#[test]
fn every_code_of_theirs_has_one_word_of_ours() {
    use ExceptionKind::{Address, AttemptFailed, Customs, Damaged, Delay, Other};
    use TrackingStep as S;
    let table: &[(&str, TrackingStep)] = &[
        ("101 102", S::Created),
        ("1 103", S::PickedUp),
        ("0 1002 1003 7 8 10 11 12", S::InTransit),
        ("1001", S::AtHub),
        ("5", S::OutForDelivery),
        ("501", S::ReadyForPickup),
        ("3 301 302 303 304", S::Delivered),
        ("2", S::Exception(Other)),
        ("204 206", S::Exception(AttemptFailed)),
        ("207", S::Exception(Address)),
        ("201 202 205 208", S::Exception(Delay)),
        ("209", S::Exception(Damaged)),
        ("13", S::Exception(Customs)),
        ("203 14", S::Refused),
        ("6", S::Returning),
        ("4", S::Returned),
        ("401 210", S::Cancelled),
        ("9 777 05", S::Note),
    ];
    for (codes, step) in table {
        for code in codes.split(' ') {
            let told = read(&signed(&push("polling", json!([scan("2026-01-16 09:00:00", code)]))));
            assert_eq!(told.unwrap()[0].step, *step, "{code}");
        }
    }
    let without = json!([{"context": "x", "ftime": "2026-01-16 09:00:00", "statusCode": null}]);
    assert_eq!(read(&signed(&push("polling", without))).unwrap()[0].step, TrackingStep::Note);
    let number = json!([{"context": "x", "ftime": "2026-01-16 09:00:00", "statusCode": 3}]);
    assert_eq!(read(&signed(&push("polling", number))).unwrap()[0].step, TrackingStep::Delivered);
}

#[test]
fn telling_the_trace_again_tells_the_same_facts() {
    let twice = json!([
        scan("2027-01-16 09:00:00", "0"),
        scan("2026-01-16 09:00:00", "5"),
        scan("2026-01-16 09:00:00", "5"),
        scan("2026-01-15 09:00:00", "1"),
    ]);
    let body = signed(&push("polling", twice));
    let first = read(&body).unwrap();
    assert_eq!(first.len(), 3, "the repeat within the push is one fact");
    let keys = |facts: &[TrackingFact]| facts.iter().map(TrackingFact::key).collect::<Vec<_>>();
    let later = read_at(&body, NOW.plus(5 * HOUR)).unwrap();
    assert_eq!(keys(&later), keys(&first), "although one is from the future");
}

#[test]
fn a_scan_from_the_future_is_brought_back() {
    let future = "2026-01-17 12:00:01";
    let alone = read(&signed(&push("polling", json!([scan(future, "0")])))).unwrap();
    assert_eq!(alone[0].occurred_at, NOW, "nothing before it: the time of receipt");
    let after = json!([scan(future, "3"), scan("2026-01-16 09:00:00", "5")]);
    let facts = read(&signed(&push("polling", after))).unwrap();
    assert_eq!(facts[0].occurred_at, NOW, "the newest scan: not later than now");
    assert_eq!(facts[0].source.told_at, Some(NOW.plus(AHEAD_AT_MOST + 1_000)), "and marked");
    assert_eq!(fold(&facts).unwrap().step, TrackingStep::Delivered);
    let middle = json!([scan("2026-01-16 09:00:00", "3"), scan("2062-01-16 08:00:00", "5")]);
    let facts = read(&signed(&push("polling", middle))).unwrap();
    assert_eq!(facts[1].occurred_at, facts[0].occurred_at, "not later than the scan after it");
    assert_eq!(fold(&facts).unwrap().step, TrackingStep::Delivered);
    let nearly = read(&signed(&push("polling", json!([scan("2026-01-17 12:00:00", "0")]))));
    assert_eq!(nearly.unwrap()[0].occurred_at, NOW.plus(AHEAD_AT_MOST));
}

#[test]
fn a_trace_that_is_told_anew_says_so() {
    let whole = |status: &str| {
        let body = signed(&push(status, json!([scan("2026-01-16 09:00:00", "5")])));
        let headers = HeaderMap::new();
        let delivery = Delivery { headers: &headers, body: body.as_bytes(), now: NOW };
        Kuaidi100::new(SALT).unwrap().read(&delivery).unwrap()
    };
    assert!(whole("updateall").replaces);
    assert!(!whole("polling").replaces);
    assert_eq!(whole("polling").facts, whole("updateall").facts);
    assert_eq!(whole("polling").facts[0].source.told_by, "kuaidi100");
}

#[test]
fn ten_thousand_scans_in_one_push_are_read() {
    let all: Vec<Value> = (0..10_000)
        .map(|i| json!({"context": format!("站 {i}"), "ftime": "2026-01-16 09:00:00"}))
        .collect();
    assert_eq!(read(&signed(&push("abort", json!(all)))).unwrap().len(), 10_001);
}

#[test]
fn when_kuaidi100_gives_up_that_is_one_delay() {
    let mut news = push("abort", json!([scan("2026-01-16 09:00:00", "5")]));
    news["message"] = json!("60天无变化");
    let facts = read(&signed(&news)).unwrap();
    assert_eq!(facts.len(), 2);
    assert_eq!(facts[1].text, "60天无变化");
    let delayed = TrackingStep::Exception(ExceptionKind::Delay);
    assert_eq!(fold(&facts).unwrap().step, delayed);
    assert_eq!(read_at(&signed(&news), NOW.plus(HOUR)).unwrap(), facts);
    let nothing = signed(&push("abort", json!(null)));
    let facts = read(&nothing).unwrap();
    assert_eq!(facts.len(), 1);
    assert_eq!(facts[0].step, delayed);
    assert_eq!(read_at(&nothing, NOW.plus(HOUR)).unwrap(), facts, "the same on the same day");
    let delivered = push("abort", json!([scan("2026-01-16 09:00:00", "3")]));
    let facts = read(&signed(&delivered)).unwrap();
    assert_eq!(fold(&facts).unwrap().step, TrackingStep::Delivered, "delivered stays delivered");
}

#[test]
fn the_way_behind_the_border_is_part_of_the_trace() {
    let mut news = push("polling", json!([scan("2026-01-15 09:00:00", "0")]));
    news["destResult"] = json!({"com": "usps", "nu": "YT1",
        "data": [scan("2026-01-16 09:00:00", "3")]});
    let facts = read(&signed(&news)).unwrap();
    assert_eq!(fold(&facts).unwrap().step, TrackingStep::Delivered);
    assert!(facts.iter().all(|fact| fact.carrier.as_str() == "yuantong"));
}

#[test]
fn the_answers_are_the_senders_own() {
    let kuaidi100 = Kuaidi100::new(SALT).unwrap();
    let yes = kuaidi100.acknowledge();
    assert_eq!(yes.status(), 200);
    let said: Value = serde_json::from_slice(yes.body()).unwrap();
    assert_eq!(said, vector()["kuaidi100_push"]["expected_ack"]);
    for (why, status) in [(Unheard::BadSignature("x"), 401), (Unheard::Unreadable("x".into()), 400)]
    {
        let no = kuaidi100.refuse(&why);
        assert_eq!(no.status(), status);
        let said: Value = serde_json::from_slice(no.body()).unwrap();
        assert_eq!((&said["result"], &said["returnCode"]), (&json!(false), &json!("500")));
    }
}

proptest! {
    #[test]
    fn no_bytes_can_make_it_panic(body in prop::collection::vec(any::<u8>(), 0..300)) {
        let headers = HeaderMap::new();
        let delivery = Delivery { headers: &headers, body: &body, now: NOW };
        prop_assert!(Kuaidi100::new(SALT).unwrap().read(&delivery).is_err());
    }

    #[test]
    fn no_signed_text_can_make_it_panic(
        time in "\\PC{0,20}|[0-9]{1,6}-[0-9]{1,2}-[0-9]{1,2} [0-9]{2}:[0-9]{2}:[0-9]{2}",
        code in "\\PC{0,8}",
        status in "abort|polling",
        now in any::<i64>(),
    ) {
        let body = signed(&push(&status, json!([scan(&time, &code), scan(&code, &time)])));
        if let Ok(facts) = read_at(&body, Millis(now)) {
            prop_assert!(facts.iter().all(|fact| fact.occurred_at <= Millis(now).plus(
                AHEAD_AT_MOST + 1)));
        }
    }
}
