//! Asking Kuaidi100: subscribing a waybill, and querying it at once.
//!
//! A subscription carries the salt that signs the pushes. Both interfaces answer 200 with a
//! `returnCode` of their own. Source: api.kuaidi100.com/document, "订阅推送" and "实时查询".

use super::{Kuaidi100, Scan, trace};
use crate::ask::{Answer, CannotAsk, Tracker, Wanted, form, no, no_answer, said, told};
use crate::json::{from_bytes, word};
use crate::scan::distinct;
use bytes::Bytes;
use domain::Millis;
use http::{Request, Response};
use md5::{Digest, Md5};
use serde::Deserialize;
use serde_json::json;

/// Kuaidi100's interfaces, as its console lets a customer ask them.
#[derive(Clone)]
pub struct Kuaidi100Interface {
    pub key: String,
    /// For queries; empty: only subscriptions are made.
    pub customer: String,
    /// Signs the pushes; empty: nothing is subscribed.
    pub salt: String,
    /// Where pushes go to.
    pub callback_url: String,
    pub base: String,
}

impl Kuaidi100Interface {
    /// `sign` of a query: the MD5 of the text, the key and the customer, in capitals.
    pub fn sign(&self, param: &str) -> String {
        hex::encode_upper(Md5::digest(format!("{param}{}{}", self.key, self.customer)))
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Said {
    #[serde(default, deserialize_with = "word")]
    return_code: String,
    #[serde(default, deserialize_with = "word")]
    message: String,
    #[serde(default, deserialize_with = "word")]
    status: String,
    data: Option<Vec<Scan>>,
}

impl Tracker for Kuaidi100Interface {
    fn name(&self) -> &'static str {
        Kuaidi100::NAME
    }

    fn follow(&self, wanted: &Wanted<'_>, _: Millis) -> Result<Option<Request<Bytes>>, CannotAsk> {
        if self.salt.is_empty() {
            return Err(CannotAsk::NotConfigured("the salt of Kuaidi100's subscriptions"));
        }
        if self.callback_url.is_empty() {
            return Err(CannotAsk::NotConfigured("the address that Kuaidi100 pushes to"));
        }
        let param = json!({
            "company": wanted.named(), "number": wanted.waybill, "key": self.key,
            "parameters": {
                "callbackurl": self.callback_url, "salt": self.salt, "resultv2": "4",
                "phone": wanted.last_four(),
            },
        });
        let fields = [("schema", "json"), ("param", &param.to_string())];
        form(&self.base, "/poll", &fields).map(Some)
    }

    fn followed(&self, _: &Wanted<'_>, answer: &Response<Bytes>, _: Millis) -> Answer {
        match read(answer) {
            Err(no) => no,
            // 501: it was subscribed before.
            Ok(said) if ["200", "501"].contains(&said.return_code.as_str()) => Answer::Nothing,
            Ok(said) => said.no(answer, &["500"]),
        }
    }

    fn trace(&self, wanted: &Wanted<'_>, _: Millis) -> Result<Request<Bytes>, CannotAsk> {
        if self.customer.is_empty() {
            return Err(CannotAsk::NotConfigured("the customer of Kuaidi100's queries"));
        }
        let param = json!({
            "com": wanted.named(), "num": wanted.waybill, "phone": wanted.last_four(),
            "resultv2": "4", "show": "0", "order": "desc",
        });
        let param = param.to_string();
        let sign = self.sign(&param);
        let fields = [("customer", self.customer.as_str()), ("sign", &sign), ("param", &param)];
        form(&self.base, "/poll/query.do", &fields)
    }

    fn traced(&self, wanted: &Wanted<'_>, answer: &Response<Bytes>, now: Millis) -> Answer {
        match read(answer) {
            Err(no) => no,
            Ok(Said { status, data: Some(data), .. }) if status == "200" => {
                let facts = trace(&wanted.parcel(Kuaidi100::NAME), &data, "", now);
                told(answer, facts.map(distinct))
            }
            // 500: nothing is found yet.
            Ok(said) if said.return_code == "500" => Answer::Nothing,
            Ok(said) => said.no(answer, &["501", "502", "504"]),
        }
    }
}

fn read(answer: &Response<Bytes>) -> Result<Said, Answer> {
    if !answer.status().is_success() {
        return Err(no(answer, "not Kuaidi100's own answer"));
    }
    from_bytes(answer.body()).map_err(|fault| no_answer(answer, &fault.to_string()))
}

impl Said {
    /// A no that is final, but for some codes that may get better.
    fn no(&self, answer: &Response<Bytes>, later: &[&str]) -> Answer {
        let why = format!("{} {}", self.return_code, self.message);
        if self.return_code.is_empty() || later.contains(&self.return_code.as_str()) {
            return no_answer(answer, &why);
        }
        Answer::Refused { reason: said(answer.status(), &why) }
    }
}
