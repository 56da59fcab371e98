//! Cash on delivery: what a buyer did with it before, what carriers remit, and what they owe.

use super::documents::{Row, all, stored};
use crate::{Store, StoreError, Value};
use domain::{
    Actor, BuyerId, CodHistory, Millis, Order, Parcel, ParcelId, RemittanceLine, RemittanceVerdict,
    Stored,
};
use serde::Deserialize;

pub const COD_HISTORY: &str = "select json_object(
    'orders', count(*),
    'refused', coalesce(sum(refused), 0)
)
from (
    select coalesce(json_array_length(doc, '$.cod.refused'), 0) > 0 as refused
    from orders
    where buyer = ?1
    order by id desc
    limit ?2
)";

pub const REMITTED: &str = "select json_object(
    'lines', (
        select json_group_array(json(f.fact))
        from facts as f
        where f.key in (select value from json_each(?1))
    ),
    'parcels', (
        select json_group_array(json_object('version', p.version, 'doc', json(p.doc)))
        from parcels as p
        where p.waybill in (select value from json_each(?2))
    ),
    'orders', (
        select json_group_array(json_object('version', o.version, 'doc', json(o.doc)))
        from orders as o
        where o.id in (
            select p.order_id
            from parcels as p
            where p.waybill in (select value from json_each(?2))
        )
    )
)";

pub const REMITTANCE: &str = "select json_group_array(json(row))
from (
    select json_object(
        'seq', f.seq, 'verdict', f.verdict, 'line', json(f.fact), 'assigned', json(a.fact)
    ) as row
    from facts as f
    left join facts as a on a.key = 'assignment' || char(31) || f.key
    where f.subject = ?1
        and f.seq > ?2
    order by f.seq
    limit ?3
)";

pub const REMITTED_SO: &str = "select json_group_array(json(row))
from (
    select json_object(
        'seq', f.seq, 'verdict', f.verdict, 'line', json(f.fact), 'assigned', json(a.fact)
    ) as row
    from facts as f
    left join facts as a on a.key = 'assignment' || char(31) || f.key
    where f.kind = 'remittance'
        and f.verdict = ?1
        and f.seq > ?2
        and (?4 is null or (a.key is not null) = ?4)
    order by f.seq
    limit ?3
)";

// A line is booked for a parcel if the one with its waybill says so, or a person has assigned it.
pub const REMITTED_LINE: &str = "select json_object(
    'line', json(f.fact),
    'is_booked', json(iif(
        exists (
            select 1
            from parcels as p
            join journal as j on j.id = p.id
            where p.waybill = (f.fact ->> 'carrier') || ':' || (f.fact ->> 'waybill')
                and j.event ->> 'event' = 'cash_remitted'
                and j.event ->> 'remittance' = f.fact ->> 'remittance'
        )
        or exists (
            select 1 from facts as a where a.key = 'assignment' || char(31) || f.key
        ),
        'true', 'false'
    )),
    'parcel', (
        select json_object('version', p.version, 'doc', json(p.doc))
        from parcels as p
        where p.id = ?2
    ),
    'order', (
        select json_object('version', o.version, 'doc', json(o.doc))
        from parcels as p
        join orders as o on o.id = p.order_id
        where p.id = ?2
    )
)
from facts as f
where f.key = ?1";

pub const CASH_MISSING: &str = "select json_object(
    'carriers', (
        select json_group_array(json(row))
        from (
            select json_object(
                'carrier', doc ->> '$.label.carrier',
                'currency', doc ->> '$.cash.currency',
                'days_at_least', days,
                'parcels', count(*),
                'owed_minor', sum(doc ->> '$.cash.owed_minor')
            ) as row
            from (
                select doc, case
                    when ?1 - cash_owed_since_ms >= 30 * 86400000 then 30
                    when ?1 - cash_owed_since_ms >= 14 * 86400000 then 14
                    when ?1 - cash_owed_since_ms >= 7 * 86400000 then 7
                    else 0
                end as days
                from parcels
                where cash_owed_since_ms is not null
            )
            group by doc ->> '$.label.carrier', doc ->> '$.cash.currency', days
            order by 1
        )
    ),
    'parcels', (
        select json_group_array(json(row))
        from (
            select json_object('version', version, 'doc', json(doc)) as row
            from parcels
            where cash_owed_since_ms is not null
                and (cash_owed_since_ms, id) > (?2, ?3)
            order by cash_owed_since_ms, id
            limit ?4
        )
    )
)";

/// What is known of some lines of remittances: those taken in before, and the parcels and orders.
#[derive(Debug, Clone, Default)]
pub struct Remitted {
    pub lines: Vec<RemittanceLine>,
    pub parcels: Vec<Stored<Parcel>>,
    pub orders: Vec<Stored<Order>>,
}

#[derive(Deserialize)]
struct RemittedRow {
    lines: Vec<RemittanceLine>,
    parcels: Vec<Row<Parcel>>,
    orders: Vec<Row<Order>>,
}

/// A line of a remittance with its verdict.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Taken {
    pub seq: i64,
    pub verdict: String,
    pub line: RemittanceLine,
    /// To which parcel, if its waybill was not that of one.
    pub assigned: Option<Assigned>,
}

/// What a person said about a line: `parcel`, `reason`, who and when.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Assigned {
    pub parcel: ParcelId,
    pub reason: String,
    pub by: Actor,
    pub at_ms: Millis,
}

/// A line of a remittance, and the parcel that it is to be assigned to, where there is one.
#[derive(Debug, Clone)]
pub struct LineAndParcel {
    pub line: RemittanceLine,
    pub is_booked: bool,
    pub parcel: Option<(Stored<Parcel>, Stored<Order>)>,
}

#[derive(Deserialize)]
struct LineRow {
    line: RemittanceLine,
    is_booked: bool,
    parcel: Option<Row<Parcel>>,
    order: Option<Row<Order>>,
}

/// What a carrier owes, of one age.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Owing {
    pub carrier: String,
    pub currency: domain::Currency,
    /// 0, 7, 14 or 30, and younger than the next.
    pub days_at_least: i64,
    pub parcels: i64,
    pub owed_minor: i64,
}

/// All that carriers owe in sums, and a page of the parcels.
#[derive(Debug, Clone, Default)]
pub struct Missing {
    pub carriers: Vec<Owing>,
    pub parcels: Vec<Stored<Parcel>>,
}

#[derive(Deserialize)]
struct MissingRow {
    carriers: Vec<Owing>,
    parcels: Vec<Row<Parcel>>,
}

impl Store {
    /// What is known of some lines, by their keys and by `carrier:waybill`.
    pub async fn remitted(
        &self,
        keys: &[String],
        waybills: &[String],
    ) -> Result<Remitted, StoreError> {
        let list = |all: &[String]| Value::Text(serde_json::json!(all).to_string());
        let params = vec![list(keys), list(waybills)];
        let row: Option<RemittedRow> = self.read("read remittances", REMITTED, params).await?;
        let Some(row) = row else { return Ok(Remitted::default()) };
        let RemittedRow { lines, parcels, orders } = row;
        Ok(Remitted { lines, parcels: all(parcels), orders: all(orders) })
    }

    /// Lines of one remittance after a place in it.
    pub async fn remittance(
        &self,
        subject: &str,
        after: i64,
        limit: i64,
    ) -> Result<Vec<Taken>, StoreError> {
        let params = vec![subject.into(), Value::Int(after), Value::Int(limit)];
        Ok(self.read("read a remittance", REMITTANCE, params).await?.unwrap_or_default())
    }

    /// Lines with a verdict after a place, assigned to a parcel by a person or not.
    pub async fn remitted_so(
        &self,
        verdict: RemittanceVerdict,
        assigned: Option<bool>,
        after: i64,
        limit: i64,
    ) -> Result<Vec<Taken>, StoreError> {
        let assigned = assigned.map_or(Value::Null, |is| Value::Int(i64::from(is)));
        let params = vec![verdict.word().into(), Value::Int(after), Value::Int(limit), assigned];
        Ok(self.read("list lines of remittances", REMITTED_SO, params).await?.unwrap_or_default())
    }

    /// A line by its key, with a parcel.
    pub async fn remitted_line(
        &self,
        key: &str,
        parcel: &ParcelId,
    ) -> Result<Option<LineAndParcel>, StoreError> {
        let params = vec![key.into(), parcel.as_str().into()];
        let row: Option<LineRow> =
            self.read("read a line of a remittance", REMITTED_LINE, params).await?;
        Ok(row.map(|row| LineAndParcel {
            line: row.line,
            is_booked: row.is_booked,
            parcel: stored(row.parcel).zip(stored(row.order)),
        }))
    }

    /// Cash that carriers have not remitted, the oldest first, after a parcel of that age.
    pub async fn cash_missing(
        &self,
        now_ms: i64,
        after: (i64, &str),
        limit: i64,
    ) -> Result<Missing, StoreError> {
        let (since, id) = after;
        let params = vec![Value::Int(now_ms), Value::Int(since), id.into(), Value::Int(limit)];
        let row: Option<MissingRow> = self.read("read missing cash", CASH_MISSING, params).await?;
        Ok(row.map_or_else(Missing::default, |row| Missing {
            carriers: row.carriers,
            parcels: all(row.parcels),
        }))
    }
    /// A buyer's last orders, and how many of them they did not take at the door.
    pub async fn cod_history(
        &self,
        buyer: &BuyerId,
        of_last: i64,
    ) -> Result<CodHistory, StoreError> {
        let params = vec![buyer.as_str().into(), Value::Int(of_last)];
        let row = self.read("read a buyer's orders", COD_HISTORY, params).await?;
        Ok(row.unwrap_or_default())
    }
}
