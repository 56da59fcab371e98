//! SF Express's orders: a waybill for a parcel, what became of one, and that it is not wanted.
//!
//! `orderId` is ours and never used twice, not even after it was cancelled; SF answers 8016 to a
//! repeat, and then the order is looked up. Sources: 丰桥 EXP_RECE_CREATE_ORDER,
//! EXP_RECE_SEARCH_ORDER_RESP, EXP_RECE_UPDATE_ORDER and their error codes (open.sf-express.com).

use super::service::{Caller, Said, said};
use crate::booking::{
    Answer, Asking, Booking, Cancellation, Cancelled, CannotAsk, Step, Waybills, clip, decimal,
    retry_after_ms,
};
use bytes::Bytes;
use domain::{Delivery, Waybill};
use http::{Request, Response};
use serde_json::{Value, json};

/// SF's order services.
pub struct Orders {
    pub partner_id: String,
    pub check_word: String,
    /// 月结卡号: who pays.
    pub monthly_card: String,
    pub base: String,
}

/// The order exists already.
const KNOWN: &str = "8016";
/// There is no such order.
const UNKNOWN: [&str; 2] = ["6150", "8018"];
/// The order was cancelled before.
const CANCELLED: [&str; 2] = ["8037", "8253"];
/// SF's `filterResult`: it does not collect or deliver there.
const NOT_SERVED: &str = "3";

impl Orders {
    fn ask(
        &self,
        service: &str,
        message: &Value,
        asking: Asking,
    ) -> Result<Request<Bytes>, CannotAsk> {
        let Self { partner_id, check_word, base, .. } = self;
        Caller { partner_id, check_word, base }.request(service, message, asking)
    }

    fn order(&self, booking: &Booking<'_>) -> Value {
        let goods = |(name, count): &(String, i64)| json!({"name": name, "count": count});
        let goods: Vec<Value> = booking.goods.iter().map(goods).collect();
        let mut order = json!({
            "language": "zh-CN", "orderId": booking.request, "cargoDetails": goods,
            "contactInfoList": [contact(1, booking.from), contact(2, booking.to)],
            "expressTypeId": booking.service.parse::<i64>().unwrap_or(0), "payMethod": 1,
            "parcelQty": 1, "totalWeight": decimal(booking.weight_g, 1_000), "isGenWaybillNo": 1,
            "isReturnRoutelabel": 1,
        });
        if let Some(fields) = order.as_object_mut() {
            let card = booking.account.unwrap_or(&self.monthly_card);
            if !card.is_empty() {
                fields.insert("monthlyCard".to_owned(), json!(card));
            }
            if let Some(amount) = &booking.collect {
                let cash = json!([{"name": "COD", "value": amount, "value1": card}]);
                fields.insert("serviceList".to_owned(), cash);
            }
        }
        order
    }
}

/// 1 sends, 2 receives.
fn contact(kind: i64, who: &Delivery) -> Value {
    // SF wants numbers of the mainland as people there dial them.
    let phone = who.phone.strip_prefix("+86").unwrap_or(&who.phone);
    let door = [who.street.as_deref().unwrap_or_default(), &who.detail].concat();
    json!({
        "contactType": kind, "contact": who.recipient, "mobile": phone, "tel": phone,
        "country": who.country, "province": who.province, "city": who.city,
        "county": who.district, "address": door,
        "postCode": who.postal_code.as_deref().unwrap_or_default(),
    })
}

impl Waybills for Orders {
    /// SF knows a repeat by its id, so there is no need to look first.
    fn begins(&self, _: bool) -> Step {
        Step::Make
    }

    fn request(
        &self,
        booking: &Booking<'_>,
        step: &Step,
        asking: Asking,
    ) -> Result<Request<Bytes>, CannotAsk> {
        match step {
            Step::Make | Step::Buy { .. } => {
                self.ask("EXP_RECE_CREATE_ORDER", &self.order(booking), asking)
            }
            Step::Look => {
                let message =
                    json!({"searchType": "1", "orderId": booking.request, "language": "zh-CN"});
                self.ask("EXP_RECE_SEARCH_ORDER_RESP", &message, asking)
            }
        }
    }

    fn answer(&self, booking: &Booking<'_>, step: &Step, answer: &Response<Bytes>) -> Answer {
        match (said(answer), step) {
            (Said::Yes(data), _) => made(booking, &data),
            (Said::No { code, .. }, Step::Make | Step::Buy { .. }) if code == KNOWN => {
                Answer::Then(Step::Look)
            }
            // It was there a moment ago.
            (Said::No { code, words }, Step::Look) if UNKNOWN.contains(&code.as_str()) => {
                Answer::TryAgain { reason: format!("{code} {words}"), after_ms: None }
            }
            (Said::No { code, words }, _) => {
                Answer::Refused { reason: clip(&format!("{code} {words}")), undo: false }
            }
            (Said::Nothing(reason), _) => {
                Answer::TryAgain { reason, after_ms: retry_after_ms(answer) }
            }
        }
    }

    fn cancel_request(
        &self,
        cancel: &Cancellation<'_>,
        asking: Asking,
    ) -> Result<Request<Bytes>, CannotAsk> {
        let number = |number| json!({"waybillType": 1, "waybillNo": number});
        let numbers: Vec<Value> = cancel.waybill.into_iter().map(number).collect();
        let message = json!({"language": "zh-CN", "orderId": cancel.request, "dealType": 2,
            "waybillNoInfoList": numbers});
        self.ask("EXP_RECE_UPDATE_ORDER", &message, asking)
    }

    fn cancel_answer(&self, _: &Cancellation<'_>, answer: &Response<Bytes>) -> Cancelled {
        match said(answer) {
            // 1: the number is not the order's.
            Said::Yes(data) if word(&data, "resStatus") == "1" => {
                Cancelled::Refused { reason: "the number is not the order's".to_owned() }
            }
            Said::Yes(_) => Cancelled::Done,
            Said::No { code, .. }
                if UNKNOWN.contains(&code.as_str()) || CANCELLED.contains(&code.as_str()) =>
            {
                Cancelled::Done
            }
            Said::No { code, words } => {
                Cancelled::Refused { reason: clip(&format!("{code} {words}")) }
            }
            Said::Nothing(reason) => {
                Cancelled::TryAgain { reason, after_ms: retry_after_ms(answer) }
            }
        }
    }
}

/// A text that some services write as a number.
fn word(data: &Value, name: &str) -> String {
    match data.get(name) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        Some(Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_)) | None => {
            String::new()
        }
    }
}

fn made(booking: &Booking<'_>, data: &Value) -> Answer {
    if word(data, "filterResult") == NOT_SERVED {
        let reason = "SF does not collect or deliver there".to_owned();
        return Answer::Refused { reason, undo: true };
    }
    let all = data.get("waybillNoInfoList").and_then(Value::as_array);
    // 1 is the parcel's own number, 2 and 3 are those of parts and of signed papers.
    let own = all.into_iter().flatten().find(|number| word(number, "waybillType") == "1");
    let number = own.map(|number| word(number, "waybillNo")).unwrap_or_default();
    match Waybill::parse(&number) {
        Ok(waybill) => {
            let theirs = booking.request.to_owned();
            Answer::Made { waybill, theirs, label_url: None }
        }
        // SF looks at the address by hand first, and gives the number then.
        Err(_) if word(data, "filterResult") == "1" => {
            Answer::TryAgain { reason: "SF looks at the address".to_owned(), after_ms: None }
        }
        Err(fault) => Answer::TryAgain { reason: clip(&fault.to_string()), after_ms: None },
    }
}
