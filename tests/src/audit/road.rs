//! Parcels on their way, what carriers say of them, and what is told to others.

use super::Never;

pub const NEVER: &[Never] = &[
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
        "no waybill number is on two parcels",
        "select waybill, count(*)
        from parcels
        where waybill is not null
        group by waybill
        having count(*) > 1",
    ),
];
