//! Webhooks to merchants' own systems: Standard Webhooks, scheme `v1`.
//!
//! What is signed and sent, and what an answer means. It does not send, retry or choose receivers.
//! Source: standard-webhooks/standard-webhooks, `spec`.

use bytes::Bytes;
use domain::{Endpoint, Millis};
use http::{Method, Request, Response, StatusCode, header};
use serde_json::{Value, json};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac};
use sha2::Sha256;

/// A payload may have so many bytes (the standard asks for less than 20 kB).
const BYTES_AT_MOST: usize = 20_000;

/// An event as it is told. The same on every attempt and at every endpoint.
#[derive(Debug, Clone, Copy)]
pub struct Event<'a> {
    /// `webhook-id`: by it a receiver knows a repeat. It holds no dot.
    pub id: &'a str,
    /// `order.paid`.
    pub kind: &'a str,
    /// RFC 3339: when it happened.
    pub at: &'a str,
    pub data: &'a Value,
}

impl Event<'_> {
    /// The payload. What would be too much is told thin: with ids only, to be asked for.
    pub fn body(&self) -> Bytes {
        let body = |data: &Value| json!({"type": self.kind, "timestamp": self.at, "data": data});
        let whole = body(self.data).to_string();
        if whole.len() < BYTES_AT_MOST {
            return Bytes::from(whole);
        }
        let part = |name: &str| self.data.get(name).cloned().unwrap_or_default();
        let thin = json!({"order": part("order"), "number": part("number"), "thin": true});
        Bytes::from(body(&thin).to_string())
    }
}

/// What an endpoint said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heard {
    Arrived,
    /// 410: nobody is there any more.
    Gone,
    /// Anything else. A redirect is a failure too, and is never followed.
    Failed {
        after_ms: Option<i64>,
    },
}

/// The request of one attempt, signed with every secret that is good now.
pub fn request(
    endpoint: &Endpoint,
    event: &Event<'_>,
    trace: Option<&str>,
    now: Millis,
) -> Result<Request<Bytes>, String> {
    let (body, timestamp_s) = (event.body(), now.0.div_euclid(1_000));
    let signature = sign_with_all(endpoint.secrets_at(now), event.id, timestamp_s, &body)
        .map_err(|bad| bad.to_string())?;
    let mut request = Request::builder()
        .method(Method::POST)
        .uri(&endpoint.settings.url)
        .header(header::CONTENT_TYPE, "application/json")
        .header("webhook-id", event.id)
        .header("webhook-timestamp", timestamp_s)
        .header("webhook-signature", signature);
    if let Some(trace) = trace {
        request = request.header("traceparent", trace);
    }
    request.body(body).map_err(|error| error.to_string())
}

/// What the answer means.
pub fn heard(answer: &Response<Bytes>, now: Millis) -> Heard {
    let status = answer.status();
    if status.is_success() {
        Heard::Arrived
    } else if status == StatusCode::GONE {
        Heard::Gone
    } else {
        Heard::Failed { after_ms: crate::retry_after_ms(answer, now) }
    }
}

/// The text is no Standard Webhooks secret: `whsec_` and the base64 of 24 to 64 random bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a webhook secret is whsec_ and the base64 of 24 to 64 bytes")]
pub struct BadSecret;

/// The value of `webhook-signature` for one attempt: `v1,<base64>`.
///
/// `id` goes out as `webhook-id`, is the same on every attempt and holds no dot; `timestamp_s` goes
/// out as `webhook-timestamp` and is the time of this attempt, in Unix seconds.
pub fn sign(secret: &str, id: &str, timestamp_s: i64, body: &[u8]) -> Result<String, BadSecret> {
    let encoded = secret.strip_prefix("whsec_").ok_or(BadSecret)?;
    let key = STANDARD.decode(encoded).map_err(|_| BadSecret)?;
    if !(24..=64).contains(&key.len()) {
        return Err(BadSecret);
    }
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).map_err(|_| BadSecret)?;
    mac.update(format!("{id}.{timestamp_s}.").as_bytes());
    mac.update(body);
    Ok(format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())))
}

/// The same while secrets are being changed: one signature for each secret, the newest first, with
/// a space between. A receiver accepts the message if it can verify any of them.
pub fn sign_with_all<'a>(
    secrets: impl IntoIterator<Item = &'a str>,
    id: &str,
    timestamp_s: i64,
    body: &[u8],
) -> Result<String, BadSecret> {
    let signatures: Result<Vec<String>, BadSecret> =
        secrets.into_iter().map(|secret| sign(secret, id, timestamp_s, body)).collect();
    let signatures = signatures?;
    if signatures.is_empty() { Err(BadSecret) } else { Ok(signatures.join(" ")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const ID: &str = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    const BODY: &[u8] = br#"{"test": 2432232314}"#;
    const SIGNATURE: &str = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

    #[test]
    fn our_signature_is_the_one_that_the_standard_publishes() {
        assert_eq!(sign(SECRET, ID, 1_614_265_330, BODY), Ok(SIGNATURE.to_owned()));
    }

    #[test]
    fn while_a_secret_is_changed_both_sign() {
        let old = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
        let both = sign_with_all([old, SECRET], ID, 1_614_265_330, BODY).unwrap();
        let (first, second) = both.split_once(' ').unwrap();
        assert_eq!(Ok(first.to_owned()), sign(old, ID, 1_614_265_330, BODY));
        assert_eq!(second, SIGNATURE);
    }

    #[test]
    fn a_secret_that_could_be_guessed_signs_nothing() {
        for bad in ["", "whsec_", "whsec_c2hvcnQ=", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_*"] {
            assert_eq!(sign(bad, ID, 0, BODY), Err(BadSecret), "{bad}");
        }
        assert_eq!(sign_with_all([], ID, 0, BODY), Err(BadSecret));
    }
}
