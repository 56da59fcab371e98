//! Labels and slips as they are on paper.
#![cfg(test)]

mod bar_codes;
mod given;
mod label;
mod slip;
