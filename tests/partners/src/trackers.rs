//! Trackers of parcels, and SF itself, as they push and as they are asked: each signs and checks
//! signatures in its own way, keeps what it was told to follow, and misbehaves as it was told.
//!
//! None moves anything by itself: a story says which scans there are, in the sender's own codes.

use crate::delivery::{Delivery, Dialect};
use crate::fault::{Fault, Faults};
use crate::{Handler, Running, Scan, json_answer, locked, serve, text};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use md5::{Digest, Md5};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

const KEY: &str = "a-key-of-the-stories";
const CUSTOMER: &str = "CUSTOMER";
const CALLBACK: &str = "https://shop.example/v1/webhooks/carriers/kuaidi100";
// SF and EasyPost know the shop by the same words when it books waybills.
const PARTNER: &str = "ORDERFLOW";
const CHECK_WORD: &str = "check-word";
const EASYPOST_KEY: &str = "EZTK-1";
const SECRET: &str = "s\u{e9}cret-of-the-stories";

/// A parcel that somebody was told to follow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Followed {
    pub by: &'static str,
    pub carrier: String,
    pub waybill: String,
}

#[derive(Default)]
struct State {
    known: BTreeMap<String, Vec<Scan>>,
    followed: Vec<Followed>,
    asked: Vec<(&'static str, String)>,
    faults: Faults,
}

/// All trackers behind one address.
#[derive(Clone)]
pub struct Trackers {
    salt: String,
    state: Arc<Mutex<State>>,
}

type Fields = BTreeMap<String, String>;

impl Trackers {
    /// What SF's pushes know instead of a signature.
    pub const SF_TOKEN: &str = "a-word-that-only-sf-knows";

    /// `salt` signs Kuaidi100's pushes: subscriptions must carry it.
    pub fn new(salt: &str) -> Self {
        Self { salt: salt.to_owned(), state: Arc::default() }
    }

    /// The shop's variables for them, at this address. SF's and EasyPost's interfaces are where
    /// waybills are booked.
    pub fn settings(&self, base: &str) -> Vec<(&'static str, String)> {
        let mut all = vec![
            ("kuaidi100_key", KEY),
            ("kuaidi100_customer", CUSTOMER),
            ("kuaidi100_callback_url", CALLBACK),
            ("sf_push_token", Self::SF_TOKEN),
            ("seventeen_track_key", KEY),
            ("aftership_webhook_secret", SECRET),
            ("aftership_api_key", KEY),
            ("easypost_webhook_secret", SECRET),
        ];
        let bases = ["kuaidi100_base", "seventeen_track_base", "aftership_base"];
        all.extend(bases.map(|name| (name, base)));
        all.into_iter().map(|(name, value)| (name, value.to_owned())).collect()
    }

    /// What whoever is asked for this waybill tells; `scans` are in the order in which they
    /// happened, and replace what was known.
    pub fn knows(&self, waybill: &str, scans: &[Scan]) {
        locked(&self.state).known.insert(waybill.to_owned(), scans.to_vec());
    }

    /// What they were told to follow.
    pub fn followed(&self) -> Vec<Followed> {
        locked(&self.state).followed.clone()
    }

    /// Who was asked for a waybill, each time.
    pub fn asked_for(&self, waybill: &str) -> Vec<&'static str> {
        let state = locked(&self.state);
        state.asked.iter().filter(|(_, asked)| asked == waybill).map(|(by, _)| *by).collect()
    }

    /// The next answers are these faults.
    pub fn next_answers(&self, times: usize, fault: &Fault) {
        locked(&self.state).faults.next(times, fault);
    }

    /// SF's push: new scans of any waybills, at most ten.
    pub fn sf_pushes(&self, scans: &[(&str, Scan)]) -> Delivery {
        let route = |(i, (waybill, scan)): (usize, &(&str, Scan))| {
            let mut route = sf_route(scan);
            if let Value::Object(fields) = &mut route {
                fields.insert("mailno".to_owned(), json!(waybill));
                fields.insert("id".to_owned(), json!(i.to_string()));
            }
            route
        };
        let routes: Vec<Value> = scans.iter().enumerate().map(route).collect();
        let push = json!({"Body": {"WaybillRoute": routes}});
        Delivery::new(Dialect::Shunfeng, push, "", 0)
    }

    /// 17TRACK's push of a whole trace; `carrier` is its number of the carrier.
    pub fn seventeen_track_pushes(&self, carrier: i64, waybill: &str, scans: &[Scan]) -> Delivery {
        let data = json!({"number": waybill, "carrier": carrier, "track_info": track_info(scans)});
        let push = json!({"event": "TRACKING_UPDATED", "data": data});
        Delivery::new(Dialect::SeventeenTrack, push, KEY, 0)
    }

    /// AfterShip's push of a whole trace; `slug` is its name of the carrier.
    pub fn aftership_pushes(&self, slug: &str, waybill: &str, scans: &[Scan], at: i64) -> Delivery {
        let push = json!({"event": "tracking_update", "event_id": format!("{waybill}-{at}"),
            "ts": at, "msg": aftership_tracking(slug, waybill, scans)});
        Delivery::new(Dialect::AfterShip, push, SECRET, 0)
    }

    /// EasyPost's push of a whole trace.
    pub fn easypost_pushes(&self, carrier: &str, waybill: &str, scans: &[Scan]) -> Delivery {
        let push = json!({"id": format!("evt_{waybill}_{}", scans.len()), "object": "Event",
            "description": "tracker.updated", "result": easypost_tracker(carrier, waybill, scans)});
        Delivery::new(Dialect::EasyPost, push, SECRET, 0)
    }

    /// Whether a request to SF or EasyPost is about scans, and not about waybills.
    pub fn is_asked(&self, request: &Request<Bytes>) -> bool {
        let mut fields = form_urlencoded::parse(request.body());
        match request.uri().path() {
            "/std/service" => fields.any(|(_, value)| value == "EXP_RECE_SEARCH_ROUTES"),
            path => path == "/v2/trackers",
        }
    }

    /// Answers whichever of them is asked.
    pub fn answer(&self, request: &Request<Bytes>) -> Response<Bytes> {
        let mut faults = std::mem::take(&mut locked(&self.state).faults);
        let answer = faults.answer(|| self.right_answer(request));
        locked(&self.state).faults = faults;
        answer
    }

    /// Serves them until the answer is dropped. Port 0 picks a free one.
    pub async fn serve(self, addr: SocketAddr) -> anyhow::Result<Running> {
        serve(addr, Handler::new(move |request| self.answer(&request))).await
    }

    fn right_answer(&self, request: &Request<Bytes>) -> Response<Bytes> {
        let post = request.method() == Method::POST;
        let fields: Fields = form_urlencoded::parse(request.body()).into_owned().collect();
        let body = serde_json::from_slice(request.body()).unwrap_or(Value::Null);
        let query = request.uri().query().unwrap_or_default().as_bytes();
        let query: Fields = form_urlencoded::parse(query).into_owned().collect();
        let header = |name: &str| {
            request.headers().get(name).and_then(|v| v.to_str().ok()).unwrap_or_default()
        };
        let basic = format!("Basic {}", STANDARD.encode(format!("{EASYPOST_KEY}:")));
        let (status, said) = match request.uri().path() {
            "/poll" => (200, self.subscribe(&fields)),
            "/poll/query.do" => (200, self.query(&fields)),
            "/std/service" => (200, self.service(&fields)),
            "/track/v2.2/register" if header("17token") == KEY => (200, self.register(&body)),
            "/track/v2.2/gettrackinfo" if header("17token") == KEY => (200, self.track_info(&body)),
            "/tracking/2025-01/trackings" if header("as-api-key") == KEY && post => {
                self.make_tracking(&body)
            }
            "/tracking/2025-01/trackings" if header("as-api-key") == KEY => {
                (200, self.trackings(&query))
            }
            "/v2/trackers" if header("authorization") == basic && post => {
                (201, self.make_tracker(&body))
            }
            "/v2/trackers" if header("authorization") == basic => (200, self.trackers(&query)),
            _ => (401, json!({"meta": {"code": 401, "message": "not by our key"}})),
        };
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        json_answer(status, &said)
    }

    fn ask(&self, by: &'static str, waybill: &str) -> Option<Vec<Scan>> {
        let mut state = locked(&self.state);
        state.asked.push((by, waybill.to_owned()));
        state.known.get(waybill).cloned()
    }

    /// Whether it is followed from now on; false if it was before.
    fn follow(&self, by: &'static str, carrier: &str, waybill: &str) -> bool {
        let (carrier, waybill) = (carrier.to_owned(), waybill.to_owned());
        let followed = Followed { by, carrier, waybill };
        let mut state = locked(&self.state);
        let new = !state.followed.contains(&followed);
        state.followed.extend(new.then_some(followed));
        new
    }

    fn subscribe(&self, fields: &Fields) -> Value {
        let param: Value = serde_json::from_str(field(fields, "param")).unwrap_or(Value::Null);
        let no = |code: &str| json!({"result": false, "returnCode": code, "message": "no"});
        let (carrier, waybill) = (text(&param, "/company"), text(&param, "/number"));
        let settings = (text(&param, "/parameters/salt"), text(&param, "/parameters/callbackurl"));
        if text(&param, "/key") != KEY {
            return no("600");
        }
        if settings != (self.salt.as_str(), CALLBACK) || waybill.is_empty() {
            return no("700");
        }
        if self.follow("kuaidi100", carrier, waybill) {
            json!({"result": true, "returnCode": "200", "message": "提交成功"})
        } else {
            no("501")
        }
    }

    fn query(&self, fields: &Fields) -> Value {
        let param = field(fields, "param");
        let sign = hex::encode_upper(Md5::digest(format!("{param}{KEY}{CUSTOMER}")));
        let no = |code: &str| json!({"result": false, "returnCode": code, "message": "no"});
        if field(fields, "customer") != CUSTOMER || field(fields, "sign") != sign {
            return no("503");
        }
        let param: Value = serde_json::from_str(param).unwrap_or(Value::Null);
        let (carrier, waybill) = (text(&param, "/com"), text(&param, "/num"));
        let Some(scans) = self.ask("kuaidi100", waybill) else { return no("500") };
        let scan = |scan: &Scan| {
            json!({"context": scan.text, "time": scan.time, "ftime": scan.time,
                "statusCode": scan.code})
        };
        let data: Vec<Value> = scans.iter().rev().map(scan).collect();
        json!({"message": "ok", "status": "200", "state": "0", "ischeck": "0", "com": carrier,
            "nu": waybill, "data": data})
    }

    fn service(&self, fields: &Fields) -> Value {
        let said = |code: &str, data: &Value| {
            json!({"apiErrorMsg": "", "apiResponseID": "r", "apiResultCode": code,
                "apiResultData": data.to_string()})
        };
        let (msg_data, timestamp) = (field(fields, "msgData"), field(fields, "timestamp"));
        let signed = format!("{msg_data}{timestamp}{CHECK_WORD}");
        let encoded: String = form_urlencoded::byte_serialize(signed.as_bytes()).collect();
        if field(fields, "partnerID") != PARTNER {
            return said("A1004", &Value::Null);
        }
        if field(fields, "msgDigest") != STANDARD.encode(Md5::digest(encoded)) {
            return said("A1006", &Value::Null);
        }
        let wanted: Value = serde_json::from_str(msg_data).unwrap_or(Value::Null);
        let waybill = text(&wanted, "/trackingNumber/0");
        let scans = self.ask("shunfeng", waybill).unwrap_or_default();
        let routes: Vec<Value> = scans.iter().map(sf_route).collect();
        let found = json!([{"mailNo": waybill, "routes": routes}]);
        let data = json!({"success": true, "errorCode": "S0000", "errorMsg": null,
            "msgData": {"routeResps": found}});
        said("A1000", &data)
    }

    fn register(&self, body: &Value) -> Value {
        let carrier = body.pointer("/0/carrier").map(ToString::to_string).unwrap_or_default();
        let waybill = text(body, "/0/number");
        if self.follow("17track", &carrier, waybill) {
            return json!({"code": 0, "data": {"accepted": [{"number": waybill}], "rejected": []}});
        }
        rejected(waybill, -18_019_901)
    }

    fn track_info(&self, body: &Value) -> Value {
        let waybill = text(body, "/0/number");
        let Some(scans) = self.ask("17track", waybill) else {
            return rejected(waybill, -18_019_909);
        };
        let found = json!({"number": waybill, "carrier": 0, "track_info": track_info(&scans)});
        json!({"code": 0, "data": {"accepted": [found], "rejected": []}})
    }

    fn make_tracking(&self, body: &Value) -> (u16, Value) {
        if self.follow("aftership", text(body, "/slug"), text(body, "/tracking_number")) {
            return (201, json!({"meta": {"code": 201}, "data": {}}));
        }
        (400, json!({"meta": {"code": 4003, "message": "Tracking already exists."}, "data": {}}))
    }

    fn trackings(&self, query: &Fields) -> Value {
        let waybill = field(query, "tracking_numbers");
        let found = self.ask("aftership", waybill);
        let found = found.map(|scans| aftership_tracking(field(query, "slug"), waybill, &scans));
        let found: Vec<Value> = found.into_iter().collect();
        json!({"meta": {"code": 200}, "data": {"trackings": found}})
    }

    fn make_tracker(&self, body: &Value) -> Value {
        let carrier = text(body, "/tracker/carrier");
        let waybill = text(body, "/tracker/tracking_code");
        self.follow("easypost", carrier, waybill);
        let scans = locked(&self.state).known.get(waybill).cloned().unwrap_or_default();
        easypost_tracker(carrier, waybill, &scans)
    }

    fn trackers(&self, query: &Fields) -> Value {
        let waybill = field(query, "tracking_code");
        let found = self.ask("easypost", waybill);
        let found = found.map(|scans| easypost_tracker(field(query, "carrier"), waybill, &scans));
        json!({"trackers": found.into_iter().collect::<Vec<Value>>(), "has_more": false})
    }
}

fn field<'f>(fields: &'f Fields, name: &str) -> &'f str {
    fields.get(name).map(String::as_str).unwrap_or_default()
}

fn rejected(waybill: &str, code: i64) -> Value {
    let error = json!({"code": code, "message": "no"});
    json!({"code": 0, "data": {"accepted": [], "rejected": [{"number": waybill, "error": error}]}})
}

/// A story's scans are in Beijing's time.
fn zoned(scan: &Scan) -> String {
    format!("{}+08:00", scan.time.replace(' ', "T"))
}

fn sf_route(scan: &Scan) -> Value {
    json!({"acceptTime": scan.time, "acceptAddress": "深圳市", "remark": scan.text,
        "opCode": scan.code, "orderid": "", "reasonCode": "", "reasonName": ""})
}

fn track_info(scans: &[Scan]) -> Value {
    let event = |scan: &Scan| {
        json!({"time_iso": zoned(scan), "time_utc": zoned(scan), "description": scan.text,
            "location": null, "stage": null, "sub_status": scan.code})
    };
    let events: Vec<Value> = scans.iter().rev().map(event).collect();
    let latest = scans.last().map(|scan| scan.code.as_str());
    json!({
        "latest_status": {"status": "x", "sub_status": latest, "sub_status_descr": null},
        "tracking": {"providers": [{"provider": {"key": 0}, "events": events}]},
    })
}

fn aftership_tracking(slug: &str, waybill: &str, scans: &[Scan]) -> Value {
    let checkpoint = |scan: &Scan| {
        json!({"checkpoint_time": zoned(scan), "tag": scan.code, "subtag": "",
            "message": scan.text, "location": null})
    };
    let checkpoints: Vec<Value> = scans.iter().map(checkpoint).collect();
    let tag = scans.last().map_or("Pending", |scan| scan.code.as_str());
    json!({"id": "x", "tracking_number": waybill, "slug": slug, "tag": tag, "subtag": "",
        "checkpoints": checkpoints})
}

fn easypost_tracker(carrier: &str, waybill: &str, scans: &[Scan]) -> Value {
    let detail = |scan: &Scan| {
        json!({"object": "TrackingDetail", "datetime": zoned(scan), "status": scan.code,
            "status_detail": "", "message": scan.text, "tracking_location": {"city": null}})
    };
    let details: Vec<Value> = scans.iter().map(detail).collect();
    let status = scans.last().map_or("unknown", |scan| scan.code.as_str());
    json!({"id": "trk_x", "object": "Tracker", "tracking_code": waybill, "carrier": carrier,
        "status": status, "status_detail": "", "tracking_details": details})
}
