//! Twilio: SMS by its own text. It has no idempotency key: a message whose answer was lost may
//! arrive twice. Source: twilio.com/docs/messaging/api/message-resource.

use crate::{
    CannotSend, Letter, Provider, Told, again, clip, configured, endpoint, may_work_later,
};
use crate::{only_address, refused};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use domain::{Channel, Millis};
use http::{HeaderValue, Method, Request, Response, header};
use serde::Deserialize;

/// An account at Twilio.
#[derive(Debug, Clone)]
pub struct Twilio {
    /// `AC…`.
    pub account: String,
    pub auth_token: String,
    /// `https://api.twilio.com`.
    pub base: String,
    /// A number of ours (`+…`), or a messaging service (`MG…`).
    pub from: String,
}

#[derive(Deserialize)]
struct Made {
    sid: String,
}

#[derive(Deserialize)]
struct Failure {
    code: i64,
    #[serde(default)]
    message: String,
}

impl Provider for Twilio {
    fn name(&self) -> &'static str {
        "twilio"
    }

    fn channel(&self) -> Channel {
        Channel::Sms
    }

    fn request(&self, letter: &Letter<'_>, _: Millis) -> Result<Request<Bytes>, CannotSend> {
        let account = configured("twilio_account", &self.account)?;
        let token = configured("twilio_auth_token", &self.auth_token)?;
        let from = configured("twilio_from", &self.from)?;
        let to = only_address(letter)?;
        // A number without a country is one of the mainland.
        let to = if to.starts_with('+') { to.to_owned() } else { format!("+86{to}") };
        let by = if from.starts_with("MG") { "MessagingServiceSid" } else { "From" };
        let body = form_urlencoded::Serializer::new(String::new())
            .append_pair("To", &to)
            .append_pair(by, from)
            .append_pair("Body", &letter.words.short)
            .finish();
        let basic = STANDARD.encode(format!("{account}:{token}"));
        let mut basic = HeaderValue::from_str(&format!("Basic {basic}"))
            .map_err(|_| CannotSend::NotARequest("twilio_account is no header's value".into()))?;
        basic.set_sensitive(true);
        let path = format!("/2010-04-01/Accounts/{account}/Messages.json");
        Request::builder()
            .method(Method::POST)
            .uri(endpoint(&self.base, &path)?)
            .header(header::AUTHORIZATION, basic)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Bytes::from(body))
            .map_err(|fault| CannotSend::NotARequest(fault.to_string()))
    }

    fn answer(&self, answer: &Response<Bytes>) -> Told {
        let status = answer.status();
        if status.is_success() {
            return match serde_json::from_slice::<Made>(answer.body()) {
                Ok(made) if !made.sid.is_empty() => Told::Accepted { theirs: clip(&made.sid) },
                Ok(_) | Err(_) => again(answer, "no answer of Twilio's"),
            };
        }
        let Ok(Failure { code, message }) = serde_json::from_slice(answer.body()) else {
            return again(answer, "no error of Twilio's");
        };
        let words = format!("{code}: {message}");
        if may_work_later(status) { again(answer, &words) } else { refused(answer, &words) }
    }
}
