//! Everything that is read. One statement each, answering one JSON row with all that a decision or
//! an answer needs.

mod bins;
mod carriers;
mod cash;
mod catalog;
mod described;
mod documents;
mod exceptions;
mod lists;
mod messages;
mod money;
mod packing;
mod parcels;
mod payments;
mod picking;
mod queues;
mod routing;
mod stock;
mod to_pick;
mod tracking;

pub use bins::*;
pub use carriers::*;
pub use cash::*;
pub use catalog::*;
pub use described::*;
pub use documents::*;
pub use exceptions::*;
pub use lists::*;
pub use messages::*;
pub use money::*;
pub use packing::*;
pub use parcels::*;
pub use payments::*;
pub use picking::*;
pub use queues::*;
pub use routing::*;
pub use stock::*;
pub use to_pick::*;
pub use tracking::*;
