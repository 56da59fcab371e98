//! How a partner misbehaves for its next few answers.
//!
//! What matters is not only what the caller sees but whether the thing was done: an answer can get
//! lost after it.

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use serde::Deserialize;
use serde_json::json;
use std::collections::VecDeque;

/// What the next answer is, instead of the right one.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// This status, and nothing happened.
    Status(u16),
    /// 429 with `Retry-After`, and nothing happened.
    TooManyRequests { retry_after_s: u32 },
    /// No answer, and nothing happened.
    Hang,
    /// It happened, but the answer never comes.
    DoneButLost,
    /// It happened, but the answer is not what it should be.
    Garbage,
    /// 307 to another place, and nothing happened.
    Redirect(String),
}

/// Stands in an answer's extensions where a server would keep the caller waiting until it gives up.
/// The answer itself is a 504, for callers that look at nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hang;

#[derive(Debug, Default)]
pub(crate) struct Faults(VecDeque<Fault>);

impl Faults {
    pub(crate) fn next(&mut self, times: usize, fault: &Fault) {
        self.0.extend(std::iter::repeat_n(fault.clone(), times));
    }

    /// What it was told is over.
    pub(crate) fn forget(&mut self) {
        self.0.clear();
    }

    /// Answers with the next fault, or with `right`, which is only called if it is to happen.
    pub(crate) fn answer(&mut self, right: impl FnOnce() -> Response<Bytes>) -> Response<Bytes> {
        match self.0.pop_front() {
            None => right(),
            Some(Fault::Status(status)) => {
                plain(StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR))
            }
            Some(Fault::TooManyRequests { retry_after_s }) => {
                let mut answer = plain(StatusCode::TOO_MANY_REQUESTS);
                answer.headers_mut().insert(header::RETRY_AFTER, retry_after_s.into());
                answer
            }
            Some(Fault::Hang) => hang(),
            Some(Fault::DoneButLost) => {
                drop(right());
                hang()
            }
            Some(Fault::Garbage) => {
                let mut answer = right();
                *answer.body_mut() = Bytes::from_static(b"<html>\xff\x00 we are improving</html>");
                answer
            }
            Some(Fault::Redirect(to)) => {
                let mut answer = plain(StatusCode::TEMPORARY_REDIRECT);
                if let Ok(to) = HeaderValue::from_str(&to) {
                    answer.headers_mut().insert(header::LOCATION, to);
                }
                answer
            }
        }
    }
}

fn plain(status: StatusCode) -> Response<Bytes> {
    let message = format!("told to answer {status}");
    crate::json_answer(status, &json!({"error": {"type": "api_error", "message": message}}))
}

fn hang() -> Response<Bytes> {
    let mut answer = Response::new(Bytes::new());
    *answer.status_mut() = StatusCode::GATEWAY_TIMEOUT;
    answer.extensions_mut().insert(Hang);
    answer
}
