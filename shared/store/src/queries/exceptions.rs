//! Exceptions: the queue of what went wrong with parcels, and one with all that its outcome may
//! touch.

use super::documents::{Row, all};
use crate::{Store, StoreError, Value};
use domain::{Available, Exception, ExceptionAtHand, ExceptionId, Order, Parcel, Payment, Stored};
use serde::Deserialize;

// Free stock is looked up for the SKUs of the parcel only: its units may be sent again.
pub const EXCEPTION_SITUATION: &str = "with about as (
    select e.id, e.parcel_id, p.doc as parcel, o.doc as ordered
    from exceptions as e
    join parcels as p on p.id = e.parcel_id
    join orders as o on o.id = p.order_id
    where e.id = ?1
)
select json_object(
    'exceptions', (
        select json_group_array(json_object('version', e.version, 'doc', json(e.doc)))
        from exceptions as e
        where e.parcel_id = about.parcel_id
    ),
    'parcel', (
        select json_object('version', version, 'doc', json(doc))
        from parcels
        where id = about.parcel_id
    ),
    'order', (
        select json_object('version', version, 'doc', json(doc))
        from orders
        where id = about.parcel ->> 'order'
    ),
    'payment', (
        select json_object('version', version, 'doc', json(doc))
        from payments
        where id = about.ordered ->> 'payment'
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
        from (
            select distinct line.value ->> 'sku' as sku
            from json_each(about.parcel, '$.picks') as pick
            join json_each(about.ordered, '$.lines') as line
                on line.value ->> 'no' = pick.value ->> 'line'
        ) as wanted
        join stock as t on t.sku = wanted.sku
        join warehouses as w on w.id = t.warehouse
        where t.on_hand > t.held
            and coalesce(w.doc ->> 'active', 1)
    )
)
from about";

// One statement per index. A key is the time that an exception is due and its id.
pub const EXCEPTIONS_OF_ALL: &str = "select json_group_array(json(row))
from (
    select json_object('version', version, 'doc', json(doc)) as row
    from exceptions
    where due_at_ms is not null
        and ?1 is null
        and (due_at_ms, id) > (?2, ?3)
        and (?4 is null or state = ?4)
        and (?5 is null or doc ->> 'kind' = ?5)
        and (?6 is null or coalesce(doc ->> '$.owner.id', 'none') = ?6)
        and (?7 is null or doc ->> 'warehouse' = ?7)
    order by due_at_ms, id
    limit ?8
)";

pub const EXCEPTIONS_OF_MERCHANT: &str = "select json_group_array(json(row))
from (
    select json_object('version', version, 'doc', json(doc)) as row
    from exceptions
    where due_at_ms is not null
        and merchant = ?1
        and (due_at_ms, id) > (?2, ?3)
        and (?4 is null or state = ?4)
        and (?5 is null or doc ->> 'kind' = ?5)
        and (?6 is null or coalesce(doc ->> '$.owner.id', 'none') = ?6)
        and (?7 is null or doc ->> 'warehouse' = ?7)
    order by due_at_ms, id
    limit ?8
)";

// The newest first.
pub const EXCEPTIONS_RESOLVED: &str = "select json_group_array(json(row))
from (
    select json_object('version', version, 'doc', json(doc)) as row
    from exceptions
    where due_at_ms is null
        and ?1 is null
        and id < case ?3 when '' then '~' else ?3 end
        and ?2 is not null
        and state = ?4
        and (?5 is null or doc ->> 'kind' = ?5)
        and (?6 is null or coalesce(doc ->> '$.owner.id', 'none') = ?6)
        and (?7 is null or doc ->> 'warehouse' = ?7)
    order by id desc
    limit ?8
)";

pub const EXCEPTIONS_RESOLVED_OF_MERCHANT: &str = "select json_group_array(json(row))
from (
    select json_object('version', version, 'doc', json(doc)) as row
    from exceptions
    where due_at_ms is null
        and merchant = ?1
        and id < case ?3 when '' then '~' else ?3 end
        and ?2 is not null
        and state = ?4
        and (?5 is null or doc ->> 'kind' = ?5)
        and (?6 is null or coalesce(doc ->> '$.owner.id', 'none') = ?6)
        and (?7 is null or doc ->> 'warehouse' = ?7)
    order by id desc
    limit ?8
)";

/// Which exceptions are wanted; `None`: all that are not resolved.
#[derive(Debug, Clone, Default)]
pub struct ExceptionFilter {
    pub merchant: Option<String>,
    pub warehouse: Option<String>,
    pub state: Option<String>,
    pub kind: Option<String>,
    /// Somebody's id, or `none`.
    pub owner: Option<String>,
}

/// An exception with all that its outcome may touch.
#[derive(Debug, Clone)]
pub struct ExceptionSituation {
    pub exception: Stored<Exception>,
    /// The others of its parcel.
    pub others: Vec<Stored<Exception>>,
    pub parcel: Stored<Parcel>,
    pub order: Stored<Order>,
    pub payment: Stored<Payment>,
    /// Free pieces of the SKUs in the parcel.
    pub stock: Vec<Available>,
}

impl ExceptionSituation {
    pub fn at_hand(&mut self) -> (ExceptionAtHand<'_>, &[Available]) {
        let Self { exception, others, parcel, order, payment, stock, .. } = self;
        (ExceptionAtHand { exception, others, parcel, order, payment }, stock)
    }
}

#[derive(Deserialize)]
struct SituationRow {
    exceptions: Vec<Row<Exception>>,
    parcel: Row<Parcel>,
    order: Row<Order>,
    payment: Row<Payment>,
    stock: Vec<Available>,
}

impl Store {
    pub async fn exception_situation(
        &self,
        id: &ExceptionId,
    ) -> Result<Option<ExceptionSituation>, StoreError> {
        let params = vec![id.as_str().into()];
        let row: Option<SituationRow> =
            self.read("read an exception", EXCEPTION_SITUATION, params).await?;
        let Some(row) = row else { return Ok(None) };
        let (its, others) =
            all(row.exceptions).into_iter().partition::<Vec<_>, _>(|e| e.doc.id == *id);
        Ok(its.into_iter().next().map(|exception| ExceptionSituation {
            exception,
            others,
            parcel: row.parcel.into(),
            order: row.order.into(),
            payment: row.payment.into(),
            stock: row.stock,
        }))
    }

    /// Exceptions after a key: those that are due first come first; of resolved ones the newest.
    pub async fn exceptions_page(
        &self,
        filter: &ExceptionFilter,
        (after_ms, after_id): (i64, &str),
        limit: i64,
    ) -> Result<Vec<Stored<Exception>>, StoreError> {
        let text = |text: &Option<String>| text.as_deref().map_or(Value::Null, Value::from);
        let sql = match (&filter.merchant, filter.state.as_deref()) {
            (Some(_), Some("resolved")) => EXCEPTIONS_RESOLVED_OF_MERCHANT,
            (None, Some("resolved")) => EXCEPTIONS_RESOLVED,
            (Some(_), _) => EXCEPTIONS_OF_MERCHANT,
            (None, _) => EXCEPTIONS_OF_ALL,
        };
        let params = vec![
            text(&filter.merchant),
            Value::Int(after_ms),
            after_id.into(),
            text(&filter.state),
            text(&filter.kind),
            text(&filter.owner),
            text(&filter.warehouse),
            Value::Int(limit),
        ];
        let rows: Option<Vec<Row<Exception>>> = self.read("list exceptions", sql, params).await?;
        Ok(all(rows.unwrap_or_default()))
    }
}
