//! AfterShip Tracking, webhook: the checkpoints of one tracking.
//!
//! HMAC-SHA256 over the body, in `aftership-hmac-sha256` as base64. A carrier is called by
//! AfterShip's slug. Other AfterShip products sign in other headers and are not understood here.
//! Source: aftership.com/docs/tracking, webhook signature and delivery sub-statuses.

mod ask;
pub use ask::AfterShipInterface;

use crate::json::{from_bytes, unreadable, word};
use crate::scan::{Judgement, Parcel, Table, bring_back, distinct, instant, judged, step};
use crate::{Carrier, Delivery, MOST_FACTS, Told, Unheard, one, plain};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use domain::ExceptionKind::{Address, AttemptFailed, Customs, Damaged, Delay, Lost, Other};
use domain::TrackingStep::{
    self, AtHub, Cancelled, Created, Delivered, Exception, InTransit, Note, OutForDelivery,
    PickedUp, ReadyForPickup, Refused, Returned, Returning,
};
use domain::{Millis, SECOND, TrackingFact};
use hmac::{Hmac, Mac};
use http::{Response, StatusCode};
use serde::Deserialize;
use sha2::Sha256;

/// Subtags that say more than their tag.
const SUBTAGS: &Table = &[
    (&["InTransit_002"], PickedUp),
    (&["InTransit_003"], AtHub),
    (&["InTransit_007"], InTransit),
    (&["Exception_002", "Exception_007"], Exception(Address)),
    (&["Exception_003"], Refused),
    (&["Exception_004"], Exception(Customs)),
    (&["Exception_005", "Exception_016", "Exception_017", "Exception_019"], Exception(Delay)),
    (&["Exception_008"], Exception(AttemptFailed)),
    (&["Exception_010"], Returning),
    (&["Exception_011"], Returned),
    (&["Exception_012", "Exception_021"], Exception(Damaged)),
    (&["Exception_013"], Exception(Lost)),
    (&["Exception_020"], Cancelled),
];
const TAGS: &Table = &[
    (&["Pending", "InfoReceived"], Created),
    (&["InTransit"], InTransit),
    (&["OutForDelivery"], OutForDelivery),
    (&["AvailableForPickup"], ReadyForPickup),
    (&["Delivered"], Delivered),
    (&["AttemptFail"], Exception(AttemptFailed)),
    (&["Exception"], Exception(Other)),
    (&["Expired"], Exception(Delay)),
];

/// AfterShip's webhook. Exists only with a secret.
#[derive(Clone)]
pub struct AfterShip {
    secret: String,
}

impl AfterShip {
    /// Our name of it.
    pub const NAME: &'static str = "aftership";

    /// `None` without a secret: then it is not used, and nobody is let in.
    pub fn new(secret: &str) -> Option<Self> {
        (!secret.is_empty()).then(|| Self { secret: secret.to_owned() })
    }

    fn verify(&self, delivery: &Delivery<'_>) -> Result<(), Unheard> {
        let bad = Unheard::BadSignature("not by our secret");
        let given = one(delivery.headers, "aftership-hmac-sha256")?;
        let given = STANDARD.decode(given).map_err(|_| bad.clone())?;
        let mac = Hmac::<Sha256>::new_from_slice(self.secret.as_bytes());
        let mac = mac.map_err(|_| bad.clone())?.chain_update(delivery.body);
        mac.verify_slice(&given).map_err(|_| bad)
    }
}

impl Carrier for AfterShip {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn read(&self, delivery: &Delivery<'_>) -> Result<Told, Unheard> {
        self.verify(delivery)?;
        let Kind { event } = from_bytes(delivery.body)?;
        if event != "tracking_update" {
            return Ok(Told::more(Vec::new()));
        }
        from_bytes::<Push>(delivery.body)?.facts(delivery.now).map(Told::more)
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
    event: String,
}

#[derive(Deserialize)]
struct Push {
    msg: Message,
    ts: i64,
}

#[derive(Deserialize)]
struct Message {
    tracking_number: String,
    slug: String,
    tag: String,
    #[serde(default, deserialize_with = "word")]
    subtag: String,
    #[serde(default, deserialize_with = "word")]
    subtag_message: String,
    /// Oldest first.
    checkpoints: Option<Vec<Checkpoint>>,
}

#[derive(Deserialize)]
struct Checkpoint {
    checkpoint_time: String,
    #[serde(default, deserialize_with = "word")]
    tag: String,
    #[serde(default, deserialize_with = "word")]
    subtag: String,
    #[serde(default, deserialize_with = "word")]
    message: String,
    #[serde(default, deserialize_with = "word")]
    location: String,
    #[serde(default, deserialize_with = "word")]
    city: String,
}

impl Push {
    fn facts(self, now: Millis) -> Result<Vec<TrackingFact>, Unheard> {
        let parcel = Parcel::read(
            AfterShip::NAME,
            (&self.msg.slug, "msg.slug"),
            (&self.msg.tracking_number, "msg.tracking_number"),
        )?;
        let at = Millis(self.ts.saturating_mul(SECOND)).min(now);
        self.msg.facts(&parcel, Some(at), now)
    }
}

impl Message {
    /// `at` is when AfterShip said so, where it tells that.
    fn facts(
        self,
        parcel: &Parcel,
        at: Option<Millis>,
        now: Millis,
    ) -> Result<Vec<TrackingFact>, Unheard> {
        let Self { tag, subtag, subtag_message, checkpoints, .. } = self;
        let checkpoints = checkpoints.unwrap_or_default();
        if checkpoints.len() > MOST_FACTS {
            return Err(unreadable("msg.checkpoints", "too many scans"));
        }
        let fact = |(i, told): (usize, &Checkpoint)| {
            let path = format!("msg.checkpoints[{i}].checkpoint_time");
            let at = instant(&told.checkpoint_time, parcel.zone_ms(), &path)?;
            let place = if told.location.is_empty() { &told.city } else { &told.location };
            let (step, code) = meaning(&told.tag, &told.subtag);
            Ok(parcel.fact(at, step, (code, &told.message, place)))
        };
        let facts: Result<Vec<_>, Unheard> = checkpoints.iter().enumerate().map(fact).collect();
        let mut facts = facts?;
        facts.reverse();
        bring_back(&mut facts, now);
        let (step, code) = meaning(&tag, &subtag);
        // What goes right happens when it is scanned, and scans are told hours later: only what is
        // wrong is dated by who says so.
        let at = at.filter(|_| facts.is_empty() || matches!(step, Exception(_)));
        let judgement = Judgement { step, code, text: &subtag_message, at };
        judged(parcel, &mut facts, &judgement);
        Ok(distinct(facts))
    }
}

/// The subtag where it says more, else the tag; and which of them is the code.
fn meaning<'a>(tag: &'a str, subtag: &'a str) -> (TrackingStep, &'a str) {
    let code = if subtag.is_empty() { tag } else { subtag };
    let finer = step(SUBTAGS, subtag);
    (if finer == Note { step(TAGS, tag) } else { finer }, code)
}
