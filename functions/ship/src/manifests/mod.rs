//! Hand-over manifests: made, shown, and handed over.

mod hand_over;
mod make;
mod show;

pub use hand_over::hand_over;
pub use make::make;
pub use show::{list, show};
