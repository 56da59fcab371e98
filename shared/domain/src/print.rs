//! Labels and slips that were printed: what, by whom and when, and whether it was the first time. A
//! label that is printed twice may be on two parcels, and each shows where a person lives.

use crate::{
    Change, Document, Effect, Label, Order, PackingRefusal, Parcel, ParcelId, ParcelState, Pick,
    Refusal, Stored, share_of_units,
};
use serde::{Deserialize, Serialize};

/// How often the papers of a parcel were printed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prints {
    /// The parcel's, with `/prints` behind it.
    pub id: String,
    pub parcel: ParcelId,
    pub labels: u32,
    pub slips: u32,
    /// What the last label said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<Label>,
}

/// A paper of a parcel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Paper {
    Label,
    Slip,
}

/// What a printer understands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaperFormat {
    Pdf,
    /// ZPL II, for label printers with 203 dots to the inch.
    Zpl,
}

/// What has happened to the papers of a parcel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "event")]
pub enum PrintsEvent {
    Printed {
        parcel: ParcelId,
        paper: Paper,
        format: PaperFormat,
        /// There for a label.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        label: Option<Label>,
        /// The same paper was printed before.
        reprint: bool,
        /// What could not be shown, in words like `recipient:U+3400` and `note:cut`.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        losses: Vec<String>,
    },
}

impl Prints {
    /// What its id is for a parcel.
    pub fn id_of(parcel: &ParcelId) -> String {
        format!("{parcel}/prints")
    }
}

impl Document for Prints {
    type Event = PrintsEvent;
    const KIND: &'static str = "prints";

    fn read(json: &str) -> serde_json::Result<Self> {
        serde_json::from_str(json)
    }

    fn id(&self) -> &str {
        &self.id
    }

    fn begin(event: &PrintsEvent) -> Option<Self> {
        let PrintsEvent::Printed { parcel, .. } = event;
        let (id, parcel) = (Self::id_of(parcel), parcel.clone());
        let mut prints = Self { id, parcel, labels: 0, slips: 0, label: None };
        prints.evolve(event);
        Some(prints)
    }

    fn evolve(&mut self, event: &PrintsEvent) {
        let PrintsEvent::Printed { paper, label, .. } = event;
        match paper {
            Paper::Label => {
                self.labels = self.labels.saturating_add(1);
                self.label.clone_from(label);
            }
            Paper::Slip => self.slips = self.slips.saturating_add(1),
        }
    }

    fn react(&self, _: &PrintsEvent) -> Vec<Effect> {
        Vec::new()
    }
}

/// Minor units that the buyer pays for units in a parcel: what its courier collects for them, or
/// their frozen share. `before` are units in earlier parcels of the order, so that the parts sum to
/// the whole.
pub fn paid_for(order: &Order, parcel: &Parcel, pick: &Pick, before: &[Pick]) -> i64 {
    let collected = parcel.cash.iter().flat_map(|cash| &cash.collect.lines);
    if let Some(amount) = collected.into_iter().find(|amount| amount.line == pick.line) {
        return amount.minor;
    }
    let Some(line) = order.line(pick.line) else { return 0 };
    let first = before.iter().filter(|p| p.line == pick.line).map(|p| p.units).sum();
    share_of_units(line.paid_minor, line.quantity, first, pick.units)
}

/// Whether a paper of a parcel may be printed. Precedence: state, label.
pub fn may_print(parcel: &Parcel, paper: Paper) -> Result<(), Refusal> {
    match &parcel.state {
        ParcelState::Packed | ParcelState::Shipped { .. } => {}
        ParcelState::Cancelled { .. }
        | ParcelState::CameBack { .. }
        | ParcelState::GivenUp { .. } => {
            let allowed = parcel.allowed_actions();
            return Err(Refusal::IllegalStep { state: parcel.word(), allowed });
        }
    }
    match (paper, &parcel.label) {
        (Paper::Label, None) => Err(PackingRefusal::NoLabel.into()),
        (Paper::Label, Some(_)) | (Paper::Slip, _) => Ok(()),
    }
}

/// A paper of a parcel was drawn for a printer. Another label than the last one is no reprint.
/// Answers whether it was printed before.
pub fn printed(
    change: &mut Change,
    known: Option<Stored<Prints>>,
    parcel: &Parcel,
    (paper, format): (Paper, PaperFormat),
    losses: Vec<String>,
) -> Result<bool, Refusal> {
    may_print(parcel, paper)?;
    let label = parcel.label.clone().filter(|_| paper == Paper::Label);
    let reprint = known.as_ref().is_some_and(|known| match paper {
        Paper::Label => known.doc.label == label,
        Paper::Slip => known.doc.slips > 0,
    });
    let parcel = parcel.id.clone();
    let event = PrintsEvent::Printed { parcel, paper, format, label, reprint, losses };
    match known {
        Some(mut known) => change.record(&mut known, event),
        None => drop(change.begin::<Prints>(event)),
    }
    Ok(reprint)
}
