//! Resend: e-mail over HTTP. The key makes a repeat within 24 hours the same mail.
//! Sources: resend.com/docs/api-reference/emails/send-email, /errors and
//! /dashboard/emails/idempotency-keys.

use crate::{
    CannotSend, Letter, Provider, Told, again, clip, configured, endpoint, may_work_later,
};
use crate::{only_address, refused};
use bytes::Bytes;
use domain::{Channel, Millis};
use http::{HeaderValue, Method, Request, Response, header};
use serde::Deserialize;
use serde_json::json;

/// An account at Resend.
#[derive(Debug, Clone)]
pub struct Resend {
    /// `re_…`.
    pub api_key: String,
    /// `https://api.resend.com`.
    pub base: String,
    /// `Shop <no-reply@shop.example>`.
    pub from: String,
}

#[derive(Deserialize)]
struct Made {
    id: String,
}

#[derive(Deserialize)]
struct Failure {
    name: String,
    #[serde(default)]
    message: String,
}

impl Provider for Resend {
    fn name(&self) -> &'static str {
        "resend"
    }

    fn channel(&self) -> Channel {
        Channel::Email
    }

    fn request(&self, letter: &Letter<'_>, _: Millis) -> Result<Request<Bytes>, CannotSend> {
        let key = configured("resend_api_key", &self.api_key)?;
        let from = configured("email_from", &self.from)?;
        let words = letter.words;
        let body = json!({
            "from": from, "to": [only_address(letter)?], "subject": words.title,
            "text": words.text(), "html": words.html(),
            "tags": [{"name": "milestone", "value": words.milestone}],
        });
        let mut key = HeaderValue::from_str(&format!("Bearer {key}"))
            .map_err(|_| CannotSend::NotARequest("resend_api_key is no header's value".into()))?;
        key.set_sensitive(true);
        Request::builder()
            .method(Method::POST)
            .uri(endpoint(&self.base, "/emails")?)
            .header(header::AUTHORIZATION, key)
            .header(header::CONTENT_TYPE, "application/json")
            .header("idempotency-key", letter.key)
            .body(Bytes::from(body.to_string()))
            .map_err(|fault| CannotSend::NotARequest(fault.to_string()))
    }

    fn answer(&self, answer: &Response<Bytes>) -> Told {
        let status = answer.status();
        if status.is_success() {
            return match serde_json::from_slice::<Made>(answer.body()) {
                Ok(made) if !made.id.is_empty() => Told::Accepted { theirs: clip(&made.id) },
                Ok(_) | Err(_) => again(answer, "no answer of Resend's"),
            };
        }
        let Ok(Failure { name, message }) = serde_json::from_slice(answer.body()) else {
            return again(answer, "no error of Resend's");
        };
        let words = format!("{name}: {message}");
        match name.as_str() {
            // The key was used with other words: this very mail has gone, or never will.
            "invalid_idempotent_request" | "invalid_idempotency_key" => refused(answer, &words),
            _ if may_work_later(status) => again(answer, &words),
            _ => refused(answer, &words),
        }
    }
}
