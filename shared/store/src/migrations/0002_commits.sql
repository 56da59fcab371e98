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

-- Each part of a commit is written by a trigger of its own, which runs only if the commit has that
-- part: a trigger opens every table and index that it may write, and most commits write few.

create view if not exists write_merchants (body) as
select null
where false;

create trigger if not exists write_merchants_apply instead of insert on write_merchants
begin
    insert into merchants (id, version, doc)
    select value ->> 'id', (value ->> 'version') + 1, new.body -> (value ->> 'doc')
    from json_each(new.body, '$.merchants')
    where true
    on conflict (id) do update set
        version = excluded.version,
        doc = excluded.doc;
end;

create view if not exists write_warehouses (body) as
select null
where false;

create trigger if not exists write_warehouses_apply instead of insert on write_warehouses
begin
    insert into warehouses (id, version, doc)
    select value ->> 'id', (value ->> 'version') + 1, new.body -> (value ->> 'doc')
    from json_each(new.body, '$.warehouses')
    where true
    on conflict (id) do update set
        version = excluded.version,
        doc = excluded.doc;
end;

create view if not exists write_skus (body) as
select null
where false;

create trigger if not exists write_skus_apply instead of insert on write_skus
begin
    insert into skus (id, version, doc)
    select value ->> 'id', (value ->> 'version') + 1, new.body -> (value ->> 'doc')
    from json_each(new.body, '$.skus')
    where true
    on conflict (id) do update set
        version = excluded.version,
        doc = excluded.doc;

    delete from barcodes
    where sku in (select value ->> 'id' from json_each(new.body, '$.skus'));

    insert into barcodes (code, sku)
    select code.value, sku.value ->> 'id'
    from json_each(new.body, '$.skus') as sku,
        json_each(new.body -> (sku.value ->> 'doc'), '$.barcodes') as code;
end;

create view if not exists write_boxes (body) as
select null
where false;

create trigger if not exists write_boxes_apply instead of insert on write_boxes
begin
    insert into boxes (id, version, doc)
    select value ->> 'id', (value ->> 'version') + 1, new.body -> (value ->> 'doc')
    from json_each(new.body, '$.boxes')
    where true
    on conflict (id) do update set
        version = excluded.version,
        doc = excluded.doc;
end;

create view if not exists write_policies (body) as
select null
where false;

create trigger if not exists write_policies_apply instead of insert on write_policies
begin
    insert into policies (id, version, doc)
    select value ->> 'id', (value ->> 'version') + 1, new.body -> (value ->> 'doc')
    from json_each(new.body, '$.policies')
    where true
    on conflict (id) do update set
        version = excluded.version,
        doc = excluded.doc;
end;

create view if not exists write_rates (body) as
select null
where false;

create trigger if not exists write_rates_apply instead of insert on write_rates
begin
    insert into rates (id, version, doc)
    select value ->> 'id', (value ->> 'version') + 1, new.body -> (value ->> 'doc')
    from json_each(new.body, '$.rates')
    where true
    on conflict (id) do update set
        version = excluded.version,
        doc = excluded.doc;
end;

create view if not exists write_carriers (body) as
select null
where false;

create trigger if not exists write_carriers_apply instead of insert on write_carriers
begin
    insert into carriers (id, version, doc)
    select value ->> 'id', (value ->> 'version') + 1, new.body -> (value ->> 'doc')
    from json_each(new.body, '$.carriers')
    where true
    on conflict (id) do update set
        version = excluded.version,
        doc = excluded.doc;
end;

create view if not exists write_orders (body) as
select null
where false;

create trigger if not exists write_orders_apply instead of insert on write_orders
begin
    insert into orders (id, version, doc)
    select value ->> 'id', (value ->> 'version') + 1, new.body -> (value ->> 'doc')
    from json_each(new.body, '$.orders')
    where true
    on conflict (id) do update set
        version = excluded.version,
        doc = excluded.doc;
end;

create view if not exists write_payments (body) as
select null
where false;

create trigger if not exists write_payments_apply instead of insert on write_payments
begin
    insert into payments (id, version, doc)
    select value ->> 'id', (value ->> 'version') + 1, new.body -> (value ->> 'doc')
    from json_each(new.body, '$.payments')
    where true
    on conflict (id) do update set
        version = excluded.version,
        doc = excluded.doc;
end;

create view if not exists write_suspense (body) as
select null
where false;

create trigger if not exists write_suspense_apply instead of insert on write_suspense
begin
    insert into suspense (id, version, doc)
    select value ->> 'id', (value ->> 'version') + 1, new.body -> (value ->> 'doc')
    from json_each(new.body, '$.suspense')
    where true
    on conflict (id) do update set
        version = excluded.version,
        doc = excluded.doc;
end;

create view if not exists write_packings (body) as
select null
where false;

create trigger if not exists write_packings_apply instead of insert on write_packings
begin
    insert into packings (id, version, doc)
    select value ->> 'id', (value ->> 'version') + 1, new.body -> (value ->> 'doc')
    from json_each(new.body, '$.packings')
    where true
    on conflict (id) do update set
        version = excluded.version,
        doc = excluded.doc;
end;

create view if not exists write_parcels (body) as
select null
where false;

create trigger if not exists write_parcels_apply instead of insert on write_parcels
begin
    insert into parcels (id, version, doc)
    select value ->> 'id', (value ->> 'version') + 1, new.body -> (value ->> 'doc')
    from json_each(new.body, '$.parcels')
    where true
    on conflict (id) do update set
        version = excluded.version,
        doc = excluded.doc;
end;

create view if not exists write_prints (body) as
select null
where false;

create trigger if not exists write_prints_apply instead of insert on write_prints
begin
    insert into prints (id, version, doc)
    select value ->> 'id', (value ->> 'version') + 1, new.body -> (value ->> 'doc')
    from json_each(new.body, '$.prints')
    where true
    on conflict (id) do update set
        version = excluded.version,
        doc = excluded.doc;
end;

create view if not exists write_waybills (body) as
select null
where false;

create trigger if not exists write_waybills_apply instead of insert on write_waybills
begin
    insert into waybills (id, version, doc)
    select value ->> 'id', (value ->> 'version') + 1, new.body -> (value ->> 'doc')
    from json_each(new.body, '$.waybills')
    where true
    on conflict (id) do update set
        version = excluded.version,
        doc = excluded.doc;
end;

create view if not exists write_manifests (body) as
select null
where false;

create trigger if not exists write_manifests_apply instead of insert on write_manifests
begin
    insert into manifests (id, version, doc)
    select value ->> 'id', (value ->> 'version') + 1, new.body -> (value ->> 'doc')
    from json_each(new.body, '$.manifests')
    where true
    on conflict (id) do update set
        version = excluded.version,
        doc = excluded.doc;
end;

create view if not exists write_after_sales (body) as
select null
where false;

create trigger if not exists write_after_sales_apply instead of insert on write_after_sales
begin
    insert into after_sales (id, version, doc)
    select value ->> 'id', (value ->> 'version') + 1, new.body -> (value ->> 'doc')
    from json_each(new.body, '$.after_sales')
    where true
    on conflict (id) do update set
        version = excluded.version,
        doc = excluded.doc;
end;

create view if not exists write_exceptions (body) as
select null
where false;

create trigger if not exists write_exceptions_apply instead of insert on write_exceptions
begin
    insert into exceptions (id, version, doc)
    select value ->> 'id', (value ->> 'version') + 1, new.body -> (value ->> 'doc')
    from json_each(new.body, '$.exceptions')
    where true
    on conflict (id) do update set
        version = excluded.version,
        doc = excluded.doc;
end;

create view if not exists write_statements (body) as
select null
where false;

create trigger if not exists write_statements_apply instead of insert on write_statements
begin
    insert into statements (id, version, doc)
    select value ->> 'id', (value ->> 'version') + 1, new.body -> (value ->> 'doc')
    from json_each(new.body, '$.statements')
    where true
    on conflict (id) do update set
        version = excluded.version,
        doc = excluded.doc;
end;

create view if not exists write_buyers (body) as
select null
where false;

create trigger if not exists write_buyers_apply instead of insert on write_buyers
begin
    insert into buyers (id, version, doc)
    select value ->> 'id', (value ->> 'version') + 1, new.body -> (value ->> 'doc')
    from json_each(new.body, '$.buyers')
    where true
    on conflict (id) do update set
        version = excluded.version,
        doc = excluded.doc;
end;

create view if not exists write_endpoints (body) as
select null
where false;

create trigger if not exists write_endpoints_apply instead of insert on write_endpoints
begin
    insert into endpoints (id, version, doc)
    select value ->> 'id', (value ->> 'version') + 1, new.body -> (value ->> 'doc')
    from json_each(new.body, '$.endpoints')
    where true
    on conflict (id) do update set
        version = excluded.version,
        doc = excluded.doc;
end;

create view if not exists write_bins (body) as
select null
where false;

create trigger if not exists write_bins_apply instead of insert on write_bins
begin
    insert into bins (id, version, doc)
    select value ->> 'id', (value ->> 'version') + 1, new.body -> (value ->> 'doc')
    from json_each(new.body, '$.bins')
    where true
    on conflict (id) do update set
        version = excluded.version,
        doc = excluded.doc;
end;

create view if not exists write_waves (body) as
select null
where false;

create trigger if not exists write_waves_apply instead of insert on write_waves
begin
    insert into waves (id, version, doc)
    select value ->> 'id', (value ->> 'version') + 1, new.body -> (value ->> 'doc')
    from json_each(new.body, '$.waves')
    where true
    on conflict (id) do update set
        version = excluded.version,
        doc = excluded.doc;
end;

create view if not exists write_pick_lists (body) as
select null
where false;

create trigger if not exists write_pick_lists_apply instead of insert on write_pick_lists
begin
    insert into pick_lists (id, version, doc)
    select value ->> 'id', (value ->> 'version') + 1, new.body -> (value ->> 'doc')
    from json_each(new.body, '$.pick_lists')
    where true
    on conflict (id) do update set
        version = excluded.version,
        doc = excluded.doc;

    insert into pick_progress (
        wave, no, list, warehouse, method, zone, state, picker, tasks, made_at_ms, wanted, picked,
        short, dropped
    )
    select
        new.body ->> (place || '.wave'),
        new.body ->> (place || '.no'),
        new.body ->> (place || '.id'),
        new.body ->> (place || '.warehouse'),
        new.body ->> (place || '.method'),
        new.body ->> (place || '.zone'),
        new.body ->> (place || '.state.is'),
        new.body ->> (place || '.state.by'),
        json_array_length(new.body, place || '.tasks'),
        new.body ->> (place || '.made_at'),
        new.body ->> (place || '.pieces.wanted'),
        new.body ->> (place || '.pieces.picked'),
        new.body ->> (place || '.pieces.short'),
        new.body ->> (place || '.pieces.dropped')
    from (select value ->> 'doc' as place from json_each(new.body, '$.pick_lists'))
    where true
    on conflict (wave, no) do update set
        state = excluded.state,
        picker = excluded.picker,
        picked = excluded.picked,
        short = excluded.short,
        dropped = excluded.dropped;
end;

create view if not exists write_stock (body) as
select null
where false;

create trigger if not exists write_stock_apply instead of insert on write_stock
begin
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
end;

create view if not exists write_moves (body) as
select null
where false;

create trigger if not exists write_moves_apply instead of insert on write_moves
begin
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
end;

create view if not exists write_to_pick (body) as
select null
where false;

create trigger if not exists write_to_pick_apply instead of insert on write_to_pick
begin
    delete from to_pick
    where order_id in (select value ->> 'order' from json_each(new.body, '$.to_pick'))
        and (order_id, warehouse) not in (
            select said.value ->> 'order', place.value ->> 'warehouse'
            from json_each(new.body, '$.to_pick') as said,
                json_each(said.value, '$.places') as place
        );

    insert into to_pick (order_id, warehouse, ship_by_ms, since_ms, lines, pieces, taken_by)
    select
        said.value ->> 'order',
        place.value ->> 'warehouse',
        said.value ->> 'ship_by_ms',
        said.value ->> 'since_ms',
        place.value ->> 'lines',
        place.value ->> 'pieces',
        (
            select min(on_list.list)
            from picking as on_list
            where on_list.order_id = said.value ->> 'order'
                and on_list.warehouse = place.value ->> 'warehouse'
        )
    from json_each(new.body, '$.to_pick') as said, json_each(said.value, '$.places') as place
    where true
    on conflict (order_id, warehouse) do update set
        ship_by_ms = excluded.ship_by_ms,
        since_ms = excluded.since_ms,
        lines = excluded.lines,
        pieces = excluded.pieces;
end;

create view if not exists write_on_list (body) as
select null
where false;

create trigger if not exists write_on_list_apply instead of insert on write_on_list
begin
    insert into picking (order_id, warehouse, list)
    select value ->> 'order', value ->> 'warehouse', value ->> 'list'
    from json_each(new.body, '$.on_list')
    where true
    on conflict (order_id, warehouse, list) do nothing;

    update to_pick
    set taken_by = taken.value ->> 'list'
    from json_each(new.body, '$.on_list') as taken
    where to_pick.order_id = taken.value ->> 'order'
        and to_pick.warehouse = taken.value ->> 'warehouse';
end;

create view if not exists write_off_list (body) as
select null
where false;

create trigger if not exists write_off_list_apply instead of insert on write_off_list
begin
    delete from picking
    where (order_id, warehouse, list) in (
        select value ->> 'order', value ->> 'warehouse', value ->> 'list'
        from json_each(new.body, '$.off_list')
    );

    update to_pick
    set taken_by = (
        select min(on_list.list)
        from picking as on_list
        where on_list.order_id = to_pick.order_id
            and on_list.warehouse = to_pick.warehouse
    )
    where (order_id, warehouse) in (
        select value ->> 'order', value ->> 'warehouse'
        from json_each(new.body, '$.off_list')
    );
end;

create view if not exists write_events (body) as
select null
where false;

create trigger if not exists write_events_apply instead of insert on write_events
begin
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
end;

create view if not exists write_postings (body) as
select null
where false;

create trigger if not exists write_postings_apply instead of insert on write_postings
begin
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
end;

create view if not exists write_facts (body) as
select null
where false;

create trigger if not exists write_facts_apply instead of insert on write_facts
begin
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
end;

create view if not exists write_once (body) as
select null
where false;

create trigger if not exists write_once_apply instead of insert on write_once
begin
    insert into once (key, hash, answer, until_ms)
    select value ->> 'key', value ->> 'hash', value ->> 'answer', value ->> 'until_ms'
    from json_each(new.body, '$.once');
end;

create view if not exists write_timers (body) as
select null
where false;

create trigger if not exists write_timers_apply instead of insert on write_timers
begin
    delete from timers
    where (subject, kind) in (
        select value ->> 'subject', value ->> 'kind'
        from json_each(new.body, '$.timers')
    );

    insert into timers (subject, kind, due_at_ms)
    select value ->> 'subject', value ->> 'kind', value ->> 'due_at_ms'
    from json_each(new.body, '$.timers')
    where value ->> 'due_at_ms' is not null;
end;

create view if not exists write_outbox (body) as
select null
where false;

create trigger if not exists write_outbox_apply instead of insert on write_outbox
begin
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
end;

create view if not exists write_sent (body) as
select null
where false;

create trigger if not exists write_sent_apply instead of insert on write_sent
begin
    update outbox
    set
        attempts = attempts + (sent.value ->> 'claim'),
        asked = asked + (sent.value ->> 'log' is 'asked'),
        state = sent.value ->> 'state',
        due_at_ms = sent.value ->> 'due_at_ms',
        note = sent.value ->> 'note'
    from json_each(new.body, '$.sent') as sent
    where outbox.id = sent.value ->> 'id';

    insert into attempts (message, at_ms, took_ms, status, outcome, note)
    select
        value ->> 'id',
        (new.body ->> 'at_ms') - coalesce(value ->> 'took_ms', 0),
        value ->> 'took_ms',
        value ->> 'status',
        value ->> 'log',
        value ->> 'note'
    from json_each(new.body, '$.sent')
    where value ->> 'log' is not null;
end;

create view if not exists commits (body) as
select null
where false;

create trigger if not exists commits_apply instead of insert on commits
begin
    select raise(ignore)
    where json_type(new.body, '$.merchants') is not null
        and exists (
            select 1
            from json_each(new.body, '$.merchants') as wanted
            left join merchants as known on known.id = wanted.value ->> 'id'
            where coalesce(known.version, 0) <> wanted.value ->> 'version'
        );

    select raise(ignore)
    where json_type(new.body, '$.warehouses') is not null
        and exists (
            select 1
            from json_each(new.body, '$.warehouses') as wanted
            left join warehouses as known on known.id = wanted.value ->> 'id'
            where coalesce(known.version, 0) <> wanted.value ->> 'version'
        );

    select raise(ignore)
    where json_type(new.body, '$.skus') is not null
        and exists (
            select 1
            from json_each(new.body, '$.skus') as wanted
            left join skus as known on known.id = wanted.value ->> 'id'
            where coalesce(known.version, 0) <> wanted.value ->> 'version'
        );

    select raise(ignore)
    where json_type(new.body, '$.boxes') is not null
        and exists (
            select 1
            from json_each(new.body, '$.boxes') as wanted
            left join boxes as known on known.id = wanted.value ->> 'id'
            where coalesce(known.version, 0) <> wanted.value ->> 'version'
        );

    select raise(ignore)
    where json_type(new.body, '$.policies') is not null
        and exists (
            select 1
            from json_each(new.body, '$.policies') as wanted
            left join policies as known on known.id = wanted.value ->> 'id'
            where coalesce(known.version, 0) <> wanted.value ->> 'version'
        );

    select raise(ignore)
    where json_type(new.body, '$.rates') is not null
        and exists (
            select 1
            from json_each(new.body, '$.rates') as wanted
            left join rates as known on known.id = wanted.value ->> 'id'
            where coalesce(known.version, 0) <> wanted.value ->> 'version'
        );

    select raise(ignore)
    where json_type(new.body, '$.carriers') is not null
        and exists (
            select 1
            from json_each(new.body, '$.carriers') as wanted
            left join carriers as known on known.id = wanted.value ->> 'id'
            where coalesce(known.version, 0) <> wanted.value ->> 'version'
        );

    select raise(ignore)
    where json_type(new.body, '$.orders') is not null
        and exists (
            select 1
            from json_each(new.body, '$.orders') as wanted
            left join orders as known on known.id = wanted.value ->> 'id'
            where coalesce(known.version, 0) <> wanted.value ->> 'version'
        );

    select raise(ignore)
    where json_type(new.body, '$.payments') is not null
        and exists (
            select 1
            from json_each(new.body, '$.payments') as wanted
            left join payments as known on known.id = wanted.value ->> 'id'
            where coalesce(known.version, 0) <> wanted.value ->> 'version'
        );

    select raise(ignore)
    where json_type(new.body, '$.suspense') is not null
        and exists (
            select 1
            from json_each(new.body, '$.suspense') as wanted
            left join suspense as known on known.id = wanted.value ->> 'id'
            where coalesce(known.version, 0) <> wanted.value ->> 'version'
        );

    select raise(ignore)
    where json_type(new.body, '$.packings') is not null
        and exists (
            select 1
            from json_each(new.body, '$.packings') as wanted
            left join packings as known on known.id = wanted.value ->> 'id'
            where coalesce(known.version, 0) <> wanted.value ->> 'version'
        );

    select raise(ignore)
    where json_type(new.body, '$.parcels') is not null
        and exists (
            select 1
            from json_each(new.body, '$.parcels') as wanted
            left join parcels as known on known.id = wanted.value ->> 'id'
            where coalesce(known.version, 0) <> wanted.value ->> 'version'
        );

    select raise(ignore)
    where json_type(new.body, '$.prints') is not null
        and exists (
            select 1
            from json_each(new.body, '$.prints') as wanted
            left join prints as known on known.id = wanted.value ->> 'id'
            where coalesce(known.version, 0) <> wanted.value ->> 'version'
        );

    select raise(ignore)
    where json_type(new.body, '$.waybills') is not null
        and exists (
            select 1
            from json_each(new.body, '$.waybills') as wanted
            left join waybills as known on known.id = wanted.value ->> 'id'
            where coalesce(known.version, 0) <> wanted.value ->> 'version'
        );

    select raise(ignore)
    where json_type(new.body, '$.manifests') is not null
        and exists (
            select 1
            from json_each(new.body, '$.manifests') as wanted
            left join manifests as known on known.id = wanted.value ->> 'id'
            where coalesce(known.version, 0) <> wanted.value ->> 'version'
        );

    select raise(ignore)
    where json_type(new.body, '$.after_sales') is not null
        and exists (
            select 1
            from json_each(new.body, '$.after_sales') as wanted
            left join after_sales as known on known.id = wanted.value ->> 'id'
            where coalesce(known.version, 0) <> wanted.value ->> 'version'
        );

    select raise(ignore)
    where json_type(new.body, '$.exceptions') is not null
        and exists (
            select 1
            from json_each(new.body, '$.exceptions') as wanted
            left join exceptions as known on known.id = wanted.value ->> 'id'
            where coalesce(known.version, 0) <> wanted.value ->> 'version'
        );

    select raise(ignore)
    where json_type(new.body, '$.statements') is not null
        and exists (
            select 1
            from json_each(new.body, '$.statements') as wanted
            left join statements as known on known.id = wanted.value ->> 'id'
            where coalesce(known.version, 0) <> wanted.value ->> 'version'
        );

    select raise(ignore)
    where json_type(new.body, '$.buyers') is not null
        and exists (
            select 1
            from json_each(new.body, '$.buyers') as wanted
            left join buyers as known on known.id = wanted.value ->> 'id'
            where coalesce(known.version, 0) <> wanted.value ->> 'version'
        );

    select raise(ignore)
    where json_type(new.body, '$.endpoints') is not null
        and exists (
            select 1
            from json_each(new.body, '$.endpoints') as wanted
            left join endpoints as known on known.id = wanted.value ->> 'id'
            where coalesce(known.version, 0) <> wanted.value ->> 'version'
        );

    select raise(ignore)
    where json_type(new.body, '$.bins') is not null
        and exists (
            select 1
            from json_each(new.body, '$.bins') as wanted
            left join bins as known on known.id = wanted.value ->> 'id'
            where coalesce(known.version, 0) <> wanted.value ->> 'version'
        );

    select raise(ignore)
    where json_type(new.body, '$.waves') is not null
        and exists (
            select 1
            from json_each(new.body, '$.waves') as wanted
            left join waves as known on known.id = wanted.value ->> 'id'
            where coalesce(known.version, 0) <> wanted.value ->> 'version'
        );

    select raise(ignore)
    where json_type(new.body, '$.pick_lists') is not null
        and exists (
            select 1
            from json_each(new.body, '$.pick_lists') as wanted
            left join pick_lists as known on known.id = wanted.value ->> 'id'
            where coalesce(known.version, 0) <> wanted.value ->> 'version'
        );

    select raise(ignore)
    where json_type(new.body, '$.on_list') is not null
        and exists (
            select 1
            from json_each(new.body, '$.on_list') as wanted
            left join to_pick as waiting
                on waiting.order_id = wanted.value ->> 'order'
                and waiting.warehouse = wanted.value ->> 'warehouse'
            where waiting.order_id is null
                or waiting.taken_by is not null
        );

    select raise(ignore)
    where json_type(new.body, '$.once') is not null
        and exists (
            select 1
            from json_each(new.body, '$.once') as wanted
            join once as known on known.key = wanted.value ->> 'key'
        );

    select raise(ignore)
    where json_type(new.body, '$.facts') is not null
        and exists (
            select 1
            from json_each(new.body, '$.facts') as wanted
            join facts as known on known.key = wanted.value ->> 'key'
        );

    select raise(ignore)
    where json_type(new.body, '$.stock') is not null
        and exists (
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
    where json_type(new.body, '$.moves') is not null
        and exists (
            select 1
            from json_each(new.body, '$.moves') as counted
            left join stock as known
                on known.sku = counted.value ->> 'sku'
                and known.warehouse = counted.value ->> 'warehouse'
            where counted.value ->> 'known' is not null
                and coalesce(known.on_hand, 0) <> counted.value ->> 'known'
        );

    select raise(ignore)
    where json_type(new.body, '$.not_picked') is not null
        and exists (
            select 1
            from json_each(new.body, '$.not_picked') as wanted
            join to_pick as waiting
                on waiting.order_id = wanted.value ->> 'order'
                and waiting.warehouse = wanted.value ->> 'warehouse'
            where waiting.taken_by is not null
        );

    select raise(ignore)
    where json_type(new.body, '$.ran') is not null
        and exists (
            select 1
            from json_each(new.body, '$.ran') as wanted
            left join timers as known
                on known.subject = wanted.value ->> 'subject'
                and known.kind = wanted.value ->> 'kind'
            where coalesce(known.due_at_ms, -1) <> wanted.value ->> 'due_at_ms'
        );

    select raise(ignore)
    where json_type(new.body, '$.sent') is not null
        and exists (
            select 1
            from json_each(new.body, '$.sent') as wanted
            left join outbox as known on known.id = wanted.value ->> 'id'
            where coalesce(known.attempts, -1) <> wanted.value ->> 'attempts'
        );

    select raise(abort, 'a posting does not sum to zero')
    where json_type(new.body, '$.postings') is not null
        and exists (
            select 1
            from json_each(new.body, '$.postings')
            group by value ->> 'no', value ->> 'currency'
            having sum(value ->> 'amount_minor') <> 0
        );

    insert into write_merchants (body)
    select new.body
    where json_type(new.body, '$.merchants') is not null;

    insert into write_warehouses (body)
    select new.body
    where json_type(new.body, '$.warehouses') is not null;

    insert into write_skus (body)
    select new.body
    where json_type(new.body, '$.skus') is not null;

    insert into write_boxes (body)
    select new.body
    where json_type(new.body, '$.boxes') is not null;

    insert into write_policies (body)
    select new.body
    where json_type(new.body, '$.policies') is not null;

    insert into write_rates (body)
    select new.body
    where json_type(new.body, '$.rates') is not null;

    insert into write_carriers (body)
    select new.body
    where json_type(new.body, '$.carriers') is not null;

    insert into write_orders (body)
    select new.body
    where json_type(new.body, '$.orders') is not null;

    insert into write_payments (body)
    select new.body
    where json_type(new.body, '$.payments') is not null;

    insert into write_suspense (body)
    select new.body
    where json_type(new.body, '$.suspense') is not null;

    insert into write_packings (body)
    select new.body
    where json_type(new.body, '$.packings') is not null;

    insert into write_parcels (body)
    select new.body
    where json_type(new.body, '$.parcels') is not null;

    insert into write_prints (body)
    select new.body
    where json_type(new.body, '$.prints') is not null;

    insert into write_waybills (body)
    select new.body
    where json_type(new.body, '$.waybills') is not null;

    insert into write_manifests (body)
    select new.body
    where json_type(new.body, '$.manifests') is not null;

    insert into write_after_sales (body)
    select new.body
    where json_type(new.body, '$.after_sales') is not null;

    insert into write_exceptions (body)
    select new.body
    where json_type(new.body, '$.exceptions') is not null;

    insert into write_statements (body)
    select new.body
    where json_type(new.body, '$.statements') is not null;

    insert into write_buyers (body)
    select new.body
    where json_type(new.body, '$.buyers') is not null;

    insert into write_endpoints (body)
    select new.body
    where json_type(new.body, '$.endpoints') is not null;

    insert into write_bins (body)
    select new.body
    where json_type(new.body, '$.bins') is not null;

    insert into write_waves (body)
    select new.body
    where json_type(new.body, '$.waves') is not null;

    insert into write_pick_lists (body)
    select new.body
    where json_type(new.body, '$.pick_lists') is not null;

    insert into write_stock (body)
    select new.body
    where json_type(new.body, '$.stock') is not null;

    insert into write_moves (body)
    select new.body
    where json_type(new.body, '$.moves') is not null;

    insert into write_to_pick (body)
    select new.body
    where json_type(new.body, '$.to_pick') is not null;

    insert into write_on_list (body)
    select new.body
    where json_type(new.body, '$.on_list') is not null;

    insert into write_off_list (body)
    select new.body
    where json_type(new.body, '$.off_list') is not null;

    insert into write_events (body)
    select new.body
    where json_type(new.body, '$.events') is not null;

    insert into write_postings (body)
    select new.body
    where json_type(new.body, '$.postings') is not null;

    insert into write_facts (body)
    select new.body
    where json_type(new.body, '$.facts') is not null;

    insert into write_once (body)
    select new.body
    where json_type(new.body, '$.once') is not null;

    insert into write_timers (body)
    select new.body
    where json_type(new.body, '$.timers') is not null;

    insert into write_outbox (body)
    select new.body
    where json_type(new.body, '$.outbox') is not null;

    insert into write_sent (body)
    select new.body
    where json_type(new.body, '$.sent') is not null;

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
