//! Every carrier's dialect, from outside: bytes in, facts out.
//! Keys and messages are data; nothing here reaches a network or a clock.
#![cfg(test)]

mod aftership;
mod asking;
mod booking;
mod easypost;
mod kuaidi100;
mod seventeen_track;
mod shunfeng;
