//! Sends one delivery over plain HTTP, as a partner does: it waits ten seconds and follows nothing.
//!
//! It repeats nothing: whether a partner sends again is a story's business.

use crate::Delivery;
use anyhow::{Context, bail};
use bytes::Bytes;
use http::{HeaderValue, Response, header};
use http_body_util::{BodyExt, Full};
use hyper_util::rt::TokioIo;
use std::time::Duration;
use tokio::net::TcpStream;

/// Sends `delivery` to `url` (`http://host:port/path`) on a connection of its own.
pub async fn send(delivery: &Delivery, url: &str) -> anyhow::Result<Response<Bytes>> {
    tokio::time::timeout(Duration::from_secs(10), post(delivery, url))
        .await
        .with_context(|| format!("{url} did not answer within 10 s"))?
}

async fn post(delivery: &Delivery, url: &str) -> anyhow::Result<Response<Bytes>> {
    let mut request = delivery.request(url)?;
    let uri = request.uri().clone();
    let (Some("http"), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
        bail!("{url} is not an http URL");
    };
    let port = authority.port_u16().unwrap_or(80);
    let stream = TcpStream::connect((authority.host(), port))
        .await
        .with_context(|| format!("could not connect to {authority}"))?;
    stream.set_nodelay(true)?;
    let host = HeaderValue::from_str(authority.as_str())?;
    request.headers_mut().insert(header::HOST, host);
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    *request.uri_mut() = path.parse()?;
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    let connection = tokio::spawn(connection);
    let answer = sender.send_request(request.map(Full::new)).await?;
    let (parts, body) = answer.into_parts();
    let body = body.collect().await?.to_bytes();
    drop(sender);
    connection.await??;
    Ok(Response::from_parts(parts, body))
}
