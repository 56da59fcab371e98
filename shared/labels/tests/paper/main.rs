//! Labels and slips as they are on paper.

mod bar_codes;
mod label;
mod seen;
mod slip;
