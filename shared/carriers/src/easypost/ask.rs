//! Asking EasyPost: making a tracker, which answers what is known at once, and finding it.
//! Source: docs.easypost.com/docs/trackers.

use super::{EasyPost, Tracker as Told};
use crate::ask::{Answer, CannotAsk, Tracker, Wanted, basic, no, request, told};
use crate::json::from_bytes;
use bytes::Bytes;
use domain::Millis;
use http::{Method, Request, Response};
use serde::Deserialize;
use serde_json::{Value, json};

/// EasyPost's interface.
#[derive(Clone)]
pub struct EasyPostInterface {
    pub key: String,
    pub base: String,
}

#[derive(Deserialize)]
struct Found {
    trackers: Vec<Told>,
}

impl EasyPostInterface {
    fn ask(&self, method: Method, path: &str, body: String) -> Result<Request<Bytes>, CannotAsk> {
        let key = basic(&self.key);
        let headers = [("authorization", key.as_str()), ("content-type", "application/json")];
        request((method, &self.base, path), &headers, body)
    }
}

impl Tracker for EasyPostInterface {
    fn name(&self) -> &'static str {
        EasyPost::NAME
    }

    fn follow(&self, wanted: &Wanted<'_>, _: Millis) -> Result<Option<Request<Bytes>>, CannotAsk> {
        let mut tracker = json!({"tracking_code": wanted.waybill});
        if let (Some(carrier), Value::Object(tracker)) = (wanted.theirs, &mut tracker) {
            tracker.insert("carrier".to_owned(), json!(carrier));
        }
        let body = json!({"tracker": tracker}).to_string();
        self.ask(Method::POST, "/v2/trackers", body).map(Some)
    }

    fn followed(&self, wanted: &Wanted<'_>, answer: &Response<Bytes>, now: Millis) -> Answer {
        if !answer.status().is_success() {
            return no(answer, "no tracker was made");
        }
        let facts = from_bytes::<Told>(answer.body());
        told(answer, facts.and_then(|found| found.facts(&wanted.parcel(EasyPost::NAME), now)))
    }

    fn trace(&self, wanted: &Wanted<'_>, _: Millis) -> Result<Request<Bytes>, CannotAsk> {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("tracking_code", wanted.waybill.as_str());
        if let Some(carrier) = wanted.theirs {
            query.append_pair("carrier", carrier);
        }
        self.ask(Method::GET, &format!("/v2/trackers?{}", query.finish()), String::new())
    }

    fn traced(&self, wanted: &Wanted<'_>, answer: &Response<Bytes>, now: Millis) -> Answer {
        if !answer.status().is_success() {
            return no(answer, "not told");
        }
        let found = from_bytes::<Found>(answer.body()).map(|found| {
            let own = |tracker: &Told| tracker.tracking_code == wanted.waybill.as_str();
            found.trackers.into_iter().find(own)
        });
        let parcel = wanted.parcel(EasyPost::NAME);
        told(answer, found.and_then(|own| own.map_or(Ok(Vec::new()), |t| t.facts(&parcel, now))))
    }
}
