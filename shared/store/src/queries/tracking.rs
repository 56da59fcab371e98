//! What was told of parcels, for people: scans with how they came, and pushes as they came. And
//! whether a parcel has been silent.

use super::documents::{Row, stored};
use crate::{Store, StoreError, Value};
use domain::{Correction, Heard, KeptAs, Order, Parcel, ParcelId, Stored, TrackingFact};
use serde::Deserialize;

// `?1` is an order or a parcel; `?2` the carriers' other names; `?3` how many scans at most, of the
// newest.
pub const TRACKING: &str = "select json_group_array(json(row))
from (
    select json_object(
        'parcel', json_object('version', p.version, 'doc', json(p.doc)),
        'scans', (
            select json_group_array(json(scan))
            from (
                select json_object('received_at', f.received_at_ms, 'fact', json(f.fact)) as scan
                from facts as f
                where f.kind = 'tracking'
                    and f.subject in (
                        select p.waybill
                        union all
                        select (n.value ->> 'name') || ':' || (p.doc ->> '$.label.waybill')
                        from json_each(?2) as n
                        where n.value ->> 'carrier' = p.doc ->> '$.label.carrier'
                    )
                order by f.occurred_at_ms desc, f.seq desc
                limit ?3
            )
        ),
        'corrections', (
            select json_group_array(json(row))
            from (
                select f.fact as row
                from facts as f
                where f.kind = 'correction'
                    and f.subject = p.waybill
                order by f.seq
            )
        )
    ) as row
    from parcels as p
    where p.order_id = ?1
        or p.id = ?1
    order by p.id
)";

pub const PUSH: &str = "select json_object(
    'id', f.fact ->> 'push', 'told_by', f.fact ->> 'told_by', 'received_at', f.received_at_ms,
    'raw', f.raw
)
from facts as f
where f.subject = 'push:' || ?1
    and f.kind = 'push'
order by f.seq
limit 1";

pub const SILENCE: &str = "select json_object(
    'parcel', json_object('version', p.version, 'doc', json(p.doc)),
    'order', json_object('version', o.version, 'doc', json(o.doc)),
    'heard_at', (
        select max(f.received_at_ms)
        from facts as f
        where f.subject = p.waybill
            and f.kind = 'tracking'
    )
)
from parcels as p
join orders as o on o.id = p.order_id
where p.id = ?1";

/// A scan and when it came.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ToldScan {
    /// Milliseconds since 1970.
    pub received_at: i64,
    pub fact: TrackingFact,
}

/// A parcel and what was told of it.
#[derive(Debug, Clone)]
pub struct TrackedParcel {
    pub parcel: Stored<Parcel>,
    /// The newest first.
    pub scans: Vec<ToldScan>,
    pub corrections: Vec<Correction>,
}

/// A push as it came.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct KeptPush {
    pub id: String,
    pub told_by: String,
    /// Milliseconds since 1970.
    pub received_at: i64,
    pub raw: String,
}

/// A parcel on its way, and when its newest scan came, in milliseconds since 1970.
#[derive(Debug, Clone)]
pub struct Silence {
    pub parcel: Stored<Parcel>,
    pub order: Stored<Order>,
    pub heard_at: Option<i64>,
}

#[derive(Deserialize)]
struct TrackedRow {
    parcel: Option<Row<Parcel>>,
    scans: Vec<ToldScan>,
    corrections: Vec<Correction>,
}

#[derive(Deserialize)]
struct SilenceRow {
    parcel: Option<Row<Parcel>>,
    order: Option<Row<Order>>,
    heard_at: Option<i64>,
}

/// Scans of one parcel that are shown at most: the newest.
const SCANS_AT_MOST: i64 = 1_000;

impl TrackedParcel {
    /// Whether a scan was taken back by who told it.
    pub fn is_withdrawn(&self, fact: &TrackingFact) -> bool {
        let (facts, corrections) = (Vec::new(), self.corrections.clone());
        Heard { facts, corrections, push_known: false }.is_withdrawn(fact)
    }
}

impl Store {
    /// What was told of the parcels of an order, or of one parcel; `id` is either's.
    pub async fn tracking(
        &self,
        id: &str,
        names: &[KeptAs],
    ) -> Result<Vec<TrackedParcel>, StoreError> {
        let names = serde_json::json!(names).to_string();
        let params = vec![id.into(), Value::Text(names), Value::Int(SCANS_AT_MOST)];
        let rows: Option<Vec<TrackedRow>> = self.read("read tracking", TRACKING, params).await?;
        let tracked = |row: TrackedRow| {
            let TrackedRow { parcel, scans, corrections } = row;
            Some(TrackedParcel { parcel: stored(parcel)?, scans, corrections })
        };
        Ok(rows.unwrap_or_default().into_iter().filter_map(tracked).collect())
    }

    /// A push as it came, by its id.
    pub async fn push(&self, id: &str) -> Result<Option<KeptPush>, StoreError> {
        self.read("read a push", PUSH, vec![id.into()]).await
    }

    /// A parcel and when anything was heard of it.
    pub async fn silence(&self, parcel: &ParcelId) -> Result<Option<Silence>, StoreError> {
        let params = vec![parcel.as_str().into()];
        let row: Option<SilenceRow> = self.read("read a silence", SILENCE, params).await?;
        Ok(row.and_then(|row| {
            let (parcel, order) = (stored(row.parcel)?, stored(row.order)?);
            Some(Silence { parcel, order, heard_at: row.heard_at })
        }))
    }
}
