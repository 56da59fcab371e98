//! The partners, from outside.
#![cfg(test)]

mod pure;
mod sockets;
