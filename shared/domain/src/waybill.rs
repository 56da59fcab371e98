//! Waybill numbers, and how a parcel gets one: from a carrier's pool, from its interface, or from
//! a person who has it on paper. Each number is a document, so that none is on two parcels.

use crate::carriage::take_back_late;
use crate::{
    Action, Booked, CancelEnd, Carriage, CarrierCandidate, CarrierCode, CarrierOffer,
    CarrierVerdict, Change, Document, Effect, Errand, Label, Order, Parcel, ParcelEvent, ParcelId,
    Policy, Refusal, Stored, Unfit, Warehouse, Waybill, WaybillRequest, WaybillSource,
};
use serde::{Deserialize, Serialize};

/// A waybill number that a carrier gave us (面单号).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaybillNumber {
    /// `carrier:number`.
    pub id: String,
    pub carrier: CarrierCode,
    pub waybill: Waybill,
    pub used_by: Option<ParcelId>,
    /// Its parcel did not go with it. It is not used again, because somebody may have seen it.
    #[serde(default, skip_serializing_if = "crate::order::is_false")]
    pub void: bool,
}

/// What has happened to a waybill number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "event")]
pub enum WaybillEvent {
    Pooled { number: WaybillNumber },
    Used { parcel: ParcelId },
    Voided,
}

impl WaybillNumber {
    pub fn new(carrier: CarrierCode, waybill: Waybill) -> Self {
        let id = format!("{carrier}:{waybill}");
        Self { id, carrier, waybill, used_by: None, void: false }
    }
}

impl Document for WaybillNumber {
    type Event = WaybillEvent;
    const KIND: &'static str = "waybills";

    fn read(json: &str) -> serde_json::Result<Self> {
        serde_json::from_str(json)
    }

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
            WaybillEvent::Voided => self.void = true,
        }
    }

    fn react(&self, _: &WaybillEvent) -> Vec<Effect> {
        Vec::new()
    }
}

/// A parcel that needs a waybill, and all that is decided about it together.
#[derive(Debug, Clone)]
pub struct CarrierDesk {
    pub parcel: Stored<Parcel>,
    pub order: Stored<Order>,
    pub warehouse: Warehouse,
    /// Every carrier in use that was described, and the one that is named, in use or not.
    pub offers: Vec<CarrierOffer>,
    /// A free number of the carrier that is named, described or not.
    pub free: Option<Stored<WaybillNumber>>,
    /// What is known of the number that is named, whosever it is.
    pub called: Vec<Stored<WaybillNumber>>,
}

/// What somebody wants for a parcel. Nothing: the best carrier.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WaybillWish {
    pub carrier: Option<CarrierCode>,
    /// One of the carrier's services; none: its best one.
    pub service: Option<String>,
    /// A number of the carrier's that somebody has on paper; none: the next one.
    pub waybill: Option<Waybill>,
}

/// What a carrier's interface answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WaybillTold {
    Made {
        waybill: Waybill,
        /// The interface's own id.
        theirs: String,
        label_url: Option<String>,
    },
    /// It said no, or did not answer for too long.
    Refused {
        reason: String,
        /// Something may stand there all the same.
        undo: bool,
    },
}

impl CarrierDesk {
    fn errand(&self, change: &Change) -> Errand<'_> {
        Errand {
            from: &self.warehouse,
            to: &self.order.doc.delivery,
            weight_g: self.parcel.doc.weight_g,
            size_mm: self.parcel.doc.packaging.size_mm,
            collects: self.parcel.doc.cash.is_some(),
            ship_by: self.order.doc.ship_by,
            now: change.at,
        }
    }

    /// All carriers for the parcel, the best first.
    pub fn verdict(&self, change: &Change, policy: &Policy) -> CarrierVerdict {
        let refused = self.parcel.doc.carriage.refusers();
        let trusted = policy.cash_on_delivery.carriers.as_slice();
        let errand = self.errand(change);
        CarrierVerdict::of(&errand, &self.offers, (trusted, &refused), &policy.carrier_choice)
    }

    /// The number that is named was given by this carrier before.
    fn knows_number_of(&self, carrier: &CarrierCode) -> bool {
        self.called.iter().any(|number| number.doc.carrier == *carrier)
    }

    fn offer(&self, carrier: &CarrierCode) -> Option<&CarrierOffer> {
        self.offers.iter().find(|offer| offer.carrier.id == *carrier)
    }

    /// Gives the parcel a number of this service's carrier, or asks for one.
    fn give(
        &mut self,
        change: &mut Change,
        best: &CarrierCandidate,
        compared: bool,
    ) -> Result<(), Refusal> {
        let offer = self.offer(&best.carrier).cloned().ok_or(Refusal::NoWaybillLeft)?;
        match offer.carrier.waybills {
            WaybillSource::Pool => {
                let mut number = offer.number.ok_or(Refusal::NoWaybillLeft)?;
                self.label(change, &mut number);
            }
            WaybillSource::Interface { .. } => {
                let id = format!("{}-{}", self.parcel.doc.id, self.parcel.doc.carriage.asked + 1);
                let service = best.service.clone().unwrap_or_default();
                let (carrier, at) = (best.carrier.clone(), change.at);
                let request = WaybillRequest { id, carrier, service, compared, at };
                change.record(&mut self.parcel, ParcelEvent::WaybillRequested { request });
            }
        }
        Ok(())
    }

    fn label(&mut self, change: &mut Change, number: &mut Stored<WaybillNumber>) {
        let label = number.doc.label();
        change.record(&mut self.parcel, ParcelEvent::Labelled { label, booked: None });
        let parcel = self.parcel.doc.id.clone();
        change.record(number, WaybillEvent::Used { parcel });
    }
}

impl WaybillNumber {
    fn label(&self) -> Label {
        Label { carrier: self.carrier.clone(), waybill: self.waybill.clone() }
    }
}

/// Gives a parcel its waybill, or asks a carrier for one. Without a carrier the best is taken, and
/// where its pool is empty the next. Precedence: state, carrier, number, cash.
pub fn assign_waybill(
    change: &mut Change,
    desk: &mut CarrierDesk,
    wish: &WaybillWish,
    policy: &Policy,
) -> Result<(), Refusal> {
    desk.parcel.doc.must_allow(Action::AssignWaybill)?;
    match (&wish.carrier, &wish.waybill) {
        (None, _) => choose(change, desk, policy),
        (Some(carrier), Some(waybill)) => on_paper(change, desk, (carrier, waybill), policy),
        (Some(carrier), None) => named(change, desk, (carrier, wish.service.as_deref()), policy),
    }
}

fn choose(change: &mut Change, desk: &mut CarrierDesk, policy: &Policy) -> Result<(), Refusal> {
    let verdict = desk.verdict(change, policy);
    let Some(best) = verdict.best().cloned() else {
        let dry = verdict.lacks_only_numbers();
        return Err(if dry { Refusal::NoWaybillLeft } else { Refusal::NoCarrierFits });
    };
    let verdict = Box::new(verdict);
    change.record(&mut desk.parcel, ParcelEvent::CarrierChosen { verdict });
    desk.give(change, &best, true)
}

/// A person has chosen. A carrier that nobody described has a pool, and takes what its courier
/// takes.
fn named(
    change: &mut Change,
    desk: &mut CarrierDesk,
    (carrier, service): (&CarrierCode, Option<&str>),
    policy: &Policy,
) -> Result<(), Refusal> {
    let Some(offer) = desk.offer(carrier) else {
        fits(desk, carrier, true, policy)?;
        let mut number = desk.free.clone().ok_or(Refusal::NoWaybillLeft)?;
        fits(desk, carrier, false, policy)?;
        desk.label(change, &mut number);
        return Ok(());
    };
    let by_pool = matches!(offer.carrier.waybills, WaybillSource::Pool);
    let verdict = desk.verdict(change, policy);
    let meant = |c: &&CarrierCandidate| {
        c.carrier == *carrier && service.is_none_or(|s| c.service.as_deref() == Some(s))
    };
    let best = verdict.candidates.iter().find(meant).cloned();
    let best = best.ok_or_else(|| Refusal::CarrierUnfit { why: vec![Unfit::NoService] })?;
    // Whoever names a carrier may try it once more, and need not know its prices.
    let passed = |why: Unfit| {
        why == Unfit::RefusedBefore || by_pool && service.is_none() && why == Unfit::NoService
    };
    let why: Vec<Unfit> = best.unfit.iter().copied().filter(|why| !passed(*why)).collect();
    match why.as_slice() {
        [] => desk.give(change, &best, false),
        [Unfit::NotHere, ..] => Err(Refusal::CarrierNotHere),
        [Unfit::NoWaybillLeft] => Err(Refusal::NoWaybillLeft),
        [Unfit::TakesNoCash, ..] => Err(Refusal::CarrierTakesNoCash),
        [_, ..] => Err(Refusal::CarrierUnfit { why }),
    }
}

/// The two things that hold for every carrier, described or not, and for numbers on paper too:
/// where it collects, and cash.
fn fits(
    desk: &CarrierDesk,
    carrier: &CarrierCode,
    place: bool,
    policy: &Policy,
) -> Result<(), Refusal> {
    let here = &desk.warehouse.carriers;
    let trusted = &policy.cash_on_delivery.carriers;
    if place && !here.is_empty() && !here.contains(carrier) {
        return Err(Refusal::CarrierNotHere);
    }
    let described = desk.offer(carrier).map(|offer| offer.carrier.limits.cash_on_delivery);
    let collects = described.unwrap_or(true) && (trusted.is_empty() || trusted.contains(carrier));
    if !place && desk.parcel.doc.cash.is_some() && !collects {
        return Err(Refusal::CarrierTakesNoCash);
    }
    Ok(())
}

/// A number on paper: one that the carrier gave in advance, or one that we hear of now.
fn on_paper(
    change: &mut Change,
    desk: &mut CarrierDesk,
    (carrier, waybill): (&CarrierCode, &Waybill),
    policy: &Policy,
) -> Result<(), Refusal> {
    fits(desk, carrier, true, policy)?;
    let known = |number: &&Stored<WaybillNumber>| number.doc.carrier == *carrier;
    let number = match desk.called.iter().find(known).cloned() {
        Some(used) if used.doc.used_by.is_some() => return Err(Refusal::WaybillUsed),
        Some(free) => Some(free),
        None if desk.called.is_empty() => {
            let number = WaybillNumber::new(carrier.clone(), waybill.clone());
            change.begin::<WaybillNumber>(WaybillEvent::Pooled { number })
        }
        None => return Err(Refusal::WaybillOfAnother),
    };
    fits(desk, carrier, false, policy)?;
    let mut number = number.ok_or(Refusal::NoWaybillLeft)?;
    desk.label(change, &mut number);
    Ok(())
}

/// The waybill of a parcel that has not left, or the request for one, is not wanted any more.
pub fn cancel_waybill(
    change: &mut Change,
    parcel: &mut Stored<Parcel>,
    number: Option<&mut Stored<WaybillNumber>>,
) -> Result<(), Refusal> {
    parcel.doc.must_allow(Action::CancelWaybill)?;
    let at = change.at;
    change.record(parcel, ParcelEvent::WaybillVoided { at });
    void_number(change, number);
    Ok(())
}

/// The number of a parcel that does not leave is not used again.
pub(crate) fn void_number(change: &mut Change, number: Option<&mut Stored<WaybillNumber>>) {
    if let Some(number) = number {
        change.record(number, WaybillEvent::Voided);
    }
}

/// A carrier's interface has answered. What nobody waits for any more is taken back; where it said
/// no, the next carrier is asked if the first was chosen by us, or a person has to look. After ten
/// of them a person looks in any case.
pub fn waybill_told(
    change: &mut Change,
    desk: &mut CarrierDesk,
    (request, carrier): (&str, &CarrierCode),
    told: WaybillTold,
    policy: &Policy,
) {
    let id = desk.parcel.doc.id.clone();
    let Some(asked) = desk.parcel.doc.carriage.request.clone().filter(|r| r.id == request) else {
        // A label that came of this very request is told again.
        let known = desk.parcel.doc.carriage.is_of(request);
        let stands =
            matches!(told, WaybillTold::Made { .. } | WaybillTold::Refused { undo: true, .. });
        if stands && !known {
            change.effect(take_back_late(&id, request, carrier));
        }
        return;
    };
    let reason = match told {
        WaybillTold::Made { waybill, theirs, label_url } if !desk.knows_number_of(carrier) => {
            let number = WaybillNumber::new(carrier.clone(), waybill);
            let label = number.label();
            let (request, service) = (request.to_owned(), asked.service.clone());
            let booked = Some(Booked { request, service, theirs, label_url });
            change.record(&mut desk.parcel, ParcelEvent::Labelled { label, booked });
            let begun = change.begin::<WaybillNumber>(WaybillEvent::Pooled { number });
            if let Some(mut number) = begun {
                change.record(&mut number, WaybillEvent::Used { parcel: id });
            }
            return;
        }
        WaybillTold::Made { waybill, .. } => {
            change.effect(take_back_late(&id, request, carrier));
            format!("it gave the number {waybill}, which was given before")
        }
        WaybillTold::Refused { reason, undo } => {
            if undo {
                change.effect(take_back_late(&id, request, carrier));
            }
            reason
        }
    };
    let (request, carrier, at) = (request.to_owned(), carrier.clone(), change.at);
    let event = ParcelEvent::WaybillRefused { request, carrier, reason, at };
    change.record(&mut desk.parcel, event);
    if asked.compared && !desk.parcel.doc.carriage.has_asked_enough() {
        // No other carrier is not a fault here: the parcel says that it needs a person.
        drop(choose(change, desk, policy));
    }
}

/// How a carrier took a cancellation.
pub fn cancel_told(
    change: &mut Change,
    parcel: &mut Stored<Parcel>,
    request: &str,
    how: CancelEnd,
) {
    let request = request.to_owned();
    change.record(parcel, ParcelEvent::CancelTold { request, how });
}

impl Carriage {
    /// The label came of this request.
    fn is_of(&self, request: &str) -> bool {
        self.booked.as_ref().is_some_and(|booked| booked.request == request)
    }
}
