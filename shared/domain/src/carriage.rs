//! How a parcel gets on its way: who was chosen, which waybill was asked for at a carrier's
//! interface, what it answered, which waybills are void, and the manifest that it leaves with.
//!
//! A carrier is asked by a message, after the commit that wants it, and each request has an id of
//! its own that is never used again: carriers take a repeated id for the same request, also after
//! it was cancelled.

use crate::{
    CarrierCode, CarrierVerdict, Effect, Label, ManifestId, Message, Millis, Parcel, ParcelEvent,
    ParcelId, Recipient, Waybill,
};
use serde::{Deserialize, Serialize};

/// How a parcel gets on its way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(default)]
pub struct Carriage {
    /// The last choice, where carriers were compared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verdict: Option<CarrierVerdict>,
    /// Requests so far.
    #[serde(skip_serializing_if = "is_zero")]
    pub asked: u32,
    /// The one that is not answered yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<WaybillRequest>,
    /// What the waybill on the label is of, where an interface gave it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub booked: Option<Booked>,
    /// Who said no, the last few.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub refused: Vec<RefusedWaybill>,
    /// Waybills and requests that are not wanted any more, the last few.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub void: Vec<VoidWaybill>,
    /// Nobody is asked any more: a person has to choose a carrier.
    #[serde(skip_serializing_if = "crate::order::is_false")]
    pub needs_person: bool,
    /// The manifest that it is to leave with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub manifest: Option<ManifestId>,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it so")]
fn is_zero(count: &u32) -> bool {
    *count == 0
}

/// A waybill that a carrier's interface is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaybillRequest {
    /// The parcel's id and which request of it this is; the carrier's key against repeats.
    pub id: String,
    pub carrier: CarrierCode,
    /// As the carrier calls its product.
    pub service: String,
    /// The carrier was the best of a comparison: if it says no, the next one is asked.
    #[serde(default, skip_serializing_if = "crate::order::is_false")]
    pub compared: bool,
    pub at: Millis,
}

/// What an interface gave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Booked {
    pub request: String,
    pub service: String,
    /// The interface's own id of it.
    pub theirs: String,
    /// Where the carrier's own label can be fetched, if it draws one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label_url: Option<String>,
}

/// A carrier's no.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusedWaybill {
    pub request: String,
    pub carrier: CarrierCode,
    /// In the carrier's words.
    pub reason: String,
    pub at: Millis,
}

/// A waybill that is not wanted any more. Its number is never used again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VoidWaybill {
    /// There was a label.
    pub label: Option<Label>,
    /// An interface was asked: it has to hear of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_carrier: Option<Cancelling>,
    pub at: Millis,
}

/// A waybill that is taken back at its carrier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cancelling {
    pub request: String,
    pub carrier: CarrierCode,
    /// The interface's own id, once it gave one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub theirs: Option<String>,
    pub end: Option<CancelEnd>,
}

/// How a carrier took it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum CancelEnd {
    /// It asks for nothing.
    Cancelled,
    /// It does not take it back: a person has to talk to it.
    Refused { reason: String },
}

/// What a carrier's interface is asked for. Addresses are looked up when it is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "wants")]
pub enum WaybillOrder {
    /// A waybill for a parcel.
    Book { parcel: ParcelId, request: String, carrier: CarrierCode },
    /// That a request is forgotten, whatever became of it.
    Cancel { parcel: ParcelId, request: String, carrier: CarrierCode },
}

impl WaybillOrder {
    pub fn parcel(&self) -> &ParcelId {
        match self {
            Self::Book { parcel, .. } | Self::Cancel { parcel, .. } => parcel,
        }
    }

    pub fn request(&self) -> &str {
        match self {
            Self::Book { request, .. } | Self::Cancel { request, .. } => request,
        }
    }

    pub fn carrier(&self) -> &CarrierCode {
        match self {
            Self::Book { carrier, .. } | Self::Cancel { carrier, .. } => carrier,
        }
    }

    /// Asks for it. `why` tells several cancellations of one request apart.
    fn message(self, why: &str) -> Effect {
        let id = format!("{}:{why}", self.request());
        Effect::Send(Message { id, to: Recipient::Waybills { order: self } })
    }
}

/// What was refused or is void is kept for whoever looks at the parcel; all of it is in the
/// journal.
const KEPT: usize = 10;

fn keep<T>(list: &mut Vec<T>, one: T) {
    list.push(one);
    let over = list.len().saturating_sub(KEPT);
    list.drain(..over);
}

impl Carriage {
    pub(crate) fn is_nothing(&self) -> bool {
        *self == Self::default()
    }

    /// Whether an answer to this request is still waited for.
    pub fn waits_for(&self, request: &str) -> bool {
        self.request.as_ref().is_some_and(|waits| waits.id == request)
    }

    /// So many said no that who said it first is forgotten: if carriers were compared once more, it
    /// would be asked again.
    pub(crate) fn has_asked_enough(&self) -> bool {
        self.refused.len() >= KEPT
    }

    /// Carriers that said no to this parcel.
    pub fn refusers(&self) -> Vec<CarrierCode> {
        self.refused.iter().map(|refused| refused.carrier.clone()).collect()
    }

    /// What a carrier calls the waybill of a request that is void: its own id, and the number.
    pub fn ids_of(&self, request: &str) -> (Option<String>, Option<Waybill>) {
        let of =
            |void: &&VoidWaybill| void.at_carrier.as_ref().is_some_and(|c| c.request == request);
        let void = self.void.iter().find(of);
        let theirs = void.and_then(|void| void.at_carrier.as_ref()?.theirs.clone());
        (theirs, void.and_then(|void| Some(void.label.as_ref()?.waybill.clone())))
    }

    fn answered(&mut self, request: &str) {
        if self.waits_for(request) {
            self.request = None;
        }
    }

    /// What stands at a carrier, and what is on the label, counts no more.
    fn void(&mut self, label: Option<Label>, at: Millis) {
        let asked = self.request.take().map(|asked| (asked.id, asked.carrier, None));
        let booked = self.booked.take().zip(label.as_ref());
        let booked = booked.map(|(b, label)| (b.request, label.carrier.clone(), Some(b.theirs)));
        let at_carrier = asked.or(booked).map(|(request, carrier, theirs)| Cancelling {
            request,
            carrier,
            theirs,
            end: None,
        });
        if label.is_some() || at_carrier.is_some() {
            keep(&mut self.void, VoidWaybill { label, at_carrier, at });
        }
    }

    fn told(&mut self, request: &str, how: &CancelEnd) {
        let at_carriers = self.void.iter_mut().filter_map(|void| void.at_carrier.as_mut());
        for cancelling in at_carriers.filter(|c| c.request == request) {
            cancelling.end = Some(how.clone());
        }
    }
}

impl Parcel {
    /// What an event makes of its carriage.
    pub(crate) fn is_carried(&mut self, event: &ParcelEvent) {
        let Self { carriage, label, .. } = self;
        match event {
            ParcelEvent::CarrierChosen { verdict } => {
                carriage.verdict = Some((**verdict).clone());
                carriage.needs_person = false;
            }
            ParcelEvent::WaybillRequested { request } => {
                carriage.asked += 1;
                carriage.request = Some(request.clone());
                carriage.needs_person = false;
            }
            ParcelEvent::WaybillRefused { request, carrier, reason, at } => {
                carriage.answered(request);
                carriage.needs_person = true;
                let (request, carrier) = (request.clone(), carrier.clone());
                let (reason, at) = (reason.clone(), *at);
                keep(&mut carriage.refused, RefusedWaybill { request, carrier, reason, at });
            }
            ParcelEvent::Labelled { booked, .. } => {
                carriage.request = None;
                carriage.booked.clone_from(booked);
                carriage.needs_person = false;
            }
            ParcelEvent::WaybillVoided { at } => {
                carriage.void(label.take(), *at);
                carriage.manifest = None;
                carriage.needs_person = false;
            }
            ParcelEvent::Cancelled { at } => {
                carriage.void(label.clone(), *at);
                carriage.needs_person = false;
            }
            ParcelEvent::CancelTold { request, how } => carriage.told(request, how),
            ParcelEvent::PutOnManifest { manifest } => carriage.manifest = Some(manifest.clone()),
            ParcelEvent::LeftBehind { .. } => carriage.manifest = None,
            ParcelEvent::Packed { .. }
            | ParcelEvent::Promised { .. }
            | ParcelEvent::Shipped { .. }
            | ParcelEvent::Seen { .. }
            | ParcelEvent::SpokenOf
            | ParcelEvent::CashCollected { .. }
            | ParcelEvent::CashRemitted { .. }
            | ParcelEvent::CashAssigned { .. }
            | ParcelEvent::CashWrittenOff { .. }
            | ParcelEvent::CashRecovered { .. }
            | ParcelEvent::CashOverdue { .. }
            | ParcelEvent::DeliveryReversed { .. }
            | ParcelEvent::CameBack { .. }
            | ParcelEvent::GivenUp { .. } => {}
        }
    }

    /// What a carrier has to be asked for after an event. `self` is the state after it.
    pub(crate) fn asks_carriers(&self, event: &ParcelEvent) -> Option<Effect> {
        let parcel = self.id.clone();
        match event {
            ParcelEvent::WaybillRequested { request } => {
                let WaybillRequest { id, carrier, .. } = request.clone();
                Some(WaybillOrder::Book { parcel, request: id, carrier }.message("book"))
            }
            ParcelEvent::WaybillVoided { at } | ParcelEvent::Cancelled { at } => {
                let void = self.carriage.void.last().filter(|void| void.at == *at)?;
                let Cancelling { request, carrier, .. } = void.at_carrier.clone()?;
                Some(WaybillOrder::Cancel { parcel, request, carrier }.message("cancel"))
            }
            ParcelEvent::Packed { .. }
            | ParcelEvent::CarrierChosen { .. }
            | ParcelEvent::WaybillRefused { .. }
            | ParcelEvent::Labelled { .. }
            | ParcelEvent::CancelTold { .. }
            | ParcelEvent::PutOnManifest { .. }
            | ParcelEvent::LeftBehind { .. }
            | ParcelEvent::Promised { .. }
            | ParcelEvent::Shipped { .. }
            | ParcelEvent::Seen { .. }
            | ParcelEvent::SpokenOf
            | ParcelEvent::CashCollected { .. }
            | ParcelEvent::CashRemitted { .. }
            | ParcelEvent::CashAssigned { .. }
            | ParcelEvent::CashWrittenOff { .. }
            | ParcelEvent::CashRecovered { .. }
            | ParcelEvent::CashOverdue { .. }
            | ParcelEvent::DeliveryReversed { .. }
            | ParcelEvent::CameBack { .. }
            | ParcelEvent::GivenUp { .. } => None,
        }
    }
}

/// What may stand at a carrier although nobody waits for it, because its answer came too late or
/// never, is taken back.
pub(crate) fn take_back_late(parcel: &ParcelId, request: &str, carrier: &CarrierCode) -> Effect {
    let (parcel, request, carrier) = (parcel.clone(), request.to_owned(), carrier.clone());
    WaybillOrder::Cancel { parcel, request, carrier }.message("cancel-late")
}
