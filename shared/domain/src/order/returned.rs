//! Units that came back from a buyer, or from a door where nobody took them.

use super::Pick;
use crate::WarehouseId;
use serde::{Deserialize, Serialize};

/// Units that came back, and where to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Returned {
    pub line: u16,
    pub units: i64,
    pub warehouse: WarehouseId,
    pub to: Disposition,
}

impl Returned {
    pub fn pick(&self) -> Pick {
        Pick { line: self.line, units: self.units }
    }
}

/// What becomes of a unit that came back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Disposition {
    /// Back on the shelf.
    Restock,
    Refurbish,
    BackToBuyer,
    Scrap,
}
