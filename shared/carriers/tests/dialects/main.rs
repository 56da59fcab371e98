//! Every carrier's dialect, from outside: bytes in, facts out.
#![cfg(test)]

mod kuaidi100;
