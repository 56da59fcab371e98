//! Stock, what orders hold of it, and its way through the warehouse.

use super::Never;

pub const NEVER: &[Never] = &[
    (
        "stock is never promised twice or negative",
        "select * from stock where not (0 <= held and held <= on_hand)",
    ),
    (
        "the pieces on hand are the sum of all moves",
        "select s.sku, s.warehouse, s.on_hand, coalesce(sum(m.on_hand), 0) as moved
        from stock as s
        left join stock_moves as m on m.sku = s.sku and m.warehouse = s.warehouse
        group by s.sku, s.warehouse
        having s.on_hand <> moved",
    ),
    (
        "each movement goes on from the one before",
        "select *
        from (
            select sku, warehouse, seq, on_hand, balance, coalesce(
                lag(balance) over (partition by sku, warehouse order by seq), 0
            ) as before
            from stock_moves
        )
        where balance <> before + on_hand",
    ),
    (
        "nothing moves that is not stocked",
        "select sku, warehouse
        from stock_moves
        except
        select sku, warehouse
        from stock",
    ),
    (
        "what is held is what orders hold",
        "with wanted as (
            select line.value ->> 'sku' as sku, held.value ->> 'warehouse' as warehouse,
                sum(held.value ->> 'quantity') as pieces
            from orders as o, json_each(o.doc, '$.lines') as line,
                json_each(line.value, '$.held') as held
            group by 1, 2
        )
        select s.sku, s.warehouse, s.held, w.pieces
        from stock as s
        full join wanted as w on w.sku = s.sku and w.warehouse = s.warehouse
        where coalesce(s.held, 0) <> coalesce(w.pieces, 0)",
    ),
    (
        "an order holds what it has neither shipped nor cancelled",
        "select o.id, line.value
        from orders as o, json_each(o.doc, '$.lines') as line
        where (
            select coalesce(sum(held.value ->> 'quantity'), 0)
            from json_each(line.value, '$.held') as held
        ) <> (line.value ->> 'quantity') - (line.value ->> '$.units.cancelled')
            - (line.value ->> '$.units.shipped')
            + coalesce(line.value ->> '$.units.resent', 0)",
    ),
    (
        "units are only where they can be",
        "select o.id, line.value
        from orders as o, json_each(o.doc, '$.lines') as line
        where min(
                line.value ->> '$.units.cancelled', line.value ->> '$.units.packed',
                line.value ->> '$.units.shipped', line.value ->> '$.units.delivered',
                line.value ->> '$.units.in_case', line.value ->> '$.units.returned',
                line.value ->> '$.units.refunded'
            ) < 0
            or line.value ->> '$.units.delivered' > line.value ->> '$.units.shipped'
            or line.value ->> '$.units.returned' > line.value ->> '$.units.delivered'
            or line.value ->> '$.units.refunded' > line.value ->> 'quantity'",
    ),
    (
        "warehouses see exactly what waits: confirmed, not in doubt, held there and in no parcel",
        "with waiting as (
            select o.id, held.value ->> 'warehouse' as warehouse,
                count(*) as lines,
                sum((held.value ->> 'quantity') - max(
                    coalesce(held.value ->> 'packed', 0), coalesce(held.value ->> 'picked', 0)
                )) as pieces
            from orders as o, json_each(o.doc, '$.lines') as line,
                json_each(line.value, '$.held') as held
            where o.state = 'confirmed'
                and json_array_length(o.doc, '$.disputes') = 0
                and (
                    o.doc ->> 'charged_back_minor' = 0
                    or (o.doc ->> 'total_minor') - coalesce(o.doc ->> 'waived_minor', 0)
                        > (o.doc ->> 'refunded_minor') + (o.doc ->> 'charged_back_minor')
                )
                and held.value ->> 'quantity' > max(
                    coalesce(held.value ->> 'packed', 0), coalesce(held.value ->> 'picked', 0)
                )
            group by 1, 2
        )
        select w.*, q.*
        from waiting as w
        full join to_pick as q on q.order_id = w.id and q.warehouse = w.warehouse
        where w.lines is not q.lines or w.pieces is not q.pieces",
    ),
    (
        "an order is late only while something of it is to be shipped",
        "select id
        from orders
        where doc ->> 'late_since' is not null
            and (
                state <> 'confirmed' or doc ->> 'late_since' < doc ->> 'ship_by' or (
                    select sum(
                        (value ->> 'quantity') - (value ->> '$.units.cancelled')
                        - (value ->> '$.units.shipped')
                        + coalesce(value ->> '$.units.resent', 0)
                    )
                    from json_each(doc, '$.lines')
                ) = 0
            )",
    ),
    (
        "what is to be shipped and is not late is watched, and nothing else is",
        "with watched as (
            select o.id, o.doc ->> 'late_since' is null and o.state = 'confirmed' and (
                select sum(
                    (value ->> 'quantity') - (value ->> '$.units.cancelled')
                    - (value ->> '$.units.shipped')
                    + coalesce(value ->> '$.units.resent', 0)
                )
                from json_each(o.doc, '$.lines')
            ) > 0 as wanted, exists (
                select 1 from timers where subject = o.id and kind = 'ship_by'
            ) as so
            from orders as o
            where json_array_length(o.doc, '$.disputes') = 0
                and o.doc ->> 'charged_back_minor' = 0
        )
        select id, wanted, so
        from watched
        where wanted <> so",
    ),
    (
        "what waits is sorted by what its buyer was told",
        "select q.order_id
        from to_pick as q
        left join orders as o on o.id = q.order_id
        where q.ship_by_ms is not o.doc ->> 'ship_by'",
    ),
    (
        "what was picked is held for its order",
        "select o.id, line.value
        from orders as o, json_each(o.doc, '$.lines') as line,
            json_each(line.value, '$.held') as held
        where not (
            0 <= coalesce(held.value ->> 'picked', 0)
            and coalesce(held.value ->> 'picked', 0) <= held.value ->> 'quantity'
        )",
    ),
    (
        "a piece is on one open pick list at most",
        "select portion.value ->> 'order' as ordered, portion.value ->> 'line' as line,
            l.doc ->> 'warehouse' as warehouse, count(*)
        from pick_lists as l, json_each(l.doc, '$.tasks') as task,
            json_each(task.value, '$.portions') as portion
        where task.value ->> 'done' is null
        group by 1, 2, 3
        having count(*) > 1",
    ),
    (
        "an order is taken by the lists that are not through with it, and by no others",
        "with open as (
            select distinct portion.value ->> 'order' as ordered,
                l.doc ->> 'warehouse' as warehouse, l.id
            from pick_lists as l, json_each(l.doc, '$.tasks') as task,
                json_each(task.value, '$.portions') as portion
            where task.value ->> 'done' is null
        )
        select *
        from open as l
        full join picking as p
            on p.order_id = l.ordered and p.warehouse = l.warehouse and p.list = l.id
        where l.id is null or p.list is null",
    ),
    (
        "the queue leaves out what is on a list",
        "select q.order_id, q.taken_by, p.list
        from to_pick as q
        left join picking as p on p.order_id = q.order_id and p.warehouse = q.warehouse
        where (q.taken_by is null) <> (p.list is null)",
    ),
    (
        "the pieces of a list, and how far it is, are those of its tasks",
        "select l.id
        from pick_lists as l
        left join pick_progress as p on p.list = l.id
        where (
            p.wave, p.no, p.state, p.picker, p.wanted, p.picked, p.short, p.dropped
        ) is not (
            select l.doc ->> 'wave', l.doc ->> 'no', l.doc ->> '$.state.is',
                l.doc ->> '$.state.by', sum(portion.value ->> 'units'),
                sum(coalesce(portion.value ->> 'picked', 0)),
                sum(coalesce(portion.value ->> 'short', 0)),
                sum(coalesce(portion.value ->> 'dropped', 0))
            from json_each(l.doc, '$.tasks') as task, json_each(task.value, '$.portions') as portion
        )",
    ),
    (
        "a closed packing is a parcel that holds what was scanned",
        "with scanned as (
            select k.id, k.doc ->> '$.state.parcel' as parcel, line.value ->> 'line' as line,
                line.value ->> 'scanned' as units
            from packings as k, json_each(k.doc, '$.lines') as line
            where k.doc ->> '$.state.is' = 'closed' and line.value ->> 'scanned' > 0
        )
        select s.id, s.line, s.units, p.doc ->> 'picks'
        from scanned as s
        left join parcels as p
            on p.id = s.parcel and p.doc ->> '$.packaging.packing' = s.id
        where not exists (
            select 1
            from json_each(p.doc, '$.picks') as pick
            where pick.value ->> 'line' = s.line and pick.value ->> 'units' = s.units
        )",
    ),
    (
        "a piece with a serial number is in one parcel of ours at a time",
        "select fact ->> 'sku', fact ->> 'serial', count(*)
        from facts
        join parcels on parcels.id = facts.fact ->> 'parcel'
        where kind = 'serial' and parcels.doc ->> '$.state.is' = 'packed'
        group by 1, 2
        having count(*) > 1",
    ),
    (
        "each piece that a parcel names is known by its serial number",
        "select p.id, piece.value
        from parcels as p, json_each(p.doc, '$.packaging.serials') as piece
        where not exists (
            select 1
            from facts as f
            where f.subject = 'serial/' || (piece.value ->> 'sku') || '/'
                    || (piece.value ->> 'serial')
                and f.fact ->> 'parcel' = p.id
        )",
    ),
    (
        "scanners know the barcodes of all SKUs and no others",
        "select s.id, code.value
        from skus as s, json_each(s.doc, '$.barcodes') as code
        where not exists (select 1 from barcodes as b where b.code = code.value and b.sku = s.id)
        union all
        select b.sku, b.code
        from barcodes as b
        join skus as s on s.id = b.sku
        where b.code not in (select value from json_each(s.doc, '$.barcodes'))",
    ),
];
