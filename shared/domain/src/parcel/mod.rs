//! Parcels and waybills: packing, the number on the label, leaving the warehouse, and what carriers
//! say on the way.

mod event;

pub use event::*;

use crate::cash::{collect_cash, refused_at_the_door};
use crate::order::{Order, OrderEvent, Pick};
use crate::waybill::void_number;
use crate::{
    Action, Carriage, CarrierCode, Cash, Change, Journey, MerchantId, Milestone, Millis, OrderId,
    Packaging, ParcelId, Refusal, Stored, TrackingFact, TrackingStep, WarehouseId, Waybill,
    WaybillNumber, Whereabouts, fold,
};
use serde::{Deserialize, Serialize};

/// What one waybill carries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parcel {
    pub id: ParcelId,
    pub order: OrderId,
    pub merchant: MerchantId,
    pub warehouse: WarehouseId,
    pub picks: Vec<Pick>,
    /// As weighed, with the box.
    pub weight_g: i64,
    pub packed_at: Millis,
    pub label: Option<Label>,
    pub state: ParcelState,
    /// There for a parcel that is paid to the courier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cash: Option<Cash>,
    /// How it gets on its way.
    #[serde(default, skip_serializing_if = "Carriage::is_nothing")]
    pub carriage: Carriage,
    /// By when its carrier promised to deliver it, where it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub promised_by: Option<Millis>,
    /// A parcel that was given up, of whose lines it brings units.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaces: Option<ParcelId>,
    /// How it was packed, where more is known than its goods and its weight.
    #[serde(default, skip_serializing_if = "Packaging::is_unknown")]
    pub packaging: Packaging,
}

/// The number on the parcel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Label {
    pub carrier: CarrierCode,
    pub waybill: Waybill,
}

/// Where the parcel is, as far as we know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum ParcelState {
    Packed,
    /// Handed over; `seen` is what the carrier said since.
    Shipped {
        at: Millis,
        seen: Option<Whereabouts>,
    },
    /// Unpacked before it left.
    Cancelled {
        at: Millis,
    },
    /// In the warehouse again, because nobody took it.
    CameBack {
        at: Millis,
    },
    /// Lost, or spoilt on the way: nobody waits for it any more.
    GivenUp {
        at: Millis,
        shipped_at: Millis,
        seen: Option<Whereabouts>,
        /// Its units are sent once more; else they were paid back.
        sent_again: bool,
        /// It turned up, and is in the warehouse.
        back_at: Option<Millis>,
    },
}

impl Parcel {
    pub fn word(&self) -> &'static str {
        match &self.state {
            ParcelState::Packed if self.carriage.request.is_some() => "waybill_requested",
            ParcelState::Packed => "packed",
            ParcelState::Shipped { seen: None, .. } => "shipped",
            ParcelState::Shipped { seen: Some(seen), .. } => seen.step.word(),
            ParcelState::Cancelled { .. } => "cancelled",
            ParcelState::CameBack { .. } => "came_back",
            ParcelState::GivenUp { back_at: None, .. } => "given_up",
            ParcelState::GivenUp { back_at: Some(_), .. } => "recovered",
        }
    }

    pub fn allowed_actions(&self) -> Vec<Action> {
        match (&self.state, &self.label) {
            (ParcelState::Packed, None) if self.carriage.request.is_some() => {
                vec![Action::CancelWaybill, Action::Unpack]
            }
            (ParcelState::Packed, None) => vec![Action::AssignWaybill, Action::Unpack],
            (ParcelState::Packed, Some(_)) => {
                vec![Action::Ship, Action::CancelWaybill, Action::Unpack]
            }
            (ParcelState::Shipped { seen, .. }, _) => {
                let over = |seen: &Whereabouts| {
                    seen.delivered_at.is_some() || seen.step == TrackingStep::Returned
                };
                let back = self.can_come_back().then_some(Action::TakeBack);
                let stop = (!seen.as_ref().is_some_and(over)).then_some(Action::Intercept);
                back.into_iter().chain([Action::Report]).chain(stop).collect()
            }
            (ParcelState::GivenUp { back_at: None, .. }, _) => vec![Action::TakeBack],
            (
                ParcelState::Cancelled { .. }
                | ParcelState::CameBack { .. }
                | ParcelState::GivenUp { .. },
                _,
            ) => Vec::new(),
        }
    }

    /// It was given up, and is not back.
    fn is_looked_for(&self) -> bool {
        matches!(self.state, ParcelState::GivenUp { back_at: None, .. })
    }

    pub fn is_final(&self) -> bool {
        match &self.state {
            ParcelState::Packed => false,
            ParcelState::Shipped { .. } if self.can_come_back() => false,
            ParcelState::Shipped { seen, .. } => seen.is_some_and(|s| s.step.is_final()),
            ParcelState::Cancelled { .. } | ParcelState::CameBack { .. } => true,
            ParcelState::GivenUp { back_at, .. } => back_at.is_some(),
        }
    }

    pub(crate) fn must_allow(&self, action: Action) -> Result<(), Refusal> {
        let allowed = self.allowed_actions();
        if allowed.contains(&action) {
            Ok(())
        } else {
            Err(Refusal::IllegalStep { state: self.word(), allowed })
        }
    }
}

/// Puts units of a paid order into a parcel. Precedence: state, dispute, lines, counts, warehouse.
pub fn pack(
    change: &mut Change,
    order: &mut Stored<Order>,
    mut parcel: Parcel,
) -> Result<Stored<Parcel>, Refusal> {
    order.doc.may_pack(&parcel.picks, &parcel.warehouse, change.at)?;
    parcel.picks = Pick::merged(&parcel.picks);
    let (id, picks) = (parcel.id.clone(), parcel.picks.clone());
    let warehouse = parcel.warehouse.clone();
    let collect = order.doc.collectible(&picks);
    parcel.replaces = order.doc.sent_again_for(&parcel.picks);
    parcel.cash = collect.clone().map(|c| Cash::to_collect(c, order.doc.currency));
    let stored = Stored { version: 0, doc: parcel.clone() };
    change.begin::<Parcel>(ParcelEvent::Packed { parcel: Box::new(parcel) });
    change.record(order, OrderEvent::Packed { parcel: id, warehouse, picks, collect });
    Ok(stored)
}

impl Order {
    /// Whether these units can go into a parcel. Precedence: state, dispute, lines, counts,
    /// warehouse.
    pub(crate) fn may_pack(
        &self,
        picks: &[Pick],
        warehouse: &WarehouseId,
        at: Millis,
    ) -> Result<(), Refusal> {
        if self.state.allows().contains(&Action::Pack) && self.is_contested() {
            return Err(Refusal::Disputed);
        }
        self.must_allow(Action::Pack, at)?;
        self.check_picks(picks, |line| line.open_units())?;
        let here = |line| self.line(line).map_or(0, |line| line.to_pack_in(warehouse));
        if Pick::merged(picks).iter().any(|pick| here(pick.line) < pick.units) {
            return Err(Refusal::WrongWarehouse);
        }
        Ok(())
    }
}

/// Takes a parcel apart before it left; its units can be packed or cancelled again. `number` is
/// that of its label, which is not used again.
pub fn unpack(
    change: &mut Change,
    order: &mut Stored<Order>,
    parcel: &mut Stored<Parcel>,
    number: Option<&mut Stored<WaybillNumber>>,
) -> Result<(), Refusal> {
    parcel.doc.must_allow(Action::Unpack)?;
    let (id, picks) = (parcel.doc.id.clone(), parcel.doc.picks.clone());
    let warehouse = parcel.doc.warehouse.clone();
    change.record(parcel, ParcelEvent::Cancelled { at: change.at });
    void_number(change, number);
    let collect = parcel.doc.cash.clone().map(|cash| cash.collect);
    change.record(order, OrderEvent::Unpacked { parcel: id, warehouse, picks, collect });
    Ok(())
}

/// The parcel leaves the warehouse. Now the stock falls, and what carriers said of its number
/// before we shipped it is taken in. Precedence: state, dispute.
pub fn ship(
    change: &mut Change,
    mut journey: Journey<'_>,
    told: &[TrackingFact],
) -> Result<(), Refusal> {
    let Journey { parcel, order, .. } = &mut journey;
    parcel.doc.must_allow(Action::Ship)?;
    if order.doc.is_contested() {
        return Err(Refusal::Disputed);
    }
    let at = change.at;
    let (id, picks) = (parcel.doc.id.clone(), parcel.doc.picks.clone());
    let warehouse = parcel.doc.warehouse.clone();
    change.record(parcel, ParcelEvent::Shipped { at });
    let label = parcel.doc.label.clone();
    change.record(order, OrderEvent::Shipped { parcel: id, warehouse, picks, label, at });
    follow_parcel(change, journey, told);
    Ok(())
}

/// The parcel is where all facts together say it is.
pub(crate) fn follow_parcel(change: &mut Change, mut journey: Journey<'_>, all: &[TrackingFact]) {
    let Journey { parcel, order, .. } = &mut journey;
    let under_way = matches!(parcel.doc.state, ParcelState::Shipped { .. });
    let before = parcel.doc.seen();
    let Some(seen) = fold(all).filter(|seen| before != Some(*seen)) else { return };
    if !under_way && !parcel.doc.is_looked_for() {
        return;
    }
    change.record(parcel, ParcelEvent::Seen { seen });
    // What was given up concerns the order no more.
    if !under_way {
        return;
    }
    if let Some(news) =
        parcel.doc.label.as_ref().and_then(|label| on_the_doorstep(seen.step, label))
    {
        change.effect(order.doc.news(news, parcel.doc.id.as_str()));
    }
    let arrived = seen.delivered_at.filter(|_| before.is_none_or(|b| b.delivered_at.is_none()));
    if arrived.is_some() {
        let (id, picks) = (parcel.doc.id.clone(), parcel.doc.picks.clone());
        let at = change.at;
        change.record(order, OrderEvent::Delivered { parcel: id, picks, at });
        collect_cash(change, &mut journey);
    } else if seen.was_refused && seen.delivered_at.is_none() {
        refused_at_the_door(change, &mut journey);
    }
}

/// What a buyer wants to hear while it is on its way: that somebody must be there for it.
fn on_the_doorstep(step: TrackingStep, label: &Label) -> Option<Milestone> {
    let Label { carrier, waybill } = label.clone();
    match step {
        TrackingStep::OutForDelivery => Some(Milestone::OutForDelivery { carrier, waybill }),
        TrackingStep::ReadyForPickup => Some(Milestone::ReadyForPickup { carrier, waybill }),
        TrackingStep::Created
        | TrackingStep::PickedUp
        | TrackingStep::InTransit
        | TrackingStep::AtHub
        | TrackingStep::Delivered
        | TrackingStep::Exception(_)
        | TrackingStep::Refused
        | TrackingStep::Returning
        | TrackingStep::Returned
        | TrackingStep::Cancelled
        | TrackingStep::Note => None,
    }
}

impl TrackingStep {
    /// The name of the state.
    pub fn word(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::PickedUp => "picked_up",
            Self::InTransit => "in_transit",
            Self::AtHub => "at_hub",
            Self::ReadyForPickup => "ready_for_pickup",
            Self::OutForDelivery => "out_for_delivery",
            Self::Delivered => "delivered",
            Self::Exception(_) => "exception",
            Self::Refused => "refused",
            Self::Returning => "returning",
            Self::Returned => "returned",
            Self::Cancelled => "cancelled",
            Self::Note => "note",
        }
    }
}
