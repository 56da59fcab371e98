//! Labels and slips as they are on paper.
#![cfg(test)]

mod bar_codes;
mod label;
mod seen;
mod slip;
