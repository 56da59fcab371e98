//! Merchants. The platform describes them; each sees only itself.

use super::{Described, concerns};
use crate::import::{Column, Is, at, key, may, must};
use domain::Merchant;
use edge::{FieldFault, Principal, Role};

impl Described for Merchant {
    const WORD: &'static str = "merchant";
    const WRITERS: &'static [Role] = &[Role::Operator];
    const COLUMNS: &'static [Column] = &[
        key("id", Is::Text),
        must("name", Is::Text),
        must("commission_bp", Is::Number),
        must("return_address", Is::Text),
        may("service_fee_minor", Is::Number),
        may("account_period", Is::Text),
        at("shipping_fee_minor", "shipping/fee_minor", Is::Number),
        at("free_shipping_from_minor", "shipping/free_from_minor", Is::Number),
        may("cash_on_delivery", Is::Flag),
        may("active", Is::Flag),
    ];

    fn is_visible_to(&self, who: &Principal) -> bool {
        concerns(who, self.id.as_str())
    }

    fn faults(&self) -> Vec<FieldFault> {
        self.check().iter().map(FieldFault::from).collect()
    }
}
