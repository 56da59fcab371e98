//! Every way packing and printing say no. One word each, as for any refusal.

use super::{ScanMistake, Serial};
use crate::{Pick, Refusal};

/// Why it cannot be packed, or its papers not printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PackingRefusal {
    /// What was scanned is not all that the parcel is to hold.
    ScansDiffer { missing: Vec<Pick> },
    /// Of the scans that were brought together, this one (from 0) is wrong.
    BadScan { at: usize, mistake: ScanMistake },
    /// This shop packs nothing that was not scanned.
    RecheckNeeded,
    /// Each piece of this line has a serial number, and it must be scanned.
    SerialsNeeded { line: u16 },
    /// A piece with this serial number is in another parcel.
    SerialElsewhere { serial: Serial },
    /// There is no such box in this warehouse.
    UnknownBox,
    /// This shop packs nothing without saying into which box.
    BoxNeeded,
    /// The box must not be so heavy.
    BoxOverloaded { most_g: i64 },
    /// The parcel does not weigh what its goods and its box weigh.
    WeightOutOfTolerance { expected_g: i64, least_g: i64, most_g: i64 },
    /// The parcel has no waybill number yet.
    NoLabel,
}

impl PackingRefusal {
    /// The stable code.
    pub fn word(&self) -> &'static str {
        match self {
            Self::ScansDiffer { .. } => "scans_differ",
            Self::BadScan { mistake, .. } => mistake.word(),
            Self::RecheckNeeded => "recheck_needed",
            Self::SerialsNeeded { .. } => "serials_needed",
            Self::SerialElsewhere { .. } => "serial_elsewhere",
            Self::UnknownBox => "unknown_box",
            Self::BoxNeeded => "box_needed",
            Self::BoxOverloaded { .. } => "box_overloaded",
            Self::WeightOutOfTolerance { .. } => "weight_out_of_tolerance",
            Self::NoLabel => "no_label",
        }
    }
}

impl From<PackingRefusal> for Refusal {
    fn from(refusal: PackingRefusal) -> Self {
        Self::Packing(refusal)
    }
}
