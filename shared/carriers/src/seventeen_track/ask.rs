//! Asking 17TRACK: registering a number, and what is known of it (v2.2).
//!
//! Both take a list and answer what of it was accepted and what was rejected, each with a code.
//! Without a carrier 17TRACK finds one itself. Source: asset.17track.net/api/document/v2.2.

use super::{SeventeenTrack, Track};
use crate::ask::{Answer, CannotAsk, Tracker, Wanted, no, no_answer, request, said, told};
use crate::json::from_bytes;
use bytes::Bytes;
use domain::Millis;
use http::{Method, Request, Response};
use serde::Deserialize;
use serde_json::{Value, json};

/// 17TRACK's interface.
#[derive(Clone)]
pub struct SeventeenTrackInterface {
    pub key: String,
    pub base: String,
}

/// It was registered before.
const KNOWN: i64 = -18_019_901;
/// It is not registered, or nothing is known of it yet.
const UNKNOWN: &[i64] = &[-18_019_902, -18_019_909];

#[derive(Deserialize)]
struct Said {
    code: i64,
    data: Option<Data>,
}

#[derive(Deserialize)]
struct Data {
    accepted: Option<Vec<Accepted>>,
    rejected: Option<Vec<Rejected>>,
}

#[derive(Deserialize)]
struct Accepted {
    track_info: Option<Track>,
}

#[derive(Deserialize)]
struct Rejected {
    error: Fault,
}

#[derive(Deserialize)]
struct Fault {
    code: i64,
    message: String,
}

impl SeventeenTrackInterface {
    fn ask(&self, what: &str, wanted: &Wanted<'_>) -> Result<Request<Bytes>, CannotAsk> {
        let mut number = json!({"number": wanted.waybill});
        let theirs = wanted.theirs.and_then(|name| name.parse::<i64>().ok());
        if let (Some(theirs), Value::Object(number)) = (theirs, &mut number) {
            number.insert("carrier".to_owned(), json!(theirs));
        }
        let headers = [("17token", self.key.as_str()), ("content-type", "application/json")];
        let path = format!("/track/v2.2/{what}");
        request((Method::POST, &self.base, &path), &headers, json!([number]).to_string())
    }
}

impl Tracker for SeventeenTrackInterface {
    fn name(&self) -> &'static str {
        SeventeenTrack::NAME
    }

    fn follow(&self, wanted: &Wanted<'_>, _: Millis) -> Result<Option<Request<Bytes>>, CannotAsk> {
        self.ask("register", wanted).map(Some)
    }

    fn followed(&self, _: &Wanted<'_>, answer: &Response<Bytes>, _: Millis) -> Answer {
        match read(answer) {
            Err(no) => no,
            Ok(Err(fault)) if fault.code == KNOWN => Answer::Nothing,
            Ok(Err(fault)) => fault.no(answer),
            Ok(Ok(_)) => Answer::Nothing,
        }
    }

    fn trace(&self, wanted: &Wanted<'_>, _: Millis) -> Result<Request<Bytes>, CannotAsk> {
        self.ask("gettrackinfo", wanted)
    }

    fn traced(&self, wanted: &Wanted<'_>, answer: &Response<Bytes>, now: Millis) -> Answer {
        match read(answer) {
            Err(no) => no,
            Ok(Err(fault)) if UNKNOWN.contains(&fault.code) => Answer::Nothing,
            Ok(Err(fault)) => fault.no(answer),
            Ok(Ok(None)) => Answer::Nothing,
            Ok(Ok(Some(track))) => {
                told(answer, track.facts(&wanted.parcel(SeventeenTrack::NAME), now))
            }
        }
    }
}

/// What is known of the one number that was asked for, or why it was rejected.
fn read(answer: &Response<Bytes>) -> Result<Result<Option<Track>, Fault>, Answer> {
    if !answer.status().is_success() {
        return Err(no(answer, "not taken"));
    }
    let read: Said =
        from_bytes(answer.body()).map_err(|fault| no_answer(answer, &fault.to_string()))?;
    let Some(data) = read.data.filter(|_| read.code == 0) else {
        return Err(no_answer(answer, &format!("code {}", read.code)));
    };
    let rejected = data.rejected.unwrap_or_default().into_iter().next();
    let accepted = data.accepted.unwrap_or_default().into_iter().next();
    Ok(match rejected {
        Some(Rejected { error }) => Err(error),
        None => Ok(accepted.and_then(|accepted| accepted.track_info)),
    })
}

impl Fault {
    fn no(&self, answer: &Response<Bytes>) -> Answer {
        let why = format!("{} {}", self.code, self.message);
        Answer::Refused { reason: said(answer.status(), &why) }
    }
}
