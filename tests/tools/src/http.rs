//! A client with one connection that is kept alive. Whoever wants more takes more clients.
//!
//! A call is data, so that it can be made again. It is never repeated here: a caller that got no
//! answer does not know whether it was done, and says itself what follows.

use anyhow::{Context as _, bail};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode, header};
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::TcpStream;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// A request that can be made, and made again.
#[derive(Debug, Clone)]
pub struct Call {
    /// What to do,
    pub method: Method,
    /// with what.
    pub path: String,
    headers: HeaderMap,
    body: Bytes,
}

/// What was answered.
#[derive(Debug, Clone)]
pub struct Answer {
    /// How it went.
    pub status: StatusCode,
    /// What goes with it.
    pub headers: HeaderMap,
    /// What it says.
    pub body: Bytes,
}

/// One connection to one address. It is made when it is needed.
#[derive(Debug)]
pub struct Client {
    address: SocketAddr,
    host: HeaderValue,
    sender: Option<SendRequest<Full<Bytes>>>,
}

impl Call {
    fn new(method: Method, path: &str, media: Option<&'static str>, body: Bytes) -> Self {
        let mut headers = HeaderMap::new();
        if let Some(media) = media {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
        }
        Self { method, path: path.to_owned(), headers, body }
    }

    /// `GET path`.
    pub fn get(path: &str) -> Self {
        Self::new(Method::GET, path, None, Bytes::new())
    }

    /// `POST path` with JSON.
    pub fn post(path: &str, body: &Value) -> Self {
        Self::new(Method::POST, path, Some("application/json"), Bytes::from(body.to_string()))
    }

    /// `PUT path` with JSON.
    pub fn put(path: &str, body: &Value) -> Self {
        Self::new(Method::PUT, path, Some("application/json"), Bytes::from(body.to_string()))
    }

    /// `POST path` with CSV.
    pub fn csv(path: &str, rows: String) -> Self {
        Self::new(Method::POST, path, Some("text/csv"), Bytes::from(rows))
    }

    /// A partner's webhook, as it is.
    pub fn webhook(path: &str, delivery: &partners::Delivery) -> Self {
        let mut call = Self::new(Method::POST, path, None, delivery.body.clone());
        call.headers.clone_from(&delivery.headers);
        call
    }

    /// By somebody who has a bearer token.
    #[must_use]
    pub fn by(self, token: &str) -> Self {
        self.with(header::AUTHORIZATION, &format!("Bearer {token}"))
    }

    /// Under an idempotency key.
    #[must_use]
    pub fn once(self, key: &str) -> Self {
        self.with(HeaderName::from_static("idempotency-key"), key)
    }

    /// With a header; one that HTTP cannot carry is left out.
    #[must_use]
    pub fn with(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.insert(name, value);
        }
        self
    }
}

impl Answer {
    /// The body as JSON; null if it is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// The problem's code, or the status.
    pub fn code(&self) -> String {
        let code = self.json().get("code").and_then(Value::as_str).map(str::to_owned);
        code.unwrap_or_else(|| self.status.as_u16().to_string())
    }

    /// The body, if the status is the expected one; otherwise what was answered to `what`.
    pub fn expect(&self, status: u16, what: &str) -> anyhow::Result<Value> {
        if self.status.as_u16() == status {
            return Ok(self.json());
        }
        let body = String::from_utf8_lossy(&self.body);
        bail!("{what}: the answer is {} instead of {status}: {body}", self.status)
    }
}

impl Client {
    /// A client of `address`.
    pub fn new(address: SocketAddr) -> anyhow::Result<Self> {
        let host = HeaderValue::from_str(&address.to_string())?;
        Ok(Self { address, host, sender: None })
    }

    /// A client of `http://host[:port]`.
    pub async fn of(url: &str) -> anyhow::Result<Self> {
        let not_http = || format!("{url} is not like http://127.0.0.1:3000");
        let uri: http::Uri = url.trim_end_matches('/').parse().with_context(not_http)?;
        let (Some("http"), Some(host)) = (uri.scheme_str(), uri.host()) else { bail!(not_http()) };
        let mut found = tokio::net::lookup_host((host, uri.port_u16().unwrap_or(80)))
            .await
            .with_context(|| format!("could not find {host}"))?;
        Self::new(found.next().with_context(|| format!("{host} has no address"))?)
    }

    /// Makes a call. An error says that there is no answer, and nothing about what was done.
    pub async fn call(&mut self, call: Call) -> anyhow::Result<Answer> {
        let what = (call.method.clone(), call.path.clone());
        let answer = tokio::time::timeout(PATIENCE, self.exchange(call)).await;
        let answer = answer.map_err(|_| anyhow::anyhow!("nothing within {PATIENCE:?}"));
        match answer.and_then(|answer| answer) {
            Ok(answer) => Ok(answer),
            Err(error) => {
                self.sender = None;
                Err(error.context(format!("no answer to {} {}", what.0, what.1)))
            }
        }
    }

    async fn exchange(&mut self, call: Call) -> anyhow::Result<Answer> {
        let mut sender = self.sender().await?;
        let mut request = Request::new(Full::new(call.body));
        *request.method_mut() = call.method;
        *request.uri_mut() = call.path.parse()?;
        *request.headers_mut() = call.headers;
        request.headers_mut().insert(header::HOST, self.host.clone());
        let (parts, body) = sender.send_request(request).await?.into_parts();
        let body = body.collect().await?.to_bytes();
        self.sender = Some(sender);
        Ok(Answer { status: parts.status, headers: parts.headers, body })
    }

    async fn sender(&mut self) -> anyhow::Result<SendRequest<Full<Bytes>>> {
        if let Some(mut sender) = self.sender.take()
            && sender.ready().await.is_ok()
        {
            return Ok(sender);
        }
        self.connect().await
    }

    async fn connect(&self) -> anyhow::Result<SendRequest<Full<Bytes>>> {
        let stream = TcpStream::connect(self.address).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await?;
        // How a connection ends, its next call is told.
        tokio::spawn(async move { connection.await.unwrap_or_default() });
        Ok(sender)
    }
}
