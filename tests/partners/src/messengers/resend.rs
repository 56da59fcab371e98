//! Resend: it takes e-mail for who has its key. The same idempotency key gives the same mail, and
//! with other words it is refused.

use super::text;
use crate::fault::{Fault, Faults};
use crate::{json_answer, locked};
use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

/// A mail that went out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    pub to: String,
    pub from: String,
    pub subject: String,
    pub text: String,
    pub html: String,
    pub key: String,
    /// How often it was asked for with the same key.
    pub asked: u32,
}

/// Resend. Clones are the same one.
#[derive(Clone)]
pub struct ResendMail {
    api_key: String,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    sent: Vec<Mail>,
    /// By idempotency key: the words it came with, and which mail it was.
    keys: HashMap<String, (Bytes, usize)>,
    faults: Faults,
}

impl ResendMail {
    pub fn new(api_key: &str) -> Self {
        Self { api_key: api_key.to_owned(), state: Arc::default() }
    }

    /// Every mail that went out, as they came.
    pub fn sent(&self) -> Vec<Mail> {
        locked(&self.state).sent.clone()
    }

    pub fn next_answers(&self, times: usize, fault: &Fault) {
        locked(&self.state).faults.next(times, fault);
    }

    pub fn answer(&self, request: &Request<Bytes>) -> Response<Bytes> {
        let mut state = locked(&self.state);
        let State { sent, keys, faults } = &mut *state;
        faults.answer(|| {
            if text(request, "authorization") != format!("Bearer {}", self.api_key) {
                return no(StatusCode::UNAUTHORIZED, "missing_api_key", "who are you?");
            }
            let json = text(request, "content-type") == "application/json";
            let Some(mail) = Some(request).filter(|r| json && r.method() == Method::POST) else {
                return no(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "POST JSON");
            };
            let key = text(mail, "idempotency-key").to_owned();
            if let Some((words, which)) = keys.get(&key) {
                if words != mail.body() {
                    let name = "invalid_idempotent_request";
                    return no(StatusCode::CONFLICT, name, "the key had other words");
                }
                if let Some(mail) = sent.get_mut(*which) {
                    mail.asked += 1;
                }
                return json_answer(StatusCode::OK, &json!({"id": format!("mail-{which}")}));
            }
            let Some(read) = read(mail.body(), &key) else {
                let name = "validation_error";
                return no(StatusCode::UNPROCESSABLE_ENTITY, name, "a field is not right");
            };
            let which = sent.len();
            sent.push(read);
            if !key.is_empty() {
                keys.insert(key, (mail.body().clone(), which));
            }
            json_answer(StatusCode::OK, &json!({"id": format!("mail-{which}")}))
        })
    }
}

fn read(body: &Bytes, key: &str) -> Option<Mail> {
    let body: Value = serde_json::from_slice(body).ok()?;
    let field = |name: &str| body.get(name)?.as_str().map(str::to_owned);
    let to = body.get("to")?.as_array()?.first()?.as_str()?.to_owned();
    let real = to.contains('@') && !to.ends_with(".invalid");
    let (from, subject) = (field("from")?, field("subject")?);
    let (text, html) = (field("text")?, field("html")?);
    let key = key.to_owned();
    real.then_some(Mail { to, from, subject, text, html, key, asked: 1 })
}

fn no(status: StatusCode, name: &str, message: &str) -> Response<Bytes> {
    let body = json!({"statusCode": status.as_u16(), "name": name, "message": message});
    json_answer(status, &body)
}
