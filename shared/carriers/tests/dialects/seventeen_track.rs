//! 17TRACK's dialect: whole traces, hashed with a key. The push in `data/seventeen_track.json` was
//! made for these tests, with a key of theirs.

use carriers::{Carrier, Delivery, SeventeenTrack, Unheard};
use domain::{ExceptionKind, Millis, TrackingFact, TrackingStep as S, fold};
use http::HeaderMap;
use proptest::prelude::*;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

const KEY: &str = "TEST17TOKEN";
/// 2026-01-21 00:00:00 UTC.
const NOW: Millis = Millis(1_768_953_600_000);

fn read(sign: &str, body: &str) -> Result<Vec<TrackingFact>, Unheard> {
    let mut headers = HeaderMap::new();
    headers.insert("sign", sign.parse().unwrap());
    let delivery = Delivery { headers: &headers, body: body.as_bytes(), now: NOW };
    SeventeenTrack::new(KEY).unwrap().read(&delivery).map(|told| told.facts)
}

fn tell(push: &Value) -> Result<Vec<TrackingFact>, Unheard> {
    let body = push.to_string();
    read(&hex::encode(Sha256::digest(format!("{body}/{KEY}"))), &body)
}

fn push(sub_status: &str, events: Value) -> Value {
    json!({"event": "TRACKING_UPDATED", "data": {"number": "RR1", "carrier": 3011, "track_info": {
        "latest_status": {"status": "x", "sub_status": sub_status, "sub_status_descr": null},
        "tracking": {"providers": [{"events": events}]}}}})
}

fn scan(time: &str, stage: Option<&str>, sub_status: Option<&str>) -> Value {
    json!({"time_utc": time, "description": "d", "location": "L", "stage": stage,
        "sub_status": sub_status})
}

#[test]
fn a_signed_push_is_believed_and_read() {
    let vectors: Value = serde_json::from_str(include_str!("data/seventeen_track.json")).unwrap();
    let vector = &vectors["17track"];
    let (sign, body) = (vector["sign"].as_str().unwrap(), vector["body"].as_str().unwrap());
    let facts = read(sign, body).unwrap();
    let [fact] = facts.as_slice() else { panic!("{facts:?}") };
    assert_eq!((fact.carrier.as_str(), fact.waybill.as_str()), ("17track:3011", "RR123456789CN"));
    assert_eq!((fact.step, fact.code.as_str()), (S::Delivered, "Delivered"));
    assert_eq!(fact.occurred_at, Millis(1_768_937_640_000));
    assert_eq!(fact.place.as_deref(), Some("LOS ANGELES, CA"));
    let forged =
        [(sign, body.replace("RR1", "RR2")), ("", body.to_owned()), (&sign[1..], body.into())];
    for (sign, body) in forged {
        assert!(matches!(read(sign, &body), Err(Unheard::BadSignature(_))));
    }
    assert!(SeventeenTrack::new("").is_none());
}

#[test]
fn every_scan_of_every_carrier_on_the_way_is_a_fact() {
    let mut news = push(
        "InTransit_Arrival",
        json!([
            scan("2026-01-20T19:34:00Z", None, Some("InTransit_Arrival")),
            scan("2026-01-20T10:00:00Z", Some("Departure"), None),
        ]),
    );
    let home = json!({"events": [scan("2026-01-15T01:00:00Z", Some("PickedUp"), None)]});
    news["data"]["track_info"]["tracking"]["providers"].as_array_mut().unwrap().push(home);
    let steps: Vec<S> = tell(&news).unwrap().iter().map(|fact| fact.step).collect();
    assert_eq!(steps, [S::AtHub, S::InTransit, S::PickedUp]);
}

#[test]
fn what_17track_concludes_is_a_fact_where_no_scan_says_it() {
    let events = json!([scan("2025-12-20T10:00:00Z", None, Some("InTransit_Departure"))]);
    let facts = tell(&push("Expired_Other", events.clone())).unwrap();
    assert_eq!(facts.len(), 2);
    assert_eq!(fold(&facts).unwrap().step, S::Exception(ExceptionKind::Delay));
    assert_eq!(tell(&push("Expired_Other", events)).unwrap(), facts, "told again it is the same");
    assert_eq!(tell(&push("NotFound_Other", json!([]))).unwrap(), [], "nothing known, no time");
}

#[test]
fn every_sub_status_has_its_word() {
    use ExceptionKind::{Address, AttemptFailed, Damaged, Delay, Lost, Other};
    let table = [
        ("NotFound_Other NotFound_InvalidCode InfoReceived", S::Created),
        ("InTransit_PickedUp", S::PickedUp),
        ("InTransit_Departure InTransit_Other InTransit_CustomsProcessing", S::InTransit),
        ("InTransit_Arrival", S::AtHub),
        ("OutForDelivery_Other", S::OutForDelivery),
        ("AvailableForPickup_Other", S::ReadyForPickup),
        ("Delivered_Other", S::Delivered),
        ("DeliveryFailure_NoBody DeliveryFailure_Other", S::Exception(AttemptFailed)),
        ("DeliveryFailure_InvalidAddress", S::Exception(Address)),
        ("DeliveryFailure_Rejected Exception_Rejected", S::Refused),
        ("Exception_Returning", S::Returning),
        ("Exception_Returned", S::Returned),
        ("Exception_Delayed Expired_Other", S::Exception(Delay)),
        ("Exception_Lost", S::Exception(Lost)),
        ("Exception_Damage Exception_Destroyed", S::Exception(Damaged)),
        ("Exception_Cancel", S::Cancelled),
        ("Exception_NoBody Exception_Other", S::Exception(Other)),
        ("Whatever_Next", S::Note),
    ];
    for (codes, step) in table {
        for code in codes.split(' ') {
            let events = json!([scan("2026-01-20T10:00:00Z", None, Some(code))]);
            assert_eq!(tell(&push(code, events)).unwrap()[0].step, step, "{code}");
        }
    }
}

#[test]
fn a_number_that_is_not_followed_any_more_says_nothing() {
    let stopped = json!({"event": "TRACKING_STOPPED",
        "data": {"number": "RR1", "carrier": 3011, "tag": null}});
    assert_eq!(tell(&stopped), Ok(Vec::new()));
    let broken = [json!({}), push("x", json!([scan("soon", None, None)]))];
    for push in broken {
        assert!(matches!(tell(&push), Err(Unheard::Unreadable(_))));
    }
}

proptest! {
    #[test]
    fn no_bytes_can_make_it_panic(body in prop::collection::vec(any::<u8>(), 0..200), good: bool) {
        let mut headers = HeaderMap::new();
        let digest = Sha256::digest([&body[..], b"/", KEY.as_bytes()].concat());
        let sign = if good { hex::encode(digest) } else { String::new() };
        headers.insert("sign", sign.parse().unwrap());
        let delivery = Delivery { headers: &headers, body: &body, now: NOW };
        prop_assert!(SeventeenTrack::new(KEY).unwrap().read(&delivery).is_err());
    }

    #[test]
    fn no_signed_text_can_make_it_panic(
        time in "\\PC{0,12}|[0-9]{4,6}(-[0-9]{2}){2}T[0-9]{2}(:[0-9]{2}){2}(Z|[+-][0-9]{4})?",
        code in "\\PC{0,8}",
    ) {
        if let Ok(facts) = tell(&push(&code, json!([scan(&time, Some(&code), None)]))) {
            prop_assert!(!facts.is_empty());
        }
    }
}
