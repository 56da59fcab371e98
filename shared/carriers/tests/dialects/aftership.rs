//! AfterShip's dialect: signed checkpoints. The push in `data/aftership.json` was made for these
//! tests, with a secret of theirs.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use carriers::{AfterShip, Carrier, Delivery, Unheard};
use domain::{ExceptionKind, Millis, TrackingFact, TrackingStep as S, fold};
use hmac::{Hmac, Mac};
use http::HeaderMap;
use proptest::prelude::*;
use serde_json::{Value, json};
use sha2::Sha256;

const SECRET: &str = "aftership_secret";
const TS: i64 = 1_768_549_601;
const NOW: Millis = Millis((TS + 60) * 1_000);

fn read(sign: &str, body: &[u8]) -> Result<Vec<TrackingFact>, Unheard> {
    let mut headers = HeaderMap::new();
    headers.insert("aftership-hmac-sha256", sign.parse().unwrap());
    AfterShip::new(SECRET)
        .unwrap()
        .read(&Delivery { headers: &headers, body, now: NOW })
        .map(|t| t.facts)
}

fn sign(body: &[u8]) -> String {
    let mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap().chain_update(body);
    STANDARD.encode(mac.finalize().into_bytes())
}

fn tell(push: &Value) -> Result<Vec<TrackingFact>, Unheard> {
    let body = push.to_string();
    read(&sign(body.as_bytes()), body.as_bytes())
}

fn push(tag: &str, subtag: &str, checkpoints: Value) -> Value {
    json!({"event": "tracking_update", "event_id": "e", "ts": TS, "msg": {"tracking_number": "1Z9",
        "slug": "ups", "tag": tag, "subtag": subtag, "checkpoints": checkpoints}})
}

#[test]
fn a_signed_push_is_believed_and_read() {
    let vectors: Value = serde_json::from_str(include_str!("data/aftership.json")).unwrap();
    let vector = &vectors["aftership"];
    let body = vector["body"].as_str().unwrap().as_bytes();
    let signature = vector["aftership-hmac-sha256"].as_str().unwrap();
    let facts = read(signature, body).unwrap();
    let [fact] = facts.as_slice() else { panic!("{facts:?}") };
    assert_eq!((fact.carrier.as_str(), fact.waybill.as_str()), ("ups", "1Z9999999999999998"));
    assert_eq!((fact.step, fact.code.as_str()), (S::OutForDelivery, "OutForDelivery_001"));
    assert_eq!(fact.occurred_at, Millis(TS * 1_000));
    let longer = [body, b" "].concat();
    for (sign, body) in [(signature, longer.as_slice()), ("", body), ("*", body), ("AAAA", body)] {
        assert!(matches!(read(sign, body), Err(Unheard::BadSignature(_))));
    }
    assert!(AfterShip::new("").is_none());
}

#[test]
fn a_subtag_says_more_than_its_tag() {
    use ExceptionKind::{Address, AttemptFailed, Customs, Damaged, Delay, Lost, Other};
    let table = [
        ("Pending", "Pending_001", S::Created),
        ("InfoReceived", "InfoReceived_001", S::Created),
        ("InTransit", "InTransit_001", S::InTransit),
        ("InTransit", "InTransit_002", S::PickedUp),
        ("InTransit", "InTransit_003", S::AtHub),
        ("OutForDelivery", "", S::OutForDelivery),
        ("AvailableForPickup", "", S::ReadyForPickup),
        ("Delivered", "Delivered_003", S::Delivered),
        ("AttemptFail", "AttemptFail_001", S::Exception(AttemptFailed)),
        ("Exception", "Exception_001", S::Exception(Other)),
        ("Exception", "Exception_003", S::Refused),
        ("Exception", "Exception_004", S::Exception(Customs)),
        ("Exception", "Exception_007", S::Exception(Address)),
        ("Exception", "Exception_010", S::Returning),
        ("Exception", "Exception_011", S::Returned),
        ("Exception", "Exception_012", S::Exception(Damaged)),
        ("Exception", "Exception_013", S::Exception(Lost)),
        ("Exception", "Exception_017", S::Exception(Delay)),
        ("Exception", "Exception_020", S::Cancelled),
        ("Expired", "Expired_001", S::Exception(Delay)),
    ];
    for (tag, subtag, step) in table {
        let facts = tell(&push(tag, subtag, json!(null))).unwrap();
        assert_eq!(facts[0].step, step, "{tag} {subtag}");
    }
    assert_eq!(tell(&push("Strange", "Strange_001", json!([]))), Ok(Vec::new()));
}

#[test]
fn the_checkpoints_are_the_facts_and_silence_is_a_delay() {
    let checkpoints = json!([
        {"checkpoint_time": "2026-01-10T10:00:00", "tag": "InTransit", "subtag": "InTransit_002",
            "message": "picked up", "city": "LYON"},
        {"checkpoint_time": "2026-01-11T10:00:00+08:00", "tag": "InTransit",
            "subtag": "InTransit_003", "message": "arrived", "location": "PARIS"},
    ]);
    let facts = tell(&push("InTransit", "InTransit_003", checkpoints.clone())).unwrap();
    let steps: Vec<S> = facts.iter().map(|fact| fact.step).collect();
    assert_eq!(steps, [S::AtHub, S::PickedUp], "the newest says what AfterShip says");
    assert_eq!(facts[0].occurred_at, Millis(1_768_096_800_000));
    assert_eq!(facts[1].place.as_deref(), Some("LYON"));
    let silent = tell(&push("Expired", "Expired_001", checkpoints)).unwrap();
    assert_eq!(fold(&silent).unwrap().step, S::Exception(ExceptionKind::Delay));
    let other = json!({"event": "edd_revise", "msg": {}});
    assert_eq!(tell(&other), Ok(Vec::new()));
    let broken = push("InTransit", "", json!([{"checkpoint_time": "soon"}]));
    assert!(matches!(tell(&broken), Err(Unheard::Unreadable(_))));
}

#[test]
fn what_aftership_says_of_the_whole_is_no_newer_than_its_scans() {
    // Two of one minute, the newer one last.
    let checkpoint = |subtag: &str| {
        json!({"checkpoint_time": "2026-01-10T10:00:00", "tag": "InTransit", "subtag": subtag,
            "message": subtag})
    };
    let checkpoints = json!([checkpoint("InTransit_003"), checkpoint("InTransit_007")]);
    let facts = tell(&push("InTransit", "InTransit_007", checkpoints.clone())).unwrap();
    assert_eq!(facts.len(), 2, "its newest scan says the same");
    let facts = tell(&push("OutForDelivery", "OutForDelivery_001", checkpoints)).unwrap();
    let newest = facts.iter().max_by_key(|fact| fact.occurred_at).unwrap();
    assert_eq!((newest.step, newest.occurred_at), (S::OutForDelivery, Millis(1_768_039_200_001)));
}

proptest! {
    #[test]
    fn no_bytes_can_make_it_panic(body in prop::collection::vec(any::<u8>(), 0..200), good: bool) {
        let signature = if good { sign(&body) } else { String::new() };
        prop_assert!(read(&signature, &body).is_err());
    }

    #[test]
    fn no_signed_text_can_make_it_panic(tag in "\\PC{0,8}", ts in any::<i64>()) {
        let mut news = push(&tag, &tag, json!([{"checkpoint_time": "2026-01-10T10:00:00"}]));
        news["ts"] = json!(ts);
        prop_assert!(tell(&news).is_ok());
    }
}
