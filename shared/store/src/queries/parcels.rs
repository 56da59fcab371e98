//! Parcels with what is decided about them together: order, waybill number, tracking facts.

use super::documents::{Row, all, stored};
use crate::{Store, StoreError, Value};
use domain::{
    CarrierCode, Exception, Journey, Order, Parcel, ParcelId, Payment, ShopPolicy, Stored,
    TrackingFact, Waybill, WaybillNumber,
};
use serde::Deserialize;

pub const PARCEL_AND_ORDER: &str = "select json_object(
    'parcel', json_object('version', p.version, 'doc', json(p.doc)),
    'order', json_object('version', o.version, 'doc', json(o.doc)),
    'payment', (
        select json_object('version', y.version, 'doc', json(y.doc))
        from payments as y
        where y.id = o.doc ->> 'payment'
            and (o.doc -> 'cod' is not null or p.doc ->> '$.state.seen.state' = 'returned')
    ),
    'facts', (
        select json_group_array(json(f.fact))
        from facts as f
        where f.subject = p.waybill
    ),
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
        where f.subject = ?1
    ),
    'exceptions', (
        select json_group_array(json_object('version', e.version, 'doc', json(e.doc)))
        from parcels as p
        join exceptions as e on e.parcel_id = p.id
        where p.waybill = ?1
    ),
    'policy', (
        select json_object('version', version, 'doc', json(doc))
        from policies
        where id = 'shop'
    )
)";

pub const KNOWN_WAYBILLS: &str = "select json_group_array(id)
from waybills
where id in (select value from json_each(?1))";

/// A parcel, its order, and what its carrier said of it.
#[derive(Debug, Clone)]
pub struct ParcelSituation {
    pub parcel: Stored<Parcel>,
    pub order: Stored<Order>,
    /// For cash on delivery, and once its carrier has seen it come back.
    pub payment: Option<Stored<Payment>>,
    pub facts: Vec<TrackingFact>,
    /// That of its label.
    pub number: Option<Stored<WaybillNumber>>,
    /// What went wrong with it, also what is resolved.
    pub exceptions: Vec<Stored<Exception>>,
}

impl ParcelSituation {
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
    pub facts: Vec<TrackingFact>,
    /// What went wrong with the parcel, also what is resolved.
    pub exceptions: Vec<Stored<Exception>>,
    /// What the shop sets of its policy.
    pub policy: Option<Stored<ShopPolicy>>,
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
    facts: Vec<TrackingFact>,
    #[serde(default)]
    number: Option<Row<WaybillNumber>>,
    exceptions: Vec<Row<Exception>>,
    #[serde(default)]
    policy: Option<Row<ShopPolicy>>,
}

impl Store {
    pub async fn parcel(&self, id: &ParcelId) -> Result<Option<ParcelSituation>, StoreError> {
        let params = vec![id.as_str().into()];
        let row: Option<ParcelRow> = self.read("read a parcel", PARCEL_AND_ORDER, params).await?;
        Ok(row.and_then(|row| {
            let (parcel, order) = (stored(row.parcel)?, stored(row.order)?);
            let (payment, facts) = (stored(row.payment), row.facts);
            let (number, exceptions) = (stored(row.number), all(row.exceptions));
            Some(ParcelSituation { parcel, order, payment, facts, number, exceptions })
        }))
    }

    pub async fn tracked(
        &self,
        carrier: &CarrierCode,
        waybill: &Waybill,
    ) -> Result<TrackedSituation, StoreError> {
        let subject = format!("{carrier}:{waybill}");
        let row: Option<ParcelRow> =
            self.read("read tracking", TRACKED, vec![Value::Text(subject)]).await?;
        let Some(row) = row else {
            return Ok(TrackedSituation {
                parcel: None,
                payment: None,
                facts: Vec::new(),
                exceptions: Vec::new(),
                policy: None,
            });
        };
        let parcel = stored(row.parcel).zip(stored(row.order));
        let (payment, exceptions, policy) =
            (stored(row.payment), all(row.exceptions), stored(row.policy));
        Ok(TrackedSituation { parcel, payment, facts: row.facts, exceptions, policy })
    }

    /// Those of some waybill numbers that are in a pool.
    pub async fn known_waybills(&self, ids: &[String]) -> Result<Vec<String>, StoreError> {
        let params = vec![Value::Text(serde_json::json!(ids).to_string())];
        Ok(self.read("read waybills", KNOWN_WAYBILLS, params).await?.unwrap_or_default())
    }
}
