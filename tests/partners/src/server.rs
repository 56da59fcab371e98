//! A small HTTP server on loopback around a function from request to response.
//!
//! It serves until its [`Running`] is dropped. An answer marked [`Hang`] is never sent.

use crate::fault::Hang;
use anyhow::Context;
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

/// A body larger than this gets 413.
const LARGEST_BODY: usize = 4 << 20;

type Answering = Pin<Box<dyn Future<Output = Response<Bytes>> + Send>>;

/// What answers requests.
#[derive(Clone)]
pub struct Handler(Arc<dyn Fn(Request<Bytes>) -> Answering + Send + Sync>);

impl Handler {
    /// Answers at once.
    pub fn new(answer: impl Fn(Request<Bytes>) -> Response<Bytes> + Send + Sync + 'static) -> Self {
        Self(Arc::new(move |request| Box::pin(std::future::ready(answer(request)))))
    }

    /// Does something else before it answers.
    pub fn later<F>(answer: impl Fn(Request<Bytes>) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Response<Bytes>> + Send + 'static,
    {
        Self(Arc::new(move |request| Box::pin(answer(request))))
    }
}

/// A server at work. Dropping it ends it, and every connection with it.
#[derive(Debug)]
pub struct Running {
    addr: SocketAddr,
    task: JoinHandle<()>,
}

impl Running {
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// `http://127.0.0.1:…`, without a slash at the end.
    pub fn base_url(&self) -> String {
        format!("http://{}", self.addr)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Listens and serves. Port 0 picks a free one.
pub async fn serve(addr: SocketAddr, handler: Handler) -> anyhow::Result<Running> {
    let listener =
        TcpListener::bind(addr).await.with_context(|| format!("could not listen on {addr}"))?;
    let addr = listener.local_addr()?;
    let task = tokio::spawn(async move {
        let mut connections = JoinSet::new();
        loop {
            tokio::select! {
                accepted = listener.accept() => {
                    if let Ok((stream, _)) = accepted {
                        connections.spawn(connection(stream, handler.clone()));
                    }
                }
                Some(_) = connections.join_next() => {}
            }
        }
    });
    Ok(Running { addr, task })
}

async fn connection(stream: TcpStream, handler: Handler) {
    // Not set, a keep-alive client on the same machine sees about 40 ms.
    if let Err(fault) = stream.set_nodelay(true) {
        eprintln!("partners: no TCP_NODELAY: {fault}");
    }
    let service = service_fn(move |request| respond(request, handler.clone()));
    let served = hyper::server::conn::http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .await;
    if let Err(fault) = served {
        eprintln!("partners: a connection broke: {fault}");
    }
}

async fn respond(
    request: Request<Incoming>,
    handler: Handler,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (parts, body) = request.into_parts();
    let Ok(body) = Limited::new(body, LARGEST_BODY).collect().await else {
        let mut answer = Response::new(Full::default());
        *answer.status_mut() = StatusCode::PAYLOAD_TOO_LARGE;
        return Ok(answer);
    };
    let answer = (handler.0)(Request::from_parts(parts, body.to_bytes())).await;
    if answer.extensions().get::<Hang>().is_some() {
        std::future::pending::<()>().await;
    }
    Ok(answer.map(Full::new))
}
