//! Waves by carrier. Which carrier a parcel goes with is chosen when it is packed. Before that it
//! is foreseen: the one that would be chosen now, by the weight of the goods in the catalogue.

use super::{Plannable, WaveRule};
use crate::{
    CarrierCode, CarrierOffer, CarrierVerdict, Errand, Fault, FaultKind, Millis, Policy, Warehouse,
};

/// A warehouse, and every carrier in use.
#[derive(Debug, Clone)]
pub struct CarriersOfWarehouse {
    pub warehouse: Warehouse,
    pub offers: Vec<CarrierOffer>,
}

impl CarriersOfWarehouse {
    /// Carriers of a rule that are not in use, each with its place.
    pub(super) fn unknown(&self, rule: &WaveRule) -> Vec<Fault> {
        let used = |code: &CarrierCode| self.offers.iter().any(|o| o.carrier.id == *code);
        let named = rule.carriers.iter().flatten().enumerate();
        let fault = |(i, _)| Fault::at(format!("#/rule/carriers/{i}"), FaultKind::UnknownCarrier);
        named.filter(|(_, code)| !used(code)).map(fault).collect()
    }

    /// Whether the best carrier for so much of an order is one of these.
    pub(super) fn would_give_to(
        &self,
        named: &[CarrierCode],
        (order, weight_g): (&Plannable, i64),
        now: Millis,
        policy: &Policy,
    ) -> bool {
        let Some(to) = &order.delivery else { return false };
        let errand = Errand {
            from: &self.warehouse,
            to,
            weight_g,
            size_mm: None,
            collects: order.goods.iter().any(|line| line.cash.is_some()),
            ship_by: order.ship_by,
            now,
        };
        let trusted = policy.cash_on_delivery.carriers.as_slice();
        let choice = &policy.carrier_choice;
        let verdict = CarrierVerdict::of(&errand, &self.offers, (trusted, &[]), choice);
        verdict.best().is_some_and(|best| named.contains(&best.carrier))
    }
}
