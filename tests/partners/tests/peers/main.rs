//! The partners, from outside: first as functions, then as servers.
//! Stories of the whole shop use both.
#![cfg(test)]

mod messengers;
mod pure;
mod sockets;
