//! Packing (打包): goods of an order are scanned before they become a parcel (复核), weighed against
//! what they should weigh, and laid into a box that is known.
//!
//! A packing is one parcel in the making. It holds no goods: two people may pack for one order, and
//! who closes second is told what is left. Each scan, right or wrong, is an event of it, so the
//! journal says what was read, by whom and when; the document keeps the counts only.

mod boxes;
mod code;
mod decide;
mod judge;
mod packed;
mod refusal;
mod weight;

pub use boxes::*;
pub(crate) use code::is_same;
pub use code::{Serial, barcode_forms};
pub use decide::*;
pub use judge::*;
pub use packed::*;
pub use refusal::*;
pub use weight::*;

use crate::{
    Action, Document, Effect, MerchantId, Millis, OrderId, PackingId, ParcelId, Pick, Refusal,
    SkuId, WarehouseId,
};
use serde::{Deserialize, Serialize};

/// One parcel in the making.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Packing {
    pub id: PackingId,
    pub order: OrderId,
    pub merchant: MerchantId,
    pub warehouse: WarehouseId,
    /// What the parcel is to hold, each line of the order once.
    pub lines: Vec<LineScans>,
    /// Scans that were wrong.
    pub mistakes: u32,
    pub opened_at: Millis,
    pub state: PackingState,
}

/// Units of a line that the parcel is to hold, and what was scanned of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineScans {
    pub line: u16,
    pub sku: SkuId,
    pub wanted: i64,
    pub scanned: i64,
    /// Of the scanned units, where the SKU keeps serial numbers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub serials: Vec<Serial>,
}

/// Where a packing stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum PackingState {
    Open,
    Closed {
        parcel: ParcelId,
        at: Millis,
    },
    /// Nothing came of it.
    Abandoned {
        at: Millis,
    },
}

/// What has happened to a packing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "event")]
pub enum PackingEvent {
    Opened {
        packing: Packing,
    },
    /// `code` is what the scanner read, `line` what it was found to be.
    Scanned {
        code: String,
        line: u16,
        units: i64,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        serial: Option<Serial>,
    },
    /// Taken out again.
    Unscanned {
        code: String,
        line: u16,
        units: i64,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        serial: Option<Serial>,
    },
    /// Something else was read than should have been. Changes no count.
    Mistaken {
        code: String,
        units: i64,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        serial: Option<Serial>,
        mistake: ScanMistake,
    },
    Closed {
        parcel: ParcelId,
        at: Millis,
    },
    Abandoned {
        at: Millis,
    },
}

impl PackingState {
    pub fn word(&self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Closed { .. } => "closed",
            Self::Abandoned { .. } => "abandoned",
        }
    }

    /// The table of transitions.
    pub fn allows(&self) -> &'static [Action] {
        match self {
            Self::Open => &[Action::Scan, Action::Close, Action::Abandon],
            Self::Closed { .. } | Self::Abandoned { .. } => &[],
        }
    }
}

impl Packing {
    /// What of it was scanned.
    pub fn scanned(&self) -> Vec<Pick> {
        let pick = |l: &LineScans| Pick { line: l.line, units: l.scanned };
        self.lines.iter().map(pick).filter(|pick| pick.units > 0).collect()
    }

    /// What of it was not scanned yet.
    pub fn missing(&self) -> Vec<Pick> {
        let pick = |l: &LineScans| Pick { line: l.line, units: l.wanted - l.scanned };
        self.lines.iter().map(pick).filter(|pick| pick.units > 0).collect()
    }

    /// Every serial number that was scanned, with its line.
    pub fn serials(&self) -> Vec<SerialOf> {
        let of = |l: &LineScans, serial: &Serial| {
            let (line, sku, serial) = (l.line, l.sku.clone(), serial.clone());
            SerialOf { line, sku, serial }
        };
        self.lines.iter().flat_map(|l| l.serials.iter().map(move |s| of(l, s))).collect()
    }

    pub fn is_final(&self) -> bool {
        self.state.allows().is_empty()
    }

    fn must_allow(&self, action: Action) -> Result<(), Refusal> {
        let allowed = self.state.allows();
        if allowed.contains(&action) {
            Ok(())
        } else {
            Err(Refusal::IllegalStep { state: self.state.word(), allowed: allowed.to_vec() })
        }
    }

    fn line_mut(&mut self, no: u16) -> Option<&mut LineScans> {
        self.lines.iter_mut().find(|l| l.line == no)
    }
}

impl Document for Packing {
    type Event = PackingEvent;
    const KIND: &'static str = "packings";

    fn read(json: &str) -> serde_json::Result<Self> {
        serde_json::from_str(json)
    }

    fn id(&self) -> &str {
        self.id.as_str()
    }

    fn begin(event: &PackingEvent) -> Option<Self> {
        if let PackingEvent::Opened { packing } = event { Some(packing.clone()) } else { None }
    }

    fn evolve(&mut self, event: &PackingEvent) {
        match event {
            PackingEvent::Opened { packing } => self.clone_from(packing),
            PackingEvent::Scanned { line, units, serial, .. } => {
                if let Some(line) = self.line_mut(*line) {
                    line.scanned += units;
                    line.serials.extend(serial.clone());
                }
            }
            PackingEvent::Unscanned { line, units, serial, .. } => {
                if let Some(line) = self.line_mut(*line) {
                    line.scanned -= units;
                    line.serials.retain(|known| Some(known) != serial.as_ref());
                }
            }
            PackingEvent::Mistaken { .. } => self.mistakes = self.mistakes.saturating_add(1),
            PackingEvent::Closed { parcel, at } => {
                self.state = PackingState::Closed { parcel: parcel.clone(), at: *at };
            }
            PackingEvent::Abandoned { at } => self.state = PackingState::Abandoned { at: *at },
        }
    }

    fn react(&self, _: &PackingEvent) -> Vec<Effect> {
        Vec::new()
    }
}
