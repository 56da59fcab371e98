//! 17TRACK, webhook v2.x: the whole trace of one number, from any of two thousand carriers.
//!
//! `sign` is the SHA-256 of the body, a slash and the key: a hash with a key at its end, not an
//! HMAC. No time is signed; a repeat makes the same facts. A carrier is called `17track:<its
//! number>`. Source: asset.17track.net/api/document/v2.2.

mod ask;
pub use ask::SeventeenTrackInterface;

use crate::json::{from_bytes, unreadable, word};
use crate::scan::{Judgement, Parcel, Table, bring_back, distinct, instant, judged, step};
use crate::{Carrier, Delivery, MOST_FACTS, Told, Unheard, one, plain};
use bytes::Bytes;
use domain::ExceptionKind::{Address, AttemptFailed, Damaged, Delay, Lost, Other};
use domain::TrackingStep::{
    AtHub, Cancelled, Created, Delivered, Exception, InTransit, OutForDelivery, PickedUp,
    ReadyForPickup, Refused, Returned, Returning,
};
use domain::{Millis, TrackingFact};
use http::{Response, StatusCode};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// `sub_status`es, and the `stage`s of scans that have none.
const CODES: &Table = &[
    (&["NotFound_Other", "NotFound_InvalidCode", "InfoReceived"], Created),
    (&["InTransit_PickedUp", "PickedUp"], PickedUp),
    (
        &[
            "InTransit_Departure",
            "InTransit_Other",
            "InTransit_CustomsProcessing",
            "InTransit_CustomsReleased",
            "InTransit_CustomsRequiringInformation",
            "Departure",
        ],
        InTransit,
    ),
    (&["InTransit_Arrival", "Arrival"], AtHub),
    (&["OutForDelivery_Other", "OutForDelivery"], OutForDelivery),
    (&["AvailableForPickup_Other", "AvailableForPickup"], ReadyForPickup),
    (&["Delivered_Other", "Delivered"], Delivered),
    (
        &["DeliveryFailure_NoBody", "DeliveryFailure_Security", "DeliveryFailure_Other"],
        Exception(AttemptFailed),
    ),
    (&["DeliveryFailure_InvalidAddress"], Exception(Address)),
    (&["DeliveryFailure_Rejected", "Exception_Rejected"], Refused),
    (&["Exception_Returning", "Returning"], Returning),
    (&["Exception_Returned", "Returned"], Returned),
    (&["Exception_Delayed", "Expired_Other"], Exception(Delay)),
    (&["Exception_Lost"], Exception(Lost)),
    (&["Exception_Damage", "Exception_Damaged", "Exception_Destroyed"], Exception(Damaged)),
    (&["Exception_Cancel"], Cancelled),
    (&["Exception_NoBody", "Exception_Security", "Exception_Other"], Exception(Other)),
];

/// 17TRACK's webhook. Exists only with a key.
#[derive(Clone)]
pub struct SeventeenTrack {
    key: String,
}

impl SeventeenTrack {
    /// Our name of it.
    pub const NAME: &'static str = "17track";

    /// `None` without a key: then it is not used, and nobody is let in.
    pub fn new(key: &str) -> Option<Self> {
        (!key.is_empty()).then(|| Self { key: key.to_owned() })
    }
}

impl Carrier for SeventeenTrack {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn read(&self, delivery: &Delivery<'_>) -> Result<Told, Unheard> {
        let sign = one(delivery.headers, "sign")?;
        let digest =
            Sha256::new().chain_update(delivery.body).chain_update("/").chain_update(&self.key);
        let expected = hex::encode(digest.finalize());
        if !bool::from(expected.as_bytes().ct_eq(sign.as_bytes())) {
            return Err(Unheard::BadSignature("not by our key"));
        }
        let push: Push = from_bytes(delivery.body)?;
        match push.data.track_info {
            Some(track) => {
                let carrier = format!("{}:{}", Self::NAME, push.data.carrier);
                let parcel = Parcel::read(
                    Self::NAME,
                    (&carrier, "data.carrier"),
                    (&push.data.number, "data.number"),
                )?;
                track.facts(&parcel, delivery.now).map(Told::more)
            }
            None => Ok(Told::more(Vec::new())),
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
struct Push {
    data: Data,
}

#[derive(Deserialize)]
struct Data {
    number: String,
    carrier: i64,
    /// Absent when tracking was stopped.
    track_info: Option<Track>,
}

#[derive(Deserialize)]
struct Track {
    latest_status: Option<Status>,
    latest_event: Option<Scan>,
    tracking: Option<Tracking>,
}

#[derive(Deserialize)]
struct Status {
    #[serde(default, deserialize_with = "word")]
    sub_status: String,
    #[serde(default, deserialize_with = "word")]
    sub_status_descr: String,
}

#[derive(Deserialize)]
struct Tracking {
    providers: Option<Vec<Provider>>,
}

#[derive(Deserialize)]
struct Provider {
    /// Newest first.
    events: Option<Vec<Scan>>,
}

#[derive(Deserialize)]
struct Scan {
    #[serde(default, deserialize_with = "word")]
    time_utc: String,
    #[serde(default, deserialize_with = "word")]
    time_iso: String,
    #[serde(default, deserialize_with = "word")]
    description: String,
    #[serde(default, deserialize_with = "word")]
    location: String,
    #[serde(default, deserialize_with = "word")]
    stage: String,
    #[serde(default, deserialize_with = "word")]
    sub_status: String,
}

impl Track {
    fn facts(self, parcel: &Parcel, now: Millis) -> Result<Vec<TrackingFact>, Unheard> {
        let providers = self.tracking.and_then(|tracking| tracking.providers).unwrap_or_default();
        let scans: Vec<Vec<Scan>> =
            providers.into_iter().filter_map(|provider| provider.events).collect();
        if scans.iter().map(Vec::len).sum::<usize>() > MOST_FACTS {
            return Err(unreadable("data.track_info.tracking", "too many scans"));
        }
        let mut facts = Vec::new();
        for scans in &scans {
            let told: Result<Vec<_>, _> = scans.iter().map(|scan| scan.fact(parcel)).collect();
            let mut told = told?;
            bring_back(&mut told, now);
            facts.extend(told);
        }
        if let (true, Some(latest)) = (facts.is_empty(), &self.latest_event) {
            let mut told = [latest.fact(parcel)?];
            bring_back(&mut told, now);
            facts.extend(told);
        }
        if let Some(Status { sub_status, sub_status_descr }) = &self.latest_status {
            let step = step(CODES, sub_status);
            let judgement = Judgement { step, code: sub_status, text: sub_status_descr, at: None };
            judged(parcel, &mut facts, &judgement);
        }
        Ok(distinct(facts))
    }
}

impl Scan {
    fn fact(&self, parcel: &Parcel) -> Result<TrackingFact, Unheard> {
        let path = "data.track_info…time_utc";
        // `time_utc` is what it says, with a zone or without; `time_iso` is the carrier's own.
        let at = instant(&self.time_utc, 0, path)
            .or_else(|_| instant(&self.time_iso, parcel.zone_ms(), path))?;
        let code = if self.sub_status.is_empty() { &self.stage } else { &self.sub_status };
        Ok(parcel.fact(at, step(CODES, code), (code, &self.description, &self.location)))
    }
}
