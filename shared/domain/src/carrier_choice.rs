//! Which carrier takes a parcel: every one that could, what it promises and costs, and why the
//! others cannot. What is chosen is kept with its reasons, so that somebody can ask later.

use crate::{
    Carrier, CarrierCode, Currency, DAY, Delivery, HOUR, Millis, Size, Stored, Warehouse,
    WaybillNumber, WaybillSource,
};
use serde::{Deserialize, Serialize};

/// What counts how much. All of it is money, so that a shop can say what a day is worth to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ChoicePolicy {
    /// A buyer expects the parcel so long after the ship date that they were told.
    pub deliver_within_ms: i64,
    /// What a begun day after that is worth, in minor units.
    pub day_late_minor: i64,
    /// How much of a carrier's price counts.
    pub cost_percent: i64,
    /// What a step of a carrier's priority is worth, in minor units.
    pub priority_minor: i64,
}

impl Default for ChoicePolicy {
    fn default() -> Self {
        Self {
            deliver_within_ms: 72 * HOUR,
            day_late_minor: 1_000,
            cost_percent: 100,
            priority_minor: 100,
        }
    }
}

/// A parcel that somebody has to carry.
#[derive(Debug, Clone, Copy)]
pub struct Errand<'a> {
    pub from: &'a Warehouse,
    pub to: &'a Delivery,
    pub weight_g: i64,
    /// Where it was measured.
    pub size_mm: Option<Size>,
    /// The courier has to collect cash.
    pub collects: bool,
    /// By when the buyer was told that it ships.
    pub ship_by: Millis,
    pub now: Millis,
}

/// A carrier, and one of its free numbers where it has a pool.
#[derive(Debug, Clone)]
pub struct CarrierOffer {
    pub carrier: Carrier,
    pub number: Option<Stored<WaybillNumber>>,
}

/// What was decided about a parcel's carrier, and from what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CarrierVerdict {
    pub at: Millis,
    /// The best first; those that cannot carry it at the end.
    pub candidates: Vec<CarrierCandidate>,
}

/// A service of a carrier, as it looked when the choice was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CarrierCandidate {
    pub carrier: CarrierCode,
    /// None for a carrier without any.
    pub service: Option<String>,
    /// Days that it promises.
    pub days: Option<i64>,
    /// Begun days after the one that the buyer expects.
    pub late_days: Option<i64>,
    pub cost_minor: Option<i64>,
    pub currency: Currency,
    /// In minor units; less is better. None for one that cannot carry it.
    pub score: Option<i64>,
    /// Why it cannot; nothing: it can.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unfit: Vec<Unfit>,
}

/// Why a carrier cannot take a parcel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unfit {
    Retired,
    /// It does not collect at the parcel's warehouse.
    NotHere,
    TooHeavy,
    TooLong,
    /// It collects no cash for the shop.
    TakesNoCash,
    NotServed,
    /// Nothing says what it offers.
    NoService,
    /// Its interface wants an address that the warehouse does not have.
    NoSender,
    /// It was asked for this parcel and said no.
    RefusedBefore,
    /// Its pool of numbers is empty.
    NoWaybillLeft,
}

impl Unfit {
    /// The stable word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Retired => "retired",
            Self::NotHere => "not_here",
            Self::TooHeavy => "too_heavy",
            Self::TooLong => "too_long",
            Self::TakesNoCash => "takes_no_cash",
            Self::NotServed => "not_served",
            Self::NoService => "no_service",
            Self::NoSender => "no_sender",
            Self::RefusedBefore => "refused_before",
            Self::NoWaybillLeft => "no_waybill_left",
        }
    }
}

impl CarrierVerdict {
    /// Looks at every service of every carrier. `cash` are the carriers that the shop trusts with
    /// cash (none named: any), `refused` those that were asked and said no.
    pub fn of(
        errand: &Errand<'_>,
        offers: &[CarrierOffer],
        (cash, refused): (&[CarrierCode], &[CarrierCode]),
        policy: &ChoicePolicy,
    ) -> Self {
        let mut candidates: Vec<CarrierCandidate> = Vec::new();
        for offer in offers {
            let mut unfit = offer.unfit(errand, cash);
            if refused.contains(&offer.carrier.id) {
                unfit.push(Unfit::RefusedBefore);
            }
            if offer.carrier.services.is_empty() {
                candidates.push(offer.without_service(&unfit));
            }
            let services = offer.carrier.services.iter();
            candidates.extend(services.map(|s| offer.candidate(s, errand, &unfit, policy)));
        }
        candidates.sort_by(|a, b| a.rank().cmp(&b.rank()));
        Self { at: errand.now, candidates }
    }

    /// The best that can carry it.
    pub fn best(&self) -> Option<&CarrierCandidate> {
        self.candidates.first().filter(|best| best.unfit.is_empty())
    }

    /// Some carrier would take it, if there were a number.
    pub fn lacks_only_numbers(&self) -> bool {
        self.candidates.iter().any(|c| c.unfit == [Unfit::NoWaybillLeft])
    }
}

impl CarrierCandidate {
    /// Those that can first; then the score; then the price, and names where all is the same.
    fn rank(&self) -> (bool, Option<i64>, Option<i64>, &str, Option<&str>) {
        let Self { score, cost_minor, carrier, service, unfit, .. } = self;
        (!unfit.is_empty(), *score, *cost_minor, carrier.as_str(), service.as_deref())
    }
}

impl CarrierOffer {
    /// What speaks against the carrier, whichever service.
    fn unfit(&self, errand: &Errand<'_>, cash: &[CarrierCode]) -> Vec<Unfit> {
        let Self { carrier, number } = self;
        let (here, limits) = (&errand.from.carriers, &carrier.limits);
        let longest = errand.size_mm.map(|s| s.length.max(s.width).max(s.height));
        let over = |limit: Option<i64>, is: Option<i64>| limit.zip(is).is_some_and(|(l, i)| i > l);
        let trusted = cash.is_empty() || cash.contains(&carrier.id);
        let by_interface = matches!(carrier.waybills, WaybillSource::Interface { .. });
        let checks = [
            (Unfit::Retired, !carrier.active),
            (Unfit::NotHere, !here.is_empty() && !here.contains(&carrier.id)),
            (Unfit::TooHeavy, over(limits.weight_at_most_g, Some(errand.weight_g))),
            (Unfit::TooLong, over(limits.side_at_most_mm, longest)),
            (Unfit::TakesNoCash, errand.collects && !(limits.cash_on_delivery && trusted)),
            (Unfit::NotServed, carrier.goes_not_to(errand.to)),
            (Unfit::NoSender, by_interface && errand.from.sends_from().is_none()),
            (Unfit::NoWaybillLeft, !by_interface && number.is_none()),
        ];
        checks.into_iter().filter(|(_, is)| *is).map(|(why, _)| why).collect()
    }

    fn without_service(&self, unfit: &[Unfit]) -> CarrierCandidate {
        let mut unfit = unfit.to_vec();
        unfit.push(Unfit::NoService);
        CarrierCandidate {
            carrier: self.carrier.id.clone(),
            service: None,
            days: None,
            late_days: None,
            cost_minor: None,
            currency: self.carrier.currency,
            score: None,
            unfit,
        }
    }

    fn candidate(
        &self,
        service: &crate::CarrierService,
        errand: &Errand<'_>,
        unfit: &[Unfit],
        policy: &ChoicePolicy,
    ) -> CarrierCandidate {
        let carrier = &self.carrier;
        let mut unfit = unfit.to_vec();
        let zone = service.zone(&errand.from.region, errand.to);
        if zone.is_none() && !unfit.contains(&Unfit::NotServed) {
            unfit.push(Unfit::NotServed);
        }
        let weight_g = carrier.counts_as_g(errand.weight_g, errand.size_mm);
        let cost_minor = zone.map(|zone| zone.cost_minor(weight_g));
        let late_days = zone.map(|zone| late_days(zone.days, errand, policy));
        let score = late_days.zip(cost_minor).filter(|_| unfit.is_empty());
        let score = score.map(|(late, cost)| {
            let late = late.saturating_mul(policy.day_late_minor);
            let cost = cost.saturating_mul(policy.cost_percent) / 100;
            let priority = carrier.priority.saturating_mul(policy.priority_minor);
            late.saturating_add(cost).saturating_add(priority)
        });
        CarrierCandidate {
            carrier: carrier.id.clone(),
            service: Some(service.code.clone()),
            days: zone.map(|zone| zone.days),
            late_days,
            cost_minor,
            currency: carrier.currency,
            score,
            unfit,
        }
    }
}

/// Begun days between what the buyer expects and what is promised from now on.
fn late_days(days: i64, errand: &Errand<'_>, policy: &ChoicePolicy) -> i64 {
    let there = errand.now.0.saturating_add(days.saturating_mul(DAY));
    let expected = errand.ship_by.0.saturating_add(policy.deliver_within_ms);
    let over = there.saturating_sub(expected).max(0);
    over / DAY + i64::from(over % DAY > 0)
}
