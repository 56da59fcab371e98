//! Postings, payments, refunds, cash and payouts.

use super::Never;

pub const NEVER: &[Never] = &[
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
];
