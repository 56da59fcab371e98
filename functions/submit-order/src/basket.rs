//! The body of a purchase or a quote, and what the caller may want by it.

use domain::{
    BuyerId, DeliveryWanted, Discount, GatewayName, Gift, Invoice, LineWanted, MethodName, Money,
    PlacePurchase, Points,
};
use edge::{Principal, Problem, Role};
use serde::Deserialize;

/// What a buyer sends.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Basket {
    lines: Vec<LineWanted>,
    delivery: DeliveryWanted,
    /// Of those that the shop offers; the first one if none is named.
    gateway: Option<GatewayName>,
    method: Option<MethodName>,
    #[serde(default)]
    discounts: Vec<Discount>,
    points: Option<Points>,
    total: Option<Money>,
    note: Option<String>,
    invoice: Option<Invoice>,
    gift: Option<Gift>,
    /// Whom an agent orders for; a buyer orders for themselves.
    buyer: Option<BuyerId>,
}

/// A gateway of those that the shop offers, separated by commas.
fn gateway(wanted: Option<&GatewayName>, offered: &str) -> Result<GatewayName, Problem> {
    // Whether a courier may be paid depends on the basket and is decided with it.
    if let Some(cash) = wanted.filter(|wanted| wanted.is_cash()) {
        return Ok(cash.clone());
    }
    let mut all = offered.split(',').filter_map(|name| GatewayName::parse(name.trim()).ok());
    let found = all.find(|name| wanted.is_none_or(|wanted| wanted == name));
    let unknown = || {
        let detail = format!("buyers can pay through: {offered}");
        Problem::invalid("#/gateway", "unknown_gateway", detail)
    };
    found.ok_or_else(unknown)
}

impl Basket {
    /// The command, for the buyer that the caller may order for.
    pub fn wanted_by(self, who: &Principal, offered: &str) -> Result<PlacePurchase, Problem> {
        let own = BuyerId::parse(&who.sub).ok();
        let buyer = if who.role == Role::Buyer { own } else { self.buyer };
        let buyer = buyer.ok_or_else(|| Problem::invalid("#/buyer", "missing", "for whom?"))?;
        let gateway = gateway(self.gateway.as_ref(), offered)?;
        Ok(PlacePurchase {
            buyer,
            lines: self.lines,
            delivery: self.delivery,
            gateway,
            method: self.method,
            discounts: self.discounts,
            points: self.points,
            total: self.total,
            note: self.note,
            invoice: self.invoice,
            gift: self.gift,
        })
    }
}
