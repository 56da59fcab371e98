//! SF's platform (丰桥): it checks the digest of every request, and takes an order id once.

use crate::fault::{Fault, Faults};
use crate::{json_answer, locked, text};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use form_urlencoded::byte_serialize;
use http::{Method, Request, Response, StatusCode};
use md5::{Digest, Md5};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

/// An order that was made.
#[derive(Debug, Clone, PartialEq)]
pub struct SfOrder {
    pub waybill: String,
    pub asked: Value,
    pub cancelled: bool,
}

/// SF's platform. Clones are the same one.
#[derive(Clone)]
pub struct SfDesk {
    partner_id: String,
    check_word: String,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    /// By our order id.
    orders: BTreeMap<String, SfOrder>,
    /// Ids of requests: none comes twice.
    requests: BTreeSet<String>,
    /// How often each service was asked.
    asked: BTreeMap<String, u32>,
    /// The next orders are refused with this code and these words.
    no: Option<(String, String)>,
    /// The next order gets this number.
    next_number: Option<String>,
    faults: Faults,
}

impl SfDesk {
    pub fn new(partner_id: &str, check_word: &str) -> Self {
        let (partner_id, check_word) = (partner_id.to_owned(), check_word.to_owned());
        Self { partner_id, check_word, state: Arc::default() }
    }

    /// Every order, by the shop's id of it.
    pub fn orders(&self) -> BTreeMap<String, SfOrder> {
        locked(&self.state).orders.clone()
    }

    /// How often a service was asked.
    pub fn asked(&self, service: &str) -> u32 {
        locked(&self.state).asked.get(service).copied().unwrap_or(0)
    }

    pub fn next_answers(&self, times: usize, fault: &Fault) {
        locked(&self.state).faults.next(times, fault);
    }

    /// From now on orders are refused, with SF's code and words; or taken again.
    pub fn refuses(&self, no: Option<(&str, &str)>) {
        locked(&self.state).no = no.map(|(code, words)| (code.to_owned(), words.to_owned()));
    }

    /// The next order gets this number.
    pub fn gives(&self, number: &str) {
        locked(&self.state).next_number = Some(number.to_owned());
    }

    pub fn answer(&self, request: &Request<Bytes>) -> Response<Bytes> {
        let fields: BTreeMap<String, String> = form_urlencoded::parse(request.body())
            .map(|(name, value)| (name.into_owned(), value.into_owned()))
            .collect();
        let field = |name: &str| fields.get(name).map(String::as_str).unwrap_or_default();
        let mut state = locked(&self.state);
        let State { orders, requests, asked, no, next_number, faults } = &mut *state;
        faults.answer(|| {
            if request.method() != Method::POST || field("partnerID") != self.partner_id {
                return outer("A1004", "无对应服务权限");
            }
            let signed = [field("msgData"), field("timestamp"), &self.check_word].concat();
            let signed: String = byte_serialize(signed.as_bytes()).collect();
            if field("msgDigest") != STANDARD.encode(Md5::digest(signed.as_bytes())) {
                return outer("A1006", "数字签名无效");
            }
            if field("requestID").len() < 16 || !requests.insert(field("requestID").to_owned()) {
                return outer("A1007", "重复请求");
            }
            let Ok(message) = serde_json::from_str::<Value>(field("msgData")) else {
                return outer("A1001", "必传参数不可为空");
            };
            *asked.entry(field("serviceCode").to_owned()).or_default() += 1;
            let id = text(&message, "/orderId").to_owned();
            match field("serviceCode") {
                "EXP_RECE_CREATE_ORDER" => {
                    if orders.contains_key(&id) {
                        return said(Err(("8016", "重复下单")));
                    }
                    if let Some((code, words)) = no {
                        return said(Err((code, words)));
                    }
                    if let Err(fault) = complete(&message) {
                        return said(Err((fault, "缺少信息")));
                    }
                    let count = orders.len() + 1;
                    let number = next_number.take();
                    let waybill = number.unwrap_or_else(|| format!("SF{count:013}"));
                    let order = SfOrder { waybill, asked: message, cancelled: false };
                    let answer = said(Ok(numbers(&id, &order.waybill)));
                    orders.insert(id, order);
                    answer
                }
                "EXP_RECE_SEARCH_ORDER_RESP" => match orders.get(&id) {
                    Some(order) => said(Ok(numbers(&id, &order.waybill))),
                    None => said(Err(("6150", "找不到该订单"))),
                },
                "EXP_RECE_UPDATE_ORDER" if message.get("dealType") == Some(&json!(2)) => {
                    let Some(order) = orders.get_mut(&id) else {
                        return said(Err(("8018", "未获取到订单信息")));
                    };
                    if std::mem::replace(&mut order.cancelled, true) {
                        return said(Err(("8037", "已消单")));
                    }
                    said(Ok(json!({"orderId": id, "resStatus": 2})))
                }
                _ => outer("A1004", "无对应服务权限"),
            }
        })
    }
}

/// What SF cannot do without, or its code for what is missing.
fn complete(message: &Value) -> Result<(), &'static str> {
    let people = message["contactInfoList"].as_array().cloned().unwrap_or_default();
    for (kind, place, who, phone) in [(1, "1010", "1011", "1012"), (2, "1014", "1015", "1016")] {
        let one = people.iter().find(|one| one["contactType"] == kind);
        let has = |name: &str| one.is_some_and(|one| !text(one, name).is_empty());
        if !has("/contact") {
            return Err(who);
        }
        if !has("/mobile") && !has("/tel") {
            return Err(phone);
        }
        if !has("/address") || !has("/province") || !has("/country") {
            return Err(place);
        }
    }
    let named = message["cargoDetails"].as_array().is_some_and(|goods| {
        !goods.is_empty() && goods.iter().all(|one| !text(one, "/name").is_empty())
    });
    if !named {
        return Err("1023");
    }
    let weighs = message["totalWeight"].as_f64().is_some_and(|weight| weight > 0.0);
    let product = message["expressTypeId"].as_i64().is_some_and(|product| product > 0);
    let paid = message["payMethod"] == 1 && !text(message, "/monthlyCard").is_empty();
    if weighs && product && paid { Ok(()) } else { Err("8057") }
}

fn numbers(id: &str, waybill: &str) -> Value {
    json!({"orderId": id, "filterResult": 2,
        "waybillNoInfoList": [{"waybillType": 1, "waybillNo": waybill}]})
}

/// The platform's own answer.
fn outer(code: &str, words: &str) -> Response<Bytes> {
    let body = json!({"apiErrorMsg": words, "apiResponseID": "0", "apiResultCode": code,
        "apiResultData": null});
    json_answer(StatusCode::OK, &body)
}

/// The business's answer: JSON as a text inside the platform's.
fn said(what: Result<Value, (&str, &str)>) -> Response<Bytes> {
    let inner = match what {
        Ok(data) => json!({"success": true, "errorCode": "S0000", "errorMsg": null,
            "msgData": data}),
        Err((code, words)) => json!({"success": false, "errorCode": code, "errorMsg": words,
            "msgData": null}),
    };
    let body = json!({"apiErrorMsg": "", "apiResponseID": "0", "apiResultCode": "A1000",
        "apiResultData": inner.to_string()});
    json_answer(StatusCode::OK, &body)
}
