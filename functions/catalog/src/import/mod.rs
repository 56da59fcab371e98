//! What comes in files: documents of a kind, and counts of stock.

mod counts;
mod documents;

pub use counts::Counts;
pub use documents::Documents;
pub use edge::import::{Bulk, Column, Is, Row, at, import, key, may, must};
