//! Whether a scan is right: what the code names, and whether the parcel is to hold that.

use super::code::is_same;
use super::{LineScans, Packing, PackingState, Serial};
use crate::{BoxType, Fault, FaultKind, ParcelId, ParcelState, Sku, SkuId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What somebody read with a scanner.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scan {
    /// A barcode of an SKU, or the SKU itself.
    pub code: String,
    /// How many pieces, where one is scanned for several.
    #[serde(default = "one")]
    pub quantity: i64,
    /// Of the piece, where its SKU keeps serial numbers.
    #[serde(default)]
    pub serial: Option<Serial>,
}

fn one() -> i64 {
    1
}

/// Pieces of one scan.
const PIECES_AT_MOST: i64 = 99_999;
/// Characters of a code: a QR code with a web address is still a scan, and a wrong one.
const CODE_AT_MOST: usize = 200;

impl Scan {
    /// What no scanner can have read, with its place below `at`.
    pub(super) fn check(&self, at: &str) -> Vec<Fault> {
        let mut faults = Vec::new();
        let mut add = |field: &str, what| faults.push(Fault::at(format!("{at}/{field}"), what));
        if self.code.trim().is_empty() {
            add("code", FaultKind::Missing);
        } else if self.code.chars().count() > CODE_AT_MOST {
            add("code", FaultKind::TooLong { at_most: CODE_AT_MOST });
        } else if self.code.contains(char::is_control) {
            add("code", FaultKind::NotPlainText);
        }
        if !(1..=PIECES_AT_MOST).contains(&self.quantity) {
            add("quantity", FaultKind::OutOfRange { least: 1, most: PIECES_AT_MOST });
        }
        faults
    }
}

/// Why a scan does not count. In the order in which it is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScanMistake {
    /// The packing is closed or abandoned.
    NotOpen,
    /// No SKU has this code.
    UnknownBarcode,
    /// Goods of ours, but of another order.
    NotInOrder,
    /// Several SKUs of the order have this code: the SKU itself must be named.
    AmbiguousBarcode,
    /// Of this order, but this parcel is not to hold it.
    NotWanted,
    /// Each piece has a serial number, so each is scanned by itself, with it.
    SerialMissing,
    /// The SKU keeps no serial numbers.
    SerialNotKept,
    /// This very piece was scanned before.
    SerialRepeated,
    /// More than the parcel is to hold.
    TooMany,
    /// A piece with this serial number is in another parcel.
    SerialElsewhere,
    /// What is to be taken out was not put in.
    NotScanned,
}

impl ScanMistake {
    /// The stable code.
    pub fn word(self) -> &'static str {
        match self {
            Self::NotOpen => "not_open",
            Self::UnknownBarcode => "unknown_barcode",
            Self::NotInOrder => "not_in_order",
            Self::AmbiguousBarcode => "ambiguous_barcode",
            Self::NotWanted => "not_wanted",
            Self::SerialMissing => "serial_missing",
            Self::SerialNotKept => "serial_not_kept",
            Self::SerialRepeated => "serial_repeated",
            Self::TooMany => "too_many",
            Self::SerialElsewhere => "serial_elsewhere",
            Self::NotScanned => "not_scanned",
        }
    }
}

/// What a packer's table has to know besides the order.
#[derive(Debug, Clone, Default)]
pub struct Desk {
    /// Of the order.
    pub skus: Vec<Sku>,
    /// Those of the warehouse that are in use.
    pub boxes: Vec<BoxType>,
    /// Of the codes that were scanned, those that some SKU has.
    pub known: BTreeSet<String>,
    /// Where the serial numbers that were scanned have been before.
    pub serials: Vec<SerialUse>,
}

/// A parcel that a piece went into.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct SerialUse {
    pub sku: SkuId,
    pub serial: Serial,
    pub parcel: ParcelId,
    /// Where that parcel is.
    pub state: ParcelState,
    /// Units of its line that came back from the buyer.
    pub returned: i64,
}

impl SerialUse {
    /// The piece cannot be in our hands: its parcel has not come back, and neither has the piece,
    /// as far as anybody knows.
    fn is_away(&self) -> bool {
        match self.state {
            ParcelState::Packed => true,
            ParcelState::Shipped { .. } => self.returned == 0,
            ParcelState::GivenUp { back_at, .. } => back_at.is_none(),
            ParcelState::Cancelled { .. } | ParcelState::CameBack { .. } => false,
        }
    }
}

impl Desk {
    pub fn sku(&self, id: &SkuId) -> Option<&Sku> {
        self.skus.iter().find(|sku| sku.id == *id)
    }

    /// How often a piece has been in a parcel, unless it still is.
    pub(super) fn times_packed(&self, sku: &SkuId, serial: &Serial) -> Option<usize> {
        let mut uses = self.serials.iter().filter(|u| u.sku == *sku && u.serial == *serial);
        if uses.clone().any(SerialUse::is_away) { None } else { Some(uses.by_ref().count()) }
    }

    /// The SKU of the order that a code names. The SKU's own name goes before barcodes.
    fn named(&self, code: &str) -> Result<&Sku, ScanMistake> {
        if let Some(sku) = self.skus.iter().find(|sku| sku.id.as_str() == code) {
            return Ok(sku);
        }
        let has = |sku: &&Sku| sku.barcodes.iter().any(|own| is_same(code, own));
        let mut found = self.skus.iter().filter(has);
        match (found.next(), found.next()) {
            (Some(sku), None) => Ok(sku),
            (Some(_), Some(_)) => Err(ScanMistake::AmbiguousBarcode),
            (None, _) if self.known.iter().any(|known| is_same(code, known)) => {
                Err(ScanMistake::NotInOrder)
            }
            (None, _) => Err(ScanMistake::UnknownBarcode),
        }
    }
}

impl Packing {
    /// The line that a scan puts units on.
    pub(super) fn takes(&self, desk: &Desk, scan: &Scan) -> Result<u16, ScanMistake> {
        let (line, sku) = self.pointed_at(desk, scan)?;
        let before = |serial: &Serial| line.serials.contains(serial);
        if scan.serial.as_ref().is_some_and(before) {
            return Err(ScanMistake::SerialRepeated);
        }
        if scan.quantity > line.wanted - line.scanned {
            return Err(ScanMistake::TooMany);
        }
        let free = |serial: &Serial| desk.times_packed(&sku.id, serial).is_some();
        if scan.serial.as_ref().is_some_and(|serial| !free(serial)) {
            return Err(ScanMistake::SerialElsewhere);
        }
        Ok(line.line)
    }

    /// The line that a scan takes units from.
    pub(super) fn gives(&self, desk: &Desk, scan: &Scan) -> Result<u16, ScanMistake> {
        let (line, _) = self.pointed_at(desk, scan)?;
        let in_it = |serial: &Serial| line.serials.contains(serial);
        let there = scan.serial.as_ref().is_none_or(in_it);
        if scan.quantity > line.scanned || !there {
            return Err(ScanMistake::NotScanned);
        }
        Ok(line.line)
    }

    fn pointed_at<'a>(
        &'a self,
        desk: &'a Desk,
        scan: &Scan,
    ) -> Result<(&'a LineScans, &'a Sku), ScanMistake> {
        if self.state != PackingState::Open {
            return Err(ScanMistake::NotOpen);
        }
        let sku = desk.named(scan.code.trim())?;
        let line = self.lines.iter().find(|line| line.sku == sku.id);
        let line = line.ok_or(ScanMistake::NotWanted)?;
        match (&scan.serial, sku.serial_kept) {
            (Some(_), false) => Err(ScanMistake::SerialNotKept),
            (None, true) => Err(ScanMistake::SerialMissing),
            (Some(_), true) if scan.quantity != 1 => Err(ScanMistake::SerialMissing),
            (Some(_) | None, _) => Ok((line, sku)),
        }
    }
}
