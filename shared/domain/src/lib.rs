//! The rules of the order and after-sale process, and nothing else.
//!
//! No I/O, no async, no clock, no randomness, no SQL, no Spin: what a rule needs is an argument.
//! A decision records events on documents in a [`Change`]; `evolve` applies an event to a state,
//! `react` says which effects it has. What is stored follows from the events alone.

mod address;
mod buyer;
mod carriage;
mod carrier_choice;
mod case;
mod cash;
mod catalog;
mod change;
mod endpoint;
mod exception;
mod ids;
mod invoice;
mod ledger;
mod manifest;
mod message;
mod money;
mod news;
mod order;
mod packing;
mod parcel;
mod payment;
mod payment_fact;
mod picking;
mod policy;
mod print;
mod purchase;
mod rates;
mod refusal;
mod remittance;
mod routing;
mod statement;
mod suspense;
mod take_back;
mod time;
mod tracking;
mod waybill;

pub use address::{Delivery, DeliveryWanted, REGIONS_EDITION, Remark, check_delivery};
pub use buyer::*;
pub use carriage::*;
pub use carrier_choice::*;
pub use case::*;
pub use cash::*;
pub use catalog::*;
pub use change::*;
pub use endpoint::*;
pub use exception::*;
pub use ids::*;
pub use invoice::*;
pub use ledger::*;
pub use manifest::*;
pub use message::*;
pub use money::*;
pub use news::*;
pub use order::*;
pub use packing::*;
pub use parcel::*;
pub use payment::*;
pub use payment_fact::*;
pub use picking::*;
pub use policy::*;
pub use print::*;
pub use purchase::*;
pub use rates::*;
pub use refusal::*;
pub use remittance::*;
pub use routing::*;
pub use statement::*;
pub use suspense::*;
pub use take_back::*;
pub use time::*;
pub use tracking::*;
pub use waybill::*;
