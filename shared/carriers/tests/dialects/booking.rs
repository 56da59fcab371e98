//! How SF and EasyPost are asked for waybills, and what their answers mean.

use bytes::Bytes;
use carriers::booking::{
    Answer, Asking, Booking, Cancellation, Cancelled, CannotAsk, Step, Waybills, amount, interface,
};
use domain::{
    CarrierCode, Delivery, DeliveryWanted, Millis, Size, WaybillInterface, check_delivery,
};
use http::{Method, Request, Response};
use serde_json::{Value, json};
use std::collections::BTreeMap;

const ASKING: Asking = Asking { now: Millis(1_768_536_000_000), nonce: 7 };

fn sf() -> Box<dyn Waybills> {
    interface(
        WaybillInterface::Sf,
        &BTreeMap::from([
            ("sf_partner_id", "P".to_owned()),
            ("sf_check_word", "cw".to_owned()),
            ("sf_monthly_card", "7551234567".to_owned()),
            ("sf_base", "https://sf.test".to_owned()),
        ]),
    )
}

fn easypost() -> Box<dyn Waybills> {
    interface(
        WaybillInterface::Easypost,
        &BTreeMap::from([
            ("easypost_api_key", "key".to_owned()),
            ("easypost_base", "https://easypost.test/".to_owned()),
        ]),
    )
}

struct Scene {
    carrier: CarrierCode,
    from: Delivery,
    to: Delivery,
}

impl Scene {
    fn new(carrier: &str) -> Self {
        let at = |name, region| {
            let wanted = DeliveryWanted::in_china(name, "13800138000", region, "漕溪路 1 号");
            check_delivery(&wanted, "#").unwrap()
        };
        let carrier = CarrierCode::parse(carrier).unwrap();
        Self { carrier, from: at("发货组", "310115"), to: at("李 雷", "440106") }
    }

    fn booking(&self, service: &'static str) -> Booking<'_> {
        Booking {
            request: "pcl_1-1",
            carrier: &self.carrier,
            service,
            account: None,
            from: &self.from,
            to: &self.to,
            weight_g: 850,
            size_mm: Some(Size { length: 254, width: 100, height: 50 }),
            goods: vec![("T 恤 & 袜子".to_owned(), 2)],
            collect: None,
        }
    }
}

fn fields(request: &Request<Bytes>) -> BTreeMap<String, String> {
    form_urlencoded::parse(request.body())
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect()
}

fn answered(status: u16, body: impl Into<Bytes>) -> Response<Bytes> {
    Response::builder().status(status).body(body.into()).unwrap()
}

fn sf_says(inner: Value) -> Response<Bytes> {
    let body = json!({"apiResultCode": "A1000", "apiErrorMsg": "",
        "apiResultData": inner.to_string()});
    answered(200, body.to_string())
}

fn sf_gives(number: &str, filter: Value) -> Response<Bytes> {
    sf_says(json!({"success": true, "errorCode": "S0000", "msgData": {"filterResult": filter,
        "waybillNoInfoList": [{"waybillType": 3, "waybillNo": "SF9"},
            {"waybillType": 1, "waybillNo": number}]}}))
}

fn sf_refuses(code: &str) -> Response<Bytes> {
    sf_says(json!({"success": false, "errorCode": code, "errorMsg": "不行", "msgData": null}))
}

#[test]
fn sf_gets_a_form_that_is_signed_over_what_it_holds() {
    let scene = Scene::new("shunfeng");
    let booking = Booking { collect: Some("128.00".to_owned()), ..scene.booking("2") };
    let request = sf().request(&booking, &Step::Make, ASKING).unwrap();
    assert_eq!(request.uri(), "https://sf.test/std/service");
    let fields = fields(&request);
    assert_eq!(fields["serviceCode"], "EXP_RECE_CREATE_ORDER");
    assert_eq!(fields["timestamp"], "1768536000000");
    assert_eq!(fields["requestID"].len(), 32);
    let asked: Value = serde_json::from_str(&fields["msgData"]).unwrap();
    assert_eq!(asked["orderId"], "pcl_1-1");
    assert_eq!(asked["expressTypeId"], 2);
    assert_eq!(asked["monthlyCard"], "7551234567");
    assert_eq!(asked["totalWeight"], 0.85);
    assert_eq!(asked["cargoDetails"][0], json!({"name": "T 恤 & 袜子", "count": 2}));
    assert_eq!(asked["serviceList"][0]["value"], "128.00");
    let to = &asked["contactInfoList"][1];
    assert_eq!(to["contactType"], 2);
    assert_eq!((&to["mobile"], &to["province"]), (&json!("13800138000"), &json!("广东省")));
}

/// The digest of a message with signs of every kind, as an independent program computed it
/// (Python: `quote_plus`, MD5, base64).
#[test]
fn the_digest_is_that_of_sfs_own_form_encoding() {
    let scene = Scene::new("shunfeng");
    let request = sf().request(&scene.booking("2"), &Step::Look, ASKING).unwrap();
    let fields = fields(&request);
    let message = r#"{"language":"zh-CN","orderId":"pcl_1-1","searchType":"1"}"#;
    assert_eq!(fields["msgData"], message);
    assert_eq!(fields["msgDigest"], "+HlExX+TKB2xQjX5Bibn2w==");
}

#[test]
fn sfs_answers_are_understood() {
    let scene = Scene::new("shunfeng");
    let booking = scene.booking("2");
    let of = |step: &Step, answer: &Response<Bytes>| sf().answer(&booking, step, answer);
    let made = of(&Step::Make, &sf_gives("SF1", json!(2)));
    assert!(matches!(&made, Answer::Made { waybill, .. } if waybill.as_str() == "SF1"), "{made:?}");
    assert_eq!(of(&Step::Look, &sf_gives("SF1", json!("2"))), made);
    assert_eq!(of(&Step::Make, &sf_refuses("8016")), Answer::Then(Step::Look));
    let refused = of(&Step::Make, &sf_refuses("1014"));
    assert_eq!(refused, Answer::Refused { reason: "1014 不行".to_owned(), undo: false });
    let no_way = of(&Step::Make, &sf_gives("SF1", json!(3)));
    assert!(matches!(no_way, Answer::Refused { undo: true, .. }), "{no_way:?}");
    for again in [
        of(&Step::Look, &sf_refuses("6150")),
        of(&Step::Make, &sf_refuses("S0001")),
        of(&Step::Make, &sf_gives("", json!(1))),
        of(&Step::Make, &sf_gives("no number", json!(2))),
        of(&Step::Make, &answered(200, r#"{"apiResultCode":"A1006","apiErrorMsg":"签名"}"#)),
        of(&Step::Make, &answered(200, "<html>")),
        of(&Step::Make, &answered(502, "")),
    ] {
        assert!(matches!(again, Answer::TryAgain { .. }), "{again:?}");
    }
}

#[test]
fn sf_forgets_an_order_once() {
    let cancel = Cancellation { request: "pcl_1-1", theirs: None, waybill: Some("SF1") };
    let request = sf().cancel_request(&cancel, ASKING).unwrap();
    let asked: Value = serde_json::from_str(&fields(&request)["msgData"]).unwrap();
    assert_eq!((&asked["dealType"], &asked["orderId"]), (&json!(2), &json!("pcl_1-1")));
    assert_eq!(asked["waybillNoInfoList"][0]["waybillNo"], "SF1");
    let said = |answer: Response<Bytes>| sf().cancel_answer(&cancel, &answer);
    let yes = |status: i64| {
        sf_says(json!({"success": true, "errorCode": "S0000", "msgData": {"resStatus": status}}))
    };
    for done in [yes(2), sf_refuses("8037"), sf_refuses("8018"), sf_refuses("6150")] {
        assert_eq!(said(done), Cancelled::Done);
    }
    assert!(matches!(said(yes(1)), Cancelled::Refused { .. }));
    assert!(matches!(said(sf_refuses("8252")), Cancelled::Refused { .. }));
    assert!(matches!(said(answered(500, "")), Cancelled::TryAgain { .. }));
}

fn shipment(more: Value) -> Response<Bytes> {
    let mut body = json!({"id": "shp_1", "object": "Shipment", "tracking_code": null,
    "rates": [
        {"id": "r1", "carrier": "UPS", "service": "Ground", "rate": "5.00"},
        {"id": "r2", "carrier": "USPS", "service": "Ground", "rate": "10.10"},
        {"id": "r3", "carrier": "USPS", "service": "Ground", "rate": "9.9"},
        {"id": "r4", "carrier": "USPS", "service": "Express", "rate": "1.00"},
    ]});
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    answered(201, body.to_string())
}

fn easypost_refuses(status: u16, code: &str) -> Response<Bytes> {
    let body = json!({"error": {"code": code, "message": "no", "errors": []}});
    answered(status, body.to_string())
}

#[test]
fn easypost_is_asked_for_offers_then_for_the_cheapest_of_the_service() {
    let scene = Scene::new("usps");
    let booking = scene.booking("Ground");
    let request = easypost().request(&booking, &Step::Make, ASKING).unwrap();
    assert_eq!(request.uri(), "https://easypost.test/v2/shipments");
    assert_eq!(request.headers()["authorization"], "Basic a2V5Og==");
    let asked: Value = serde_json::from_slice(request.body()).unwrap();
    let parcel = &asked["shipment"]["parcel"];
    assert_eq!(parcel["weight"], 30.0, "850 g are 29.98 ounces");
    assert_eq!((&parcel["length"], &parcel["height"]), (&json!(10.0), &json!(2.0)));
    assert_eq!(asked["shipment"]["reference"], "pcl_1-1");
    assert_eq!(asked["shipment"]["to_address"]["country"], "CN");
    let next = easypost().answer(&booking, &Step::Make, &shipment(json!({})));
    let buy = Step::Buy { shipment: "shp_1".to_owned(), rate: "r3".to_owned() };
    assert_eq!(next, Answer::Then(buy.clone()));
    let request = easypost().request(&booking, &buy, ASKING).unwrap();
    assert_eq!(request.uri(), "https://easypost.test/v2/shipments/shp_1/buy");
    assert_eq!(request.body().as_ref(), br#"{"rate":{"id":"r3"}}"#);
    let label = json!({"tracking_code": "9405", "postage_label": {"label_url": "https://l"}});
    let made = easypost().answer(&booking, &buy, &shipment(label));
    let Answer::Made { waybill, theirs, label_url } = made else { panic!("{made:?}") };
    assert_eq!((waybill.as_str(), theirs.as_str()), ("9405", "shp_1"));
    assert_eq!(label_url.as_deref(), Some("https://l"));
}

#[test]
fn who_asks_easypost_again_looks_first() {
    let scene = Scene::new("usps");
    let booking = scene.booking("Ground");
    assert_eq!((easypost().begins(false), easypost().begins(true)), (Step::Make, Step::Look));
    let look = easypost().request(&booking, &Step::Look, ASKING).unwrap();
    assert_eq!(look.method(), Method::GET);
    assert_eq!(look.uri(), "https://easypost.test/v2/shipments/pcl_1-1");
    let of = |step: &Step, answer: &Response<Bytes>| easypost().answer(&booking, step, answer);
    assert_eq!(of(&Step::Look, &easypost_refuses(404, "NOT_FOUND")), Answer::Then(Step::Make));
    assert!(matches!(of(&Step::Look, &shipment(json!({}))), Answer::Then(Step::Buy { .. })));
    let bought = shipment(json!({"tracking_code": "9405"}));
    assert!(matches!(of(&Step::Look, &bought), Answer::Made { .. }));
    let buy = Step::Buy { shipment: "shp_1".to_owned(), rate: "r3".to_owned() };
    let exists = easypost_refuses(422, "SHIPMENT.POSTAGE.EXISTS");
    assert_eq!(of(&buy, &exists), Answer::Then(Step::Look));
    let none = shipment(json!({"rates": [], "messages": [{"carrier": "USPS", "message": "far"}]}));
    let no_offer = of(&Step::Make, &none);
    assert!(matches!(&no_offer, Answer::Refused { reason, .. } if reason.contains("USPS: far")));
    assert!(matches!(of(&buy, &easypost_refuses(422, "X")), Answer::Refused { .. }));
    for (status, body) in [(401, ""), (402, ""), (429, ""), (500, ""), (200, "<html>"), (404, "")] {
        let again = of(&Step::Make, &answered(status, body));
        assert!(matches!(again, Answer::TryAgain { .. }), "{status}: {again:?}");
    }
}

#[test]
fn easypost_gives_postage_back() {
    let theirs = Cancellation { request: "pcl_1-1", theirs: Some("shp_1"), waybill: Some("9405") };
    let unknown = Cancellation { theirs: None, waybill: None, ..theirs };
    let place = |cancel: &Cancellation<'_>| {
        easypost().cancel_request(cancel, ASKING).unwrap().uri().path().to_owned()
    };
    assert_eq!(place(&theirs), "/v2/shipments/shp_1/refund");
    assert_eq!(place(&unknown), "/v2/shipments/pcl_1-1/refund");
    let said = |cancel, answer: Response<Bytes>| easypost().cancel_answer(&cancel, &answer);
    for status in ["submitted", "refunded", "not_applicable"] {
        assert_eq!(said(theirs, shipment(json!({"refund_status": status}))), Cancelled::Done);
    }
    let rejected = shipment(json!({"refund_status": "rejected"}));
    assert!(matches!(said(theirs, rejected), Cancelled::Refused { .. }));
    let never = || easypost_refuses(422, "SHIPMENT.REFUND.UNAVAILABLE");
    assert_eq!(said(unknown, never()), Cancelled::Done, "it was never bought");
    assert!(matches!(said(theirs, never()), Cancelled::Refused { .. }));
    assert_eq!(said(unknown, easypost_refuses(404, "NOT_FOUND")), Cancelled::Done);
    assert!(matches!(said(theirs, answered(503, "")), Cancelled::TryAgain { .. }));
}

#[test]
fn without_a_key_nobody_is_asked() {
    let scene = Scene::new("shunfeng");
    let empty = BTreeMap::new();
    for (by, name) in
        [(WaybillInterface::Sf, "sf_partner_id"), (WaybillInterface::Easypost, "easypost_api_key")]
    {
        let asked = interface(by, &empty).request(&scene.booking("2"), &Step::Make, ASKING);
        assert_eq!(asked.unwrap_err(), CannotAsk::NotConfigured(name));
    }
}

#[test]
fn amounts_are_written_as_their_currency_has_decimals() {
    let table = [(12_800, 2, "128.00"), (5, 2, "0.05"), (500, 0, "500"), (1_234, 3, "1.234")];
    for (minor, exponent, text) in table {
        assert_eq!(amount(minor, exponent), text);
    }
}

proptest::proptest! {
    #[test]
    fn no_answer_whatever_its_bytes_is_a_panic(
        status in 100_u16..600,
        body in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..200),
    ) {
        let scene = Scene::new("usps");
        let answer = answered(status, body);
        let cancel = Cancellation { request: "r", theirs: None, waybill: None };
        for way in [sf(), easypost()] {
            for step in [Step::Make, Step::Look] {
                drop(way.answer(&scene.booking("2"), &step, &answer));
            }
            drop(way.cancel_answer(&cancel, &answer));
        }
    }
}
