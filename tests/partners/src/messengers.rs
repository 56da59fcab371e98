//! The providers that bring messages to buyers: SMS as Aliyun takes it, e-mail as Resend, push as
//! JPush. Each checks who asks, keeps what it was given, and misbehaves as it was told.

mod aliyun;
mod jpush;
mod resend;

pub use aliyun::{AliyunSms, Sms};
pub use jpush::{JPushPush, Push};
pub use resend::{Mail, ResendMail};

use crate::{Handler, Running, json_answer, serve};
use bytes::Bytes;
use http::{Request, Response, StatusCode, header};
use serde_json::json;
use std::net::SocketAddr;

/// All three behind one address.
#[derive(Clone)]
pub struct Messengers {
    pub sms: AliyunSms,
    pub mail: ResendMail,
    pub push: JPushPush,
}

impl Messengers {
    /// Answers whichever of them is asked.
    pub fn answer(&self, request: &Request<Bytes>) -> Response<Bytes> {
        match request.uri().path() {
            "/" => self.sms.answer(request),
            "/emails" => self.mail.answer(request),
            "/v3/push" => self.push.answer(request),
            _ => json_answer(StatusCode::NOT_FOUND, &json!({"error": "no such thing"})),
        }
    }

    /// From now on it is this time, in Unix seconds.
    pub fn set_clock(&self, now_unix: i64) {
        self.sms.set_clock(now_unix);
    }

    /// Serves them until the answer is dropped. Port 0 picks a free one.
    pub async fn serve(self, addr: SocketAddr) -> anyhow::Result<Running> {
        serve(addr, Handler::new(move |request| self.answer(&request))).await
    }
}

/// A header's text, or nothing.
fn text<'r>(request: &'r Request<Bytes>, name: &str) -> &'r str {
    request.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// The host that was asked, as the caller wrote it.
fn host(request: &Request<Bytes>) -> String {
    let told = text(request, header::HOST.as_str());
    let written = || request.uri().authority().map(ToString::to_string);
    if told.is_empty() { written().unwrap_or_default() } else { told.to_owned() }
}
