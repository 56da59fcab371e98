//! The auditor: what must hold in every shop at every moment, checked on the database itself by
//! rules of its own. It shares no arithmetic with the product.

use crate::{Books, Shop};
use serde_json::Value;

/// A sentence, and a query for everything that contradicts it.
const NEVER: &[(&str, &str)] = &[
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
        "what a carrier sent is kept as it came, for each scan it brought",
        "select f.key
        from facts as f
        where f.kind = 'tracking'
            and not exists (
                select 1
                from facts as p
                where p.subject = 'push:' || (f.fact ->> 'push') and p.kind = 'push'
            )",
    ),
    (
        "a correction names only scans that were told",
        "select c.key, named.value
        from facts as c, json_each(c.fact, '$.withdrawn') as named
        where c.kind = 'correction'
            and not exists (
                select 1
                from facts as f
                where f.kind = 'tracking'
                    and f.fact ->> 'told_by' = c.fact ->> 'told_by'
                    and instr(f.key, named.value) > 0
            )",
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
        "the number on a label is used by its parcel and by no other",
        "select p.id, p.waybill
        from parcels as p
        left join waybills as w on w.id = p.waybill
        where p.waybill is not null and w.doc ->> 'used_by' is not p.id",
    ),
    (
        "whoever waits for a carrier's answer has asked, and is not given up",
        "select p.id, p.doc ->> '$.carriage.request'
        from parcels as p
        left join outbox as o on o.id = (p.doc ->> '$.carriage.request.id') || ':book'
        where p.doc ->> '$.carriage.request' is not null and o.state is not 'waiting'",
    ),
    (
        "a parcel that is to leave with a manifest is on it, and on no other that is open",
        "with listed as (
            select m.id as manifest, m.doc ->> '$.state.is' as state, row.value ->> 'parcel' as id
            from manifests as m, json_each(m.doc, '$.rows') as row
        )
        select p.id, p.doc ->> '$.carriage.manifest'
        from parcels as p
        left join listed as l
            on l.id = p.id and l.manifest = p.doc ->> '$.carriage.manifest'
        where p.doc ->> '$.carriage.manifest' is not null and l.id is null
        union all
        select l.id, l.manifest
        from listed as l
        join parcels as p on p.id = l.id
        where l.state = 'handed_over' and p.doc ->> '$.state.is' = 'packed'
            and p.doc ->> '$.carriage.manifest' = l.manifest",
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
        "every posting sums to zero",
        "select posting, currency, sum(amount_minor)
        from ledger
        group by posting, currency
        having sum(amount_minor) <> 0",
    ),
    (
        "what the gateway holds for a payment is what it captured and did not pay back",
        "with booked as (
            select subject, sum(amount_minor) as minor
            from ledger
            where (account like 'gateway:%' or account like 'carrier:%') and kind in (
                'capture', 'collected', 'collection_reversed', 'refunded', 'refund_returned',
                'refunded_twice', 'chargeback'
            )
            group by subject
        ),
        told as (
            select p.id, (
                select coalesce(sum(value ->> 'captured_minor'), 0)
                from json_each(p.doc, '$.attempts')
            ) - (
                select coalesce(sum((value ->> 'amount_minor') * (
                    (value ->> '$.state.is' = 'succeeded')
                    + coalesce(value ->> '$.state.how.by' = 'chargeback', 0)
                    + coalesce(value ->> '$.state.twice', 0)
                )), 0)
                from json_each(p.doc, '$.refunds')
            ) - (
                select coalesce(sum(value ->> '$.state.taken_minor'), 0)
                from json_each(p.doc, '$.disputes')
            ) as minor
            from payments as p
        )
        select t.id, t.minor, b.minor
        from told as t
        left join booked as b on b.subject = t.id
        where t.minor <> coalesce(b.minor, 0)",
    ),
    (
        "nobody gets back more than they paid, unless a bank took what was refunded before",
        "select p.id
        from payments as p
        where (
            select coalesce(sum(value ->> 'amount_minor'), 0)
            from json_each(p.doc, '$.refunds')
            where value ->> '$.state.is' <> 'replaced'
        ) + (
            select coalesce(sum(value ->> '$.state.taken_minor'), 0)
            from json_each(p.doc, '$.disputes')
        ) > (
            select coalesce(sum(value ->> 'captured_minor'), 0) from json_each(p.doc, '$.attempts')
        ) + (
            select coalesce(sum(amount_minor), 0)
            from ledger
            where account = 'platform:losses' and kind = 'chargeback' and subject = p.id
        )",
    ),
    (
        "money on its way back is booked as such until it is there",
        "with booked as (
            select account, -sum(amount_minor) as minor
            from ledger
            where account like 'refunding:%'
            group by account
        )
        select p.id, b.minor
        from payments as p
        left join booked as b on b.account = 'refunding:' || p.id
        where coalesce(b.minor, 0) <> (
            select coalesce(sum(value ->> 'amount_minor'), 0)
            from json_each(p.doc, '$.refunds')
            where value ->> '$.state.is' not in ('succeeded', 'replaced', 'paid_otherwise')
        )",
    ),
    (
        "the escrow of an order is what it is worth and nobody got yet",
        "with booked as (
            select account, -sum(amount_minor) as minor
            from ledger
            where account like 'escrow:%'
            group by account
        )
        select o.id, o.state, b.minor
        from orders as o
        left join booked as b on b.account = 'escrow:' || o.id
        where coalesce(b.minor, 0) <> case
            when o.doc ->> 'cod' is not null and o.doc ->> '$.settlement.is' <> 'settled'
                then (o.doc ->> '$.cod.collected_minor') - (o.doc ->> 'refunded_minor')
            when o.state = 'cancelled' or o.doc ->> '$.settlement.is' = 'settled' then 0
            when o.state = 'awaiting_payment' then (
                select share.value ->> 'applied_minor'
                from payments as p, json_each(p.doc, '$.shares') as share
                where p.id = o.doc ->> 'payment' and share.value ->> 'order' = o.id
            )
            else (o.doc ->> 'total_minor') - (o.doc ->> 'refunded_minor')
                - coalesce(o.doc ->> 'waived_minor', 0) - (o.doc ->> 'charged_back_minor')
        end",
    ),
    (
        "what is due for an order is its total less what was waived",
        "select o.id, share.value
        from orders as o
        join payments as p on p.id = o.doc ->> 'payment', json_each(p.doc, '$.shares') as share
        where share.value ->> 'order' = o.id
            and (
                share.value ->> 'due_minor'
                    <> (o.doc ->> 'total_minor') - coalesce(o.doc ->> 'waived_minor', 0)
                or share.value ->> 'due_minor' < 0
                or share.value ->> 'applied_minor' > share.value ->> 'due_minor'
            )",
    ),
    (
        "the suspense of a gateway is what nobody has explained or decided on",
        "with booked as (
            select account, currency, -sum(amount_minor) as minor
            from ledger
            where account like 'suspense:%'
            group by account, currency
        ),
        open as (
            select 'suspense:' || (doc ->> 'gateway') as account, doc ->> 'currency' as currency,
                sum((doc ->> 'amount_minor') - coalesce(doc ->> 'settled_minor', 0)) as minor
            from suspense
            group by 1, 2
        )
        select b.account, b.currency, b.minor, o.minor
        from booked as b
        full join open as o on o.account = b.account and o.currency = b.currency
        where coalesce(b.minor, 0) <> coalesce(o.minor, 0)",
    ),
    (
        "a payment says that it needs a person when one of its refunds does",
        "select p.id
        from payments as p
        where (p.doc ->> 'needs_person') <> exists (
            select 1
            from json_each(p.doc, '$.refunds')
            where value ->> '$.state.is' = 'undecided'
                or value ->> '$.state.is' = 'failed' and value ->> '$.state.again_at' is null
                or value ->> '$.state.is' = 'requested'
                    and value ->> 'gateway' = 'cash_on_delivery'
        )",
    ),
    (
        "what is due of refunds has a timer",
        "with due as (
            select p.id as id, value ->> 'state' as state
            from payments as p, json_each(p.doc, '$.refunds')
            union all
            select s.id, value ->> 'state'
            from suspense as s, json_each(s.doc, '$.refunds')
        )
        select id, state
        from due
        where (state ->> 'look_at' is not null or state ->> 'again_at' is not null)
            and not exists (
                select 1 from timers where subject = due.id and kind = 'refunds_due'
            )",
    ),
    (
        "an order under dispute is not settled, unless it was before",
        "select o.id
        from orders as o, json_each(o.doc, '$.disputes') as open
        join journal as opened on opened.id = o.id
            and opened.event ->> 'event' = 'disputed'
            and opened.event ->> 'dispute' = open.value
        join journal as settled on settled.id = o.id
            and settled.event ->> 'event' = 'settled'
        where settled.seq > opened.seq",
    ),
    (
        "what couriers are to collect and nobody has packed yet is what is due",
        "select o.id
        from orders as o
        where o.doc ->> 'cod' is not null and o.state <> 'cancelled'
            and (o.doc ->> 'total_minor') - coalesce(o.doc ->> 'waived_minor', 0) <> (
                select sum(value ->> '$.cash.open_minor') from json_each(o.doc, '$.lines')
            ) + case
                when o.doc ->> '$.cod.shipping_with' is null and not o.doc ->> '$.shipping.refunded'
                    then o.doc ->> '$.shipping.paid_minor'
                else 0
            end + (
                select coalesce(sum(p.doc ->> '$.cash.collect.shipping_minor'), 0)
                from parcels as p
                where p.order_id = o.id and p.doc ->> '$.state.is' in ('packed', 'shipped')
            ) + (
                select coalesce(sum(line.value ->> 'minor'), 0)
                from parcels as p, json_each(p.doc, '$.cash.collect.lines') as line
                where p.order_id = o.id and p.doc ->> '$.state.is' in ('packed', 'shipped')
            )",
    ),
    (
        "shipping is asked for with some parcel as long as one can bring it",
        "select o.id
        from orders as o
        where o.doc ->> 'cod' is not null and o.state <> 'cancelled'
            and o.doc ->> '$.cod.shipping_with' is null
            and not o.doc ->> '$.shipping.refunded'
            and o.doc ->> '$.shipping.paid_minor' > 0
            and (
                select sum(
                    (value ->> 'quantity') - (value ->> '$.units.cancelled')
                    - (value ->> '$.units.packed') - (value ->> '$.units.shipped')
                    + coalesce(value ->> '$.units.resent', 0)
                )
                from json_each(o.doc, '$.lines')
            ) = 0",
    ),
    (
        "a carrier's account is the cash that it collected and nobody got or gave up",
        "with booked as (
            select account, sum(amount_minor) as minor
            from ledger
            where account like 'carrier:%' and kind not in ('claim_accepted', 'claim_paid')
            group by account
        ),
        told as (
            select 'carrier:' || (doc ->> '$.label.carrier') as account, sum(case
                when doc ->> '$.cash.collected_at' is null then 0
                else (
                    select coalesce(sum(value ->> 'minor'), 0)
                    from json_each(doc, '$.cash.collect.lines')
                ) + (doc ->> '$.cash.collect.shipping_minor')
            end - (doc ->> '$.cash.written_off_minor')) as minor
            from parcels
            where doc ->> 'cash' is not null and doc ->> 'label' is not null
            group by 1
        ),
        paid as (
            select 'carrier:' || (fact ->> 'carrier') as account,
                sum(fact ->> '$.amount.amount') as minor
            from facts
            where kind = 'remittance'
            group by 1
        )
        select b.account, b.minor, t.minor, p.minor
        from booked as b
        left join told as t on t.account = b.account
        left join paid as p on p.account = b.account
        where b.minor <> coalesce(t.minor, 0) - coalesce(p.minor, 0)",
    ),
    (
        "what carriers accept and do not pay of claims is on their accounts, and no more",
        "with booked as (
            select account, sum(amount_minor) as minor
            from ledger
            where account like 'carrier:%' and kind in ('claim_accepted', 'claim_paid')
            group by account
        ),
        told as (
            select 'carrier:' || (doc ->> 'carrier') as account, sum(case
                doc ->> '$.claim.state.is'
                when 'accepted' then doc ->> '$.claim.state.amount_minor'
                else 0
            end) as minor
            from exceptions
            group by 1
        )
        select t.account, t.minor, b.minor
        from told as t
        left join booked as b on b.account = t.account
        where coalesce(t.minor, 0) <> coalesce(b.minor, 0)",
    ),
    (
        "units sent again were in parcels that were given up to send them again",
        "select o.id, line.value
        from orders as o, json_each(o.doc, '$.lines') as line
        where coalesce(line.value ->> '$.units.resent', 0) <> (
            select coalesce(sum(pick.value ->> 'units'), 0)
            from parcels as p, json_each(p.doc, '$.picks') as pick
            where p.order_id = o.id
                and p.doc ->> '$.state.is' = 'given_up'
                and p.doc ->> '$.state.sent_again'
                and pick.value ->> 'line' = line.value ->> 'no'
        )",
    ),
    (
        "an order knows the exceptions that are open, and a parcel has one of a kind",
        "select o.id
        from orders as o
        where (
            select count(*) from json_each(o.doc, '$.open_exceptions')
        ) <> (
            select count(*) from exceptions as e
            where e.order_id = o.id and e.state <> 'resolved'
        )
        union all
        select parcel_id
        from exceptions
        where state <> 'resolved'
        group by parcel_id, doc ->> 'kind'
        having count(*) > 1",
    ),
    (
        "the time to completion stands still while something is open, and has a timer else",
        "select o.id
        from orders as o
        where (o.doc ->> '$.clock.is' = 'running') <> exists (
                select 1 from timers as t where t.subject = o.id and t.kind = 'auto_complete'
                    and t.due_at_ms = o.doc ->> '$.clock.due'
            )
            or o.doc ->> '$.clock.is' = 'running' and (
                o.doc ->> '$.open_cases[0]' is not null
                or o.doc ->> '$.open_exceptions[0]' is not null
            )",
    ),
    (
        "an order waits for the cash that its parcels wait for",
        "select o.id
        from orders as o
        where o.doc ->> 'cod' is not null
            and o.doc ->> '$.cod.owed_minor' <> (
                select coalesce(sum(p.doc ->> '$.cash.owed_minor'), 0)
                from parcels as p
                where p.order_id = o.id
            )",
    ),
    (
        "no order is settled while a carrier has its cash",
        "select id
        from orders
        where doc ->> '$.settlement.is' = 'settled' and doc ->> '$.cod.owed_minor' > 0",
    ),
    (
        "a statement is the sum of its lines and what was carried",
        "select s.id
        from statements as s
        where s.doc ->> 'net_minor' <> (s.doc ->> 'carried_minor') - (
            select coalesce(sum(amount_minor), 0)
            from ledger
            where account = 'merchant:' || s.merchant and kind <> 'payout'
                and line > s.doc ->> 'after_line' and line <= s.doc ->> 'to_line'
        )",
    ),
    (
        "a merchant is never paid more than they earned",
        "select account, sum(amount_minor)
        from ledger
        where account like 'merchant:%' and kind <> 'chargeback'
        group by account
        having sum(amount_minor) > 0",
    ),
    (
        "what was sent is in the delivery log",
        "select o.id, o.recipient
        from outbox as o
        where o.state = 'sent'
            and not exists (
                select 1 from attempts as a where a.message = o.id and a.outcome = 'sent'
            )",
    ),
    (
        "what was routed goes on as others",
        "select o.id, o.note
        from outbox as o
        where o.state = 'routed'
            and not exists (
                select 1
                from outbox as made
                where made.id >= o.id || ':'
                    and made.id < o.id || ';'
                    and made.recipient in ('endpoint', 'sms', 'email', 'push')
            )",
    ),
    (
        "an endpoint has one secret in use",
        "select e.id
        from endpoints as e
        where (
            select count(*)
            from json_each(e.doc, '$.secrets') as secret
            where secret.value ->> 'until' is null
        ) <> 1",
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
    (
        "no waybill number is on two parcels",
        "select waybill, count(*)
        from parcels
        where waybill is not null
        group by waybill
        having count(*) > 1",
    ),
];

impl Books {
    /// Fails the test if anything contradicts a rule that always holds.
    pub fn are_right(&self) {
        for (sentence, contradictions) in NEVER {
            let found = self.rows(contradictions);
            assert!(found.is_empty(), "the auditor: {sentence}, but\n{found:#?}");
        }
        self.journal_rebuilds_everything();
    }
}

impl Shop {
    /// The database, for reading.
    pub fn books(&self) -> Books {
        Books::open(&self.stage().database())
    }

    /// Checks the books by themselves and against what the gateway did, and that nothing trapped.
    pub async fn audit(&self) {
        let books = self.books();
        books.are_right();
        let asking =
            "select count(*) from outbox where recipient = 'gateway' and state = 'waiting'";
        let open = "select count(*) from (
                select value ->> '$.state.is' as state
                from payments as p, json_each(p.doc, '$.refunds')
                union all
                select value ->> '$.state.is' from suspense as s, json_each(s.doc, '$.refunds')
            )
            where state in ('requested', 'accepted', 'undecided')";
        if books.number(asking) + books.number(open) == 0 {
            self.gateway_agrees(&books);
        }
        let traps = self.stage().traps().await.unwrap_or_else(|error| panic!("{error:#}"));
        assert_eq!(traps, 0, "an instance trapped");
    }

    /// Each refund that has happened at the gateway has happened in the books, with its amount.
    fn gateway_agrees(&self, books: &Books) {
        let sql = "select value ->> 'id', value ->> 'amount_minor'
            from payments as p, json_each(p.doc, '$.refunds')
            where value ->> '$.state.is' = 'succeeded' or value ->> '$.state.twice' = 1
            union all
            select value ->> 'id', value ->> 'amount_minor'
            from suspense as s, json_each(s.doc, '$.refunds')
            where value ->> '$.state.is' = 'succeeded'
            order by 1";
        let booked = books.rows(sql);
        let done = self.gateway.refunds().into_iter().filter(|refund| refund.status == "succeeded");
        let number = |refund: &partners::Refund| {
            let ours = refund.metadata.get("refund_no").cloned().unwrap_or_default();
            vec![Value::String(ours), refund.amount.into()]
        };
        let mut done: Vec<Vec<Value>> = done.map(|refund| number(&refund)).collect();
        done.sort_by(|a, b| a[0].as_str().cmp(&b[0].as_str()));
        assert_eq!(done, booked, "what the gateway paid back, and what the books say");
    }
}
