//! An HTTP client for one server on loopback: as many connections as there are requests at a time,
//! kept open. It never repeats a request that may have arrived.

use anyhow::{Context as _, Result};
use bytes::Bytes;
use http::{HeaderValue, Request, Response, header};
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use std::cell::RefCell;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::TcpStream;

/// Longer than anything of ours takes, even on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);

/// A client of one server.
pub struct Client {
    server: SocketAddr,
    idle: RefCell<Vec<SendRequest<Full<Bytes>>>>,
}

impl Client {
    pub fn new(server: SocketAddr) -> Self {
        Self { server, idle: RefCell::default() }
    }

    /// Sends a request whose address is a path.
    pub async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>> {
        let what = format!("{} {}", request.method(), request.uri().path());
        let sending = tokio::time::timeout(PATIENCE, self.send_now(request));
        let sent = sending.await.with_context(|| format!("no answer in time to {what}"))?;
        sent.with_context(|| format!("could not send {what} to {}", self.server))
    }

    async fn send_now(&self, mut request: Request<Bytes>) -> Result<Response<Bytes>> {
        let host = HeaderValue::from_str(&self.server.to_string())?;
        request.headers_mut().entry(header::HOST).or_insert(host);
        let mut sender = self.connection().await?;
        let answer = sender.send_request(request.map(Full::new)).await?;
        let (parts, body) = answer.into_parts();
        let body = body.collect().await?.to_bytes();
        if !sender.is_closed() {
            self.idle.borrow_mut().push(sender);
        }
        Ok(Response::from_parts(parts, body))
    }

    async fn connection(&self) -> Result<SendRequest<Full<Bytes>>> {
        loop {
            let kept = self.idle.borrow_mut().pop();
            let Some(mut kept) = kept else { break };
            if kept.ready().await.is_ok() {
                return Ok(kept);
            }
        }
        let stream = TcpStream::connect(self.server).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        Ok(sender)
    }
}
