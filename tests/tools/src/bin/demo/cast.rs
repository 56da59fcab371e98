//! Who plays and what is sold. Every id has the run's name in it, so that runs do not meet.

use serde_json::{Value, json};

/// Two merchants, two warehouses, four things to sell.
#[derive(Debug, Clone)]
pub struct Cast {
    /// The run's name: the time in base 36.
    pub run: String,
    /// Sells tea. Its goods cannot be sent back, so its orders are settled at once.
    pub tea: Merchant,
    /// Sells pots, with the shop's usual seven days.
    pub pots: Merchant,
    /// Where the tea is.
    pub pudong: Warehouse,
    /// Where the pots are.
    pub hangzhou: Warehouse,
    /// What is sold, and how many of it the buyer takes.
    pub goods: Vec<Goods>,
}

/// A merchant.
#[derive(Debug, Clone)]
pub struct Merchant {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: &'static str,
    /// What its webhooks are signed with.
    pub secret: &'static str,
    body: Value,
}

/// A warehouse.
#[derive(Debug, Clone)]
pub struct Warehouse {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: &'static str,
    /// What the system is told of it.
    pub body: Value,
}

/// Something that is sold.
#[derive(Debug, Clone)]
pub struct Goods {
    /// The SKU.
    pub sku: String,
    /// One of it, many of it.
    pub name: &'static str,
    /// Who sells it.
    pub merchant: String,
    /// Where it is.
    pub warehouse: String,
    /// Pieces in the warehouse.
    pub stock: i64,
    /// Pieces that the buyer takes.
    pub wanted: i64,
    /// What the system is told of it.
    pub body: Value,
}

impl Cast {
    /// The cast of the run that starts at `at_ms`.
    pub fn new(at_ms: i64) -> Self {
        let run = base36(at_ms.unsigned_abs());
        let id = |name: &str| format!("{name}-{run}");
        let tea = Merchant {
            id: id("tea"),
            name: "Hill Leaf Tea",
            secret: "whsec_SGlsbCBMZWFmIFRlYSwgZm9yIHRoZSBkZW1vIG9ubHk=",
            body: json!({"commission_bp": 500, "service_fee_minor": 100,
                "shipping": {"fee_minor": 800, "free_from_minor": 20_000}}),
        };
        let pots = Merchant {
            id: id("pots"),
            name: "Kiln Street Pots",
            secret: "whsec_S2lsbiBTdHJlZXQgUG90cywgZm9yIHRoZSBkZW1vLg==",
            body: json!({"commission_bp": 800, "service_fee_minor": 0,
                "shipping": {"fee_minor": 1_200, "free_from_minor": 50_000}}),
        };
        let pudong = warehouse(id("pudong"), "Pudong", "310115");
        let hangzhou = warehouse(id("hangzhou"), "Hangzhou", "330106");
        let goods = vec![
            goods(id("longjing"), "Longjing tea", (&tea, &pudong), (12_800, 40, 2)),
            goods(id("oolong"), "Oolong tea", (&tea, &pudong), (8_800, 25, 1)),
            goods(id("teapot"), "teapot", (&pots, &hangzhou), (19_900, 12, 1)),
            goods(id("cup"), "tea cup", (&pots, &hangzhou), (3_500, 60, 4)),
        ];
        Self { run, tea, pots, pudong, hangzhou, goods }
    }

    /// The goods of a merchant.
    pub fn sold_by<'a>(&'a self, merchant: &'a Merchant) -> impl Iterator<Item = &'a Goods> {
        self.goods.iter().filter(|goods| goods.merchant == merchant.id)
    }

    /// What the buyer takes of a merchant's goods, in words.
    pub fn basket_of(&self, merchant: &Merchant) -> String {
        let words: Vec<String> =
            self.sold_by(merchant).map(|g| format!("{} x {}", g.wanted, g.name)).collect();
        words.join(", ")
    }
}

impl Merchant {
    /// What the system is told of it.
    pub fn body(&self) -> Value {
        let mut body = self.body.clone();
        if let Some(body) = body.as_object_mut() {
            body.insert("id".into(), json!(self.id));
            body.insert("name".into(), json!(self.name));
            body.insert("return_address".into(), json!("12 Return Lane, Hangzhou"));
        }
        body
    }

    /// Its endpoint for events, below `partners`.
    pub fn endpoint(&self, partners: &str) -> Value {
        let url = format!("{partners}{}", self.path());
        json!({"merchant": self.id, "url": url, "secret": self.secret})
    }

    /// Where its webhooks go.
    pub fn path(&self) -> String {
        format!("/demo/{}", self.id)
    }
}

fn warehouse(id: String, name: &'static str, region: &str) -> Warehouse {
    let body = json!({"id": id, "name": name, "region": region});
    Warehouse { id, name, body }
}

fn goods(
    sku: String,
    name: &'static str,
    (merchant, warehouse): (&Merchant, &Warehouse),
    (price, stock, wanted): (i64, i64, i64),
) -> Goods {
    // The tea cannot be sent back; for the rest the shop's policy counts.
    let days = merchant.id.starts_with("tea").then_some(0);
    let body = json!({"id": sku, "merchant": merchant.id, "name": name,
        "price_minor": price, "currency": "CNY", "weight_g": 300, "return_days": days});
    let (merchant, warehouse) = (merchant.id.clone(), warehouse.id.clone());
    Goods { sku, name, merchant, warehouse, stock, wanted, body }
}

fn base36(mut number: u64) -> String {
    const SIGNS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
    let mut signs = Vec::new();
    while number > 0 {
        let sign = usize::try_from(number % 36).unwrap_or(0);
        signs.push(char::from(SIGNS.get(sign).copied().unwrap_or(b'0')));
        number /= 36;
    }
    signs.iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cast_of_another_run_has_other_ids() {
        let (one, other) = (Cast::new(1_795_363_200_000), Cast::new(1_795_363_200_001));
        assert_ne!(one.tea.id, other.tea.id);
        assert_eq!(base36(35), "z");
        assert_eq!(base36(36), "10");
    }
}
