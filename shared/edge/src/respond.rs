//! Answers: JSON with an `ETag` where there is a version.

use bytes::Bytes;
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;

/// What a function answers.
pub type Response = http::Response<Bytes>;

/// The strong tag of a document's version (RFC 9110 §8.8.3).
pub fn etag_of(version: u64) -> String {
    format!("\"v{version}\"")
}

/// JSON.
pub fn json<T: Serialize>(status: StatusCode, body: &T) -> Response {
    let bytes = serde_json::to_vec(body).unwrap_or_default();
    text(status, "application/json", Bytes::from(bytes))
}

/// Any body of a fixed type.
pub fn text(status: StatusCode, media_type: &'static str, body: impl Into<Bytes>) -> Response {
    let mut response = http::Response::new(body.into());
    *response.status_mut() = status;
    let media_type = HeaderValue::from_static(media_type);
    response.headers_mut().insert(header::CONTENT_TYPE, media_type);
    response
}

/// 201 with the place of what was made.
pub fn created<T: Serialize>(location: &str, body: &T) -> Response {
    let mut response = json(StatusCode::CREATED, body);
    if let Ok(location) = HeaderValue::from_str(location) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    response
}

/// 204.
pub fn no_content() -> Response {
    let mut response = http::Response::new(Bytes::new());
    *response.status_mut() = StatusCode::NO_CONTENT;
    response
}

/// 304 with the tag that the caller already has.
pub fn not_modified(version: u64) -> Response {
    let mut response = http::Response::new(Bytes::new());
    *response.status_mut() = StatusCode::NOT_MODIFIED;
    tag(&mut response, version);
    response
}

/// Puts a version's tag on an answer.
pub(crate) fn tag(response: &mut Response, version: u64) {
    if let Ok(etag) = HeaderValue::from_str(&etag_of(version)) {
        response.headers_mut().insert(header::ETAG, etag);
    }
}
