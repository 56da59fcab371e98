//! The auditor: reads what was stored since it last looked, takes it into its own model, and holds
//! the stored stock, money, timers and facts against it.

mod end;
mod promises;

pub use promises::{Promises, REMEMBERED_MS};

use crate::model::{Broken, Kept, Model, Order, Row, must, number, text};
use orderflow_tests::{Books, Value};
use std::collections::{BTreeMap, BTreeSet};

/// Tables that only grow, and the columns that count their rows.
const GROWING: [(&str, &str); 4] =
    [("journal", "seq"), ("ledger", "line"), ("facts", "seq"), ("stock_moves", "seq")];

/// So long before the ship date the merchant is reminded, by the default policy.
const REMINDED_BEFORE_MS: i64 = 12 * orderflow_tests::HOUR;

/// A parcel that is on its way is looked for so often, and for so long.
const LOOKED_AFTER_MS: i64 = 12 * orderflow_tests::HOUR;
const LOOKED_FOR_MS: i64 = 30 * orderflow_tests::DAY;

/// Looks at the database and judges it.
pub struct Auditor {
    pub books: Books,
    pub model: Model,
    /// What each growing table was read up to.
    read: [i64; 4],
    /// Ids of webhooks of gateways that were taken in.
    pub events: BTreeSet<String>,
    /// Scans that were taken in, by `carrier:waybill`: time and word.
    pub scans: BTreeMap<String, Vec<(i64, String)>>,
    /// Lines of carriers' remittances that were taken in, and what each brought.
    pub remitted: BTreeMap<crate::purse::Key, (i64, String)>,
    /// Pieces by SKU and warehouse as their moves add up, and the commit of each adjustment.
    shelves: BTreeMap<(String, String), i64>,
    adjustments: BTreeMap<String, String>,
    looks: u64,
}

impl Auditor {
    pub fn new(books: Books) -> Self {
        Self {
            books,
            model: Model::default(),
            read: [0; 4],
            events: BTreeSet::new(),
            scans: BTreeMap::new(),
            remitted: BTreeMap::new(),
            shelves: BTreeMap::new(),
            adjustments: BTreeMap::new(),
            looks: 0,
        }
    }

    /// How much of each growing table there is: two looks with nothing between are the same.
    pub fn extent(&self) -> Vec<i64> {
        let count =
            |(table, _): &(&str, &str)| self.books.number(&format!("select count(*) from {table}"));
        GROWING.iter().map(count).collect()
    }

    /// Reads what is new and checks everything that always holds.
    pub fn look(&mut self, now: i64) -> Kept {
        self.looks += 1;
        self.read_moves()?;
        self.read_journal()?;
        self.read_ledger()?;
        self.read_facts()?;
        self.stock_is_right()?;
        if self.model.is_lost() {
            return self.nothing_is_lost();
        }
        self.ledger_is_right()?;
        self.model.carriers_are_explained()?;
        self.timers_are_right(now)?;
        self.silent_carriers_are_asked(now)?;
        self.messages_are_there()?;
        self.parcels_are_where_they_were_seen()?;
        if self.looks.is_multiple_of(25) {
            self.books.are_right();
        }
        if self.looks.is_multiple_of(8) { self.nothing_is_lost() } else { Ok(()) }
    }

    /// Rows of a growing table that were not read yet; the first column counts them.
    fn fresh(&mut self, table: usize, columns: &str) -> Vec<Vec<Value>> {
        let (name, counter) = GROWING[table];
        let sql = format!(
            "select {counter}, {columns} from {name} where {counter} > {} order by {counter}",
            self.read[table]
        );
        let rows = self.books.rows(&sql);
        if let Some(last) = rows.last() {
            self.read[table] = number(&last[0]);
        }
        rows
    }

    fn read_journal(&mut self) -> Kept {
        let rows = self.fresh(0, "at_ms, kind, id, event, actor, commit_id");
        let row = |row: &Vec<Value>| Row {
            at: number(&row[1]),
            kind: text(&row[2]),
            id: text(&row[3]),
            event: row[4].clone(),
            by: text(&row[5]["by"]),
            who: text(&row[5]["id"]),
            commit: text(&row[6]),
        };
        let rows: Vec<Row> = rows.iter().map(row).collect();
        for commit in rows.chunk_by(|a, b| a.commit == b.commit) {
            self.model.take(commit)?;
        }
        Ok(())
    }

    /// Counts and adjustments of stock are nobody's event: they are told by their moves.
    fn read_moves(&mut self) -> Kept {
        for row in self.fresh(3, "sku, warehouse, on_hand, why, balance, note, commit_id") {
            let shelf = (text(&row[1]), text(&row[2]));
            let pieces = self.shelves.entry(shelf).or_default();
            *pieces += number(&row[3]);
            must(*pieces == number(&row[5]), "what is on hand is the sum of its moves", || {
                format!("{row:?}: {pieces}")
            })?;
            if ["shipped", "restocked", "missing"].iter().any(|why| row[4] == **why) {
                continue;
            }
            self.model.moves(&text(&row[1]), &text(&row[2]), number(&row[3]), 0);
            let (note, commit) = (text(&row[6]), text(&row[7]));
            if note.starts_with("stock-") {
                let known = self.adjustments.entry(note).or_insert_with(|| commit.clone());
                must(*known == commit, "one idempotency key adjusts stock once", || {
                    format!("{row:?}")
                })?;
            }
        }
        Ok(())
    }

    fn read_ledger(&mut self) -> Kept {
        let mut sums: BTreeMap<(String, String), i64> = BTreeMap::new();
        for row in self.fresh(1, "posting, currency, amount_minor") {
            *sums.entry((text(&row[1]), text(&row[2]))).or_default() += number(&row[3]);
        }
        let wrong = sums.iter().find(|(_, sum)| **sum != 0);
        must(wrong.is_none(), "every posting sums to zero", || format!("{wrong:?}"))
    }

    fn read_facts(&mut self) -> Kept {
        for row in self.fresh(2, "key, kind, subject, verdict, fact") {
            if row[2] == "tracking" {
                let (step, at) = (&row[5]["step"], number(&row[5]["occurred_at"]));
                let word = step["kind"].as_str().or(step["state"].as_str()).unwrap_or_default();
                let scans = self.scans.entry(text(&row[3])).or_default();
                scans.push((at, word.to_owned()));
                scans.sort();
                continue;
            }
            if row[2] == "remittance" {
                self.read_remittance(&row[5], &text(&row[4]))?;
                continue;
            }
            let event = text(&row[1]).rsplit('\u{1f}').next().unwrap_or_default().to_owned();
            let new = self.events.insert(event);
            must(new, "a webhook is taken in once", || format!("{row:?}"))?;
        }
        Ok(())
    }

    fn read_remittance(&mut self, fact: &Value, verdict: &str) -> Kept {
        let label = format!("{}:{}", text(&fact["carrier"]), text(&fact["waybill"]));
        let amount = &fact["amount"];
        let amount = (number(&amount["amount"]), text(&amount["currency"]));
        let known = self.remitted.insert((text(&fact["remittance"]), label), amount);
        must(known.is_none(), "a remittance is taken in once", || format!("{fact}"))?;
        let judged = self.model.remittance(verdict, fact);
        if self.model.is_lost() { Ok(()) } else { judged }
    }

    fn stock_is_right(&self) -> Kept {
        for row in self.books.rows("select sku, warehouse, on_hand, held from stock") {
            let (on_hand, held) = (number(&row[2]), number(&row[3]));
            let fits = 0 <= held && held <= on_hand;
            must(fits, "stock is never promised twice or negative", || format!("{row:?}"))?;
            let key = (text(&row[0]), text(&row[1]));
            let model = self.model.stock.get(&key).copied().unwrap_or_default();
            let same = model == (on_hand, held) || self.model.is_lost();
            must(same, "stock is what came, left and is promised", || {
                format!("{row:?} in the books, {model:?} by what happened")
            })?;
        }
        Ok(())
    }

    fn ledger_is_right(&self) -> Kept {
        let sql = "select account, currency, sum(amount_minor) from ledger group by 1, 2";
        let mut booked: BTreeMap<(String, String), i64> = BTreeMap::new();
        for row in self.books.rows(sql) {
            booked.insert((text(&row[0]), text(&row[1])), number(&row[2]));
        }
        let accounts = booked.keys().chain(self.model.ledger.keys());
        for account in accounts {
            let in_books = booked.get(account).copied().unwrap_or(0);
            let by_model = self.model.ledger.get(account).copied().unwrap_or(0);
            must(in_books == by_model, "every unit of money that came is somewhere, once", || {
                format!("{account:?}: {in_books} in the books, {by_model} by what happened")
            })?;
        }
        Ok(())
    }

    /// A timer runs exactly while there is something to wait for. One that is due may wait for its
    /// tick, whenever it was due. The one of a payment goes off before the deadline too, for a
    /// question to its gateway and for a reminder.
    fn timers_are_right(&self, now: i64) -> Kept {
        let money = ["unpaid", "refunds_due", "cash_overdue"];
        let goods = ["unconfirmed", "substitute_due", "auto_complete", "window_ends"];
        let cases = ["review_overdue", "return_overdue"];
        let parcels = ["ship_by", "exception_due", "no_scan"];
        let kinds = money.into_iter().chain(goods).chain(cases).chain(parcels);
        let kinds: Vec<&str> = kinds.collect();
        let mut set: BTreeMap<(String, String), i64> = BTreeMap::new();
        for row in self.books.rows("select subject, kind, due_at_ms from timers") {
            // What is in doubt may be watched, and need not be.
            let order = self.model.orders.get(&text(&row[0]));
            let doubted = row[1] == "ship_by" && order.is_some_and(|order| order.is_doubted());
            if kinds.iter().any(|kind| row[1] == **kind) && !doubted {
                set.insert((text(&row[0]), text(&row[1])), number(&row[2]));
            }
        }
        let wanted = self.model.timers();
        for (timer, due) in &wanted {
            let at = set.get(timer);
            let payment = self.model.payments.get(&timer.0);
            let reminds = |at: &i64| timer.1 == "ship_by" && *at == due - REMINDED_BEFORE_MS;
            let early = |at: &i64| {
                reminds(at) || payment.is_some_and(|payment| payment.goes_off_early_at(*at))
            };
            let right = at.is_some_and(|at| at == due || at.max(due) <= &now || early(at));
            must(right, "what waits has a timer", || {
                format!("{timer:?} should be at {due}, is at {at:?}, now {now}")
            })?;
        }
        // What held a settlement up had ended, and something else does before the clock has looked:
        // it looks, and does nothing.
        let looks = |(subject, kind): &(String, String)| {
            let order = self.model.orders.get(subject);
            kind == "window_ends" && order.is_some_and(Order::frozen)
        };
        let idle = |(timer, due): &(&(String, String), &i64)| {
            let ends_at_once = looks(timer) && **due <= now;
            !wanted.contains_key(*timer) && !ends_at_once
        };
        let idle = set.iter().find(idle);
        must(idle.is_none(), "a timer whose reason has gone is gone", || format!("{idle:?}"))
    }

    /// As long as its carrier has something to say, somebody looks whether it says it.
    fn silent_carriers_are_asked(&self, now: i64) -> Kept {
        let sql = "select subject, due_at_ms from timers where kind = 'carrier_silent'";
        let rows = self.books.rows(sql);
        let set: BTreeMap<String, i64> =
            rows.iter().map(|row| (text(&row[0]), number(&row[1]))).collect();
        for (id, parcel) in &self.model.parcels {
            let over = parcel.arrived || parcel.seen == "returned" || parcel.seen == "cancelled";
            let waits = parcel.state == "shipped" && !over;
            let waits = waits && now <= parcel.shipped_at + LOOKED_FOR_MS;
            let at = set.get(id);
            let soon = at.is_some_and(|at| *at <= now.max(parcel.shipped_at) + LOOKED_AFTER_MS);
            must(soon || !waits, "a carrier that says nothing is asked", || {
                format!("{id} {parcel:?}: at {at:?}, now {now}")
            })?;
        }
        Ok(())
    }

    /// Every refund that was asked for has its message to the gateway; cash goes back by hand.
    fn messages_are_there(&self) -> Kept {
        let sql = "select p.id, refund.value ->> 'id'
            from payments as p, json_each(p.doc, '$.refunds') as refund
            where not exists (select 1 from outbox where id = refund.value ->> 'id')
                and refund.value ->> 'gateway' <> 'cash_on_delivery'";
        let missing = self.books.rows(sql);
        must(missing.is_empty(), "a gateway is asked for each refund", || format!("{missing:?}"))
    }

    /// A parcel that left is delivered exactly when its carrier said so.
    fn parcels_are_where_they_were_seen(&self) -> Kept {
        for (id, parcel) in &self.model.parcels {
            let label = parcel.label.as_deref().unwrap_or_default();
            let scans = self.scans.get(label).map(Vec::as_slice).unwrap_or_default();
            let seen = scans.iter().any(|(_, word)| word == "delivered");
            self.model.is_looked_after(label, scans)?;
            let order = self.model.orders.get(&parcel.order);
            let counted = order.is_some_and(|order| order.delivered.contains(id));
            let right = counted == (seen && parcel.state == "shipped");
            must(right, "a parcel is delivered when its carrier says so", || {
                format!("{id} {parcel:?}: seen {seen}, counted {counted}")
            })?;
        }
        Ok(())
    }

    /// Rows are counted from one without gaps, so a row that went would show.
    fn nothing_is_lost(&self) -> Kept {
        let there = self.extent();
        must(there == self.read, "nothing is deleted", || {
            format!("{there:?} rows are there, {:?} were read", self.read)
        })
    }

    /// What a broken invariant shows when a check of the harness says it by failing.
    pub fn panicked(why: &(dyn std::any::Any + Send)) -> Broken {
        let text = why.downcast_ref::<String>().cloned();
        let text = text.or_else(|| why.downcast_ref::<&str>().map(|text| (*text).to_owned()));
        let detail = text.unwrap_or_else(|| "it panicked".to_owned());
        Broken { invariant: "nothing panics, and the books are right", detail }
    }
}
