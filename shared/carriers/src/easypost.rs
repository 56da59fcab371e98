//! EasyPost, tracker webhook: the whole trace of one tracking code.
//!
//! HMAC-SHA256 over the body, as `X-Hmac-Signature: hmac-sha256-hex=…`, under the secret in
//! Unicode's form NFKD. A carrier is called by EasyPost's name in lower case. Source:
//! docs.easypost.com, webhooks guide and trackers; easypost-python `util.py`.

pub mod shipments;

mod ask;
pub use ask::EasyPostInterface;

use crate::json::{from_bytes, unreadable, word};
use crate::scan::{Judgement, Parcel, Table, bring_back, distinct, instant, judged, step};
use crate::{Carrier, Delivery, MOST_FACTS, Told, Unheard, one, plain};
use bytes::Bytes;
use domain::ExceptionKind::{Address, AttemptFailed, Damaged, Delay, Lost, Other};
use domain::TrackingStep::{
    self, AtHub, Cancelled, Created, Delivered, Exception, InTransit, Note, OutForDelivery,
    PickedUp, ReadyForPickup, Refused, Returned, Returning,
};
use domain::{Millis, TrackingFact};
use hmac::{Hmac, Mac};
use http::{Response, StatusCode};
use serde::Deserialize;
use sha2::Sha256;
use unicode_normalization::UnicodeNormalization;

const STATUSES: &Table = &[
    (&["unknown", "pre_transit"], Created),
    (&["in_transit"], InTransit),
    (&["out_for_delivery"], OutForDelivery),
    (&["delivered"], Delivered),
    (&["available_for_pickup"], ReadyForPickup),
    (&["return_to_sender"], Returning),
    (&["failure"], Exception(AttemptFailed)),
    (&["cancelled"], Cancelled),
    (&["error"], Exception(Other)),
];
/// Details that say more, of a parcel that is `in_transit`.
const ON_THE_WAY: &Table = &[
    (&["label_created"], Created),
    (&["received_at_origin_facility"], PickedUp),
    (&["arrived_at_facility", "received_at_destination_facility", "arrived_at_destination"], AtHub),
    (&["delayed", "weather_delay", "held", "missorted", "transit_exception"], Exception(Delay)),
    (&["lost"], Exception(Lost)),
    (&["damaged"], Exception(Damaged)),
];
/// Details that say more, of a `failure`.
const FAILED: &Table = &[
    (&["refused"], Refused),
    (&["delivery_exception"], Exception(AttemptFailed)),
    (&["address_correction"], Exception(Address)),
    (&["expired"], Exception(Delay)),
    (&["lost"], Exception(Lost)),
    (&["damaged"], Exception(Damaged)),
];

/// EasyPost's webhook. Exists only with a secret.
#[derive(Clone)]
pub struct EasyPost {
    secret: String,
}

impl EasyPost {
    /// Our name of it.
    pub const NAME: &'static str = "easypost";

    /// `None` without a secret: then it is not used, and nobody is let in.
    pub fn new(secret: &str) -> Option<Self> {
        (!secret.is_empty()).then(|| Self { secret: secret.nfkd().collect() })
    }

    fn verify(&self, delivery: &Delivery<'_>) -> Result<(), Unheard> {
        let bad = Unheard::BadSignature("not by our secret");
        let given = one(delivery.headers, "x-hmac-signature")?;
        let given = given.strip_prefix("hmac-sha256-hex=").ok_or_else(|| bad.clone())?;
        let given = hex::decode(given).map_err(|_| bad.clone())?;
        let mac = Hmac::<Sha256>::new_from_slice(self.secret.as_bytes());
        let mac = mac.map_err(|_| bad.clone())?.chain_update(delivery.body);
        mac.verify_slice(&given).map_err(|_| bad)
    }
}

impl Carrier for EasyPost {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn read(&self, delivery: &Delivery<'_>) -> Result<Told, Unheard> {
        self.verify(delivery)?;
        let Kind { description } = from_bytes(delivery.body)?;
        match description.as_str() {
            "tracker.created" | "tracker.updated" => {
                let tracker = from_bytes::<Event>(delivery.body)?.result;
                let parcel = Parcel::read(
                    Self::NAME,
                    (&tracker.carrier.to_ascii_lowercase(), "result.carrier"),
                    (&tracker.tracking_code, "result.tracking_code"),
                )?;
                tracker.facts(&parcel, delivery.now).map(Told::more)
            }
            _ => Ok(Told::more(Vec::new())),
        }
    }

    fn acknowledge(&self) -> Response<Bytes> {
        plain(StatusCode::OK)
    }

    fn refuse(&self, why: &Unheard) -> Response<Bytes> {
        plain(why.status())
    }
}

#[derive(Deserialize)]
struct Kind {
    description: String,
}

#[derive(Deserialize)]
struct Event {
    result: Tracker,
}

#[derive(Deserialize)]
struct Tracker {
    tracking_code: String,
    carrier: String,
    #[serde(default, deserialize_with = "word")]
    status: String,
    #[serde(default, deserialize_with = "word")]
    status_detail: String,
    /// Whether the way is the way back.
    is_return: Option<bool>,
    /// Oldest first.
    tracking_details: Option<Vec<Detail>>,
}

#[derive(Deserialize)]
struct Detail {
    datetime: String,
    #[serde(default, deserialize_with = "word")]
    status: String,
    #[serde(default, deserialize_with = "word")]
    status_detail: String,
    #[serde(default, deserialize_with = "word")]
    message: String,
    tracking_location: Option<Location>,
}

#[derive(Deserialize)]
struct Location {
    #[serde(default, deserialize_with = "word")]
    city: String,
}

impl Tracker {
    fn facts(self, parcel: &Parcel, now: Millis) -> Result<Vec<TrackingFact>, Unheard> {
        let back = self.is_return.unwrap_or(false);
        let details = self.tracking_details.unwrap_or_default();
        if details.len() > MOST_FACTS {
            return Err(unreadable("result.tracking_details", "too many scans"));
        }
        let fact = |(i, told): (usize, &Detail)| {
            let path = format!("result.tracking_details[{i}].datetime");
            let at = instant(&told.datetime, parcel.zone_ms(), &path)?;
            let place = told.tracking_location.as_ref().map_or("", |place| place.city.as_str());
            let code = code(&told.status, &told.status_detail);
            let step = meaning(&told.status, &told.status_detail, back);
            Ok(parcel.fact(at, step, (&code, &told.message, place)))
        };
        let facts: Result<Vec<_>, Unheard> = details.iter().enumerate().map(fact).collect();
        let mut facts = facts?;
        facts.reverse();
        bring_back(&mut facts, now);
        let step = meaning(&self.status, &self.status_detail, back);
        let code = code(&self.status, &self.status_detail);
        judged(parcel, &mut facts, &Judgement { step, code: &code, text: "", at: None });
        Ok(distinct(facts))
    }
}

fn code(status: &str, detail: &str) -> String {
    if detail.is_empty() { status.to_owned() } else { format!("{status}/{detail}") }
}

fn meaning(status: &str, detail: &str, back: bool) -> TrackingStep {
    let finer = match status {
        "in_transit" => step(ON_THE_WAY, detail),
        "failure" => step(FAILED, detail),
        "delivered" if back => Returned,
        _ => Note,
    };
    if finer == Note { step(STATUSES, status) } else { finer }
}
