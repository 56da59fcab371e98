//! What the people outside know: what they were answered, and what they were not.

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use tools::{Answer, Call};

/// A purchase that was answered with 201.
#[derive(Debug, Clone)]
pub struct Placed {
    /// The purchase.
    pub purchase: String,
    /// Its payment.
    pub payment: String,
    /// What is to be paid.
    pub due_minor: i64,
    /// Its orders.
    pub orders: Vec<String>,
}

/// What a call is for.
#[derive(Debug, Clone)]
pub enum Wish {
    /// A purchase.
    Order,
    /// The gateway says that a payment came.
    Pay {
        /// Which payment.
        payment: String,
        /// How much came.
        amount_minor: i64,
        /// What the gateway says; signed anew each time.
        delivery: Box<partners::Delivery>,
    },
    /// The buyer cancels an order.
    Cancel {
        /// Which order.
        order: String,
    },
}

/// A call that was not answered.
#[derive(Debug, Clone)]
pub struct Open {
    /// Its key, unique for each call.
    pub key: String,
    /// What it is for.
    pub wish: Wish,
    /// The call itself.
    pub call: Call,
}

/// How often what happened.
#[derive(Debug, Clone, Copy, Default)]
pub struct Counts {
    /// Purchases that were answered.
    pub placed: u64,
    /// Payments that were acknowledged.
    pub paid: u64,
    /// Cancellations that were acknowledged.
    pub cancelled: u64,
    /// Purchases that were refused.
    pub refused: u64,
    /// Calls that were repeated.
    pub repeated: u64,
}

/// All that is known outside.
#[derive(Debug, Default)]
pub struct Book {
    /// Purchases by the key that they were ordered with.
    pub placed: BTreeMap<String, Placed>,
    /// Keys of purchases that were refused.
    pub refused: BTreeSet<String>,
    /// Payments that were acknowledged, and how much came.
    pub paid: BTreeMap<String, i64>,
    /// Orders that somebody wanted to cancel.
    pub unwanted: BTreeSet<String>,
    /// Orders whose cancellation was acknowledged.
    pub cancelled: BTreeSet<String>,
    /// Calls that were not answered yet.
    pub open: Vec<Open>,
    /// Answers that nobody expected.
    pub off: Vec<String>,
    /// Calls that were made again.
    pub repeated: u64,
}

impl Book {
    /// How often what happened.
    pub fn counts(&self) -> Counts {
        Counts {
            placed: self.placed.len() as u64,
            paid: self.paid.len() as u64,
            cancelled: self.cancelled.len() as u64,
            refused: self.refused.len() as u64,
            repeated: self.repeated,
        }
    }

    /// Takes down an answer. What the system could not do now stays open.
    pub fn answered(&mut self, open: Open, answer: &Answer) -> Option<Placed> {
        let status = answer.status.as_u16();
        match (&open.wish, status) {
            (_, 503) => {
                self.open.push(open);
                None
            }
            (Wish::Order, 201) => self.placed(&open.key, &answer.json()),
            (Wish::Order, 409) if answer.code() == "out_of_stock" => {
                self.refused.insert(open.key);
                None
            }
            (Wish::Pay { payment, amount_minor, .. }, 200) => {
                self.paid.insert(payment.clone(), *amount_minor);
                None
            }
            (Wish::Cancel { order }, 200) => {
                self.cancelled.insert(order.clone());
                None
            }
            (Wish::Order | Wish::Pay { .. } | Wish::Cancel { .. }, _) => {
                let body = String::from_utf8_lossy(&answer.body);
                self.off.push(format!("{} was answered {status}: {body}", open.key));
                None
            }
        }
    }

    fn placed(&mut self, key: &str, body: &Value) -> Option<Placed> {
        let text = |pointer: &str| body.pointer(pointer).and_then(Value::as_str);
        let orders = body.get("orders").and_then(Value::as_array);
        let ids = |orders: &Vec<Value>| {
            let id = |order: &Value| Some(order.get("id")?.as_str()?.to_owned());
            orders.iter().filter_map(id).collect()
        };
        let read = || {
            Some(Placed {
                purchase: text("/purchase")?.to_owned(),
                payment: text("/payment/id")?.to_owned(),
                due_minor: body.pointer("/payment/due/amount")?.as_i64()?,
                orders: orders.map(ids)?,
            })
        };
        let Some(placed) = read() else {
            self.off.push(format!("{key} was answered 201 with {body}"));
            return None;
        };
        if let Some(earlier) = self.placed.insert(key.to_owned(), placed.clone())
            && (&earlier.purchase, &earlier.orders) != (&placed.purchase, &placed.orders)
        {
            self.off.push(format!(
                "{key} gave two purchases: {} and {}",
                earlier.purchase, placed.purchase
            ));
        }
        Some(placed)
    }
}
