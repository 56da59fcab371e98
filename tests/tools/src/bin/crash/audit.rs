//! What must be so, read from the database in one look: against itself, and against what the people
//! outside were told.

use crate::book::{Book, Wish};
use crate::shop::Shop;
use anyhow::Context as _;
use rusqlite::Connection;
use std::collections::{BTreeMap, BTreeSet};

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

/// An order as the database has it.
struct Order {
    purchase: String,
    state: String,
}

/// Everything that is off.
pub fn all(shop: &Shop, book: &Book) -> anyhow::Result<Vec<String>> {
    let connection = shop.database()?;
    // One look at one moment: the scheduler goes on meanwhile.
    let look = connection.unchecked_transaction()?;
    let mut off = book.off.clone();
    let sound: String = look.query_row("pragma integrity_check", [], |row| row.get(0))?;
    if sound != "ok" {
        off.push(format!("the database is damaged: {sound}"));
    }
    for (name, query) in NOTHING {
        off.extend(told(name, &texts(&look, query).with_context(|| (*name).to_owned())?));
    }
    off.extend(answered(&look, book)?);
    off.extend(acknowledged(&look, book)?);
    Ok(off)
}

fn texts(connection: &Connection, query: &str) -> anyhow::Result<Vec<String>> {
    let mut statement = connection.prepare(query)?;
    let rows = statement.query_map([], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn told(name: &str, wrong: &[String]) -> Option<String> {
    let some = wrong.iter().take(TOLD).cloned().collect::<Vec<_>>().join("; ");
    (!wrong.is_empty()).then(|| format!("{} {name}: {some}", wrong.len()))
}

fn orders(connection: &Connection) -> anyhow::Result<BTreeMap<String, Order>> {
    let mut statement = connection.prepare("select id, doc ->> 'purchase', state from orders")?;
    let order = |row: &rusqlite::Row<'_>| {
        Ok((row.get(0)?, Order { purchase: row.get(1)?, state: row.get(2)? }))
    };
    let rows = statement.query_map([], order)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn notes(connection: &Connection) -> anyhow::Result<BTreeSet<String>> {
    let all = texts(connection, "select distinct doc ->> 'note' from orders")?;
    Ok(all.into_iter().collect())
}

/// What was answered is there, and what was refused is not; and there is nothing else.
fn answered(connection: &Connection, book: &Book) -> anyhow::Result<Vec<String>> {
    let (orders, notes) = (orders(connection)?, notes(connection)?);
    let mut off = Vec::new();
    let lost = |placed: &&crate::book::Placed| {
        let here = |id: &String| orders.get(id).is_some_and(|o| o.purchase == placed.purchase);
        placed.orders.is_empty() || !placed.orders.iter().all(here)
    };
    let lost: Vec<String> = book.placed.values().filter(lost).map(|p| p.purchase.clone()).collect();
    off.extend(told("answered purchases that are not there", &lost));
    let known: usize = book.placed.values().map(|placed| placed.orders.len()).sum();
    let open = |note: &&String| {
        let ours = |open: &crate::book::Open| open.key == **note;
        !book.placed.contains_key(*note) && !book.open.iter().any(ours)
    };
    let foreign: Vec<String> = notes.iter().filter(open).cloned().collect();
    off.extend(told("purchases that nobody was answered, though all were asked again", &foreign));
    if book.open.is_empty() && known != orders.len() {
        off.push(format!("{} orders are there, and {known} were answered", orders.len()));
    }
    let undone: Vec<String> = book
        .cancelled
        .iter()
        .filter(|id| orders.get(*id).is_none_or(|order| order.state != "cancelled"))
        .cloned()
        .collect();
    off.extend(told("acknowledged cancellations that are not there", &undone));
    Ok(off)
}

/// What the gateway was thanked for is booked, and its orders are confirmed.
fn acknowledged(connection: &Connection, book: &Book) -> anyhow::Result<Vec<String>> {
    let mut statement = connection.prepare(
        "select subject, sum(amount_minor), count(*)
        from ledger
        where kind = 'capture'
            and account = 'gateway:stripe'
        group by subject",
    )?;
    let row = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, (row.get(1)?, row.get(2)?)));
    let rows = statement.query_map([], row)?;
    let booked: BTreeMap<String, (i64, i64)> = rows.collect::<Result<_, _>>()?;
    let orders = orders(connection)?;
    let mut off = Vec::new();
    let unbooked: Vec<String> = book
        .paid
        .iter()
        .filter(|(payment, amount)| booked.get(*payment) != Some(&(**amount, 1)))
        .map(|(payment, amount)| format!("{payment} of {amount}: {:?}", booked.get(payment)))
        .collect();
    off.extend(told("acknowledged payments that are not booked once", &unbooked));
    let mut unconfirmed = Vec::new();
    for placed in book.placed.values().filter(|placed| book.paid.contains_key(&placed.payment)) {
        let unwanted = placed.orders.iter().any(|order| book.unwanted.contains(order));
        let state = |id: &String| orders.get(id).map_or("missing", |o| o.state.as_str());
        let fits = |id: &String| state(id) == "confirmed" || unwanted && state(id) == "cancelled";
        let wrong = placed.orders.iter().filter(|id| !fits(id));
        unconfirmed.extend(wrong.map(|id| format!("{id} is {}", state(id))));
    }
    off.extend(told("orders that were paid for and are not confirmed", &unconfirmed));
    Ok(off)
}

/// How many of the purchases that had no answer were stored all the same.
pub fn stored(shop: &Shop, book: &Book) -> anyhow::Result<u64> {
    let notes = notes(&shop.database()?)?;
    let orders = book.open.iter().filter(|open| matches!(open.wish, Wish::Order));
    Ok(orders.filter(|open| notes.contains(&open.key)).count() as u64)
}

/// The gateway made each refund that we think it made, once, and no other.
pub fn refunds(shop: &Shop) -> anyhow::Result<Vec<String>> {
    let connection = shop.database()?;
    let mut statement = connection.prepare(
        "select refund.value ->> 'id', refund.value ->> 'amount_minor',
            refund.value ->> '$.state.is'
        from payments as p, json_each(p.doc, '$.refunds') as refund",
    )?;
    let row = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, (row.get(1)?, row.get(2)?)));
    let rows = statement.query_map([], row)?;
    let ours: BTreeMap<String, (i64, String)> = rows.collect::<Result<_, _>>()?;
    let mut made: BTreeMap<String, (i64, u32)> = BTreeMap::new();
    for refund in shop.gateway.refunds() {
        let number = refund.metadata.get("refund_no").cloned().unwrap_or_default();
        let known = made.entry(number).or_insert((refund.amount, 0));
        known.1 += 1;
    }
    let mut off = Vec::new();
    for (id, (amount, state)) in &ours {
        if state != "succeeded" || made.get(id) != Some(&(*amount, 1)) {
            off.push(format!("{id} of {amount} is {state}, and made: {:?}", made.get(id)));
        }
    }
    off.extend(
        made.keys().filter(|id| !ours.contains_key(*id)).map(|id| format!("{id} is not ours")),
    );
    Ok(told("refunds that are not made once at the gateway", &off).into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A database with the schema and one order that is as it should be, except for `wrong`.
    fn database(wrong: &str) -> Connection {
        let connection = Connection::open_in_memory().unwrap();
        for (_, script) in store::schema::MIGRATIONS {
            connection.execute_batch(script).unwrap();
        }
        let changes = [GOOD, "pragma ignore_check_constraints = on;", wrong].join("\n");
        connection.execute_batch(&changes).unwrap();
        connection
    }

    fn found(wrong: &str) -> Vec<String> {
        let connection = database(wrong);
        let wrong = |(name, query): &(&str, &str)| told(name, &texts(&connection, query).unwrap());
        NOTHING.iter().filter_map(wrong).collect()
    }

    /// What people were told of the good order: it was placed and paid.
    fn book(order: &str, amount_minor: i64) -> Book {
        let (purchase, payment) = ("pur".to_owned(), "pay".to_owned());
        let orders = vec![order.to_owned()];
        let placed = crate::book::Placed { purchase, payment, due_minor: 5, orders };
        let mut book = Book::default();
        book.placed.insert("key".to_owned(), placed);
        book.paid.insert("pay".to_owned(), amount_minor);
        book
    }

    const PAID: &str = "update orders set doc = json_set(doc, '$.state.is', 'confirmed')";

    fn outside(wrong: &str, book: &Book) -> Vec<String> {
        let connection = database(wrong);
        let mut off = answered(&connection, book).unwrap();
        off.extend(acknowledged(&connection, book).unwrap());
        off
    }

    #[test]
    fn what_people_were_told_is_compared_with_what_is_there() {
        let good = book("ord", 5);
        assert_eq!(outside(PAID, &good), Vec::<String>::new());
        let mut cancelled = book("ord", 5);
        cancelled.cancelled.insert("ord".to_owned());
        let mut empty = book("ord", 5);
        empty.placed.clear();
        for (wrong, book, name) in [
            ("delete from orders", &good, "answered purchases"),
            (PAID, &book("ord7", 5), "answered purchases"),
            (PAID, &empty, "purchases that nobody was answered"),
            (PAID, &cancelled, "acknowledged cancellations"),
            ("", &good, "orders that were paid for"),
            (PAID, &book("ord", 6), "acknowledged payments"),
        ] {
            let off = outside(wrong, book);
            assert!(off.iter().any(|line| line.contains(name)), "{name}: {off:?}");
        }
    }

    const GOOD: &str = r#"
        insert into payments (id, version, doc) values ('pay', 1,
            '{"life":{"is":"open"},"shares":[{"order":"ord"}],"refunds":[],"purchase":"pur"}');
        insert into orders (id, version, doc) values ('ord', 1,
            '{"payment":"pay","purchase":"pur","note":"key","number":"1",
            "state":{"is":"awaiting_payment"},
            "lines":[{"sku":"sku","held":[{"warehouse":"wh","quantity":2}]}]}');
        insert into stock values ('sku', 'wh', 9, 2);
        insert into timers values ('pay', 'unpaid', 0);
        insert into journal (at_ms, kind, id, version, event, actor, commit_id) values
            (0, 'payments', 'pay', 1, '{"event":"opened"}', '', 'c1'),
            (0, 'orders', 'ord', 1, '{"event":"placed"}', '', 'c1');
        insert into ledger (at_ms, posting, kind, subject, account, currency, amount_minor) values
            (0, 'c1:0', 'capture', 'pay', 'gateway:stripe', 'CNY', 5),
            (0, 'c1:0', 'capture', 'pay', 'escrow:ord', 'CNY', -5);
    "#;

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
