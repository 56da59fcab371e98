//! What must be so within the database, whatever anybody was told: each rule is a query that must
//! find nothing.

use anyhow::Context as _;
use rusqlite::Connection;

/// What must be empty: a name, and a query that gives what is wrong.
const NOTHING: &[(&str, &str)] = &[
    (
        "stock that does not fit (0 <= held <= on_hand)",
        "select sku || ' in ' || warehouse || ': ' || held || ' of ' || on_hand
        from stock
        where not (0 <= held and held <= on_hand)",
    ),
    (
        "stock that is held for nobody, or promised and not held",
        "with promised as (
            select l.value ->> 'sku' as sku, h.value ->> 'warehouse' as warehouse,
                sum(h.value ->> 'quantity') as held
            from orders, json_each(orders.doc, '$.lines') as l, json_each(l.value, '$.held') as h
            group by 1, 2
        )
        select coalesce(s.sku, p.sku) || ': ' || coalesce(s.held, 0) || ' held, '
            || coalesce(p.held, 0) || ' promised'
        from stock as s
        full join promised as p on p.sku = s.sku and p.warehouse = s.warehouse
        where coalesce(s.held, 0) <> coalesce(p.held, 0)",
    ),
    (
        "postings that do not sum to zero",
        "select posting from ledger group by posting, currency having sum(amount_minor) <> 0",
    ),
    (
        "ledger lines of a commit that is not in the journal",
        "select posting
        from ledger
        where substr(posting, 1, instr(posting, ':') - 1) not in (select commit_id from journal)",
    ),
    (
        "documents whose journal has gaps",
        "with told as (
            select kind, id, min(version) as first, max(version) as last,
                count(distinct version) as count
            from journal
            group by kind, id
        ),
        both as (
            select 'merchants' as kind, id, version, 0 as first, 0 as last, 0 as count
            from merchants
            union all select 'warehouses', id, version, 0, 0, 0 from warehouses
            union all select 'skus', id, version, 0, 0, 0 from skus
            union all select 'orders', id, version, 0, 0, 0 from orders
            union all select 'payments', id, version, 0, 0, 0 from payments
            union all select 'suspense', id, version, 0, 0, 0 from suspense
            union all select kind, id, 0, first, last, count from told
        )
        select id || ': at version ' || sum(version) || ', journal ' || sum(count) || ' to '
            || sum(last)
        from both
        group by kind, id
        having sum(first) <> 1 or sum(last) <> sum(version) or sum(count) <> sum(version)",
    ),
    (
        "orders without their payment, or payments without their orders",
        "with both as (
            select id, doc ->> 'payment' as payment
            from orders
            union all
            select share.value ->> 'order', p.id
            from payments as p, json_each(p.doc, '$.shares') as share
        )
        select id || ' of ' || payment from both group by id, payment having count(*) <> 2",
    ),
    (
        "open payments without their deadline, or deadlines of others",
        "with both as (
            select id from payments where doc ->> '$.life.is' = 'open'
            union all
            select subject from timers where kind = 'unpaid'
        )
        select id from both group by id having count(*) <> 2",
    ),
    (
        "paid orders that their merchant is not told of",
        "select id
        from journal
        where kind = 'orders'
            and event ->> 'event' = 'paid'
            and id || ':paid' not in (select id from outbox)",
    ),
    (
        "refunds that the gateway is not asked for",
        "select refund.value ->> 'id'
        from payments as p, json_each(p.doc, '$.refunds') as refund
        where refund.value ->> 'id' not in (select id from outbox)",
    ),
    (
        "cancelled orders that keep money",
        "select account
        from ledger
        where account like 'escrow:%'
            and substr(account, 8) in (select id from orders where state = 'cancelled')
        group by account
        having sum(amount_minor) <> 0",
    ),
    (
        "purchases of one key that are several",
        "select doc ->> 'note'
        from orders
        group by doc ->> 'note'
        having count(distinct doc ->> 'purchase') > 1",
    ),
];

/// How many of what is wrong is told.
const TOLD: usize = 3;

/// All that breaks a rule.
pub fn broken(connection: &Connection) -> anyhow::Result<Vec<String>> {
    let mut off = Vec::new();
    for (name, query) in NOTHING {
        let wrong = texts(connection, query).with_context(|| (*name).to_owned())?;
        off.extend(told(name, &wrong));
    }
    Ok(off)
}

/// The first column of a query's rows.
pub fn texts(connection: &Connection, query: &str) -> anyhow::Result<Vec<String>> {
    let mut statement = connection.prepare(query)?;
    let rows = statement.query_map([], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// One line about what is wrong, with some examples; nothing if nothing is.
pub fn told(name: &str, wrong: &[String]) -> Option<String> {
    let some = wrong.iter().take(TOLD).cloned().collect::<Vec<_>>().join("; ");
    (!wrong.is_empty()).then(|| format!("{} {name}: {some}", wrong.len()))
}

#[cfg(test)]
mod tests {
    use crate::audit::sample::database;

    fn found(wrong: &str) -> Vec<String> {
        super::broken(&database(wrong)).unwrap()
    }

    #[test]
    fn what_is_right_is_not_found() {
        assert_eq!(found(""), Vec::<String>::new());
    }

    #[test]
    fn everything_that_is_wrong_is_found() {
        let refund = r#"'{"life":{"is":"open"},"shares":[{"order":"ord"}],"purchase":"pur",
            "refunds":[{"id":"ref"}]}'"#;
        let other = r#"insert into payments (id, version, doc) values ('pay2', 1,
            '{"life":{"is":"closed"},"shares":[{"order":"ord2"}],"purchase":"pur2"}')"#;
        let refund = format!("update payments set doc = {refund}");
        for (name, wrong) in [
            ("stock that does not fit", "update stock set on_hand = 1"),
            ("stock that is held for nobody", "update stock set held = 3"),
            ("stock that is held for nobody", "delete from stock"),
            (
                "postings that do not sum",
                "insert into ledger (at_ms, posting, kind, subject, account, currency,
                    amount_minor) values (0, 'c1:1', 'capture', 'pay', 'a', 'CNY', 1)",
            ),
            (
                "ledger lines of a commit",
                "insert into ledger (at_ms, posting, kind, subject, account, currency,
                    amount_minor) values (0, 'c9:0', 'capture', 'pay', 'a', 'CNY', 1)",
            ),
            ("documents whose journal", "update orders set version = 2"),
            (
                "documents whose journal",
                "insert into skus (id, version, doc) values ('s', 1, '{}')",
            ),
            ("orders without their payment", "delete from orders"),
            ("orders without their payment", other),
            ("open payments without", "delete from timers"),
            ("open payments without", "insert into timers values ('pay9', 'unpaid', 0)"),
            (
                "paid orders that",
                r#"insert into journal (at_ms, kind, id, version, event, actor, commit_id)
                    values (0, 'orders', 'ord', 1, '{"event":"paid"}', '', 'c1')"#,
            ),
            ("refunds that the gateway", &refund),
            (
                "cancelled orders that keep",
                "update orders set doc = json_set(doc, '$.state.is', 'cancelled')",
            ),
            (
                "purchases of one key",
                r#"insert into orders (id, version, doc) select 'ord2', 1,
                    json_set(doc, '$.purchase', 'pur2', '$.number', '2') from orders"#,
            ),
        ] {
            let found = found(wrong);
            let fits = |line: &&String| line.contains(name);
            assert!(found.iter().any(|line| fits(&line)), "{name}: {found:?}");
        }
    }
}
