//! Asking SF: 丰桥 EXP_RECE_SEARCH_ROUTES, by waybill number.
//!
//! SF pushes by itself for waybills that were ordered through 丰桥, so nothing is subscribed. It
//! answers 200 to everything: what happened is in `apiResultCode`, and what was found is JSON in a
//! string. Source: 丰桥 API documents, "路由查询接口" and "数字签名".

use super::{Route, Shunfeng};
use crate::Unheard;
use crate::ask::{Answer, CannotAsk, Tracker, Wanted, form, no, no_answer, said, told};
use crate::json::{from_bytes, unreadable, word};
use crate::scan::distinct;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use domain::{Millis, TrackingFact};
use http::{Request, Response};
use md5::{Digest, Md5};
use serde::Deserialize;
use serde_json::json;
use sha2::Sha256;

/// SF's interface, as a partner of 丰桥 asks it.
#[derive(Clone)]
pub struct ShunfengInterface {
    partner_id: String,
    check_word: String,
    base: String,
}

/// What SF says of a request that is wrong and stays wrong.
const FINAL: &[&str] = &["A1001", "A1003", "A1004", "A1005", "A1006", "A1007"];

impl ShunfengInterface {
    /// `None` without the partner's id and check word: then nobody is asked.
    pub fn new(partner_id: &str, check_word: &str, base: &str) -> Option<Self> {
        let own = |text: &str| text.to_owned();
        (!partner_id.is_empty() && !check_word.is_empty()).then(|| Self {
            partner_id: own(partner_id),
            check_word: own(check_word),
            base: own(base),
        })
    }

    /// The MD5 of what is said, when, and the check word, all as a form would carry it, in base64.
    pub fn digest(&self, msg_data: &str, timestamp: &str) -> String {
        let text = format!("{msg_data}{timestamp}{}", self.check_word);
        let encoded: String = form_urlencoded::byte_serialize(text.as_bytes()).collect();
        STANDARD.encode(Md5::digest(encoded))
    }
}

impl Tracker for ShunfengInterface {
    fn name(&self) -> &'static str {
        Shunfeng::NAME
    }

    fn follow(&self, _: &Wanted<'_>, _: Millis) -> Result<Option<Request<Bytes>>, CannotAsk> {
        Ok(None)
    }

    fn followed(&self, _: &Wanted<'_>, _: &Response<Bytes>, _: Millis) -> Answer {
        Answer::Nothing
    }

    fn trace(&self, wanted: &Wanted<'_>, now: Millis) -> Result<Request<Bytes>, CannotAsk> {
        let msg_data = json!({
            "language": "zh-CN", "trackingType": "1", "trackingNumber": [wanted.waybill],
            "methodType": "1", "checkPhoneNo": wanted.last_four(),
        });
        let (msg_data, timestamp) = (msg_data.to_string(), now.0.to_string());
        let digest = self.digest(&msg_data, &timestamp);
        let id = request_id(&format!("{} {timestamp}", wanted.waybill));
        let fields = [
            ("partnerID", self.partner_id.as_str()),
            ("requestID", &id),
            ("serviceCode", "EXP_RECE_SEARCH_ROUTES"),
            ("timestamp", &timestamp),
            ("msgDigest", &digest),
            ("msgData", &msg_data),
        ];
        form(&self.base, "/std/service", &fields)
    }

    fn traced(&self, wanted: &Wanted<'_>, answer: &Response<Bytes>, now: Millis) -> Answer {
        if !answer.status().is_success() {
            return no(answer, "not SF's own answer");
        }
        let envelope: Envelope = match from_bytes(answer.body()) {
            Ok(envelope) => envelope,
            Err(fault) => return no_answer(answer, &fault.to_string()),
        };
        let Envelope { api_result_code: code, api_error_msg, api_result_data } = envelope;
        let why = format!("{code} {api_error_msg}");
        match code.as_str() {
            "A1000" => told(answer, found(&api_result_data, wanted, now)),
            code if FINAL.contains(&code) => {
                Answer::Refused { reason: said(answer.status(), &why) }
            }
            _ => no_answer(answer, &why),
        }
    }
}

/// A UUID's form. It must not repeat, but need not be secret: a hash of what is asked and when.
fn request_id(seed: &str) -> String {
    let hex = hex::encode(Sha256::digest(seed));
    let part = |from: usize, count: usize| hex.chars().skip(from).take(count).collect::<String>();
    [part(0, 8), part(8, 4), part(12, 4), part(16, 4), part(20, 12)].join("-")
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Envelope {
    api_result_code: String,
    #[serde(default, deserialize_with = "word")]
    api_error_msg: String,
    #[serde(default, deserialize_with = "word")]
    api_result_data: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Found {
    #[serde(default, deserialize_with = "word")]
    error_code: String,
    #[serde(default, deserialize_with = "word")]
    error_msg: String,
    msg_data: Option<Routes>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Routes {
    route_resps: Option<Vec<OfWaybill>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OfWaybill {
    #[serde(default, deserialize_with = "word")]
    mail_no: String,
    routes: Option<Vec<Route>>,
}

fn found(text: &str, wanted: &Wanted<'_>, now: Millis) -> Result<Vec<TrackingFact>, Unheard> {
    let found: Found = from_bytes(text.as_bytes())?;
    if found.error_code != "S0000" {
        return Err(unreadable("errorCode", &format!("{} {}", found.error_code, found.error_msg)));
    }
    let all = found.msg_data.and_then(|routes| routes.route_resps).unwrap_or_default();
    let parcel = wanted.parcel(Shunfeng::NAME);
    let own = all.into_iter().filter(|of| of.mail_no == wanted.waybill.as_str());
    let routes: Vec<Route> = own.flat_map(|of| of.routes.unwrap_or_default()).collect();
    let fact = |(i, route): (usize, &Route)| {
        route.fact_of(&parcel, &format!("routes[{i}].acceptTime"), now)
    };
    Ok(distinct(routes.iter().enumerate().map(fact).collect::<Result<_, Unheard>>()?))
}
