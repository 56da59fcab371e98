//! Hand-over manifests (交接单): the parcels that a carrier's driver takes from a warehouse at one
//! time, on one list that both keep. A parcel is on one manifest at most; what stays behind may go
//! with the next.

use crate::{
    Action, Actor, CarrierCode, Change, Document, Effect, Ids, Journey, ManifestId, Millis,
    OrderNumber, Parcel, ParcelEvent, ParcelId, ParcelState, Refusal, Stored, TrackingFact,
    WarehouseId, Waybill, ship,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What a driver takes at one time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    pub id: ManifestId,
    /// A warehouse's manifests are numbered without gaps, from 1.
    pub number: u64,
    pub warehouse: WarehouseId,
    pub carrier: CarrierCode,
    pub rows: Vec<ManifestRow>,
    pub made_at: Millis,
    pub by: Actor,
    pub state: ManifestState,
}

/// A parcel on the list, as it was when the list was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestRow {
    pub parcel: ParcelId,
    pub order: OrderNumber,
    pub waybill: Waybill,
    pub weight_g: i64,
    /// The city or country that it goes to; no more of the address.
    pub to: String,
}

/// Whether the driver has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum ManifestState {
    Open,
    HandedOver {
        at: Millis,
        by: Actor,
        /// What did not go with it.
        stayed: Vec<Stayed>,
    },
}

/// A parcel of a manifest that did not go with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stayed {
    pub parcel: ParcelId,
    /// The code of the refusal.
    pub code: String,
}

/// What has happened to a manifest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "event")]
pub enum ManifestEvent {
    Made { manifest: Box<Manifest> },
    HandedOver { at: Millis, by: Actor, stayed: Vec<Stayed> },
}

/// Parcels on one manifest at most: a van takes fewer.
pub const ON_MANIFEST_AT_MOST: usize = 500;

impl Document for Manifest {
    type Event = ManifestEvent;
    const KIND: &'static str = "manifests";

    fn read(json: &str) -> serde_json::Result<Self> {
        serde_json::from_str(json)
    }

    fn id(&self) -> &str {
        self.id.as_str()
    }

    fn begin(event: &ManifestEvent) -> Option<Self> {
        if let ManifestEvent::Made { manifest } = event { Some((**manifest).clone()) } else { None }
    }

    fn evolve(&mut self, event: &ManifestEvent) {
        match event {
            ManifestEvent::Made { manifest } => self.clone_from(manifest),
            ManifestEvent::HandedOver { at, by, stayed } => {
                let (at, by, stayed) = (*at, by.clone(), stayed.clone());
                self.state = ManifestState::HandedOver { at, by, stayed };
            }
        }
    }

    fn react(&self, _: &ManifestEvent) -> Vec<Effect> {
        Vec::new()
    }
}

impl Manifest {
    pub fn word(&self) -> &'static str {
        match self.state {
            ManifestState::Open => "open",
            ManifestState::HandedOver { .. } => "handed_over",
        }
    }

    pub fn allowed_actions(&self) -> Vec<Action> {
        match self.state {
            ManifestState::Open => vec![Action::Ship],
            ManifestState::HandedOver { .. } => Vec::new(),
        }
    }

    /// A parcel of it did not go with it.
    pub fn stayed(&self, parcel: &ParcelId) -> Option<&Stayed> {
        match &self.state {
            ManifestState::Open => None,
            ManifestState::HandedOver { stayed, .. } => stayed.iter().find(|s| s.parcel == *parcel),
        }
    }
}

/// A parcel that could go on a manifest.
#[derive(Debug, Clone)]
pub struct WaitingParcel {
    pub parcel: Stored<Parcel>,
    pub order: OrderNumber,
    /// The city or country that it goes to.
    pub to: String,
}

/// A warehouse's parcels for a carrier.
#[derive(Debug, Clone)]
pub struct ManifestDesk {
    pub warehouse: WarehouseId,
    pub carrier: CarrierCode,
    /// Of the warehouse's last manifest, 0 for none.
    pub last_number: u64,
    /// Those that wait, the oldest first; or those that were scanned.
    pub waiting: Vec<WaitingParcel>,
}

/// A scanned waybill that does not go on a manifest, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotTaken {
    pub waybill: Waybill,
    pub why: WhyNot,
}

/// Why a scanned waybill does not go on a manifest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhyNot {
    /// No parcel of this carrier has the number.
    Unknown,
    /// It was scanned twice.
    Repeated,
    OtherWarehouse,
    OnAnother,
    /// It has left already, or was taken apart.
    NotReady,
}

impl WhyNot {
    /// The stable word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Unknown => "unknown_waybill",
            Self::Repeated => "repeated",
            Self::OtherWarehouse => "wrong_warehouse",
            Self::OnAnother => "on_another_manifest",
            Self::NotReady => "illegal_step",
        }
    }
}

/// Makes a list of the parcels that wait for a carrier, or of those that were scanned (`scans`):
/// each of these is taken or refused on its own.
pub fn make_manifest(
    change: &mut Change,
    desk: ManifestDesk,
    scans: Option<&[Waybill]>,
    ids: &mut dyn Ids,
) -> Result<(Stored<Manifest>, Vec<NotTaken>), Refusal> {
    let ManifestDesk { warehouse, carrier, last_number, waiting } = desk;
    let (mut taken, not_taken) = match scans {
        None => (waiting, Vec::new()),
        Some(scans) => sorted(&warehouse, waiting, scans),
    };
    taken.truncate(ON_MANIFEST_AT_MOST);
    if taken.is_empty() {
        return Err(Refusal::NothingToHandOver);
    }
    let id = ManifestId::mint(ids);
    let mut rows = Vec::with_capacity(taken.len());
    for WaitingParcel { mut parcel, order, to } in taken {
        let Some(label) = parcel.doc.label.clone() else { continue };
        let (waybill, weight_g) = (label.waybill, parcel.doc.weight_g);
        rows.push(ManifestRow { parcel: parcel.doc.id.clone(), order, waybill, weight_g, to });
        change.record(&mut parcel, ParcelEvent::PutOnManifest { manifest: id.clone() });
    }
    let manifest = Manifest {
        id,
        number: last_number + 1,
        warehouse,
        carrier,
        rows,
        made_at: change.at,
        by: change.actor.clone(),
        state: ManifestState::Open,
    };
    let stored = Stored { version: 0, doc: manifest.clone() };
    change.begin::<Manifest>(ManifestEvent::Made { manifest: Box::new(manifest) });
    Ok((stored, not_taken))
}

/// Scans, each with its parcel or with the reason why it does not go.
fn sorted(
    warehouse: &WarehouseId,
    mut found: Vec<WaitingParcel>,
    scans: &[Waybill],
) -> (Vec<WaitingParcel>, Vec<NotTaken>) {
    let (mut taken, mut not_taken, mut seen) = (Vec::new(), Vec::new(), BTreeSet::new());
    for waybill in scans {
        let on =
            |w: &WaitingParcel| w.parcel.doc.label.as_ref().is_some_and(|l| l.waybill == *waybill);
        let place = found.iter().position(on);
        let why = match place.and_then(|i| found.get(i)) {
            _ if !seen.insert(waybill) => Some(WhyNot::Repeated),
            None => Some(WhyNot::Unknown),
            Some(one) => one.parcel.doc.stays_off(warehouse),
        };
        match (why, place) {
            (Some(why), _) => not_taken.push(NotTaken { waybill: waybill.clone(), why }),
            (None, Some(i)) => taken.push(found.swap_remove(i)),
            (None, None) => {}
        }
    }
    (taken, not_taken)
}

impl Parcel {
    fn stays_off(&self, warehouse: &WarehouseId) -> Option<WhyNot> {
        if self.warehouse != *warehouse {
            Some(WhyNot::OtherWarehouse)
        } else if self.state != ParcelState::Packed || self.label.is_none() {
            Some(WhyNot::NotReady)
        } else {
            self.carriage.manifest.as_ref().map(|_| WhyNot::OnAnother)
        }
    }

    fn has_left(&self) -> bool {
        match self.state {
            ParcelState::Shipped { .. }
            | ParcelState::CameBack { .. }
            | ParcelState::GivenUp { .. } => true,
            ParcelState::Packed | ParcelState::Cancelled { .. } => false,
        }
    }

    fn must_be_on(&self, manifest: &ManifestId) -> Result<(), Refusal> {
        if self.carriage.manifest.as_ref() == Some(manifest) {
            Ok(())
        } else {
            Err(Refusal::NotOnManifest)
        }
    }
}

/// A parcel leaves with its manifest. One that has left already is none the worse for it, so a
/// hand-over that stopped half-way goes on where it was. Precedence: manifest, left, state,
/// dispute.
pub fn leave_with(
    change: &mut Change,
    manifest: &ManifestId,
    journey: Journey<'_>,
    told: &[TrackingFact],
) -> Result<(), Refusal> {
    journey.parcel.doc.must_be_on(manifest)?;
    if journey.parcel.doc.has_left() {
        return Ok(());
    }
    ship(change, journey, told)
}

/// The driver has signed. `left` are parcels of it that stayed, each with the code of the reason,
/// as they are now.
pub fn hand_over(
    change: &mut Change,
    manifest: &mut Stored<Manifest>,
    left: &mut [(Stored<Parcel>, String)],
) -> Result<(), Refusal> {
    let allowed = manifest.doc.allowed_actions();
    if !allowed.contains(&Action::Ship) {
        return Err(Refusal::IllegalStep { state: manifest.doc.word(), allowed });
    }
    let id = manifest.doc.id.clone();
    let mut stayed = Vec::new();
    for (parcel, code) in left {
        let on_it = parcel.doc.must_be_on(&id).is_ok();
        if on_it && parcel.doc.has_left() {
            continue;
        }
        stayed.push(Stayed { parcel: parcel.doc.id.clone(), code: code.clone() });
        if on_it {
            change.record(parcel, ParcelEvent::LeftBehind { manifest: id.clone() });
        }
    }
    let (at, by) = (change.at, change.actor.clone());
    change.record(manifest, ManifestEvent::HandedOver { at, by, stayed });
    Ok(())
}
