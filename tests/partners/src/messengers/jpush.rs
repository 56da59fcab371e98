//! JPush: it takes notifications for the devices of an app. The same `cid` gives the same push.

use super::text;
use crate::fault::{Fault, Faults};
use crate::{json_answer, locked};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

/// A push that went out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Push {
    pub to: Vec<String>,
    pub title: String,
    pub body: String,
    pub order: String,
    pub cid: String,
}

/// JPush, for one app. Clones are the same one.
#[derive(Clone)]
pub struct JPushPush {
    app_key: String,
    basic: String,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    sent: Vec<Push>,
    cids: HashMap<String, usize>,
    faults: Faults,
}

impl JPushPush {
    pub fn new(app_key: &str, master_secret: &str) -> Self {
        let basic = format!("Basic {}", STANDARD.encode(format!("{app_key}:{master_secret}")));
        Self { app_key: app_key.to_owned(), basic, state: Arc::default() }
    }

    /// Every push that went out, as they came.
    pub fn sent(&self) -> Vec<Push> {
        locked(&self.state).sent.clone()
    }

    pub fn next_answers(&self, times: usize, fault: &Fault) {
        locked(&self.state).faults.next(times, fault);
    }

    pub fn answer(&self, request: &Request<Bytes>) -> Response<Bytes> {
        let mut state = locked(&self.state);
        let State { sent, cids, faults } = &mut *state;
        faults.answer(|| {
            if text(request, "authorization") != self.basic {
                return no(StatusCode::UNAUTHORIZED, 1004, "authen failed");
            }
            let Some(push) = self.read(request.body()) else {
                return no(StatusCode::BAD_REQUEST, 1003, "a value is not right");
            };
            if push.to.iter().all(|device| device.starts_with("gone")) {
                let why = "cannot find user by this audience";
                return no(StatusCode::BAD_REQUEST, 1011, why);
            }
            let next = sent.len();
            let which = *cids.entry(push.cid.clone()).or_insert(next);
            if which == next {
                sent.push(push);
            }
            let body = json!({"sendno": "0", "msg_id": format!("{}", 1_000 + which)});
            json_answer(StatusCode::OK, &body)
        })
    }

    fn read(&self, body: &Bytes) -> Option<Push> {
        let body: Value = serde_json::from_slice(body).ok()?;
        let field = |pointer: &str| body.pointer(pointer)?.as_str().map(str::to_owned);
        let devices = body.pointer("/audience/registration_id")?.as_array()?.iter();
        let to: Option<Vec<String>> = devices.map(|d| d.as_str().map(str::to_owned)).collect();
        let cid = field("/cid")?;
        let ours = cid.strip_prefix(&format!("{}-", self.app_key))?.len() == 36;
        let both = field("/notification/ios/alert/body")? == field("/notification/android/alert")?;
        let push = Push {
            to: to?,
            title: field("/notification/android/title")?,
            body: field("/notification/android/alert")?,
            order: field("/notification/android/extras/order")?,
            cid,
        };
        (ours && both && body.get("platform").is_some_and(|to| to == "all")).then_some(push)
    }
}

fn no(status: StatusCode, code: u32, message: &str) -> Response<Bytes> {
    json_answer(status, &json!({"error": {"code": code, "message": message}}))
}
