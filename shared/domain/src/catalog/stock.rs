//! Stock that changes without an order: counts, deliveries, losses. Every piece that comes or goes
//! has a reason and an author; what is on hand is the sum of all movements, from the first on.

use crate::{Change, Effect, Fault, FaultKind, Refusal, Sku, SkuId, WarehouseId};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Pieces of one SKU in one warehouse.
pub const PIECES_AT_MOST: i64 = 1_000_000_000;
/// Lines of one adjustment.
pub const ADJUSTED_AT_MOST: usize = 200;

/// Pieces that came or went without an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StockAdjustment {
    pub sku: SkuId,
    pub warehouse: WarehouseId,
    /// The difference, in pieces.
    pub on_hand: i64,
    /// The pieces that were believed to be on hand. If others moved some meanwhile, the whole
    /// change is refused and decided again.
    pub known: i64,
    pub why: AdjustReason,
    pub note: Option<String>,
    /// The adjustment that it belongs to; none: a file's row.
    pub about: Option<String>,
}

/// Why pieces came or went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AdjustReason {
    /// A stocktake: what was counted counts.
    Counted,
    Received,
    Found,
    Lost,
    Damaged,
    Expired,
    ReturnedToSupplier,
    /// Something was booked wrong before; the note says what.
    Correction,
}

impl AdjustReason {
    /// The stable word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Counted => "counted",
            Self::Received => "received",
            Self::Found => "found",
            Self::Lost => "lost",
            Self::Damaged => "damaged",
            Self::Expired => "expired",
            Self::ReturnedToSupplier => "returned_to_supplier",
            Self::Correction => "correction",
        }
    }

    /// Whether it may bring that many pieces; negative takes them away.
    fn goes(self, delta: i64) -> bool {
        match self {
            Self::Counted | Self::Correction => true,
            Self::Received | Self::Found => delta >= 0,
            Self::Lost | Self::Damaged | Self::Expired | Self::ReturnedToSupplier => delta <= 0,
        }
    }
}

/// Somebody says what came, went, or was counted.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AdjustStock {
    pub reason: AdjustReason,
    #[serde(default)]
    pub note: Option<String>,
    pub lines: Vec<AdjustLine>,
}

/// A difference, or a count. One of the two.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AdjustLine {
    pub sku: SkuId,
    pub warehouse: WarehouseId,
    #[serde(default)]
    pub delta: Option<i64>,
    #[serde(default)]
    pub count: Option<i64>,
}

/// Stock of an SKU in a warehouse, in pieces.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StockLevel {
    pub sku: SkuId,
    pub warehouse: WarehouseId,
    pub on_hand: i64,
    pub held: i64,
}

impl StockLevel {
    /// Pieces that nobody is promised.
    pub fn free(&self) -> i64 {
        self.on_hand - self.held
    }
}

/// What is known where, as far as a count or an adjustment needs it.
#[derive(Debug, Clone, Default)]
pub struct Shelves {
    pub skus: BTreeMap<SkuId, Sku>,
    pub warehouses: BTreeSet<WarehouseId>,
    pub levels: Vec<StockLevel>,
}

/// A fault and the field that has it.
pub type FieldOf = (&'static str, FaultKind);

impl Shelves {
    /// What is there now; nothing, where nothing ever was.
    pub fn level(&self, sku: &SkuId, warehouse: &WarehouseId) -> Result<StockLevel, FieldOf> {
        if !self.skus.contains_key(sku) {
            return Err(("sku", FaultKind::UnknownSku));
        }
        if !self.warehouses.contains(warehouse) {
            return Err(("warehouse", FaultKind::UnknownWarehouse));
        }
        let here = |l: &&StockLevel| l.sku == *sku && l.warehouse == *warehouse;
        let nothing =
            || StockLevel { sku: sku.clone(), warehouse: warehouse.clone(), on_hand: 0, held: 0 };
        Ok(self.levels.iter().find(here).cloned().unwrap_or_else(nothing))
    }
}

impl StockLevel {
    /// The same shelf with so many pieces, if that can be.
    pub fn with(&self, on_hand: i64) -> Result<Self, FaultKind> {
        if !(0..=PIECES_AT_MOST).contains(&on_hand) {
            return Err(FaultKind::OutOfRange { least: 0, most: PIECES_AT_MOST });
        }
        if on_hand < self.held {
            return Err(FaultKind::LessThanHeld { held: self.held });
        }
        Ok(Self { on_hand, ..self.clone() })
    }
}

/// Books what somebody says came, went or was counted; all of it or nothing. Answers each shelf
/// before and after. Precedence: the whole, then each line's form, its names, its pieces.
pub fn adjust_stock(
    change: &mut Change,
    id: &crate::AdjustmentId,
    wanted: &AdjustStock,
    shelves: &Shelves,
) -> Result<Vec<(StockLevel, StockLevel)>, Refusal> {
    let mut faults = wanted.check();
    let mut adjusted = Vec::new();
    for (i, line) in wanted.lines.iter().enumerate() {
        match line.adjusted(wanted.reason, shelves) {
            Ok(levels) => adjusted.push(levels),
            Err((field, what)) => faults.push(Fault::at(format!("#/lines/{i}/{field}"), what)),
        }
    }
    if !faults.is_empty() {
        return Err(Refusal::Faulty(faults));
    }
    for (before, after) in &adjusted {
        change.effect(Effect::Adjust(StockAdjustment {
            sku: after.sku.clone(),
            warehouse: after.warehouse.clone(),
            on_hand: after.on_hand - before.on_hand,
            known: before.on_hand,
            why: wanted.reason,
            note: wanted.note.clone(),
            about: Some(id.to_string()),
        }));
    }
    Ok(adjusted)
}

impl AdjustStock {
    fn check(&self) -> Vec<Fault> {
        let mut faults = super::Faults::default();
        match &self.note {
            Some(note) => faults.text("#/note", note, 500),
            None if self.reason == AdjustReason::Correction => {
                faults.add("#/note", FaultKind::Missing);
            }
            None => {}
        }
        if self.lines.is_empty() {
            faults.add("#/lines", FaultKind::NoLines);
        } else if self.lines.len() > ADJUSTED_AT_MOST {
            faults.add("#/lines", FaultKind::TooManyLines { at_most: ADJUSTED_AT_MOST });
        }
        let mut seen = BTreeSet::new();
        for (i, line) in self.lines.iter().enumerate() {
            if !seen.insert((&line.sku, &line.warehouse)) {
                faults.add(format!("#/lines/{i}/sku"), FaultKind::Repeated);
            }
        }
        faults.0
    }
}

impl AdjustLine {
    fn adjusted(
        &self,
        reason: AdjustReason,
        shelves: &Shelves,
    ) -> Result<(StockLevel, StockLevel), FieldOf> {
        let either = FaultKind::EitherOr { one: "delta", other: "count" };
        let field = match (self.delta, self.count) {
            (Some(_), None) if reason == AdjustReason::Counted => {
                return Err(("delta", FaultKind::WrongDirection));
            }
            (Some(_), None) => "delta",
            (None, Some(_)) => "count",
            (Some(_), Some(_)) | (None, None) => return Err(("delta", either)),
        };
        if self.delta == Some(0) {
            return Err((field, FaultKind::OutOfRange { least: 1, most: PIECES_AT_MOST }));
        }
        let before = shelves.level(&self.sku, &self.warehouse)?;
        let by_delta = self.delta.map(|delta| before.on_hand.saturating_add(delta));
        let on_hand = self.count.or(by_delta).unwrap_or(before.on_hand);
        if !reason.goes(on_hand.saturating_sub(before.on_hand)) {
            return Err((field, FaultKind::WrongDirection));
        }
        let after = before.with(on_hand).map_err(|what| (field, what))?;
        Ok((before, after))
    }
}

/// A count out of a file: sets what is on hand to what was counted by moving the difference. The
/// same count again moves nothing.
pub fn count_stock(change: &mut Change, before: &StockLevel, counted: &StockLevel) {
    if counted.on_hand != before.on_hand {
        change.effect(Effect::Adjust(StockAdjustment {
            sku: counted.sku.clone(),
            warehouse: counted.warehouse.clone(),
            on_hand: counted.on_hand - before.on_hand,
            known: before.on_hand,
            why: AdjustReason::Counted,
            note: None,
            about: None,
        }));
    }
}
