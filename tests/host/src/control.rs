//! The control port: what tests need and Spin cannot give. Off unless asked for, loopback only.
//!
//! `GET /clock`, `POST /clock`, `POST /kill`, `POST /faults`, `GET /stats`; JSON in and out.

use crate::app::App;
use crate::faults::Order;
use crate::stop::Stop;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use serde::Deserialize;
use serde_json::{Value, json};
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use wasmtime_wasi_http::io::TokioIo;

/// More is no order.
const BODY_BYTES: usize = 64 * 1024;
/// How often, and how long at most, dying instances are looked at.
const DEATH_LOOKS: u32 = 400;
const DEATH_LOOK: Duration = Duration::from_millis(5);

type Answer = Result<Value, (StatusCode, String)>;

#[derive(Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum ClockOrder {
    AdvanceMs(u64),
    Now(DateTime<Utc>),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KillOrder {
    component: String,
}

/// Takes orders until the host ends.
pub async fn serve(listener: TcpListener, app: Arc<App>, mut stop: Stop) {
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stop.ordered() => return,
        };
        let Ok((stream, _)) = accepted else { continue };
        // An answer that waits for an acknowledgement is slow, and still an answer.
        stream.set_nodelay(true).unwrap_or_default();
        let app = app.clone();
        let service = service_fn(move |request| {
            let app = app.clone();
            async move { Ok::<_, Infallible>(respond(answer(&app, request).await)) }
        });
        let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
        // A caller that goes away is no event.
        tokio::spawn(async move { connection.await.unwrap_or_default() });
    }
}

fn respond(answer: Answer) -> Response<Full<Bytes>> {
    let (status, body) = match answer {
        Ok(value) => (StatusCode::OK, value),
        Err((status, fault)) => (status, json!({ "error": fault })),
    };
    let mut response = Response::new(Full::new(Bytes::from(format!("{body}\n"))));
    *response.status_mut() = status;
    let json = http::HeaderValue::from_static("application/json");
    response.headers_mut().insert(http::header::CONTENT_TYPE, json);
    response
}

async fn answer(app: &App, request: Request<Incoming>) -> Answer {
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    let body = Limited::new(request.into_body(), BODY_BYTES).collect().await;
    let body = body.map_err(|error| unreadable(&error))?.to_bytes();
    match (method, path.as_str()) {
        (Method::GET, "/clock") => Ok(clock(app)),
        (Method::POST, "/clock") => move_clock(app, &body),
        (Method::POST, "/kill") => kill(app, &body).await,
        (Method::POST, "/faults") => {
            app.platform.faults.arm(parse::<Order>(&body)?);
            Ok(json!({}))
        }
        (Method::GET, "/stats") => Ok(stats(app)),
        _ => Err((StatusCode::NOT_FOUND, format!("there is no {path}"))),
    }
}

fn clock(app: &App) -> Value {
    json!({ "now": app.platform.clock.text() })
}

fn move_clock(app: &App, body: &[u8]) -> Answer {
    let clock = &app.platform.clock;
    let moved = match parse(body)? {
        ClockOrder::AdvanceMs(by) => clock.advance(Duration::from_millis(by)),
        ClockOrder::Now(to) => clock.set(to),
    };
    moved.map_err(|error| (StatusCode::CONFLICT, format!("{error:#}")))?;
    Ok(self::clock(app))
}

/// Answers when the instances are gone.
async fn kill(app: &App, body: &[u8]) -> Answer {
    let KillOrder { component } = parse(body)?;
    let unknown = || (StatusCode::NOT_FOUND, format!("there is no component {component}"));
    let dying = app.component(&component).ok_or_else(unknown)?.kill();
    let count = Arc::strong_count(&dying).saturating_sub(1);
    for _ in 0..DEATH_LOOKS {
        if Arc::strong_count(&dying) == 1 {
            return Ok(json!({ "killed": count }));
        }
        tokio::time::sleep(DEATH_LOOK).await;
    }
    let fault = format!("could not kill all instances of {component} in time");
    Err((StatusCode::INTERNAL_SERVER_ERROR, fault))
}

fn stats(app: &App) -> Value {
    let counted = app.handlers.iter().map(|(id, handler)| {
        let counted = handler.state().component.counted();
        (id.clone(), serde_json::to_value(counted).unwrap_or_default())
    });
    let components: serde_json::Map<String, Value> = counted.collect();
    json!({ "components": components, "rss_bytes": rss_bytes() })
}

fn rss_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kilobytes: u64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kilobytes * 1024)
}

fn parse<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, (StatusCode, String)> {
    serde_json::from_slice(body).map_err(|error| unreadable(&error))
}

fn unreadable(error: &dyn ToString) -> (StatusCode, String) {
    (StatusCode::BAD_REQUEST, format!("could not read the order: {}", error.to_string()))
}
