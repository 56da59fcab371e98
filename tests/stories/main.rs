//! The stories: who does what over HTTP, then what buyers, merchants, the gateway and the ledger see.
#![cfg(test)]

mod happy_path;
