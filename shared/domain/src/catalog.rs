//! What a shop sells and who sells it: merchants, warehouses, SKUs. Each is a document with one
//! event, because nothing about them is decided here: the shop says what they are.

use crate::{
    Change, Currency, Document, Effect, MerchantId, SkuId, StockMove, StockReason, Stored,
    WarehouseId,
};
use serde::{Deserialize, Serialize};

/// Who sells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Merchant {
    pub id: MerchantId,
    pub name: String,
    /// The platform's share of what the buyer paid for goods, in basis points.
    pub commission_bp: u32,
    /// What the platform takes per order, in minor units.
    #[serde(default)]
    pub service_fee_minor: i64,
    /// Where buyers send goods back to.
    pub return_address: String,
    #[serde(default)]
    pub shipping: ShippingTerms,
    /// Where the merchant's own systems are told of events (Standard Webhooks).
    #[serde(default)]
    pub webhook: Option<Webhook>,
}

/// What a merchant takes for shipping one order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub struct ShippingTerms {
    #[serde(default)]
    pub fee_minor: i64,
    /// Orders of goods of at least this are shipped for nothing.
    #[serde(default)]
    pub free_from_minor: Option<i64>,
}

/// An endpoint for Standard Webhooks. Several secrets while one is being rolled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Webhook {
    pub url: String,
    pub secrets: Vec<String>,
}

/// Where goods are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Warehouse {
    pub id: WarehouseId,
    pub name: String,
    /// GB/T 2260 code of its district; same province is nearer.
    pub region: String,
    /// Lower is preferred.
    #[serde(default)]
    pub priority: i64,
}

/// A thing that is sold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sku {
    pub id: SkuId,
    pub merchant: MerchantId,
    pub name: String,
    pub price_minor: i64,
    pub currency: Currency,
    #[serde(default)]
    pub weight_g: i64,
    #[serde(default = "yes")]
    pub for_sale: bool,
    /// Days after completion in which it may be sent back; none: the shop's policy.
    #[serde(default)]
    pub return_days: Option<u16>,
}

fn yes() -> bool {
    true
}

/// The shop said what something is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "event")]
pub enum Described<D> {
    Described { now: D },
}

macro_rules! described {
    ($type:ident, $kind:literal) => {
        impl Document for $type {
            type Event = Described<$type>;
            const KIND: &'static str = $kind;

            fn id(&self) -> &str {
                self.id.as_str()
            }
            fn begin(event: &Self::Event) -> Option<Self> {
                let Described::Described { now } = event;
                Some(now.clone())
            }
            fn evolve(&mut self, event: &Self::Event) {
                let Described::Described { now } = event;
                self.clone_from(now);
            }
            fn react(&self, _: &Self::Event) -> Vec<Effect> {
                Vec::new()
            }
        }
    };
}
described!(Merchant, "merchants");
described!(Warehouse, "warehouses");
described!(Sku, "skus");

/// Takes over what the shop says. The same again changes nothing.
pub fn describe<D>(change: &mut Change, known: Option<Stored<D>>, now: D) -> Stored<D>
where
    D: Document<Event = Described<D>> + PartialEq,
{
    match known {
        Some(same) if same.doc == now => same,
        Some(mut other) => {
            change.record(&mut other, Described::Described { now });
            other
        }
        None => {
            let doc = now.clone();
            let begun = change.begin(Described::Described { now });
            begun.unwrap_or(Stored { version: 0, doc })
        }
    }
}

/// A count of stock: sets `on_hand` to what was counted by moving the difference.
pub fn count_stock(change: &mut Change, sku: &SkuId, at: &WarehouseId, known: i64, counted: i64) {
    if counted != known {
        change.effect(Effect::Stock(StockMove {
            sku: sku.clone(),
            warehouse: at.clone(),
            on_hand: counted - known,
            held: 0,
            why: StockReason::Adjusted,
            known: Some(known),
        }));
    }
}
