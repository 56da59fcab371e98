//! A catalog for load: merchants, warehouses, SKUs and stock, imported as a shop would.

use crate::{Call, Client};
use anyhow::ensure;
use serde_json::{Value, json};

/// What there is to buy.
#[derive(Debug, Clone)]
pub struct Catalog {
    /// How many merchants.
    pub merchants: u64,
    /// How many SKUs each of them sells.
    pub skus_each: u64,
    /// Pieces of each SKU in each warehouse.
    pub pieces: u64,
}

/// The warehouses and their regions.
const WAREHOUSES: [(&str, &str); 2] = [("wh-east", "310115"), ("wh-south", "440106")];

impl Catalog {
    /// The id of a merchant's SKU.
    pub fn sku(merchant: u64, sku: u64) -> String {
        format!("sku-{merchant:02}-{sku:03}")
    }

    fn csv(&self) -> [(&'static str, String); 4] {
        let mut merchants = String::from("id,name,commission_bp,return_address\n");
        let mut warehouses = String::from("id,name,region\n");
        let mut skus = String::from("id,merchant,name,price_minor,currency,weight_g\n");
        let mut stock = String::from("sku,warehouse,on_hand\n");
        for (id, region) in WAREHOUSES {
            warehouses.push_str(&format!("{id},Warehouse {id},{region}\n"));
        }
        for m in 0..self.merchants {
            merchants.push_str(&format!("merchant-{m:02},Merchant {m},500,1 Return Road\n"));
            for s in 0..self.skus_each {
                let (id, price) = (Self::sku(m, s), 1_000 + 10 * s);
                skus.push_str(&format!("{id},merchant-{m:02},Thing {m} {s},{price},CNY,250\n"));
                for (warehouse, _) in WAREHOUSES {
                    stock.push_str(&format!("{id},{warehouse},{}\n", self.pieces));
                }
            }
        }
        [("merchants", merchants), ("warehouses", warehouses), ("skus", skus), ("stock", stock)]
    }
}

/// Imports the catalog.
pub async fn seed(client: &mut Client, operator: &str, catalog: &Catalog) -> anyhow::Result<()> {
    for (kind, rows) in catalog.csv() {
        let path = format!("/v1/catalog/{kind}/import");
        let answer = client.call(Call::csv(&path, rows).by(operator)).await?;
        let report = answer.expect(200, &format!("importing {kind}"))?;
        ensure!(report.get("bad") == Some(&json!(0)), "importing {kind}: {report}");
    }
    Ok(())
}

/// A basket's body: lines of SKUs with quantities, to one address.
pub fn basket(lines: &[(String, u64)], note: Option<&str>) -> Value {
    let line = |(sku, quantity): &(String, u64)| json!({"sku": sku, "quantity": quantity});
    let lines: Vec<Value> = lines.iter().map(line).collect();
    let delivery = json!({"recipient": "Li Na", "phone": "13800138000", "region": "310104",
        "detail": "88 Hengshan Road, Building 3, 502"});
    let mut basket = json!({"lines": lines, "delivery": delivery});
    if let (Some(basket), Some(note)) = (basket.as_object_mut(), note) {
        basket.insert("note".to_owned(), json!(note));
    }
    basket
}
