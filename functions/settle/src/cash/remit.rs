//! A carrier's file of what it remits: one line for each waybill.

use chrono::{Datelike, NaiveDate};
use domain::{
    CarrierCode, Change, Currency, LARGEST_MINOR, Money, Order, Parcel, RemittanceLine,
    RemittanceNo, Stored, Waybill, take_remittance,
};
use edge::import::{Bulk, Column, Is, Outcome, Row, RowFault, Tally, key, may, must};
use edge::{Ctx, Decided, Principal, Role, fit};
use serde::Deserialize;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use store::Remitted;

/// Files of remittances.
pub struct Remittances;

/// A row.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Told {
    carrier: CarrierCode,
    remittance: RemittanceNo,
    waybill: Waybill,
    /// In the currency's unit, as carriers write it: `128.00`.
    amount: String,
    collected_on: String,
    #[serde(default = "cny")]
    currency: Currency,
}

fn cny() -> Currency {
    Currency::CNY
}

/// Reads a decimal number of a currency's unit as minor units, exactly; `None` if it is none, if it
/// is not positive, or if it has more digits than the currency.
fn minor(text: &str, currency: Currency) -> Option<i64> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let digits = |t: &str| t.bytes().all(|b| b.is_ascii_digit());
    let places = usize::try_from(currency.exponent()).ok()?;
    if whole.is_empty() || part.len() > places || !digits(whole) || !digits(part) {
        return None;
    }
    let minor: i64 = format!("{whole}{part:0<places$}").parse().ok()?;
    (1..=LARGEST_MINOR).contains(&minor).then_some(minor)
}

/// `2026-03-02`: with all its digits, in the calendar, and in our times.
fn is_day(text: &str) -> bool {
    let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().filter(|_| text.len() == 10);
    day.is_some_and(|day| (2_000..3_000).contains(&day.year()))
}

fn line_of(row: &Row) -> Result<RemittanceLine, RowFault> {
    let told: Told =
        fit(Value::Object(row.says.clone())).map_err(|fault| RowFault::of(row.line, fault))?;
    let Told { carrier, remittance, waybill, amount, collected_on, currency } = told;
    let bad = |column, code, why| RowFault::new(row.line, column, code, why);
    let amount_minor = minor(amount.trim(), currency).ok_or_else(|| {
        bad("amount", "not_an_amount", "a positive amount with the currency's digits: 128.00")
    })?;
    if !is_day(&collected_on) {
        return Err(bad("collected_on", "not_a_day", "a day: 2026-03-02"));
    }
    let amount = Money::new(amount_minor, currency);
    Ok(RemittanceLine { carrier, remittance, waybill, amount, collected_on })
}

/// What is known of a file's rows, as it changes row by row.
struct Desk {
    taken: BTreeMap<String, RemittanceLine>,
    parcels: BTreeMap<String, Stored<Parcel>>,
    orders: BTreeMap<String, Stored<Order>>,
}

fn on_label(carrier: &CarrierCode, waybill: &Waybill) -> String {
    format!("{carrier}:{waybill}")
}

impl Desk {
    fn of(known: Remitted) -> Self {
        let label = |p: &Stored<Parcel>| {
            p.doc.label.as_ref().map(|l| on_label(&l.carrier, &l.waybill)).unwrap_or_default()
        };
        Self {
            taken: known.lines.into_iter().map(|line| (line.key(), line)).collect(),
            parcels: known.parcels.into_iter().map(|p| (label(&p), p)).collect(),
            orders: known.orders.into_iter().map(|o| (o.doc.id.to_string(), o)).collect(),
        }
    }

    fn take(
        &mut self,
        change: &mut Change,
        (at, line): (u64, RemittanceLine),
        tally: &mut Tally,
    ) -> Result<Outcome, RowFault> {
        match self.taken.get(&line.key()) {
            Some(known) if *known == line => return Ok(Outcome::Same),
            Some(_) => {
                let why = "this remittance told another amount or day for this waybill before";
                return Err(RowFault::new(at, "amount", "told_differently", why));
            }
            None => {}
        }
        let parcel = self.parcels.get_mut(&on_label(&line.carrier, &line.waybill));
        let order = parcel.as_ref().map(|p| p.doc.order.to_string());
        let order = order.and_then(|id| self.orders.get_mut(&id));
        let verdict = take_remittance(change, &line, parcel.zip(order));
        *tally.verdicts.entry(verdict.word()).or_default() += 1;
        self.taken.insert(line.key(), line);
        Ok(Outcome::New)
    }
}

impl Bulk for Remittances {
    const WRITERS: &'static [Role] = &[Role::Finance];
    const COLUMNS: &'static [Column] = &[
        key("carrier", Is::Text),
        key("remittance", Is::Text),
        key("waybill", Is::Text),
        must("amount", Is::Text),
        must("collected_on", Is::Text),
        may("currency", Is::Text),
    ];

    async fn decide(ctx: &Ctx, who: &Principal, rows: &[Row]) -> Decided<Tally> {
        let (mut tally, mut lines) = (Tally::default(), Vec::new());
        for row in rows {
            match line_of(row) {
                Ok(line) => lines.push((row.line, line)),
                Err(fault) => tally.faults.push(fault),
            }
        }
        let keys: Vec<String> = lines.iter().map(|(_, line)| line.key()).collect();
        let waybills = lines.iter().map(|(_, line)| on_label(&line.carrier, &line.waybill));
        let waybills: BTreeSet<String> = waybills.collect();
        let waybills: Vec<String> = waybills.into_iter().collect();
        let mut desk = Desk::of(ctx.store.remitted(&keys, &waybills).await?);
        let mut change = Change::new(who.actor(), ctx.now());
        for line in lines {
            let taken = desk.take(&mut change, line, &mut tally);
            tally.count(taken);
        }
        Ok((change, tally))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_read_to_its_last_digit_or_not_at_all() {
        let yen = Currency::parse("JPY").unwrap_or(Currency::CNY);
        for (text, currency, right) in [
            ("128.00", Currency::CNY, Some(12_800)),
            ("128", Currency::CNY, Some(12_800)),
            ("128.5", Currency::CNY, Some(12_850)),
            ("0.01", Currency::CNY, Some(1)),
            ("128", yen, Some(128)),
            ("128.0", yen, None),
            ("128.001", Currency::CNY, None),
            ("0", Currency::CNY, None),
            ("-1", Currency::CNY, None),
            ("1e3", Currency::CNY, None),
            (".5", Currency::CNY, None),
            ("1,280.00", Currency::CNY, None),
            ("99999999999999999999", Currency::CNY, None),
        ] {
            assert_eq!(minor(text, currency), right, "{text}");
        }
    }

    #[test]
    fn a_day_is_one_of_the_calendar() {
        assert!(is_day("2026-03-02"));
        for text in [
            "2026-3-2",
            "2026-13-01",
            "02.03.2026",
            "2026-03-02T00",
            "2026-02-30",
            "+026-03-02",
            "0001-03-02",
            "2026-03-32",
            "",
        ] {
            assert!(!is_day(text), "{text}");
        }
    }
}
