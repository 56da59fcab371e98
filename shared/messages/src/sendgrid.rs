//! SendGrid: e-mail over HTTP. It has no idempotency key: a mail whose answer was lost may arrive
//! twice. Source: twilio.com/docs/sendgrid/api-reference/mail-send.

use crate::{
    CannotSend, Letter, Provider, Told, again, clip, configured, endpoint, may_work_later,
};
use crate::{only_address, refused};
use bytes::Bytes;
use domain::{Channel, Millis};
use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use serde_json::{Value, json};

/// An account at SendGrid.
#[derive(Debug, Clone)]
pub struct SendGrid {
    /// `SG.…`.
    pub api_key: String,
    /// `https://api.sendgrid.com`.
    pub base: String,
    /// `Shop <no-reply@shop.example>`, or the address alone.
    pub from: String,
}

/// A name and an address as SendGrid wants them.
fn sender(from: &str) -> Value {
    match from.trim().strip_suffix('>').and_then(|rest| rest.split_once('<')) {
        Some((name, email)) => json!({"email": email.trim(), "name": name.trim()}),
        None => json!({"email": from.trim()}),
    }
}

impl Provider for SendGrid {
    fn name(&self) -> &'static str {
        "sendgrid"
    }

    fn channel(&self) -> Channel {
        Channel::Email
    }

    fn request(&self, letter: &Letter<'_>, _: Millis) -> Result<Request<Bytes>, CannotSend> {
        let key = configured("sendgrid_api_key", &self.api_key)?;
        let from = configured("email_from", &self.from)?;
        let words = letter.words;
        let body = json!({
            "personalizations": [{
                "to": [{"email": only_address(letter)?}],
                "custom_args": {"message": letter.key, "milestone": words.milestone},
            }],
            "from": sender(from), "subject": words.title,
            "content": [
                {"type": "text/plain", "value": words.text()},
                {"type": "text/html", "value": words.html()},
            ],
        });
        let mut key = HeaderValue::from_str(&format!("Bearer {key}"))
            .map_err(|_| CannotSend::NotARequest("sendgrid_api_key is no header's value".into()))?;
        key.set_sensitive(true);
        Request::builder()
            .method(Method::POST)
            .uri(endpoint(&self.base, "/v3/mail/send")?)
            .header(header::AUTHORIZATION, key)
            .header(header::CONTENT_TYPE, "application/json")
            .body(Bytes::from(body.to_string()))
            .map_err(|fault| CannotSend::NotARequest(fault.to_string()))
    }

    /// 202 without a body, and the mail's id in a header.
    fn answer(&self, answer: &Response<Bytes>) -> Told {
        let status = answer.status();
        if status == StatusCode::ACCEPTED {
            let id = answer.headers().get("x-message-id").and_then(|id| id.to_str().ok());
            return Told::Accepted { theirs: clip(id.unwrap_or_default()) };
        }
        let said: Value = serde_json::from_slice(answer.body()).unwrap_or_default();
        let words = said.pointer("/errors/0/message").and_then(Value::as_str);
        match words {
            Some(words) if !may_work_later(status) => refused(answer, words),
            Some(words) => again(answer, words),
            None => again(answer, "no answer of SendGrid's"),
        }
    }
}
