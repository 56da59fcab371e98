//! Shipping rates: one table for a merchant, who says it and sees it.

use super::{Described, concerns};
use crate::import::Column;
use domain::{MerchantId, Rates};
use edge::{FieldFault, Principal, Role};

impl Described for Rates {
    const WORD: &'static str = "table of rates";
    const WRITERS: &'static [Role] = &[Role::Operator, Role::Merchant];
    const MERCHANT_AT: &'static str = "#/id";
    const COLUMNS: &'static [Column] = &[];

    fn is_writable_by(&self, who: &Principal) -> bool {
        concerns(who, self.id.as_str())
    }

    fn is_visible_to(&self, who: &Principal) -> bool {
        concerns(who, self.id.as_str())
    }

    fn sold_by(&self) -> Option<&MerchantId> {
        Some(&self.id)
    }

    fn faults(&self) -> Vec<FieldFault> {
        self.check().iter().map(FieldFault::from).collect()
    }
}
