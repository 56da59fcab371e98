//! A request, and the reading of its body within limits.

use crate::{FieldFault, Problem};
use bytes::{Bytes, BytesMut};
use futures::stream::{LocalBoxStream, StreamExt};
use http::{HeaderMap, Method, StatusCode, Uri, header};
use serde::de::DeserializeOwned;
use std::cell::RefCell;

/// The body broke off.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the body broke off: {0}")]
pub struct BodyError(pub String);

/// A body as it arrives.
pub type Body = LocalBoxStream<'static, Result<Bytes, BodyError>>;

/// A request to a function.
pub struct Request {
    pub method: Method,
    pub uri: Uri,
    pub headers: HeaderMap,
    body: RefCell<Option<Body>>,
}

/// What a JSON body may weigh (1 MiB).
pub const JSON_BYTES_AT_MOST: usize = 1 << 20;

impl Request {
    pub fn new(method: Method, uri: Uri, headers: HeaderMap, body: Body) -> Self {
        Self { method, uri, headers, body: RefCell::new(Some(body)) }
    }

    /// A request whose body is already here.
    pub fn whole(method: Method, uri: Uri, headers: HeaderMap, body: Bytes) -> Self {
        Self::new(method, uri, headers, futures::stream::iter([Ok(body)]).boxed_local())
    }

    /// The path's segments after `/v1`.
    pub fn segments(&self) -> Vec<&str> {
        let mut parts = self.uri.path().split('/').filter(|s| !s.is_empty());
        match parts.next() {
            Some("v1") | None => parts.collect(),
            Some(first) => [first].into_iter().chain(parts).collect(),
        }
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|v| v.to_str().ok())
    }

    /// A parameter of the query, decoded. The first one of that name.
    pub fn query(&self, name: &str) -> Option<String> {
        let query = self.uri.query().unwrap_or_default();
        let mut pairs = form_urlencoded::parse(query.as_bytes());
        pairs.find(|(n, _)| n == name).map(|(_, value)| value.into_owned())
    }

    /// The media type of the body, without parameters, in lower case.
    pub fn media_type(&self) -> String {
        let value = self.header(header::CONTENT_TYPE.as_str()).unwrap_or_default();
        value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
    }

    /// The body in parts, as they arrive. Can be taken once.
    pub fn chunks(&self) -> Body {
        let empty = || futures::stream::empty().boxed_local();
        self.body.borrow_mut().take().unwrap_or_else(empty)
    }

    /// The whole body. 413 if it weighs more than `at_most`.
    pub async fn bytes(&self, at_most: usize) -> Result<Bytes, Problem> {
        let too_large = || {
            let detail = format!("the body may have {at_most} bytes");
            Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", detail)
        };
        let told = self.header(header::CONTENT_LENGTH.as_str());
        if told.and_then(|v| v.parse::<usize>().ok()).is_some_and(|n| n > at_most) {
            return Err(too_large());
        }
        let mut chunks = self.chunks();
        let mut whole = BytesMut::new();
        while let Some(chunk) = chunks.next().await {
            let chunk = chunk.map_err(|e| Problem::bad_request("unreadable", e.to_string()))?;
            if whole.len() + chunk.len() > at_most {
                return Err(too_large());
            }
            if whole.is_empty() && chunks.size_hint() == (0, Some(0)) {
                return Ok(chunk);
            }
            whole.extend_from_slice(&chunk);
        }
        Ok(whole.freeze())
    }

    /// The body of `application/json`. 415 for another type, 413 if too large.
    pub async fn json_bytes(&self) -> Result<Bytes, Problem> {
        if self.media_type() != "application/json" {
            let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
            let detail = "the body must be application/json";
            return Err(Problem::new(status, "wrong_content_type", detail));
        }
        self.bytes(JSON_BYTES_AT_MOST).await
    }
}

/// A text that somebody must write: 1 to `at_most` characters.
pub fn sentence(field: &str, text: &str, at_most: usize) -> Result<(), Problem> {
    if (1..=at_most).contains(&text.trim().chars().count()) {
        return Ok(());
    }
    let detail = format!("1 to {at_most} characters");
    Err(Problem::invalid(&format!("#/{field}"), "out_of_range", detail))
}

/// Reads JSON into a type. 400 if it is not JSON, 422 with the place if it does not fit.
pub fn parse_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        if error.inner().is_data() {
            Problem::faulty(vec![misfit(&error)])
        } else {
            Problem::bad_request("unreadable_json", error.into_inner().to_string())
        }
    })?;
    json.end().map_err(|error| Problem::bad_request("unreadable_json", error.to_string()))?;
    Ok(value)
}

/// Reads JSON that is already taken apart into a type, or says where it does not fit.
pub fn fit<T: DeserializeOwned>(value: serde_json::Value) -> Result<T, FieldFault> {
    serde_path_to_error::deserialize(value).map_err(|error| misfit(&error))
}

fn misfit(error: &serde_path_to_error::Error<serde_json::Error>) -> FieldFault {
    let detail = error.inner().to_string();
    FieldFault::new(pointer(error.path()), "does_not_fit", without_place(&detail))
}

/// The pointer says where, so the line and column need not.
fn without_place(message: &str) -> &str {
    message.split(" at line ").next().unwrap_or(message)
}

fn pointer(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    let mut pointer = String::from("#");
    for segment in path.iter() {
        match segment {
            Segment::Seq { index } => pointer.push_str(&format!("/{index}")),
            Segment::Map { key } | Segment::Enum { variant: key } => {
                pointer.push('/');
                pointer.push_str(&key.replace('~', "~0").replace('/', "~1"));
            }
            Segment::Unknown => {}
        }
    }
    pointer
}
