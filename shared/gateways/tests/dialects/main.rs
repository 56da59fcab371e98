//! Every gateway's dialect, from outside: bytes in, facts out; orders in, requests out.
//! Keys and messages are data; nothing here reaches a network or a clock.
#![cfg(test)]

mod alipay;
mod signing;
mod stripe;
mod stripe_refund;
mod wechatpay;
mod wechatpay_refund;
