//! A gateway that speaks Alipay's dialect: signed forms out, one signed interface in, decimal yuan.
//! Source: opendocs.alipay.com, `alipay.trade.refund`, `.query` and `.fastpay.refund.query`.

use crate::delivery::{Delivery, Dialect};
use crate::trades::{No, Trades};
use crate::{Refund, json_answer, keys, locked, text};
use bytes::Bytes;
use chrono::DateTime;
use http::{Request, Response, StatusCode};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

const APP: &str = "2021000000000001";
const SELLER: &str = "2088101106499364";

/// Alipay. Clones are the same gateway.
#[derive(Clone)]
pub struct Alipay {
    app_id: String,
    trades: Arc<Mutex<Trades>>,
}

impl Default for Alipay {
    fn default() -> Self {
        Self { app_id: APP.to_owned(), trades: Arc::default() }
    }
}

/// Beijing time, as Alipay writes it.
fn beijing(at_unix: i64) -> String {
    let at = DateTime::from_timestamp(at_unix + 8 * 3_600, 0).unwrap_or_default();
    at.format("%Y-%m-%d %H:%M:%S").to_string()
}

fn yuan(fen: i64) -> String {
    format!("{}.{:02}", fen / 100, fen % 100)
}

/// `28.00` is 2800; anything else than two decimals is nothing that a shop should send.
fn fen(yuan: &str) -> Option<i64> {
    let (whole, part) = yuan.split_once('.')?;
    (part.len() == 2).then(|| format!("{whole}{part}").parse().ok())?
}

impl Alipay {
    /// The shop's configuration for this gateway, at this address.
    pub fn settings(&self, base: &str) -> Vec<(&'static str, String)> {
        vec![
            ("alipay_app_id", APP.to_owned()),
            ("alipay_seller_id", SELLER.to_owned()),
            ("alipay_public_key", keys::partner().public_base64()),
            ("alipay_app_key", keys::shop().private_base64()),
            ("alipay_api_base", base.to_owned()),
        ]
    }

    /// The same gateway, for another app of the same seller.
    #[must_use]
    pub fn of_app(&self, app_id: &str) -> Self {
        Self { app_id: app_id.to_owned(), ..self.clone() }
    }

    /// The buyer has paid; `amount` is in yuan as the notification writes it.
    pub fn paid(&self, payment_id: &str, amount: &str, at_unix: i64) -> Delivery {
        let padded = match amount.split_once('.') {
            Some((whole, part)) => format!("{whole}.{part:0<2}"),
            None => format!("{amount}.00"),
        };
        let total = fen(&padded).unwrap_or_default();
        let (reference, event) = {
            let mut trades = locked(&self.trades);
            let trade = trades.trade(payment_id, total, "20260302220014");
            trade.paid = true;
            (trade.reference.clone(), trades.next_event())
        };
        let said = json!({"trade_status": "TRADE_SUCCESS", "gmt_payment": beijing(at_unix),
            "total_amount": amount, "receipt_amount": amount, "buyer_pay_amount": amount,
            "refund_fee": "0.00"});
        self.notification((payment_id, &reference), event, said, at_unix)
    }

    /// Money has gone back: Alipay tells the sum of all refunds of the trade.
    pub fn refunded(&self, payment_id: &str, at_unix: i64) -> Delivery {
        let (reference, total, back, event) = {
            let mut trades = locked(&self.trades);
            let trade = trades.trade(payment_id, 0, "").clone();
            let back = trades.back(&trade.reference);
            (trade.reference, trade.total, back, trades.next_event())
        };
        let status = if back == total { "TRADE_CLOSED" } else { "TRADE_SUCCESS" };
        let said = json!({"trade_status": status, "gmt_payment": beijing(at_unix),
            "gmt_refund": format!("{}.123", beijing(at_unix)), "total_amount": yuan(total),
            "refund_fee": yuan(back)});
        self.notification((payment_id, &reference), event, said, at_unix)
    }

    /// From now on a refund is `succeeded` at once, or `pending` until it is told to end.
    pub fn refunds_are(&self, status: &str) {
        locked(&self.trades).begin_as(status);
    }

    /// A refund has reached the buyer.
    pub fn finishes(&self, refund_no: &str) {
        locked(&self.trades).settle(refund_no, "succeeded");
    }

    /// Every refund that was made.
    pub fn refunds(&self) -> Vec<Refund> {
        locked(&self.trades).made().to_vec()
    }

    fn notification(
        &self,
        (payment_id, reference): (&str, &str),
        event: u64,
        said: Value,
        at_unix: i64,
    ) -> Delivery {
        let mut fields = json!({"notify_time": beijing(at_unix), "notify_id": format!("N{event}"),
            "notify_type": "trade_status_sync", "app_id": self.app_id, "auth_app_id": self.app_id,
            "charset": "utf-8", "version": "1.0", "trade_no": reference,
            "out_trade_no": payment_id, "seller_id": SELLER, "buyer_id": "2088102122524333",
            "subject": "订单 100% & 更多", "gmt_create": beijing(at_unix)});
        if let (Value::Object(fields), Value::Object(said)) = (&mut fields, said) {
            fields.extend(said);
        }
        Delivery::new(Dialect::Alipay, fields, "", at_unix)
    }

    /// Answers requests that are signed with the app's key.
    pub fn answer(&self, request: &Request<Bytes>) -> Response<Bytes> {
        let query = request.uri().query().unwrap_or_default();
        let mut fields: BTreeMap<String, String> = form_urlencoded::parse(query.as_bytes())
            .chain(form_urlencoded::parse(request.body()))
            .map(|(name, value)| (name.into_owned(), value.into_owned()))
            .collect();
        let sign = fields.remove("sign").unwrap_or_default();
        let by_app = keys::shop().signed(keys::joined(&fields).as_bytes(), &sign);
        if !by_app || fields.get("app_id").map(String::as_str) != Some(APP) {
            let no = json!({"code": "40002", "msg": "Invalid Arguments",
                "sub_code": "isv.invalid-signature", "sub_msg": "无效签名"});
            return said("error_response", &no);
        }
        let method = fields.get("method").map(String::as_str).unwrap_or_default();
        let asked = fields.get("biz_content").and_then(|text| serde_json::from_str(text).ok());
        let asked: Value = asked.unwrap_or_default();
        let inner = match method {
            "alipay.trade.refund" => self.pay_back(&asked),
            "alipay.trade.fastpay.refund.query" => self.found(&asked),
            "alipay.trade.query" => self.traded(&asked),
            _ => no("isv.invalid-method"),
        };
        said(&format!("{}_response", method.replace('.', "_")), &inner)
    }

    fn pay_back(&self, asked: &Value) -> Value {
        let Some(amount) = fen(text(asked, "/refund_amount")) else {
            return no("ACQ.INVALID_PARAMETER");
        };
        let (reference, refund_no) = (text(asked, "/trade_no"), text(asked, "/out_request_no"));
        let mut trades = locked(&self.trades);
        match trades.pay_back(reference, refund_no, amount) {
            Ok((refund, new)) => {
                let moved = new && refund.status == "succeeded";
                json!({"code": "10000", "msg": "Success", "trade_no": refund.intent,
                    "fund_change": if moved { "Y" } else { "N" },
                    "refund_fee": yuan(trades.back(&refund.intent))})
            }
            Err(No::Unknown) => no("ACQ.TRADE_NOT_EXIST"),
            Err(No::OtherAmount) => no("ACQ.DISCORDANT_REPEAT_REQUEST"),
            Err(No::TooMuch) => no("ACQ.REFUND_AMT_NOT_EQUAL_TOTAL"),
        }
    }

    fn found(&self, asked: &Value) -> Value {
        let number = text(asked, "/out_request_no");
        let trades = locked(&self.trades);
        match trades.refund(number).filter(|refund| refund.status == "succeeded") {
            Some(refund) => json!({"code": "10000", "msg": "Success", "trade_no": refund.intent,
                "out_request_no": number, "refund_amount": yuan(refund.amount),
                "refund_status": "REFUND_SUCCESS"}),
            None => json!({"code": "10000", "msg": "Success"}),
        }
    }

    fn traded(&self, asked: &Value) -> Value {
        let number = text(asked, "/out_trade_no");
        match locked(&self.trades).find(number) {
            Some(trade) => json!({"code": "10000", "msg": "Success", "out_trade_no": number,
                "trade_no": trade.reference, "total_amount": yuan(trade.total),
                "trade_status": if trade.paid { "TRADE_SUCCESS" } else { "WAIT_BUYER_PAY" }}),
            None => no("ACQ.TRADE_NOT_EXIST"),
        }
    }
}

fn no(sub_code: &str) -> Value {
    json!({"code": "40004", "msg": "Business Failed", "sub_code": sub_code, "sub_msg": "失败"})
}

/// What is signed is the text of the inner document as it stands in the answer.
fn said(name: &str, inner: &Value) -> Response<Bytes> {
    let sign = keys::partner().sign(inner.to_string().as_bytes());
    json_answer(StatusCode::OK, &json!({name: inner, "sign": sign}))
}
