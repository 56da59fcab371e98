//! People of the shop, and what they do. An imperative (`buy`, `cancel`) makes a request that can
//! be changed before it is sent; a verb in the third person (`buys`, `cancels`) sends it and must
//! succeed.

use crate::{Answer, Ask, Shop};
use http::Method;
use manifest::token::Role;
use serde_json::{Value, json};

/// Somebody with a token.
#[derive(Clone)]
pub struct Person<'s> {
    pub(crate) shop: &'s Shop,
    pub role: Role,
    pub sub: String,
    pub merchant: Option<String>,
    pub warehouse: Option<String>,
}

/// What a buyer pays for at once.
#[derive(Debug, Clone)]
pub struct Purchase {
    pub id: String,
    pub payment: String,
    pub orders: Vec<Order>,
    /// In minor units.
    pub total: i64,
    pub currency: String,
}

/// One merchant's part of it, as it was placed.
#[derive(Debug, Clone)]
pub struct Order {
    pub id: String,
    pub merchant: String,
    pub total: i64,
}

/// A parcel with its label, if it has one.
#[derive(Debug, Clone)]
pub struct Parcel {
    pub id: String,
    pub carrier: String,
    pub waybill: String,
}

/// An after-sale case.
#[derive(Debug, Clone)]
pub struct Case {
    pub id: String,
}

/// A merchant's statement.
#[derive(Debug, Clone)]
pub struct Statement {
    pub id: String,
    /// In minor units.
    pub net: i64,
    pub state: String,
}

/// Where everything goes.
pub fn address() -> Value {
    json!({"recipient": "李雷", "phone": "13800138000", "region": "310104", "detail": "漕溪路 1 号"})
}

fn picks(lines: &[(u64, i64)]) -> Value {
    lines.iter().map(|(line, units)| json!({"line": line, "units": units})).collect()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

impl<'s> Person<'s> {
    pub(crate) fn new(shop: &'s Shop, role: Role, sub: &str) -> Self {
        Self { shop, role, sub: sub.to_owned(), merchant: None, warehouse: None }
    }

    pub(crate) fn ask(&self, method: Method, path: &str) -> Ask<'s> {
        let token = self.shop.token_of_today(self);
        Ask::new(self.shop, method, path).token(&token)
    }

    pub fn get(&self, path: &str) -> Ask<'s> {
        self.ask(Method::GET, path)
    }

    /// With a fresh idempotency key.
    pub fn post(&self, path: &str, body: &Value) -> Ask<'s> {
        let key = format!("key-{}", self.shop.next());
        self.ask(Method::POST, path).key(&key).json(body)
    }

    pub fn put(&self, path: &str, body: &Value) -> Ask<'s> {
        self.ask(Method::PUT, path).json(body)
    }

    pub fn buy(&self, basket: &[(&str, i64)]) -> Ask<'s> {
        let line = |(sku, quantity): &(&str, i64)| json!({"sku": sku, "quantity": quantity});
        let lines: Vec<Value> = basket.iter().map(line).collect();
        self.post("/v1/purchases", &json!({"lines": lines, "delivery": address()}))
    }

    /// Buys, to pay through a gateway of their choice.
    pub async fn buys_through(&self, gateway: &str, basket: &[(&str, i64)]) -> Purchase {
        let line = |(sku, quantity): &(&str, i64)| json!({"sku": sku, "quantity": quantity});
        let lines: Vec<Value> = basket.iter().map(line).collect();
        let body = json!({"lines": lines, "delivery": address(), "gateway": gateway});
        Purchase::of(&self.post("/v1/purchases", &body).await.must(&[201]))
    }

    pub async fn buys(&self, basket: &[(&str, i64)]) -> Purchase {
        Purchase::of(&self.buy(basket).await.must(&[201]))
    }

    /// Orders, and will pay the courier.
    pub fn buy_on_delivery(&self, basket: &[(&str, i64)]) -> Ask<'s> {
        let line = |(sku, quantity): &(&str, i64)| json!({"sku": sku, "quantity": quantity});
        let lines: Vec<Value> = basket.iter().map(line).collect();
        let body = json!({"lines": lines, "delivery": address(), "gateway": "cash_on_delivery"});
        self.post("/v1/purchases", &body)
    }

    pub async fn buys_on_delivery(&self, basket: &[(&str, i64)]) -> Purchase {
        Purchase::of(&self.buy_on_delivery(basket).await.must(&[201]))
    }

    /// Believes in an order that is paid to the courier.
    pub fn confirm(&self, order: &Order) -> Ask<'s> {
        self.post(&format!("/v1/orders/{}/confirm", order.id), &json!({"note": "I called"}))
    }

    pub async fn confirms(&self, order: &Order) -> Value {
        self.confirm(order).await.must(&[200]).json()
    }

    pub fn decline(&self, order: &Order, reason: &str) -> Ask<'s> {
        self.post(&format!("/v1/orders/{}/decline", order.id), &json!({"reason": reason}))
    }

    /// A parcel that nobody took is back; lines are line, units and what becomes of them.
    pub fn take_back(&self, parcel: &Parcel, lines: &[(u64, i64, &str)]) -> Ask<'s> {
        let line =
            |(line, units, to): &(u64, i64, &str)| json!({"line": line, "units": units, "to": to});
        let lines: Vec<Value> = lines.iter().map(line).collect();
        self.post(
            &format!("/v1/shipping/parcels/{}/take-back", parcel.id),
            &json!({"lines": lines}),
        )
    }

    pub async fn takes_back(&self, parcel: &Parcel, lines: &[(u64, i64, &str)]) -> Value {
        self.take_back(parcel, lines).await.must(&[200]).json()
    }

    pub fn cancel(&self, order: &Order) -> Ask<'s> {
        self.post(&format!("/v1/orders/{}/cancel", order.id), &json!({}))
    }

    pub async fn cancels(&self, order: &Order) -> Value {
        self.cancel(order).await.must(&[200]).json()
    }

    /// Cancels units of lines, for a reason of the catalogue.
    pub fn cancel_units(&self, order: &Order, lines: &[(u64, i64)], reason: &str) -> Ask<'s> {
        let body = json!({"lines": picks(lines), "reason": reason});
        self.post(&format!("/v1/orders/{}/cancel", order.id), &body)
    }

    pub async fn cancels_units(&self, order: &Order, lines: &[(u64, i64)], reason: &str) -> Value {
        self.cancel_units(order, lines, reason).await.must(&[200]).json()
    }

    /// Sends an order to another address.
    pub fn redirect(&self, order: &Order, delivery: &Value) -> Ask<'s> {
        let body = json!({"delivery": delivery, "note": "I moved"});
        self.post(&format!("/v1/orders/{}/address", order.id), &body)
    }

    pub async fn redirects(&self, order: &Order, delivery: &Value) -> Value {
        self.redirect(order, delivery).await.must(&[200]).json()
    }

    pub fn confirm_receipt(&self, order: &Order) -> Ask<'s> {
        self.post(&format!("/v1/orders/{}/confirm-receipt", order.id), &json!({}))
    }

    pub async fn confirms_receipt(&self, order: &Order) -> Value {
        self.confirm_receipt(order).await.must(&[200]).json()
    }

    /// `kind` is `refund_only` or `return_and_refund`; lines are pairs of line and units.
    pub fn ask_back(&self, kind: &str, order: &Order, lines: &[(u64, i64)]) -> Ask<'s> {
        let lines = picks(lines);
        let body =
            json!({"order": order.id, "kind": kind, "lines": lines, "reason": "changed_mind"});
        self.post("/v1/after-sales", &body)
    }

    /// Wants money for units that were not sent.
    pub async fn wants_no_more(&self, order: &Order, lines: &[(u64, i64)]) -> Case {
        Case::of(&self.ask_back("refund_only", order, lines).await.must(&[201]))
    }

    /// Wants to send units back for money.
    pub async fn wants_to_return(&self, order: &Order, lines: &[(u64, i64)]) -> Case {
        Case::of(&self.ask_back("return_and_refund", order, lines).await.must(&[201]))
    }

    /// A step of a case: `approve`, `reject`, `withdraw`, `send-back`, `receive`.
    pub fn step(&self, case: &Case, step: &str, body: &Value) -> Ask<'s> {
        self.post(&format!("/v1/after-sales/{}/{step}", case.id), body)
    }

    pub async fn approves(&self, case: &Case) -> Value {
        self.step(case, "approve", &json!({})).await.must(&[200]).json()
    }

    pub async fn rejects(&self, case: &Case, reason: &str) -> Value {
        self.step(case, "reject", &json!({"reason": reason})).await.must(&[200]).json()
    }

    pub async fn withdraws(&self, case: &Case) -> Value {
        self.step(case, "withdraw", &json!({})).await.must(&[200]).json()
    }

    pub async fn sends_back(&self, case: &Case, carrier: &str, waybill: &str) -> Value {
        let body = json!({"carrier": carrier, "waybill": waybill});
        self.step(case, "send-back", &body).await.must(&[200]).json()
    }

    /// Lines are line, units and what becomes of them (`restock`, `scrap`, …).
    pub async fn receives(&self, case: &Case, lines: &[(u64, i64, &str)]) -> Value {
        let warehouse = self.warehouse.clone().expect("a warehouse receives");
        let line = |(line, units, to): &(u64, i64, &str)| -> Value {
            let mut received = json!({"line": line, "units": units, "to": to});
            received["warehouse"] = json!(warehouse);
            received
        };
        let lines: Vec<Value> = lines.iter().map(line).collect();
        self.step(case, "receive", &json!({"lines": lines})).await.must(&[200]).json()
    }

    pub fn pack(&self, order: &Order, lines: &[(u64, i64)]) -> Ask<'s> {
        let warehouse = self.warehouse.clone().expect("a warehouse packs");
        let lines = picks(lines);
        let body =
            json!({"order": order.id, "warehouse": warehouse, "lines": lines, "weight_g": 850});
        self.post("/v1/fulfilment/parcels", &body)
    }

    pub async fn unpacks(&self, parcel: &Parcel) -> Value {
        let path = format!("/v1/fulfilment/parcels/{}/unpack", parcel.id);
        self.post(&path, &json!({})).await.must(&[200]).json()
    }

    pub async fn packs(&self, order: &Order, lines: &[(u64, i64)]) -> Parcel {
        Parcel::of(&self.pack(order, lines).await.must(&[201]))
    }

    pub fn label(&self, parcel: &Parcel, carrier: &str) -> Ask<'s> {
        let path = format!("/v1/shipping/parcels/{}/waybill", parcel.id);
        self.post(&path, &json!({"carrier": carrier}))
    }

    pub async fn labels(&self, parcel: &Parcel, carrier: &str) -> Parcel {
        self.shop.has_waybills(carrier).await;
        Parcel::of(&self.label(parcel, carrier).await.must(&[200]))
    }

    pub fn hand_over(&self, parcel: &Parcel) -> Ask<'s> {
        self.post(&format!("/v1/shipping/parcels/{}/dispatch", parcel.id), &json!({}))
    }

    pub async fn hands_over(&self, parcel: &Parcel) -> Value {
        self.hand_over(parcel).await.must(&[200]).json()
    }

    /// Packs, labels and hands over.
    pub async fn ships(&self, order: &Order, lines: &[(u64, i64)]) -> Parcel {
        let packed = self.packs(order, lines).await;
        let labelled = self.labels(&packed, "yuantong").await;
        self.hands_over(&labelled).await;
        labelled
    }

    /// Brings a carrier's file of what it remits: remittance number, waybill, amount.
    pub fn remit(&self, carrier: &str, lines: &[(&str, &str, &str)]) -> Ask<'s> {
        let mut file = String::from("carrier,remittance,waybill,amount,collected_on\n");
        for (remittance, waybill, amount) in lines {
            file.push_str(&format!("{carrier},{remittance},{waybill},{amount},2026-03-02\n"));
        }
        self.ask(Method::POST, "/v1/settlements/remittances").body("text/csv", file)
    }

    pub async fn remits(&self, carrier: &str, lines: &[(&str, &str, &str)]) -> Value {
        self.remit(carrier, lines).await.must(&[200]).json()
    }

    pub fn write_off(&self, parcel: &Parcel) -> Ask<'s> {
        let path = format!("/v1/settlements/remittances/missing/{}/write-off", parcel.id);
        self.post(&path, &json!({"reason": "the courier is gone"}))
    }

    pub fn close_period(&self, merchant: &str) -> Ask<'s> {
        self.post("/v1/settlements", &json!({"merchant": merchant}))
    }

    pub async fn closes_period(&self, merchant: &str) -> Statement {
        Statement::of(&self.close_period(merchant).await.must(&[201]))
    }

    pub async fn pays_out(&self, statement: &Statement) -> Statement {
        let path = format!("/v1/settlements/{}/payout", statement.id);
        Statement::of(&self.post(&path, &json!({"reference": "bank-1"})).await.must(&[200]))
    }
}

impl Purchase {
    pub fn of(answer: &Answer) -> Self {
        let body = answer.json();
        let orders = body["orders"].as_array().cloned().unwrap_or_default();
        Self {
            id: text(&body["purchase"]),
            payment: text(&body["payment"]["id"]),
            orders: orders.iter().map(Order::of).collect(),
            total: body["payment"]["due"]["amount"].as_i64().expect("an amount"),
            currency: text(&body["payment"]["due"]["currency"]),
        }
    }

    /// The order of one merchant.
    pub fn order(&self, merchant: &str) -> &Order {
        let order = self.orders.iter().find(|order| order.merchant == merchant);
        order.unwrap_or_else(|| panic!("no order of {merchant} in {self:?}"))
    }

    /// The only order.
    pub fn only(&self) -> &Order {
        assert_eq!(self.orders.len(), 1, "{self:?}");
        &self.orders[0]
    }
}

impl Order {
    pub fn of(order: &Value) -> Self {
        Self {
            id: text(&order["id"]),
            merchant: text(&order["merchant"]),
            total: order["total"]["amount"].as_i64().expect("an amount"),
        }
    }
}

impl Parcel {
    pub fn of(answer: &Answer) -> Self {
        let label = answer.at("/label");
        let (carrier, waybill) = (text(&label["carrier"]), text(&label["waybill"]));
        Self { id: text(&answer.at("/id")), carrier, waybill }
    }
}

impl Case {
    pub fn of(answer: &Answer) -> Self {
        Self { id: text(&answer.at("/id")) }
    }
}

impl Statement {
    pub fn of(answer: &Answer) -> Self {
        let body = answer.json();
        let net = body["net"]["amount"].as_i64().expect("an amount");
        Self { id: text(&body["id"]), net, state: text(&body["state"]) }
    }
}
