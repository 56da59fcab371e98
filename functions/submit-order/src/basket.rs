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
    #[serde(default = "stripe")]
    gateway: GatewayNameField,
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

/// The gateways that a purchase can be paid through.
#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "snake_case")]
enum GatewayNameField {
    Stripe,
    /// The courier is paid.
    CashOnDelivery,
}

fn stripe() -> GatewayNameField {
    GatewayNameField::Stripe
}

impl GatewayNameField {
    fn name(self) -> &'static str {
        match self {
            Self::Stripe => "stripe",
            Self::CashOnDelivery => GatewayName::CASH,
        }
    }
}

impl Basket {
    /// The command, for the buyer that the caller may order for.
    pub fn wanted_by(self, who: &Principal) -> Result<PlacePurchase, Problem> {
        let own = BuyerId::parse(&who.sub).ok();
        let buyer = if who.role == Role::Buyer { own } else { self.buyer };
        let buyer = buyer.ok_or_else(|| Problem::invalid("#/buyer", "missing", "for whom?"))?;
        let gateway = GatewayName::parse(self.gateway.name())
            .map_err(|e| Problem::invalid("#/gateway", "unknown_gateway", e.to_string()))?;
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
