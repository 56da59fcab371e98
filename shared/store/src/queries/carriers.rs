//! What is decided about a parcel's carrier, waybill and manifest.

use super::documents::{Row, all, stored};
use crate::{Store, StoreError, Value};
use domain::{
    Carrier, CarrierCode, CarrierDesk, CarrierOffer, CarriersOfWarehouse, Manifest, ManifestDesk,
    Order, OrderNumber, Parcel, ParcelId, Stored, WaitingParcel, Warehouse, WarehouseId, Waybill,
    WaybillNumber,
};
use serde::Deserialize;

// Two packers that take the same number refuse one another, so they start at different places: of
// the first free numbers of a pool one is taken that a number drawn by the caller points at.
// What was sorted is only a text to SQLite; whoever nests this makes it JSON again.
macro_rules! free_number {
    ($carrier:literal) => {
        concat!(
            "select json_object('version', version, 'doc', json(doc))
        from (
            select version, doc, row_number() over (order by id) as place
            from (
                select id, version, doc
                from waybills
                where free_at_carrier = ",
            $carrier,
            "
                order by id
                limit ?4
            )
        )
        order by place * ?3 % 67
        limit 1"
        )
    };
}

pub const CARRIER_DESK: &str = concat!(
    "select json_object(
    'parcel', json_object('version', p.version, 'doc', json(p.doc)),
    'order', json_object('version', o.version, 'doc', json(o.doc)),
    'warehouse', (
        select json(w.doc)
        from warehouses as w
        where w.id = p.doc ->> 'warehouse'
    ),
    'offers', (
        select json_group_array(json_object('carrier', json(c.doc), 'number', json((
        ",
    free_number!("c.id"),
    "
        ))))
        from carriers as c
        where coalesce(c.doc ->> 'active', 1)
            or c.id = ?2
    ),
    'free', json((
        ",
    free_number!("?2"),
    "
    )),
    'called', (
        select json_group_array(json_object('version', n.version, 'doc', json(n.doc)))
        from waybills as n
        where n.doc ->> 'waybill' = ?5
    )
)
from parcels as p
join orders as o on o.id = p.order_id
where p.id = ?1"
);

// Nobody takes a number here, so the first one will do.
pub const CARRIERS_OF_WAREHOUSE: &str = "select json_object(
    'warehouse', json(w.doc),
    'offers', (
        select json_group_array(json_object('carrier', json(c.doc), 'number', json((
            select json_object('version', n.version, 'doc', json(n.doc))
            from waybills as n
            where n.free_at_carrier = c.id
            limit 1
        ))))
        from carriers as c
        where coalesce(c.doc ->> 'active', 1)
    )
)
from warehouses as w
where w.id = ?1";

macro_rules! waiting {
    ($which:literal) => {
        concat!(
            "select json_object(
    'last_number', (
        select coalesce(max(m.number), 0)
        from manifests as m
        where m.warehouse = ?1
    ),
    'waiting', (
        select json_group_array(json(row))
        from (
            select json_object(
                'parcel', json_object('version', p.version, 'doc', json(p.doc)),
                'order', o.number,
                'to', coalesce(
                    nullif(o.doc ->> '$.delivery.city', ''), o.doc ->> '$.delivery.country'
                )
            ) as row
            from parcels as p
            join orders as o on o.id = p.order_id
            where ",
            $which,
            "
            order by p.id
            limit ?3
        )
    )
)"
        )
    };
}

pub const WAITING_FOR_CARRIER: &str = waiting!("p.to_hand_over = ?1 || ' ' || ?2");

pub const SCANNED_FOR_CARRIER: &str =
    waiting!("p.waybill in (select ?2 || ':' || value from json_each(?4))");

pub const MANIFESTS: &str = "select json_group_array(json(row))
from (
    select json_object('version', version, 'doc', json(doc)) as row
    from manifests
    where warehouse = ?1
        and number < ?2
    order by number desc
    limit ?3
)";

pub const PARCELS_WITHOUT_CARRIER: &str = "select json_group_array(json(row))
from (
    select json_object('version', version, 'doc', json(doc)) as row
    from parcels
    where doc ->> '$.carriage.needs_person' = 1
        and id > ?1
        and (?2 is null or doc ->> 'warehouse' = ?2)
    order by id
    limit ?3
)";

pub const PARCELS_BY_ID: &str = "select json_group_array(json_object(
    'version', version, 'doc', json(doc)
))
from parcels
where id in (select value from json_each(?1))";

#[derive(Deserialize)]
struct DeskRow {
    parcel: Row<Parcel>,
    order: Row<Order>,
    warehouse: Option<Warehouse>,
    offers: Vec<OfferRow>,
    free: Option<Row<WaybillNumber>>,
    called: Vec<Row<WaybillNumber>>,
}

#[derive(Deserialize)]
struct CarriersRow {
    warehouse: Warehouse,
    offers: Vec<OfferRow>,
}

#[derive(Deserialize)]
struct OfferRow {
    carrier: Carrier,
    number: Option<Row<WaybillNumber>>,
}

impl OfferRow {
    fn offer(self) -> CarrierOffer {
        CarrierOffer { carrier: self.carrier, number: stored(self.number) }
    }
}

#[derive(Deserialize)]
struct WaitingRows {
    last_number: u64,
    waiting: Vec<WaitingRow>,
}

#[derive(Deserialize)]
struct WaitingRow {
    parcel: Row<Parcel>,
    order: OrderNumber,
    to: String,
}

/// Free numbers looked at before one is chosen.
const CHOICE: i64 = 64;

impl Store {
    /// A parcel and every carrier that could take it. `named` is one that somebody wants, in use
    /// or not, and `waybill` a number; `draw` is any number, and chooses among the free ones.
    pub async fn carrier_desk(
        &self,
        parcel: &ParcelId,
        (named, waybill): (Option<&CarrierCode>, Option<&Waybill>),
        draw: u128,
    ) -> Result<Option<CarrierDesk>, StoreError> {
        let what = "read a parcel's carriers";
        let text = |text: Option<&str>| text.map_or(Value::Null, Value::from);
        let draw = i64::try_from(draw % 66).unwrap_or(0) + 1;
        let (named, waybill) =
            (text(named.map(CarrierCode::as_str)), text(waybill.map(Waybill::as_str)));
        let params =
            vec![parcel.as_str().into(), named, Value::Int(draw), Value::Int(CHOICE), waybill];
        let row: Option<DeskRow> = self.read(what, CARRIER_DESK, params).await?;
        let Some(row) = row else { return Ok(None) };
        let broken = || StoreError::Broken(what, "its warehouse is not there".into());
        Ok(Some(CarrierDesk {
            parcel: row.parcel.into(),
            order: row.order.into(),
            warehouse: row.warehouse.ok_or_else(broken)?,
            offers: row.offers.into_iter().map(OfferRow::offer).collect(),
            free: stored(row.free),
            called: all(row.called),
        }))
    }

    /// A warehouse and every carrier in use.
    pub async fn carriers_of_warehouse(
        &self,
        id: &WarehouseId,
    ) -> Result<Option<CarriersOfWarehouse>, StoreError> {
        let params = vec![id.as_str().into()];
        let row: Option<CarriersRow> =
            self.read("read a warehouse's carriers", CARRIERS_OF_WAREHOUSE, params).await?;
        Ok(row.map(|CarriersRow { warehouse, offers }| {
            let offers = offers.into_iter().map(OfferRow::offer).collect();
            CarriersOfWarehouse { warehouse, offers }
        }))
    }

    /// A warehouse's parcels for a carrier: those that wait, the oldest first, or those that have
    /// these numbers.
    pub async fn manifest_desk(
        &self,
        (warehouse, carrier): (&WarehouseId, &CarrierCode),
        scans: Option<&[Waybill]>,
        limit: i64,
    ) -> Result<ManifestDesk, StoreError> {
        let mut params =
            vec![warehouse.as_str().into(), carrier.as_str().into(), Value::Int(limit)];
        let sql = match scans {
            None => WAITING_FOR_CARRIER,
            Some(scans) => {
                params.push(Value::Text(serde_json::json!(scans).to_string()));
                SCANNED_FOR_CARRIER
            }
        };
        let rows: Option<WaitingRows> = self.read("read waiting parcels", sql, params).await?;
        let (last_number, rows) = rows.map_or((0, Vec::new()), |r| (r.last_number, r.waiting));
        let waiting = |row: WaitingRow| WaitingParcel {
            parcel: row.parcel.into(),
            order: row.order,
            to: row.to,
        };
        let (warehouse, carrier) = (warehouse.clone(), carrier.clone());
        let waiting = rows.into_iter().map(waiting).collect();
        Ok(ManifestDesk { warehouse, carrier, last_number, waiting })
    }

    /// A warehouse's manifests with numbers before `before`, the newest first.
    pub async fn manifests(
        &self,
        warehouse: &str,
        before: i64,
        limit: i64,
    ) -> Result<Vec<Stored<Manifest>>, StoreError> {
        let params = vec![warehouse.into(), Value::Int(before), Value::Int(limit)];
        let rows: Option<Vec<Row<Manifest>>> =
            self.read("list manifests", MANIFESTS, params).await?;
        Ok(all(rows.unwrap_or_default()))
    }

    /// Parcels for which a person has to choose a carrier, by id.
    pub async fn parcels_without_carrier(
        &self,
        warehouse: Option<&str>,
        after: &str,
        limit: i64,
    ) -> Result<Vec<Stored<Parcel>>, StoreError> {
        let warehouse = warehouse.map_or(Value::Null, Value::from);
        let params = vec![after.into(), warehouse, Value::Int(limit)];
        let rows: Option<Vec<Row<Parcel>>> =
            self.read("list parcels", PARCELS_WITHOUT_CARRIER, params).await?;
        Ok(all(rows.unwrap_or_default()))
    }

    /// Those of some parcels that are there.
    pub async fn parcels_by_id(&self, ids: &[&str]) -> Result<Vec<Stored<Parcel>>, StoreError> {
        let params = vec![Value::Text(serde_json::json!(ids).to_string())];
        let rows: Option<Vec<Row<Parcel>>> =
            self.read("read parcels", PARCELS_BY_ID, params).await?;
        Ok(all(rows.unwrap_or_default()))
    }
}
