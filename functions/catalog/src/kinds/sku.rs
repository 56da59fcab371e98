//! SKUs. Each merchant describes and sees their own.

use super::{Described, concerns};
use crate::import::{Column, Is, at, key, may, must};
use domain::{MerchantId, Sku};
use edge::{FieldFault, Principal, Role};

impl Described for Sku {
    const WORD: &'static str = "SKU";
    const WRITERS: &'static [Role] = &[Role::Operator, Role::Merchant];
    const COLUMNS: &'static [Column] = &[
        key("id", Is::Text),
        must("merchant", Is::Text),
        must("name", Is::Text),
        must("price_minor", Is::Number),
        must("currency", Is::Text),
        may("weight_g", Is::Number),
        at("length_mm", "size_mm/length", Is::Number),
        at("width_mm", "size_mm/width", Is::Number),
        at("height_mm", "size_mm/height", Is::Number),
        may("barcodes", Is::List),
        may("for_sale", Is::Flag),
        may("return_days", Is::Number),
        may("return_exception", Is::Text),
        may("serial_kept", Is::Flag),
        may("warranty_months", Is::Number),
        may("low_stock", Is::Number),
        may("active", Is::Flag),
    ];

    fn is_writable_by(&self, who: &Principal) -> bool {
        concerns(who, self.merchant.as_str())
    }

    fn is_visible_to(&self, who: &Principal) -> bool {
        concerns(who, self.merchant.as_str())
    }

    fn sold_by(&self) -> Option<&MerchantId> {
        Some(&self.merchant)
    }

    fn faults(&self) -> Vec<FieldFault> {
        self.check().iter().map(FieldFault::from).collect()
    }
}
