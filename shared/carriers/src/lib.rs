//! Carriers' dialects: a webhook's bytes in, tracking facts in our words out; requests for
//! waybills out (`booking`).
//!
//! Each sender is one module behind the [`Carrier`] trait, and each has its own table of codes: the
//! same number means different things to different senders. Nothing here does I/O, tells the time
//! or knows a parcel; what a fact does to a parcel is the domain's business (`domain::fold`).

pub mod aftership;
mod ask;
pub mod booking;
pub mod easypost;
mod json;
pub mod kuaidi100;
mod scan;
mod settings;
pub mod seventeen_track;
pub mod shunfeng;

pub use aftership::AfterShip;
pub use ask::{Answer, CannotAsk, Tracker, Wanted};
use bytes::Bytes;
use domain::{Millis, Push, TrackingFact};
pub use easypost::EasyPost;
use http::{HeaderMap, HeaderValue, Response, StatusCode, header};
pub use kuaidi100::Kuaidi100;
pub use settings::*;
pub use seventeen_track::SeventeenTrack;
use sha2::{Digest, Sha256};
pub use shunfeng::Shunfeng;

/// More facts than this in one push are not taken.
pub const MOST_FACTS: usize = 10_000;

/// A webhook as it came: signatures are checked before anything is believed.
#[derive(Debug, Clone, Copy)]
pub struct Delivery<'a> {
    pub headers: &'a HeaderMap,
    pub body: &'a [u8],
    /// Our clock at receipt; scans from the future are brought back to it.
    pub now: Millis,
}

/// What a push says. Facts name carriers as their sender does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    pub facts: Vec<TrackingFact>,
    /// The sender takes back what it told of this waybill and is not here.
    pub replaces: bool,
}

impl Told {
    fn more(facts: Vec<TrackingFact>) -> Self {
        Self { facts, replaces: false }
    }
}

/// Why a delivery is not believed or not understood. Nothing of it is stored.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unheard {
    /// HTTP 401. Nobody with our secret wrote this.
    #[error("bad signature: {0}")]
    BadSignature(&'static str),
    /// HTTP 400. The text names the field, as in `lastResult.data[3].ftime`.
    #[error("unreadable: {0}")]
    Unreadable(String),
}

impl Unheard {
    /// 401 for what is not believed, 400 for what is not understood.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::BadSignature(_) => StatusCode::UNAUTHORIZED,
            Self::Unreadable(_) => StatusCode::BAD_REQUEST,
        }
    }
}

/// The dialect of a carrier, or of a tracker that speaks for many carriers.
pub trait Carrier {
    /// Our name of it.
    fn name(&self) -> &'static str;

    /// Whether the `:carrier` of the webhook's path means it: our name of it, or for a sender that
    /// signs nothing a word that only that sender knows.
    fn is_called(&self, segment: &str) -> bool {
        segment == self.name()
    }

    /// Checks the signature, then reads. No facts is a good answer too. Never panics, whatever the
    /// bytes.
    fn read(&self, delivery: &Delivery<'_>) -> Result<Told, Unheard>;

    /// What to answer once the facts are stored, and for every repeat.
    fn acknowledge(&self) -> Response<Bytes>;

    /// What to answer instead, in the sender's own form of a no.
    fn refuse(&self, why: &Unheard) -> Response<Bytes>;
}

/// A push as it is kept: its bytes, and their hash for a name.
pub fn push(told_by: &str, bytes: &[u8]) -> Push {
    let id = hex::encode(Sha256::digest(bytes));
    let raw = String::from_utf8_lossy(bytes).into_owned();
    Push { told_by: told_by.to_owned(), id, raw }
}

fn answer(status: StatusCode, media_type: &'static str, body: &'static str) -> Response<Bytes> {
    let mut answer = Response::new(Bytes::from_static(body.as_bytes()));
    *answer.status_mut() = status;
    answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    answer
}

/// For senders that look at the status only.
fn plain(status: StatusCode) -> Response<Bytes> {
    answer(status, "text/plain", "")
}

/// The value of a header that is there exactly once.
fn one<'a>(headers: &'a HeaderMap, name: &'static str) -> Result<&'a str, Unheard> {
    let mut all = headers.get_all(name).iter();
    match (all.next().map(|value| value.to_str()), all.next()) {
        (Some(Ok(value)), None) => Ok(value),
        (Some(_) | None, _) => Err(Unheard::BadSignature("not exactly one signature")),
    }
}
