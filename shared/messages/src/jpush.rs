//! JPush (极光) v3: a notification to a buyer's devices. `cid` makes a repeat the same push.
//! Sources: docs.jiguang.cn/jpush/server/push/rest_api_v3_push and /http_status_code.

use crate::refused;
use crate::{
    CannotSend, Letter, Provider, Told, again, clip, configured, endpoint, may_work_later,
};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use domain::{Channel, Millis};
use http::{HeaderValue, Method, Request, Response, header};
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// An app at JPush.
#[derive(Debug, Clone)]
pub struct JPush {
    pub app_key: String,
    pub master_secret: String,
    /// `https://api.jpush.cn`.
    pub base: String,
    /// Whether iOS devices have the app of the store, not a test build.
    pub production: bool,
}

/// How long JPush keeps a push for a device that is off, in seconds: a day.
const KEPT_S: u32 = 86_400;

#[derive(Deserialize)]
struct Made {
    /// A number in a string, or a number.
    msg_id: Value,
}

#[derive(Deserialize)]
struct Failure {
    error: Fault,
}

#[derive(Deserialize)]
struct Fault {
    code: i64,
    #[serde(default)]
    message: String,
}

impl JPush {
    /// `cid` has the form that JPush itself gives out: the app's key and a UUID. Ours is drawn from
    /// the message's key, so that a repeat has the same.
    fn cid(&self, key: &str) -> String {
        let digest = hex::encode(Sha256::digest(key.as_bytes()));
        let part = |from: usize, to: usize| digest.get(from..to).unwrap_or_default();
        let (a, b, c, d, e) = (part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32));
        format!("{}-{a}-{b}-{c}-{d}-{e}", self.app_key.trim())
    }
}

impl Provider for JPush {
    fn name(&self) -> &'static str {
        "jpush"
    }

    fn channel(&self) -> Channel {
        Channel::Push
    }

    fn request(&self, letter: &Letter<'_>, _: Millis) -> Result<Request<Bytes>, CannotSend> {
        let app_key = configured("jpush_app_key", &self.app_key)?;
        let secret = configured("jpush_master_secret", &self.master_secret)?;
        if letter.to.is_empty() {
            return Err(CannotSend::Address("there is none"));
        }
        let words = letter.words;
        let extras = json!({"order": letter.order, "milestone": words.milestone});
        let body = json!({
            "cid": self.cid(letter.key),
            "platform": "all",
            "audience": {"registration_id": letter.to},
            "notification": {
                "alert": words.short,
                "android": {"alert": words.short, "title": words.title, "extras": extras},
                "ios": {
                    "alert": {"title": words.title, "body": words.short},
                    "badge": "+1", "extras": extras,
                },
            },
            "options": {"time_to_live": KEPT_S, "apns_production": self.production},
        });
        let basic = STANDARD.encode(format!("{app_key}:{secret}"));
        let mut basic = HeaderValue::from_str(&format!("Basic {basic}"))
            .map_err(|_| CannotSend::NotARequest("jpush_app_key is no header's value".into()))?;
        basic.set_sensitive(true);
        Request::builder()
            .method(Method::POST)
            .uri(endpoint(&self.base, "/v3/push")?)
            .header(header::AUTHORIZATION, basic)
            .header(header::CONTENT_TYPE, "application/json")
            .body(Bytes::from(body.to_string()))
            .map_err(|fault| CannotSend::NotARequest(fault.to_string()))
    }

    fn answer(&self, answer: &Response<Bytes>) -> Told {
        let status = answer.status();
        if status.is_success() {
            let made = serde_json::from_slice::<Made>(answer.body());
            return match made.map(|made| made.msg_id) {
                Ok(Value::String(theirs)) if !theirs.is_empty() => {
                    Told::Accepted { theirs: clip(&theirs) }
                }
                Ok(Value::Number(theirs)) => Told::Accepted { theirs: theirs.to_string() },
                Ok(_) | Err(_) => again(answer, "no answer of JPush's"),
            };
        }
        let Ok(Failure { error }) = serde_json::from_slice(answer.body()) else {
            return again(answer, "no error of JPush's");
        };
        let words = format!("{}: {}", error.code, error.message);
        // 1011: none of these devices is known any more. 2002: too many in this minute.
        match error.code {
            1011 => refused(answer, &words),
            1000 | 1030 | 2002 | 2003 => again(answer, &words),
            _ if may_work_later(status) => again(answer, &words),
            _ => refused(answer, &words),
        }
    }
}
