//! Setting up: what a merchant sells, and where it lies.

use crate::shop::MERCHANT_SECRET;
use crate::{Person, Shop};
use futures::future::{FutureExt as _, LocalBoxFuture};
use serde_json::{Value, json};

/// An SKU that a merchant begins to sell. Awaiting it makes it so: the merchant (commission 5 %,
/// a fee of 1.00 per order, free shipping, unless they joined on other terms), the SKU, the
/// warehouses, the stock.
pub struct Offer<'s> {
    merchant: Person<'s>,
    sku: Value,
    stock: Vec<(String, i64)>,
}

/// Warehouses and their districts: Pudong, Chaoyang, Yuexiu.
const WAREHOUSES: &[(&str, &str)] =
    &[("wh-sh", "310115"), ("wh-bj", "110105"), ("wh-gz", "440104")];

impl<'s> Person<'s> {
    /// Begins to sell, for CNY.
    #[must_use = "an offer is made by awaiting it"]
    pub fn sells(&self, sku: &str, price_minor: i64) -> Offer<'s> {
        let id = self.merchant.clone().expect("a merchant sells");
        let sku = json!({"id": sku, "merchant": id, "name": format!("{sku} of {id}"),
            "price_minor": price_minor, "currency": "CNY", "weight_g": 300});
        Offer { merchant: self.clone(), sku, stock: Vec::new() }
    }

    /// Joins the platform on other terms than the usual ones.
    pub async fn joins(&self, terms: Value) {
        let id = self.merchant.clone().expect("a merchant joins");
        if !self.shop.set_up.borrow_mut().insert(format!("merchant {id}")) {
            return;
        }
        let mut merchant = json!({"id": id, "name": format!("Merchant {id}"),
            "commission_bp": 500, "service_fee_minor": 100,
            "return_address": format!("{id}, 退货组")});
        if let (Value::Object(merchant), Value::Object(terms)) = (&mut merchant, terms) {
            merchant.extend(terms);
        }
        let path = format!("/v1/catalog/merchants/{id}");
        drop(self.shop.operator().put(&path, &merchant).await.must(&[200, 201]));
        let endpoint =
            json!({"merchant": id, "url": self.shop.hook(&id), "secret": MERCHANT_SECRET});
        drop(self.shop.operator().post("/v1/endpoints", &endpoint).await.must(&[201]));
    }

    /// Takes for shipping what this table of zones says, in CNY.
    pub async fn ships_by(&self, zones: Value) {
        let id = self.merchant.clone().expect("a merchant ships");
        let path = format!("/v1/catalog/rates/{id}");
        let rates = json!({"id": id, "currency": "CNY", "zones": zones});
        let said = self.put(&path, &rates).await.must(&[200, 201, 428]);
        if said.status == 428 {
            drop(self.put(&path, &rates).header("if-match", "*").await.must(&[200]));
        }
    }
}

impl<'s> Offer<'s> {
    /// So many pieces in a warehouse.
    #[must_use = "an offer is made by awaiting it"]
    pub fn stock(mut self, warehouse: &str, pieces: i64) -> Self {
        self.stock.push((warehouse.to_owned(), pieces));
        self
    }

    /// With another field of the SKU.
    #[must_use = "an offer is made by awaiting it"]
    pub fn with(mut self, field: &str, value: Value) -> Self {
        self.sku[field] = value;
        self
    }

    async fn make(self) {
        let shop = self.merchant.shop;
        self.merchant.joins(json!({})).await;
        let id = self.sku["id"].as_str().unwrap_or_default();
        let path = format!("/v1/catalog/skus/{id}");
        drop(self.merchant.put(&path, &self.sku).await.must(&[200, 201]));
        let mut file = String::from("sku,warehouse,on_hand\n");
        for (warehouse, pieces) in &self.stock {
            shop.has_warehouse(warehouse).await;
            file.push_str(&format!("{id},{warehouse},{pieces}\n"));
        }
        if !self.stock.is_empty() {
            let report = shop.operator().imports("stock", file).await;
            assert_eq!(report["bad"], 0, "{report}");
        }
    }
}

impl<'s> IntoFuture for Offer<'s> {
    type Output = ();
    type IntoFuture = LocalBoxFuture<'s, ()>;

    fn into_future(self) -> Self::IntoFuture {
        self.make().boxed_local()
    }
}

impl Shop {
    pub async fn has_warehouse(&self, code: &str) {
        if !self.set_up.borrow_mut().insert(format!("warehouse {code}")) {
            return;
        }
        let known = WAREHOUSES.iter().find(|(known, _)| *known == code);
        let region = known.map_or("310115", |(_, region)| *region);
        let warehouse = json!({"id": code, "name": format!("Warehouse {code}"), "region": region});
        let path = format!("/v1/catalog/warehouses/{code}");
        drop(self.operator().put(&path, &warehouse).await.must(&[200, 201]));
    }

    /// A carrier has given the shop waybill numbers, each carrier others.
    pub async fn has_waybills(&self, carrier: &str) {
        let is_pool = |done: &&String| done.starts_with("waybills ");
        let pools = self.set_up.borrow().iter().filter(is_pool).count();
        if !self.set_up.borrow_mut().insert(format!("waybills {carrier}")) {
            return;
        }
        let numbers: Vec<String> = (1..=40).map(|n| format!("YT{:04}", pools * 100 + n)).collect();
        let body = json!({"carrier": carrier, "numbers": numbers});
        drop(self.operator().post("/v1/shipping/waybills", &body).await.must(&[200]));
    }

    /// Pieces on hand and held of an SKU in a warehouse.
    pub async fn stock(&self, sku: &str, warehouse: &str) -> (i64, i64) {
        let path = format!("/v1/catalog/skus/{sku}/stock");
        let levels = self.operator().get(&path).await.must(&[200]).at("/stock");
        let level =
            levels.as_array().and_then(|all| all.iter().find(|l| l["warehouse"] == warehouse));
        let count = |name: &str| level.and_then(|l| l[name].as_i64()).unwrap_or(0);
        (count("on_hand"), count("held"))
    }
}
