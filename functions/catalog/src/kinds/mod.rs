//! What differs between merchants, warehouses, SKUs, boxes, rates, carriers and policies when they
//! are described. A kind is one file here, and one line in `lib.rs` and in the store's table of
//! catalogued kinds.

mod boxes;
mod carrier;
mod merchant;
mod policy;
mod rates;
mod sku;
mod warehouse;

pub use policy::effective;

use crate::import::Column;
use domain::{Document, MerchantId};
use edge::{FieldFault, Principal, Role};
use serde_json::{Value, json};

/// Everybody who works with the catalog.
pub const READERS: &[Role] =
    &[Role::Merchant, Role::Warehouse, Role::Support, Role::Finance, Role::Operator];

/// A kind of thing in the catalog.
pub trait Described:
    store::Catalogued + Document<Event = domain::Described<Self>> + PartialEq + 'static
{
    /// What people call one.
    const WORD: &'static str;
    /// Who may describe it.
    const WRITERS: &'static [Role];
    /// Where it names the merchant that it is of.
    const MERCHANT_AT: &'static str = "#/merchant";
    /// What of it fits into a CSV file; nothing: it does not come in files.
    const COLUMNS: &'static [Column];

    /// Whether somebody with a writer's role may describe this very one.
    fn is_writable_by(&self, _: &Principal) -> bool {
        true
    }

    /// Whether a reader may see this very one. What they may not see does not exist for them.
    fn is_visible_to(&self, _: &Principal) -> bool {
        true
    }

    /// The merchant that sells it, and must exist.
    fn sold_by(&self) -> Option<&MerchantId> {
        None
    }

    /// What can never be, each fault with its place.
    fn faults(&self) -> Vec<FieldFault>;

    fn view(&self) -> Value {
        json!(self)
    }
}

/// A merchant's own people, and everybody who is not a merchant.
pub fn concerns(who: &Principal, merchant: &str) -> bool {
    who.role != Role::Merchant || who.merchant.as_deref() == Some(merchant)
}
