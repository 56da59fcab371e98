-- The tables of the spine, and the one door through which all of them are written.
--
-- Documents (what decisions are made on) have one table per kind: the domain's own type as JSON,
-- the version it is at, and generated columns for what is searched. Beside them are the rows that
-- only grow: journal, ledger, facts, stock moves. All of it is written by the trigger of the view
-- `commits`, in `0002_commits.sql`, and by nothing else.

create table if not exists merchants (
    id text not null primary key,
    version integer not null,
    doc text not null,
    constraint merchants_doc_is_json check (json_type(doc) = 'object')
) strict;

create table if not exists warehouses (
    id text not null primary key,
    version integer not null,
    doc text not null,
    constraint warehouses_doc_is_json check (json_type(doc) = 'object')
) strict;

create table if not exists skus (
    id text not null primary key,
    version integer not null,
    doc text not null,
    merchant text generated always as (doc ->> 'merchant') virtual,
    low_stock integer generated always as (doc ->> 'low_stock') virtual,
    constraint skus_doc_is_json check (json_type(doc) = 'object')
) strict;

create index if not exists skus_by_merchant on skus (merchant, id);
create index if not exists skus_with_a_level on skus (id) where low_stock is not null;
create index if not exists skus_with_a_level_by_merchant on skus (merchant, id)
where low_stock is not null;

-- Which SKU a scanner's code is of: the barcodes of all SKUs, written with them. Several SKUs may
-- have one code.
create table if not exists barcodes (
    code text not null,
    sku text not null,
    primary key (code, sku)
) strict, without rowid;

create index if not exists barcodes_by_sku on barcodes (sku);

-- What goods are packed into.
create table if not exists boxes (
    id text not null primary key,
    version integer not null,
    doc text not null,
    constraint boxes_doc_is_json check (json_type(doc) = 'object')
) strict;

-- What the shop sets of its policy, over the configuration and the defaults.
create table if not exists policies (
    id text not null primary key,
    version integer not null,
    doc text not null,
    constraint policies_doc_is_json check (json_type(doc) = 'object')
) strict;

-- What a merchant takes for shipping where; the id is the merchant's.
create table if not exists rates (
    id text not null primary key,
    version integer not null,
    doc text not null,
    constraint rates_doc_is_json check (json_type(doc) = 'object')
) strict;

-- Who carries parcels, on which terms.
create table if not exists carriers (
    id text not null primary key,
    version integer not null,
    doc text not null,
    constraint carriers_doc_is_json check (json_type(doc) = 'object')
) strict;

create table if not exists orders (
    id text not null primary key,
    version integer not null,
    doc text not null,
    number text generated always as (doc ->> 'number') virtual,
    merchant text generated always as (doc ->> 'merchant') virtual,
    buyer text generated always as (doc ->> 'buyer') virtual,
    state text generated always as (doc ->> '$.state.is') virtual,
    constraint orders_doc_is_json check (json_type(doc) = 'object')
) strict;

create unique index if not exists orders_by_number on orders (number);
create index if not exists orders_by_merchant on orders (merchant, id);
create index if not exists orders_by_buyer on orders (buyer, id);
create index if not exists orders_late on orders (id)
where doc ->> 'late_since' is not null;
create index if not exists orders_to_put_away on orders (id) where doc -> 'put_away' is not null;

create table if not exists payments (
    id text not null primary key,
    version integer not null,
    doc text not null,
    purchase text generated always as (doc ->> 'purchase') virtual,
    constraint payments_doc_is_json check (json_type(doc) = 'object')
) strict;

create unique index if not exists payments_by_purchase on payments (purchase);
create index if not exists payments_needing_a_person on payments (id)
where doc ->> 'needs_person' = 1;

-- Money that came and that nothing explains: one item for each attempt at a gateway.
create table if not exists suspense (
    id text not null primary key,
    version integer not null,
    doc text not null,
    attempt text generated always as (
        (doc ->> 'gateway') || ':' || (doc ->> 'reference') || ':' || (doc ->> 'currency')
    ) virtual,
    state text generated always as (doc ->> '$.state.is') virtual,
    constraint suspense_doc_is_json check (json_type(doc) = 'object')
) strict;

create unique index if not exists suspense_by_attempt on suspense (attempt);
create index if not exists suspense_by_state on suspense (state, id);
create index if not exists suspense_needing_a_person on suspense (id)
where doc ->> 'needs_person' = 1;

-- Parcels in the making: what was scanned, by fulfil.
create table if not exists packings (
    id text not null primary key,
    version integer not null,
    doc text not null,
    order_id text generated always as (doc ->> 'order') virtual,
    constraint packings_doc_is_json check (json_type(doc) = 'object')
) strict;

create index if not exists packings_by_order on packings (order_id, id);

create table if not exists parcels (
    id text not null primary key,
    version integer not null,
    doc text not null,
    order_id text generated always as (doc ->> 'order') virtual,
    waybill text generated always as (
        (doc ->> '$.label.carrier') || ':' || (doc ->> '$.label.waybill')
    ) virtual,
    cash_owed_since_ms integer generated always as (
        case when doc ->> '$.cash.owed_minor' > 0 then doc ->> '$.cash.collected_at' end
    ) virtual,
    to_hand_over text generated always as (
        case
            when doc ->> '$.state.is' = 'packed' and doc ->> '$.carriage.manifest' is null
                then (doc ->> 'warehouse') || ' ' || (doc ->> '$.label.carrier')
        end
    ) virtual,
    constraint parcels_doc_is_json check (json_type(doc) = 'object')
) strict;

create index if not exists parcels_by_order on parcels (order_id, id);
create unique index if not exists parcels_by_waybill on parcels (waybill) where waybill is not null;

create index if not exists parcels_owing on parcels (cash_owed_since_ms, id)
where cash_owed_since_ms is not null;

create index if not exists parcels_to_hand_over on parcels (to_hand_over, id)
where to_hand_over is not null;
create index if not exists parcels_without_carrier on parcels (id)
where doc ->> '$.carriage.needs_person' = 1;

-- How often the papers of a parcel were printed; the id is the parcel's, with `/prints` behind it.
create table if not exists prints (
    id text not null primary key,
    version integer not null,
    doc text not null,
    constraint prints_doc_is_json check (json_type(doc) = 'object')
) strict;

create table if not exists waybills (
    id text not null primary key,
    version integer not null,
    doc text not null,
    free_at_carrier text generated always as (
        case when doc ->> 'used_by' is null then doc ->> 'carrier' end
    ) virtual,
    constraint waybills_doc_is_json check (json_type(doc) = 'object')
) strict;

create index if not exists waybills_free on waybills (free_at_carrier, id)
where free_at_carrier is not null;

create index if not exists waybills_by_number on waybills (doc ->> 'waybill');

-- What carriers' drivers take at one time.
create table if not exists manifests (
    id text not null primary key,
    version integer not null,
    doc text not null,
    warehouse text generated always as (doc ->> 'warehouse') virtual,
    number integer generated always as (doc ->> 'number') virtual,
    constraint manifests_doc_is_json check (json_type(doc) = 'object')
) strict;

create unique index if not exists manifests_by_warehouse on manifests (warehouse, number);

create table if not exists after_sales (
    id text not null primary key,
    version integer not null,
    doc text not null,
    order_id text generated always as (doc ->> 'order') virtual,
    merchant text generated always as (doc ->> 'merchant') virtual,
    constraint after_sales_doc_is_json check (json_type(doc) = 'object')
) strict;

create index if not exists after_sales_by_order on after_sales (order_id, id);
create index if not exists after_sales_by_merchant on after_sales (merchant, id);

-- What went wrong with parcels: the queue of those who look after it, and how it ended.
create table if not exists exceptions (
    id text not null primary key,
    version integer not null,
    doc text not null,
    parcel_id text generated always as (doc ->> 'parcel') virtual,
    order_id text generated always as (doc ->> 'order') virtual,
    merchant text generated always as (doc ->> 'merchant') virtual,
    state text generated always as (doc ->> '$.state.is') virtual,
    due_at_ms integer generated always as (
        case doc ->> '$.state.is'
            when 'resolved' then null
            when 'waiting' then doc ->> '$.state.until'
            else doc ->> 'deadline'
        end
    ) virtual,
    constraint exceptions_doc_is_json check (json_type(doc) = 'object')
) strict;

create index if not exists exceptions_by_parcel on exceptions (parcel_id, id);
create index if not exists exceptions_by_order on exceptions (order_id, id);
create index if not exists exceptions_by_merchant on exceptions (merchant, id);
create index if not exists exceptions_due on exceptions (due_at_ms, id)
where due_at_ms is not null;
create index if not exists exceptions_due_by_merchant on exceptions (merchant, due_at_ms, id)
where due_at_ms is not null;

create table if not exists statements (
    id text not null primary key,
    version integer not null,
    doc text not null,
    merchant text generated always as (doc ->> 'merchant') virtual,
    number integer generated always as (doc ->> 'number') virtual,
    constraint statements_doc_is_json check (json_type(doc) = 'object')
) strict;

create unique index if not exists statements_by_merchant on statements (merchant, number);

-- Where and how buyers are told of things; the id is the buyer's.
create table if not exists buyers (
    id text not null primary key,
    version integer not null,
    doc text not null,
    constraint buyers_doc_is_json check (json_type(doc) = 'object')
) strict;

-- Where merchants' own systems are told of events.
create table if not exists endpoints (
    id text not null primary key,
    version integer not null,
    doc text not null,
    merchant text generated always as (doc ->> 'merchant') virtual,
    constraint endpoints_doc_is_json check (json_type(doc) = 'object')
) strict;

create index if not exists endpoints_by_merchant on endpoints (merchant, id);

-- Where an SKU lies in a warehouse; the id is `warehouse/sku`.
create table if not exists bins (
    id text not null primary key,
    version integer not null,
    doc text not null,
    warehouse text generated always as (doc ->> 'warehouse') virtual,
    constraint bins_doc_is_json check (json_type(doc) = 'object')
) strict;

create index if not exists bins_by_warehouse on bins (warehouse, id);

-- Orders that are picked together.
create table if not exists waves (
    id text not null primary key,
    version integer not null,
    doc text not null,
    warehouse text generated always as (doc ->> '$.wanted.warehouse') virtual,
    begun_at_ms integer generated always as (doc ->> 'begun_at') virtual,
    constraint waves_doc_is_json check (json_type(doc) = 'object')
) strict;

create index if not exists waves_by_warehouse on waves (warehouse, begun_at_ms, id);

-- What one picker picks in one walk.
create table if not exists pick_lists (
    id text not null primary key,
    version integer not null,
    doc text not null,
    constraint pick_lists_doc_is_json check (json_type(doc) = 'object')
) strict;

-- How far each list of a wave is: read off the list by each commit that writes it, never decided
-- on. A wave of thousands of lists is summed from these short rows, and not from their documents.
create table if not exists pick_progress (
    wave text not null,
    no integer not null,
    list text not null,
    warehouse text not null,
    method text not null,
    zone text,
    state text not null,
    picker text,
    tasks integer not null,
    made_at_ms integer not null,
    wanted integer not null,
    picked integer not null,
    short integer not null,
    dropped integer not null,
    primary key (wave, no),
    constraint pick_progress_is_within_bounds check (
        picked >= 0 and short >= 0 and dropped >= 0 and picked + short + dropped <= wanted
    )
) strict, without rowid;

-- Pieces of an SKU in a warehouse. What is promised is never more than what is there.
create table if not exists stock (
    sku text not null,
    warehouse text not null,
    on_hand integer not null,
    held integer not null,
    primary key (sku, warehouse),
    constraint stock_held_fits check (0 <= held and held <= on_hand)
) strict, without rowid;

-- What warehouses have to do: an order that is to be sent, in each warehouse where pieces are held
-- for it that are in no parcel. Read off the order by each event that changes it, never decided on.
-- `since_ms` is when it was confirmed. `taken_by` is a pick list that has it there.
create table if not exists to_pick (
    order_id text not null,
    warehouse text not null,
    ship_by_ms integer not null,
    since_ms integer not null,
    lines integer not null,
    pieces integer not null,
    taken_by text,
    primary key (order_id, warehouse),
    constraint to_pick_is_something check (lines > 0 and pieces >= lines)
) strict, without rowid;

create index if not exists to_pick_free on to_pick (warehouse, ship_by_ms, order_id)
where taken_by is null;

-- Which pick lists an order is on in a warehouse, until they are through with it: those of one
-- wave, never those of two. It outlives the order's place in the queue, so that an order that was
-- in doubt for a while comes back to the lists that it is on.
create table if not exists picking (
    order_id text not null,
    warehouse text not null,
    list text not null,
    primary key (order_id, warehouse, list)
) strict, without rowid;

-- Why stock on hand changed: the difference, what was there then, and what it was about (an order,
-- an adjustment). The sum of all differences is what is there. Append only.
create table if not exists stock_moves (
    seq integer not null primary key,
    at_ms integer not null,
    sku text not null,
    warehouse text not null,
    on_hand integer not null,
    balance integer not null,
    why text not null,
    note text,
    about text,
    commit_id text not null,
    actor text not null
) strict;

create index if not exists stock_moves_by_sku on stock_moves (sku, seq);
create index if not exists stock_moves_of_adjustments on stock_moves (about, seq)
where about glob 'adj_*';

-- What happened to documents, enough to build each of them again. Append only.
create table if not exists journal (
    seq integer not null primary key,
    at_ms integer not null,
    kind text not null,
    id text not null,
    version integer not null,
    event text not null,
    actor text not null,
    commit_id text not null,
    constraint journal_event_is_json check (json_type(event) = 'object')
) strict;

create index if not exists journal_by_id on journal (id, seq);

-- Lines of postings. The lines of one posting sum to zero. Append only.
create table if not exists ledger (
    line integer not null primary key,
    at_ms integer not null,
    posting text not null,
    kind text not null,
    subject text not null,
    account text not null,
    currency text not null,
    amount_minor integer not null,
    constraint ledger_line_says_something check (amount_minor <> 0)
) strict;

create index if not exists ledger_by_account on ledger (account, line);
create index if not exists ledger_by_subject on ledger (subject, line);

-- What partners told us, once each, to which parcel a person assigned a line of a remittance, and
-- which piece went into which parcel. Append only.
create table if not exists facts (
    seq integer not null primary key,
    key text not null,
    kind text not null,
    subject text not null,
    occurred_at_ms integer not null,
    received_at_ms integer not null,
    verdict text not null,
    fact text not null,
    raw text,
    constraint facts_kind_known check (
        kind in (
            'payment', 'tracking', 'push', 'correction', 'remittance', 'assignment', 'serial'
        )
    )
) strict;

create unique index if not exists facts_by_key on facts (key);
create index if not exists facts_by_subject on facts (subject, occurred_at_ms);
create index if not exists facts_by_verdict on facts (verdict, seq) where kind = 'remittance';
create index if not exists facts_by_reference on facts (fact ->> 'reference')
where kind = 'payment';

-- Keys that may be used once. An idempotency key keeps the answer it got.
-- Answers are appended; only the short keys are written all over the index.
create table if not exists once (
    seq integer not null primary key,
    key text not null,
    hash text,
    answer text,
    until_ms integer
) strict;

create unique index if not exists once_by_key on once (key);
create index if not exists once_until on once (until_ms) where until_ms is not null;

-- What the clock starts.
create table if not exists timers (
    subject text not null,
    kind text not null,
    due_at_ms integer not null,
    primary key (subject, kind)
) strict, without rowid;

create index if not exists timers_due on timers (due_at_ms);

-- Messages to people and systems outside. `attempts` is also their version: who sends one claims it
-- by raising it. `asked` counts how often a person wanted it once more.
create table if not exists outbox (
    id text not null primary key,
    created_at_ms integer not null,
    recipient text not null,
    message text not null,
    trace text,
    state text not null,
    attempts integer not null,
    asked integer not null default 0,
    due_at_ms integer not null,
    note text,
    endpoint text generated always as (message ->> 'endpoint') virtual,
    constraint outbox_state_known check (
        state in ('waiting', 'sent', 'dead', 'skipped', 'routed')
    )
) strict;

create index if not exists outbox_due on outbox (due_at_ms) where state = 'waiting';
create index if not exists outbox_by_endpoint on outbox (endpoint, created_at_ms, id)
where endpoint is not null;

-- The delivery log: each time a message was sent, or somebody wanted it sent again. Append only.
create table if not exists attempts (
    seq integer not null primary key,
    message text not null,
    at_ms integer not null,
    took_ms integer,
    status integer,
    outcome text not null,
    note text,
    constraint attempts_outcome_known check (
        outcome in ('waiting', 'sent', 'dead', 'skipped', 'asked')
    )
) strict;

create index if not exists attempts_by_message on attempts (message, seq);

create trigger if not exists ledger_keeps_lines before update on ledger
begin
    select raise(abort, 'the ledger is append-only');
end;

create trigger if not exists ledger_loses_nothing before delete on ledger
begin
    select raise(abort, 'the ledger is append-only');
end;

create trigger if not exists journal_keeps_events before update on journal
begin
    select raise(abort, 'the journal is append-only');
end;

create trigger if not exists journal_loses_nothing before delete on journal
begin
    select raise(abort, 'the journal is append-only');
end;

create trigger if not exists facts_keep before update on facts
begin
    select raise(abort, 'facts are append-only');
end;

create trigger if not exists facts_lose_nothing before delete on facts
begin
    select raise(abort, 'facts are append-only');
end;

create trigger if not exists stock_moves_keep before update on stock_moves
begin
    select raise(abort, 'stock moves are append-only');
end;

create trigger if not exists stock_moves_lose_nothing before delete on stock_moves
begin
    select raise(abort, 'stock moves are append-only');
end;

create trigger if not exists attempts_keep before update on attempts
begin
    select raise(abort, 'the delivery log is append-only');
end;

create trigger if not exists attempts_lose_nothing before delete on attempts
begin
    select raise(abort, 'the delivery log is append-only');
end;
