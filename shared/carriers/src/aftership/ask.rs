//! Asking AfterShip: making a tracking, and finding it (Tracking API 2025-01).
//!
//! Answers have their own code in `meta`; 4003 says that the tracking was made before. Source:
//! aftership.com/docs/tracking, "Create a tracking" and "Get trackings".

use super::{AfterShip, Message};
use crate::ask::{Answer, CannotAsk, Tracker, Wanted, no, no_answer, request, told};
use crate::json::{from_bytes, word};
use bytes::Bytes;
use domain::Millis;
use http::{Method, Request, Response};
use serde::Deserialize;
use serde_json::{Value, json};

/// AfterShip's interface.
#[derive(Clone)]
pub struct AfterShipInterface {
    pub key: String,
    pub base: String,
}

const TRACKINGS: &str = "/tracking/2025-01/trackings";
/// It was made before.
const KNOWN: i64 = 4003;

#[derive(Deserialize)]
struct Said {
    meta: Meta,
    data: Option<Data>,
}

#[derive(Deserialize)]
struct Meta {
    code: i64,
    #[serde(default, deserialize_with = "word")]
    message: String,
}

#[derive(Deserialize)]
struct Data {
    trackings: Option<Vec<Message>>,
}

impl AfterShipInterface {
    fn ask(&self, method: Method, path: &str, body: String) -> Result<Request<Bytes>, CannotAsk> {
        let headers = [("as-api-key", self.key.as_str()), ("content-type", "application/json")];
        request((method, &self.base, path), &headers, body)
    }
}

impl Tracker for AfterShipInterface {
    fn name(&self) -> &'static str {
        AfterShip::NAME
    }

    fn follow(&self, wanted: &Wanted<'_>, _: Millis) -> Result<Option<Request<Bytes>>, CannotAsk> {
        let mut tracking = json!({"tracking_number": wanted.waybill});
        if let (Some(slug), Value::Object(tracking)) = (wanted.theirs, &mut tracking) {
            tracking.insert("slug".to_owned(), json!(slug));
        }
        self.ask(Method::POST, TRACKINGS, tracking.to_string()).map(Some)
    }

    fn followed(&self, _: &Wanted<'_>, answer: &Response<Bytes>, _: Millis) -> Answer {
        match from_bytes::<Said>(answer.body()) {
            Ok(said) if said.meta.code == KNOWN || answer.status().is_success() => Answer::Nothing,
            Ok(said) => no(answer, &format!("{} {}", said.meta.code, said.meta.message)),
            Err(fault) => no_answer(answer, &fault.to_string()),
        }
    }

    fn trace(&self, wanted: &Wanted<'_>, _: Millis) -> Result<Request<Bytes>, CannotAsk> {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("tracking_numbers", wanted.waybill.as_str());
        if let Some(slug) = wanted.theirs {
            query.append_pair("slug", slug);
        }
        let path = format!("{TRACKINGS}?{}", query.finish());
        self.ask(Method::GET, &path, String::new())
    }

    fn traced(&self, wanted: &Wanted<'_>, answer: &Response<Bytes>, now: Millis) -> Answer {
        let said: Said = match from_bytes(answer.body()) {
            Ok(said) => said,
            Err(fault) => return no_answer(answer, &fault.to_string()),
        };
        if !answer.status().is_success() {
            return no(answer, &format!("{} {}", said.meta.code, said.meta.message));
        }
        let all = said.data.and_then(|data| data.trackings).unwrap_or_default();
        let own = |m: &Message| m.tracking_number == wanted.waybill.as_str();
        match all.into_iter().find(own) {
            None => Answer::Nothing,
            Some(message) => {
                told(answer, message.facts(&wanted.parcel(AfterShip::NAME), None, now))
            }
        }
    }
}
