//! Carriers that were described, how parcels get to them, and what their drivers take.

use crate::{Answer, Ask, Parcel, Person, Shop};
use serde_json::{Value, json};

/// Where SF and EasyPost collect from.
fn sender() -> Value {
    json!({"recipient": "发货组", "phone": "13900139000", "region": "310115",
        "detail": "张江路 88 号"})
}

impl Shop {
    /// A carrier with one service that goes everywhere, in so many days, for so much.
    pub async fn has_carrier(&self, id: &str, days: i64, first_minor: i64, more: Value) {
        let zone = json!({"to": ["*"], "days": days, "first_g": 1_000,
            "first_minor": first_minor, "step_g": 500, "step_minor": 200});
        let service = json!({"code": "2", "name": "standard", "zones": [zone]});
        let mut carrier = json!({"id": id, "name": {"zh": id, "en": id}, "services": [service]});
        if let (Value::Object(carrier), Value::Object(more)) = (&mut carrier, more) {
            carrier.extend(more);
        }
        drop(self.operator().describes("carriers", &carrier).await);
    }

    /// A carrier whose waybills SF's platform gives, of a warehouse that says who sends.
    pub async fn has_sf(&self, days: i64, first_minor: i64) {
        self.says_who_sends("wh-sh").await;
        let by = json!({"waybills": {"from": "interface", "by": "sf"}});
        self.has_carrier("shunfeng", days, first_minor, by).await;
    }

    /// A carrier whose waybills EasyPost gives.
    pub async fn has_usps(&self, days: i64, first_minor: i64) {
        self.says_who_sends("wh-sh").await;
        let zone = json!({"to": ["*"], "days": days, "first_g": 1_000,
            "first_minor": first_minor, "step_g": 500, "step_minor": 200});
        let service = json!({"code": "GroundAdvantage", "zones": [zone]});
        let more = json!({"waybills": {"from": "interface", "by": "easypost", "account": null},
            "services": [service]});
        self.has_carrier("usps", days, first_minor, more).await;
    }

    pub async fn says_who_sends(&self, warehouse: &str) {
        self.has_warehouse(warehouse).await;
        let sender = json!({"sender": sender()});
        drop(self.operator().changes("warehouses", warehouse, sender).await);
    }

    /// So many numbers of a carrier's pool.
    pub async fn has_numbers(&self, carrier: &str, numbers: &[&str]) {
        let body = json!({"carrier": carrier, "numbers": numbers});
        drop(self.operator().post("/v1/shipping/waybills", &body).await.must(&[200]));
    }

    /// How a parcel gets on its way, as support sees it.
    pub async fn carriage(&self, parcel: &Parcel) -> Value {
        self.parcel(parcel).await["carriage"].clone()
    }

    /// Messages to carriers' interfaces, by how far they came.
    pub fn asked_carriers(&self, state: &str) -> i64 {
        let sql = format!(
            "select count(*) from outbox where recipient = 'waybills' and state = '{state}'"
        );
        self.books().number(&sql)
    }
}

impl<'s> Person<'s> {
    /// Wants a waybill of the best carrier, or what the body says.
    pub fn want_waybill(&self, parcel: &Parcel, body: &Value) -> Ask<'s> {
        self.post(&format!("/v1/shipping/parcels/{}/waybill", parcel.id), body)
    }

    pub fn cancel_waybill(&self, parcel: &Parcel) -> Ask<'s> {
        self.post(&format!("/v1/shipping/parcels/{}/waybill/cancel", parcel.id), &json!({}))
    }

    /// Compares carriers: code and what speaks against each, the best first.
    pub async fn compares(&self, parcel: &Parcel) -> Vec<(String, Vec<Value>)> {
        let path = format!("/v1/shipping/parcels/{}/carriers", parcel.id);
        let answer = self.get(&path).await.must(&[200]);
        let all = answer.at("/candidates").as_array().cloned().unwrap_or_default();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let row = |c: &Value| (text(&c["carrier"]), c["unfit"].as_array().unwrap().clone());
        all.iter().map(row).collect()
    }

    /// A list of all parcels that wait for a carrier.
    pub fn list_for(&self, carrier: &str) -> Ask<'s> {
        let warehouse = self.warehouse.clone().expect("a warehouse makes manifests");
        let body = json!({"warehouse": warehouse, "carrier": carrier});
        self.post("/v1/shipping/manifests", &body)
    }

    /// A list of what is scanned.
    pub fn list_scanned(&self, carrier: &str, waybills: &[&str]) -> Ask<'s> {
        let warehouse = self.warehouse.clone().expect("a warehouse makes manifests");
        let body = json!({"warehouse": warehouse, "carrier": carrier, "waybills": waybills});
        self.post("/v1/shipping/manifests", &body)
    }

    /// The driver of a manifest has come.
    pub fn hand_over_all(&self, manifest: &Answer) -> Ask<'s> {
        let id = manifest.at("/id");
        let id = id.as_str().unwrap_or_default();
        self.post(&format!("/v1/shipping/manifests/{id}/dispatch"), &json!({}))
    }
}
