//! Where goods are.

use super::{Faults, yes};
use crate::{CarrierCode, Delivery, DeliveryWanted, Fault, FaultKind, WarehouseId, check_delivery};
use serde::{Deserialize, Serialize};

/// Where goods are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Warehouse {
    pub id: WarehouseId,
    pub name: String,
    /// What lies in a retired warehouse is offered to nobody; what is held there is still sent.
    #[serde(default = "yes")]
    pub active: bool,
    /// GB/T 2260 code of its district: the smaller the division it shares, the nearer.
    pub region: String,
    /// Lower is preferred, among warehouses that are as near and cost as much.
    #[serde(default)]
    pub priority: i64,
    /// What handling and sending a parcel from here costs, to tell dear warehouses from cheap ones;
    /// minor units of the currency that the shop reckons in.
    #[serde(default)]
    pub cost_minor: i64,
    /// The carriers that collect here; none named: any.
    #[serde(default)]
    pub carriers: Vec<CarrierCode>,
    /// Who sends from here, as carriers are told it: a person or a desk, and the door. Without it
    /// no carrier's interface can be asked for a waybill.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sender: Option<DeliveryWanted>,
}

/// A parcel that costs more (10,000.00) is a typing error.
const COST_MINOR_AT_MOST: i64 = 1_000_000;

/// Carriers of one warehouse.
const CARRIERS_AT_MOST: usize = 50;

impl Warehouse {
    /// What can never be, each fault with its place.
    pub fn check(&self) -> Vec<Fault> {
        let mut faults = Faults::default();
        faults.text("#/name", &self.name, 100);
        let digits = self.region.bytes().all(|b| b.is_ascii_digit());
        if self.region.len() != 6 || !digits || self.region.starts_with('0') {
            faults.add("#/region", FaultKind::NotARegion);
        }
        faults.range("#/priority", self.priority, -1_000, 1_000);
        faults.range("#/cost_minor", self.cost_minor, 0, COST_MINOR_AT_MOST);
        if self.carriers.len() > CARRIERS_AT_MOST {
            faults.add("#/carriers", FaultKind::TooLong { at_most: CARRIERS_AT_MOST });
        }
        for (i, carrier) in self.carriers.iter().enumerate() {
            if self.carriers.iter().take(i).any(|before| before == carrier) {
                faults.add(format!("#/carriers/{i}"), FaultKind::Repeated);
            }
        }
        if let Some(sender) = &self.sender {
            faults.0.extend(check_delivery(sender, "#/sender").err().into_iter().flatten());
        }
        faults.0
    }

    /// The sender's address, written out in full.
    pub fn sends_from(&self) -> Option<Delivery> {
        check_delivery(self.sender.as_ref()?, "#/sender").ok()
    }
}
