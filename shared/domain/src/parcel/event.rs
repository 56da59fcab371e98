//! What has happened to a parcel, and what that makes of it.

use super::{Label, Parcel, ParcelState};
use crate::{
    Actor, Booked, CancelEnd, CarrierCode, CarrierVerdict, Document, Effect, ManifestId, Millis,
    RemittanceNo, Waybill, WaybillRequest, Whereabouts,
};
use serde::{Deserialize, Serialize};

/// What has happened to a parcel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "event")]
pub enum ParcelEvent {
    Packed {
        parcel: Box<Parcel>,
    },
    /// Carriers were compared.
    CarrierChosen {
        verdict: Box<CarrierVerdict>,
    },
    /// A carrier's interface is asked for a waybill.
    WaybillRequested {
        request: WaybillRequest,
    },
    /// It said no, or nothing for too long.
    WaybillRefused {
        request: String,
        carrier: CarrierCode,
        reason: String,
        at: Millis,
    },
    Labelled {
        label: Label,
        /// There where a carrier's interface gave it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        booked: Option<Booked>,
    },
    /// The waybill, or the request for one, is not wanted any more.
    WaybillVoided {
        at: Millis,
    },
    /// How its carrier took that.
    CancelTold {
        request: String,
        how: CancelEnd,
    },
    PutOnManifest {
        manifest: ManifestId,
    },
    /// It did not go with its manifest.
    LeftBehind {
        manifest: ManifestId,
    },
    /// Its carrier has promised to deliver it by then.
    Promised {
        by: Millis,
    },
    Shipped {
        at: Millis,
    },
    Seen {
        seen: Whereabouts,
    },
    /// The carrier spoke of it before it left. Changes nothing but the version, so that whoever is
    /// shipping it at this moment reads again.
    SpokenOf,
    Cancelled {
        at: Millis,
    },
    /// The buyer has paid the courier, who owes it to us from now on.
    CashCollected {
        at: Millis,
        owed_minor: i64,
        due: Millis,
    },
    CashRemitted {
        remittance: RemittanceNo,
        amount_minor: i64,
        at: Millis,
    },
    /// A line of a remittance was for it, although it named another waybill.
    CashAssigned {
        remittance: RemittanceNo,
        told_for: Waybill,
        amount_minor: i64,
        reason: String,
        at: Millis,
        by: Actor,
    },
    CashWrittenOff {
        amount_minor: i64,
        reason: String,
        at: Millis,
        by: Actor,
    },
    /// What was written off has come after all.
    CashRecovered {
        amount_minor: i64,
        at: Millis,
    },
    /// The carrier has had it for longer than was agreed.
    CashOverdue {
        at: Millis,
    },
    /// It was told as delivered, and is back with us: nobody got it, and nobody paid for it.
    DeliveryReversed {
        at: Millis,
    },
    CameBack {
        at: Millis,
    },
    /// Nobody waits for it any more.
    GivenUp {
        sent_again: bool,
        at: Millis,
    },
}

impl Document for Parcel {
    type Event = ParcelEvent;
    const KIND: &'static str = "parcels";

    fn read(json: &str) -> serde_json::Result<Self> {
        serde_json::from_str(json)
    }

    fn id(&self) -> &str {
        self.id.as_str()
    }

    fn begin(event: &ParcelEvent) -> Option<Self> {
        if let ParcelEvent::Packed { parcel } = event { Some((**parcel).clone()) } else { None }
    }

    fn evolve(&mut self, event: &ParcelEvent) {
        self.is_carried(event);
        match event {
            ParcelEvent::Packed { parcel } => self.clone_from(parcel),
            ParcelEvent::Labelled { label, .. } => self.label = Some(label.clone()),
            ParcelEvent::Promised { by } => self.promised_by = Some(*by),
            ParcelEvent::Shipped { at } => {
                self.state = ParcelState::Shipped { at: *at, seen: None };
            }
            ParcelEvent::Seen { seen } => {
                if let ParcelState::Shipped { seen: known, .. }
                | ParcelState::GivenUp { seen: known, .. } = &mut self.state
                {
                    *known = Some(*seen);
                }
            }
            ParcelEvent::SpokenOf
            | ParcelEvent::CarrierChosen { .. }
            | ParcelEvent::WaybillRequested { .. }
            | ParcelEvent::WaybillRefused { .. }
            | ParcelEvent::WaybillVoided { .. }
            | ParcelEvent::CancelTold { .. }
            | ParcelEvent::PutOnManifest { .. }
            | ParcelEvent::LeftBehind { .. } => {}
            ParcelEvent::Cancelled { at } => self.state = ParcelState::Cancelled { at: *at },
            ParcelEvent::CameBack { at } => self.came_back(*at),
            ParcelEvent::GivenUp { sent_again, at } => self.given_up(*sent_again, *at),
            ParcelEvent::CashCollected { .. }
            | ParcelEvent::CashRemitted { .. }
            | ParcelEvent::CashAssigned { .. }
            | ParcelEvent::CashWrittenOff { .. }
            | ParcelEvent::CashRecovered { .. }
            | ParcelEvent::CashOverdue { .. }
            | ParcelEvent::DeliveryReversed { .. } => self.cash_moves(event),
        }
    }

    fn react(&self, event: &ParcelEvent) -> Vec<Effect> {
        let mut effects = self.effects_of(event);
        effects.extend(self.asks_carriers(event));
        effects.extend(self.is_followed(event));
        effects
    }
}

impl Parcel {
    fn came_back(&mut self, at: Millis) {
        match &mut self.state {
            ParcelState::GivenUp { back_at, .. } => *back_at = Some(at),
            ParcelState::Packed
            | ParcelState::Shipped { .. }
            | ParcelState::Cancelled { .. }
            | ParcelState::CameBack { .. } => self.state = ParcelState::CameBack { at },
        }
    }

    fn given_up(&mut self, sent_again: bool, at: Millis) {
        if let ParcelState::Shipped { at: shipped_at, seen } = self.state {
            let back_at = None;
            self.state = ParcelState::GivenUp { at, shipped_at, seen, sent_again, back_at };
        }
    }
}
