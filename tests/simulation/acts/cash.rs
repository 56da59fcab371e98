//! Cash on delivery: who believes in an order, what comes back, and what carriers bring or do not.

use super::{Intent, Kind};
use crate::life::Life;
use crate::model::{CASH, Parcel as Sent, Stage};
use crate::purse::{File, Remits};
use orderflow_tests::{Order as Known, Parcel, Value, json};

fn named(id: &str) -> Parcel {
    Parcel { id: id.to_owned(), carrier: String::new(), waybill: String::new() }
}

/// Somebody has called the buyer, or has not reached them.
pub fn looks_at_order<'s>(life: &mut Life<'s>) -> Option<Intent<'s>> {
    let any = life.chance.percent(5);
    let (id, order) = life.an_order(|order| any || order.stage == Stage::Unconfirmed)?;
    let who = match life.chance.below(3) {
        0 => life.shop.support(),
        1 => life.shop.operator(),
        _ => life.shop.merchant(&order.merchant),
    };
    let known = Known { id: id.clone(), merchant: order.merchant, total: order.total };
    if life.chance.percent(70) {
        return life.keyed(format!("{} confirms {id}", who.sub), who.confirm(&known));
    }
    let why = life.chance.pick(&["buyer_unreachable", "suspected_fraud"]);
    life.keyed(format!("{} declines {id}", who.sub), who.decline(&known, why))
}

/// Support believes in it.
pub fn confirms<'s>(life: &Life<'s>, known: &Known) -> Option<Intent<'s>> {
    let who = life.shop.support();
    life.keyed(format!("support confirms {}", known.id), who.confirm(known))
}

/// It left, and nobody is known to have paid for it or to have kept it.
fn is_away(parcel: &Sent) -> bool {
    let unpaid = match &parcel.cash {
        Some(cash) => !cash.collected,
        None => parcel.seen == "returned",
    };
    parcel.state == "given_up" || parcel.state == "shipped" && unpaid
}

/// A parcel that nobody took is in the warehouse again, or somebody believes so.
pub fn takes_back<'s>(life: &mut Life<'s>) -> Option<Intent<'s>> {
    let any = life.chance.percent(6);
    let gone: Vec<String> = life.traces.gone_back();
    let back = |parcel: &Sent| parcel.label.as_ref().is_some_and(|label| gone.contains(label));
    let (id, parcel) = life.a_parcel(|parcel| any || is_away(parcel) && back(parcel))?;
    opens(life, &id, &parcel)
}

/// Somebody believes to have what its buyer has taken and paid: one like it came back.
pub fn takes_back_what_was_taken<'s>(life: &mut Life<'s>) -> Option<Intent<'s>> {
    let any = life.chance.percent(10);
    let taken = |p: &Sent| p.state == "shipped" && p.arrived && (any || p.cash.is_some());
    let (id, parcel) = life.a_parcel(|parcel| taken(parcel) && parcel.seen != "returned")?;
    opens(life, &id, &parcel)
}

/// What comes out of a parcel: less, more, damaged, for another shelf.
fn opens<'s>(life: &mut Life<'s>, id: &str, parcel: &Sent) -> Option<Intent<'s>> {
    let mut lines = Vec::new();
    for (no, units) in &parcel.picks {
        let most = units + i64::from(life.chance.percent(3));
        let came = if life.chance.percent(70) { *units } else { life.chance.between(0, most) };
        let to = life.chance.pick(&["restock", "restock", "scrap", "refurbish"]);
        let apart = came > 1 && life.chance.percent(30);
        let first = if apart { 1 } else { came };
        for (units, to) in [(first, to), (came - first, "restock")] {
            if units > 0 {
                lines.push(json!({"line": no, "units": units, "to": to}));
            }
        }
    }
    taking_back(life, id, parcel, &lines)
}

fn taking_back<'s>(
    life: &Life<'s>,
    id: &str,
    parcel: &Sent,
    lines: &[Value],
) -> Option<Intent<'s>> {
    let path = format!("/v1/shipping/parcels/{id}/take-back");
    let ask = life.shop.warehouse(&parcel.warehouse).post(&path, &json!({"lines": lines}));
    life.keyed(format!("{} takes {id} back {}", parcel.warehouse, json!(lines)), ask)
}

/// All that was in it.
pub fn takes_all_back<'s>(life: &Life<'s>, id: &str, parcel: &Sent) -> Option<Intent<'s>> {
    let line = |(no, units): &(i64, i64)| json!({"line": no, "units": units, "to": "restock"});
    let lines: Vec<Value> = parcel.picks.iter().map(line).collect();
    if is_away(parcel) { taking_back(life, id, parcel, &lines) } else { None }
}

/// Carrier and waybill of a label.
fn parts(parcel: &Sent) -> Option<(String, String)> {
    let (carrier, waybill) = parcel.label.as_deref()?.split_once(':')?;
    Some((carrier.to_owned(), waybill.to_owned()))
}

/// What a carrier writes about one parcel: the right amount, or one of many wrong ones.
fn a_line(life: &mut Life<'_>, carrier: &str) -> Option<Remits> {
    let draw = life.chance.below(20);
    if draw == 0 {
        return Some((format!("NOBODY{}", life.number()), life.chance.between(1, 9_999), "CNY"));
    }
    let of = |parcel: &Sent| parts(parcel).is_some_and(|(of, _)| of == carrier);
    let owes = |parcel: &Sent| parcel.cash.as_ref().is_some_and(|cash| cash.owed > 0);
    let any = draw < 4;
    let (_, parcel) = life.a_parcel(|parcel| of(parcel) && (any || owes(parcel)))?;
    let (_, waybill) = parts(&parcel)?;
    let owed = parcel.cash.as_ref().map_or(700, |cash| if any { cash.total() } else { cash.owed });
    let (amount, currency) = match draw {
        4 | 5 => (life.chance.between(1, owed.max(1)), "CNY"),
        6 => (owed + life.chance.between(1, 300), "CNY"),
        7 => (owed, "USD"),
        _ => (owed, "CNY"),
    };
    (amount > 0).then_some((waybill, amount, currency))
}

/// A carrier writes a file, sometimes under a number that it has used.
pub fn remits<'s>(life: &mut Life<'s>) -> Option<Intent<'s>> {
    let carrier = life.chance.pick(&["yuantong", "yuantong", "zto"]).to_owned();
    let mut lines: Vec<Remits> = Vec::new();
    for _ in 0..1 + life.chance.below(4) {
        if let Some(line) = a_line(life, &carrier)
            && lines.iter().all(|known| known.0 != line.0)
        {
            lines.push(line);
        }
    }
    let used = life.purse.files.last().filter(|file| file.carrier == carrier);
    let used = used.map(|file| file.number.clone()).filter(|_| life.chance.percent(10));
    let number = used.unwrap_or_else(|| format!("R{}", life.number()));
    writes(life, carrier, number, lines)
}

fn writes<'s>(
    life: &mut Life<'s>,
    carrier: String,
    number: String,
    lines: Vec<Remits>,
) -> Option<Intent<'s>> {
    if lines.is_empty() {
        return None;
    }
    life.purse.files.push(File { carrier, number, lines, acknowledged: false });
    file(life, life.purse.files.len() - 1)
}

/// Brings a file of a carrier.
pub fn file<'s>(life: &Life<'s>, which: usize) -> Option<Intent<'s>> {
    let file = life.purse.files.get(which)?;
    let ask = life.shop.finance().remit(&file.carrier, &[]).body("text/csv", file.csv());
    let what = format!("{} remits {} {:?}", file.carrier, file.number, file.lines);
    life.intent(what, ask, Kind::Remittance(which))
}

/// A file is brought that was not heard of, or was.
pub fn remits_again<'s>(life: &mut Life<'s>) -> Option<Intent<'s>> {
    let files = life.purse.files.len();
    let which = life.chance.below(files.max(1));
    file(life, which)
}

/// Everything that a carrier still has, or everything that it has for too long, in one file.
pub fn remits_all<'s>(life: &mut Life<'s>, carrier: &str, late: bool) -> Option<Intent<'s>> {
    let owing = |parcel: &Sent| {
        let cash = parcel.cash.as_ref().filter(|cash| cash.overdue || !late);
        let owed = cash.map_or(0, |cash| cash.owed);
        let (of, waybill) = parts(parcel)?;
        (of == carrier && owed > 0).then_some((waybill, owed, "CNY"))
    };
    let lines = life.auditor.model.parcels.values().filter_map(owing).collect();
    let number = format!("R{}", life.number());
    writes(life, carrier.to_owned(), number, lines)
}

/// Nobody waits for it any more.
pub fn writes_off<'s>(life: &Life<'s>, id: &str) -> Option<Intent<'s>> {
    let ask = life.shop.finance().write_off(&named(id));
    life.keyed(format!("finance writes the cash of {id} off"), ask)
}

pub fn writes_one_off<'s>(life: &mut Life<'s>) -> Option<Intent<'s>> {
    let any = life.chance.percent(10);
    let owes = |parcel: &Sent| parcel.cash.as_ref().is_some_and(|cash| any || cash.owed > 0);
    let (id, _) = life.a_parcel(owes)?;
    writes_off(life, &id)
}

/// Refunds of cash that nobody has paid.
pub fn unpaid_refunds(life: &Life<'_>) -> Vec<(String, String)> {
    let payments = life.auditor.model.payments.iter();
    let refunds = payments.flat_map(|(payment, p)| p.refunds.iter().map(move |r| (payment, r)));
    let waits = refunds.filter(|(_, (_, r))| r.gateway == CASH && r.state == "requested");
    waits.map(|(payment, (refund, _))| (payment.clone(), refund.clone())).collect()
}

/// Finance sends a buyer money from the platform's own account.
pub fn pays_offline<'s>(
    life: &Life<'s>,
    (payment, refund): &(String, String),
) -> Option<Intent<'s>> {
    let path = format!("/v1/payments/{payment}/refunds/{refund}/offline");
    let body = json!({"reference": "transfer-1", "proof": "the bank's receipt"});
    let ask = life.shop.finance().post(&path, &body);
    life.keyed(format!("finance pays {refund} of {payment} by hand"), ask)
}

pub fn pays_a_refund<'s>(life: &mut Life<'s>) -> Option<Intent<'s>> {
    let waiting = unpaid_refunds(life);
    let chosen = waiting.get(life.chance.below(waiting.len().max(1)))?;
    pays_offline(life, chosen)
}
