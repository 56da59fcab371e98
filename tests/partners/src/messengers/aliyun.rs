//! Aliyun's SMS service: it verifies ACS3-HMAC-SHA256 over the request as it came, and takes
//! `SendSms`. Written from Aliyun's description and not from our own signing code.

use super::{host, text};
use crate::fault::{Fault, Faults};
use crate::{json_answer, locked, now_unix};
use bytes::Bytes;
use hmac::{Hmac, Mac};
use http::{Request, Response, StatusCode};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex};

/// How far a request's time may be from the service's.
const TOLERANCE_S: i64 = 900;
const VALUE_AT_MOST: usize = 35;

/// A message that went out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sms {
    pub to: String,
    pub template: String,
    pub params: BTreeMap<String, String>,
    /// What the caller calls it (`OutId`).
    pub out_id: String,
}

/// Aliyun's SMS service. Clones are the same one.
#[derive(Clone)]
pub struct AliyunSms {
    key_id: String,
    key_secret: String,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    clock: Option<i64>,
    sent: Vec<Sms>,
    nonces: BTreeSet<String>,
    /// Numbers that are answered with this code.
    refused: HashMap<String, String>,
    faults: Faults,
}

type No = (StatusCode, &'static str, &'static str);

impl AliyunSms {
    pub fn new(key_id: &str, key_secret: &str) -> Self {
        let (key_id, key_secret) = (key_id.to_owned(), key_secret.to_owned());
        Self { key_id, key_secret, state: Arc::default() }
    }

    pub fn set_clock(&self, now_unix: i64) {
        locked(&self.state).clock = Some(now_unix);
    }

    /// Every message that went out, as they came.
    pub fn sent(&self) -> Vec<Sms> {
        locked(&self.state).sent.clone()
    }

    /// From now on a number is answered with this code, such as `isv.MOBILE_NUMBER_ILLEGAL`.
    pub fn refuses(&self, number: &str, code: &str) {
        locked(&self.state).refused.insert(number.to_owned(), code.to_owned());
    }

    /// From now on a number gets what is sent to it again.
    pub fn takes(&self, number: &str) {
        locked(&self.state).refused.remove(number);
    }

    pub fn next_answers(&self, times: usize, fault: &Fault) {
        locked(&self.state).faults.next(times, fault);
    }

    pub fn answer(&self, request: &Request<Bytes>) -> Response<Bytes> {
        let mut state = locked(&self.state);
        let State { clock, sent, nonces, refused, faults } = &mut *state;
        let now = clock.unwrap_or_else(now_unix);
        faults.answer(|| {
            let checked = self.verify(request, now).and_then(|nonce| {
                let fresh = nonces.insert(nonce);
                let again = (StatusCode::BAD_REQUEST, "SignatureNonceUsed", "used before");
                if fresh { read(request) } else { Err(again) }
            });
            match checked {
                Err((status, code, why)) => said(status, code, why),
                Ok(sms) => match refused.get(&sms.to) {
                    Some(code) => said(StatusCode::OK, code, "told to refuse this number"),
                    None => {
                        sent.push(sms);
                        let biz = format!("{}^0", sent.len());
                        let body = json!({"Code": "OK", "Message": "OK", "BizId": biz,
                            "RequestId": format!("R-{}", sent.len())});
                        json_answer(StatusCode::OK, &body)
                    }
                },
            }
        })
    }

    /// Answers the nonce of a request that is signed well.
    fn verify(&self, request: &Request<Bytes>, now: i64) -> Result<String, No> {
        let bad = |why| (StatusCode::BAD_REQUEST, "SignatureDoesNotMatch", why);
        let given = text(request, "authorization");
        let given = given.strip_prefix("ACS3-HMAC-SHA256 ").ok_or(bad("another algorithm"))?;
        let parts: HashMap<&str, &str> =
            given.split(',').filter_map(|part| part.trim().split_once('=')).collect();
        let part = |name| parts.get(name).copied().unwrap_or_default();
        if part("Credential") != self.key_id {
            let code = "InvalidAccessKeyId.NotFound";
            return Err((StatusCode::NOT_FOUND, code, "no such key"));
        }
        let names: Vec<&str> = part("SignedHeaders").split(';').collect();
        let acs = request.headers().keys().map(|name| name.as_str());
        let mut must = acs.filter(|name| name.starts_with("x-acs-")).chain(["host"]);
        if !must.all(|name| names.contains(&name)) || !names.is_sorted() {
            return Err(bad("a header is not signed"));
        }
        if text(request, "x-acs-content-sha256") != hashed(request.body()) {
            return Err(bad("the body is another one"));
        }
        let line = |name: &&str| {
            let host = host(request);
            let value = if *name == "host" { host.as_str() } else { text(request, name) };
            format!("{name}:{}\n", value.trim())
        };
        let headers: String = names.iter().map(line).collect();
        let canonical = [
            request.method().as_str(),
            request.uri().path(),
            &canonical_query(request),
            &headers,
            part("SignedHeaders"),
            &hashed(request.body()),
        ]
        .join("\n");
        let mac = Hmac::<Sha256>::new_from_slice(self.key_secret.as_bytes());
        let mac = mac.map_err(|_| bad("no key"))?;
        let to_sign = format!("ACS3-HMAC-SHA256\n{}", hashed(canonical.as_bytes()));
        let signature = hex::decode(part("Signature")).unwrap_or_default();
        let good = mac.chain_update(to_sign).verify_slice(&signature).is_ok();
        if !good {
            return Err(bad("the signature is another one"));
        }
        let at = unix_seconds(text(request, "x-acs-date")).ok_or(bad("no x-acs-date"))?;
        if now.abs_diff(at) > TOLERANCE_S.unsigned_abs() {
            return Err((StatusCode::BAD_REQUEST, "InvalidTimeStamp.Expired", "too old"));
        }
        Ok(text(request, "x-acs-signature-nonce").to_owned())
    }
}

fn hashed(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

fn query(request: &Request<Bytes>) -> BTreeMap<String, String> {
    let query = request.uri().query().unwrap_or_default();
    form_urlencoded::parse(query.as_bytes()).into_owned().collect()
}

/// Sorted by name; what RFC 3986 does not call unreserved is percent-encoded.
fn canonical_query(request: &Request<Bytes>) -> String {
    let encode = |text: &str| -> String {
        let sign = |byte: u8| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                char::from(byte).to_string()
            }
            other => format!("%{other:02X}"),
        };
        text.bytes().map(sign).collect()
    };
    let pairs = query(request).into_iter().map(|(n, v)| format!("{}={}", encode(&n), encode(&v)));
    pairs.collect::<Vec<_>>().join("&")
}

/// `2026-03-02T01:00:00Z` as Unix seconds, by counting days.
fn unix_seconds(text: &str) -> Option<i64> {
    let number = |from: usize, to: usize| text.get(from..to)?.parse::<i64>().ok();
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
    let leap = |y: i64| y % 4 == 0 && (y % 100 != 0 || y % 400 == 0);
    let mut days: i64 = (1970..year).map(|y| if leap(y) { 366 } else { 365 }).sum();
    let lengths = [31, if leap(year) { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    days += lengths.iter().take(usize::try_from(month - 1).ok()?).sum::<i64>() + day - 1;
    text.ends_with('Z').then_some(days * 86_400 + hour * 3_600 + minute * 60 + second)
}

fn read(request: &Request<Bytes>) -> Result<Sms, No> {
    let wrong = |code, why| (StatusCode::OK, code, why);
    if text(request, "x-acs-action") != "SendSms" || text(request, "x-acs-version") != "2017-05-25"
    {
        return Err((StatusCode::NOT_FOUND, "InvalidAction.NotFound", "no such action"));
    }
    let mut query = query(request);
    let mut take = |name: &str| query.remove(name).filter(|value| !value.is_empty());
    let missing = wrong("isv.INVALID_PARAMETERS", "a parameter is missing");
    let to = take("PhoneNumbers").ok_or(missing)?;
    if !(5..=15).contains(&to.len()) || !to.bytes().all(|b| b.is_ascii_digit()) {
        return Err(wrong("isv.MOBILE_NUMBER_ILLEGAL", "not a phone number"));
    }
    if take("SignName").is_none() {
        return Err(wrong("isv.SMS_SIGNATURE_ILLEGAL", "no signature"));
    }
    let template = take("TemplateCode").filter(|code| code.starts_with("SMS_"));
    let template = template.ok_or(wrong("isv.SMS_TEMPLATE_ILLEGAL", "no such template"))?;
    let params: Map<String, Value> =
        serde_json::from_str(&take("TemplateParam").unwrap_or_else(|| "{}".to_owned()))
            .map_err(|_| wrong("isv.INVALID_JSON_PARAM", "not JSON"))?;
    let value = |(name, value): (String, Value)| value.as_str().map(|v| (name, v.to_owned()));
    let count = params.len();
    let params: BTreeMap<String, String> = params.into_iter().filter_map(value).collect();
    if params.len() != count || params.values().any(|v| v.chars().count() > VALUE_AT_MOST) {
        return Err(wrong("isv.PARAM_LENGTH_LIMIT", "a value is no text, or too long"));
    }
    Ok(Sms { to, template, params, out_id: take("OutId").unwrap_or_default() })
}

fn said(status: StatusCode, code: &str, why: &str) -> Response<Bytes> {
    json_answer(status, &json!({"Code": code, "Message": why, "RequestId": "R-0"}))
}

#[cfg(test)]
mod tests {
    use super::unix_seconds;

    #[test]
    fn days_are_counted_over_leap_years() {
        assert_eq!(unix_seconds("1970-01-01T00:00:00Z"), Some(0));
        assert_eq!(unix_seconds("2026-03-02T01:00:00Z"), Some(1_772_413_200));
        assert_eq!(unix_seconds("2026-03-02 01:00"), None);
    }
}
