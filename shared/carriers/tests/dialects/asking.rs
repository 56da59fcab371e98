//! How trackers are asked, and what their answers mean. The digest of SF's request is the one of
//! `data/shunfeng.json`.

use bytes::Bytes;
use carriers::aftership::AfterShipInterface;
use carriers::easypost::EasyPostInterface;
use carriers::kuaidi100::Kuaidi100Interface;
use carriers::seventeen_track::SeventeenTrackInterface;
use carriers::shunfeng::ShunfengInterface;
use carriers::{Answer, CannotAsk, Tracker, Wanted};
use domain::{CarrierCode, HOUR, Millis, TrackingStep as S, Waybill};
use http::{Request, Response};
use serde_json::{Value, json};
use std::collections::BTreeMap;

const NOW: Millis = Millis(1_768_536_000_000);

fn shunfeng() -> ShunfengInterface {
    ShunfengInterface::new("P1", "TESTCHECKWORD", "https://sf.test").unwrap()
}

fn kuaidi100() -> Kuaidi100Interface {
    let own = |text: &str| text.to_owned();
    Kuaidi100Interface {
        key: own("K"),
        customer: own("C"),
        salt: own("salt"),
        callback_url: own("https://shop.test/hook"),
        base: own("https://k.test/"),
    }
}

fn all() -> Vec<Box<dyn Tracker>> {
    let (key, base) = ("key".to_owned(), "https://t.test".to_owned());
    vec![
        Box::new(shunfeng()),
        Box::new(kuaidi100()),
        Box::new(SeventeenTrackInterface { key: key.clone(), base: base.clone() }),
        Box::new(AfterShipInterface { key: key.clone(), base: base.clone() }),
        Box::new(EasyPostInterface { key, base }),
    ]
}

fn asked<T>(theirs: Option<&str>, ask: impl FnOnce(&Wanted<'_>) -> T) -> T {
    let carrier = CarrierCode::parse("yuantong").unwrap();
    let waybill = Waybill::parse("YT1").unwrap();
    ask(&Wanted { carrier: &carrier, theirs, waybill: &waybill, phone: "+86 138 0013 8000" })
}

fn fields(request: &Request<Bytes>) -> BTreeMap<String, String> {
    form_urlencoded::parse(request.body()).into_owned().collect()
}

fn answered(status: u16, body: &Value) -> Response<Bytes> {
    Response::builder().status(status).body(Bytes::from(body.to_string())).unwrap()
}

#[test]
fn sf_is_asked_with_the_digest_of_its_documentation() {
    let vector: Value = serde_json::from_str(include_str!("data/shunfeng.json")).unwrap();
    let vector = &vector["sf_request_msgDigest"];
    let text = |name: &str| vector[name].as_str().unwrap();
    assert_eq!(shunfeng().digest(text("msgData"), text("timestamp")), text("msgDigest"));
    let request = asked(None, |wanted| shunfeng().trace(wanted, NOW)).unwrap();
    assert_eq!(request.uri(), "https://sf.test/std/service");
    let fields = fields(&request);
    assert_eq!(fields["serviceCode"], "EXP_RECE_SEARCH_ROUTES");
    assert_eq!(fields["msgDigest"], shunfeng().digest(&fields["msgData"], &fields["timestamp"]));
    let said: Value = serde_json::from_str(&fields["msgData"]).unwrap();
    assert_eq!((&said["trackingNumber"], &said["checkPhoneNo"]), (&json!(["YT1"]), &json!("8000")));
    assert!(asked(None, |wanted| shunfeng().follow(wanted, NOW)).unwrap().is_none());
    assert!(ShunfengInterface::new("", "x", "y").is_none());
}

#[test]
fn sf_tells_its_routes_in_a_string() {
    let tell = |status: u16, code: &str, data: &Value| {
        let body = json!({"apiResultCode": code, "apiErrorMsg": "m",
            "apiResultData": data.to_string()});
        asked(None, |wanted| shunfeng().traced(wanted, &answered(status, &body), NOW))
    };
    let route = json!({"acceptTime": "2026-01-16 09:00:00", "acceptAddress": "深圳",
        "remark": "已签收", "opCode": "80"});
    let found = |mail: &str| {
        json!({"success": true, "errorCode": "S0000", "msgData": {"routeResps": [
            {"mailNo": mail, "routes": [route, route]}]}})
    };
    let Answer::Told(told) = tell(200, "A1000", &found("YT1")) else { panic!() };
    let [fact] = told.facts.as_slice() else { panic!("{told:?}") };
    assert_eq!((fact.step, fact.carrier.as_str()), (S::Delivered, "yuantong"), "as we asked");
    assert_eq!(fact.occurred_at, Millis(NOW.0 - 3 * HOUR));
    assert_eq!(tell(200, "A1000", &found("SF9")), Answer::Nothing, "another waybill's");
    let none = json!({"errorCode": "S0000", "msgData": {"routeResps": []}});
    assert_eq!(tell(200, "A1000", &none), Answer::Nothing);
    assert!(matches!(tell(200, "A1006", &none), Answer::Refused { .. }));
    assert!(matches!(tell(200, "A1099", &none), Answer::TryAgain { .. }));
    let bad = json!({"errorCode": "20036", "errorMsg": "x"});
    assert!(matches!(tell(200, "A1000", &bad), Answer::TryAgain { .. }));
    assert!(matches!(tell(503, "A1000", &none), Answer::TryAgain { .. }));
    assert!(matches!(tell(403, "A1000", &none), Answer::Refused { .. }));
}

#[test]
fn kuaidi100_is_subscribed_with_the_salt_and_asked_with_a_sign() {
    let request = asked(None, |wanted| kuaidi100().follow(wanted, NOW)).unwrap().unwrap();
    assert_eq!(request.uri(), "https://k.test/poll");
    let param: Value = serde_json::from_str(&fields(&request)["param"]).unwrap();
    assert_eq!(param["company"], "yuantong");
    assert_eq!(param["parameters"]["salt"], "salt");
    assert_eq!(param["parameters"]["resultv2"], "4");
    let request = asked(Some("yto"), |wanted| kuaidi100().trace(wanted, NOW)).unwrap();
    assert_eq!(request.uri(), "https://k.test/poll/query.do");
    let fields = fields(&request);
    assert_eq!(fields["sign"], kuaidi100().sign(&fields["param"]));
    assert_eq!(kuaidi100().sign("{}"), "8540EAA6614D49E24060BAE0806610B4");
    let mut without = kuaidi100();
    (without.salt, without.customer) = (String::new(), String::new());
    let not = |request: Result<_, CannotAsk>| matches!(request, Err(CannotAsk::NotConfigured(_)));
    assert!(not(asked(None, |wanted| without.follow(wanted, NOW))));
    assert!(not(asked(None, |wanted| without.trace(wanted, NOW).map(Some))));
}

#[test]
fn kuaidi100s_codes_decide_whether_it_is_asked_again() {
    let followed = |code: &str| {
        let said = answered(200, &json!({"result": false, "returnCode": code, "message": "m"}));
        asked(None, |wanted| kuaidi100().followed(wanted, &said, NOW))
    };
    for code in ["200", "501"] {
        assert_eq!(followed(code), Answer::Nothing, "{code}");
    }
    assert!(matches!(followed("500"), Answer::TryAgain { .. }));
    assert!(matches!(followed("701"), Answer::Refused { .. }));
    let traced =
        |said: &Value| asked(None, |wanted| kuaidi100().traced(wanted, &answered(200, said), NOW));
    let found = json!({"message": "ok", "status": "200", "com": "yuantong", "nu": "YT1", "data": [
        {"context": "c", "ftime": "2026-01-16 09:00:00", "statusCode": "301"}]});
    let Answer::Told(told) = traced(&found) else { panic!() };
    assert_eq!((told.facts[0].step, told.replaces), (S::Delivered, false));
    assert_eq!(traced(&json!({"result": false, "returnCode": "500"})), Answer::Nothing);
    assert!(matches!(traced(&json!({"returnCode": "503"})), Answer::Refused { .. }));
    assert!(matches!(traced(&json!([1])), Answer::TryAgain { .. }));
}

#[test]
fn the_others_are_asked_by_their_own_names_of_the_carrier() {
    let uri = |which: usize, theirs| {
        asked(theirs, |wanted| all()[which].trace(wanted, NOW)).unwrap().uri().to_string()
    };
    let list = "https://t.test/tracking/2025-01/trackings?tracking_numbers=YT1";
    assert_eq!(uri(3, Some("yto")), format!("{list}&slug=yto"));
    assert_eq!(uri(3, None), list, "it finds the carrier itself");
    assert_eq!(uri(4, Some("Y")), "https://t.test/v2/trackers?tracking_code=YT1&carrier=Y");
    let request = asked(Some("190157"), |wanted| all()[2].trace(wanted, NOW)).unwrap();
    assert_eq!(request.uri(), "https://t.test/track/v2.2/gettrackinfo");
    assert_eq!(request.headers()["17token"], "key");
    let body: Value = serde_json::from_slice(request.body()).unwrap();
    assert_eq!(body, json!([{"number": "YT1", "carrier": 190_157}]));
    let request = asked(None, |wanted| all()[4].follow(wanted, NOW)).unwrap().unwrap();
    assert_eq!(request.headers()["authorization"], "Basic a2V5Og==");
}

#[test]
fn what_the_others_answer_is_of_the_carrier_that_was_asked_for() {
    let traced = |which: usize, said: &Value| {
        asked(None, |wanted| all()[which].traced(wanted, &answered(200, said), NOW))
    };
    let event = json!({"time_utc": "2026-01-16T01:00:00Z", "stage": "Delivered"});
    let track = json!({"code": 0, "data": {"accepted": [{"number": "YT1", "carrier": 1,
        "track_info": {"tracking": {"providers": [{"events": [event]}]}}}], "rejected": []}});
    let checkpoint = json!({"checkpoint_time": "2026-01-16T01:00:00Z", "tag": "Delivered"});
    let tracking = json!({"meta": {"code": 200}, "data": {"trackings": [{"tracking_number": "YT1",
        "slug": "yto", "tag": "Delivered", "checkpoints": [checkpoint]}]}});
    let detail = json!({"datetime": "2026-01-16T01:00:00Z", "status": "delivered"});
    let tracker = json!({"trackers": [{"tracking_code": "YT1", "carrier": "Y",
        "status": "delivered", "tracking_details": [detail]}]});
    for (which, said) in [(2, &track), (3, &tracking), (4, &tracker)] {
        let Answer::Told(told) = traced(which, said) else { panic!("{which}") };
        assert_eq!(told.facts.len(), 1, "{which}: {told:?}");
        assert_eq!(told.facts[0].carrier.as_str(), "yuantong");
        assert_eq!(
            (told.facts[0].step, told.facts[0].occurred_at.0),
            (S::Delivered, NOW.0 - 3 * HOUR)
        );
    }
    let rejected = |code: i64| {
        json!({"code": 0, "data": {"rejected": [{"number": "YT1",
            "error": {"code": code, "message": "m"}}]}})
    };
    assert_eq!(traced(2, &rejected(-18_019_909)), Answer::Nothing);
    assert!(matches!(traced(2, &rejected(-18_010_012)), Answer::Refused { .. }));
    let empty = json!({"meta": {"code": 200}, "data": {"trackings": []}});
    assert_eq!(traced(3, &empty), Answer::Nothing);
    assert_eq!(traced(4, &json!({"trackers": []})), Answer::Nothing);
    let known = answered(400, &json!({"meta": {"code": 4003, "message": "exists"}}));
    assert_eq!(asked(None, |wanted| all()[3].followed(wanted, &known, NOW)), Answer::Nothing);
    let again = answered(200, &rejected(-18_019_901));
    assert_eq!(asked(None, |wanted| all()[2].followed(wanted, &again, NOW)), Answer::Nothing);
}

#[test]
fn a_broken_answer_is_no_answer() {
    for tracker in all() {
        for (status, body) in [(200, "<html>"), (200, "{}"), (502, ""), (429, "{}"), (200, "[]")] {
            let said = Response::builder()
                .status(status)
                .header("retry-after", "7")
                .body(Bytes::from_static(body.as_bytes()))
                .unwrap();
            let answer = asked(None, |wanted| tracker.traced(wanted, &said, NOW));
            let Answer::TryAgain { after_ms, .. } = answer else {
                panic!("{} {status} {body}: {answer:?}", tracker.name())
            };
            assert_eq!(after_ms, Some(7_000));
        }
    }
}
