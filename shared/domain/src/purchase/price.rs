//! What it costs: goods, what is taken off, shipping, in the order in which they depend on one
//! another, and each cent on the line that carries it.

use super::basket::goods_minor;
use super::{Discount, DiscountOn, PlacePurchase, Shelf};
use crate::order::Promotion;
use crate::{
    Currency, Delivery, Fault, FaultKind, Load, Merchant, MerchantId, Money, SkuId, allocate,
};
use std::collections::BTreeMap;

/// A purchase with all its amounts, in minor units.
#[derive(Debug, Clone, Default)]
pub(super) struct Priced {
    /// As the basket's lines.
    pub lines: Vec<Amounts>,
    pub orders: BTreeMap<MerchantId, Charges>,
}

/// What a line costs and what is taken off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Amounts {
    pub goods: i64,
    pub discount: i64,
    pub points: i64,
}

impl Priced {
    /// What each order comes to in money; without shipping where that could not be computed.
    pub fn totals(&self, wanted: &PlacePurchase, shelf: &Shelf) -> impl Iterator<Item = Money> {
        let currency = currency(wanted, shelf);
        self.orders.values().map(move |charges| {
            let lines = charges.lines.iter().filter_map(|n| self.lines.get(*n));
            let goods = lines.map(Amounts::paid).fold(0, i64::saturating_add);
            Money::new(goods.saturating_add(charges.fee - charges.fee_discount), currency)
        })
    }
}

impl Amounts {
    pub fn paid(&self) -> i64 {
        self.goods - self.discount - self.points
    }
}

/// What one merchant's order carries besides its lines.
#[derive(Debug, Clone, Default)]
pub(super) struct Charges {
    /// Numbers of the basket's lines, from 0.
    pub lines: Vec<usize>,
    pub fee: i64,
    pub fee_discount: i64,
    pub promotions: Vec<Promotion>,
}

/// Computes everything, or says which amounts cannot be. Without an address shipping is not
/// computed, and so neither is the total.
pub(super) fn priced(
    wanted: &PlacePurchase,
    shelf: &Shelf,
    to: Option<&Delivery>,
) -> Result<Priced, Vec<Fault>> {
    let mut pricing = Pricing { wanted, shelf, priced: Priced::default(), faults: Vec::new() };
    pricing.lines();
    for (i, discount) in wanted.discounts.iter().enumerate() {
        if discount.on == DiscountOn::Goods {
            pricing.discount(i, discount);
        }
    }
    if let Some(to) = to {
        pricing.shipping(to);
        for (i, discount) in wanted.discounts.iter().enumerate() {
            if discount.on == DiscountOn::Shipping {
                pricing.discount_shipping(i, discount);
            }
        }
    }
    pricing.points();
    if pricing.faults.is_empty() && to.is_some() {
        pricing.compare_total();
    }
    if pricing.faults.is_empty() { Ok(pricing.priced) } else { Err(pricing.faults) }
}

struct Pricing<'a> {
    wanted: &'a PlacePurchase,
    shelf: &'a Shelf,
    priced: Priced,
    faults: Vec<Fault>,
}

impl Pricing<'_> {
    fn merchant_of(&self, sku: &SkuId) -> Option<&MerchantId> {
        self.shelf.skus.get(sku).map(|sku| &sku.merchant)
    }

    fn lines(&mut self) {
        for (i, line) in self.wanted.lines.iter().enumerate() {
            let goods = goods_minor(line, self.shelf);
            self.priced.lines.push(Amounts { goods, ..Amounts::default() });
            if let Some(merchant) = self.merchant_of(&line.sku).cloned() {
                self.priced.orders.entry(merchant).or_default().lines.push(i);
            }
        }
    }

    /// Spreads an amount over lines by what is left of them; answers false if they are worth less.
    fn spread(
        &mut self,
        amount: i64,
        takes_part: impl Fn(usize) -> bool,
        take: impl Fn(&mut Amounts, i64),
    ) -> bool {
        let left = |(i, line): (usize, &Amounts)| if takes_part(i) { line.paid() } else { 0 };
        let weights: Vec<i64> = self.priced.lines.iter().enumerate().map(left).collect();
        if amount > weights.iter().sum::<i64>() {
            return false;
        }
        if amount > 0 {
            let parts = allocate(amount, &weights);
            self.priced.lines.iter_mut().zip(parts).for_each(|(line, part)| take(line, part));
        }
        true
    }

    fn discount(&mut self, i: usize, discount: &Discount) {
        let (wanted, shelf) = (self.wanted, self.shelf);
        let before: Vec<i64> = self.priced.lines.iter().map(|line| line.discount).collect();
        let meant = |n: usize| {
            wanted.lines.get(n).is_some_and(|line| {
                let merchant = shelf.skus.get(&line.sku).map(|sku| &sku.merchant);
                (discount.merchant.is_none() || discount.merchant.as_ref() == merchant)
                    && (discount.skus.is_empty() || discount.skus.contains(&line.sku))
            })
        };
        if !self.spread(discount.amount.minor, meant, |line, part| line.discount += part) {
            let place = format!("#/discounts/{i}/amount");
            self.faults.push(Fault::at(place, FaultKind::DiscountExceedsGoods));
            return;
        }
        let (lines, orders) = (&self.priced.lines, &mut self.priced.orders);
        let gained = |n: &usize| {
            let now = lines.get(*n).map_or(0, |line| line.discount);
            now - before.get(*n).copied().unwrap_or_default()
        };
        for charges in orders.values_mut() {
            let amount_minor: i64 = charges.lines.iter().map(gained).sum();
            charges.note(discount, amount_minor);
        }
    }

    /// Points pay for goods that discounts left, and for no shipping.
    fn points(&mut self) {
        let Some(points) = &self.wanted.points else { return };
        if !self.spread(points.amount.minor, |_| true, |line, part| line.points += part) {
            self.faults.push(Fault::at("#/points/amount", FaultKind::PointsExceedGoods));
        }
    }

    fn shipping(&mut self, to: &Delivery) {
        let mut fees = Vec::new();
        for (id, charges) in &self.priced.orders {
            let Some(merchant) = self.shelf.merchants.get(id) else { continue };
            match self.fee(merchant, charges, to) {
                Some(fee) => fees.push((id.clone(), fee)),
                None => {
                    let what = FaultKind::NotDeliveredThere { merchant: id.clone() };
                    self.faults.push(Fault::at("#/delivery", what));
                }
            }
        }
        for (id, fee) in fees {
            if let Some(charges) = self.priced.orders.get_mut(&id) {
                charges.fee = fee;
            }
        }
    }

    /// By the merchant's table where they have one in this currency, else by their own terms.
    fn fee(&self, merchant: &Merchant, charges: &Charges, to: &Delivery) -> Option<i64> {
        let mut load = Load { goods_minor: 0, weight_g: 0, pieces: 0 };
        for n in &charges.lines {
            let amounts = self.priced.lines.get(*n).copied().unwrap_or_default();
            load.goods_minor += amounts.goods - amounts.discount;
            let Some(line) = self.wanted.lines.get(*n) else { continue };
            let weight_g = self.shelf.skus.get(&line.sku).map_or(0, |sku| sku.weight_g);
            load.weight_g = load.weight_g.saturating_add(weight_g.saturating_mul(line.quantity));
            load.pieces += line.quantity;
        }
        let rates = self.shelf.rates.get(&merchant.id);
        match rates.filter(|rates| rates.currency == currency(self.wanted, self.shelf)) {
            Some(rates) => rates.fee_minor(to, load),
            None => {
                let terms = &merchant.shipping;
                let free = terms.free_from_minor.is_some_and(|from| load.goods_minor >= from);
                Some(if free { 0 } else { terms.fee_minor })
            }
        }
    }

    fn discount_shipping(&mut self, i: usize, discount: &Discount) {
        let meant = |id: &MerchantId| discount.merchant.as_ref().is_none_or(|only| only == id);
        let left = |(id, charges): (&MerchantId, &Charges)| {
            if meant(id) { charges.fee - charges.fee_discount } else { 0 }
        };
        let weights: Vec<i64> = self.priced.orders.iter().map(left).collect();
        let amount = discount.amount.minor;
        if amount > weights.iter().sum::<i64>() {
            let place = format!("#/discounts/{i}/amount");
            self.faults.push(Fault::at(place, FaultKind::DiscountExceedsShipping));
        } else if amount > 0 {
            let parts = allocate(amount, &weights);
            for (charges, part) in self.priced.orders.values_mut().zip(parts) {
                charges.fee_discount += part;
                charges.note(discount, part);
            }
        }
    }

    fn compare_total(&mut self) {
        let goods: i64 = self.priced.lines.iter().map(Amounts::paid).sum();
        let shipping: i64 = self.priced.orders.values().map(|c| c.fee - c.fee_discount).sum();
        let right = Money::new(goods.saturating_add(shipping), currency(self.wanted, self.shelf));
        if self.wanted.total.is_some_and(|shown| shown != right) {
            self.faults.push(Fault::at("#/total", FaultKind::TotalDiffers { right }));
        }
    }
}

/// One purchase has one currency: that of any of its SKUs.
fn currency(wanted: &PlacePurchase, shelf: &Shelf) -> Currency {
    let first = wanted.lines.first().and_then(|line| shelf.skus.get(&line.sku));
    first.map_or(Currency::CNY, |sku| sku.currency)
}

impl Charges {
    /// Remembers which part of a promotion an order carries.
    fn note(&mut self, discount: &Discount, amount_minor: i64) {
        if amount_minor > 0 {
            let (id, on) = (discount.id.clone(), discount.on);
            self.promotions.push(Promotion { id, on, amount_minor });
        }
    }
}
