//! The HTTP/1 server in front of the application.
//!
//! Connections are kept alive and answer without Nagle's delay. On the order to stop no more are
//! accepted, and those that are open finish their request.

use crate::app::App;
use crate::stop::Stop;
use anyhow::Context as _;
use http_body_util::BodyExt as _;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use wasmtime_wasi_http::Error;
use wasmtime_wasi_http::io::TokioIo;

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
    let service = service_fn(move |request: http::Request<hyper::body::Incoming>| {
        let app = app.clone();
        async move {
            let request = request.map(|body| body.map_err(Error::from).boxed_unsync());
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
