//! What warehouses have to do, and where orders are held.

use crate::{Ask, Order, Person, Shop};
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

impl<'s> Person<'s> {
    /// Has other warehouses send an order; `how` says the reason, and from where or where to.
    pub fn reroute(&self, order: &Order, how: &Value) -> Ask<'s> {
        self.post(&format!("/v1/fulfilment/orders/{}/reroute", order.id), how)
    }

    pub async fn reroutes(&self, order: &Order, how: &Value) -> Value {
        self.reroute(order, how).await.must(&[200]).json()
    }
}

impl Shop {
    /// Where a line of an order is held: warehouse and pieces, the first warehouse first.
    pub async fn held_in(&self, order: &Order, line: usize) -> Vec<(String, i64)> {
        let held = self.order(order).await["lines"][line - 1]["held"].clone();
        let held = held.as_array().cloned().unwrap_or_default();
        let one = |h: &Value| {
            let pieces = h["quantity"].as_i64().expect("a number of pieces");
            (h["warehouse"].as_str().unwrap_or_default().to_owned(), pieces)
        };
        held.iter().map(one).collect()
    }

    /// What is said about the choice of an order's warehouses: each candidate and its verdict.
    pub async fn candidates(&self, order: &Order) -> Vec<(String, String)> {
        let path = format!("/v1/orders/{}", order.id);
        let seen = self.operator().get(&path).await.must(&[200]).at("/routing/candidates");
        let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let all = seen.as_array().cloned().unwrap_or_default();
        all.iter().map(|c| (word(&c["warehouse"]), word(&c["verdict"]))).collect()
    }
}
