//! A gateway that speaks WeChat Pay's dialect (API v3): sealed and signed notices, and an interface
//! that believes only requests by the merchant's key and signs what it answers. Amounts are fen.
//! Source: pay.weixin.qq.com/doc/v3.

use crate::delivery::{Delivery, Dialect};
use crate::trades::{No, Trade, Trades};
use crate::{Refund, json_answer, keys, locked, text};
use bytes::Bytes;
use chrono::{DateTime, FixedOffset};
use http::{HeaderValue, Method, Request, Response, StatusCode};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};

const MCHID: &str = "1900000109";
const MERCHANT_SERIAL: &str = "5157F09EFDC096DE15EBE81A47057A72";
const API_V3_KEY: &str = "0123456789abcdef0123456789abcdef";

/// WeChat Pay. Clones are the same gateway.
#[derive(Clone)]
pub struct WechatPay {
    mchid: String,
    trades: Arc<Mutex<Trades>>,
}

impl Default for WechatPay {
    fn default() -> Self {
        Self { mchid: MCHID.to_owned(), trades: Arc::default() }
    }
}

/// Beijing time, as WeChat writes it.
fn beijing(at_unix: i64) -> String {
    let zone = FixedOffset::east_opt(8 * 3_600);
    let at = DateTime::from_timestamp(at_unix, 0).zip(zone);
    at.map(|(at, zone)| at.with_timezone(&zone).to_rfc3339()).unwrap_or_default()
}

impl WechatPay {
    /// The shop's configuration for this gateway, at this address.
    pub fn settings(&self, base: &str) -> Vec<(&'static str, String)> {
        let shop = keys::shop();
        let public_keys = format!("{}={}", keys::SERIAL, keys::partner().public_base64());
        vec![
            ("wechatpay_mchid", MCHID.to_owned()),
            ("wechatpay_public_keys", public_keys),
            ("wechatpay_api_v3_key", API_V3_KEY.to_owned()),
            ("wechatpay_merchant_serial", MERCHANT_SERIAL.to_owned()),
            ("wechatpay_merchant_key", shop.private_base64()),
            ("wechatpay_notify_url", "https://shop.test/v1/webhooks/payments/wechatpay".into()),
            ("wechatpay_api_base", base.to_owned()),
        ]
    }

    /// The same gateway, for another merchant account with the same keys.
    #[must_use]
    pub fn of_account(&self, mchid: &str) -> Self {
        Self { mchid: mchid.to_owned(), ..self.clone() }
    }

    /// The buyer has paid.
    pub fn paid(&self, payment_id: &str, fen: i64, at_unix: i64) -> Delivery {
        let number = payment_id.rsplit('_').next().unwrap_or(payment_id);
        let (transaction, event) = {
            let mut trades = locked(&self.trades);
            let trade = trades.trade(number, fen, "42000026");
            trade.paid = true;
            let trade = trade.clone();
            (self.transaction(number, &trade, at_unix), trades.next_event())
        };
        self.notice("TRANSACTION.SUCCESS", event, &transaction, at_unix)
    }

    /// How a refund has ended: `SUCCESS`, `ABNORMAL` or `CLOSED`.
    pub fn refund_ended(&self, refund_no: &str, status: &str, at_unix: i64) -> Delivery {
        let (said, event) = {
            let mut trades = locked(&self.trades);
            let ours = if status == "SUCCESS" { "succeeded" } else { "failed" };
            trades.settle(refund_no, ours);
            let refund = trades.refund(refund_no).cloned();
            let said = refund.map(|refund| self.refund(&trades, &refund, "refund_status", status));
            (said.unwrap_or_default(), trades.next_event())
        };
        self.notice(&format!("REFUND.{status}"), event, &said, at_unix)
    }

    /// From now on a refund is `succeeded` at once, or `pending` until it is told to end.
    pub fn refunds_are(&self, status: &str) {
        locked(&self.trades).begin_as(status);
    }

    /// Every refund that was made.
    pub fn refunds(&self) -> Vec<Refund> {
        locked(&self.trades).made().to_vec()
    }

    fn transaction(&self, number: &str, trade: &Trade, at_unix: i64) -> Value {
        let state = if trade.paid { "SUCCESS" } else { "NOTPAY" };
        json!({"mchid": self.mchid, "appid": "wxd678efh567hg6787", "out_trade_no": number,
            "transaction_id": trade.reference, "trade_type": "JSAPI", "trade_state": state,
            "trade_state_desc": state, "bank_type": "OTHERS", "attach": "",
            "success_time": beijing(at_unix), "payer": {"openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"},
            "amount": {"total": trade.total, "payer_total": trade.total, "currency": "CNY",
                "payer_currency": "CNY"}})
    }

    fn refund(&self, trades: &Trades, refund: &Refund, field: &str, status: &str) -> Value {
        let trade = trades.by_reference(&refund.intent);
        let (number, total) = trade.map(|(n, t)| (n.as_str(), t.total)).unwrap_or_default();
        let amount = json!({"total": total, "refund": refund.amount, "payer_total": total,
            "payer_refund": refund.amount, "currency": "CNY"});
        let mut said = json!({"mchid": self.mchid, "out_trade_no": number,
            "transaction_id": refund.intent, "refund_id": format!("503{}", refund.id),
            "out_refund_no": refund.id, "user_received_account": "支付用户零钱", "amount": amount});
        if let Some(fields) = said.as_object_mut() {
            fields.insert(field.to_owned(), status.into());
        }
        said
    }

    fn notice(&self, kind: &str, event: u64, plain: &Value, at_unix: i64) -> Delivery {
        let notice = json!({"id": format!("EV-{event}"), "create_time": beijing(at_unix),
            "event_type": kind, "resource_type": "encrypt-resource", "summary": kind,
            "plain": plain});
        Delivery::new(Dialect::WechatPay, notice, API_V3_KEY, at_unix)
    }

    /// Answers requests that are signed with the merchant's key.
    pub fn answer(&self, request: &Request<Bytes>) -> Response<Bytes> {
        if !self.is_merchants(request) {
            return no(StatusCode::UNAUTHORIZED, "SIGN_ERROR", "错误的签名");
        }
        let path = request.uri().path();
        let refunds = "/v3/refund/domestic/refunds";
        let trades = "/v3/pay/transactions/out-trade-no/";
        match (request.method(), path.strip_prefix(refunds), path.strip_prefix(trades)) {
            (&Method::POST, Some(""), _) => self.pay_back(request.body()),
            (&Method::GET, Some(number), _) => self.found(number.trim_start_matches('/')),
            (&Method::GET, _, Some(number)) => self.traded(number),
            (_, _, _) => no(StatusCode::NOT_FOUND, "NOT_FOUND", "no such interface"),
        }
    }

    fn is_merchants(&self, request: &Request<Bytes>) -> bool {
        let header = request.headers().get("authorization").and_then(|v| v.to_str().ok());
        let said = header.and_then(|text| text.strip_prefix("WECHATPAY2-SHA256-RSA2048 "));
        let part = |name: &str| {
            let parts = said.unwrap_or_default().split(',').filter_map(|part| part.split_once('='));
            let mut found = parts.filter(|(known, _)| *known == name);
            found.next().map(|(_, value)| value.trim_matches('"')).unwrap_or_default()
        };
        let target = request.uri().path_and_query().map(|p| p.as_str()).unwrap_or_default();
        let body = String::from_utf8_lossy(request.body());
        let (time, nonce) = (part("timestamp"), part("nonce_str"));
        let message = format!("{}\n{target}\n{time}\n{nonce}\n{body}\n", request.method());
        part("mchid") == MCHID
            && part("serial_no") == MERCHANT_SERIAL
            && keys::shop().signed(message.as_bytes(), part("signature"))
    }

    fn pay_back(&self, body: &[u8]) -> Response<Bytes> {
        let asked: Value = serde_json::from_slice(body).unwrap_or_default();
        let number = |pointer: &str| asked.pointer(pointer).and_then(Value::as_i64);
        let (reference, refund_no) =
            (text(&asked, "/transaction_id"), text(&asked, "/out_refund_no"));
        let amount = number("/amount/refund").unwrap_or_default();
        let mut trades = locked(&self.trades);
        let total = trades.by_reference(reference).map(|(_, trade)| trade.total);
        if total.is_some() && number("/amount/total") != total {
            return no(StatusCode::BAD_REQUEST, "INVALID_REQUEST", "订单金额不一致");
        }
        match trades.pay_back(reference, refund_no, amount) {
            Ok((refund, _)) => said(&self.refund(&trades, &refund, "status", status(&refund))),
            Err(No::Unknown) => no(StatusCode::NOT_FOUND, "RESOURCE_NOT_EXISTS", "订单不存在"),
            Err(No::OtherAmount) => {
                no(StatusCode::BAD_REQUEST, "INVALID_REQUEST", "与之前的请求不一致")
            }
            Err(No::TooMuch) => no(StatusCode::FORBIDDEN, "NOT_ENOUGH", "可退金额不足"),
        }
    }

    fn found(&self, refund_no: &str) -> Response<Bytes> {
        let trades = locked(&self.trades);
        match trades.refund(refund_no) {
            Some(refund) => said(&self.refund(&trades, refund, "status", status(refund))),
            None => no(StatusCode::NOT_FOUND, "RESOURCE_NOT_EXISTS", "退款单不存在"),
        }
    }

    fn traded(&self, number: &str) -> Response<Bytes> {
        match locked(&self.trades).find(number) {
            Some(trade) => said(&self.transaction(number, trade, 1_772_413_200)),
            None => no(StatusCode::NOT_FOUND, "ORDER_NOT_EXIST", "订单不存在"),
        }
    }
}

fn status(refund: &Refund) -> &'static str {
    match refund.status.as_str() {
        "succeeded" => "SUCCESS",
        "pending" => "PROCESSING",
        _ => "ABNORMAL",
    }
}

fn no(status: StatusCode, code: &str, message: &str) -> Response<Bytes> {
    json_answer(status, &json!({"code": code, "message": message}))
}

/// A 200, signed as all of WeChat's are.
fn said(body: &Value) -> Response<Bytes> {
    let mut answer = json_answer(StatusCode::OK, body);
    let (time, nonce) = (crate::now_unix().to_string(), "C5AC7061FCCCBF2AFEB9D0AE0B8C3B16");
    let message = format!("{time}\n{nonce}\n{body}\n");
    let signature = keys::partner().sign(message.as_bytes());
    let headers = [
        ("wechatpay-timestamp", time.as_str()),
        ("wechatpay-nonce", nonce),
        ("wechatpay-serial", keys::SERIAL),
        ("wechatpay-signature", signature.as_str()),
    ];
    for (name, value) in headers {
        if let Ok(value) = HeaderValue::from_str(value) {
            answer.headers_mut().insert(name, value);
        }
    }
    answer
}
