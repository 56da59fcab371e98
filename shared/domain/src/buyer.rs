//! A buyer as far as the shop speaks to them: where they are reached, in which language, and of
//! what they want to hear. Accounts, names and address books are elsewhere.

use crate::{BuyerId, Channel, Described, Document, Effect, Fault, FaultKind, Language, Refusal};
use crate::{Topic, address::phone, is_email};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Where and how a buyer is told of things.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Buyer {
    pub id: BuyerId,
    /// E.164.
    #[serde(default)]
    pub phone: Option<String>,
    #[serde(default)]
    pub email: Option<String>,
    /// Registration ids that the push service gave to the buyer's devices.
    #[serde(default)]
    pub push: Vec<String>,
    #[serde(default)]
    pub language: Language,
    /// By which channels, for each kind of news; where none is chosen, by all that have an address.
    #[serde(default)]
    pub channels: BTreeMap<Topic, Vec<Channel>>,
    /// Of these they want to hear nothing.
    #[serde(default)]
    pub opted_out: BTreeSet<Topic>,
}

/// Why a buyer is not told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Silence {
    OptedOut,
    NoAddress,
}

/// Devices of one buyer.
const DEVICES_AT_MOST: usize = 10;

impl Document for Buyer {
    type Event = Described<Buyer>;
    const KIND: &'static str = "buyers";

    fn read(json: &str) -> serde_json::Result<Self> {
        serde_json::from_str(json)
    }

    fn id(&self) -> &str {
        self.id.as_str()
    }
    fn begin(event: &Self::Event) -> Option<Self> {
        let Described::Described { now } = event;
        Some(now.clone())
    }
    fn evolve(&mut self, event: &Self::Event) {
        let Described::Described { now } = event;
        self.clone_from(now);
    }
    fn react(&self, _: &Self::Event) -> Vec<Effect> {
        Vec::new()
    }
}

impl Buyer {
    /// Addresses have a form, and a phone number is kept in one (E.164). Every fault in one answer.
    pub fn tidied(mut self) -> Result<Self, Refusal> {
        let mut faults = Vec::new();
        if let Some(written) = &self.phone {
            // Nobody reads a message behind an extension.
            match phone::parse(written, "CN").filter(|number| !number.contains(';')) {
                Some(number) => self.phone = Some(number),
                None => faults.push(Fault::at("#/phone", FaultKind::NotAPhoneNumber)),
            }
        }
        if self.email.as_deref().is_some_and(|email| !is_email(email)) {
            faults.push(Fault::at("#/email", FaultKind::NotAnEmail));
        }
        if self.push.len() > DEVICES_AT_MOST {
            let what = FaultKind::TooLong { at_most: DEVICES_AT_MOST };
            faults.push(Fault::at("#/push", what));
        }
        for (i, id) in self.push.iter().enumerate() {
            let sign = |c: char| c.is_ascii_alphanumeric() || "-_:".contains(c);
            if !(1..=200).contains(&id.len()) || !id.chars().all(sign) {
                faults.push(Fault::at(format!("#/push/{i}"), FaultKind::NotARegistrationId));
            }
        }
        if faults.is_empty() { Ok(self) } else { Err(Refusal::Faulty(faults)) }
    }

    fn has(&self, channel: Channel) -> bool {
        match channel {
            Channel::Sms => self.phone.is_some(),
            Channel::Email => self.email.is_some(),
            Channel::Push => !self.push.is_empty(),
        }
    }

    fn names_no_address(&self) -> bool {
        !Channel::ALL.into_iter().any(|channel| self.has(channel))
    }
}

/// By which channels and in which language somebody is told. Who has said nothing, or named no
/// address, is told by SMS to the phone that the goods go to.
pub fn channels_for(
    profile: Option<&Buyer>,
    topic: Topic,
) -> Result<(Vec<Channel>, Language), Silence> {
    let Some(buyer) = profile else { return Ok((vec![Channel::Sms], Language::default())) };
    let chosen = buyer.channels.get(&topic);
    if buyer.opted_out.contains(&topic) || chosen.is_some_and(Vec::is_empty) {
        return Err(Silence::OptedOut);
    }
    if buyer.names_no_address() {
        return Ok((vec![Channel::Sms], buyer.language));
    }
    let wanted = |c: &Channel| chosen.is_none_or(|chosen| chosen.contains(c)) && buyer.has(*c);
    let by: Vec<Channel> = Channel::ALL.into_iter().filter(wanted).collect();
    if by.is_empty() { Err(Silence::NoAddress) } else { Ok((by, buyer.language)) }
}

/// Where somebody is reached by a channel now; empty if nowhere. `delivery` is the phone that the
/// goods go to.
pub fn addresses(profile: Option<&Buyer>, delivery: &str, by: Channel) -> Vec<String> {
    match (profile, by) {
        (Some(buyer), Channel::Email) => buyer.email.iter().cloned().collect(),
        (Some(buyer), Channel::Push) => buyer.push.clone(),
        (Some(buyer), Channel::Sms) if !buyer.names_no_address() => {
            buyer.phone.iter().cloned().collect()
        }
        (_, Channel::Sms) => vec![delivery.to_owned()],
        (None, Channel::Email | Channel::Push) => Vec::new(),
    }
}
