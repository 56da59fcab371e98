//! Idempotency keys: the same request again gets the answer it got before.

pub use crate::body::Once as OnceKey;
use crate::{Store, StoreError, Value};
use serde::Deserialize;

/// What is kept for a key that was used.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Kept {
    /// Fingerprint of the request.
    pub hash: String,
    /// The answer it got.
    pub answer: String,
}

const KEPT: &str = "select json_object('hash', hash, 'answer', answer)
from once
where key = ?1
    and answer is not null";
const FORGET: &str = "delete from once
where seq in (select seq from once where until_ms <= ?1 limit 1000)";

impl Store {
    /// The answer kept for a key, if it was used and is not forgotten yet.
    pub async fn kept(&self, key: &str) -> Result<Option<Kept>, StoreError> {
        let params = vec![key.into()];
        self.read("read an idempotency key", KEPT, params).await
    }

    /// Forgets keys whose time is over, a thousand at most.
    pub async fn forget_keys(&self, now_ms: i64) -> Result<(), StoreError> {
        let params = vec![Value::Int(now_ms)];
        crate::write(self.db.as_ref(), "forget idempotency keys", FORGET, params).await.map(drop)
    }
}
