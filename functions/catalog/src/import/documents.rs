//! Rows about things that are described: each is laid over what is there, and checked as a whole.

use super::{Bulk, Column, Row};
use crate::kinds::Described;
use domain::{Change, Stored, describe};
use edge::import::{Outcome, RowFault, Tally, lay_over};
use edge::{Ctx, Decided, Principal, Role, fit};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::marker::PhantomData;
use store::Batch;

/// Files of one kind.
pub struct Documents<D>(PhantomData<D>);

impl<D: Described> Bulk for Documents<D> {
    const WRITERS: &'static [Role] = D::WRITERS;
    const COLUMNS: &'static [Column] = D::COLUMNS;

    async fn decide(ctx: &Ctx, who: &Principal, rows: &[Row]) -> Decided<Tally> {
        let texts = |name| rows.iter().filter_map(move |row| row.text(name));
        let (ids, merchants) = (BTreeSet::from_iter(texts("id")), texts("merchant").collect());
        let batch: Batch<D> = ctx.store.batch(&ids, &merchants).await?;
        let mut desk = Desk { who, merchants: batch.merchants, things: BTreeMap::new() };
        for known in batch.docs {
            let id = known.doc.id().to_owned();
            desk.things.insert(id, Thing { now: known.doc.clone(), before: Some(known) });
        }
        let mut tally = Tally::default();
        for row in rows {
            tally.count(desk.take(row));
        }
        let mut change = Change::new(who.actor(), ctx.now());
        for Thing { before, now } in desk.things.into_values() {
            describe(&mut change, before, now);
        }
        Ok((change, tally))
    }
}

/// A thing before the rows, and after those that were taken.
struct Thing<D> {
    before: Option<Stored<D>>,
    now: D,
}

struct Desk<'a, D> {
    who: &'a Principal,
    /// Those that exist.
    merchants: BTreeSet<String>,
    things: BTreeMap<String, Thing<D>>,
}

impl<D: Described> Desk<'_, D> {
    /// The last of several rows about one thing counts.
    fn take(&mut self, row: &Row) -> Result<Outcome, RowFault> {
        let bad =
            |pointer: &str, code, reason: &str| Err(RowFault::new(row.line, pointer, code, reason));
        let Some(id) = row.text("id") else { return bad("#/id", "missing", "is missing") };
        let known = self.things.get(id);
        let mut says =
            known.map_or(Value::Null, |thing| serde_json::to_value(&thing.now).unwrap_or_default());
        lay_over(&mut says, &row.says);
        if let Some(missing) = D::COLUMNS.iter().find(|c| c.must && !c.is_in(&says)) {
            return bad(&format!("#/{}", missing.path), "missing", "is missing");
        }
        let wanted: D = fit(says).map_err(|fault| RowFault::of(row.line, fault))?;
        let theirs = known.is_none_or(|thing| thing.now.is_writable_by(self.who));
        if !theirs || !wanted.is_writable_by(self.who) {
            return bad("#/id", "forbidden", "only for the merchant's own people");
        }
        if let Some(fault) = wanted.faults().into_iter().next() {
            return Err(RowFault::of(row.line, fault));
        }
        // Whoever sells it already exists.
        let sold_by = wanted.sold_by().filter(|_| known.is_none_or(|t| t.now != wanted));
        let stays = |m| known.is_some_and(|thing| thing.now.sold_by() == Some(m));
        if sold_by.is_some_and(|m| !stays(m) && !self.merchants.contains(m.as_str())) {
            return bad("#/merchant", "unknown_merchant", "there is no such merchant");
        }
        let outcome = match known {
            None => Outcome::New,
            Some(thing) if thing.now == wanted => Outcome::Same,
            Some(_) => Outcome::Changed,
        };
        let before = self.things.remove(id).and_then(|thing| thing.before);
        self.things.insert(id.to_owned(), Thing { before, now: wanted });
        Ok(outcome)
    }
}
