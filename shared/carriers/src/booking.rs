//! How carriers' interfaces are asked for waybills: requests out, answers in. Some take several
//! requests for one waybill; each answer says which is next. Nothing here does I/O.
//!
//! An answer may be lost although the carrier made the waybill, so everything can be asked again
//! with the same id of ours, and gives the same waybill.

use crate::easypost::shipments::Shipments;
use crate::shunfeng::orders::Orders;
use bytes::Bytes;
use domain::{CarrierCode, Delivery, Millis, SECOND, Size, Waybill, WaybillInterface};
use http::{Request, Response, Uri, header};
use std::collections::BTreeMap;

/// What has to be carried, from where to where.
#[derive(Debug, Clone)]
pub struct Booking<'a> {
    /// Our id of the request: the same again is the same waybill.
    pub request: &'a str,
    /// As the interface calls it.
    pub carrier: &'a CarrierCode,
    /// As the carrier calls its product.
    pub service: &'a str,
    /// The account with the carrier, where the interface has several.
    pub account: Option<&'a str>,
    pub from: &'a Delivery,
    pub to: &'a Delivery,
    pub weight_g: i64,
    pub size_mm: Option<Size>,
    /// What is in it, and how many pieces.
    pub goods: Vec<(String, i64)>,
    /// What the courier has to collect, as a decimal amount of the currency.
    pub collect: Option<String>,
}

/// A waybill that is not wanted any more.
#[derive(Debug, Clone, Copy)]
pub struct Cancellation<'a> {
    /// Our id of the request that it came of, or may have come of.
    pub request: &'a str,
    /// The interface's own id, once it gave one.
    pub theirs: Option<&'a str>,
    pub waybill: Option<&'a str>,
}

/// When a request is made, and 128 bits that no other request has.
#[derive(Debug, Clone, Copy)]
pub struct Asking {
    pub now: Millis,
    pub nonce: u128,
}

/// One of the requests that a waybill takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    Make,
    /// What became of an earlier request of the same id.
    Look,
    /// Takes an offer.
    Buy {
        shipment: String,
        rate: String,
    },
}

/// What the answer to a request for a waybill means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    Made {
        waybill: Waybill,
        theirs: String,
        label_url: Option<String>,
    },
    /// This has to be asked next.
    Then(Step),
    /// Asking again cannot help. With `undo` something stands at the carrier all the same.
    Refused {
        reason: String,
        undo: bool,
    },
    /// Nothing is known: ask again, not before `after_ms` if it is given.
    TryAgain {
        reason: String,
        after_ms: Option<i64>,
    },
}

/// What the answer to a cancellation means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cancelled {
    /// Nothing stands there any more, or never did.
    Done,
    Refused {
        reason: String,
    },
    TryAgain {
        reason: String,
        after_ms: Option<i64>,
    },
}

/// Why a request could not even be written. A person must look.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CannotAsk {
    #[error("{0} is not configured")]
    NotConfigured(&'static str),
    /// A configured value does not fit into an HTTP request.
    #[error("no request can be made: {0}")]
    NotARequest(String),
}

/// A carrier's interface for waybills.
pub trait Waybills {
    /// What is asked first; `again` if it was asked before and the answer is not known.
    fn begins(&self, again: bool) -> Step;

    /// The request of a step.
    fn request(
        &self,
        booking: &Booking<'_>,
        step: &Step,
        asking: Asking,
    ) -> Result<Request<Bytes>, CannotAsk>;

    /// What the answer to it means. Never panics, whatever the answer.
    fn answer(&self, booking: &Booking<'_>, step: &Step, answer: &Response<Bytes>) -> Answer;

    /// The request that takes a waybill back.
    fn cancel_request(
        &self,
        cancel: &Cancellation<'_>,
        asking: Asking,
    ) -> Result<Request<Bytes>, CannotAsk>;

    /// What the answer to it means. Never panics, whatever the answer.
    fn cancel_answer(&self, cancel: &Cancellation<'_>, answer: &Response<Bytes>) -> Cancelled;
}

/// The variables that an interface takes.
pub fn asking(by: WaybillInterface) -> &'static [&'static str] {
    match by {
        WaybillInterface::Sf => &["sf_partner_id", "sf_check_word", "sf_monthly_card", "sf_base"],
        WaybillInterface::Easypost => &["easypost_api_key", "easypost_base"],
    }
}

/// An interface, made of the values of its variables.
pub fn interface(
    by: WaybillInterface,
    values: &BTreeMap<&'static str, String>,
) -> Box<dyn Waybills> {
    let text = |name: &str| values.get(name).map(|v| v.trim().to_owned()).unwrap_or_default();
    match by {
        WaybillInterface::Sf => Box::new(Orders {
            partner_id: text("sf_partner_id"),
            check_word: text("sf_check_word"),
            monthly_card: text("sf_monthly_card"),
            base: text("sf_base"),
        }),
        WaybillInterface::Easypost => {
            Box::new(Shipments { api_key: text("easypost_api_key"), base: text("easypost_base") })
        }
    }
}

/// Where an interface is asked: its configured base and a path.
pub(crate) fn endpoint(base: &str, path: &str) -> Result<Uri, CannotAsk> {
    let text = format!("{}{path}", base.trim_end_matches('/'));
    let uri: Uri = text.parse().map_err(|fault| CannotAsk::NotARequest(format!("{fault}")))?;
    match (uri.scheme_str(), uri.authority()) {
        (Some("http" | "https"), Some(_)) => Ok(uri),
        (Some(_) | None, _) => Err(CannotAsk::NotARequest(format!("{base:?} is no base URL"))),
    }
}

/// `Retry-After` in milliseconds, where it is a number of seconds (RFC 9110 §10.2.3).
pub(crate) fn retry_after_ms(answer: &Response<Bytes>) -> Option<i64> {
    let seconds = answer.headers().get(header::RETRY_AFTER)?.to_str().ok()?;
    let seconds: u32 = seconds.trim().parse().ok()?;
    i64::from(seconds).checked_mul(SECOND)
}

/// Carriers' sentences go into our records at a length that people read.
pub(crate) fn clip(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(300).collect()
}

/// An amount in minor units as carriers write it: 12800 of two decimals is `128.00`.
pub fn amount(minor: i64, exponent: u32) -> String {
    let one = 10_i64.checked_pow(exponent).unwrap_or(1);
    let places = usize::try_from(exponent).unwrap_or(0);
    match places {
        0 => minor.to_string(),
        _ => format!("{}.{:0places$}", minor / one, minor % one),
    }
}

/// A whole number with so many decimals, as JSON's number.
pub(crate) fn decimal(whole: i64, per_one: u32) -> f64 {
    let whole = i32::try_from(whole).unwrap_or(i32::MAX);
    f64::from(whole) / f64::from(per_one)
}
