//! What a Chinese gateway remembers: trades by our number, and refunds by our refund number, which
//! is their key for good. Amounts are fen. How any of it is said is each gateway's own file.

use crate::Refund;
use std::collections::{BTreeMap, HashMap};

#[derive(Debug, Clone)]
pub(crate) struct Trade {
    /// Their number of it.
    pub reference: String,
    pub total: i64,
    pub paid: bool,
}

/// What was asked for, and cannot be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum No {
    Unknown,
    OtherAmount,
    TooMuch,
}

#[derive(Debug, Default)]
pub(crate) struct Trades {
    trades: BTreeMap<String, Trade>,
    made: Vec<Refund>,
    begin_as: Option<String>,
    pub events: u64,
}

impl Trades {
    /// A trade by our number of it; made when it is first heard of.
    pub(crate) fn trade(&mut self, number: &str, total: i64, prefix: &str) -> &mut Trade {
        let next = self.trades.len() + 1;
        let reference = format!("{prefix}{next:012}");
        let new = || Trade { reference, total, paid: false };
        self.trades.entry(number.to_owned()).or_insert_with(new)
    }

    pub(crate) fn find(&self, number: &str) -> Option<&Trade> {
        self.trades.get(number)
    }

    pub(crate) fn by_reference(&self, reference: &str) -> Option<(&String, &Trade)> {
        self.trades.iter().find(|(_, trade)| trade.reference == reference)
    }

    pub(crate) fn next_event(&mut self) -> u64 {
        self.events += 1;
        self.events
    }

    pub(crate) fn begin_as(&mut self, status: &str) {
        self.begin_as = Some(status.to_owned());
    }

    pub(crate) fn made(&self) -> &[Refund] {
        &self.made
    }

    pub(crate) fn refund(&self, refund_no: &str) -> Option<&Refund> {
        self.made.iter().find(|refund| refund.id == refund_no)
    }

    pub(crate) fn settle(&mut self, refund_no: &str, status: &str) {
        if let Some(refund) = self.made.iter_mut().find(|refund| refund.id == refund_no) {
            refund.status = status.to_owned();
        }
    }

    /// What went back of a trade, or is on its way.
    pub(crate) fn back(&self, reference: &str) -> i64 {
        let counts = |r: &&Refund| r.intent == reference && r.status != "failed";
        self.made.iter().filter(counts).map(|refund| refund.amount).sum()
    }

    /// Pays back once for each number, however often it is asked. True if it was made just now.
    pub(crate) fn pay_back(
        &mut self,
        reference: &str,
        refund_no: &str,
        amount: i64,
    ) -> Result<(Refund, bool), No> {
        if let Some(refund) = self.made.iter_mut().find(|refund| refund.id == refund_no) {
            refund.asked += 1;
            let same = refund.amount == amount && refund.intent == reference;
            return if same { Ok((refund.clone(), false)) } else { Err(No::OtherAmount) };
        }
        let (number, trade) = self.by_reference(reference).ok_or(No::Unknown)?;
        if !trade.paid || amount <= 0 || self.back(reference) + amount > trade.total {
            return Err(No::TooMuch);
        }
        let digits = number.strip_prefix("pay_").unwrap_or(number);
        let metadata = [
            ("refund_no".to_owned(), refund_no.to_owned()),
            ("payment_id".to_owned(), format!("pay_{digits}")),
        ];
        let refund = Refund {
            id: refund_no.to_owned(),
            intent: reference.to_owned(),
            amount,
            currency: "cny".to_owned(),
            status: self.begin_as.clone().unwrap_or_else(|| "succeeded".to_owned()),
            failure_reason: None,
            metadata: HashMap::from(metadata),
            idempotency_key: Some(refund_no.to_owned()),
            asked: 1,
        };
        self.made.push(refund.clone());
        Ok((refund, true))
    }
}
