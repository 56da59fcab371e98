//! What a shop sells, who sells it, where it lies, in what it is sent, who carries it, and by which
//! rules: merchants, warehouses, SKUs, boxes, carriers, the shop's policy. Each is a document with
//! one event, because
//! nothing about them is decided here: the shop says what they are, and `check` says what can never
//! be.
//!
//! Nothing is deleted. What is no longer used is retired (`active: false`) and keeps its history.

mod bin;
mod boxes;
mod carrier;
mod merchant;
mod shop_policy;
mod sku;
mod stock;
mod warehouse;

pub use bin::*;
pub use boxes::*;
pub use carrier::*;
pub use merchant::*;
pub use shop_policy::*;
pub use sku::*;
pub use stock::*;
pub use warehouse::*;

use crate::{Change, Document, Effect, Fault, FaultKind, Rates, Stored};
use serde::{Deserialize, Serialize};

/// The shop said what something is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "event")]
pub enum Described<D> {
    Described { now: D },
}

macro_rules! described {
    ($type:ident, $kind:literal) => {
        impl Document for $type {
            type Event = Described<$type>;
            const KIND: &'static str = $kind;

            fn read(json: &str) -> serde_json::Result<Self> {
                serde_json::from_str(json)
            }

            fn id(&self) -> &str {
                self.id.as_str()
            }
            fn begin(event: &Self::Event) -> Option<Self> {
                let Described::Described { now } = event;
                Some(now.clone())
            }
            fn evolve(&mut self, event: &Self::Event) {
                let Described::Described { now } = event;
                self.clone_from(now);
            }
            fn react(&self, _: &Self::Event) -> Vec<Effect> {
                Vec::new()
            }
        }
    };
}
described!(Merchant, "merchants");
described!(Warehouse, "warehouses");
described!(Sku, "skus");
described!(BoxType, "boxes");
described!(ShopPolicy, "policies");
described!(Rates, "rates");
described!(Carrier, "carriers");
described!(Bin, "bins");

/// Takes over what the shop says. The same again changes nothing.
pub fn describe<D>(change: &mut Change, known: Option<Stored<D>>, now: D) -> Stored<D>
where
    D: Document<Event = Described<D>> + PartialEq,
{
    match known {
        Some(same) if same.doc == now => same,
        Some(mut other) => {
            change.record(&mut other, Described::Described { now });
            other
        }
        None => {
            let doc = now.clone();
            let begun = change.begin(Described::Described { now });
            begun.unwrap_or(Stored { version: 0, doc })
        }
    }
}

/// What is in use until somebody says otherwise.
fn yes() -> bool {
    true
}

/// Collects what is wrong with a description, each fault with its place.
#[derive(Debug, Default)]
struct Faults(Vec<Fault>);

impl Faults {
    fn add(&mut self, pointer: impl Into<String>, what: FaultKind) {
        self.0.push(Fault::at(pointer, what));
    }

    /// Text that people read: not empty, and with an end.
    fn text(&mut self, pointer: impl Into<String>, text: &str, at_most: usize) {
        if text.trim().is_empty() {
            self.add(pointer, FaultKind::Missing);
        } else if text.chars().count() > at_most {
            self.add(pointer, FaultKind::TooLong { at_most });
        }
    }

    fn range(&mut self, pointer: impl Into<String>, number: i64, least: i64, most: i64) {
        if !(least..=most).contains(&number) {
            self.add(pointer, FaultKind::OutOfRange { least, most });
        }
    }

    /// Minor units.
    fn amount(&mut self, pointer: impl Into<String>, minor: i64) {
        if !(0..=crate::LARGEST_MINOR).contains(&minor) {
            self.add(pointer, FaultKind::AmountOutOfRange);
        }
    }
}
