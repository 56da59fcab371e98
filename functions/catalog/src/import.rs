//! Bulk import from CSV. Good rows are taken over a few hundred at a time, each bad one is named
//! with its line, column and reason. The same file again changes nothing.

mod columns;

use crate::csv_rows::{BadRow, CsvRows, Row};
use columns::{Columns, Parsed};
use domain::{Change, Merchant, Sku, Stored, Warehouse, count_stock, describe};
use edge::{Ctx, Principal, Problem, Request, Response, Role, json};
use futures::StreamExt;
use http::StatusCode;
use serde::Serialize;
use std::collections::BTreeMap;
use store::Known;

/// Rows of one commit.
const ROWS: usize = 500;
/// Bad rows that are named; the rest are counted.
const NAMED: usize = 1_000;

/// What became of a file.
#[derive(Debug, Default, Serialize)]
pub struct Report {
    rows: u64,
    new: u64,
    changed: u64,
    same: u64,
    bad: u64,
    faults: Vec<RowFault>,
}

/// A row that was not taken over.
#[derive(Debug, Clone, Serialize)]
pub struct RowFault {
    pub line: u64,
    pub column: String,
    pub reason: String,
}

pub async fn import(ctx: &Ctx, request: &Request, kind: &str) -> Result<Response, Problem> {
    let who = ctx.principal(request, &[Role::Operator]).await?;
    if request.media_type() != "text/csv" {
        let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
        return Err(Problem::new(status, "wrong_content_type", "the body must be text/csv"));
    }
    let columns = Columns::of(kind).ok_or_else(|| Problem::not_found("kind of import"))?;
    let mut import = Import { ctx, who, columns, order: None, report: Report::default() };
    let (mut csv, mut chunks) = (CsvRows::default(), request.chunks());
    let mut batch = Vec::new();
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|e| Problem::bad_request("unreadable", e.to_string()))?;
        if !chunk.is_empty() {
            csv.feed(&chunk, |line, row| batch.push((line, row)));
        }
        while batch.len() >= ROWS {
            let rest = batch.split_off(ROWS);
            import.take(request, std::mem::replace(&mut batch, rest)).await?;
        }
    }
    csv.feed(b"", |line, row| batch.push((line, row)));
    import.take(request, batch).await?;
    Ok(json(StatusCode::OK, &import.report))
}

struct Import<'a> {
    ctx: &'a Ctx,
    who: Principal,
    columns: Columns,
    /// Which of the file's columns is which of ours; known after the first row.
    order: Option<Vec<Option<usize>>>,
    report: Report,
}

impl Import<'_> {
    fn fault(&mut self, line: u64, column: &str, reason: &str) {
        self.report.bad += 1;
        if self.report.faults.len() < NAMED {
            let (column, reason) = (column.to_owned(), reason.to_owned());
            self.report.faults.push(RowFault { line, column, reason });
        }
    }

    async fn take(
        &mut self,
        request: &Request,
        rows: Vec<(u64, Result<Row, BadRow>)>,
    ) -> Result<(), Problem> {
        let mut parsed: BTreeMap<String, (u64, Parsed)> = BTreeMap::new();
        for (line, row) in rows {
            let Some(order) = self.order.clone() else {
                self.order = Some(self.columns.order(row)?);
                continue;
            };
            self.report.rows += 1;
            let read = match row {
                Ok(row) => self.columns.parse(&order, &row),
                Err(BadRow::NotUtf8) => Err((String::new(), "not UTF-8; is it GBK?".to_owned())),
                Err(BadRow::TooLong) => Err((String::new(), "the row is too long".to_owned())),
            };
            match read {
                Ok(row) => {
                    // The last of several rows about one thing counts.
                    if parsed.insert(row.key(), (line, row)).is_some() {
                        self.report.same += 1;
                    }
                }
                Err((column, reason)) => self.fault(line, &column, &reason),
            }
        }
        if parsed.is_empty() { Ok(()) } else { self.apply(request, parsed).await }
    }

    async fn apply(
        &mut self,
        request: &Request,
        mut rows: BTreeMap<String, (u64, Parsed)>,
    ) -> Result<(), Problem> {
        let unknown = self.unknown_names(&rows).await?;
        for (key, column, reason) in unknown {
            if let Some((line, _)) = rows.remove(&key) {
                self.fault(line, column, reason);
            }
        }
        let (ctx, who) = (self.ctx, &self.who);
        let decide = async || {
            let mut change = Change::new(who.actor(), ctx.now());
            let mut counts = (0, 0, 0);
            let known = known(ctx, &rows).await?;
            for (_, row) in rows.values() {
                let outcome = one(&mut change, ctx, &known, row).await?;
                match outcome {
                    Outcome::New => counts.0 += 1,
                    Outcome::Changed => counts.1 += 1,
                    Outcome::Same => counts.2 += 1,
                }
            }
            Ok((change, counts))
        };
        let (new, changed, same) = ctx.change(request, decide).await?;
        self.report.new += new;
        self.report.changed += changed;
        self.report.same += same;
        Ok(())
    }

    /// Rows that name a merchant, a warehouse or an SKU that is not there.
    async fn unknown_names(
        &self,
        rows: &BTreeMap<String, (u64, Parsed)>,
    ) -> Result<Vec<(String, &'static str, &'static str)>, Problem> {
        let known = known(self.ctx, rows).await?;
        let mut unknown = Vec::new();
        for (key, (_, row)) in rows {
            let missing = match row {
                Parsed::Sku(sku) if !known.merchants.iter().any(|m| m == sku.merchant.as_str()) => {
                    Some(("merchant", "no such merchant"))
                }
                Parsed::Stock { sku, .. } if !known.skus.iter().any(|s| s.doc.id == *sku) => {
                    Some(("sku", "no such SKU"))
                }
                Parsed::Stock { warehouse, .. }
                    if !known.warehouses.iter().any(|w| w == warehouse.as_str()) =>
                {
                    Some(("warehouse", "no such warehouse"))
                }
                Parsed::Stock { sku, warehouse, on_hand } => {
                    let held = known
                        .stock
                        .iter()
                        .find(|s| s.sku == *sku && s.warehouse == *warehouse)
                        .map_or(0, |s| s.held);
                    (*on_hand < held).then_some(("on_hand", "less than is promised to orders"))
                }
                Parsed::Sku(_) | Parsed::Merchant(_) | Parsed::Warehouse(_) => None,
            };
            unknown.extend(missing.map(|(column, reason)| (key.clone(), column, reason)));
        }
        Ok(unknown)
    }
}

enum Outcome {
    New,
    Changed,
    Same,
}

async fn known(ctx: &Ctx, rows: &BTreeMap<String, (u64, Parsed)>) -> Result<Known, Problem> {
    let (mut skus, mut merchants, mut warehouses) = (Vec::new(), Vec::new(), Vec::new());
    for (_, row) in rows.values() {
        match row {
            Parsed::Sku(sku) => {
                skus.push(sku.id.as_str());
                merchants.push(sku.merchant.as_str());
            }
            Parsed::Stock { sku, warehouse, .. } => {
                skus.push(sku.as_str());
                warehouses.push(warehouse.as_str());
            }
            Parsed::Merchant(_) | Parsed::Warehouse(_) => {}
        }
    }
    Ok(ctx.store.known(&skus, &merchants, &warehouses).await?)
}

async fn one(
    change: &mut Change,
    ctx: &Ctx,
    known: &Known,
    row: &Parsed,
) -> Result<Outcome, Problem> {
    Ok(match row {
        Parsed::Merchant(wanted) => {
            let before = ctx.store.load::<Merchant>(wanted.id.as_str()).await?;
            // A file says nothing about webhooks; what is set stays.
            let webhook = before.as_ref().and_then(|b| b.doc.webhook.clone());
            took_over(change, before, Merchant { webhook, ..wanted.clone() })
        }
        Parsed::Warehouse(wanted) => {
            let before = ctx.store.load::<Warehouse>(wanted.id.as_str()).await?;
            took_over(change, before, wanted.clone())
        }
        Parsed::Sku(wanted) => {
            let before: Option<Stored<Sku>> =
                known.skus.iter().find(|s| s.doc.id == wanted.id).cloned();
            took_over(change, before, wanted.clone())
        }
        Parsed::Stock { sku, warehouse, on_hand } => {
            let level = known.stock.iter().find(|s| s.sku == *sku && s.warehouse == *warehouse);
            let before = level.map_or(0, |s| s.on_hand);
            count_stock(change, sku, warehouse, before, *on_hand);
            match level {
                _ if before == *on_hand => Outcome::Same,
                None => Outcome::New,
                Some(_) => Outcome::Changed,
            }
        }
    })
}

fn took_over<D>(change: &mut Change, before: Option<Stored<D>>, wanted: D) -> Outcome
where
    D: domain::Document<Event = domain::Described<D>> + PartialEq,
{
    let outcome = match &before {
        None => Outcome::New,
        Some(before) if before.doc == wanted => Outcome::Same,
        Some(_) => Outcome::Changed,
    };
    describe(change, before, wanted);
    outcome
}
