//! Message providers' dialects: words in, requests out, answers read; and the words themselves.
//!
//! Each provider is one module behind the [`Provider`] trait. Nothing here does I/O, tells the time
//! or decides who hears what: the edge brings addresses and `now`, the outbox decides about trying
//! again. [`webhook`] is the dialect that merchants' own systems hear (Standard Webhooks), and
//! [`address`] says where those may be.

pub mod address;
pub mod aliyun;
pub mod jpush;
pub mod people;
pub mod resend;
pub mod sendgrid;
mod steps;
pub mod twilio;
pub mod webhook;
pub mod words;

pub use aliyun::Aliyun;
pub use jpush::JPush;
pub use resend::Resend;
pub use sendgrid::SendGrid;
pub use steps::step_in_words;
pub use twilio::Twilio;
pub use words::{About, Words};

use bytes::Bytes;
use chrono::DateTime;
use domain::{Channel, Millis};
use http::{Request, Response, StatusCode, Uri, header};

/// One message on its way to one person.
#[derive(Debug, Clone, Copy)]
pub struct Letter<'a> {
    /// The same on every attempt: the provider's idempotency key, where it has one.
    pub key: &'a str,
    /// From 1.
    pub attempt: i64,
    /// A phone number, an e-mail address, or registration ids of devices.
    pub to: &'a [String],
    pub words: &'a Words,
    /// What it is about, for the app that opens on it.
    pub order: &'a str,
}

/// What a provider said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// It has the message. `theirs` is the provider's id of it.
    Accepted { theirs: String },
    /// Final: sending it again cannot help.
    Refused { reason: String },
    /// Nothing is known, or not now: again with the same key, not before `after_ms` if it is given.
    TryAgain { reason: String, after_ms: Option<i64> },
}

/// Why a message could not even be written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CannotSend {
    /// The shop has not set this channel up, or not for this kind of news.
    #[error("not configured: {0}")]
    NotConfigured(String),
    /// The provider has no way to reach this address.
    #[error("the address cannot be used: {0}")]
    Address(&'static str),
    /// A configured value does not fit into an HTTP request.
    #[error("no request can be made: {0}")]
    NotARequest(String),
}

/// A provider's dialect.
pub trait Provider {
    /// Our name of it, for the delivery log.
    fn name(&self) -> &'static str;

    fn channel(&self) -> Channel;

    /// The request that sends a message.
    fn request(&self, letter: &Letter<'_>, now: Millis) -> Result<Request<Bytes>, CannotSend>;

    /// What the answer to that request means. Never panics, whatever the answer.
    fn answer(&self, answer: &Response<Bytes>) -> Told;
}

/// Where a provider is asked: its configured base and a path.
fn endpoint(base: &str, path: &str) -> Result<Uri, CannotSend> {
    let text = format!("{}{path}", base.trim_end_matches('/'));
    let uri: Uri = text.parse().map_err(|fault| CannotSend::NotARequest(format!("{fault}")))?;
    match (uri.scheme_str(), uri.authority()) {
        (Some("http" | "https"), Some(_)) => Ok(uri),
        (Some(_) | None, _) => Err(CannotSend::NotARequest(format!("{base:?} is no base URL"))),
    }
}

/// A variable that must have been set.
fn configured<'a>(name: &str, value: &'a str) -> Result<&'a str, CannotSend> {
    let value = value.trim();
    if value.is_empty() { Err(CannotSend::NotConfigured(name.to_owned())) } else { Ok(value) }
}

/// The first address of a letter.
fn only_address<'a>(letter: &Letter<'a>) -> Result<&'a str, CannotSend> {
    letter.to.first().map(String::as_str).ok_or(CannotSend::Address("there is none"))
}

/// `Retry-After` in milliseconds from `now`: seconds, or a date (RFC 9110 §10.2.3).
pub fn retry_after_ms(answer: &Response<Bytes>, now: Millis) -> Option<i64> {
    let text = answer.headers().get(header::RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse::<u32>() {
        return i64::from(seconds).checked_mul(domain::SECOND);
    }
    let at = DateTime::parse_from_rfc2822(text).ok()?.timestamp_millis();
    Some(at.saturating_sub(now.0).max(0))
}

/// Seconds only: for dialects whose answers are read without a clock.
fn wait_ms(answer: &Response<Bytes>) -> Option<i64> {
    let seconds = answer.headers().get(header::RETRY_AFTER)?.to_str().ok()?;
    let seconds: u32 = seconds.trim().parse().ok()?;
    i64::from(seconds).checked_mul(domain::SECOND)
}

/// Statuses after which the same request may work: all but the client's own mistakes. 401 and 403
/// are the shop's mistake and not the message's, so they wait for it to be put right.
fn may_work_later(status: StatusCode) -> bool {
    matches!(status.as_u16(), 401 | 403 | 408 | 409 | 425 | 429) || !status.is_client_error()
}

fn again(answer: &Response<Bytes>, words: &str) -> Told {
    let reason = clip(&format!("{}: {words}", answer.status().as_u16()));
    Told::TryAgain { reason, after_ms: wait_ms(answer) }
}

fn refused(answer: &Response<Bytes>, words: &str) -> Told {
    Told::Refused { reason: clip(&format!("{}: {words}", answer.status().as_u16())) }
}

/// Providers' sentences go into our records at a length that people read.
fn clip(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(300).collect()
}
