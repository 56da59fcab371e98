//! The ledger of a purchase, as finance sees it.

use crate::{Purchase, Shop};
use serde_json::Value;
use std::collections::BTreeMap;

/// The lines about a purchase: account, posting, kind and minor units, debits positive.
#[derive(Debug, Clone)]
pub struct Ledger {
    pub lines: Vec<(String, String, String, i64)>,
}

impl Ledger {
    fn of(body: &Value) -> Self {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let line = |line: &Value| {
            let amount = line["amount"]["amount"].as_i64().expect("an amount");
            (text(&line["account"]), text(&line["posting"]), text(&line["kind"]), amount)
        };
        let lines = body["lines"].as_array().expect("lines");
        Self { lines: lines.iter().map(line).collect() }
    }

    /// What is on an account of this name, or on all whose names begin so.
    pub fn balance(&self, account: &str) -> i64 {
        self.lines.iter().filter(|line| line.0.starts_with(account)).map(|line| line.3).sum()
    }

    /// How many postings of a kind there are.
    pub fn postings(&self, kind: &str) -> usize {
        let of_kind = self.lines.iter().filter(|line| line.2 == kind).map(|line| &line.1);
        of_kind.collect::<std::collections::BTreeSet<_>>().len()
    }

    /// Each posting by itself.
    pub fn sums_to_zero(&self) {
        let mut sums: BTreeMap<&str, i64> = BTreeMap::new();
        for (_, posting, _, amount) in &self.lines {
            *sums.entry(posting).or_default() += amount;
        }
        assert!(sums.values().all(|sum| *sum == 0), "{self:#?}");
    }

    /// Nothing is held for an order any more.
    pub fn escrow_is_empty(&self) {
        let mut sums: BTreeMap<&str, i64> = BTreeMap::new();
        for (account, _, _, amount) in self.lines.iter().filter(|l| l.0.starts_with("escrow:")) {
            *sums.entry(account).or_default() += amount;
        }
        assert!(sums.values().all(|sum| *sum == 0), "{self:#?}");
    }
}

impl Shop {
    pub async fn ledger(&self, purchase: &Purchase) -> Ledger {
        let path = format!("/v1/purchases/{}/ledger", purchase.id);
        Ledger::of(&self.finance().get(&path).await.must(&[200]).json())
    }
}
