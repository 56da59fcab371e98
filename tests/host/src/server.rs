//! The HTTP/1 server in front of the application.
//!
//! Connections are kept alive and answer without Nagle's delay. On the order to stop no more are
//! accepted, and those that are open finish their request.
//!
//! What a component did not read of a body is read away here, within limits. A connection that is
//! closed with bytes unread is reset, and a client that is still writing then sees a broken pipe
//! instead of the refusal that was already on its way (RFC 9112 §9.6).

use crate::app::App;
use crate::stop::Stop;
use anyhow::Context as _;
use bytes::Bytes;
use http_body_util::BodyExt as _;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use wasmtime_wasi_http::Error;
use wasmtime_wasi_http::io::TokioIo;

/// So much of a body that nobody wants is read away,
const UNREAD_BYTES: usize = 64 << 20;
/// for so long.
const UNREAD_TIME: Duration = Duration::from_secs(5);

/// Listens at `address`.
pub async fn listen(address: SocketAddr) -> anyhow::Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind(address).await;
    let listener = listener.with_context(|| format!("could not listen on {address}"))?;
    let address = listener.local_addr().context("could not find out the own address")?;
    Ok((listener, address))
}

/// Serves until the order to stop.
pub async fn serve(listener: TcpListener, app: Arc<App>, mut stop: Stop) {
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stop.ordered() => return,
        };
        match accepted {
            Ok((stream, client)) => {
                tokio::spawn(connection(stream, client, app.clone(), stop.clone()));
            }
            Err(error) => {
                // Out of file descriptors, most likely: wait for some to be closed.
                eprintln!("host: could not accept a connection: {error}");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
}

async fn connection(stream: TcpStream, client: SocketAddr, app: Arc<App>, mut stop: Stop) {
    if let Err(error) = stream.set_nodelay(true) {
        eprintln!("host: could not set TCP_NODELAY for {client}: {error}");
    }
    let service = service_fn(move |request: http::Request<Incoming>| {
        let app = app.clone();
        async move {
            let request = request.map(|body| ReadToTheEnd(Some(body)).map_err(Error::from));
            let request = request.map(|body| body.boxed_unsync());
            Ok::<_, Infallible>(app.answer(request, client).await)
        }
    });
    let connection = http1::Builder::new()
        .half_close(true)
        .pipeline_flush(true)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = pin!(connection);
    let outcome = tokio::select! {
        outcome = connection.as_mut() => outcome,
        () = stop.ordered() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    // A client that goes away is no event; an answer that breaks off was told by its instance.
    drop(outcome);
}

/// A request's body that is read to its end, by whoever got it or else by nobody in particular.
struct ReadToTheEnd(Option<Incoming>);

impl Body for ReadToTheEnd {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        match &mut self.0 {
            Some(body) => Pin::new(body).poll_frame(cx),
            None => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.0.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.0.as_ref().map_or_else(SizeHint::default, Body::size_hint)
    }
}

impl Drop for ReadToTheEnd {
    fn drop(&mut self) {
        if let Some(body) = self.0.take().filter(|body| !body.is_end_stream())
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            runtime.spawn(tokio::time::timeout(UNREAD_TIME, read_away(body)));
        }
    }
}

async fn read_away(mut body: Incoming) {
    let mut bytes = 0;
    while bytes <= UNREAD_BYTES
        && let Some(Ok(frame)) = body.frame().await
    {
        bytes += frame.data_ref().map_or(0, Bytes::len);
    }
}
