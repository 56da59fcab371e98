//! Every gateway's dialect, from outside: bytes in, facts out; orders in, requests out.
#![cfg(test)]

mod stripe;
mod stripe_refund;
