//! The orders and the payment of a purchase, written out from what was checked and priced.

use super::hold::Chosen;
use super::price::{Amounts, Charges, Priced};
use super::{PlacePurchase, Placed, Shelf};
use crate::order::{
    Held, Line, Order, OrderState, Settlement, Shipping, SpentPoints, Terms, Units,
};
use crate::{
    Actor, Currency, Delivery, Ids, Invoice, Merchant, Millis, OrderId, OrderNumber, Payment,
    PaymentId, PaymentLife, Policy, PurchaseId, Routing, Share,
};
use std::collections::BTreeMap;

pub(super) struct Draft<'a> {
    pub shelf: &'a Shelf,
    pub wanted: &'a PlacePurchase,
    pub policy: &'a Policy,
    pub delivery: Delivery,
    pub invoice: Option<Invoice>,
    pub at: Millis,
    pub by: &'a Actor,
}

impl Draft<'_> {
    pub fn written(&self, priced: Priced, mut chosen: Chosen, ids: &mut dyn Ids) -> Placed {
        let (purchase, payment) = (PurchaseId::mint(ids), PaymentId::mint(ids));
        let currency = self.shelf.skus.values().next().map_or(Currency::CNY, |s| s.currency);
        let head = (&purchase, &payment, currency);
        let mut orders = Vec::new();
        for (merchant, charges) in &priced.orders {
            let Some(merchant) = self.shelf.merchants.get(merchant) else { continue };
            let lines = self.lines(charges, &priced.lines, &mut chosen.held);
            let mut order = self.order(merchant, charges, lines, head, ids);
            let routed = chosen.routed.remove(&merchant.id);
            let when = (self.at, self.by, self.delivery.region.as_str());
            order.routing = routed.map(|routed| Box::new(Routing::of(routed, when)));
            orders.push(order);
        }
        let share =
            |o: &Order| Share { order: o.id.clone(), due_minor: o.total_minor, applied_minor: 0 };
        let payment = Payment {
            id: payment,
            purchase: purchase.clone(),
            buyer: self.wanted.buyer.clone(),
            currency,
            gateway: self.wanted.gateway.clone(),
            method: self.wanted.method.clone(),
            shares: orders.iter().map(share).collect(),
            attempts: Vec::new(),
            refunds: Vec::new(),
            disputes: Vec::new(),
            life: PaymentLife::Open { until: self.pay_until() },
            extend_ms: self.policy.extend_ms.max(0),
            created_at: self.at,
            recheck_at: Some(self.at.plus(self.policy.recheck_ms)),
            needs_person: false,
        };
        Placed { purchase, payment, orders }
    }

    fn pay_until(&self) -> Millis {
        let (gateway, method) = (&self.wanted.gateway, self.wanted.method.as_ref());
        self.at.plus(self.policy.hold_for(gateway, method))
    }

    fn lines(&self, charges: &Charges, amounts: &[Amounts], held: &mut [Vec<Held>]) -> Vec<Line> {
        let mut lines = Vec::with_capacity(charges.lines.len());
        for n in &charges.lines {
            let (Some(wanted), Some(amounts)) = (self.wanted.lines.get(*n), amounts.get(*n)) else {
                continue;
            };
            let Some(sku) = self.shelf.skus.get(&wanted.sku) else { continue };
            lines.push(Line {
                no: u16::try_from(lines.len() + 1).unwrap_or(u16::MAX),
                sku: sku.id.clone(),
                name: sku.name.clone(),
                quantity: wanted.quantity,
                unit_price_minor: sku.price_minor,
                discount_minor: amounts.discount,
                points_minor: amounts.points,
                paid_minor: amounts.paid(),
                weight_g: sku.weight_g,
                return_ms: sku.return_ms(self.policy),
                held: held.get_mut(*n).map(std::mem::take).unwrap_or_default(),
                units: Units::default(),
                cash: None,
                instead_of: None,
            });
        }
        lines
    }

    fn order(
        &self,
        merchant: &Merchant,
        charges: &Charges,
        lines: Vec<Line>,
        (purchase, payment, currency): (&PurchaseId, &PaymentId, Currency),
        ids: &mut dyn Ids,
    ) -> Order {
        let shipping = Shipping {
            fee_minor: charges.fee,
            discount_minor: charges.fee_discount,
            paid_minor: charges.fee - charges.fee_discount,
            refunded: false,
        };
        let goods: i64 = lines.iter().map(|line| line.paid_minor).sum();
        let points: i64 = lines.iter().map(|line| line.points_minor).sum();
        let spent = self.wanted.points.as_ref().filter(|_| points > 0);
        Order {
            id: OrderId::mint(ids),
            number: OrderNumber::mint(ids, self.at),
            purchase: purchase.clone(),
            payment: payment.clone(),
            merchant: merchant.id.clone(),
            buyer: self.wanted.buyer.clone(),
            currency,
            lines,
            promotions: charges.promotions.clone(),
            points: spent.map(|p| SpentPoints { id: p.id.clone(), amount_minor: points }),
            total_minor: goods + shipping.paid_minor,
            shipping,
            delivery: self.delivery.clone(),
            note: self.wanted.note.clone(),
            invoice: self.invoice.clone(),
            gift: self.wanted.gift.clone(),
            terms: Terms {
                commission_bp: merchant.commission_bp,
                service_fee_minor: merchant.service_fee_minor,
                auto_complete_ms: self.policy.auto_complete_ms,
                case_window_ms: self.policy.case_window_ms,
                ship_reminder_ms: self.policy.ship_reminder_ms,
            },
            placed_at: self.at,
            ship_by: self.at.plus(self.policy.ship_within_ms),
            late_since: None,
            routing: None,
            state: OrderState::AwaitingPayment { until: self.pay_until() },
            settlement: Settlement::Open,
            open_cases: Vec::new(),
            open_exceptions: Vec::new(),
            sent_again: Vec::new(),
            clock: None,
            refunded_minor: 0,
            waived_minor: 0,
            revived_at: None,
            disputes: Vec::new(),
            charged_back_minor: 0,
            cod: None,
            pick_after: BTreeMap::new(),
            offers: Vec::new(),
            put_away: Vec::new(),
        }
    }
}
