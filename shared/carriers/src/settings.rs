//! The carriers and trackers of a shop as its variables configure them. One whose variables are
//! empty does not exist. Variables are named for who gives them, and read by none of this.

use crate::aftership::AfterShipInterface;
use crate::easypost::EasyPostInterface;
use crate::kuaidi100::Kuaidi100Interface;
use crate::seventeen_track::SeventeenTrackInterface;
use crate::shunfeng::{Mode, ShunfengInterface};
use crate::{AfterShip, Carrier, EasyPost, Kuaidi100, SeventeenTrack, Shunfeng, Tracker};
use domain::TrackerName;
use std::collections::BTreeMap;

const SHUNFENG_HEARS: &[&str] = &["sf_push_token", "sf_push_mode"];
const KUAIDI100_HEARS: &[&str] = &["kuaidi100_salt"];
const SEVENTEEN_TRACK_HEARS: &[&str] = &["seventeen_track_key"];
const AFTERSHIP_HEARS: &[&str] = &["aftership_webhook_secret"];
const EASYPOST_HEARS: &[&str] = &["easypost_webhook_secret"];

/// The variables that hearing takes whoever is called so in a webhook's path. `None`: there is no
/// such sender. What SF is called holds a secret, which is compared when the sender is made.
pub fn hearing(segment: &str) -> Option<&'static [&'static str]> {
    match segment {
        Kuaidi100::NAME => Some(KUAIDI100_HEARS),
        SeventeenTrack::NAME => Some(SEVENTEEN_TRACK_HEARS),
        AfterShip::NAME => Some(AFTERSHIP_HEARS),
        EasyPost::NAME => Some(EASYPOST_HEARS),
        _ if segment.starts_with(Shunfeng::NAME) => Some(SHUNFENG_HEARS),
        _ => None,
    }
}

const SHUNFENG_ASKS: &[&str] = &["sf_partner_id", "sf_check_word", "sf_base"];
const KUAIDI100_ASKS: &[&str] = &[
    "kuaidi100_salt",
    "kuaidi100_key",
    "kuaidi100_customer",
    "kuaidi100_callback_url",
    "kuaidi100_base",
];
const SEVENTEEN_TRACK_ASKS: &[&str] = &["seventeen_track_key", "seventeen_track_base"];
const AFTERSHIP_ASKS: &[&str] = &["aftership_api_key", "aftership_base"];
const EASYPOST_ASKS: &[&str] = &["easypost_api_key", "easypost_base"];

/// The variables that asking a tracker takes.
pub fn asking(tracker: TrackerName) -> &'static [&'static str] {
    match tracker {
        TrackerName::Shunfeng => SHUNFENG_ASKS,
        TrackerName::Kuaidi100 => KUAIDI100_ASKS,
        TrackerName::SeventeenTrack => SEVENTEEN_TRACK_ASKS,
        TrackerName::Aftership => AFTERSHIP_ASKS,
        TrackerName::Easypost => EASYPOST_ASKS,
    }
}

/// Values of variables, by their names. Most are secrets, so it is never printed.
#[derive(Clone, Default)]
pub struct Settings(BTreeMap<&'static str, String>);

impl Settings {
    pub fn set(&mut self, name: &'static str, value: String) {
        self.0.insert(name, value);
    }

    pub(crate) fn text(&self, name: &str) -> &str {
        self.0.get(name).map(|text| text.trim()).unwrap_or_default()
    }

    /// Whoever is called so in a webhook's path, if the shop hears them.
    pub fn sender(&self, segment: &str) -> Option<Box<dyn Carrier>> {
        let sender: Box<dyn Carrier> = match segment {
            Kuaidi100::NAME => Box::new(Kuaidi100::new(self.text("kuaidi100_salt"))?),
            SeventeenTrack::NAME => {
                Box::new(SeventeenTrack::new(self.text("seventeen_track_key"))?)
            }
            AfterShip::NAME => Box::new(AfterShip::new(self.text("aftership_webhook_secret"))?),
            EasyPost::NAME => Box::new(EasyPost::new(self.text("easypost_webhook_secret"))?),
            _ => Box::new(Shunfeng::new(self.mode()?, self.text("sf_push_token"))?),
        };
        sender.is_called(segment).then_some(sender)
    }

    /// A tracker as it is asked, if the shop may ask it.
    pub fn tracker(&self, tracker: TrackerName) -> Option<Box<dyn Tracker>> {
        let own = |name: &str| self.text(name).to_owned();
        let key = |name: &str| Some(own(name)).filter(|key| !key.is_empty());
        Some(match tracker {
            TrackerName::Shunfeng => {
                let (id, word) = (self.text("sf_partner_id"), self.text("sf_check_word"));
                Box::new(ShunfengInterface::new(id, word, self.text("sf_base"))?)
            }
            TrackerName::Kuaidi100 => Box::new(Kuaidi100Interface {
                key: key("kuaidi100_key")?,
                customer: own("kuaidi100_customer"),
                salt: own("kuaidi100_salt"),
                callback_url: own("kuaidi100_callback_url"),
                base: own("kuaidi100_base"),
            }),
            TrackerName::SeventeenTrack => Box::new(SeventeenTrackInterface {
                key: key("seventeen_track_key")?,
                base: own("seventeen_track_base"),
            }),
            TrackerName::Aftership => Box::new(AfterShipInterface {
                key: key("aftership_api_key")?,
                base: own("aftership_base"),
            }),
            TrackerName::Easypost => Box::new(EasyPostInterface {
                key: key("easypost_api_key")?,
                base: own("easypost_base"),
            }),
        })
    }

    /// How SF was told to push. A word that is neither is a mistake, and then nobody is heard.
    fn mode(&self) -> Option<Mode> {
        match self.text("sf_push_mode") {
            "" | "json" => Some(Mode::Json),
            "form" => Some(Mode::Form),
            _ => None,
        }
    }
}
