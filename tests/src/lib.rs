//! The harness of the stories: a shop with verbs, and two ways of running it.
//!
//! A story is written once. `native` runs the functions in this process, on a SQLite file and a
//! clock of its own; `components` runs the very files that `spin up` runs, in the bundled host. The
//! partners (gateway, carrier, merchants) are real peers in both. Nothing here knows a rule of the
//! shop; what must always hold is checked by the auditor, after every story.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a verb that cannot go on fails its test and says why; the product links none of it"
)]

mod ask;
mod audit;
mod books;
mod carrier;
mod catalog;
mod chance;
mod client;
mod components;
mod contract;
mod couriers;
mod exceptions;
mod gateway;
mod journal;
mod ledger;
mod native;
mod notify;
mod offer;
mod packing;
mod pattern;
mod people;
mod picking;
mod printing;
mod routing;
mod scratch;
mod shop;
mod stage;

pub use ask::{Answer, Ask};

pub use books::Books;
pub use carrier::{
    DAMAGED, DELAYED, DELIVERED, ON_THE_WAY, OUT_FOR_DELIVERY, PICKED_UP, REFUSED, RETURNED,
    RETURNING, Sighting,
};
pub use chance::Chance;
pub use components::Components;
pub use contract::{Contract, Operation, contract};
pub use ledger::Ledger;
pub use native::{Native, handle};
pub use notify::Endpoint;
pub use offer::Offer;
pub use packing::Packing;
pub use people::{Case, Order, Parcel, Person, Purchase, Statement, address};
pub use shop::{SCHEDULER, START, Shop, runtime, signing_key};
pub use stage::Stage;

pub use domain::{DAY, HOUR, MINUTE, Millis, SECOND};
pub use partners::{Fault as PartnerFault, Refund, Scan};
pub use serde_json::{Value, json};
pub use store::Fault;

/// Makes two tests of each story: `native::…` and `components::…`, both with an audit at the end.
#[macro_export]
macro_rules! stories {
    ($($story:ident)*) => {
        mod native {
            $(#[test]
            fn $story() {
                $crate::tell(async || $crate::Shop::natively(), super::$story);
            })*
        }
        mod components {
            $(#[test]
            fn $story() {
                $crate::tell(async || $crate::Shop::of_components().await, super::$story);
            })*
        }
    };
}

/// Opens a shop, tells a story in it and audits the books.
pub fn tell(opens: impl AsyncFnOnce() -> Shop, story: impl AsyncFnOnce(&Shop)) {
    runtime().block_on(async {
        let shop = opens().await;
        story(&shop).await;
        shop.audit().await;
        for heard in shop.receiver.received() {
            assert_eq!(contract().fault_of_webhook(&heard.body), None, "{}", heard.body);
        }
    });
}
