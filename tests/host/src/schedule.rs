//! The scheduler inside of the host: calls tick and dispatch once a second.
//!
//! The calls look like anybody's. Each route waits for its own previous call, and a call that
//! fails is told once, not every second.

use crate::app::App;
use crate::stop::Stop;
use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt as _, Empty};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::MissedTickBehavior;

/// The routes that want to be called.
pub const ROUTES: [&str; 2] = ["/v1/internal/tick", "/v1/internal/dispatch"];
/// How often.
const PERIOD: Duration = Duration::from_secs(1);

/// Starts the calls to those routes that the application has.
pub fn start(app: &Arc<App>, token: &str, listen: SocketAddr, stop: &Stop) {
    for route in ROUTES {
        if app.router.find(route).is_none() {
            continue;
        }
        let (app, token, mut stop) = (app.clone(), token.to_owned(), stop.clone());
        tokio::spawn(async move {
            let mut told = String::new();
            let mut ticks = ticks();
            loop {
                tokio::select! {
                    _ = ticks.tick() => {}
                    () = stop.ordered() => return,
                }
                tell(&mut told, route, call(&app, route, &token, listen).await);
            }
        });
    }
}

/// A tick each second; after a slow call the next one follows a second later.
pub fn ticks() -> tokio::time::Interval {
    let mut ticks = tokio::time::interval(PERIOD);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}

/// Tells an outcome that is another than the last one.
pub fn tell(told: &mut String, route: &str, outcome: Result<(), String>) {
    let text = outcome.err().unwrap_or_default();
    if text != *told {
        match text.as_str() {
            "" => eprintln!("scheduler: {route} works again"),
            fault => eprintln!("scheduler: {route} failed: {fault}"),
        }
        *told = text;
    }
}

/// What an answer's status means.
pub fn judge(status: http::StatusCode) -> Result<(), String> {
    if status.is_success() { Ok(()) } else { Err(format!("it answered {status}")) }
}

async fn call(app: &App, route: &str, token: &str, listen: SocketAddr) -> Result<(), String> {
    let request = Request::post(route)
        .header("host", listen.to_string())
        .header("authorization", format!("Bearer {token}"))
        .header("content-length", "0")
        .body(Empty::<Bytes>::new().map_err(|never| match never {}).boxed_unsync())
        .map_err(|error| error.to_string())?;
    let client = SocketAddr::from((Ipv4Addr::LOCALHOST, 50_000));
    let response = app.answer(request, client).await;
    let status = response.status();
    response.into_body().collect().await.map_err(|error| error.to_string())?;
    judge(status)
}
