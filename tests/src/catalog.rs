//! What people say of the catalog and of stock, in files and one at a time.

use crate::{Answer, Ask, Person};
use http::Method;
use serde_json::{Value, json};

impl<'s> Person<'s> {
    /// Sends a CSV file.
    pub fn import(&self, kind: &str, file: impl Into<bytes::Bytes>) -> Ask<'s> {
        self.ask(Method::POST, &format!("/v1/catalog/{kind}/import")).body("text/csv", file)
    }

    pub async fn imports(&self, kind: &str, file: impl Into<bytes::Bytes>) -> Value {
        self.import(kind, file).await.must(&[200]).json()
    }

    /// Sends a file of JSON, one object a line.
    pub async fn imports_lines(&self, kind: &str, lines: &[Value]) -> Value {
        let file: String = lines.iter().map(|line| format!("{line}\n")).collect();
        let ask = self.import(kind, file).header("content-type", "application/x-ndjson");
        ask.await.must(&[200]).json()
    }

    /// Describes something that is not there yet, or is the same.
    pub async fn describes(&self, kind: &str, thing: &Value) -> Answer {
        let id = thing["id"].as_str().unwrap_or_default();
        self.put(&format!("/v1/catalog/{kind}/{id}"), thing).await.must(&[200, 201])
    }

    /// Describes something anew, field by field: reads it, changes these, and says so.
    pub async fn changes(&self, kind: &str, id: &str, fields: Value) -> Answer {
        let path = format!("/v1/catalog/{kind}/{id}");
        let known = self.get(&path).await.must(&[200]);
        let mut thing = known.json();
        if let (Value::Object(thing), Value::Object(fields)) = (&mut thing, fields) {
            thing.extend(fields);
        }
        let tag = known.header("etag").unwrap_or_default().to_owned();
        self.put(&path, &thing).header("if-match", &tag).await.must(&[200])
    }

    /// Lines are SKU, warehouse and the difference.
    pub fn adjust(&self, reason: &str, note: Value, lines: &[(&str, &str, i64)]) -> Ask<'s> {
        let mut body = json!({"reason": reason, "note": note, "lines": []});
        body["lines"] = lines
            .iter()
            .map(|(sku, at, delta)| json!({"sku": sku, "warehouse": at, "delta": delta}))
            .collect();
        self.post("/v1/catalog/stock/adjustments", &body)
    }

    pub async fn adjusts(&self, reason: &str, sku: &str, warehouse: &str, delta: i64) -> Answer {
        let note = json!(format!("{reason}: {delta}"));
        self.adjust(reason, note, &[(sku, warehouse, delta)]).await.must(&[201])
    }

    /// What moved an SKU, the newest first.
    pub async fn sees_movements(&self, sku: &str) -> Vec<Value> {
        let path = format!("/v1/catalog/skus/{sku}/movements?limit=100");
        let page = self.get(&path).await.must(&[200]).at("/movements");
        page.as_array().cloned().unwrap_or_default()
    }
}
