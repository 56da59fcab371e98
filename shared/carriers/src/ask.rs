//! Asking a tracker: that it follows a parcel, and what it knows of one. Requests out, answers in;
//! who sends them and how often is not known here.

use crate::scan::Parcel;
use crate::{Told, Unheard};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use domain::{CarrierCode, Millis, SECOND, Waybill};
use http::{HeaderValue, Method, Request, Response, StatusCode, Uri, header};

/// A parcel that a tracker is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// Our code: what the answer says is of this carrier, whatever the tracker calls it.
    pub carrier: &'a CarrierCode,
    /// The tracker's own name for it, where it has one.
    pub theirs: Option<&'a str>,
    pub waybill: &'a Waybill,
    /// The recipient's: some carriers tell nothing without its last four digits.
    pub phone: &'a str,
}

impl Wanted<'_> {
    pub(crate) fn parcel(&self, told_by: &'static str) -> Parcel {
        Parcel { told_by, carrier: self.carrier.clone(), waybill: self.waybill.clone() }
    }

    pub(crate) fn named(&self) -> &str {
        self.theirs.unwrap_or(self.carrier.as_str())
    }

    pub(crate) fn last_four(&self) -> String {
        let digits: Vec<char> = self.phone.chars().filter(char::is_ascii_digit).collect();
        digits.iter().skip(digits.len().saturating_sub(4)).collect()
    }
}

/// Why a request could not even be written. A person must look.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CannotAsk {
    #[error("{0} is not configured")]
    NotConfigured(&'static str),
    /// A configured value does not fit into an HTTP request.
    #[error("no request can be made: {0}")]
    NotARequest(String),
}

/// What a tracker answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// What it knows.
    Told(Told),
    /// It follows the parcel, or knows nothing of it yet.
    Nothing,
    /// Final: asking again cannot help, a person must look.
    Refused { reason: String },
    /// Nothing is known: ask again, not before `after_ms` if it is given.
    TryAgain { reason: String, after_ms: Option<i64> },
}

/// A carrier or tracker that can be asked. No answer makes it panic.
pub trait Tracker {
    /// Our name of it.
    fn name(&self) -> &'static str;

    /// The request that makes it push what it hears of a parcel; `None` if it does so anyway.
    fn follow(&self, wanted: &Wanted<'_>, now: Millis)
    -> Result<Option<Request<Bytes>>, CannotAsk>;

    /// What it answered to that.
    fn followed(&self, wanted: &Wanted<'_>, answer: &Response<Bytes>, now: Millis) -> Answer;

    /// The request for all that it knows of a parcel.
    fn trace(&self, wanted: &Wanted<'_>, now: Millis) -> Result<Request<Bytes>, CannotAsk>;

    /// What it answered to that.
    fn traced(&self, wanted: &Wanted<'_>, answer: &Response<Bytes>, now: Millis) -> Answer;
}

/// A request to a path below a configured base.
pub(crate) fn request(
    (method, base, path): (Method, &str, &str),
    headers: &[(&'static str, &str)],
    body: String,
) -> Result<Request<Bytes>, CannotAsk> {
    let not_a_request = |why: &dyn std::fmt::Display| CannotAsk::NotARequest(why.to_string());
    let text = format!("{}{path}", base.trim_end_matches('/'));
    let uri: Uri = text.parse().map_err(|fault| not_a_request(&fault))?;
    if !(matches!(uri.scheme_str(), Some("http" | "https")) && uri.authority().is_some()) {
        return Err(not_a_request(&format!("{base:?} is no base URL")));
    }
    let mut request = Request::new(Bytes::from(body));
    (*request.method_mut(), *request.uri_mut()) = (method, uri);
    request.headers_mut().insert(header::USER_AGENT, HeaderValue::from_static("orderflow"));
    for (name, value) in headers {
        let value = HeaderValue::from_str(value).map_err(|fault| not_a_request(&fault))?;
        request.headers_mut().insert(*name, value);
    }
    Ok(request)
}

/// A form to a path below a configured base.
pub(crate) fn form(
    base: &str,
    path: &str,
    fields: &[(&str, &str)],
) -> Result<Request<Bytes>, CannotAsk> {
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    let media_type = "application/x-www-form-urlencoded;charset=UTF-8";
    request((Method::POST, base, path), &[("content-type", media_type)], body)
}

/// HTTP's Basic, with the key as the name and no password.
pub(crate) fn basic(key: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{key}:")))
}

/// An answer that is none: the tracker is busy or broken, or what answers is not the tracker.
pub(crate) fn no_answer(answer: &Response<Bytes>, why: &str) -> Answer {
    let seconds = answer.headers().get(header::RETRY_AFTER).and_then(|v| v.to_str().ok());
    let seconds: Option<u32> = seconds.and_then(|text| text.trim().parse().ok());
    let after_ms = seconds.and_then(|seconds| i64::from(seconds).checked_mul(SECOND));
    Answer::TryAgain { reason: said(answer.status(), why), after_ms }
}

/// A no of the tracker's own: 4xx but those that mean "later" will not get better by itself.
pub(crate) fn no(answer: &Response<Bytes>, why: &str) -> Answer {
    let status = answer.status();
    let later = [StatusCode::REQUEST_TIMEOUT, StatusCode::TOO_MANY_REQUESTS].contains(&status);
    if status.is_client_error() && !later {
        Answer::Refused { reason: said(status, why) }
    } else {
        no_answer(answer, why)
    }
}

/// Facts, or that the answer is not what it should be.
pub(crate) fn told(
    answer: &Response<Bytes>,
    read: Result<Vec<domain::TrackingFact>, Unheard>,
) -> Answer {
    match read {
        Ok(facts) if facts.is_empty() => Answer::Nothing,
        Ok(facts) => Answer::Told(Told::more(facts)),
        Err(fault) => no_answer(answer, &fault.to_string()),
    }
}

/// A tracker's sentence, at a length that people read.
pub(crate) fn said(status: StatusCode, why: &str) -> String {
    let text = format!("{}: {why}", status.as_u16());
    text.chars().filter(|c| !c.is_control()).take(300).collect()
}
