//! A thing that is sold: its price, its measures, and what holds after the sale.

use super::{Faults, yes};
use crate::{Currency, Fault, FaultKind, MerchantId, Policy, SkuId};
use serde::{Deserialize, Serialize};

/// A thing that is sold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sku {
    pub id: SkuId,
    pub merchant: MerchantId,
    pub name: String,
    /// A retired SKU is never sold again.
    #[serde(default = "yes")]
    pub active: bool,
    /// Off the shelf for a while, if not.
    #[serde(default = "yes")]
    pub for_sale: bool,
    pub price_minor: i64,
    pub currency: Currency,
    #[serde(default)]
    pub weight_g: i64,
    #[serde(default)]
    pub size_mm: Option<Size>,
    /// What scanners read on it. A code of 8, 12, 13 or 14 digits is a GTIN and has a check digit.
    #[serde(default)]
    pub barcodes: Vec<String>,
    /// Days after completion in which it may be sent back; none: the shop's policy.
    #[serde(default)]
    pub return_days: Option<u16>,
    /// Why it cannot be sent back without a reason; none: it can.
    #[serde(default)]
    pub return_exception: Option<ReturnException>,
    /// Whether each piece's serial number is kept.
    #[serde(default)]
    pub serial_kept: bool,
    #[serde(default)]
    pub warranty_months: Option<u16>,
    /// The shop is warned when not more than this many pieces are free.
    #[serde(default)]
    pub low_stock: Option<i64>,
}

/// Length, width and height of the packed thing, in millimetres.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Size {
    pub length: i64,
    pub width: i64,
    pub height: i64,
}

/// Goods that the right to send back within seven days does not cover: the four of article 25 of
/// the consumer protection law of the PRC, and what the buyer agreed to on the order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReturnException {
    Customised,
    Perishable,
    /// Downloads, and recordings and software whose seal was broken.
    Digital,
    Periodical,
    Agreed,
}

/// Barcodes of one SKU: the piece, the box, the carton, and old ones.
const BARCODES_AT_MOST: usize = 20;

impl Sku {
    /// May be ordered now, as far as the SKU itself goes.
    pub fn sells(&self) -> bool {
        self.active && self.for_sale
    }

    /// So long after completion it may be sent back.
    pub fn return_ms(&self, policy: &Policy) -> i64 {
        let days = self.return_days.map(|days| i64::from(days) * crate::DAY);
        days.unwrap_or(policy.case_window_ms)
    }

    /// What can never be, each fault with its place.
    pub fn check(&self) -> Vec<Fault> {
        let mut faults = Faults::default();
        faults.text("#/name", &self.name, 200);
        faults.amount("#/price_minor", self.price_minor);
        faults.range("#/weight_g", self.weight_g, 0, 1_000_000);
        let sides =
            self.size_mm.map(|s| [("length", s.length), ("width", s.width), ("height", s.height)]);
        for (side, mm) in sides.into_iter().flatten() {
            faults.range(format!("#/size_mm/{side}"), mm, 1, 100_000);
        }
        if self.barcodes.len() > BARCODES_AT_MOST {
            faults.add("#/barcodes", FaultKind::TooLong { at_most: BARCODES_AT_MOST });
        }
        for (i, code) in self.barcodes.iter().enumerate() {
            let place = || format!("#/barcodes/{i}");
            if !is_barcode(code) {
                faults.add(place(), FaultKind::NotABarcode);
            } else if self.barcodes.iter().take(i).any(|before| before == code) {
                faults.add(place(), FaultKind::Repeated);
            }
        }
        faults.range("#/return_days", i64::from(self.return_days.unwrap_or(0)), 0, 3_650);
        faults.range("#/warranty_months", i64::from(self.warranty_months.unwrap_or(0)), 0, 1_200);
        faults.range("#/low_stock", self.low_stock.unwrap_or(0), 0, super::PIECES_AT_MOST);
        faults.0
    }
}

/// Printable ASCII without spaces, 1 to 48; a GTIN with its check digit (GS1 General
/// Specifications, 7.9: from the right, weights 3 and 1 in turn, up to the next ten).
fn is_barcode(code: &str) -> bool {
    let printable = (1..=48).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_graphic());
    let gtin = [8, 12, 13, 14].contains(&code.len()) && code.bytes().all(|b| b.is_ascii_digit());
    let weights = [1_u32, 3].into_iter().cycle();
    let digits = code.bytes().rev().map(|b| u32::from(b.saturating_sub(b'0')));
    printable && (!gtin || digits.zip(weights).map(|(d, w)| d * w).sum::<u32>() % 10 == 0)
}

#[cfg(test)]
mod tests {
    use super::is_barcode;

    #[test]
    fn a_gtin_with_a_wrong_check_digit_is_a_misreading() {
        for right in ["4006381333931", "96385074", "036000291452", "X-1", "123"] {
            assert!(is_barcode(right), "{right}");
        }
        for wrong in ["4006381333932", "96385075", "036000291453", "", "a b", "\u{8336}"] {
            assert!(!is_barcode(wrong), "{wrong}");
        }
    }
}
