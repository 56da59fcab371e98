//! Payments with all that a gateway's word may concern, and what of them waits for a person.

use super::documents::{Row, all, stored};
use crate::{Store, StoreError, Value};
use domain::{
    Available, Case, Currency, Order, Payment, PaymentFact, PaymentId, PaymentNews,
    PaymentSituation, RefundId, RefundRef, ShopPolicy, Stored, Suspense,
};
use serde::Deserialize;

// The payment is the one that a person gave the attempt's money to, or that the gateway names, or,
// where it names none, the one that an earlier fact about the same attempt named. Free stock is
// looked up only for a purchase that has ended, because only then may it be held again.
pub const PAYMENT_SITUATION: &str = "with found as (
    select coalesce(
        (
            select s.doc ->> '$.state.payment'
            from suspense as s
            where s.attempt = ?2 || ':' || ?3 || ':' || ?4
        ),
        nullif(?1, ''),
        (
            select f.subject
            from facts as f
            where f.kind = 'payment'
                and f.fact ->> 'reference' = ?3
                and f.fact ->> 'gateway' = ?2
                and f.subject <> ''
            limit 1
        )
    ) as id
),
paid as (
    select p.id, p.version, p.doc
    from found
    join payments as p on p.id = found.id
),
ordered as (
    select o.id, o.version, o.doc
    from paid, json_each(paid.doc, '$.shares') as share
    join orders as o on o.id = share.value ->> 'order'
)
select json_object(
    'payment', (select json_object('version', version, 'doc', json(doc)) from paid),
    'orders', (
        select json_group_array(json_object('version', version, 'doc', json(doc)))
        from ordered
    ),
    'cases', (
        select json_group_array(json_object('version', c.version, 'doc', json(c.doc)))
        from (
            select distinct refund.value ->> '$.of.case' as id
            from paid, json_each(paid.doc, '$.refunds') as refund
            where refund.value ->> 'id' = ?5
                or refund.value ->> 'theirs' = ?6
                or refund.value ->> '$.state.is' in ('failed', 'undecided')
        ) as refunded
        join after_sales as c on c.id = refunded.id
    ),
    'unheard', (
        select json_group_array(json(fact))
        from (
            select f.fact
            from facts as f
            where f.kind = 'payment'
                and f.fact ->> 'reference' = ?3
                and f.fact ->> 'gateway' = ?2
                and f.verdict = 'unknown_payment'
            order by f.seq
        )
    ),
    'suspense', (
        select json_object('version', s.version, 'doc', json(s.doc))
        from suspense as s
        where s.attempt = ?2 || ':' || ?3 || ':' || ?4
    ),
    'stock', (
        select json_group_array(json_object(
            'sku', t.sku,
            'warehouse', t.warehouse,
            'region', w.doc ->> 'region',
            'cost_minor', coalesce(w.doc ->> 'cost_minor', 0),
            'priority', w.doc ->> 'priority',
            'pieces', t.on_hand - t.held
        ))
        from paid, ordered as o, json_each(o.doc, '$.lines') as line
        join stock as t on t.sku = line.value ->> 'sku'
        join warehouses as w on w.id = t.warehouse
        where paid.doc ->> '$.life.is' = 'closed'
            and t.on_hand > t.held
            and coalesce(w.doc ->> 'active', 1)
    ),
    'policy', (
        select json_object('version', version, 'doc', json(doc))
        from policies
        where id = 'shop'
    )
)";

pub const REFUND: &str = "select json_object(
    'payment', json_object('version', p.version, 'doc', json(p.doc)),
    'orders', json_array(),
    'cases', (
        select json_group_array(json_object('version', c.version, 'doc', json(c.doc)))
        from json_each(p.doc, '$.refunds') as refund
        join after_sales as c on c.id = refund.value ->> '$.of.case'
        where refund.value ->> 'id' = ?2
    ),
    'unheard', json_array(),
    'suspense', null,
    'stock', json_array(),
    'policy', null
)
from payments as p
where p.id = ?1";

pub const PAYMENTS_NEEDING_A_PERSON: &str = "select json_group_array(json(row))
from (
    select json_object('version', version, 'doc', json(doc)) as row
    from payments
    where doc ->> 'needs_person' = 1
        and id > ?1
    order by id
    limit ?2
)";

pub const SUSPENSE_BY_STATE: &str = "select json_group_array(json(row))
from (
    select json_object('version', version, 'doc', json(doc)) as row
    from suspense
    where state = ?1
        and id > ?2
    order by id
    limit ?3
)";

pub const SUSPENSE_NEEDING_A_PERSON: &str = "select json_group_array(json(row))
from (
    select json_object('version', version, 'doc', json(doc)) as row
    from suspense
    where doc ->> 'needs_person' = 1
        and id > ?1
    order by id
    limit ?2
)";

pub const FACTS_OF_PAYMENT: &str = "select json_group_array(json(row))
from (
    select json_object(
        'occurred_at', occurred_at_ms, 'received_at', received_at_ms, 'verdict', verdict,
        'fact', json(fact)
    ) as row
    from facts
    where subject = ?1
    order by occurred_at_ms, seq
)";

#[derive(Deserialize)]
struct SituationRow {
    payment: Option<Row<Payment>>,
    orders: Vec<Row<Order>>,
    cases: Vec<Row<Case>>,
    unheard: Vec<PaymentFact>,
    suspense: Option<Row<Suspense>>,
    stock: Vec<Available>,
    policy: Option<Row<ShopPolicy>>,
}

/// What a gateway said, and what was made of it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Told {
    /// Milliseconds since 1970, by the gateway's clock,
    pub occurred_at: i64,
    /// and by ours.
    pub received_at: i64,
    pub verdict: String,
    pub fact: serde_json::Value,
}

impl From<SituationRow> for PaymentSituation {
    fn from(row: SituationRow) -> Self {
        Self {
            payment: stored(row.payment),
            orders: all(row.orders),
            cases: all(row.cases),
            unheard: row.unheard,
            suspense: stored(row.suspense),
            stock: row.stock,
            set: stored(row.policy),
            ..Self::default()
        }
    }
}

/// The refund that a fact is about, and the currency of its money.
fn about(what: &PaymentNews) -> (Option<&RefundRef>, Option<Currency>) {
    match what {
        PaymentNews::RefundPending { refund, amount }
        | PaymentNews::RefundSucceeded { refund, amount }
        | PaymentNews::RefundFailed { refund, amount, .. } => (Some(refund), Some(amount.currency)),
        PaymentNews::Authorised { amount }
        | PaymentNews::Captured { amount }
        | PaymentNews::RefundedInTotal { amount }
        | PaymentNews::Disputed { amount, .. }
        | PaymentNews::DisputeClosed { amount, .. } => (None, Some(amount.currency)),
        PaymentNews::Processing | PaymentNews::Failed { .. } | PaymentNews::Cancelled => {
            (None, None)
        }
    }
}

impl Store {
    /// All that a gateway's fact may concern. Account and policy are the caller's to fill in.
    pub async fn payment_situation(
        &self,
        fact: &PaymentFact,
    ) -> Result<PaymentSituation, StoreError> {
        let payment = fact.payment.as_ref().map_or("", |id| id.as_str());
        let (refund, currency) = about(&fact.what);
        let ours = refund.and_then(|r| r.ours.as_ref()).map_or("", RefundId::as_str);
        let theirs = refund.map_or("", |r| r.theirs.as_str());
        let attempt = (fact.gateway.as_str(), fact.reference.as_str());
        self.situation(payment, attempt, currency, (ours, theirs)).await
    }

    /// All that money in suspense may concern: `payment` is the one that it is to be given to, or
    /// the one that it claims to be for.
    pub async fn suspense_situation(
        &self,
        item: &Suspense,
        payment: Option<&str>,
    ) -> Result<PaymentSituation, StoreError> {
        let claimed = item.payment.as_ref().map_or("", |id| id.as_str());
        let attempt = (item.gateway.as_str(), item.reference.as_str());
        let currency = Some(item.currency);
        self.situation(payment.unwrap_or(claimed), attempt, currency, ("", "")).await
    }

    async fn situation(
        &self,
        payment: &str,
        (gateway, reference): (&str, &str),
        currency: Option<Currency>,
        (ours, theirs): (&str, &str),
    ) -> Result<PaymentSituation, StoreError> {
        let code = currency.as_ref().map_or("", Currency::code);
        let params = [payment, gateway, reference, code, ours, theirs].map(Value::from);
        let row: Option<SituationRow> =
            self.read("read what a payment concerns", PAYMENT_SITUATION, params.into()).await?;
        Ok(row.map(PaymentSituation::from).unwrap_or_default())
    }

    /// The payment of a refund, and the case that it is for.
    pub async fn refund(
        &self,
        payment: &PaymentId,
        id: &RefundId,
    ) -> Result<PaymentSituation, StoreError> {
        let params = vec![payment.as_str().into(), id.as_str().into()];
        let row: Option<SituationRow> = self.read("read a refund", REFUND, params).await?;
        Ok(row.map(PaymentSituation::from).unwrap_or_default())
    }

    /// Payments with a refund that waits for a person, after a payment's id.
    pub async fn payments_needing_a_person(
        &self,
        after: &str,
        limit: i64,
    ) -> Result<Vec<Stored<Payment>>, StoreError> {
        let params = vec![after.into(), Value::Int(limit)];
        let rows: Option<Vec<Row<Payment>>> =
            self.read("list refunds for a person", PAYMENTS_NEEDING_A_PERSON, params).await?;
        Ok(all(rows.unwrap_or_default()))
    }

    /// Money in suspense in one state, the oldest first.
    pub async fn suspense_page(
        &self,
        state: &str,
        after: &str,
        limit: i64,
    ) -> Result<Vec<Stored<Suspense>>, StoreError> {
        let params = vec![state.into(), after.into(), Value::Int(limit)];
        let rows: Option<Vec<Row<Suspense>>> =
            self.read("list money in suspense", SUSPENSE_BY_STATE, params).await?;
        Ok(all(rows.unwrap_or_default()))
    }

    /// Money in suspense that waits for a person, the oldest first.
    pub async fn suspense_needing_a_person(
        &self,
        after: &str,
        limit: i64,
    ) -> Result<Vec<Stored<Suspense>>, StoreError> {
        let params = vec![after.into(), Value::Int(limit)];
        let rows: Option<Vec<Row<Suspense>>> =
            self.read("list suspense for a person", SUSPENSE_NEEDING_A_PERSON, params).await?;
        Ok(all(rows.unwrap_or_default()))
    }

    /// What gateways said about a payment, by their clocks.
    pub async fn facts_of_payment(&self, payment: &str) -> Result<Vec<Told>, StoreError> {
        let rows = self.read("read facts", FACTS_OF_PAYMENT, vec![payment.into()]).await?;
        Ok(rows.unwrap_or_default())
    }
}
