//! The form in which SF's platform (丰桥) is asked for anything, and the envelope of its answers.
//!
//! The digest is base64(MD5(urlencode(msgData + timestamp + checkWord))), with the encoding of
//! HTML forms. What an answer says of the business is JSON inside a JSON string. Source: 丰桥
//! "数字签名认证说明", and the public parameters of each service (open.sf-express.com).

use crate::booking::{Asking, CannotAsk, clip, endpoint};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use form_urlencoded::{Serializer, byte_serialize};
use http::{Method, Request, Response, header};
use md5::{Digest, Md5};
use serde::Deserialize;
use serde_json::Value;

/// Who asks.
pub(crate) struct Caller<'a> {
    pub partner_id: &'a str,
    pub check_word: &'a str,
    pub base: &'a str,
}

/// The digest of a message.
pub(crate) fn digest(message: &str, timestamp: &str, check_word: &str) -> String {
    let text = [message, timestamp, check_word].concat();
    let encoded: String = byte_serialize(text.as_bytes()).collect();
    STANDARD.encode(Md5::digest(encoded.as_bytes()))
}

impl Caller<'_> {
    /// `POST /std/service`, form-encoded.
    pub(crate) fn request(
        &self,
        service: &str,
        message: &Value,
        asking: Asking,
    ) -> Result<Request<Bytes>, CannotAsk> {
        if self.partner_id.is_empty() {
            return Err(CannotAsk::NotConfigured("sf_partner_id"));
        }
        if self.check_word.is_empty() {
            return Err(CannotAsk::NotConfigured("sf_check_word"));
        }
        let (message, timestamp) = (message.to_string(), asking.now.0.to_string());
        let body = Serializer::new(String::new())
            .append_pair("partnerID", self.partner_id)
            .append_pair("requestID", &format!("{:032x}", asking.nonce))
            .append_pair("serviceCode", service)
            .append_pair("timestamp", &timestamp)
            .append_pair("msgDigest", &digest(&message, &timestamp, self.check_word))
            .append_pair("msgData", &message)
            .finish();
        Request::builder()
            .method(Method::POST)
            .uri(endpoint(self.base, "/std/service")?)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded;charset=UTF-8")
            .body(Bytes::from(body))
            .map_err(|fault| CannotAsk::NotARequest(fault.to_string()))
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Envelope {
    api_result_code: String,
    #[serde(default)]
    api_error_msg: Option<String>,
    #[serde(default)]
    api_result_data: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Inner {
    /// Some services write it as a text.
    success: Value,
    #[serde(default)]
    error_code: Option<String>,
    #[serde(default)]
    error_msg: Option<String>,
    #[serde(default)]
    msg_data: Option<Value>,
}

/// What a service said.
pub(crate) enum Said {
    Yes(Value),
    /// Its own code and words.
    No {
        code: String,
        words: String,
    },
    /// The platform did not let the request through, or this is not SF's answer at all.
    Nothing(String),
}

/// Opens an answer.
pub(crate) fn said(answer: &Response<Bytes>) -> Said {
    let status = answer.status();
    let nothing = |why: &str| Said::Nothing(clip(&format!("{}: {why}", status.as_u16())));
    if !status.is_success() {
        return nothing("not an answer of SF's platform");
    }
    let envelope = match serde_json::from_slice::<Envelope>(answer.body()) {
        Ok(envelope) => envelope,
        Err(fault) => return nothing(&fault.to_string()),
    };
    let code = envelope.api_result_code;
    if code != "A1000" {
        return nothing(&format!("{code} {}", envelope.api_error_msg.unwrap_or_default()));
    }
    let inner = envelope.api_result_data.unwrap_or_default();
    let inner = match serde_json::from_str::<Inner>(&inner) {
        Ok(inner) => inner,
        Err(fault) => return nothing(&format!("apiResultData: {fault}")),
    };
    let code = inner.error_code.unwrap_or_default();
    let yes = inner.success == Value::Bool(true) || inner.success == "true";
    if yes && code == "S0000" {
        return Said::Yes(inner.msg_data.unwrap_or_default());
    }
    let words = clip(&inner.error_msg.unwrap_or_default());
    // S0001 and the like are faults of the system, the others are about what was asked.
    if code.starts_with('S') {
        return nothing(&format!("{code} {words}"));
    }
    Said::No { code, words }
}
