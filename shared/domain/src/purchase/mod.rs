//! Placing a purchase: every check in one answer, one order per merchant, stock held at once.
//!
//! Prices and totals are computed here and compared with what the buyer was shown, so a client can
//! neither invent a price nor be surprised by one. What is taken off is allocated to lines and
//! frozen; which part of it a unit carries is a look-up from then on.

mod basket;
mod extras;
mod hold;
mod order;
mod price;

use crate::order::{Order, OrderEvent, check_cash, confirm_by_rule, pay_courier};
use crate::{
    Available, BuyerId, Change, CodHistory, DeliveryWanted, GatewayName, Gift, Ids, Invoice,
    Merchant, MerchantId, MethodName, Money, Payment, PaymentEvent, Policy, PurchaseId, Rates,
    Refusal, ShopPolicy, Sku, SkuId, Stored, check_delivery, confirm,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a buyer wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlacePurchase {
    pub buyer: BuyerId,
    pub lines: Vec<LineWanted>,
    pub delivery: DeliveryWanted,
    pub gateway: GatewayName,
    /// The way to pay within the gateway, where the buyer has chosen one.
    pub method: Option<MethodName>,
    /// Amounts that the shop's promotions give; allocated here, not computed.
    pub discounts: Vec<Discount>,
    pub points: Option<Points>,
    /// What the buyer was shown. Compared, never believed.
    pub total: Option<Money>,
    pub note: Option<String>,
    pub invoice: Option<Invoice>,
    pub gift: Option<Gift>,
}

impl PlacePurchase {
    /// Lines to an address, and nothing else wanted.
    pub fn new(
        buyer: BuyerId,
        lines: Vec<LineWanted>,
        delivery: DeliveryWanted,
        gateway: GatewayName,
    ) -> Self {
        Self {
            buyer,
            lines,
            delivery,
            gateway,
            method: None,
            discounts: Vec::new(),
            points: None,
            total: None,
            note: None,
            invoice: None,
            gift: None,
        }
    }
}

/// A line of the basket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LineWanted {
    pub sku: SkuId,
    pub quantity: i64,
    /// The unit price that the buyer was shown.
    #[serde(default)]
    pub price: Option<Money>,
}

/// An amount off: of all goods, of one merchant's, of some lines, or of shipping.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Discount {
    /// The shop's own id of the promotion, each once in a basket.
    pub id: String,
    pub amount: Money,
    #[serde(default)]
    pub on: DiscountOn,
    /// Only what this merchant sells or ships.
    #[serde(default)]
    pub merchant: Option<MerchantId>,
    /// Only these lines' goods; none: all.
    #[serde(default)]
    pub skus: Vec<SkuId>,
}

impl Discount {
    /// An amount off all goods.
    pub fn new(id: &str, amount: Money) -> Self {
        let (on, merchant, skus) = (DiscountOn::Goods, None, Vec::new());
        Self { id: id.to_owned(), amount, on, merchant, skus }
    }
}

/// What becomes cheaper.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum DiscountOn {
    #[default]
    Goods,
    Shipping,
}

/// Points (积分) that the buyer pays goods with, and what they are worth.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Points {
    /// The shop's own id of the spending; it gives the points back by it.
    pub id: String,
    pub amount: Money,
}

/// What the shop has, as it was read: only what the wanted lines need.
#[derive(Debug, Clone, Default)]
pub struct Shelf {
    pub skus: BTreeMap<SkuId, Sku>,
    pub merchants: BTreeMap<MerchantId, Merchant>,
    /// Of those merchants that have a table.
    pub rates: BTreeMap<MerchantId, Rates>,
    pub stock: Vec<Available>,
    /// What the shop set of its policy.
    pub policy: Option<Stored<ShopPolicy>>,
    /// The buyer's orders that wait for their money; counted only where the policy asks.
    pub unpaid: i64,
    /// What the buyer did at the door before; read only for cash on delivery.
    pub history: CodHistory,
}

/// What was placed, or, for a quote, what it would be.
#[derive(Debug, Clone)]
pub struct Placed {
    pub purchase: PurchaseId,
    pub payment: Payment,
    pub orders: Vec<Order>,
}

/// Checks and prices a purchase and holds its stock. Every fault in one answer: of the basket, the
/// address, what was asked for besides, the stock, the amounts, and paying the courier, in this
/// order. What cannot be computed because of a fault is not complained about as well.
pub fn place(
    change: &mut Change,
    shelf: &Shelf,
    wanted: &PlacePurchase,
    policy: &Policy,
    ids: &mut dyn Ids,
) -> Result<Placed, Refusal> {
    let mut faults = basket::faults(wanted, shelf, policy);
    let priceable = faults.is_empty();
    let delivery = check_delivery(&wanted.delivery, "#/delivery").unwrap_or_else(|wrong| {
        faults.extend(wrong);
        crate::Delivery::default()
    });
    let invoice = extras::checked(wanted, &mut faults);
    let chosen = hold::choose(wanted, shelf, policy, &delivery.region, &mut faults);
    let impossible = faults.iter().any(|fault| !fault.what.is_conflict());
    let priced = if priceable {
        let to = (!impossible).then_some(&delivery);
        price::priced(wanted, shelf, to).unwrap_or_else(|wrong| {
            faults.extend(wrong);
            price::Priced::default()
        })
    } else {
        price::Priced::default()
    };
    faults.extend(check_cash(wanted, shelf, policy, priced.totals(wanted, shelf)));
    if !faults.is_empty() {
        return Err(Refusal::Faulty(faults));
    }
    let (at, by) = (change.at, &change.actor);
    let draft = order::Draft { shelf, wanted, policy, delivery, invoice, at, by };
    let placed = draft.written(priced, chosen, ids);
    Ok(record(change, pay_courier(placed, shelf.history, policy)))
}

fn record(change: &mut Change, placed: Placed) -> Placed {
    let mut orders = Vec::new();
    for order in &placed.orders {
        let order = Box::new(order.clone());
        orders.extend(change.begin::<Order>(OrderEvent::Placed { order }));
    }
    let payment = Box::new(placed.payment.clone());
    let begun = change.begin::<Payment>(PaymentEvent::Opened { payment });
    match begun {
        // Promotions paid for all of it: there is nothing to wait for.
        Some(mut payment) if payment.doc.due_minor() == 0 => {
            confirm(change, &mut payment, &mut orders);
            let orders = orders.into_iter().map(|o| o.doc).collect();
            Placed { purchase: placed.purchase, payment: payment.doc, orders }
        }
        Some(_) | None => confirm_by_rule(change, placed, orders),
    }
}
