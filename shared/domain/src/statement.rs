//! A merchant's statement: what the ledger says they are owed, and that it was paid out.
//!
//! Every cent comes from the lines of the merchant's own account, from where the last statement
//! ended; the statement keeps only their sums and their range, because the lines are the ledger's.

use crate::{
    Account, Action, Change, Currency, Document, Effect, MerchantId, Millis, Posting, PostingKind,
    Refusal, StatementId, Stored,
};
use serde::{Deserialize, Serialize};

/// What a merchant is owed for a period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    pub id: StatementId,
    pub merchant: MerchantId,
    /// The merchant's statements are numbered without gaps, from 1.
    pub number: u64,
    pub currency: Currency,
    /// Ledger lines after this one,
    pub after_line: i64,
    /// up to and including this one.
    pub to_line: i64,
    pub orders: i64,
    /// What the statement before left as a debt: zero or negative.
    pub carried_minor: i64,
    /// To be paid out: the lines and what was carried.
    pub net_minor: i64,
    pub made_at: Millis,
    pub state: StatementState,
}

/// Whether it was paid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum StatementState {
    Due,
    Paid {
        at: Millis,
        reference: String,
    },
    /// The merchant owes us; it stays on their account and lowers the next one.
    Carried,
}

/// What has happened to a statement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "event")]
pub enum StatementEvent {
    Made { statement: Statement },
    Paid { at: Millis, reference: String },
}

/// What a merchant's account holds since their last statement.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Owed {
    pub currency: Currency,
    /// Number of the merchant's last statement, 0 for none, and the line where it ended.
    pub last_number: u64,
    pub after_line: i64,
    pub to_line: i64,
    pub orders: i64,
    /// What the last statement left as a debt: zero or negative.
    pub carried_minor: i64,
    /// Sum of the lines: what we owe, in minor units; negative if they owe us.
    pub lines_minor: i64,
}

impl Document for Statement {
    type Event = StatementEvent;
    const KIND: &'static str = "statements";

    fn read(json: &str) -> serde_json::Result<Self> {
        serde_json::from_str(json)
    }

    fn id(&self) -> &str {
        self.id.as_str()
    }

    fn begin(event: &StatementEvent) -> Option<Self> {
        if let StatementEvent::Made { statement } = event { Some(statement.clone()) } else { None }
    }

    fn evolve(&mut self, event: &StatementEvent) {
        match event {
            StatementEvent::Made { statement } => self.clone_from(statement),
            StatementEvent::Paid { at, reference } => {
                self.state = StatementState::Paid { at: *at, reference: reference.clone() };
            }
        }
    }

    fn react(&self, event: &StatementEvent) -> Vec<Effect> {
        match event {
            StatementEvent::Made { .. } => Vec::new(),
            StatementEvent::Paid { at, .. } => {
                let head = (PostingKind::Payout, self.currency, *at);
                let merchant = Account::Merchant(self.merchant.clone());
                let from = vec![(Account::Bank, self.net_minor)];
                let posting = Posting::debit(head, self.id.as_str(), merchant, from);
                posting.map(Effect::Post).into_iter().collect()
            }
        }
    }
}

impl Statement {
    pub fn word(&self) -> &'static str {
        match self.state {
            StatementState::Due => "due",
            StatementState::Paid { .. } => "paid",
            StatementState::Carried => "carried",
        }
    }

    pub fn allowed_actions(&self) -> Vec<Action> {
        match self.state {
            StatementState::Due => vec![Action::PayOut],
            StatementState::Paid { .. } | StatementState::Carried => Vec::new(),
        }
    }
}

/// Closes a merchant's period. Two at once cannot both: the number may be used once.
pub fn make_statement(
    change: &mut Change,
    id: StatementId,
    merchant: &MerchantId,
    owed: &Owed,
) -> Result<Statement, Refusal> {
    if owed.to_line <= owed.after_line {
        return Err(Refusal::NothingToSettle);
    }
    let number = owed.last_number + 1;
    let net_minor = owed.lines_minor + owed.carried_minor;
    let due = net_minor > 0;
    let statement = Statement {
        id,
        merchant: merchant.clone(),
        number,
        currency: owed.currency,
        after_line: owed.after_line,
        to_line: owed.to_line,
        orders: owed.orders,
        carried_minor: owed.carried_minor,
        net_minor,
        made_at: change.at,
        state: if due { StatementState::Due } else { StatementState::Carried },
    };
    change.once(["statement", merchant.as_str(), &number.to_string()].join("\u{1f}"));
    change.begin::<Statement>(StatementEvent::Made { statement: statement.clone() });
    Ok(statement)
}

/// The money has left our bank.
pub fn pay_out(
    change: &mut Change,
    statement: &mut Stored<Statement>,
    reference: String,
) -> Result<(), Refusal> {
    match statement.doc.state {
        StatementState::Due => {
            change.record(statement, StatementEvent::Paid { at: change.at, reference });
            Ok(())
        }
        StatementState::Carried => Err(Refusal::NothingToPayOut),
        StatementState::Paid { .. } => {
            let allowed = statement.doc.allowed_actions();
            Err(Refusal::IllegalStep { state: statement.doc.word(), allowed })
        }
    }
}
