//! What must be so, read from the database in one look: against itself, and against what the people
//! outside were told.

mod rules;
#[cfg(test)]
mod sample;

use crate::book::{Book, Wish};
use crate::shop::Shop;
use rules::{texts, told};
use rusqlite::Connection;
use std::collections::{BTreeMap, BTreeSet};

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
    off.extend(rules::broken(&look)?);
    off.extend(answered(&look, book)?);
    off.extend(acknowledged(&look, book)?);
    Ok(off)
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
    use super::sample::database;
    use super::*;

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
}
