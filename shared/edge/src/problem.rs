//! What a caller can do about a no: problem details (RFC 9457) with a stable `code`.
//!
//! `status` is the HTTP status, `code` the one word that clients may rely on, `errors` the faults
//! of a body with a JSON pointer each (RFC 9457 §3). Internals never show.

mod packing;

pub(crate) use packing::told as told_of_scan;

use bytes::Bytes;
use domain::{ExceptionId, Fault, FaultKind, OrderId, Refusal};
use http::{HeaderValue, StatusCode, header};
use serde_json::{Map, Value, json};
use store::StoreError;

/// A fault at a place of a request's body.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldFault {
    pub pointer: String,
    pub code: String,
    pub detail: String,
    pub more: Map<String, Value>,
}

/// A refusal as the caller sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct Problem {
    pub status: StatusCode,
    pub code: &'static str,
    pub detail: String,
    pub errors: Vec<FieldFault>,
    pub more: Map<String, Value>,
    pub retry_after_s: Option<u32>,
}

impl Problem {
    pub fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        Self { status, code, detail, errors: Vec::new(), more: Map::new(), retry_after_s: None }
    }

    /// The body cannot be read, or a parameter makes no sense.
    pub fn bad_request(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, detail)
    }

    pub fn unauthorized(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, code, detail)
    }

    pub fn forbidden(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden", detail)
    }

    pub fn not_found(what: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", format!("there is no such {what}"))
    }

    pub fn conflict(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, code, detail)
    }

    /// The path exists, the method does not.
    pub fn method_not_allowed(allowed: &str) -> Self {
        let detail = format!("allowed here: {allowed}");
        let mut problem = Self::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", detail);
        problem.more.insert("allow".into(), json!(allowed));
        problem
    }

    /// Well formed, but impossible; with its place.
    pub fn invalid(pointer: &str, code: &str, detail: impl Into<String>) -> Self {
        Self::faulty(vec![FieldFault::new(pointer, code, detail)])
    }

    /// Well formed, but impossible, at each of these places.
    pub fn faulty(errors: Vec<FieldFault>) -> Self {
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        Self { errors, ..Self::new(status, "invalid_body", "the body has faults") }
    }

    /// Not now; the same may work after `seconds`.
    pub fn try_again(seconds: u32, detail: impl Into<String>) -> Self {
        let mut problem = Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", detail);
        problem.retry_after_s = Some(seconds);
        problem
    }

    #[must_use]
    pub fn with(mut self, name: &str, value: Value) -> Self {
        self.more.insert(name.to_owned(), value);
        self
    }

    /// The response: `application/problem+json`.
    pub fn into_response(self) -> http::Response<Bytes> {
        let mut body = Map::new();
        let title = self.status.canonical_reason().unwrap_or("Problem");
        body.insert("type".into(), json!("about:blank"));
        body.insert("title".into(), json!(title));
        body.insert("status".into(), json!(self.status.as_u16()));
        body.insert("code".into(), json!(self.code));
        body.insert("detail".into(), json!(self.detail));
        if !self.errors.is_empty() {
            let errors: Vec<Value> = self.errors.iter().map(FieldFault::to_json).collect();
            body.insert("errors".into(), Value::Array(errors));
        }
        let allow = self.more.get("allow").and_then(Value::as_str).map(HeaderValue::from_str);
        let mut response = http::Response::new(Bytes::new());
        let headers = response.headers_mut();
        let problem = HeaderValue::from_static("application/problem+json");
        headers.insert(header::CONTENT_TYPE, problem);
        if let Some(Ok(allow)) = allow {
            headers.insert(header::ALLOW, allow);
        }
        if let Some(seconds) = self.retry_after_s {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        body.extend(self.more);
        *response.status_mut() = self.status;
        *response.body_mut() = Bytes::from(Value::Object(body).to_string());
        response
    }
}

impl From<&Fault> for FieldFault {
    fn from(fault: &Fault) -> Self {
        field_fault(fault)
    }
}

impl FieldFault {
    pub fn new(pointer: impl Into<String>, code: &str, detail: impl Into<String>) -> Self {
        let (pointer, code, detail) = (pointer.into(), code.to_owned(), detail.into());
        Self { pointer, code, detail, more: Map::new() }
    }

    fn to_json(&self) -> Value {
        let mut error = self.more.clone();
        error.insert("pointer".into(), json!(self.pointer));
        error.insert("code".into(), json!(self.code));
        error.insert("detail".into(), json!(self.detail));
        Value::Object(error)
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Contended(_) | StoreError::Unavailable(..) => {
                eprintln!("{error}");
                Self::try_again(1, "the store cannot take this now; nothing was changed")
            }
            StoreError::Broken(..) => {
                eprintln!("{error}");
                let detail = "the store holds something it should not";
                Self::new(StatusCode::INTERNAL_SERVER_ERROR, "broken", detail)
            }
        }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let code = refusal.word();
        match refusal {
            Refusal::Faulty(faults) => faulty(&faults),
            Refusal::IllegalStep { state, allowed } => {
                let detail = format!("not a step from the state {state}");
                let conflict = Self::conflict(code, detail);
                conflict.with("state", json!(state)).with("allowed_actions", json!(allowed))
            }
            Refusal::TooManyUnits { line, left } => {
                let detail = format!("line {line} has {left} units left for this");
                Self::conflict(code, detail).with("line", json!(line)).with("left", json!(left))
            }
            Refusal::UnitsPacked { line, left, allowed } => {
                let detail = format!("line {line} has {left} units that are not packed");
                let conflict = Self::conflict(code, detail).with("line", json!(line));
                conflict.with("left", json!(left)).with("allowed_actions", json!(allowed))
            }
            Refusal::BeingPicked { warehouse } => {
                let detail = "these units are on a pick list there, and must be given back first";
                Self::conflict(code, detail).with("warehouse", json!(warehouse))
            }
            Refusal::ShippingDiffers { by } => {
                let detail = "shipping costs another amount there";
                Self::conflict(code, detail).with("by", json!(by))
            }
            Refusal::NotPaid => Self::conflict(code, "nothing was paid for these: cancel them"),
            Refusal::Disputed => Self::conflict(code, "its bank doubts the payment, or took it"),
            Refusal::NobodyToAsk => Self::conflict(code, "only cash was paid: nobody to ask"),
            Refusal::UnknownLine { line } => unknown_line(code, line),
            Refusal::NothingChosen => Self::invalid("#/lines", code, "no unit was chosen"),
            Refusal::RefundExceedsCapture { refundable } => {
                let detail = "more than was paid and not yet given back";
                Self::conflict(code, detail).with("refundable", json!(refundable))
            }
            Refusal::WindowClosed => Self::conflict(code, "the after-sale window is over"),
            Refusal::NotDelivered => Self::conflict(code, "these units were not delivered yet"),
            Refusal::AlreadyInCase => Self::conflict(code, "these units are in another case"),
            Refusal::CarrierUnfit { why } => {
                let words: Vec<&str> = why.iter().map(|why| why.word()).collect();
                Self::conflict(code, unsent(code)).with("reasons", json!(words))
            }
            Refusal::NoCarrierFits
            | Refusal::NoWaybillLeft
            | Refusal::CarrierNotHere
            | Refusal::CarrierTakesNoCash
            | Refusal::WrongWarehouse
            | Refusal::WaybillUsed
            | Refusal::WaybillOfAnother
            | Refusal::NothingToHandOver
            | Refusal::NotOnManifest => Self::conflict(code, unsent(code)),
            Refusal::Packing(refusal) => packing::problem(refusal),
            Refusal::CurrencyDiffers => Self::conflict(code, "the currencies differ"),
            Refusal::NothingOwed => Self::conflict(code, "no carrier has cash of this parcel"),
            Refusal::LineBooked => Self::conflict(code, "this line is booked for a parcel already"),
            Refusal::CarrierDiffers => Self::conflict(code, "the parcel went with another carrier"),
            Refusal::ExceptionOpen { exception } => exception_open(code, &exception),
            Refusal::UnknownTask => Self::new(StatusCode::NOT_FOUND, code, "no such task"),
            Refusal::WrongItem => Self::conflict(code, "this is not what the task is about"),
            Refusal::MoreThanWanted { left } => more_than_wanted(code, left),
            Refusal::ListOfAnother => Self::conflict(code, "somebody else walks this list"),
            Refusal::WaveDiffers => Self::conflict(code, "another wave has this name"),
            Refusal::NotToPick { orders } => not_to_pick(code, &orders),
            Refusal::NothingToPick => Self::conflict(code, "nothing that waits is wanted"),
            Refusal::NothingToPutAway => Self::conflict(code, "nothing of it lies around here"),
            Refusal::NothingToSettle => Self::conflict(code, "nothing was settled since"),
            Refusal::NothingToPayOut => Self::conflict(code, "the merchant owes the platform"),
        }
    }
}

/// Why a parcel does not get on its way.
fn unsent(code: &str) -> &'static str {
    match code {
        "wrong_warehouse" => "these units are held in another warehouse",
        "no_waybill_left" => "the carrier's pool of waybill numbers is empty",
        "carrier_not_here" => "this carrier does not collect at the parcel's warehouse",
        "carrier_takes_no_cash" => "this carrier collects no cash for the shop",
        "carrier_unfit" => "this carrier cannot take the parcel",
        "no_carrier_fits" => "no carrier in use can take the parcel",
        "waybill_used" => "the waybill number is on another parcel, or was",
        "waybill_of_another" => "the waybill number is another carrier's",
        "nothing_to_hand_over" => "no parcel waits for the carrier",
        _ => "the parcel is not on this manifest any more",
    }
}

fn exception_open(code: &'static str, exception: &ExceptionId) -> Problem {
    let detail = "the parcel has an open exception of this kind";
    Problem::conflict(code, detail).with("exception", json!(exception))
}

fn unknown_line(code: &'static str, line: u16) -> Problem {
    Problem::invalid("#/lines", code, format!("the order has no line {line}"))
}

/// What of the pieces is wanted; the others are still in somebody's hand.
fn more_than_wanted(code: &'static str, left: i64) -> Problem {
    let detail = format!("{left} are wanted; the others belong on the shelf");
    Problem::conflict(code, detail).with("left", json!(left))
}

/// The first few of the orders of which nothing waits.
fn not_to_pick(code: &'static str, orders: &[OrderId]) -> Problem {
    let detail = format!("nothing of {} orders waits there, or lists have it", orders.len());
    let some: Vec<&OrderId> = orders.iter().take(20).collect();
    Problem::conflict(code, detail).with("orders", json!(some))
}

/// What can never be right decides about the status; what is not right now is told beside it.
fn faulty(faults: &[Fault]) -> Problem {
    let conflict = faults.iter().all(|f| f.what.is_conflict());
    let mut problem = if conflict {
        let code = faults.first().map_or("faulty", |f| f.what.word());
        Problem::conflict(code, "the shop has it differently")
    } else {
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        Problem::new(status, "invalid_body", "the body has faults")
    };
    problem.errors = faults.iter().map(field_fault).collect();
    problem
}

fn field_fault(fault: &Fault) -> FieldFault {
    let mut more = Map::new();
    if let Some(at_most) = fault.what.at_most() {
        more.insert("at_most".into(), json!(at_most));
    } else if let FaultKind::AmountTooLarge { at_most } | FaultKind::TooMuchCash { at_most } =
        &fault.what
    {
        more.insert("at_most".into(), json!(at_most));
    } else if let FaultKind::PriceDiffers { right } | FaultKind::TotalDiffers { right } =
        &fault.what
    {
        more.insert("right".into(), json!(right));
    } else if let FaultKind::WorthLess { at_least } = &fault.what {
        more.insert("at_least".into(), json!(at_least));
    } else if let FaultKind::OutOfStock { sku, available } = &fault.what {
        more.insert("sku".into(), json!(sku));
        more.insert("available".into(), json!(available));
    } else if let FaultKind::LessThanHeld { held } = &fault.what {
        more.insert("held".into(), json!(held));
    } else if let FaultKind::NotDeliveredThere { merchant } = &fault.what {
        more.insert("merchant".into(), json!(merchant));
    }
    let (pointer, code) = (fault.pointer.clone(), fault.what.word().to_owned());
    FieldFault { pointer, code, detail: told(&fault.what), more }
}

/// A fault in words.
fn told(what: &FaultKind) -> String {
    match what {
        FaultKind::UnknownSku => "there is no such SKU".to_owned(),
        FaultKind::NotForSale => "this SKU is not for sale".to_owned(),
        FaultKind::RepeatedSku => "this SKU is in the basket twice".to_owned(),
        FaultKind::QuantityOutOfRange { at_most } => format!("must be 1 to {at_most}"),
        FaultKind::TooManyLines { at_most } => format!("{at_most} lines at most"),
        FaultKind::NoLines => "at least one line".to_owned(),
        FaultKind::UnknownMerchant => "its merchant does not sell here".to_owned(),
        FaultKind::CurrencyDiffers => "one purchase has one currency".to_owned(),
        FaultKind::PriceDiffers { .. } | FaultKind::TotalDiffers { .. } => {
            "the shop computes another amount".to_owned()
        }
        FaultKind::AmountOutOfRange => "not an amount".to_owned(),
        FaultKind::DiscountExceedsGoods => "more than these goods cost".to_owned(),
        FaultKind::DiscountExceedsShipping => "more than shipping costs".to_owned(),
        FaultKind::PointsExceedGoods => "more than is left to pay for goods".to_owned(),
        FaultKind::OutOfStock { available, .. } => format!("{available} left"),
        FaultKind::NotAPhoneNumber => "E.164, or a number of this country".to_owned(),
        FaultKind::NotARegion => "two, four or six digits of GB/T 2260".to_owned(),
        FaultKind::Missing => "must not be empty".to_owned(),
        FaultKind::CashNotOffered => "this merchant is not paid at the door".to_owned(),
        FaultKind::TooMuchCash { .. } => "too much to be paid at the door".to_owned(),
        FaultKind::TooLong { at_most } => format!("{at_most} at most"),
        FaultKind::OutOfRange { least, most } => format!("must be {least} to {most}"),
        FaultKind::Repeated => "is named twice".to_owned(),
        FaultKind::NotABarcode => {
            "1 to 48 signs without spaces, and a GTIN with its check digit".to_owned()
        }
        FaultKind::NotAnEmail => "not an e-mail address".to_owned(),
        FaultKind::UnknownWarehouse => "there is no such warehouse".to_owned(),
        FaultKind::EitherOr { one, other } => format!("either {one} or {other}"),
        FaultKind::WrongDirection => "this reason does not go that way".to_owned(),
        FaultKind::NotYourReason => "not a reason that you may give".to_owned(),
        FaultKind::WorthLess { .. } => "costs less than what it is to replace".to_owned(),
        FaultKind::LessThanHeld { held } => format!("{held} are promised to orders"),
        FaultKind::TooShort { at_least } => format!("{at_least} characters at least"),
        FaultKind::NotPlainText => "no control characters".to_owned(),
        FaultKind::NotACountry => "two letters of ISO 3166-1".to_owned(),
        FaultKind::NotAPostalCode => "not a postal code of this country".to_owned(),
        FaultKind::UnknownRegion => "GB/T 2260 does not have it".to_owned(),
        FaultKind::RegionsDiffer => "contradicts another part of the address".to_owned(),
        FaultKind::NotATaxNumber => "15, 18 or 20 signs; the last of 18 checks them".to_owned(),
        FaultKind::OnlyForCompanies => "only for companies".to_owned(),
        FaultKind::NotInBasket => "nothing in this basket is meant".to_owned(),
        FaultKind::TooManyPieces { at_most } => format!("{at_most} pieces in all at most"),
        FaultKind::AmountTooLarge { .. } => "the goods cost more than one purchase may".to_owned(),
        FaultKind::NotDeliveredThere { .. } => "the merchant does not deliver there".to_owned(),
        FaultKind::StepsDisordered => "steps must go up, from nothing".to_owned(),
        FaultKind::TooManyUnpaid { at_most } => format!("{at_most} unpaid orders at most"),
        FaultKind::NotARegistrationId => "not a registration id of a device".to_owned(),
        FaultKind::NotAnEvent => "a name like order.paid, or order.*".to_owned(),
        FaultKind::UnknownCarrier => "no carrier in use has this code".to_owned(),
    }
}
