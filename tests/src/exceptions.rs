//! What went wrong with parcels: who says so, who looks after it, and what becomes of it.

use crate::{Ask, Parcel, Person, Shop};
use serde_json::{Value, json};

impl<'s> Person<'s> {
    /// Says that something is wrong with a parcel.
    pub fn report(&self, parcel: &Parcel, kind: &str) -> Ask<'s> {
        let body = json!({"parcel": parcel.id, "kind": kind, "note": "they called"});
        self.post("/v1/exceptions", &body)
    }

    /// Answers the exception.
    pub async fn reports(&self, parcel: &Parcel, kind: &str) -> Value {
        self.report(parcel, kind).await.must(&[201]).json()
    }

    /// A step of an exception: `assign`, `note`, `resolve`, `intercept`, `claim/accept` and so on.
    pub fn handle(&self, exception: &Value, step: &str, body: &Value) -> Ask<'s> {
        let id = exception["id"].as_str().expect("an exception");
        self.post(&format!("/v1/exceptions/{id}/{step}"), body)
    }

    pub async fn handles(&self, exception: &Value, step: &str, body: &Value) -> Value {
        self.handle(exception, step, body).await.must(&[200]).json()
    }

    /// Exceptions as they see them, by a query like `?kind=lost`.
    pub async fn exceptions(&self, query: &str) -> Vec<Value> {
        let page = self.get(&format!("/v1/exceptions{query}")).await.must(&[200]);
        page.at("/exceptions").as_array().expect("exceptions").clone()
    }
}

impl Shop {
    /// Exceptions of a parcel that nobody has resolved.
    pub async fn open_exceptions(&self, parcel: &Parcel) -> Vec<Value> {
        let all = self.support().exceptions("?limit=100").await;
        all.into_iter().filter(|e| e["parcel"] == json!(parcel.id)).collect()
    }

    /// The only open exception of a parcel.
    pub async fn open_exception(&self, parcel: &Parcel) -> Value {
        let mut open = self.open_exceptions(parcel).await;
        assert_eq!(open.len(), 1, "{open:#?}");
        open.remove(0)
    }

    /// An exception as it is now.
    pub async fn exception(&self, exception: &Value) -> Value {
        let id = exception["id"].as_str().expect("an exception");
        self.support().get(&format!("/v1/exceptions/{id}")).await.must(&[200]).json()
    }
}
