//! Placing a purchase: every check in one answer, one order per merchant, stock held at once.
//!
//! Prices and totals are computed here and compared with what the buyer was shown, so a client can
//! neither invent a price nor be surprised by one.

use crate::order::{Held, Line, Order, OrderEvent, OrderState, Settlement, Shipping, Terms, Units};
use crate::{
    BuyerId, Change, Currency, Fault, FaultKind, GatewayName, Ids, LARGEST_MINOR, Merchant,
    MerchantId, Money, OrderId, OrderNumber, Payment, PaymentEvent, PaymentId, PaymentLife, Policy,
    PurchaseId, Refusal, Share, ShopPolicy, Sku, SkuId, Stored, WarehouseId, allocate, confirm,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a buyer wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlacePurchase {
    pub buyer: BuyerId,
    pub lines: Vec<LineWanted>,
    pub delivery: Delivery,
    pub gateway: GatewayName,
    /// Amounts that the shop's promotions give; allocated here, not computed.
    pub discounts: Vec<Discount>,
    /// What the buyer was shown. Compared, never believed.
    pub total: Option<Money>,
    pub note: Option<String>,
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

/// An amount off, for one merchant's goods or for all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Discount {
    /// The shop's own id of the promotion.
    pub id: String,
    pub amount: Money,
    #[serde(default)]
    pub merchant: Option<MerchantId>,
}

/// Where the goods go. A snapshot: later changes of the buyer's address book do not touch it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Delivery {
    pub recipient: String,
    /// E.164, or a mainland mobile number.
    pub phone: String,
    /// GB/T 2260 code of the district, six digits.
    pub region: String,
    /// Street, building, door.
    pub detail: String,
}

/// What the shop has, as it was read: only what the wanted lines need.
#[derive(Debug, Clone, Default)]
pub struct Shelf {
    pub skus: BTreeMap<SkuId, Sku>,
    pub merchants: BTreeMap<MerchantId, Merchant>,
    pub stock: Vec<Available>,
    /// What the shop set of its policy.
    pub policy: Option<Stored<ShopPolicy>>,
}

/// Pieces of an SKU in a warehouse that nobody is promised.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Available {
    pub sku: SkuId,
    pub warehouse: WarehouseId,
    pub region: String,
    pub priority: i64,
    pub pieces: i64,
}

/// What was placed, or, for a quote, what it would be.
#[derive(Debug, Clone)]
pub struct Placed {
    pub purchase: PurchaseId,
    pub payment: Payment,
    pub orders: Vec<Order>,
}

/// Checks and prices a purchase and holds its stock. Every fault in one answer.
/// Precedence of the answer's kind: what can never be right before what is not right now.
pub fn place(
    change: &mut Change,
    shelf: &Shelf,
    wanted: &PlacePurchase,
    policy: &Policy,
    ids: &mut dyn Ids,
) -> Result<Placed, Refusal> {
    let mut faults = check_basket(wanted, shelf, policy);
    faults.extend(check_delivery(&wanted.delivery));
    if !faults.is_empty() {
        return Err(Refusal::Faulty(faults));
    }
    let draft = Draft { shelf, wanted, policy, change_at: change.at };
    let placed = draft.price(ids)?;
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
            Ok(Placed { purchase: placed.purchase, payment: payment.doc, orders })
        }
        Some(_) | None => Ok(placed),
    }
}

fn check_basket(wanted: &PlacePurchase, shelf: &Shelf, policy: &Policy) -> Vec<Fault> {
    let mut faults = Vec::new();
    let at_most = policy.lines_at_most;
    if wanted.lines.is_empty() {
        faults.push(Fault::at("#/lines", FaultKind::NoLines));
    } else if wanted.lines.len() > at_most {
        faults.push(Fault::at("#/lines", FaultKind::TooManyLines { at_most }));
        return faults;
    }
    let mut seen = std::collections::BTreeSet::new();
    let mut currency: Option<Currency> = None;
    for (i, line) in wanted.lines.iter().enumerate() {
        let place = |field: &str| format!("#/lines/{i}/{field}");
        if !seen.insert(&line.sku) {
            faults.push(Fault::at(place("sku"), FaultKind::RepeatedSku));
        }
        let at_most = policy.pieces_at_most;
        if !(1..=at_most).contains(&line.quantity) {
            faults.push(Fault::at(place("quantity"), FaultKind::QuantityOutOfRange { at_most }));
        }
        let Some(sku) = shelf.skus.get(&line.sku) else {
            faults.push(Fault::at(place("sku"), FaultKind::UnknownSku));
            continue;
        };
        if !sku.sells() {
            faults.push(Fault::at(place("sku"), FaultKind::NotForSale));
        }
        if !shelf.merchants.contains_key(&sku.merchant) {
            faults.push(Fault::at(place("sku"), FaultKind::UnknownMerchant));
        }
        if *currency.get_or_insert(sku.currency) != sku.currency {
            faults.push(Fault::at(place("sku"), FaultKind::CurrencyDiffers));
        }
        let right = Money::new(sku.price_minor, sku.currency);
        if line.price.is_some_and(|shown| shown != right) {
            faults.push(Fault::at(place("price"), FaultKind::PriceDiffers { right }));
        }
    }
    for (i, discount) in wanted.discounts.iter().enumerate() {
        let amount = discount.amount;
        if currency.is_some_and(|c| c != amount.currency) {
            faults.push(Fault::at(format!("#/discounts/{i}/amount"), FaultKind::CurrencyDiffers));
        }
        if !(0..=LARGEST_MINOR).contains(&amount.minor) {
            faults.push(Fault::at(format!("#/discounts/{i}/amount"), FaultKind::AmountOutOfRange));
        }
    }
    faults
}

/// Names and addresses have ends, phones and regions a form.
pub(crate) fn check_delivery(delivery: &Delivery) -> Vec<Fault> {
    let mut faults = Vec::new();
    let fields = [("recipient", &delivery.recipient, 50), ("detail", &delivery.detail, 200)];
    for (field, text, at_most) in fields {
        let place = format!("#/delivery/{field}");
        if text.trim().is_empty() {
            faults.push(Fault::at(place, FaultKind::Missing));
        } else if text.chars().count() > at_most {
            faults.push(Fault::at(place, FaultKind::TooLong { at_most }));
        }
    }
    if !is_phone(&delivery.phone) {
        faults.push(Fault::at("#/delivery/phone", FaultKind::NotAPhoneNumber));
    }
    let code = delivery.region.as_bytes();
    if code.len() != 6 || !code.iter().all(u8::is_ascii_digit) || code.starts_with(b"0") {
        faults.push(Fault::at("#/delivery/region", FaultKind::NotARegion));
    }
    faults
}

/// E.164 (`+` and up to 15 digits), or a mainland mobile number: 11 digits, 13 to 19 first.
fn is_phone(text: &str) -> bool {
    let digits = |t: &str| t.bytes().all(|b| b.is_ascii_digit());
    match text.strip_prefix('+') {
        Some(rest) => (2..=15).contains(&rest.len()) && digits(rest) && !rest.starts_with('0'),
        None => {
            let second = text.as_bytes().get(1).copied().unwrap_or(b'0');
            text.len() == 11
                && digits(text)
                && text.starts_with('1')
                && (b'3'..=b'9').contains(&second)
        }
    }
}

struct Draft<'a> {
    shelf: &'a Shelf,
    wanted: &'a PlacePurchase,
    policy: &'a Policy,
    change_at: crate::Millis,
}

impl Draft<'_> {
    fn price(&self, ids: &mut dyn Ids) -> Result<Placed, Refusal> {
        let (purchase, payment) = (PurchaseId::mint(ids), PaymentId::mint(ids));
        let currency = self.shelf.skus.values().next().map_or(Currency::CNY, |s| s.currency);
        let mut by_merchant: BTreeMap<&MerchantId, Vec<(usize, &Sku)>> = BTreeMap::new();
        for (i, line) in self.wanted.lines.iter().enumerate() {
            if let Some(sku) = self.shelf.skus.get(&line.sku) {
                by_merchant.entry(&sku.merchant).or_default().push((i, sku));
            }
        }
        let discounts = self.line_discounts()?;
        let mut held = self.hold()?;
        let mut orders = Vec::new();
        for (merchant, lines) in by_merchant {
            let Some(merchant) = self.shelf.merchants.get(merchant) else { continue };
            let lines = self.lines(&lines, &discounts, &mut held);
            orders.push(self.order(merchant, lines, (&purchase, &payment, currency), ids));
        }
        let right = Money::new(orders.iter().map(|o: &Order| o.total_minor).sum(), currency);
        if self.wanted.total.is_some_and(|shown| shown != right) {
            let fault = Fault::at("#/total", FaultKind::TotalDiffers { right });
            return Err(Refusal::Faulty(vec![fault]));
        }
        let share =
            |o: &Order| Share { order: o.id.clone(), due_minor: o.total_minor, applied_minor: 0 };
        let payment = Payment {
            id: payment,
            purchase: purchase.clone(),
            buyer: self.wanted.buyer.clone(),
            currency,
            gateway: self.wanted.gateway.clone(),
            shares: orders.iter().map(share).collect(),
            attempts: Vec::new(),
            refunds: Vec::new(),
            life: PaymentLife::Open { until: self.pay_until() },
            created_at: self.change_at,
        };
        Ok(Placed { purchase, payment, orders })
    }

    fn pay_until(&self) -> crate::Millis {
        self.change_at.plus(self.policy.unpaid_ms)
    }

    fn goods_minor(&self, line: &LineWanted) -> i64 {
        let price = self.shelf.skus.get(&line.sku).map_or(0, |s| s.price_minor);
        price.saturating_mul(line.quantity).min(LARGEST_MINOR)
    }

    /// Each line's share of all discounts, by value, largest remainder. Frozen from here on.
    fn line_discounts(&self) -> Result<Vec<i64>, Refusal> {
        let goods: Vec<i64> = self.wanted.lines.iter().map(|l| self.goods_minor(l)).collect();
        let mut off = vec![0_i64; goods.len()];
        for (i, discount) in self.wanted.discounts.iter().enumerate() {
            let left =
                self.wanted.lines.iter().zip(goods.iter().zip(&off)).map(|(line, (g, o))| {
                    let sku = self.shelf.skus.get(&line.sku);
                    let theirs = discount.merchant.is_none()
                        || sku.map(|s| &s.merchant) == discount.merchant.as_ref();
                    if theirs { g - o } else { 0 }
                });
            let left: Vec<i64> = left.collect();
            if discount.amount.minor > left.iter().sum::<i64>() {
                let place = format!("#/discounts/{i}/amount");
                let fault = Fault::at(place, FaultKind::DiscountExceedsGoods);
                return Err(Refusal::Faulty(vec![fault]));
            }
            for (sum, part) in off.iter_mut().zip(allocate(discount.amount.minor, &left)) {
                *sum += part;
            }
        }
        Ok(off)
    }

    /// Chooses warehouses: one that has all of a line is better than two; the same province first,
    /// then the shop's priority. The commit checks the stock again, and there it is decided.
    fn hold(&self) -> Result<Vec<Vec<Held>>, Refusal> {
        let (mut all, mut faults) = (Vec::new(), Vec::new());
        let near = self.wanted.delivery.region.get(..2).unwrap_or_default();
        for (i, line) in self.wanted.lines.iter().enumerate() {
            let of_sku = self.shelf.stock.iter().filter(|s| s.sku == line.sku && s.pieces > 0);
            let mut shelves: Vec<&Available> = of_sku.collect();
            let available: i64 = shelves.iter().map(|s| s.pieces).sum();
            if available < line.quantity {
                let what = FaultKind::OutOfStock { sku: line.sku.clone(), available };
                faults.push(Fault::at(format!("#/lines/{i}/quantity"), what));
                continue;
            }
            shelves.sort_by_key(|s| {
                let whole = s.pieces >= line.quantity;
                (!whole, !s.region.starts_with(near), s.priority, s.warehouse.clone())
            });
            let mut left = line.quantity;
            let mut held = Vec::new();
            for shelf in shelves {
                let quantity = left.min(shelf.pieces);
                if quantity > 0 {
                    held.push(Held { warehouse: shelf.warehouse.clone(), quantity, packed: 0 });
                }
                left -= quantity;
            }
            all.push(held);
        }
        if faults.is_empty() { Ok(all) } else { Err(Refusal::Faulty(faults)) }
    }

    fn lines(&self, of: &[(usize, &Sku)], discounts: &[i64], held: &mut [Vec<Held>]) -> Vec<Line> {
        let mut lines = Vec::new();
        for (i, sku) in of {
            let Some(wanted) = self.wanted.lines.get(*i) else { continue };
            let discount_minor = discounts.get(*i).copied().unwrap_or(0);
            let days = sku.return_days.map(|d| i64::from(d) * crate::DAY);
            lines.push(Line {
                no: u16::try_from(lines.len() + 1).unwrap_or(u16::MAX),
                sku: sku.id.clone(),
                name: sku.name.clone(),
                quantity: wanted.quantity,
                unit_price_minor: sku.price_minor,
                discount_minor,
                paid_minor: self.goods_minor(wanted) - discount_minor,
                weight_g: sku.weight_g,
                return_ms: days.unwrap_or(self.policy.case_window_ms),
                held: held.get_mut(*i).map(std::mem::take).unwrap_or_default(),
                units: Units::default(),
            });
        }
        lines
    }

    fn order(
        &self,
        merchant: &Merchant,
        lines: Vec<Line>,
        (purchase, payment, currency): (&PurchaseId, &PaymentId, Currency),
        ids: &mut dyn Ids,
    ) -> Order {
        let goods: i64 = lines.iter().map(|l| l.paid_minor).sum();
        let free = merchant.shipping.free_from_minor.is_some_and(|from| goods >= from);
        let fee_minor = if free { 0 } else { merchant.shipping.fee_minor };
        Order {
            id: OrderId::mint(ids),
            number: OrderNumber::mint(ids, self.change_at),
            purchase: purchase.clone(),
            payment: payment.clone(),
            merchant: merchant.id.clone(),
            buyer: self.wanted.buyer.clone(),
            currency,
            lines,
            shipping: Shipping {
                fee_minor,
                discount_minor: 0,
                paid_minor: fee_minor,
                refunded: false,
            },
            delivery: self.wanted.delivery.clone(),
            note: self.wanted.note.clone(),
            total_minor: goods + fee_minor,
            terms: Terms {
                commission_bp: merchant.commission_bp,
                service_fee_minor: merchant.service_fee_minor,
                auto_complete_ms: self.policy.auto_complete_ms,
                case_window_ms: self.policy.case_window_ms,
            },
            placed_at: self.change_at,
            ship_by: self.change_at.plus(self.policy.ship_within_ms),
            state: OrderState::AwaitingPayment { until: self.pay_until() },
            settlement: Settlement::Open,
            open_cases: Vec::new(),
            refunded_minor: 0,
            waived_minor: 0,
        }
    }
}
