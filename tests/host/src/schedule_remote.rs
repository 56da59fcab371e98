//! The scheduler as a program of its own, beside `spin up`.
//!
//! It does over HTTP what the host does by itself.

use crate::args::Schedule;
use crate::parent;
use crate::schedule::{ROUTES, judge, tell, ticks};
use crate::stop::signalled;
use anyhow::{Context as _, bail};
use bytes::Bytes;
use http::{Request, Uri};
use http_body_util::{BodyExt as _, Empty};
use std::time::Duration;
use tokio::net::TcpStream;
use wasmtime_wasi_http::io::TokioIo;

const TOKEN: &str = "SPIN_VARIABLE_SCHEDULER_TOKEN";
/// How long a call may take before it counts as failed.
const PATIENCE: Duration = Duration::from_secs(60);

/// Calls tick and dispatch once a second until it is told to stop.
pub async fn run(args: Schedule) -> anyhow::Result<()> {
    if args.url.scheme_str() != Some("http") {
        bail!("could not call {}: only http:// is spoken here", args.url);
    }
    let host = args.url.host().context("the url has no host")?.to_owned();
    let port = args.url.port_u16().unwrap_or(80);
    let token = token(&args)?;
    if args.exit_with_parent {
        parent::follow().context("could not watch the parent process")?;
    }
    for route in ROUTES {
        let (address, token) = (format!("{host}:{port}"), token.clone());
        let path = format!("{}{route}", args.url.path().trim_end_matches('/'));
        tokio::spawn(async move {
            let mut told = String::new();
            let mut ticks = ticks();
            loop {
                ticks.tick().await;
                let call = call(&address, &path, &token);
                let outcome = tokio::time::timeout(PATIENCE, call).await;
                let outcome = outcome.unwrap_or_else(|_| bail!("no answer in {PATIENCE:?}"));
                let outcome = outcome.map_err(|error| format!("{error:#}"));
                tell(&mut told, route, outcome.and_then(judge));
            }
        });
    }
    println!("calling {} at {host}:{port} once a second", ROUTES.join(" and "));
    signalled().await.context("could not wait for a signal")
}

fn token(args: &Schedule) -> anyhow::Result<String> {
    if let Ok(token) = std::env::var(TOKEN) {
        return Ok(token);
    }
    let path = manifest::keys::env_path(&args.state);
    let text = std::fs::read_to_string(&path)
        .with_context(|| format!("could not read {TOKEN} from {}", path.display()))?;
    let values = manifest::env_file::parse(&text)
        .with_context(|| format!("could not parse {}", path.display()))?;
    let token = values.get(TOKEN).cloned();
    token.with_context(|| format!("{} has no {TOKEN}", path.display()))
}

async fn call(address: &str, path: &str, token: &str) -> anyhow::Result<http::StatusCode> {
    let stream = TcpStream::connect(address).await.context("could not connect")?;
    stream.set_nodelay(true)?;
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    let request = Request::post(Uri::try_from(path)?)
        .header("host", address)
        .header("authorization", format!("Bearer {token}"))
        .body(Empty::<Bytes>::new())?;
    let exchange = async {
        let response = sender.send_request(request).await?;
        let status = response.status();
        response.into_body().collect().await?;
        anyhow::Ok(status)
    };
    tokio::select! {
        status = exchange => status,
        outcome = connection => {
            outcome?;
            bail!("the connection was closed")
        }
    }
}
