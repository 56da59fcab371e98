//! What packers do: they open a packing, scan into it, and close it.

use crate::{Answer, Ask, Order, Parcel, Person};
use serde_json::{Value, json};

/// A parcel in the making.
#[derive(Debug, Clone)]
pub struct Packing {
    pub id: String,
}

impl<'s> Person<'s> {
    /// Lines are pairs of line and units; none: all that is left here.
    pub fn open_packing(&self, order: &Order, lines: &[(u64, i64)]) -> Ask<'s> {
        let warehouse = self.warehouse.clone().expect("a warehouse packs");
        let mut body = json!({"order": order.id, "warehouse": warehouse});
        if !lines.is_empty() {
            let line = |(line, units): &(u64, i64)| json!({"line": line, "units": units});
            body["lines"] = lines.iter().map(line).collect();
        }
        self.post("/v1/fulfilment/packings", &body)
    }

    pub async fn opens_packing(&self, order: &Order, lines: &[(u64, i64)]) -> Packing {
        let opened = self.open_packing(order, lines).await.must(&[201]);
        let id = opened.at("/id").as_str().unwrap_or_default().to_owned();
        assert_eq!(
            opened.header("location"),
            Some(format!("/v1/fulfilment/packings/{id}").as_str())
        );
        Packing { id }
    }

    /// A step of a packing: `scan`, `unscan`, `close`, `abandon`.
    pub fn at_packing(&self, packing: &Packing, step: &str, body: &Value) -> Ask<'s> {
        self.post(&format!("/v1/fulfilment/packings/{}/{step}", packing.id), body)
    }

    /// Reads a code; answers `accepted`, or why it does not count.
    pub async fn scans(&self, packing: &Packing, code: &str, quantity: i64) -> String {
        let body = json!({"code": code, "quantity": quantity});
        heard(&self.at_packing(packing, "scan", &body).await.must(&[200]))
    }

    /// Reads a piece with its serial number.
    pub async fn scans_piece(&self, packing: &Packing, code: &str, serial: &str) -> String {
        let body = json!({"code": code, "serial": serial});
        heard(&self.at_packing(packing, "scan", &body).await.must(&[200]))
    }

    pub fn close(&self, packing: &Packing, weight_g: i64) -> Ask<'s> {
        self.at_packing(packing, "close", &json!({"weight_g": weight_g}))
    }

    pub async fn closes(&self, packing: &Packing, weight_g: i64) -> Parcel {
        Parcel::of(&self.close(packing, weight_g).await.must(&[201]))
    }

    pub async fn sees_packing(&self, packing: &Packing) -> Value {
        self.get(&format!("/v1/fulfilment/packings/{}", packing.id)).await.must(&[200]).json()
    }

    /// What happened in it, the newest first.
    pub async fn sees_log(&self, packing: &Packing) -> Vec<Value> {
        let path = format!("/v1/fulfilment/packings/{}/log?limit=100", packing.id);
        let page = self.get(&path).await.must(&[200]).at("/log");
        page.as_array().cloned().unwrap_or_default()
    }
}

fn heard(answer: &Answer) -> String {
    let said = answer.json();
    if said["accepted"] == true {
        assert_eq!(said["mistake"], Value::Null);
        return "accepted".to_owned();
    }
    said["mistake"]["code"].as_str().unwrap_or_default().to_owned()
}
