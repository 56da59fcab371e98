//! A merchant's webhook endpoint: it verifies Standard Webhooks signatures and keeps what it got.
//!
//! It is written from the standard and not from our own signing code, so that it can find us wrong.
//! Source: standard-webhooks/standard-webhooks, `spec`.

use crate::fault::{Fault, Faults};
use crate::{Handler, Running, json_answer, locked, now_unix, serve};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use hmac::{Hmac, Mac};
use http::{Request, Response, StatusCode};
use serde::Serialize;
use serde_json::{Value, json};
use sha2::Sha256;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

/// How far a message's time may be from the receiver's.
const TOLERANCE_S: i64 = 300;

/// A message that was verified.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Received {
    pub id: String,
    /// Unix seconds of the attempt.
    pub timestamp: i64,
    pub body: Value,
    pub path: String,
    /// Whether it had come before: a merchant acts on the first one only.
    pub repeat: bool,
}

/// A merchant's endpoint. Clones are the same endpoint.
#[derive(Clone)]
pub struct Receiver {
    state: Arc<Mutex<State>>,
}

struct State {
    secrets: Vec<String>,
    /// Unix seconds; `None` is this machine's clock.
    clock: Option<i64>,
    received: Vec<Received>,
    refused: Vec<String>,
    faults: Faults,
}

impl Receiver {
    /// `secrets` as the merchant was given them (`whsec_…`): any of them is good.
    pub fn new<S: AsRef<str>>(secrets: &[S]) -> Self {
        let state = State {
            secrets: secrets.iter().map(|secret| secret.as_ref().to_owned()).collect(),
            clock: None,
            received: Vec::new(),
            refused: Vec::new(),
            faults: Faults::default(),
        };
        Self { state: Arc::new(Mutex::new(state)) }
    }

    /// From now on these are the secrets.
    pub fn set_secrets(&self, secrets: Vec<String>) {
        locked(&self.state).secrets = secrets;
    }

    /// A secret that is good besides those it has.
    pub fn add_secret(&self, secret: &str) {
        locked(&self.state).secrets.push(secret.to_owned());
    }

    /// From now on it is this time at the merchant's, in Unix seconds.
    pub fn set_clock(&self, now_unix: i64) {
        locked(&self.state).clock = Some(now_unix);
    }

    /// Every message that was verified, repeats too, as they came.
    pub fn received(&self) -> Vec<Received> {
        locked(&self.state).received.clone()
    }

    /// Why messages were refused, as they came.
    pub fn refused(&self) -> Vec<String> {
        locked(&self.state).refused.clone()
    }

    /// The next `times` answers go wrong like this.
    pub fn next_answers(&self, times: usize, fault: &Fault) {
        locked(&self.state).faults.next(times, fault);
    }

    /// From now on its answers are right.
    pub fn forgets_faults(&self) {
        locked(&self.state).faults.forget();
    }

    /// Takes a message: 204 if it is verified and kept, 401 if not; or misbehaves as it was told.
    pub fn receive(&self, request: &Request<Bytes>) -> Response<Bytes> {
        let mut state = locked(&self.state);
        let State { secrets, clock, received, refused, faults } = &mut *state;
        let now = clock.unwrap_or_else(now_unix);
        faults.answer(|| match verified(request, secrets, now) {
            Ok(mut message) => {
                // Two endpoints of one merchant are told of one event with one id.
                let same = |e: &Received| e.id == message.id && e.path == message.path;
                message.repeat = received.iter().any(same);
                received.push(message);
                let mut answer = Response::new(Bytes::new());
                *answer.status_mut() = StatusCode::NO_CONTENT;
                answer
            }
            Err(why) => {
                refused.push(why.to_owned());
                json_answer(StatusCode::UNAUTHORIZED, &json!({"detail": why}))
            }
        })
    }

    /// Serves the endpoint, at any path, until the answer is dropped. Port 0 picks a free one.
    pub async fn serve(self, addr: SocketAddr) -> anyhow::Result<Running> {
        serve(addr, Handler::new(move |request| self.receive(&request))).await
    }
}

fn verified(
    request: &Request<Bytes>,
    secrets: &[String],
    now: i64,
) -> Result<Received, &'static str> {
    let header = |name: &str| request.headers().get(name).and_then(|v| v.to_str().ok());
    let id = header("webhook-id").ok_or("no webhook-id")?;
    let timestamp = header("webhook-timestamp").ok_or("no webhook-timestamp")?;
    let signatures = header("webhook-signature").ok_or("no webhook-signature")?;
    let sent: i64 = timestamp.parse().map_err(|_| "webhook-timestamp is not a number")?;
    if now.abs_diff(sent) > TOLERANCE_S.unsigned_abs() {
        return Err("too old, or from the future");
    }
    if id.is_empty() || id.contains('.') {
        return Err("a webhook-id with a dot, or none");
    }
    let given: Vec<Vec<u8>> = signatures
        .split(' ')
        .filter_map(|signature| STANDARD.decode(signature.strip_prefix("v1,")?).ok())
        .collect();
    let good = secrets.iter().any(|secret| {
        let key = STANDARD.decode(secret.trim_start_matches("whsec_")).unwrap_or_default();
        let Ok(mac) = Hmac::<Sha256>::new_from_slice(&key) else { return false };
        let mac = mac.chain_update(format!("{id}.{timestamp}.")).chain_update(request.body());
        !key.is_empty() && given.iter().any(|v1| mac.clone().verify_slice(v1).is_ok())
    });
    if !good {
        return Err("no signature is by a secret of ours");
    }
    let body = serde_json::from_slice(request.body()).map_err(|_| "the body is not JSON")?;
    let path = request.uri().path().to_owned();
    Ok(Received { id: id.to_owned(), timestamp: sent, body, path, repeat: false })
}
