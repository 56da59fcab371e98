//! What people were told. A 2xx is a promise: the same request again gets the same answer, another
//! one with its key is refused, and what it names is there.

use crate::model::{Kept, must};
use orderflow_tests::{Answer, Millis, Value};
use std::collections::BTreeMap;

/// Answers by idempotency key.
#[derive(Default)]
pub struct Promises(BTreeMap<String, Promise>);

struct Promise {
    body: Vec<u8>,
    status: u16,
    answer: Value,
    at: Millis,
}

/// Keys are remembered for a day, and so are tokens; nobody sends a request again after this.
pub const REMEMBERED_MS: i64 = 11 * orderflow_tests::HOUR;

impl Promises {
    /// A request with a key was answered, and not by trouble.
    pub fn heard(&mut self, key: &str, body: &[u8], answer: &Answer, now: Millis) -> Kept {
        let status = answer.status.as_u16();
        let Some(promise) = self.0.get(key) else {
            if answer.status.is_success() {
                let (body, answer) = (body.to_vec(), answer.json());
                self.0.insert(key.to_owned(), Promise { body, status, answer, at: now });
            }
            return Ok(());
        };
        if now.0 - promise.at.0 > REMEMBERED_MS {
            return Ok(());
        }
        if promise.body != body {
            let refused = answer.code().as_deref() == Some("idempotency_key_reused");
            let told = || format!("{key}: {answer}");
            return must(refused, "a key that was used is refused to another request", told);
        }
        let same = promise.status == status && promise.answer == answer.json();
        must(same, "the same request again gets the same answer", || {
            format!("{key}: {} {}, and now {answer}", promise.status, promise.answer)
        })
    }
}
