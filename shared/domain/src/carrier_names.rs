//! What trackers call carriers, and which of our carriers each name means.
//!
//! A tracker speaks for many carriers and has a name of its own for each: a number at 17TRACK, a
//! slug at AfterShip. A waybill number alone finds no parcel, because two carriers may give the
//! same one: a scan moves a parcel only if its carrier, by this table, is the one on the label.

use crate::CarrierCode;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Who tells us where parcels are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TrackerName {
    Shunfeng,
    Kuaidi100,
    #[serde(rename = "17track")]
    SeventeenTrack,
    Aftership,
    Easypost,
}

impl TrackerName {
    /// All, in the order in which they are asked where the shop names none: the carrier itself
    /// first, then those that know Chinese carriers best.
    pub const ALL: [Self; 5] =
        [Self::Shunfeng, Self::Kuaidi100, Self::SeventeenTrack, Self::Aftership, Self::Easypost];

    /// As in paths, in facts and in the shop's policy.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Shunfeng => "shunfeng",
            Self::Kuaidi100 => "kuaidi100",
            Self::SeventeenTrack => "17track",
            Self::Aftership => "aftership",
            Self::Easypost => "easypost",
        }
    }

    /// Whether it could know a parcel of this carrier: a carrier knows its own only.
    pub fn speaks_for(self, carrier: &CarrierCode) -> bool {
        match self {
            Self::Shunfeng => carrier.as_str() == self.as_str(),
            Self::Kuaidi100 | Self::SeventeenTrack | Self::Aftership | Self::Easypost => true,
        }
    }
}

/// Trackers' names for our carriers: `17track/3011` is `youzhengguonei`. A name that is not here is
/// our own code. A shop's policy adds to the names that are known anyway.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "BTreeMap<String, CarrierCode>", into = "BTreeMap<String, CarrierCode>")]
pub struct CarrierNames(BTreeMap<String, CarrierCode>);

/// A name under which scans of a carrier may be kept from before it was in the table, and who calls
/// the carrier so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct KeptAs {
    pub name: String,
    pub told_by: String,
    pub carrier: CarrierCode,
}

/// Our codes are Kuaidi100's. The numbers are of 17TRACK's list of carriers, the slugs of
/// AfterShip's list of couriers, EasyPost's names are in lower case.
const KNOWN: &[(&str, &str)] = &[
    ("17track/100001", "dhl"),
    ("17track/100002", "ups"),
    ("17track/100003", "fedex"),
    ("17track/100012", "shunfeng"),
    ("17track/190157", "yuantong"),
    ("17track/190174", "debangwuliu"),
    ("17track/190324", "shentong"),
    ("17track/190442", "jtexpress"),
    ("17track/190455", "zhongtong"),
    ("17track/190766", "shunfeng"),
    ("17track/191121", "jd"),
    ("17track/191197", "yunda"),
    ("17track/21051", "usps"),
    ("17track/3011", "youzhengguonei"),
    ("17track/3013", "ems"),
    ("aftership/china-ems", "ems"),
    ("aftership/china-post", "youzhengguonei"),
    ("aftership/sf-express", "shunfeng"),
    ("aftership/sto", "shentong"),
    ("aftership/yto", "yuantong"),
    ("aftership/yundaex", "yunda"),
    ("aftership/zto-express", "zhongtong"),
    ("easypost/dhlexpress", "dhl"),
    ("easypost/sfexpress", "shunfeng"),
];

impl CarrierNames {
    /// Which of our carriers a tracker means. `theirs` is as its dialect wrote it into a fact: a
    /// number of 17TRACK's has the tracker before it (`17track:3011`).
    pub fn ours(&self, told_by: &str, theirs: &CarrierCode) -> CarrierCode {
        let name = theirs.as_str();
        let name = name.strip_prefix(told_by).and_then(|n| n.strip_prefix(':')).unwrap_or(name);
        self.0.get(&format!("{told_by}/{name}")).unwrap_or(theirs).clone()
    }

    /// What a tracker calls one of our carriers; `None` where the table has no name of its own.
    pub fn theirs(&self, tracker: TrackerName, ours: &CarrierCode) -> Option<&str> {
        self.entries(ours).find(|(told_by, _)| *told_by == tracker.as_str()).map(|(_, name)| name)
    }

    /// Every name of every carrier, as scans of it would have been kept without this table.
    pub fn kept_as(&self) -> impl Iterator<Item = KeptAs> {
        self.0.iter().filter_map(|(entry, carrier)| {
            let (told_by, name) = entry.split_once('/')?;
            let named = if told_by == TrackerName::SeventeenTrack.as_str() {
                format!("{told_by}:{name}")
            } else {
                name.to_owned()
            };
            let (told_by, carrier) = (told_by.to_owned(), carrier.clone());
            (named != carrier.as_str()).then_some(KeptAs { name: named, told_by, carrier })
        })
    }

    fn entries(&self, ours: &CarrierCode) -> impl Iterator<Item = (&str, &str)> {
        let of_ours = self.0.iter().filter(move |(_, carrier)| *carrier == ours);
        of_ours.filter_map(|(entry, _)| entry.split_once('/'))
    }
}

impl Default for CarrierNames {
    fn default() -> Self {
        let known = KNOWN.iter().filter_map(|(entry, ours)| {
            Some(((*entry).to_owned(), CarrierCode::parse(ours).ok()?))
        });
        Self(known.collect())
    }
}

impl TryFrom<BTreeMap<String, CarrierCode>> for CarrierNames {
    type Error = String;

    /// Each entry names a tracker that there is, and a carrier of it.
    fn try_from(names: BTreeMap<String, CarrierCode>) -> Result<Self, String> {
        for entry in names.keys() {
            let parts = entry.split_once('/');
            let tracker = |t: &TrackerName| parts.is_some_and(|(told_by, _)| told_by == t.as_str());
            let named = parts.is_some_and(|(_, name)| CarrierCode::parse(name).is_ok());
            if !(named && TrackerName::ALL.iter().any(tracker)) {
                return Err(format!("{entry:?} is not a tracker and its name of a carrier"));
            }
        }
        Ok(Self(names))
    }
}

impl From<CarrierNames> for BTreeMap<String, CarrierCode> {
    fn from(names: CarrierNames) -> Self {
        names.0
    }
}
