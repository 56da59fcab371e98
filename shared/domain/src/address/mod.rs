//! Where goods go: what a buyer says, checked and written out in full.
//!
//! In China an address hangs in the hierarchy of GB/T 2260. A buyer may name its levels, by names
//! or codes, or give the district's code alone; what is kept is the code and all names. Levels that
//! contradict one another are refused. A district that we do not know, of a city that we do, is
//! kept with a remark: the list changes every year, and the goods still arrive.

mod countries;
mod line;
pub(crate) mod phone;
mod region;
mod regions;

pub(crate) use countries::is_country;
pub use regions::EDITION as REGIONS_EDITION;

use crate::{Fault, FaultKind};
use countries::{is_postal_code, needs_postal_code};
use serde::{Deserialize, Serialize};

/// An address as a buyer gives it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeliveryWanted {
    pub recipient: String,
    /// E.164, or as people of the country write it.
    pub phone: String,
    /// ISO 3166-1 alpha-2; China if nothing is said.
    #[serde(default = "china")]
    pub country: String,
    /// Six digits of GB/T 2260, as exact as the buyer knows them.
    #[serde(default)]
    pub region: Option<String>,
    /// In China names or codes of the levels, elsewhere what stands on a letter.
    #[serde(default)]
    pub province: Option<String>,
    #[serde(default)]
    pub city: Option<String>,
    #[serde(default)]
    pub district: Option<String>,
    /// Street or town (街道、镇).
    #[serde(default)]
    pub street: Option<String>,
    /// Road, building, door.
    pub detail: String,
    #[serde(default)]
    pub postal_code: Option<String>,
}

fn china() -> String {
    "CN".to_owned()
}

impl DeliveryWanted {
    /// An address in China by the code of its district.
    pub fn in_china(recipient: &str, phone: &str, region: &str, detail: &str) -> Self {
        Self {
            recipient: recipient.to_owned(),
            phone: phone.to_owned(),
            country: china(),
            region: Some(region.to_owned()),
            province: None,
            city: None,
            district: None,
            street: None,
            detail: detail.to_owned(),
            postal_code: None,
        }
    }
}

/// Where the goods go. A snapshot: later changes of the buyer's address book do not touch it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct Delivery {
    pub recipient: String,
    /// E.164, perhaps with `;ext=` (RFC 3966).
    pub phone: String,
    /// ISO 3166-1 alpha-2; Hong Kong, Macao and Taiwan by their own codes.
    pub country: String,
    /// Six digits of GB/T 2260; of the city where the district is unknown. Empty abroad.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub region: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub province: String,
    /// As it stands on a label: for a municipality the municipality, not 市辖区.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub city: String,
    /// Empty where a city has none (东莞), or where a county is itself like a city (仙桃).
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub district: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub street: Option<String>,
    pub detail: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub postal_code: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remarks: Vec<Remark>,
}

/// What somebody should look at before the goods leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Remark {
    /// The list of divisions does not have this district of this city.
    UnknownDistrict,
}

/// Checks an address and writes it out in full, or says every fault with its place below `at`
/// (`#/delivery`).
pub fn check_delivery(wanted: &DeliveryWanted, at: &str) -> Result<Delivery, Vec<Fault>> {
    let mut check = Check { at, faults: Vec::new() };
    let recipient = check.text("recipient", &wanted.recipient, 2, 50);
    let detail = check.text("detail", &wanted.detail, 5, 200);
    let street = check.short("street", wanted.street.as_ref());
    let country = wanted.country.as_str();
    if !is_country(country) {
        check.fault("country", FaultKind::NotACountry);
        return Err(check.faults);
    }
    let mut delivery =
        Delivery { recipient, country: country.to_owned(), street, detail, ..Delivery::default() };
    if matches!(country, "CN" | "HK" | "MO" | "TW") {
        region::find(&mut check, wanted, &mut delivery);
    } else {
        check.abroad(wanted, &mut delivery);
    }
    match phone::parse(&wanted.phone, &delivery.country) {
        Some(phone) => delivery.phone = phone,
        None => check.fault("phone", FaultKind::NotAPhoneNumber),
    }
    let postal = wanted.postal_code.as_ref().map(|code| code.trim().to_uppercase());
    match postal.filter(|code| !code.is_empty()) {
        Some(code) if is_postal_code(&delivery.country, &code) => {
            delivery.postal_code = Some(code);
        }
        Some(_) => check.fault("postal_code", FaultKind::NotAPostalCode),
        None if needs_postal_code(country) => check.fault("postal_code", FaultKind::Missing),
        None => {}
    }
    if check.faults.is_empty() { Ok(delivery) } else { Err(check.faults) }
}

/// Names of levels and streets are not longer.
const NAME_AT_MOST: usize = 50;

struct Check<'a> {
    at: &'a str,
    faults: Vec<Fault>,
}

impl Check<'_> {
    fn fault(&mut self, field: &str, what: FaultKind) {
        self.faults.push(Fault::at(format!("{}/{field}", self.at), what));
    }

    /// A text that must be there, without the spaces around it.
    fn text(&mut self, field: &str, text: &str, at_least: usize, at_most: usize) -> String {
        let text = text.trim();
        match text.chars().count() {
            0 => self.fault(field, FaultKind::Missing),
            n if n > at_most => self.fault(field, FaultKind::TooLong { at_most }),
            n if n < at_least => self.fault(field, FaultKind::TooShort { at_least }),
            _ if text.contains(char::is_control) => self.fault(field, FaultKind::NotPlainText),
            _ => {}
        }
        text.to_owned()
    }

    /// A text that may be left out; one of spaces is left out.
    fn short(&mut self, field: &str, text: Option<&String>) -> Option<String> {
        let text = text.map(|text| text.trim()).filter(|text| !text.is_empty())?;
        Some(self.text(field, text, 1, NAME_AT_MOST))
    }

    /// Abroad a city is needed, and nobody's list is asked.
    fn abroad(&mut self, wanted: &DeliveryWanted, delivery: &mut Delivery) {
        if wanted.region.is_some() {
            self.fault("region", FaultKind::NotARegion);
        }
        delivery.province = self.short("province", wanted.province.as_ref()).unwrap_or_default();
        delivery.district = self.short("district", wanted.district.as_ref()).unwrap_or_default();
        match self.short("city", wanted.city.as_ref()) {
            Some(city) => delivery.city = city,
            None => self.fault("city", FaultKind::Missing),
        }
    }
}
