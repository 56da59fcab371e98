//! EasyPost's shipments: an offer for a parcel, the postage that is bought, and its refund.
//!
//! A shipment is made with our id as its `reference`, which stands for its id in every later
//! request; making it again would make another one, so who asks again looks first. Weight is in
//! ounces, sizes in inches. Source: docs.easypost.com, shipments, buying, refunds and errors.

use crate::booking::{
    Answer, Asking, Booking, Cancellation, Cancelled, CannotAsk, Step, Waybills, clip, decimal,
    endpoint, retry_after_ms,
};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use domain::{Delivery, Waybill};
use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use serde::Deserialize;
use serde_json::{Value, json};

/// EasyPost's shipments.
pub struct Shipments {
    pub api_key: String,
    pub base: String,
}

/// Somebody bought the postage before: by an attempt whose answer was lost.
const BOUGHT: &str = "SHIPMENT.POSTAGE.EXISTS";

impl Shipments {
    fn ask(
        &self,
        method: Method,
        path: &str,
        message: Option<&Value>,
    ) -> Result<Request<Bytes>, CannotAsk> {
        if self.api_key.is_empty() {
            return Err(CannotAsk::NotConfigured("easypost_api_key"));
        }
        let key = format!("Basic {}", STANDARD.encode(format!("{}:", self.api_key)));
        let mut key = HeaderValue::from_str(&key)
            .map_err(|_| CannotAsk::NotARequest("easypost_api_key is not a header's".into()))?;
        key.set_sensitive(true);
        let body = message.map(Value::to_string).unwrap_or_default();
        Request::builder()
            .method(method)
            .uri(endpoint(&self.base, path)?)
            .header(header::AUTHORIZATION, key)
            .header(header::CONTENT_TYPE, "application/json")
            .body(Bytes::from(body))
            .map_err(|fault| CannotAsk::NotARequest(fault.to_string()))
    }
}

fn address(who: &Delivery) -> Value {
    let mut lines = [Some(who.detail.as_str()), who.street.as_deref()].into_iter().flatten();
    json!({
        "name": who.recipient, "street1": lines.next(), "street2": lines.next(),
        "city": who.city, "state": who.province, "zip": who.postal_code, "country": who.country,
        "phone": who.phone,
    })
}

fn shipment(booking: &Booking<'_>) -> Value {
    // An ounce is 28.349523125 g, an inch 25.4 mm; what is begun counts, in tenths.
    let tenths = |of: i64, unit: i64| {
        let (whole, rest) = (of / unit, of % unit);
        whole + i64::from(rest > 0)
    };
    let ounces = tenths(booking.weight_g.saturating_mul(10_000_000_000), 28_349_523_125);
    let mut parcel = json!({"weight": decimal(ounces, 10)});
    if let (Some(size), Some(fields)) = (booking.size_mm, parcel.as_object_mut()) {
        for (name, mm) in [("length", size.length), ("width", size.width), ("height", size.height)]
        {
            let inches = decimal(tenths(mm.saturating_mul(100), 254), 10);
            fields.insert(name.to_owned(), json!(inches));
        }
    }
    let accounts: Vec<&str> = booking.account.into_iter().collect();
    let mut shipment = json!({"reference": booking.request, "from_address": address(booking.from),
        "to_address": address(booking.to), "parcel": parcel});
    if let Some(fields) = shipment.as_object_mut() {
        if !accounts.is_empty() {
            fields.insert("carrier_accounts".to_owned(), json!(accounts));
        }
        if let Some(amount) = &booking.collect {
            let cash = json!({"cod_amount": amount, "cod_method": "CASH"});
            fields.insert("options".to_owned(), cash);
        }
    }
    json!({ "shipment": shipment })
}

impl Waybills for Shipments {
    fn begins(&self, again: bool) -> Step {
        if again { Step::Look } else { Step::Make }
    }

    fn request(
        &self,
        booking: &Booking<'_>,
        step: &Step,
        _: Asking,
    ) -> Result<Request<Bytes>, CannotAsk> {
        match step {
            Step::Make => self.ask(Method::POST, "/v2/shipments", Some(&shipment(booking))),
            Step::Look => {
                self.ask(Method::GET, &format!("/v2/shipments/{}", booking.request), None)
            }
            Step::Buy { shipment, rate } => {
                let path = format!("/v2/shipments/{shipment}/buy");
                self.ask(Method::POST, &path, Some(&json!({"rate": {"id": rate}})))
            }
        }
    }

    fn answer(&self, booking: &Booking<'_>, step: &Step, answer: &Response<Bytes>) -> Answer {
        let status = answer.status();
        if status.is_success() {
            return match serde_json::from_slice::<Shipment>(answer.body()) {
                Ok(shipment) => shipment.means(booking),
                Err(fault) => again(answer, &fault.to_string()),
            };
        }
        let (code, words) = failure(answer);
        match (status, step) {
            (StatusCode::NOT_FOUND, Step::Look) if !code.is_empty() => Answer::Then(Step::Make),
            _ if code == BOUGHT => Answer::Then(Step::Look),
            // Keys, permissions and balances can be mended.
            (
                StatusCode::UNAUTHORIZED
                | StatusCode::PAYMENT_REQUIRED
                | StatusCode::FORBIDDEN
                | StatusCode::TOO_MANY_REQUESTS,
                _,
            ) => again(answer, &words),
            _ if status.is_client_error() && !code.is_empty() => {
                Answer::Refused { reason: clip(&words), undo: false }
            }
            _ => again(answer, &words),
        }
    }

    fn cancel_request(
        &self,
        cancel: &Cancellation<'_>,
        _: Asking,
    ) -> Result<Request<Bytes>, CannotAsk> {
        let which = cancel.theirs.unwrap_or(cancel.request);
        self.ask(Method::POST, &format!("/v2/shipments/{which}/refund"), None)
    }

    fn cancel_answer(&self, cancel: &Cancellation<'_>, answer: &Response<Bytes>) -> Cancelled {
        let status = answer.status();
        if status.is_success() {
            let refund = serde_json::from_slice::<Refund>(answer.body());
            let refund = refund.ok().and_then(|refund| refund.refund_status);
            return match refund.as_deref() {
                // Carriers that bill by scan refund nothing, because nothing was paid.
                Some("submitted" | "refunded" | "not_applicable") => Cancelled::Done,
                Some(other) => Cancelled::Refused { reason: clip(other) },
                None => {
                    let reason = "an answer that is no shipment".to_owned();
                    Cancelled::TryAgain { reason, after_ms: None }
                }
            };
        }
        let (code, words) = failure(answer);
        match status {
            StatusCode::NOT_FOUND if !code.is_empty() => Cancelled::Done,
            // Of a shipment that was never bought there is nothing to give back.
            StatusCode::UNPROCESSABLE_ENTITY if cancel.theirs.is_none() => Cancelled::Done,
            StatusCode::UNPROCESSABLE_ENTITY => Cancelled::Refused { reason: clip(&words) },
            _ => {
                let reason = clip(&format!("{}: {words}", status.as_u16()));
                Cancelled::TryAgain { reason, after_ms: retry_after_ms(answer) }
            }
        }
    }
}

#[derive(Deserialize)]
struct Shipment {
    id: String,
    #[serde(default)]
    tracking_code: Option<String>,
    #[serde(default)]
    postage_label: Option<Label>,
    #[serde(default)]
    rates: Vec<Rate>,
    #[serde(default)]
    messages: Vec<Notice>,
}

#[derive(Deserialize)]
struct Label {
    #[serde(default)]
    label_url: Option<String>,
}

#[derive(Deserialize)]
struct Rate {
    id: String,
    carrier: String,
    service: String,
    /// A decimal number.
    rate: String,
}

/// Why a carrier made no offer.
#[derive(Deserialize)]
struct Notice {
    #[serde(default)]
    carrier: String,
    #[serde(default)]
    message: Value,
}

#[derive(Deserialize)]
struct Refund {
    refund_status: Option<String>,
}

#[derive(Deserialize)]
struct Failure {
    error: Fault,
}

#[derive(Deserialize)]
struct Fault {
    #[serde(default)]
    code: String,
    #[serde(default)]
    message: Value,
}

/// EasyPost's code, empty if it is not EasyPost's answer; and words for people.
fn failure(answer: &Response<Bytes>) -> (String, String) {
    match serde_json::from_slice::<Failure>(answer.body()) {
        Ok(Failure { error: Fault { code, message } }) => {
            let words = format!("{code} {}", words(&message));
            (code, words)
        }
        Err(_) => (String::new(), "not an answer of EasyPost's".to_owned()),
    }
}

fn words(message: &Value) -> String {
    message.as_str().map_or_else(|| message.to_string(), str::to_owned)
}

fn again(answer: &Response<Bytes>, words: &str) -> Answer {
    let reason = clip(&format!("{}: {words}", answer.status().as_u16()));
    Answer::TryAgain { reason, after_ms: retry_after_ms(answer) }
}

impl Shipment {
    /// Bought, or to be bought by the cheapest of the carrier's rates for the service.
    fn means(self, booking: &Booking<'_>) -> Answer {
        if let Some(code) = &self.tracking_code {
            return match Waybill::parse(code) {
                Ok(waybill) => {
                    let label_url = self.postage_label.and_then(|label| label.label_url);
                    Answer::Made { waybill, theirs: self.id, label_url }
                }
                Err(fault) => Answer::TryAgain { reason: clip(&fault.to_string()), after_ms: None },
            };
        }
        let ours = |rate: &&Rate| {
            rate.carrier.eq_ignore_ascii_case(booking.carrier.as_str())
                && rate.service == booking.service
        };
        let best = self.rates.iter().filter(ours).min_by_key(|rate| price(&rate.rate));
        match best {
            Some(rate) => Answer::Then(Step::Buy { shipment: self.id, rate: rate.id.clone() }),
            None => {
                let said = |n: &Notice| format!("{}: {}", n.carrier, words(&n.message));
                let said: Vec<String> = self.messages.iter().map(said).collect();
                let reason =
                    clip(&format!("no rate for {} ({})", booking.service, said.join("; ")));
                Answer::Refused { reason, undo: false }
            }
        }
    }
}

/// Thousandths; what is no number is dearer than all.
fn price(text: &str) -> i64 {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let part: String = part.chars().chain("000".chars()).take(3).collect();
    let number = |digits: &str| digits.parse::<i64>().ok();
    let price = number(whole).zip(number(&part));
    price.map_or(i64::MAX, |(whole, part)| whole.saturating_mul(1_000).saturating_add(part))
}
