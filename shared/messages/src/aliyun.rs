//! Aliyun SMS (dysmsapi, `SendSms`), with the signature ACS3-HMAC-SHA256.
//!
//! The text of an SMS is a template that Aliyun has approved: it gets the template's code and the
//! values. `OutId` comes back in receipts and is no idempotency key: a message whose answer was
//! lost may arrive twice. Sources: help.aliyun.com, "V3版本请求体&签名机制" and "SendSms".

use crate::{CannotSend, Letter, Provider, Told, Words, again, clip, configured, endpoint};
use crate::{only_address, people, refused};
use bytes::Bytes;
use chrono::DateTime;
use domain::{Channel, HOUR, Language, Milestone, Millis};
use hmac::{Hmac, Mac};
use http::{HeaderValue, Method, Request, Response, header};
use serde::Deserialize;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

const ACTION: &str = "SendSms";
const VERSION: &str = "2017-05-25";
/// A value in a template may have so many signs.
const VALUE_AT_MOST: usize = 35;

/// Codes of approved templates: by milestone, then by language (`{"paid":{"zh-CN":"SMS_1"}}`).
pub type Templates = BTreeMap<String, BTreeMap<String, String>>;

/// An account at Aliyun's SMS service.
#[derive(Debug, Clone)]
pub struct Aliyun {
    pub key_id: String,
    pub key_secret: String,
    /// `https://dysmsapi.aliyuncs.com`.
    pub base: String,
    /// The approved signature (签名) that stands before the text.
    pub sign_name: String,
    pub templates: Templates,
}

/// A request as ACS3 signs it. All of it, so that the published example can be signed too.
#[derive(Debug, Clone)]
pub struct Signable<'a> {
    pub method: &'a str,
    pub path: &'a str,
    /// Names and values, not encoded, in any order.
    pub query: &'a [(&'a str, String)],
    /// Names in lower case, in the order of their names: `host` and all of `x-acs-…`.
    pub headers: &'a [(&'static str, String)],
    pub body: &'a [u8],
}

impl Signable<'_> {
    /// The query as it is signed and sent: sorted, and encoded as RFC 3986 says.
    pub fn canonical_query(&self) -> String {
        let pair = |(name, value): &(&str, String)| (encoded(name), encoded(value));
        let mut pairs: Vec<(String, String)> = self.query.iter().map(pair).collect();
        pairs.sort();
        let joined: Vec<String> = pairs.iter().map(|(n, v)| format!("{n}={v}")).collect();
        joined.join("&")
    }

    fn names(&self) -> String {
        let names: Vec<&str> = self.headers.iter().map(|(name, _)| *name).collect();
        names.join(";")
    }

    /// The value of `Authorization`. `None` only if the secret is no key at all.
    pub fn authorization(&self, key_id: &str, key_secret: &str) -> Option<String> {
        let line = |(name, value): &(&'static str, String)| format!("{name}:{}\n", value.trim());
        let headers: String = self.headers.iter().map(line).collect();
        let (names, query) = (self.names(), self.canonical_query());
        let Self { method, path, body, .. } = self;
        let canonical = format!("{method}\n{path}\n{query}\n{headers}\n{names}\n{}", hashed(body));
        let to_sign = format!("ACS3-HMAC-SHA256\n{}", hashed(canonical.as_bytes()));
        let mac = Hmac::<Sha256>::new_from_slice(key_secret.as_bytes()).ok()?;
        let signature = mac.chain_update(to_sign).finalize().into_bytes();
        let signature = hex::encode(signature);
        Some(format!(
            "ACS3-HMAC-SHA256 Credential={key_id},SignedHeaders={names},Signature={signature}"
        ))
    }
}

fn hashed(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// Percent-encoded but for the unreserved signs of RFC 3986 §2.3.
fn encoded(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

impl Aliyun {
    fn template(&self, words: &Words) -> Result<&str, CannotSend> {
        let code = self.templates.get(words.milestone).and_then(|by| by.get(words.language.tag()));
        let missing = || {
            let (milestone, language) = (words.milestone, words.language.tag());
            CannotSend::NotConfigured(format!("no SMS template for {milestone} in {language}"))
        };
        code.map(String::as_str).filter(|code| !code.is_empty()).ok_or_else(missing)
    }
}

/// The number as Aliyun wants it: eleven digits for the mainland, otherwise country code and number
/// without a plus.
fn number(phone: &str) -> Result<String, CannotSend> {
    let national = phone.strip_prefix("+86").unwrap_or(phone);
    let number = national.strip_prefix('+').unwrap_or(national);
    if (5..=15).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_digit()) {
        Ok(number.to_owned())
    } else {
        Err(CannotSend::Address("not a phone number"))
    }
}

fn values(words: &Words) -> String {
    let value = |(name, value): &(&'static str, String)| {
        ((*name).to_owned(), Value::String(people::clipped(value, VALUE_AT_MOST)))
    };
    Value::Object(words.params.iter().map(value).collect::<Map<String, Value>>()).to_string()
}

#[derive(Deserialize)]
struct Answer {
    #[serde(rename = "Code")]
    code: String,
    #[serde(rename = "Message")]
    message: Option<String>,
    #[serde(rename = "BizId")]
    biz_id: Option<String>,
    #[serde(rename = "RequestId")]
    request_id: Option<String>,
}

impl Provider for Aliyun {
    fn name(&self) -> &'static str {
        "aliyun"
    }

    fn channel(&self) -> Channel {
        Channel::Sms
    }

    fn request(&self, letter: &Letter<'_>, now: Millis) -> Result<Request<Bytes>, CannotSend> {
        let key_id = configured("aliyun_sms_key_id", &self.key_id)?;
        let secret = configured("aliyun_sms_key_secret", &self.key_secret)?;
        let sign_name = configured("aliyun_sms_sign_name", &self.sign_name)?;
        let query = [
            ("PhoneNumbers", number(only_address(letter)?)?),
            ("SignName", sign_name.to_owned()),
            ("TemplateCode", self.template(letter.words)?.to_owned()),
            ("TemplateParam", values(letter.words)),
            ("OutId", letter.key.to_owned()),
        ];
        let base = endpoint(&self.base, "/")?;
        let host = base.authority().map(ToString::to_string).unwrap_or_default();
        let at = DateTime::from_timestamp_millis(now.0).unwrap_or_default();
        // Each attempt has its own, or Aliyun would take it for a replay.
        let nonce = hashed(format!("{}:{}:{}", letter.key, letter.attempt, now.0).as_bytes());
        let headers = [
            ("host", host),
            ("x-acs-action", ACTION.to_owned()),
            ("x-acs-content-sha256", hashed(b"")),
            ("x-acs-date", at.format("%Y-%m-%dT%H:%M:%SZ").to_string()),
            ("x-acs-signature-nonce", nonce.chars().take(32).collect()),
            ("x-acs-version", VERSION.to_owned()),
        ];
        let (query, headers) = (query.as_slice(), headers.as_slice());
        let signable = Signable { method: "POST", path: "/", query, headers, body: b"" };
        let no_request = |what: &str| CannotSend::NotARequest(what.to_owned());
        let authorization = signable.authorization(key_id, secret);
        let mut authorization = authorization
            .and_then(|text| HeaderValue::from_str(&text).ok())
            .ok_or_else(|| no_request("aliyun_sms_key_id is not a header's value"))?;
        authorization.set_sensitive(true);
        let uri = endpoint(&self.base, &format!("/?{}", signable.canonical_query()))?;
        let mut request = Request::builder()
            .method(Method::POST)
            .uri(uri)
            .header(header::ACCEPT, "application/json")
            .header(header::AUTHORIZATION, authorization);
        // The host goes with every request by itself.
        for (name, value) in headers.iter().filter(|(name, _)| *name != "host") {
            request = request.header(*name, value);
        }
        request.body(Bytes::new()).map_err(|fault| no_request(&fault.to_string()))
    }

    /// `Code` decides, whatever the status is.
    fn answer(&self, answer: &Response<Bytes>) -> Told {
        let Ok(said) = serde_json::from_slice::<Answer>(answer.body()) else {
            return again(answer, "no answer of Aliyun's");
        };
        let words = format!("{}: {}", said.code, said.message.unwrap_or_default());
        let limited = |after_ms| {
            let reason = clip(&format!("{}: {words}", answer.status().as_u16()));
            Told::TryAgain { reason, after_ms: Some(after_ms) }
        };
        match said.code.as_str() {
            "OK" if answer.status().is_success() => {
                let theirs = said.biz_id.or(said.request_id).unwrap_or_default();
                Told::Accepted { theirs: clip(&theirs) }
            }
            // So many to one number in a minute, an hour, a day: not at once.
            "isv.BUSINESS_LIMIT_CONTROL" => limited(HOUR),
            "isv.DAY_LIMIT_CONTROL" | "isv.MONTH_LIMIT_CONTROL" => limited(10 * HOUR),
            code if is_permanent(code) => refused(answer, &words),
            _ => again(answer, &words),
        }
    }
}

/// What is wrong with the message itself. Unpaid bills, missing rights and Aliyun's own trouble are
/// put right by somebody, and the message goes then.
fn is_permanent(code: &str) -> bool {
    matches!(
        code,
        "isv.MOBILE_NUMBER_ILLEGAL"
            | "isv.MOBILE_COUNT_OVER_LIMIT"
            | "isv.TEMPLATE_MISSING_PARAMETERS"
            | "isv.TEMPLATE_PARAMS_ILLEGAL"
            | "isv.INVALID_PARAMETERS"
            | "isv.INVALID_JSON_PARAM"
            | "isv.PARAM_LENGTH_LIMIT"
            | "isv.PARAM_NOT_SUPPORT_URL"
            | "isv.BLACK_KEY_CONTROL_LIMIT"
            | "isv.SMS_TEMPLATE_ILLEGAL"
            | "isv.SMS_SIGNATURE_ILLEGAL"
            | "isv.SMS_CONTENT_ILLEGAL"
            | "isv.NOT_SUPPORTED_COUNTRY"
            | "InvalidParameter"
            | "MissingParameter"
    )
}

/// Reads the variable with the templates' codes; empty means none.
pub fn templates(json: &str) -> Result<Templates, String> {
    if json.trim().is_empty() {
        return Ok(Templates::new());
    }
    let templates: Templates = serde_json::from_str(json).map_err(|error| error.to_string())?;
    let spoken = |tag: &String| Language::ALL.iter().any(|language| language.tag() == tag);
    let strange = templates.values().flat_map(BTreeMap::keys).find(|tag| !spoken(tag));
    let unknown = templates.keys().find(|word| !Milestone::WORDS.contains(&word.as_str()));
    match (unknown, strange) {
        (None, None) => Ok(templates),
        (Some(word), _) => Err(format!("{word:?} is not a milestone")),
        (None, Some(tag)) => Err(format!("{tag:?} is not a language of ours")),
    }
}
