//! What the ledger says.

use crate::{Store, StoreError, Value};
use domain::{MerchantId, Owed, PurchaseId};
use serde::{Deserialize, Serialize};

pub const OWED: &str = "with last as (
    select doc
    from statements
    where merchant = ?1
    order by number desc
    limit 1
),
start as (
    select coalesce((select doc ->> 'to_line' from last), 0) as line
),
lines as (
    select l.line, l.subject, l.currency, l.amount_minor
    from ledger as l, start
    where l.account = 'merchant:' || ?1
        and l.line > start.line
        and l.kind <> 'payout'
)
select json_object(
    'currency', coalesce(max(currency), 'CNY'),
    'last_number', coalesce((select doc ->> 'number' from last), 0),
    'after_line', (select line from start),
    'to_line', coalesce(max(line), 0),
    'orders', count(distinct subject),
    'carried_minor', coalesce(
        (select min(doc ->> 'net_minor', 0) from last where doc ->> '$.state.is' = 'carried'), 0
    ),
    'lines_minor', -coalesce(sum(amount_minor), 0)
)
from lines";

pub const LINES_OF_PURCHASE: &str = "with p as (
    select id, purchase, doc
    from payments
    where purchase = ?1
),
subjects as (
    select id
    from p
    union
    select share.value ->> 'order'
    from p, json_each(p.doc, '$.shares') as share
)
select json_group_array(json_object(
    'line', line,
    'at', at_ms,
    'posting', posting,
    'kind', kind,
    'subject', subject,
    'account', account,
    'currency', currency,
    'amount', amount_minor
))
from (
    select *
    from ledger
    where subject in (select id from subjects)
    order by line
)";

pub const LINES_OF_STATEMENT: &str = "select json_group_array(json_object(
    'line', line,
    'at', at_ms,
    'posting', posting,
    'kind', kind,
    'subject', subject,
    'account', account,
    'currency', currency,
    'amount', amount_minor
))
from (
    select *
    from ledger
    where account = 'merchant:' || ?1
        and line > ?2
        and line <= ?3
        and kind <> 'payout'
    order by line
    limit ?4
)";

/// A line of the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
pub struct LedgerLine {
    pub line: i64,
    /// Milliseconds since 1970.
    pub at: i64,
    pub posting: String,
    pub kind: String,
    pub subject: String,
    pub account: String,
    pub currency: String,
    /// Minor units, debits positive.
    pub amount: i64,
}

impl Store {
    /// What is on a merchant's account since their last statement.
    pub async fn owed(&self, merchant: &MerchantId) -> Result<Owed, StoreError> {
        let params = vec![merchant.as_str().into()];
        let row = self.read("read what a merchant is owed", OWED, params).await?;
        row.ok_or(StoreError::Broken("read what a merchant is owed", "no answer".into()))
    }

    /// All lines of a purchase: its payment's and its orders'.
    pub async fn ledger_of_purchase(&self, id: &PurchaseId) -> Result<Vec<LedgerLine>, StoreError> {
        let params = vec![id.as_str().into()];
        let rows = self.read("read the ledger of a purchase", LINES_OF_PURCHASE, params).await?;
        Ok(rows.unwrap_or_default())
    }

    /// The lines of a merchant's account within a range.
    pub async fn ledger_of_statement(
        &self,
        merchant: &MerchantId,
        (after, to): (i64, i64),
        limit: i64,
    ) -> Result<Vec<LedgerLine>, StoreError> {
        let params =
            vec![merchant.as_str().into(), Value::Int(after), Value::Int(to), Value::Int(limit)];
        let rows = self.read("read a statement's lines", LINES_OF_STATEMENT, params).await?;
        Ok(rows.unwrap_or_default())
    }
}
