//! Waybill numbers that carriers gave in advance, and how a parcel gets one.

use crate::{
    Action, CarrierCode, Change, Document, Effect, Label, Parcel, ParcelEvent, ParcelId, Policy,
    Refusal, Stored, Waybill,
};
use serde::{Deserialize, Serialize};

/// A waybill number that a carrier gave us in advance (面单号段).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaybillNumber {
    /// `carrier:number`.
    pub id: String,
    pub carrier: CarrierCode,
    pub waybill: Waybill,
    pub used_by: Option<ParcelId>,
}

/// What has happened to a waybill number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "event")]
pub enum WaybillEvent {
    Pooled { number: WaybillNumber },
    Used { parcel: ParcelId },
}

impl WaybillNumber {
    pub fn new(carrier: CarrierCode, waybill: Waybill) -> Self {
        Self { id: format!("{carrier}:{waybill}"), carrier, waybill, used_by: None }
    }
}

impl Document for WaybillNumber {
    type Event = WaybillEvent;
    const KIND: &'static str = "waybills";

    fn id(&self) -> &str {
        &self.id
    }

    fn begin(event: &WaybillEvent) -> Option<Self> {
        if let WaybillEvent::Pooled { number } = event { Some(number.clone()) } else { None }
    }

    fn evolve(&mut self, event: &WaybillEvent) {
        match event {
            WaybillEvent::Pooled { number } => self.clone_from(number),
            WaybillEvent::Used { parcel } => self.used_by = Some(parcel.clone()),
        }
    }

    fn react(&self, _: &WaybillEvent) -> Vec<Effect> {
        Vec::new()
    }
}

/// Gives a parcel the next number of a carrier's pool. `here` are the carriers that collect at its
/// warehouse; none named: any. Precedence: state, carrier, pool.
pub fn assign_waybill(
    change: &mut Change,
    parcel: &mut Stored<Parcel>,
    (carrier, here): (&CarrierCode, &[CarrierCode]),
    number: Option<Stored<WaybillNumber>>,
    policy: &Policy,
) -> Result<(), Refusal> {
    parcel.doc.must_allow(Action::AssignWaybill)?;
    if !here.is_empty() && !here.contains(carrier) {
        return Err(Refusal::CarrierNotHere);
    }
    let mut number = number.ok_or(Refusal::NoWaybillLeft)?;
    let collectors = &policy.cash_on_delivery.carriers;
    let collects = collectors.is_empty() || collectors.contains(&number.doc.carrier);
    if parcel.doc.cash.is_some() && !collects {
        return Err(Refusal::CarrierTakesNoCash);
    }
    let label = Label { carrier: number.doc.carrier.clone(), waybill: number.doc.waybill.clone() };
    change.record(parcel, ParcelEvent::Labelled { label });
    let parcel = parcel.doc.id.clone();
    change.record(&mut number, WaybillEvent::Used { parcel });
    Ok(())
}
