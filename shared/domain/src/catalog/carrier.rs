//! Who carries parcels: what they take, where to, how fast and for how much, and where their
//! waybill numbers come from.

use super::{Faults, yes};
use crate::rates::{exactness, is_place, stepped};
use crate::{CarrierCode, Currency, Delivery, Fault, FaultKind, Size};
use serde::{Deserialize, Serialize};

/// Who carries parcels.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Carrier {
    /// Kuaidi100's code of it; of one that Kuaidi100 does not know, its tracker's name of it in
    /// lower case, because its scans come under that name.
    pub id: CarrierCode,
    pub name: CarrierName,
    /// A retired carrier gets no new parcel; what is on its way goes on.
    #[serde(default = "yes")]
    pub active: bool,
    /// Lower is preferred.
    #[serde(default)]
    pub priority: i64,
    #[serde(default)]
    pub waybills: WaybillSource,
    /// Of all its prices. Carriers are compared by numbers, so a shop prices all in one currency.
    #[serde(default = "cny")]
    pub currency: Currency,
    #[serde(default)]
    pub limits: CarrierLimits,
    /// Cubic centimetres that count as a kilogram (体积重), as in 6000 or 12000; none: only what
    /// the scales say counts.
    #[serde(default)]
    pub volumetric_divisor: Option<i64>,
    #[serde(default)]
    pub services: Vec<CarrierService>,
}

fn cny() -> Currency {
    Currency::CNY
}

/// As people read it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CarrierName {
    pub zh: String,
    pub en: String,
}

/// Where waybill numbers come from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case", tag = "from", deny_unknown_fields)]
pub enum WaybillSource {
    /// Numbers that the carrier gave in advance (面单号段).
    #[default]
    Pool,
    /// The carrier is asked for each parcel.
    Interface {
        by: WaybillInterface,
        /// The account with the carrier, where the interface has several.
        #[serde(default)]
        account: Option<String>,
    },
}

/// Whose interface gives waybill numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WaybillInterface {
    /// SF Express (丰桥).
    Sf,
    Easypost,
}

/// What a carrier does not take.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub struct CarrierLimits {
    #[serde(default)]
    pub weight_at_most_g: Option<i64>,
    /// Of the longest side.
    #[serde(default)]
    pub side_at_most_mm: Option<i64>,
    /// Its couriers collect cash for the shop (代收货款).
    #[serde(default)]
    pub cash_on_delivery: bool,
    /// Where it does not go: first digits of GB/T 2260 codes, or countries.
    #[serde(default)]
    pub not_to: Vec<String>,
}

/// A product of a carrier (快件产品).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CarrierService {
    /// As the carrier calls it: SF's `expressTypeId`, EasyPost's `service`.
    pub code: String,
    #[serde(default)]
    pub name: String,
    pub zones: Vec<CarrierZone>,
}

/// Places that a service reaches in the same time for the same price.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CarrierZone {
    /// `same_city` and `same_province` as the warehouse; first digits of GB/T 2260 codes, countries
    /// (`US`), or `*`. The zone that says most exactly where the parcel goes counts.
    pub to: Vec<String>,
    /// What the carrier promises (时效): days from hand-over to the door.
    pub days: i64,
    /// 首重 and 续重: the first grams, then each begun step, in minor units.
    pub first_g: i64,
    pub first_minor: i64,
    pub step_g: i64,
    pub step_minor: i64,
}

const SERVICES_AT_MOST: usize = 20;
const ZONES_AT_MOST: usize = 100;
const PLACES_AT_MOST: usize = 500;
/// Beijing, Tianjin, Shanghai, Chongqing: a city each, whatever the digits after say.
const MUNICIPALITIES: [&str; 4] = ["11", "12", "31", "50"];

impl Carrier {
    /// What can never be, each fault with its place.
    pub fn check(&self) -> Vec<Fault> {
        let mut faults = Faults::default();
        faults.text("#/name/zh", &self.name.zh, 50);
        faults.text("#/name/en", &self.name.en, 50);
        faults.range("#/priority", self.priority, -1_000, 1_000);
        if let WaybillSource::Interface { account: Some(account), .. } = &self.waybills {
            faults.text("#/waybills/account", account, 64);
        }
        if let Some(divisor) = self.volumetric_divisor {
            faults.range("#/volumetric_divisor", divisor, 1_000, 20_000);
        }
        self.limits.check(&mut faults);
        if self.services.len() > SERVICES_AT_MOST {
            faults.add("#/services", FaultKind::TooLong { at_most: SERVICES_AT_MOST });
        }
        for (i, service) in self.services.iter().enumerate() {
            let place = format!("#/services/{i}");
            if self.services.iter().take(i).any(|before| before.code == service.code) {
                faults.add(format!("{place}/code"), FaultKind::Repeated);
            }
            service.check(&place, &mut faults);
        }
        faults.0
    }

    /// What the carrier charges by: the weight, or the volume where that counts for more. In grams;
    /// a cubic millimetre divided by the divisor is a gram.
    pub(crate) fn counts_as_g(&self, weight_g: i64, size: Option<Size>) -> i64 {
        let (Some(divisor), Some(size)) = (self.volumetric_divisor, size) else { return weight_g };
        let mm3 = size.length.saturating_mul(size.width).saturating_mul(size.height);
        weight_g.max(mm3 / divisor.max(1))
    }

    pub(crate) fn goes_not_to(&self, to: &Delivery) -> bool {
        self.limits.not_to.iter().any(|place| exactness(place, to).is_some())
    }
}

impl CarrierLimits {
    fn check(&self, faults: &mut Faults) {
        if let Some(weight) = self.weight_at_most_g {
            faults.range("#/limits/weight_at_most_g", weight, 1, 1_000_000);
        }
        if let Some(side) = self.side_at_most_mm {
            faults.range("#/limits/side_at_most_mm", side, 1, 100_000);
        }
        places(&self.not_to, "#/limits/not_to", &[], faults);
    }
}

impl CarrierService {
    fn check(&self, place: &str, faults: &mut Faults) {
        faults.text(format!("{place}/code"), &self.code, 32);
        if self.name.chars().count() > 50 {
            faults.add(format!("{place}/name"), FaultKind::TooLong { at_most: 50 });
        }
        if self.zones.len() > ZONES_AT_MOST {
            faults.add(format!("{place}/zones"), FaultKind::TooLong { at_most: ZONES_AT_MOST });
        }
        for (i, zone) in self.zones.iter().enumerate() {
            zone.check(&format!("{place}/zones/{i}"), faults);
        }
    }

    /// The zone of a parcel that goes from a district to an address; `None` where none reaches.
    pub(crate) fn zone(&self, from: &str, to: &Delivery) -> Option<&CarrierZone> {
        let reach =
            |zone: &CarrierZone| zone.to.iter().filter_map(|place| reach(place, from, to)).max();
        let reached = self.zones.iter().filter_map(|zone| Some((reach(zone)?, zone)));
        // Of equals the first: `max_by_key` would take the last.
        reached.rev().max_by_key(|(exact, _)| *exact).map(|(_, zone)| zone)
    }
}

impl CarrierZone {
    fn check(&self, place: &str, faults: &mut Faults) {
        if self.to.is_empty() {
            faults.add(format!("{place}/to"), FaultKind::Missing);
        }
        places(&self.to, &format!("{place}/to"), &["same_city", "same_province"], faults);
        faults.range(format!("{place}/days"), self.days, 0, 90);
        faults.amount(format!("{place}/first_minor"), self.first_minor);
        faults.amount(format!("{place}/step_minor"), self.step_minor);
        faults.range(format!("{place}/first_g"), self.first_g, 0, 1_000_000);
        faults.range(format!("{place}/step_g"), self.step_g, 1, 1_000_000);
    }

    /// In minor units.
    pub(crate) fn cost_minor(&self, weight_g: i64) -> i64 {
        stepped(weight_g, (self.first_g, self.first_minor), (self.step_g, self.step_minor))
    }
}

fn places(named: &[String], at: &str, words: &[&str], faults: &mut Faults) {
    if named.len() > PLACES_AT_MOST {
        faults.add(at, FaultKind::TooLong { at_most: PLACES_AT_MOST });
    }
    for (i, place) in named.iter().enumerate() {
        if !is_place(place) && !words.contains(&place.as_str()) {
            faults.add(format!("{at}/{i}"), FaultKind::NotARegion);
        }
    }
}

/// How exactly a place says where a parcel goes, beside `exactness`: the same province says more
/// than the country, the same city more than a province by its number.
fn reach(place: &str, from: &str, to: &Delivery) -> Option<usize> {
    let same = |digits: usize| {
        let there = to.region.get(..digits);
        there.is_some() && there == from.get(..digits)
    };
    match place {
        "same_city" => (same(4) || same(2) && is_municipality(from)).then_some(4),
        "same_province" => same(2).then_some(2),
        other => exactness(other, to),
    }
}

fn is_municipality(region: &str) -> bool {
    region.get(..2).is_some_and(|two| MUNICIPALITIES.contains(&two))
}
