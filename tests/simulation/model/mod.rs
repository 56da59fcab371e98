//! The auditor's own model of the shop: what the journal says happened, taken in event by event,
//! and what must follow from it for stock, money and timers.
//!
//! It is written from what the business expects, in plain numbers and words, and shares no code
//! with the rules it judges. Each event must be one that could happen after those before it.

mod agrees;
mod case;
mod cash;
mod driver;
mod lost;
mod money;
mod order;
mod parcel;
mod picking;
mod routed;
mod settled;
mod substitute;
mod suspense;
mod timers;
mod troubles;

pub use case::Case;
pub use cash::{CASH, Cash};
pub use driver::Manifest;
pub use money::{Life, Payment};
pub use order::{Line, Order, Stage};
pub use parcel::{Parcel, Statement};
pub use picking::{PickList, Task};
pub use troubles::{Claim, Trouble};

use orderflow_tests::Value;
use std::collections::{BTreeMap, BTreeSet};

/// A promise that was broken: the invariant, and what shows it.
#[derive(Debug, Clone)]
pub struct Broken {
    pub invariant: &'static str,
    pub detail: String,
}

pub type Kept = Result<(), Broken>;

/// The invariant holds, or this shows that it does not.
pub fn must(holds: bool, invariant: &'static str, detail: impl FnOnce() -> String) -> Kept {
    if holds { Ok(()) } else { Err(Broken { invariant, detail: detail() }) }
}

/// A row of the journal.
#[derive(Debug, Clone)]
pub struct Row {
    pub at: i64,
    pub kind: String,
    pub id: String,
    pub event: Value,
    /// Who: `clock`, `buyer`, `gateway`.
    pub by: String,
    /// As their tokens call them.
    pub who: String,
    pub commit: String,
}

/// An account and a currency.
pub type Account = (String, String);

/// The shop as the auditor believes it to be.
#[derive(Default)]
pub struct Model {
    pub orders: BTreeMap<String, Order>,
    pub payments: BTreeMap<String, Payment>,
    pub parcels: BTreeMap<String, Parcel>,
    pub cases: BTreeMap<String, Case>,
    pub troubles: BTreeMap<String, Trouble>,
    pub lists: BTreeMap<String, PickList>,
    pub manifests: BTreeMap<String, Manifest>,
    pub statements: BTreeMap<String, Statement>,
    /// Waybill numbers and the parcel that took each.
    pub waybills: BTreeMap<String, Option<String>>,
    /// Pieces on hand and held, by SKU and warehouse.
    pub stock: BTreeMap<(String, String), (i64, i64)>,
    /// Minor units, debits positive.
    pub ledger: BTreeMap<Account, i64>,
    /// How often each kind of event happened.
    pub happened: BTreeMap<String, u64>,
    /// Events that the auditor was not taught. From the first of them on it judges less.
    pub unknown: BTreeSet<String>,
    suspense: BTreeMap<String, suspense::Item>,
    /// Who is not heard of is believed in, by the shop's policy.
    pub(super) silence_confirms: bool,
    /// What is lost and nobody decides about is paid back, by the shop's policy.
    pub(super) lost_is_paid_back: bool,
    /// Lines of carriers' remittances, by number and label: what each must be judged to be.
    judged: BTreeMap<(String, String), &'static str>,
    /// What carriers remitted for each label, by currency.
    pub remitted: BTreeMap<(String, String), i64>,
    /// What lists told of and orders did not, within one commit.
    found: picking::Found,
    touched: BTreeSet<(String, String)>,
}

pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

pub fn number(value: &Value) -> i64 {
    value.as_i64().unwrap_or_default()
}

pub fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

/// Lines and units of an event.
pub fn picks(value: &Value) -> Vec<(i64, i64)> {
    list(value).iter().map(|pick| (number(&pick["line"]), number(&pick["units"]))).collect()
}

impl Model {
    /// Takes in all rows of one commit: each event must have been possible, and together they must
    /// leave documents that agree.
    pub fn take(&mut self, commit: &[Row]) -> Kept {
        self.touched.clear();
        for row in commit.iter().filter(|row| row.kind == "pick_lists") {
            let taken = self.list_event(row, &text(&row.event["event"]));
            self.lenient(taken)?;
        }
        for row in commit {
            let word = text(&row.event["event"]);
            *self.happened.entry(format!("{} {word}", row.kind)).or_default() += 1;
            self.touched.insert((row.kind.clone(), row.id.clone()));
            let taken = self.one(row, &word);
            self.lenient(taken)?;
        }
        let agreed = self.lists_and_orders_agree();
        self.lenient(agreed)?;
        for (kind, id) in std::mem::take(&mut self.touched) {
            let agreed = match kind.as_str() {
                "orders" => self.order_agrees(&id),
                "payments" => self.payment_agrees(&id),
                "after_sales" => self.case_agrees(&id),
                "exceptions" => self.trouble_agrees(&id),
                "manifests" => self.manifest_agrees(&id),
                _ => Ok(()),
            };
            self.lenient(agreed)?;
        }
        Ok(())
    }

    /// Whoever was told something they do not understand cannot judge what follows from it.
    fn lenient(&self, judged: Kept) -> Kept {
        if self.is_lost() { Ok(()) } else { judged }
    }

    pub fn is_lost(&self) -> bool {
        !self.unknown.is_empty()
    }

    fn one(&mut self, row: &Row, word: &str) -> Kept {
        match row.kind.as_str() {
            "orders" => self.order_event(row, word),
            "payments" => self.payment_event(row, word),
            "parcels" => self.parcel_event(row, word),
            "waybills" => self.waybill_event(row, word),
            "after_sales" => self.case_event(row, word),
            "exceptions" => self.trouble_event(row, word),
            "manifests" => self.manifest_event(row, word),
            "statements" => self.statement_event(row, word),
            "suspense" => self.suspense_event(row, word),
            "policies" => {
                self.hears_policy(&row.event.to_string());
                Ok(())
            }
            // What the catalog says changes no order; stock counts are told by their moves.
            _ => Ok(()),
        }
    }

    pub(crate) fn stranger(&mut self, row: &Row, word: &str) -> Kept {
        self.unknown.insert(format!("{} {word}", row.kind));
        Ok(())
    }

    /// Pieces move. No document says when it may not: the sums do.
    pub fn moves(&mut self, sku: &str, warehouse: &str, on_hand: i64, held: i64) {
        let level = self.stock.entry((sku.to_owned(), warehouse.to_owned())).or_default();
        *level = (level.0 + on_hand, level.1 + held);
    }

    /// Money moves between accounts; the lines sum to zero.
    pub(crate) fn posts(&mut self, currency: &str, lines: &[(String, i64)]) {
        for (account, amount) in lines {
            *self.ledger.entry((account.clone(), currency.to_owned())).or_default() += amount;
        }
    }

    pub fn balance(&self, account: &str, currency: &str) -> i64 {
        self.ledger.get(&(account.to_owned(), currency.to_owned())).copied().unwrap_or(0)
    }

    /// What is on an account in all currencies; none of them may hide another's debt.
    pub fn is_empty(&self, account: &str) -> bool {
        self.ledger.iter().filter(|((name, _), _)| name == account).all(|(_, sum)| *sum == 0)
    }
}
