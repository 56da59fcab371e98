//! What warehouses have to do, and where orders are held.

use crate::Person;
use serde_json::Value;

impl Person<'_> {
    /// What waits in their warehouse, the most urgent first: order and pieces.
    pub async fn has_to_pick(&self) -> Vec<(String, i64)> {
        let page = self.get("/v1/fulfilment/orders?state=to_pick").await.must(&[200]).json();
        let orders = page["orders"].as_array().cloned().unwrap_or_default();
        let waits = |order: &Value| {
            let pieces = order["pieces"].as_i64().expect("a number of pieces");
            (order["order"].as_str().unwrap_or_default().to_owned(), pieces)
        };
        orders.iter().map(waits).collect()
    }
}
