//! What a packer's table has to know, in one row, and where a piece with a serial number has been.

use super::catalog::names;
use super::documents::{Row, all, stored};
use crate::{Store, StoreError, Value};
use domain::{
    BoxType, Carrier, Desk, Merchant, Order, OrderId, Packing, PackingId, Parcel, ParcelId, Pick,
    Prints, Scan, SerialUse, Sku, SkuId, Stored, Warehouse, WarehouseId, barcode_forms,
};
use serde::Deserialize;
use std::collections::BTreeSet;

// Serial numbers are looked for under every SKU of the order, because only the decision knows which
// one a code names. Those of the packing are looked for as well: closing it asks for them again.
pub const DESK: &str = "with chosen as (
    select o.id, o.version, o.doc, k.id as packing, k.version as packing_version,
        k.doc as packing_doc, coalesce(?2, k.doc ->> 'warehouse') as warehouse
    from orders as o
    left join packings as k on k.id = ?3
    where o.id = coalesce(?1, (select order_id from packings where id = ?3))
),
wanted as (
    select 'serial/' || (line.value ->> 'sku') || '/' || serial.value as subject
    from chosen, json_each(chosen.doc, '$.lines') as line, json_each(?5) as serial
    union
    select 'serial/' || (line.value ->> 'sku') || '/' || serial.value
    from chosen, json_each(chosen.packing_doc, '$.lines') as line,
        json_each(line.value, '$.serials') as serial
)
select json_object(
    'order', json_object('version', c.version, 'doc', json(c.doc)),
    'packing', case
        when c.packing is not null then
            json_object('version', c.packing_version, 'doc', json(c.packing_doc))
    end,
    'skus', (
        select json_group_array(json(s.doc))
        from json_each(c.doc, '$.lines') as line
        join skus as s on s.id = line.value ->> 'sku'
    ),
    'boxes', (
        select json_group_array(json(b.doc))
        from boxes as b
        where coalesce(b.doc ->> 'active', 1)
            and coalesce(b.doc ->> 'warehouse', c.warehouse) = c.warehouse
    ),
    'known', (
        select json_group_array(code)
        from (
            select code from barcodes where code in (select value from json_each(?4))
            union
            select id from skus where id in (select value from json_each(?4))
        )
    ),
    'serials', (
        select json_group_array(json_object(
            'sku', f.fact ->> 'sku',
            'serial', f.fact ->> 'serial',
            'parcel', p.id,
            'state', json(p.doc -> 'state'),
            'returned', (
                select coalesce(sum(line.value ->> '$.units.returned'), 0)
                from orders as o, json_each(o.doc, '$.lines') as line
                where o.id = p.order_id and line.value ->> 'no' = f.fact ->> 'line'
            )
        ))
        from wanted as w
        join facts as f on f.subject = w.subject
        join parcels as p on p.id = f.fact ->> 'parcel'
    )
)
from chosen as c";

pub const SERIAL_USES: &str = "select json_group_array(json(row))
from (
    select json_object('version', p.version, 'doc', json(p.doc)) as row
    from facts as f
    join parcels as p on p.id = f.fact ->> 'parcel'
    where f.subject = ?1
    order by f.seq desc
)";

pub const PAPERS: &str = "select json_object(
    'parcel', json_object('version', p.version, 'doc', json(p.doc)),
    'order', json_object('version', o.version, 'doc', json(o.doc)),
    'merchant', json(m.doc),
    'warehouse', json(w.doc),
    'carrier', (
        select json(c.doc)
        from carriers as c
        where c.id = p.doc ->> '$.label.carrier'
    ),
    'prints', (
        select json_object('version', t.version, 'doc', json(t.doc))
        from prints as t
        where t.id = p.id || '/prints'
    ),
    'parcels', (
        select json_group_array(json(row))
        from (
            select json_object('id', id, 'picks', json(doc -> 'picks')) as row
            from parcels
            where order_id = o.id
                and doc ->> '$.state.is' <> 'cancelled'
                and coalesce(doc ->> '$.state.sent_again', 0) = 0
            order by id
        )
    )
)
from parcels as p
join orders as o on o.id = p.order_id
join merchants as m on m.id = p.doc ->> 'merchant'
join warehouses as w on w.id = p.doc ->> 'warehouse'
where p.id = ?1";

/// An order on a packer's table, what is known of it there, and the packing if there is one.
#[derive(Debug, Clone)]
pub struct AtDesk {
    pub order: Stored<Order>,
    pub packing: Option<Stored<Packing>>,
    pub desk: Desk,
}

#[derive(Deserialize)]
struct DeskRow {
    order: Row<Order>,
    packing: Option<Row<Packing>>,
    skus: Vec<Sku>,
    boxes: Vec<BoxType>,
    known: BTreeSet<String>,
    serials: Vec<SerialUse>,
}

/// A parcel of an order, and what is in it.
#[derive(Debug, Clone, Deserialize)]
pub struct Sibling {
    pub id: ParcelId,
    pub picks: Vec<Pick>,
}

/// All that stands on a parcel's label and slip.
#[derive(Debug, Clone)]
pub struct Papers {
    pub parcel: Stored<Parcel>,
    pub order: Stored<Order>,
    pub merchant: Merchant,
    pub warehouse: Warehouse,
    /// The one on its label, if the shop describes it.
    pub carrier: Option<Carrier>,
    pub prints: Option<Stored<Prints>>,
    /// The parcels of the order that were neither taken apart nor given up and sent again, in the
    /// order of their making.
    pub parcels: Vec<Sibling>,
}

#[derive(Deserialize)]
struct PapersRow {
    parcel: Row<Parcel>,
    order: Row<Order>,
    merchant: Merchant,
    warehouse: Warehouse,
    carrier: Option<Carrier>,
    prints: Option<Row<Prints>>,
    parcels: Vec<Sibling>,
}

impl Store {
    /// What a packer has to know of an order in a warehouse, with these scans.
    pub async fn desk_of_order(
        &self,
        order: &OrderId,
        warehouse: &WarehouseId,
        scans: &[Scan],
    ) -> Result<Option<AtDesk>, StoreError> {
        let place = [order.as_str().into(), warehouse.as_str().into(), Value::Null];
        self.desk(place, scans).await
    }

    /// What a packer has to know of the order of a packing, with these scans.
    pub async fn desk_of_packing(
        &self,
        packing: &PackingId,
        scans: &[Scan],
    ) -> Result<Option<AtDesk>, StoreError> {
        self.desk([Value::Null, Value::Null, packing.as_str().into()], scans).await
    }

    async fn desk(&self, place: [Value; 3], scans: &[Scan]) -> Result<Option<AtDesk>, StoreError> {
        let codes: BTreeSet<String> =
            scans.iter().flat_map(|scan| barcode_forms(scan.code.trim())).collect();
        let serials = scans.iter().filter_map(|scan| scan.serial.as_ref());
        let mut params = Vec::from(place);
        params.push(names(codes.iter().map(String::as_str)));
        params.push(names(serials.map(domain::Serial::as_str)));
        let row: Option<DeskRow> = self.read("read a packer's table", DESK, params).await?;
        Ok(row.map(|row| {
            let DeskRow { order, packing, skus, boxes, known, serials } = row;
            let desk = Desk { skus, boxes, known, serials };
            AtDesk { order: order.into(), packing: stored(packing), desk }
        }))
    }

    /// The parcels that a piece went into, the latest first.
    pub async fn serial_uses(
        &self,
        sku: &SkuId,
        serial: &domain::Serial,
    ) -> Result<Vec<Stored<Parcel>>, StoreError> {
        let params = vec![Value::Text(domain::serial_subject(sku, serial))];
        let rows: Option<Vec<Row<Parcel>>> =
            self.read("read a serial number", SERIAL_USES, params).await?;
        Ok(all(rows.unwrap_or_default()))
    }

    /// What stands on a parcel's papers.
    pub async fn papers(&self, parcel: &ParcelId) -> Result<Option<Papers>, StoreError> {
        let params = vec![parcel.as_str().into()];
        let row: Option<PapersRow> = self.read("read a parcel's papers", PAPERS, params).await?;
        Ok(row.map(|row| {
            let PapersRow { parcel, order, merchant, warehouse, carrier, prints, parcels } = row;
            let (parcel, order, prints) = (parcel.into(), order.into(), stored(prints));
            Papers { parcel, order, merchant, warehouse, carrier, prints, parcels }
        }))
    }
}
