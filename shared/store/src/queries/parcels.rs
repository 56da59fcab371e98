//! Parcels with what is decided about them together: order, waybill number, tracking facts.

use super::documents::{Row, all, stored};
use crate::{Store, StoreError, Value};
use domain::{
    CarrierCode, Correction, Exception, Heard, Journey, KeptAs, Order, Parcel, ParcelId, Payment,
    Policy, Stored, TrackingFact, Waybill, WaybillNumber,
};
use serde::Deserialize;

pub const PARCEL_AND_ORDER: &str = "select json_object(
    'parcel', json_object('version', p.version, 'doc', json(p.doc)),
    'order', json_object('version', o.version, 'doc', json(o.doc)),
    'payment', (
        select json_object('version', y.version, 'doc', json(y.doc))
        from payments as y
        where y.id = o.doc ->> 'payment'
            and (
                o.doc -> 'cod' is not null
                or p.doc ->> '$.state.seen.state' in ('returning', 'returned')
            )
    ),
    'facts', case when ?2 is not null then (
        select json_group_array(json(f.fact))
        from facts as f
        where f.kind = 'tracking'
            and f.subject in (
                select p.waybill
                union all
                select (n.value ->> 'name') || ':' || (p.doc ->> '$.label.waybill')
                from json_each(?2) as n
                where n.value ->> 'carrier' = p.doc ->> '$.label.carrier'
            )
    ) end,
    'corrections', case when ?2 is not null then (
        select json_group_array(json(row))
        from (
            select f.fact as row
            from facts as f
            where f.kind = 'correction'
                and f.subject = p.waybill
            order by f.seq
        )
    ) end,
    'number', (
        select json_object('version', n.version, 'doc', json(n.doc))
        from waybills as n
        where n.id = p.waybill
    ),
    'exceptions', (
        select json_group_array(json_object('version', e.version, 'doc', json(e.doc)))
        from exceptions as e
        where e.parcel_id = p.id
    )
)
from parcels as p
join orders as o on o.id = p.order_id
where p.id = ?1";

pub const TRACKED: &str = "select json_object(
    'parcel', (
        select json_object('version', p.version, 'doc', json(p.doc))
        from parcels as p
        where p.waybill = ?1
    ),
    'order', (
        select json_object('version', o.version, 'doc', json(o.doc))
        from parcels as p
        join orders as o on o.id = p.order_id
        where p.waybill = ?1
    ),
    'payment', (
        select json_object('version', y.version, 'doc', json(y.doc))
        from parcels as p
        join orders as o on o.id = p.order_id
        join payments as y on y.id = o.doc ->> 'payment'
        where p.waybill = ?1 and o.doc -> 'cod' is not null
    ),
    'facts', (
        select json_group_array(json(f.fact))
        from facts as f
        where f.kind = 'tracking'
            and f.subject in (select value from json_each(?2))
    ),
    'exceptions', (
        select json_group_array(json_object('version', e.version, 'doc', json(e.doc)))
        from parcels as p
        join exceptions as e on e.parcel_id = p.id
        where p.waybill = ?1
    ),
    'corrections', (
        select json_group_array(json(row))
        from (
            select f.fact as row
            from facts as f
            where f.kind = 'correction'
                and f.subject = ?1
            order by f.seq
        )
    ),
    'push_known', json(case
        when exists (select 1 from facts where key = ?3) then 'true'
        else 'false'
    end)
)";

pub const KNOWN_WAYBILLS: &str = "select json_group_array(id)
from waybills
where id in (select value from json_each(?1))";

/// A parcel, its order, and what its carrier said of it.
#[derive(Debug, Clone)]
pub struct ParcelSituation {
    pub parcel: Stored<Parcel>,
    pub order: Stored<Order>,
    /// For cash on delivery, and once its carrier has seen it come back or on its way back.
    pub payment: Option<Stored<Payment>>,
    /// Where it was asked for; by whatever name the carrier was called then.
    pub heard: Heard,
    /// That of its label.
    pub number: Option<Stored<WaybillNumber>>,
    /// What went wrong with it, also what is resolved.
    pub exceptions: Vec<Stored<Exception>>,
}

impl ParcelSituation {
    /// The scans of its label that count.
    pub fn told(&mut self, policy: &Policy) -> Vec<TrackingFact> {
        let heard = std::mem::take(&mut self.heard);
        match &self.parcel.doc.label {
            Some(label) => heard.named(&label.carrier, &policy.carrier_names).standing(),
            None => Vec::new(),
        }
    }

    pub fn journey(&mut self) -> Journey<'_> {
        let Self { parcel, order, payment, .. } = self;
        Journey { parcel, order, payment: payment.as_mut() }
    }
}

/// What a waybill is known for: maybe a parcel, maybe facts that came before it.
#[derive(Debug, Clone)]
pub struct TrackedSituation {
    pub parcel: Option<(Stored<Parcel>, Stored<Order>)>,
    /// For cash on delivery.
    pub payment: Option<Stored<Payment>>,
    /// By whatever name the carrier was called then.
    pub heard: Heard,
    /// What went wrong with the parcel, also what is resolved.
    pub exceptions: Vec<Stored<Exception>>,
}

impl TrackedSituation {
    pub fn journey(&mut self) -> Option<Journey<'_>> {
        let (parcel, order) = self.parcel.as_mut()?;
        Some(Journey { parcel, order, payment: self.payment.as_mut() })
    }
}

#[derive(Deserialize)]
struct ParcelRow {
    parcel: Option<Row<Parcel>>,
    order: Option<Row<Order>>,
    payment: Option<Row<Payment>>,
    #[serde(default)]
    facts: Option<Vec<TrackingFact>>,
    #[serde(default)]
    corrections: Option<Vec<Correction>>,
    #[serde(default)]
    push_known: bool,
    #[serde(default)]
    number: Option<Row<WaybillNumber>>,
    exceptions: Vec<Row<Exception>>,
}

fn heard(
    facts: Option<Vec<TrackingFact>>,
    corrections: Option<Vec<Correction>>,
    push_known: bool,
) -> Heard {
    let (facts, corrections) = (facts.unwrap_or_default(), corrections.unwrap_or_default());
    Heard { facts, corrections, push_known }
}

impl Store {
    /// A parcel and its order, without what its carrier said.
    pub async fn parcel(&self, id: &ParcelId) -> Result<Option<ParcelSituation>, StoreError> {
        self.parcel_with(id, Value::Null).await
    }

    /// The same with what was said of its waybill before it left, also under the carriers' other
    /// names.
    pub async fn parcel_to_ship(
        &self,
        id: &ParcelId,
        names: &[KeptAs],
    ) -> Result<Option<ParcelSituation>, StoreError> {
        let names = serde_json::json!(names).to_string();
        self.parcel_with(id, Value::Text(names)).await
    }

    async fn parcel_with(
        &self,
        id: &ParcelId,
        names: Value,
    ) -> Result<Option<ParcelSituation>, StoreError> {
        let params = vec![id.as_str().into(), names];
        let row: Option<ParcelRow> = self.read("read a parcel", PARCEL_AND_ORDER, params).await?;
        Ok(row.and_then(|row| {
            let (parcel, order) = (stored(row.parcel)?, stored(row.order)?);
            let heard = heard(row.facts, row.corrections, row.push_known);
            let (payment, number) = (stored(row.payment), stored(row.number));
            let exceptions = all(row.exceptions);
            Some(ParcelSituation { parcel, order, payment, heard, number, exceptions })
        }))
    }

    /// What a waybill is known for; `push` is the key of the push at hand.
    pub async fn tracked(
        &self,
        (carrier, waybill): (&CarrierCode, &Waybill),
        names: &[KeptAs],
        push: &str,
    ) -> Result<TrackedSituation, StoreError> {
        let subject = format!("{carrier}:{waybill}");
        let others = names.iter().filter(|other| other.carrier == *carrier);
        let others = others.map(|other| format!("{}:{waybill}", other.name));
        let subjects: Vec<String> = [subject.clone()].into_iter().chain(others).collect();
        let subjects = serde_json::json!(subjects).to_string();
        let params = vec![Value::Text(subject), Value::Text(subjects), push.into()];
        let row: Option<ParcelRow> = self.read("read tracking", TRACKED, params).await?;
        let Some(row) = row else {
            let (heard, exceptions) = (Heard::default(), Vec::new());
            return Ok(TrackedSituation { parcel: None, payment: None, heard, exceptions });
        };
        let parcel = stored(row.parcel).zip(stored(row.order));
        let heard = heard(row.facts, row.corrections, row.push_known);
        let (payment, exceptions) = (stored(row.payment), all(row.exceptions));
        Ok(TrackedSituation { parcel, payment, heard, exceptions })
    }

    /// Those of some waybill numbers that are in a pool.
    pub async fn known_waybills(&self, ids: &[String]) -> Result<Vec<String>, StoreError> {
        let params = vec![Value::Text(serde_json::json!(ids).to_string())];
        Ok(self.read("read waybills", KNOWN_WAYBILLS, params).await?.unwrap_or_default())
    }
}
