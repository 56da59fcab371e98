//! A request in the making, and the answer to it.

use crate::Shop;
use crate::contract::{Asked, contract};
use bytes::Bytes;
use futures::future::{FutureExt as _, LocalBoxFuture};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode, header};
use serde_json::Value;

/// A request that was not sent yet. Awaiting it sends it.
#[derive(Clone)]
pub struct Ask<'s> {
    shop: &'s Shop,
    pub method: Method,
    pub path: String,
    pub headers: HeaderMap,
    pub body: Bytes,
}

/// What was answered, and to what.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
    asked: String,
}

impl<'s> Ask<'s> {
    pub fn new(shop: &'s Shop, method: Method, path: &str) -> Self {
        let (path, headers) = (path.to_owned(), HeaderMap::new());
        Self { shop, method, path, headers, body: Bytes::new() }
    }

    #[must_use]
    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        let value = HeaderValue::from_str(value).expect("a header's value");
        self.headers.insert(HeaderName::from_static(name), value);
        self
    }

    #[must_use]
    pub fn without(mut self, name: &'static str) -> Self {
        self.headers.remove(name);
        self
    }

    /// With this token instead of the person's own.
    #[must_use]
    pub fn token(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    /// With this idempotency key instead of a fresh one.
    #[must_use]
    pub fn key(self, key: &str) -> Self {
        self.header("idempotency-key", key)
    }

    #[must_use]
    pub fn json(mut self, body: &Value) -> Self {
        self.body = Bytes::from(body.to_string());
        self.header("content-type", "application/json")
    }

    #[must_use]
    pub fn body(mut self, media_type: &str, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self.header("content-type", media_type)
    }

    fn request(&self) -> Request<Bytes> {
        let mut request = Request::new(self.body.clone());
        *request.method_mut() = self.method.clone();
        *request.uri_mut() =
            self.path.parse().unwrap_or_else(|error| panic!("{:?}: {error}", self.path));
        *request.headers_mut() = self.headers.clone();
        request
    }

    /// Whatever is answered is in the OpenAPI document.
    fn must_be_described(&self, answer: &Answer) {
        let Self { method, path, headers, body, .. } = self;
        let asked = Asked { method, path, headers, body };
        if let Some(fault) = contract().fault_of(&asked, answer) {
            panic!("{answer}\n{fault}");
        }
    }

    /// Sends it; again, the very same, while the shop is told to be stubborn and the answer is 5xx.
    pub async fn send(self) -> Answer {
        let asked = format!("{} {}", self.method, self.path);
        let mut repeats = self.shop.repeats();
        loop {
            let response = self.shop.stage().answer(self.request()).await;
            let response = response.unwrap_or_else(|error| panic!("{asked}: {error:#}"));
            if response.status().is_server_error() && repeats > 0 {
                repeats -= 1;
                continue;
            }
            let (parts, body) = response.into_parts();
            let (status, headers) = (parts.status, parts.headers);
            let answer = Answer { status, headers, body, asked };
            self.must_be_described(&answer);
            return answer;
        }
    }
}

impl<'s> IntoFuture for Ask<'s> {
    type Output = Answer;
    type IntoFuture = LocalBoxFuture<'s, Answer>;

    fn into_future(self) -> Self::IntoFuture {
        self.send().boxed_local()
    }
}

impl Answer {
    /// Fails the test unless the answer has one of these statuses.
    #[must_use]
    pub fn must(self, statuses: &[u16]) -> Self {
        assert!(statuses.contains(&self.status.as_u16()), "expected {statuses:?}: {self}");
        self
    }

    /// Fails the test unless it is this refusal.
    pub fn is_refused(&self, status: u16, code: &str) {
        let right = self.status.as_u16() == status && self.code().as_deref() == Some(code);
        assert!(right, "expected {status} {code}: {self}");
    }

    /// The code of a problem; none for anything else.
    pub fn code(&self) -> Option<String> {
        let media_type = self.headers.get(header::CONTENT_TYPE)?;
        let problem = media_type.as_bytes() == b"application/problem+json";
        problem.then(|| self.json()["code"].as_str().map(str::to_owned))?
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("not JSON ({error}): {self}"))
    }

    /// The value that a JSON pointer names; null if there is none.
    pub fn at(&self, pointer: &str) -> Value {
        self.json().pointer(pointer).cloned().unwrap_or_default()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}

impl std::fmt::Display for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let body = String::from_utf8_lossy(&self.body);
        write!(f, "{} was answered {}: {body}", self.asked, self.status)
    }
}
