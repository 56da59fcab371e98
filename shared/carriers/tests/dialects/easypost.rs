//! EasyPost's dialect: signed trackers, under a secret in normal form.
//! The secret is the one of EasyPost's own libraries' tests.

use carriers::{Carrier, Delivery, EasyPost, Unheard};
use domain::{ExceptionKind, Millis, TrackingFact, TrackingStep as S, fold};
use hmac::{Hmac, Mac};
use http::HeaderMap;
use proptest::prelude::*;
use serde_json::{Value, json};
use sha2::Sha256;

/// One sign for é, as a person types it.
const TYPED: &str = "s\u{e9}cret";
/// The bytes that EasyPost signs with: e and an accent.
const NORMAL: [u8; 8] = *b"se\xcc\x81cret";
const NOW: Millis = Millis(1_768_536_000_000);

fn read(sign: &str, body: &[u8]) -> Result<Vec<TrackingFact>, Unheard> {
    let mut headers = HeaderMap::new();
    headers.insert("x-hmac-signature", sign.parse().unwrap());
    EasyPost::new(TYPED)
        .unwrap()
        .read(&Delivery { headers: &headers, body, now: NOW })
        .map(|t| t.facts)
}

fn sign(body: &[u8]) -> String {
    let mac = Hmac::<Sha256>::new_from_slice(&NORMAL).unwrap().chain_update(body);
    format!("hmac-sha256-hex={}", hex::encode(mac.finalize().into_bytes()))
}

fn tell(event: &Value) -> Result<Vec<TrackingFact>, Unheard> {
    let body = event.to_string();
    read(&sign(body.as_bytes()), body.as_bytes())
}

fn event(status: &str, detail: &str, is_return: bool, details: Value) -> Value {
    json!({"id": "evt_1", "object": "Event", "description": "tracker.updated", "result": {
        "tracking_code": "EZ1", "carrier": "USPS", "status": status, "status_detail": detail,
        "is_return": is_return, "weight": 614.4, "tracking_details": details}})
}

fn scan(status: &str, detail: &str) -> Value {
    json!({"datetime": "2026-01-15T10:00:00Z", "status": status, "status_detail": detail,
        "message": "m", "tracking_location": {"city": "RENO", "state": null}})
}

#[test]
fn the_secret_is_normalised_before_it_signs() {
    let body = event("in_transit", "", false, json!([scan("in_transit", "")])).to_string();
    let good = sign(body.as_bytes());
    assert!(read(&good, body.as_bytes()).is_ok());
    let bare = good.trim_start_matches("hmac-sha256-hex=");
    let reserialised = body.replace("614.4", "614.40");
    let forged = [(bare, body.as_str()), (&good, &reserialised), ("", &body)];
    for (sign, body) in forged {
        assert!(matches!(read(sign, body.as_bytes()), Err(Unheard::BadSignature(_))), "{sign}");
    }
    assert!(EasyPost::new("").is_none());
}

#[test]
fn a_detail_says_more_than_its_status() {
    use ExceptionKind::{Address, AttemptFailed, Damaged, Delay, Lost, Other};
    let table = [
        ("pre_transit", "label_created", S::Created),
        ("in_transit", "label_created", S::Created),
        ("in_transit", "received_at_origin_facility", S::PickedUp),
        ("in_transit", "arrived_at_facility", S::AtHub),
        ("in_transit", "departed_facility", S::InTransit),
        ("in_transit", "weather_delay", S::Exception(Delay)),
        ("in_transit", "lost", S::Exception(Lost)),
        ("in_transit", "damaged", S::Exception(Damaged)),
        ("out_for_delivery", "out_for_delivery", S::OutForDelivery),
        ("available_for_pickup", "", S::ReadyForPickup),
        ("delivered", "arrived_at_destination", S::Delivered),
        ("return_to_sender", "return", S::Returning),
        ("failure", "refused", S::Refused),
        ("failure", "delivery_exception", S::Exception(AttemptFailed)),
        ("failure", "address_correction", S::Exception(Address)),
        ("failure", "expired", S::Exception(Delay)),
        ("cancelled", "", S::Cancelled),
        ("error", "", S::Exception(Other)),
        ("levitating", "", S::Note),
    ];
    for (status, detail, step) in table {
        let facts = tell(&event(status, detail, false, json!([scan(status, detail)]))).unwrap();
        assert_eq!(facts.len(), 1, "{status}: the tracker's own status adds nothing");
        assert_eq!(facts[0].step, step, "{status}/{detail}");
        assert_eq!((facts[0].carrier.as_str(), facts[0].place.as_deref()), ("usps", Some("RENO")));
    }
}

#[test]
fn a_return_that_arrived_is_returned_and_a_failure_without_a_scan_is_told() {
    let back = tell(&event("delivered", "", true, json!([scan("delivered", "")]))).unwrap();
    assert_eq!(back[0].step, S::Returned);
    let lost = tell(&event("failure", "lost", false, json!([scan("in_transit", "")]))).unwrap();
    assert_eq!(fold(&lost).unwrap().step, S::Exception(ExceptionKind::Lost));
    assert_eq!(tell(&event("unknown", "", false, json!(null))), Ok(Vec::new()));
    let other = json!({"description": "batch.created", "result": {}});
    assert_eq!(tell(&other), Ok(Vec::new()));
    let broken = event("in_transit", "", false, json!([{"datetime": "soon"}]));
    assert!(matches!(tell(&broken), Err(Unheard::Unreadable(_))));
}

proptest! {
    #[test]
    fn no_bytes_can_make_it_panic(body in prop::collection::vec(any::<u8>(), 0..200), good: bool) {
        let signature = if good { sign(&body) } else { String::new() };
        prop_assert!(read(&signature, &body).is_err());
    }
}
