//! What comes in files: documents of a kind, and counts of stock.

mod bins;
mod counts;
mod documents;

pub use bins::Bins;
pub use counts::Counts;
pub use documents::Documents;
pub use edge::import::{Bulk, Column, Is, Row, at, import, key, may, must};
