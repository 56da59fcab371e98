-- The only write door: one row of JSON is one commit, applied whole or skipped whole.
--
-- `insert into batches` takes a list of commits and applies each through the trigger of `commits`.
-- That one checks all guards first; if one fails it skips the row (`raise(ignore)`): a refusal.
-- Only then it writes. So several commits share one statement and one flush to disk, and each is
-- accepted or refused on its own. The ids of the accepted ones are in `applied` until the next
-- batch, and the statement returns them as one row: SQLite ends a statement, and with it the lock,
-- only when its last row was taken, and a row per commit would hold the lock for as long as a
-- function needs to fetch them. The body is JSONB, so that its parts are found without parsing; a
-- document stands in it once, and rows and events name its place (`$.docs[0]`), so that it is
-- rendered once for each place it is written to.
--
-- `bodies` are the commits one after the other, as bytes; `cuts` says where each begins (from 1)
-- and how long it is. A list inside JSON would be parsed, rendered and parsed again.

create table if not exists applied (
    commit_id text not null primary key
) strict, without rowid;

create view if not exists commits (body) as
select null
where false;

create trigger if not exists commits_apply instead of insert on commits
begin
    select raise(ignore)
    where exists (
        select 1
        from json_each(new.body, '$.merchants') as wanted
        left join merchants as known on known.id = wanted.value ->> 'id'
        where coalesce(known.version, 0) <> wanted.value ->> 'version'
    );

    select raise(ignore)
    where exists (
        select 1
        from json_each(new.body, '$.warehouses') as wanted
        left join warehouses as known on known.id = wanted.value ->> 'id'
        where coalesce(known.version, 0) <> wanted.value ->> 'version'
    );

    select raise(ignore)
    where exists (
        select 1
        from json_each(new.body, '$.skus') as wanted
        left join skus as known on known.id = wanted.value ->> 'id'
        where coalesce(known.version, 0) <> wanted.value ->> 'version'
    );

    select raise(ignore)
    where exists (
        select 1
        from json_each(new.body, '$.policies') as wanted
        left join policies as known on known.id = wanted.value ->> 'id'
        where coalesce(known.version, 0) <> wanted.value ->> 'version'
    );

    select raise(ignore)
    where exists (
        select 1
        from json_each(new.body, '$.orders') as wanted
        left join orders as known on known.id = wanted.value ->> 'id'
        where coalesce(known.version, 0) <> wanted.value ->> 'version'
    );

    select raise(ignore)
    where exists (
        select 1
        from json_each(new.body, '$.payments') as wanted
        left join payments as known on known.id = wanted.value ->> 'id'
        where coalesce(known.version, 0) <> wanted.value ->> 'version'
    );

    select raise(ignore)
    where exists (
        select 1
        from json_each(new.body, '$.parcels') as wanted
        left join parcels as known on known.id = wanted.value ->> 'id'
        where coalesce(known.version, 0) <> wanted.value ->> 'version'
    );

    select raise(ignore)
    where exists (
        select 1
        from json_each(new.body, '$.waybills') as wanted
        left join waybills as known on known.id = wanted.value ->> 'id'
        where coalesce(known.version, 0) <> wanted.value ->> 'version'
    );

    select raise(ignore)
    where exists (
        select 1
        from json_each(new.body, '$.after_sales') as wanted
        left join after_sales as known on known.id = wanted.value ->> 'id'
        where coalesce(known.version, 0) <> wanted.value ->> 'version'
    );

    select raise(ignore)
    where exists (
        select 1
        from json_each(new.body, '$.statements') as wanted
        left join statements as known on known.id = wanted.value ->> 'id'
        where coalesce(known.version, 0) <> wanted.value ->> 'version'
    );

    select raise(ignore)
    where exists (
        select 1
        from json_each(new.body, '$.once') as wanted
        join once as known on known.key = wanted.value ->> 'key'
    );

    select raise(ignore)
    where exists (
        select 1
        from json_each(new.body, '$.facts') as wanted
        join facts as known on known.key = wanted.value ->> 'key'
    );

    select raise(ignore)
    where exists (
        select 1
        from json_each(new.body, '$.stock') as wanted
        left join stock as known
            on known.sku = wanted.value ->> 'sku'
            and known.warehouse = wanted.value ->> 'warehouse'
        where not (
            0 <= coalesce(known.held, 0) + (wanted.value ->> 'held')
            and coalesce(known.held, 0) + (wanted.value ->> 'held')
                <= coalesce(known.on_hand, 0) + (wanted.value ->> 'on_hand')
        )
    );

    select raise(ignore)
    where exists (
        select 1
        from json_each(new.body, '$.moves') as counted
        left join stock as known
            on known.sku = counted.value ->> 'sku'
            and known.warehouse = counted.value ->> 'warehouse'
        where counted.value ->> 'known' is not null
            and coalesce(known.on_hand, 0) <> counted.value ->> 'known'
    );

    select raise(ignore)
    where exists (
        select 1
        from json_each(new.body, '$.sent') as wanted
        left join outbox as known on known.id = wanted.value ->> 'id'
        where coalesce(known.attempts, -1) <> wanted.value ->> 'attempts'
    );

    select raise(abort, 'a posting does not sum to zero')
    where exists (
        select 1
        from json_each(new.body, '$.postings')
        group by value ->> 'no', value ->> 'currency'
        having sum(value ->> 'amount_minor') <> 0
    );

    insert into merchants (id, version, doc)
    select value ->> 'id', (value ->> 'version') + 1, new.body -> (value ->> 'doc')
    from json_each(new.body, '$.merchants')
    where true
    on conflict (id) do update set
        version = excluded.version,
        doc = excluded.doc;

    insert into warehouses (id, version, doc)
    select value ->> 'id', (value ->> 'version') + 1, new.body -> (value ->> 'doc')
    from json_each(new.body, '$.warehouses')
    where true
    on conflict (id) do update set
        version = excluded.version,
        doc = excluded.doc;

    insert into skus (id, version, doc)
    select value ->> 'id', (value ->> 'version') + 1, new.body -> (value ->> 'doc')
    from json_each(new.body, '$.skus')
    where true
    on conflict (id) do update set
        version = excluded.version,
        doc = excluded.doc;

    insert into policies (id, version, doc)
    select value ->> 'id', (value ->> 'version') + 1, new.body -> (value ->> 'doc')
    from json_each(new.body, '$.policies')
    where true
    on conflict (id) do update set
        version = excluded.version,
        doc = excluded.doc;

    insert into orders (id, version, doc)
    select value ->> 'id', (value ->> 'version') + 1, new.body -> (value ->> 'doc')
    from json_each(new.body, '$.orders')
    where true
    on conflict (id) do update set
        version = excluded.version,
        doc = excluded.doc;

    insert into payments (id, version, doc)
    select value ->> 'id', (value ->> 'version') + 1, new.body -> (value ->> 'doc')
    from json_each(new.body, '$.payments')
    where true
    on conflict (id) do update set
        version = excluded.version,
        doc = excluded.doc;

    insert into parcels (id, version, doc)
    select value ->> 'id', (value ->> 'version') + 1, new.body -> (value ->> 'doc')
    from json_each(new.body, '$.parcels')
    where true
    on conflict (id) do update set
        version = excluded.version,
        doc = excluded.doc;

    insert into waybills (id, version, doc)
    select value ->> 'id', (value ->> 'version') + 1, new.body -> (value ->> 'doc')
    from json_each(new.body, '$.waybills')
    where true
    on conflict (id) do update set
        version = excluded.version,
        doc = excluded.doc;

    insert into after_sales (id, version, doc)
    select value ->> 'id', (value ->> 'version') + 1, new.body -> (value ->> 'doc')
    from json_each(new.body, '$.after_sales')
    where true
    on conflict (id) do update set
        version = excluded.version,
        doc = excluded.doc;

    insert into statements (id, version, doc)
    select value ->> 'id', (value ->> 'version') + 1, new.body -> (value ->> 'doc')
    from json_each(new.body, '$.statements')
    where true
    on conflict (id) do update set
        version = excluded.version,
        doc = excluded.doc;

    insert into stock (sku, warehouse, on_hand, held)
    select value ->> 'sku', value ->> 'warehouse', 0, 0
    from json_each(new.body, '$.stock')
    where true
    on conflict (sku, warehouse) do nothing;

    update stock
    set
        on_hand = stock.on_hand + (delta.value ->> 'on_hand'),
        held = stock.held + (delta.value ->> 'held')
    from json_each(new.body, '$.stock') as delta
    where stock.sku = delta.value ->> 'sku'
        and stock.warehouse = delta.value ->> 'warehouse';

    insert into stock_moves (
        at_ms, sku, warehouse, on_hand, balance, why, note, about, commit_id, actor
    )
    select
        new.body ->> 'at_ms',
        move.value ->> 'sku',
        move.value ->> 'warehouse',
        move.value ->> 'on_hand',
        stock.on_hand - coalesce(
            sum(move.value ->> 'on_hand') over (
                partition by move.value ->> 'sku', move.value ->> 'warehouse'
                order by move.key
                rows between 1 following and unbounded following
            ), 0
        ),
        move.value ->> 'why',
        move.value ->> 'note',
        move.value ->> 'about',
        new.body ->> 'id',
        new.body ->> 'actor'
    from json_each(new.body, '$.moves') as move
    join stock
        on stock.sku = move.value ->> 'sku'
        and stock.warehouse = move.value ->> 'warehouse'
    order by move.key;

    insert into journal (at_ms, kind, id, version, event, actor, commit_id)
    select
        new.body ->> 'at_ms',
        value ->> 'kind',
        value ->> 'id',
        value ->> 'version',
        coalesce(
            value -> 'event',
            (value ->> 'before') || (new.body -> (value ->> 'doc')) || (value ->> 'after')
        ),
        new.body ->> 'actor',
        new.body ->> 'id'
    from json_each(new.body, '$.events');

    insert into ledger (at_ms, posting, kind, subject, account, currency, amount_minor)
    select
        value ->> 'at_ms',
        (new.body ->> 'id') || ':' || (value ->> 'no'),
        value ->> 'kind',
        value ->> 'subject',
        value ->> 'account',
        value ->> 'currency',
        value ->> 'amount_minor'
    from json_each(new.body, '$.postings');

    insert into facts (key, kind, subject, occurred_at_ms, received_at_ms, verdict, fact, raw)
    select
        value ->> 'key',
        value ->> 'kind',
        value ->> 'subject',
        value ->> 'occurred_at',
        new.body ->> 'at_ms',
        value ->> 'verdict',
        value -> 'fact',
        value ->> 'raw'
    from json_each(new.body, '$.facts');

    insert into once (key, hash, answer, until_ms)
    select value ->> 'key', value ->> 'hash', value ->> 'answer', value ->> 'until_ms'
    from json_each(new.body, '$.once');

    delete from timers
    where (subject, kind) in (
        select value ->> 'subject', value ->> 'kind'
        from json_each(new.body, '$.timers')
    );

    insert into timers (subject, kind, due_at_ms)
    select value ->> 'subject', value ->> 'kind', value ->> 'due_at_ms'
    from json_each(new.body, '$.timers')
    where value ->> 'due_at_ms' is not null;

    insert into outbox (
        id, created_at_ms, recipient, message, trace, state, attempts, due_at_ms
    )
    select
        value ->> 'id',
        new.body ->> 'at_ms',
        value ->> 'recipient',
        value -> 'message',
        new.body ->> 'trace',
        'waiting',
        0,
        new.body ->> 'at_ms'
    from json_each(new.body, '$.outbox')
    where true
    on conflict (id) do nothing;

    update outbox
    set
        attempts = attempts + (sent.value ->> 'claim'),
        state = sent.value ->> 'state',
        due_at_ms = sent.value ->> 'due_at_ms',
        note = sent.value ->> 'note'
    from json_each(new.body, '$.sent') as sent
    where outbox.id = sent.value ->> 'id';

    insert into applied (commit_id)
    values (new.body ->> 'id');
end;

create view if not exists batches (bodies, cuts) as
select null, null
where false;

create trigger if not exists batches_apply instead of insert on batches
begin
    delete from applied;

    insert into commits (body)
    select jsonb(cast(substr(new.bodies, value ->> 0, value ->> 1) as text))
    from json_each(new.cuts);
end;
