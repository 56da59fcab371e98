//! EasyPost: it makes a shipment for whoever has the key, as often as it is asked, and sells its
//! postage once.

use crate::fault::{Fault, Faults};
use crate::{json_answer, locked, text};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{Request, Response, StatusCode, header};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};

/// A shipment that was made.
#[derive(Debug, Clone, PartialEq)]
pub struct Postage {
    pub reference: String,
    pub asked: Value,
    /// Once it is bought.
    pub tracking_code: Option<String>,
    pub refunded: bool,
}

/// EasyPost. Clones are the same one.
#[derive(Clone)]
pub struct EasyPostDesk {
    api_key: String,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    shipments: Vec<Postage>,
    /// There is no offer for any parcel from now on.
    no_rates: bool,
    faults: Faults,
    /// Those of buying only.
    when_buying: Faults,
}

impl EasyPostDesk {
    pub fn new(api_key: &str) -> Self {
        Self { api_key: api_key.to_owned(), state: Arc::default() }
    }

    /// Every shipment, as they were made.
    pub fn shipments(&self) -> Vec<Postage> {
        locked(&self.state).shipments.clone()
    }

    pub fn next_answers(&self, times: usize, fault: &Fault) {
        locked(&self.state).faults.next(times, fault);
    }

    /// The same, when postage is bought.
    pub fn next_sales(&self, times: usize, fault: &Fault) {
        locked(&self.state).when_buying.next(times, fault);
    }

    /// From now on no carrier makes an offer, or they do again.
    pub fn offers_nothing(&self, nothing: bool) {
        locked(&self.state).no_rates = nothing;
    }

    pub fn answer(&self, request: &Request<Bytes>) -> Response<Bytes> {
        let path = request.uri().path().to_owned();
        let segments: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        let mut state = locked(&self.state);
        let State { shipments, no_rates, faults, when_buying } = &mut *state;
        faults.answer(|| {
            let key = format!("Basic {}", STANDARD.encode(format!("{}:", self.api_key)));
            let shown = request.headers().get(header::AUTHORIZATION);
            if shown.is_none_or(|shown| shown.as_bytes() != key.as_bytes()) {
                return no(StatusCode::UNAUTHORIZED, "APIKEY.INACTIVE");
            }
            let body: Value = serde_json::from_slice(request.body()).unwrap_or_default();
            match (request.method().as_str(), segments.as_slice()) {
                ("POST", ["v2", "shipments"]) => {
                    make(shipments, body.get("shipment").unwrap_or(&Value::Null), *no_rates)
                }
                ("GET", ["v2", "shipments", id]) => match place(shipments, id) {
                    Some(i) => show(shipments, i, *no_rates),
                    None => no(StatusCode::NOT_FOUND, "NOT_FOUND"),
                },
                ("POST", ["v2", "shipments", id, "buy"]) => {
                    when_buying.answer(|| buy(shipments, id, text(&body, "/rate/id")))
                }
                ("POST", ["v2", "shipments", id, "refund"]) => refund(shipments, id),
                _ => no(StatusCode::NOT_FOUND, "NOT_FOUND"),
            }
        })
    }
}

/// By EasyPost's id of it, or by the newest with this reference.
fn place(shipments: &[Postage], id: &str) -> Option<usize> {
    let number = id.strip_prefix("shp_").and_then(|number| number.parse().ok());
    let known = number.filter(|i| *i < shipments.len());
    known.or_else(|| shipments.iter().rposition(|one| one.reference == id))
}

fn make(shipments: &mut Vec<Postage>, asked: &Value, no_rates: bool) -> Response<Bytes> {
    let has = |place: &str| !text(asked, place).is_empty();
    let whole = ["/to_address", "/from_address"].iter().all(|at| {
        has(&format!("{at}/street1")) && has(&format!("{at}/city")) && has(&format!("{at}/country"))
    });
    let weighs = asked.pointer("/parcel/weight").and_then(Value::as_f64).is_some_and(|oz| oz > 0.0);
    if !(whole && weighs) {
        return no(StatusCode::UNPROCESSABLE_ENTITY, "SHIPMENT.INVALID_PARAMS");
    }
    let reference = text(asked, "/reference").to_owned();
    let (asked, tracking_code) = (asked.clone(), None);
    shipments.push(Postage { reference, asked, tracking_code, refunded: false });
    show(shipments, shipments.len() - 1, no_rates)
}

fn show(shipments: &[Postage], i: usize, no_rates: bool) -> Response<Bytes> {
    let Some(one) = shipments.get(i) else { return no(StatusCode::NOT_FOUND, "NOT_FOUND") };
    let rate = |n: usize, (carrier, service): (&str, &str), rate: &str| {
        json!({"id": format!("rate_{i}_{n}"), "object": "Rate", "carrier": carrier,
            "service": service, "rate": rate, "currency": "USD"})
    };
    let rates = [
        rate(0, ("USPS", "Express"), "31.40"),
        rate(1, ("USPS", "GroundAdvantage"), "7.58"),
        rate(2, ("DHLExpress", "ExpressWorldwide"), "48.10"),
    ];
    let rates = if no_rates { json!([]) } else { json!(rates) };
    let url = format!("https://easypost-files.test/{i}.png");
    let label = one.tracking_code.as_ref().map(|_| json!({"id": "pl_1", "label_url": url}));
    let failed = json!([{"carrier": "USPS", "type": "rate_error", "message": "not served"}]);
    let messages = if no_rates { failed } else { json!([]) };
    let refund_status = one.refunded.then_some("submitted");
    let body = json!({"id": format!("shp_{i}"), "object": "Shipment", "mode": "test",
        "reference": one.reference, "tracking_code": one.tracking_code, "rates": rates,
        "postage_label": label, "messages": messages, "refund_status": refund_status});
    json_answer(StatusCode::OK, &body)
}

fn buy(shipments: &mut [Postage], id: &str, rate: &str) -> Response<Bytes> {
    let Some(i) = place(shipments, id) else { return no(StatusCode::NOT_FOUND, "NOT_FOUND") };
    if !rate.starts_with(&format!("rate_{i}_")) {
        return no(StatusCode::UNPROCESSABLE_ENTITY, "SHIPMENT.RATE.NOT_FOUND");
    }
    let Some(one) = shipments.get_mut(i) else {
        return no(StatusCode::NOT_FOUND, "NOT_FOUND");
    };
    if one.tracking_code.is_some() {
        return no(StatusCode::UNPROCESSABLE_ENTITY, "SHIPMENT.POSTAGE.EXISTS");
    }
    one.tracking_code = Some(format!("94055002{i:014}"));
    show(shipments, i, false)
}

fn refund(shipments: &mut [Postage], id: &str) -> Response<Bytes> {
    let Some(i) = place(shipments, id) else { return no(StatusCode::NOT_FOUND, "NOT_FOUND") };
    let Some(one) = shipments.get_mut(i).filter(|one| one.tracking_code.is_some()) else {
        return no(StatusCode::UNPROCESSABLE_ENTITY, "SHIPMENT.REFUND.UNAVAILABLE");
    };
    one.refunded = true;
    show(shipments, i, false)
}

fn no(status: StatusCode, code: &str) -> Response<Bytes> {
    let error = json!({"code": code, "message": format!("{code}, says the desk"), "errors": []});
    json_answer(status, &json!({ "error": error }))
}
