//! Cash on delivery: who is believed in, what couriers are to collect, what they collected, and
//! what of it their carriers still owe.

use super::money::{Life, Payment};
use super::order::{Line, Order, Stage};
use super::{Kept, Model, Row, list, must, number, picks, text};
use orderflow_tests::{HOUR, Value};
use std::collections::BTreeSet;

/// What stands in a gateway's place.
pub const CASH: &str = "cash_on_delivery";
/// A larger order is looked at by a person.
const TRUSTED: i64 = 50_000;

/// What cash on delivery adds to an order.
#[derive(Debug, Clone)]
pub struct Cod {
    pub collected: i64,
    /// What carriers have of it.
    pub owed: i64,
    /// The last time some of it came, or was given up.
    pub last_settled: i64,
    remit_ms: i64,
    /// A courier can find the door, and nothing was remarked.
    clear: bool,
    placed_at: i64,
    /// Parcels that the buyer did not take, and the first time of it.
    refused: BTreeSet<String>,
    refused_at: Option<i64>,
}

impl Cod {
    pub(super) fn of(order: &Value) -> Option<Self> {
        let cod = order.get("cod").filter(|cod| !cod.is_null())?;
        Some(Self {
            collected: 0,
            owed: 0,
            last_settled: 0,
            remit_ms: number(&cod["remit_ms"]),
            clear: is_clear(&order["delivery"]),
            placed_at: number(&order["placed_at"]),
            refused: BTreeSet::new(),
            refused_at: None,
        })
    }

    fn refuses(&mut self, at: i64) {
        if self.refused.is_empty() {
            self.refused_at = Some(at);
        }
    }

    /// A parcel is in the warehouse, because the buyer did not want it.
    pub(super) fn came_back_refused(&mut self, parcel: String, at: i64) {
        self.refuses(at);
        self.refused.insert(parcel);
    }

    /// Nobody paid a courier for it.
    pub(super) fn was_not_paid(&mut self, event: &Value) {
        self.collected -= collect_of(&event["collect"]);
        self.owed -= number(&event["owed_minor"]);
        self.last_settled = self.last_settled.max(number(&event["at"]));
    }
}

/// The cash of a parcel, in minor units.
#[derive(Debug, Clone)]
pub struct Cash {
    lines: Vec<(i64, i64)>,
    shipping: i64,
    pub collected: bool,
    pub remitted: i64,
    pub written_off: i64,
    pub owed: i64,
    pub due: i64,
    pub overdue: bool,
}

impl Cash {
    pub(super) fn of(told: &Value) -> Option<Self> {
        let collect = told.get("collect")?;
        let amount = |line: &Value| (number(&line["line"]), number(&line["minor"]));
        Some(Self {
            lines: list(&collect["lines"]).iter().map(amount).collect(),
            shipping: number(&collect["shipping_minor"]),
            collected: false,
            remitted: 0,
            written_off: 0,
            owed: 0,
            due: 0,
            overdue: false,
        })
    }

    /// What is to be collected.
    pub fn total(&self) -> i64 {
        self.lines.iter().map(|(_, minor)| minor).sum::<i64>() + self.shipping
    }

    /// The same without shipping.
    pub(super) fn goods(&self) -> i64 {
        self.total() - self.shipping
    }

    /// What the carrier should have, less what it gave: below zero if it gave too much.
    fn balance(&self) -> i64 {
        let came = if self.collected { self.total() } else { 0 };
        came - self.remitted - self.written_off
    }

    /// What a line of a remittance is, seen from what came before.
    fn judged(&self, amount: i64) -> &'static str {
        let (total, sum) = (self.total(), self.remitted + amount);
        match () {
            () if !self.collected => "not_delivered",
            () if self.remitted >= total => "twice",
            () if sum > total => "over",
            () if amount > total - self.remitted - self.written_off => "recovered",
            () if sum < total => "short",
            () => "matched",
        }
    }
}

/// A courier can find the door, and nothing was remarked.
fn is_clear(to: &Value) -> bool {
    let detail = text(&to["detail"]);
    let clear = detail.chars().count() >= 5 && detail.chars().any(char::is_numeric);
    clear && list(&to["remarks"]).is_empty()
}

pub(super) fn collect_of(value: &Value) -> i64 {
    let lines = list(&value["lines"]).iter().map(|line| number(&line["minor"]));
    lines.sum::<i64>() + number(&value["shipping_minor"])
}

const COULD: &str = "an order does only what its state allows";
const WHOLE: &str = "cash is neither lost nor made up";

impl Order {
    pub(super) fn goes_to(&mut self, to: &Value) {
        if let Some(cod) = &mut self.cod {
            cod.clear = is_clear(to);
        }
    }

    /// A parcel is paid for by what is in it, and by shipping once.
    pub(super) fn asks_fairly(&self, row: &Row) -> Kept {
        let collect = &row.event["collect"];
        let told = || format!("{row:?}\n{self:?}");
        must(collect.is_null() == self.cod.is_none(), "couriers collect what is not paid", told)?;
        let shipping = number(&collect["shipping_minor"]);
        let once = shipping == 0 || shipping == self.shipping && !self.shipping_refunded;
        must(once, "shipping is paid once", told)?;
        match &self.cod {
            Some(_) => self.is_fair(picks(&row.event["picks"]), collect_of(collect), shipping, row),
            None => Ok(()),
        }
    }
}

impl Model {
    pub(super) fn cash_of_order(&mut self, order: &mut Order, row: &Row, word: &str) -> Kept {
        let (event, at) = (&row.event, number(&row.event["at"]));
        let parcel = text(&event["parcel"]);
        let told = format!("{row:?}\n{order:?}");
        let delivered = order.delivered.contains(&parcel);
        let Some(cod) = &mut order.cod else { return self.stranger(row, word) };
        match word {
            "confirmed" => self.confirmed(order, row),
            "cash_collected" => {
                cod.collected += collect_of(&event["collect"]);
                cod.owed += number(&event["owed_minor"]);
                cod.refused.remove(&parcel);
                must(delivered, "cash is collected with the goods", || told)
            }
            "cash_settled" => {
                let by = number(&event["by_minor"]);
                cod.owed -= by;
                cod.last_settled = cod.last_settled.max(at);
                must(by > 0 && cod.owed >= 0, "no carrier gives what it does not owe", || told)
            }
            "delivery_refused" => {
                cod.refuses(at);
                let new = cod.refused.insert(parcel);
                must(new && !delivered, "who has taken a parcel does not refuse it", || told)
            }
            "referred" => self.referred(order, row),
            _ => self.stranger(row, word),
        }
    }

    /// It goes elsewhere, and what rules cannot believe in waits for a person again.
    fn referred(&mut self, order: &mut Order, row: &Row) -> Kept {
        order.late = false;
        let told = format!("{row:?}\n{order:?}");
        let could = matches!(order.stage, Stage::Unconfirmed | Stage::Paid);
        must(could && order.sum(|line| line.packed) == 0, COULD, || told.clone())?;
        let Some(cod) = &order.cod else { return Ok(()) };
        let same = |other: &&Order| other.buyer == order.buyer;
        let known = self.orders.values().filter(same).filter_map(|other| other.cod.as_ref());
        let never = known.chain([cod]).all(|cod| cod.refused.is_empty());
        let fine = order.total - order.waived <= TRUSTED && cod.clear && never;
        (order.stage, order.until) = (Stage::Unconfirmed, number(&row.event["until"]));
        must(!fine, "what all rules believe in needs no person", || told)
    }

    /// Rules confirm what they may, and silence what it may.
    fn confirmed(&mut self, order: &mut Order, row: &Row) -> Kept {
        let (at, told) = (number(&row.event["at"]), format!("{row:?}\n{order:?}"));
        must(order.stage == Stage::Unconfirmed, COULD, || told.clone())?;
        let outcome = text(&row.event["verdict"]["outcome"]);
        let Some(cod) = &order.cod else { return Ok(()) };
        let known = self.orders.values().filter(|other| other.buyer == order.buyer);
        let refusals = known.filter_map(|other| other.cod.as_ref());
        // Who refuses at the same moment may be too fast to be known.
        let refused = |cod_of: &Cod| {
            let before = |at: i64| at + HOUR < cod.placed_at;
            !cod_of.refused.is_empty() && cod_of.refused_at.is_some_and(before)
        };
        let bad = refusals.filter(|cod| refused(cod)).count();
        let right = match outcome.as_str() {
            "confirmed_by_rule" => order.total - order.waived <= TRUSTED && cod.clear && bad == 0,
            "confirmed_by_person" => ["merchant", "support", "operator"].contains(&&*row.by),
            "confirmed_by_silence" => {
                row.by == "clock" && at >= order.until && self.silence_confirms
            }
            _ => false,
        };
        order.stage = Stage::Paid;
        must(right, "somebody who may believes in an order", || told)
    }

    pub(super) fn cash_of_parcel(&mut self, row: &Row, word: &str) -> Kept {
        let (event, amount) = (&row.event, number(&row.event["amount_minor"]));
        let Some(mut parcel) = self.parcels.get(&row.id).cloned() else { return Ok(()) };
        let told = format!("{row:?} {parcel:?}");
        let order = self.orders.get(&parcel.order);
        let currency = order.map(|order| order.currency.clone()).unwrap_or_default();
        let remit_ms = order.and_then(|order| Some(order.cod.as_ref()?.remit_ms)).unwrap_or(0);
        let label = parcel.label.clone().unwrap_or_default();
        let shipped = parcel.state == "shipped";
        let Some(cash) = &mut parcel.cash else { return self.stranger(row, word) };
        let could = match word {
            "cash_collected" => {
                let first = !std::mem::replace(&mut cash.collected, true);
                (cash.owed, cash.due) = (number(&event["owed_minor"]), number(&event["due"]));
                shipped && first && cash.due == number(&event["at"]) + remit_ms
            }
            "cash_remitted" => {
                let key = (text(&event["remittance"]), label);
                let new = self.judged.insert(key, cash.judged(amount)).is_none();
                cash.remitted += amount;
                cash.owed = (cash.owed - amount).max(0);
                new && amount > 0
            }
            "cash_written_off" => {
                let all = amount == cash.owed && amount > 0;
                cash.written_off += amount;
                cash.owed = 0;
                let carrier = label.split(':').next().unwrap_or_default();
                let lines = [
                    ("platform:losses".to_owned(), amount),
                    (format!("carrier:{carrier}"), -amount),
                ];
                self.posts(&currency, &lines);
                all && row.by == "finance"
            }
            "cash_recovered" => {
                cash.written_off -= amount;
                let carrier = label.split(':').next().unwrap_or_default();
                let lines = [
                    ("platform:losses".to_owned(), -amount),
                    (format!("carrier:{carrier}"), amount),
                ];
                self.posts(&currency, &lines);
                amount > 0 && cash.written_off >= 0
            }
            "delivery_reversed" => {
                let before = std::mem::replace(&mut cash.collected, false);
                (cash.owed, cash.overdue) = (0, false);
                let returned = parcel.seen == "returned";
                shipped && before && returned && cash.remitted + cash.written_off == 0
            }
            "cash_overdue" => {
                let late = cash.owed > 0 && number(&event["at"]) >= cash.due;
                !std::mem::replace(&mut cash.overdue, true) && late
            }
            "came_back" => {
                let back = if shipped { "came_back" } else { "recovered" };
                let lost = std::mem::replace(&mut parcel.state, back) == "given_up";
                (shipped || lost) && !cash.collected
            }
            _ => return self.stranger(row, word),
        };
        let agrees = parcel.cash.as_ref().is_none_or(|cash| cash.owed == cash.balance().max(0));
        self.parcels.insert(row.id.clone(), parcel);
        must(agrees, "a carrier owes what it collected and did not remit", || told.clone())?;
        must(could, "the cash of a parcel goes one way, and once", || told)
    }

    pub(super) fn cash_of_payment(&mut self, payment: &mut Payment, row: &Row) -> Kept {
        let (event, amount) = (&row.event, number(&row.event["amount_minor"]));
        let (order, carrier) = (text(&event["order"]), text(&event["carrier"]));
        let reference = format!("{carrier}:{}", text(&event["waybill"]));
        let key = (CASH.to_owned(), reference);
        let new = payment.captured.insert(key, amount).is_none();
        let wanted = payment.life == Life::OnDelivery;
        payment.received += amount;
        *payment.applied.entry(order.clone()).or_default() += amount;
        *payment.came.entry(order.clone()).or_default() += amount;
        let lines = [(format!("carrier:{carrier}"), amount), (format!("escrow:{order}"), -amount)];
        self.posts(&payment.currency, &lines);
        must(new && wanted && amount > 0, "a courier is paid once for a parcel", || {
            format!("{row:?}\n{payment:?}")
        })
    }

    /// The parcel is back: no courier was paid for it.
    pub(super) fn not_collected(&mut self, payment: &mut Payment, row: &Row) -> Kept {
        let (event, amount) = (&row.event, number(&row.event["amount_minor"]));
        let (order, carrier) = (text(&event["order"]), text(&event["carrier"]));
        let reference = format!("{carrier}:{}", text(&event["waybill"]));
        let before = payment.captured.remove(&(CASH.to_owned(), reference));
        payment.life = Life::OnDelivery;
        payment.received -= amount;
        *payment.applied.entry(order.clone()).or_default() -= amount;
        *payment.came.entry(order.clone()).or_default() -= amount;
        let lines = [(format!("carrier:{carrier}"), -amount), (format!("escrow:{order}"), amount)];
        self.posts(&payment.currency, &lines);
        must(before == Some(amount), "only what was collected is booked back", || {
            format!("{row:?}\n{payment:?}")
        })
    }

    /// A line of a carrier's remittance was taken in: it is in the bank, whatever it was for.
    pub fn remittance(&mut self, verdict: &str, fact: &Value) -> Kept {
        let (carrier, waybill) = (text(&fact["carrier"]), text(&fact["waybill"]));
        let label = format!("{carrier}:{waybill}");
        let (amount, currency) =
            (number(&fact["amount"]["amount"]), text(&fact["amount"]["currency"]));
        let lines = [("platform:bank".to_owned(), amount), (format!("carrier:{carrier}"), -amount)];
        self.posts(&currency, &lines);
        let named = |parcel: &&super::Parcel| parcel.label.as_ref() == Some(&label);
        let parcel = self.parcels.values().find(named);
        let right = self.judged.remove(&(text(&fact["remittance"]), label.clone()));
        let right = right.unwrap_or(match parcel.map(|parcel| &parcel.cash) {
            None => "unknown_waybill",
            Some(None) => "over",
            Some(Some(_)) => "other_currency",
        });
        *self.remitted.entry((label, currency)).or_default() += amount;
        must(verdict == right, "a remittance is judged by what was collected", || {
            format!("{fact} is {verdict}, should be {right}")
        })
    }

    /// What an order is to bring is collected, to be collected with a parcel, not packed yet, or
    /// given up; and nothing of it is two of these.
    pub(super) fn cash_agrees(&self, id: &str, order: &Order) -> Kept {
        let Some(cod) = &order.cod else { return Ok(()) };
        let told = || format!("{id} {order:?}\n{:?}", self.parcels);
        let cash = self.parcels.values().filter(|parcel| parcel.order == id);
        let cash: Vec<_> = cash.filter_map(|p| Some((p.state, p.cash.as_ref()?))).collect();
        let asked = |(state, cash): &&(&str, &Cash)| {
            matches!(*state, "packed" | "shipped") && !cash.collected
        };
        let asked: i64 = cash.iter().filter(asked).map(|(_, cash)| cash.total()).sum();
        // One that was given up brings it no more.
        let brings = |state: &str| !matches!(state, "cancelled" | "given_up" | "recovered");
        let with_shipping = cash.iter().filter(|(state, c)| brings(state) && c.shipping > 0);
        let with_shipping = with_shipping.count();
        must(with_shipping <= 1, "shipping is paid once", told)?;
        let open = order.sum(Line::open);
        let rest = order.total - order.waived - cod.collected - asked;
        let shipping_open = with_shipping == 0 && !order.shipping_refunded && open > 0;
        let goods = rest - if shipping_open { order.shipping } else { 0 };
        let (mut least, mut most) = (0, 0);
        for line in order.lines.values().filter(|line| line.quantity > 0) {
            least += line.paid / line.quantity * line.open();
            most += (line.paid + line.quantity - 1) / line.quantity * line.open();
        }
        must((least..=most).contains(&goods), WHOLE, told)?;
        let owed: i64 = cash.iter().map(|(_, cash)| cash.owed).sum();
        must(owed == cod.owed, "an order waits for the cash that its parcels wait for", told)?;
        let came = self.payments.get(&order.payment).map_or(0, |payment| payment.came_for(id));
        must(came == cod.collected, WHOLE, told)
    }

    /// Each carrier's account is what it has to bring, less what it brought for nothing.
    pub fn carriers_are_explained(&self) -> Kept {
        let accounts = self.ledger.iter().filter(|((name, _), _)| name.starts_with("carrier:"));
        for ((name, currency), balance) in accounts {
            let carrier = name.trim_start_matches("carrier:");
            let of = |label: &str| label.split(':').next() == Some(carrier);
            let mut explained = 0;
            let mut known = BTreeSet::new();
            for parcel in self.parcels.values() {
                let label = parcel.label.clone().unwrap_or_default();
                let order = self.orders.get(&parcel.order);
                let same = order.is_some_and(|order| order.currency == *currency);
                if let Some(cash) = parcel.cash.as_ref().filter(|_| of(&label) && same) {
                    explained += cash.owed - (-cash.balance()).max(0);
                    known.insert(label);
                }
            }
            explained += self.claimed_from(carrier, currency);
            let strange = self.remitted.iter().filter(|((label, told), _)| {
                told == currency && of(label) && !known.contains(label)
            });
            explained -= strange.map(|(_, amount)| amount).sum::<i64>();
            must(
                *balance == explained,
                "a carrier's account is explained to the last cent",
                || {
                    format!(
                        "{name} {currency}: {balance}, explained {explained}\n{:?}",
                        self.parcels
                    )
                },
            )?;
        }
        Ok(())
    }
}
