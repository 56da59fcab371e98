//! The partners of a shop, as real peers for tests and for playing by hand: a payment gateway, a
//! carrier, the interfaces that give waybills, trackers, a merchant's webhook endpoint and the
//! providers that bring messages to buyers. They sign, verify, answer and misbehave.
//!
//! They share no code with the product, so that a mistake is not made twice. Every one works
//! without a network too: what it sends is data, what it answers is a function; the servers are
//! thin shells. Nothing here decides anything about orders.

mod alipay;
mod carrier;
mod client;
pub mod control;
mod couriers;
mod delivery;
mod fault;
mod gateway;
mod keys;
mod messengers;
mod receiver;
mod refunds;
mod server;
mod trackers;
mod trades;
mod wechatpay;

pub use alipay::Alipay;
pub use carrier::{Carrier, Scan};
pub use client::send;
pub use couriers::{Couriers, EasyPostDesk, Postage, SfDesk, SfOrder};
pub use delivery::Delivery;
pub use fault::{Fault, Hang};
pub use gateway::Gateway;
pub use messengers::{AliyunSms, JPushPush, Mail, Messengers, Push, ResendMail, Sms};
pub use receiver::{Received, Receiver};
pub use refunds::Refund;
pub use server::{Handler, Running, serve};
pub use trackers::{Followed, Trackers};
pub use wechatpay::WechatPay;

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use serde_json::Value;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

/// Unix seconds by this machine's clock.
pub fn now_unix() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

pub(crate) fn json_answer(status: StatusCode, body: &Value) -> Response<Bytes> {
    let mut answer = Response::new(Bytes::from(body.to_string()));
    *answer.status_mut() = status;
    let json = HeaderValue::from_static("application/json");
    answer.headers_mut().insert(header::CONTENT_TYPE, json);
    answer
}

/// The text at a JSON pointer; empty if there is none.
pub(crate) fn text<'v>(value: &'v Value, pointer: &str) -> &'v str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

/// A test that failed while it held the lock is no reason to hide what the others see.
pub(crate) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
