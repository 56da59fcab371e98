//! The books at the end: the ledger by account, and whether everything adds up.

use crate::come_back::Refunded;
use crate::field::{list, number, text};
use crate::order::{Bought, stock};
use crate::settle::{PaidOut, Settled};
use crate::stage::{Stage, Who};
use crate::tell::Heard;
use serde_json::Value;
use std::collections::BTreeMap;
use tools::{Align, Table, yuan};

/// The lines of the purchase, summed up, and what was checked.
pub struct Books {
    /// Debits, credits, and what the account is in words.
    accounts: BTreeMap<String, (i64, i64, String)>,
    postings: BTreeMap<String, i64>,
    in_escrow: BTreeMap<String, i64>,
    total_minor: i64,
    checks: Vec<(bool, String)>,
}

/// Reads the ledger of the purchase.
pub async fn read(stage: &mut Stage, bought: &Bought, settled: &Settled) -> anyhow::Result<Books> {
    stage.voice.step("The ledger of the purchase, in CNY");
    let path = format!("/v1/purchases/{}/ledger", bought.purchase);
    let seen = stage.get(Who::Finance, &path).await?;
    let mut accounts: BTreeMap<String, (i64, i64, String)> = BTreeMap::new();
    let mut postings: BTreeMap<String, i64> = BTreeMap::new();
    for line in list(&seen, "/lines")? {
        let (account, amount) = (text(line, "/account")?, number(line, "/amount/amount")?);
        let words = || (0, 0, words(stage, bought, account));
        let sums = accounts.entry(account.to_owned()).or_insert_with(words);
        sums.0 += amount.max(0);
        sums.1 += amount.min(0);
        *postings.entry(text(line, "/posting")?.to_owned()).or_default() += amount;
    }
    let mut in_escrow = BTreeMap::new();
    for (order, done) in [(&bought.tea, true), (&bought.pots, settled.pots)] {
        let seen = stage.get(Who::Finance, &order.path).await?;
        let kept = number(&seen, "/total/amount")? - number(&seen, "/refunded/amount")?;
        in_escrow.insert(order.id.clone(), if done { 0 } else { kept });
    }
    let total_minor = bought.total_minor;
    Ok(Books { accounts, postings, in_escrow, total_minor, checks: Vec::new() })
}

/// Whose money an account is.
fn words(stage: &Stage, bought: &Bought, account: &str) -> String {
    let (kind, name) = account.split_once(':').unwrap_or((account, ""));
    let number = if name == bought.tea.id { &bought.tea.number } else { &bought.pots.number };
    let merchant = [&stage.cast.tea, &stage.cast.pots].into_iter().find(|m| m.id == name);
    match (kind, name) {
        ("gateway", _) => format!("held for us by {name}"),
        ("escrow", _) => format!("kept for order {number}"),
        ("refunding", _) => "on its way back to the buyer".to_owned(),
        ("merchant", _) => format!("owed to {}", merchant.map_or("a merchant", |m| m.name)),
        ("platform", "commission") => "earned by the platform: commission".to_owned(),
        ("platform", "fees") => "earned by the platform: fees".to_owned(),
        _ => account.to_owned(),
    }
}

impl Books {
    /// Prints the accounts.
    pub fn table(&self) {
        let right = Align::Right;
        let columns = [("account", Align::Left), ("debit", right), ("credit", right)];
        let columns = columns.into_iter().chain([("balance", right)]).collect::<Vec<_>>();
        let mut table = Table::new(&columns).indented(4);
        let mut sums = (0, 0);
        for (debit, credit, words) in self.accounts.values() {
            table.row([words.clone(), yuan(*debit), yuan(*credit), yuan(debit + credit)]);
            sums = (sums.0 + debit, sums.1 + credit);
        }
        table.rule();
        table.row(["sum".to_owned(), yuan(sums.0), yuan(sums.1), yuan(sums.0 + sums.1)]);
        print!("{table}");
        println!("    A payout is booked on its statement, so what was owed still stands here.");
    }

    fn balance(&self, account: &str) -> i64 {
        self.accounts.get(account).map_or(0, |(debit, credit, _)| debit + credit)
    }

    fn check(&mut self, fits: bool, what: String) {
        self.checks.push((fits, what));
    }

    /// Money: the ledger, the gateway and the statements say the same.
    pub fn check_money(&mut self, stage: &Stage, refunded: &Refunded, paid_out: &[PaidOut]) {
        let sum: i64 = self.accounts.values().map(|(debit, credit, _)| debit + credit).sum();
        let even = self.postings.values().all(|sum| *sum == 0);
        let what = format!("{} postings, each sums to zero", self.postings.len());
        self.check(sum == 0 && even && !self.postings.is_empty(), what);
        for (order, expected) in self.in_escrow.clone() {
            let kept = -self.balance(&format!("escrow:{order}"));
            let words = self.accounts.get(&format!("escrow:{order}")).map(|a| a.2.clone());
            let what = format!("{}: {} CNY, as it must be", words.unwrap_or(order), yuan(kept));
            self.check(kept == expected, what);
        }
        let made = stage.gateway.refunds();
        let ours: Vec<_> =
            made.iter().filter(|r| r.metadata.get("refund_no") == Some(&refunded.id)).collect();
        let once = made.len() == 1 && ours.len() == 1 && made.iter().all(|r| r.asked == 1);
        let amount = yuan(refunded.amount_minor);
        self.check(once, format!("the gateway was asked once to pay back {amount} CNY"));
        let holds = self.total_minor - made.iter().map(|r| r.amount).sum::<i64>();
        let what = format!("the gateway holds {} CNY, and the ledger says so", yuan(holds));
        self.check(self.balance("gateway:stripe") == holds, what);
        let refunding: i64 = self
            .accounts
            .iter()
            .filter(|(account, _)| account.starts_with("refunding:"))
            .map(|(_, (debit, credit, _))| debit + credit)
            .sum();
        self.check(refunding == 0, "nothing is on its way back any more".to_owned());
        for paid in paid_out {
            let owed = -self.balance(&format!("merchant:{}", paid.merchant));
            let net = yuan(paid.net_minor);
            let what = format!("{} was owed {} CNY and got {net}", paid.merchant, yuan(owed));
            self.check(owed == paid.net_minor && owed > 0, what);
        }
    }

    /// Goods and messages: every piece is where it should be, every message came.
    pub async fn check_goods(
        &mut self,
        stage: &mut Stage,
        bought: &Bought,
        heard: &Heard,
    ) -> anyhow::Result<()> {
        for goods in stage.cast.goods.clone() {
            let (on_hand, held) = stock(stage, &goods.sku).await?;
            let back = i64::from(goods.name == "tea cup");
            let expected = goods.stock - goods.wanted + back;
            let what = format!("{}: {on_hand} on the shelf, {held} held", goods.sku);
            self.check(on_hand == expected && held == 0, what);
        }
        for order in [&bought.tea, &bought.pots] {
            let seen = stage.get(Who::Operator, &order.path).await?;
            let open = seen.get("open_cases").and_then(Value::as_array).map_or(1, Vec::len);
            let state = text(&seen, "/state")?;
            let what = format!("order {} is {state}, with {open} open cases", order.number);
            self.check(state == "completed" && open == 0, what);
        }
        let told = heard.missing.is_empty() && heard.refused.is_empty();
        let what = match (heard.missing.is_empty(), heard.refused.is_empty()) {
            (true, true) => format!("{} messages to merchants, all verified", heard.verified),
            (false, _) => format!("messages that did not come: {}", heard.missing.join(", ")),
            (true, false) => format!("messages were refused: {}", heard.refused.join(", ")),
        };
        self.check(told, what);
        Ok(())
    }

    /// Prints what was checked. True if all of it is right.
    pub fn verdict(&self) -> bool {
        println!("\nDoes everything add up?");
        for (fits, what) in &self.checks {
            println!("    {:<4} {what}", if *fits { "ok" } else { "OFF" });
        }
        let all = self.checks.iter().all(|(fits, _)| *fits);
        if all {
            println!("\nEverything adds up.");
        }
        all
    }
}
