//! Waves, pick lists, and what is picked.

use crate::{Ask, Order, Person};
use serde_json::{Value, json};

impl<'s> Person<'s> {
    /// Says where an SKU lies in their warehouse: zone, aisle and bin.
    pub async fn keeps(&self, sku: &str, (zone, aisle, bin): (&str, &str, &str)) {
        let warehouse = self.warehouse.clone().expect("a warehouse has bins");
        let path = format!("/v1/catalog/warehouses/{warehouse}/bins/{sku}");
        let spot = json!({"zone": zone, "aisle": aisle, "bin": bin});
        drop(self.put(&path, &spot).await.must(&[200, 201]));
    }

    /// A wave of their warehouse; `wanted` is what else it wants.
    pub fn plan_wave(&self, name: &str, wanted: &Value) -> Ask<'s> {
        let mut body = json!({"warehouse": self.warehouse, "method": "batch"});
        if let (Some(body), Some(wanted)) = (body.as_object_mut(), wanted.as_object()) {
            body.extend(wanted.clone());
        }
        self.put(&format!("/v1/fulfilment/waves/{name}"), &body)
    }

    pub async fn plans_wave(&self, name: &str, wanted: &Value) -> Value {
        self.plan_wave(name, wanted).await.must(&[201]).json()
    }

    pub async fn wave(&self, name: &str) -> Value {
        self.get(&format!("/v1/fulfilment/waves/{name}")).await.must(&[200]).json()
    }

    /// The lists of a wave, with their tasks.
    pub async fn lists_of(&self, wave: &str) -> Vec<Value> {
        let path = format!("/v1/fulfilment/waves/{wave}/lists?limit=100");
        let page = self.get(&path).await.must(&[200]).json();
        let mut lists = Vec::new();
        for list in page["lists"].as_array().cloned().unwrap_or_default() {
            lists.push(self.pick_list(&list).await);
        }
        lists
    }

    /// A list as it is now.
    pub async fn pick_list(&self, list: &Value) -> Value {
        let id = list["id"].as_str().expect("a list");
        self.get(&format!("/v1/fulfilment/pick-lists/{id}")).await.must(&[200]).json()
    }

    /// The only list of a wave that takes all that waits.
    pub async fn plans_one_list(&self, wave: &str) -> Value {
        self.plans_wave(wave, &json!({"rule": {}})).await;
        let lists = self.lists_of(wave).await;
        assert_eq!(lists.len(), 1, "{lists:?}");
        lists[0].clone()
    }

    /// A step of a list: `claim`, `give-back`, `call-off`.
    pub fn list_step(&self, list: &Value, step: &str) -> Ask<'s> {
        let id = list["id"].as_str().expect("a list");
        self.post(&format!("/v1/fulfilment/pick-lists/{id}/{step}"), &json!({}))
    }

    /// Says what was found of a task.
    pub fn confirm_task(&self, list: &Value, task: u64, said: &Value) -> Ask<'s> {
        let id = list["id"].as_str().expect("a list");
        self.post(&format!("/v1/fulfilment/pick-lists/{id}/tasks/{task}/confirm"), said)
    }

    pub async fn confirms_task(&self, list: &Value, task: u64, said: &Value) -> Value {
        self.confirm_task(list, task, said).await.must(&[200]).json()
    }

    /// Picks all that is wanted now of each task of a list that is not done.
    pub async fn picks_list(&self, list: &Value) -> Value {
        let now = self.pick_list(list).await;
        for task in now["tasks"].as_array().expect("tasks") {
            if task["done"] == json!(false) {
                let said = json!({"scanned": task["sku"], "quantity": task["wanted"]});
                self.confirms_task(list, task["task"].as_u64().expect("a number"), &said).await;
            }
        }
        self.pick_list(list).await
    }

    /// What lies around in their warehouse: order and pieces.
    pub async fn has_to_put_away(&self) -> Vec<(String, i64)> {
        let page = self.get("/v1/fulfilment/put-aways").await.must(&[200]).json();
        let orders = page["put_aways"].as_array().cloned().unwrap_or_default();
        let lies = |order: &Value| {
            let lines = order["lines"].as_array().cloned().unwrap_or_default();
            let pieces = lines.iter().filter_map(|line| line["units"].as_i64()).sum();
            (order["order"].as_str().unwrap_or_default().to_owned(), pieces)
        };
        orders.iter().map(lies).collect()
    }

    pub fn put_away(&self, order: &Order) -> Ask<'s> {
        let body = json!({"warehouse": self.warehouse});
        self.post(&format!("/v1/fulfilment/put-aways/{}", order.id), &body)
    }
}
