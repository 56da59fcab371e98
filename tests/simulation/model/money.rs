//! Payments: what came, for which order, and what goes back.

use super::cash::CASH;
use super::{Kept, Model, Row, Stage, list, must, number, text};
use orderflow_tests::Value;
use std::collections::BTreeMap;

/// What must be paid for a purchase, and what became of it.
#[derive(Debug, Clone, Default)]
pub struct Payment {
    pub currency: String,
    pub life: Life,
    pub until: i64,
    pub created: i64,
    pub extended: bool,
    /// When its gateway is asked, if it was not yet.
    asks_at: Option<i64>,
    /// By order, in minor units.
    pub due: BTreeMap<String, i64>,
    pub applied: BTreeMap<String, i64>,
    /// By gateway and its reference: the most that each attempt brought.
    pub captured: BTreeMap<(String, String), i64>,
    pub refunds: BTreeMap<String, Refund>,
    pub(super) received: i64,
    excess: i64,
    /// All that ever came for each order.
    pub(super) came: BTreeMap<String, i64>,
}

/// Whether money is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Life {
    #[default]
    Open,
    /// The courier is paid when the goods come.
    OnDelivery,
    Complete,
    Closed,
}

/// Money on its way back.
#[derive(Debug, Clone)]
pub struct Refund {
    pub of: String,
    pub order: String,
    pub case: String,
    pub gateway: String,
    pub reference: String,
    pub amount: i64,
    /// `requested`, `accepted`, `succeeded`, `failed`, `undecided`, `paid_otherwise`, or `replaced`
    /// by another one.
    pub state: &'static str,
    /// When the gateway is asked how it stands, or it is tried again.
    pub due: Option<i64>,
    /// When its newest end happened at the gateway, and whether it failed.
    pub heard: Option<(i64, bool)>,
}

impl Refund {
    /// The buyer has the money.
    pub fn is_done(&self) -> bool {
        matches!(self.state, "succeeded" | "paid_otherwise")
    }

    /// Takes in how it ended, and answers whether that is newer than what was known.
    fn hears(&mut self, end: &Value) -> bool {
        let end = (number(&end["at"]), end["failed"] == true);
        self.heard.replace(end).is_none_or(|known| known < end)
    }

    /// Another one may have taken its place.
    pub fn counts(&self) -> bool {
        self.state != "replaced"
    }
}

impl Payment {
    /// The timer of the deadline goes off before it too: to ask the gateway, and to remind the
    /// buyer when a third of the time is left.
    pub fn goes_off_early_at(&self, at: i64) -> bool {
        let reminds_at = self.until - (self.until - self.created).max(0) / 3;
        at == reminds_at || self.asks_at == Some(at)
    }

    pub fn due(&self) -> i64 {
        self.due.values().sum()
    }

    pub fn applied(&self) -> i64 {
        self.applied.values().sum()
    }

    pub fn captured(&self) -> i64 {
        self.captured.values().sum()
    }

    pub fn came_for(&self, order: &str) -> i64 {
        self.came.get(order).copied().unwrap_or(0)
    }

    /// What was asked back of one kind, for an order.
    pub fn asked(&self, of: &str, order: &str) -> i64 {
        let these = self.refunds.values().filter(|r| r.of == of && r.order == order);
        let these = these.filter(|refund| refund.counts());
        these.map(|refund| refund.amount).sum()
    }

    /// Asked back for good or on the way.
    pub fn refunds(&self) -> i64 {
        self.refunds.values().filter(|r| r.counts()).map(|refund| refund.amount).sum()
    }
}

const NEVER_MORE: &str = "a refund never exceeds what was captured";
const CONSERVED: &str = "every unit of money that came is somewhere, once";

impl Model {
    pub(super) fn payment_event(&mut self, row: &Row, word: &str) -> Kept {
        if word == "opened" {
            return self.opened(row);
        }
        let Some(mut payment) = self.payments.remove(&row.id) else {
            return must(false, "a payment begins with being opened", || format!("{row:?}"));
        };
        let told = self.on_payment(&mut payment, row, word);
        self.payments.insert(row.id.clone(), payment);
        told
    }

    fn opened(&mut self, row: &Row) -> Kept {
        let told = &row.event["payment"];
        let share = |share: &Value| (text(&share["order"]), number(&share["due_minor"]));
        let payment = Payment {
            currency: text(&told["currency"]),
            life: match told["life"]["is"].as_str() {
                Some("on_delivery") => Life::OnDelivery,
                _ => Life::Open,
            },
            until: number(&told["life"]["until"]),
            created: number(&told["created_at"]),
            asks_at: told["recheck_at"].as_i64(),
            due: list(&told["shares"]).iter().map(share).collect(),
            ..Payment::default()
        };
        let right = payment
            .due
            .iter()
            .all(|(order, due)| self.orders.get(order).is_some_and(|order| order.total == *due));
        self.payments.insert(row.id.clone(), payment);
        must(right, "a payment wants what its orders cost", || format!("{row:?}"))
    }

    fn on_payment(&mut self, payment: &mut Payment, row: &Row, word: &str) -> Kept {
        let event = &row.event;
        let open = matches!(payment.life, Life::Open | Life::OnDelivery);
        match word {
            "attempt_told" => {
                let told = &event["attempt"];
                let key = (text(&told["gateway"]), text(&told["reference"]));
                let captured = number(&told["captured_minor"]);
                let before = payment.captured.insert(key, captured).unwrap_or(0);
                must(captured >= before, "an attempt never brings less than it did", || {
                    format!("{row:?}\n{payment:?}")
                })
            }
            "received" => self.received(payment, row),
            "cash_collected" => self.cash_of_payment(payment, row),
            "collection_reversed" => self.not_collected(payment, row),
            "due_lowered" => {
                let due = payment.due.entry(text(&event["order"])).or_default();
                *due -= number(&event["by_minor"]);
                // What costs nothing may be cancelled when all the rest was paid.
                let open = open || number(&event["by_minor"]) == 0;
                let due = *due;
                let applied = payment.applied.entry(text(&event["order"])).or_default();
                *applied = (*applied).min(due);
                must(open && due >= 0, "what is cancelled is not asked for any more", || {
                    format!("{row:?}\n{payment:?}")
                })
            }
            "completed" => {
                let all = open && payment.applied() == payment.due();
                payment.life = Life::Complete;
                must(all, "an order is paid when all of it was paid", || {
                    format!("{row:?}\n{payment:?}")
                })
            }
            "extended" => {
                let first = open && !payment.extended;
                (payment.until, payment.extended) = (number(&event["until"]), true);
                must(first, "a payment gets more time once", || format!("{row:?}\n{payment:?}"))
            }
            "closed" => {
                let late = row.by != "clock" || number(&event["at"]) >= payment.until;
                payment.life = Life::Closed;
                let none = late || payment.due() == 0;
                must(open && none, "nobody is cancelled before the deadline", || {
                    format!("{row:?}\n{payment:?}")
                })
            }
            "reopened" => {
                let ended = payment.life == Life::Closed;
                (payment.life, payment.until) = (Life::Open, number(&event["at"]));
                payment.applied.clear();
                must(ended, "what comes back to life had ended", || format!("{row:?}\n{payment:?}"))
            }
            "recheck_asked" => {
                payment.asks_at = None;
                Ok(())
            }
            "dispute_opened" | "dispute_won" => Ok(()),
            "dispute_lost" => {
                self.borne(payment, row);
                Ok(())
            }
            _ => self.on_refund(payment, row, word),
        }
    }

    fn received(&mut self, payment: &mut Payment, row: &Row) -> Kept {
        let (event, excess) = (&row.event, number(&row.event["excess_minor"]));
        let recovered = number(&event["recovered_minor"]);
        let losses = ("platform:losses".to_owned(), -recovered);
        let mut lines = vec![(format!("refunding:{}", row.id), -excess), losses];
        let mut sum = excess + recovered;
        for part in list(&event["applied"]) {
            let (order, amount) = (text(&part[0]), number(&part[1]));
            sum += amount;
            lines.push((format!("escrow:{order}"), -amount));
            *payment.came.entry(order.clone()).or_default() += amount;
            *payment.applied.entry(order).or_default() += amount;
        }
        lines.push((format!("gateway:{}", text(&event["gateway"])), sum));
        payment.received += sum;
        payment.excess += excess;
        self.posts(&payment.currency.clone(), &lines);
        must(
            payment.life == Life::Open || sum == excess + recovered,
            "late money goes back",
            || format!("{row:?}\n{payment:?}"),
        )
    }

    /// What a bank took, off the accounts of those who bear it.
    fn borne(&mut self, payment: &Payment, row: &Row) {
        let mut lines = Vec::new();
        for borne in list(&row.event["borne_by"]) {
            let amount = number(&borne["amount_minor"]);
            lines.push((text(&borne["account"]), amount));
            lines.push(("gateway:stripe".to_owned(), -amount));
        }
        self.posts(&payment.currency, &lines);
    }

    fn refund_requested(&mut self, payment: &mut Payment, row: &Row) -> Kept {
        let told = &row.event["refund"];
        let refund = Refund {
            of: text(&told["of"]["what"]),
            order: text(&told["of"]["order"]),
            case: text(&told["of"]["case"]),
            gateway: text(&told["gateway"]),
            reference: text(&told["reference"]),
            amount: number(&told["amount_minor"]),
            state: "requested",
            due: None,
            heard: None,
        };
        let same = refund.of != "excess" || refund.gateway != CASH;
        must(same, "what is too much goes back the way it came", || format!("{row:?}"))?;
        // What takes the place of another one is on its way back already.
        if refund.of != "excess" && told["replaces"].is_null() {
            let from = (format!("escrow:{}", refund.order), refund.amount);
            self.posts(
                &payment.currency,
                &[from, (format!("refunding:{}", row.id), -refund.amount)],
            );
        }
        payment.refunds.insert(text(&told["id"]), refund);
        Ok(())
    }

    fn on_refund(&mut self, payment: &mut Payment, row: &Row, word: &str) -> Kept {
        let event = &row.event;
        let refunding = format!("refunding:{}", row.id);
        if word == "refund_requested" {
            return self.refund_requested(payment, row);
        }
        let Some(refund) = payment.refunds.get_mut(&text(&event["refund"])) else {
            return self.stranger(row, word);
        };
        let gateway = format!("gateway:{}", refund.gateway);
        if word == "refund_heard" {
            let newer = refund.hears(&event["end"]);
            return must(newer, "what a gateway told is not forgotten", || format!("{row:?}"));
        }
        let (before, amount) = (refund.state, refund.amount);
        refund.due = event["look_at"].as_i64().or(event["again_at"].as_i64());
        let could = match word {
            "refund_accepted" => {
                refund.state = "accepted";
                before == "requested"
            }
            "refund_looked_for" => before == "accepted",
            "refund_undecided" => {
                refund.state = "undecided";
                before == "requested" || before == "accepted"
            }
            "refund_asked_again" => {
                refund.state = "requested";
                before == "undecided"
            }
            "refund_replaced" => {
                refund.state = "replaced";
                before == "failed"
            }
            "refund_succeeded" => {
                refund.state = "succeeded";
                self.posts(&payment.currency, &[(refunding, amount), (gateway, -amount)]);
                before != "succeeded"
            }
            "refund_failed" => {
                refund.state = "failed";
                ["requested", "accepted", "undecided"].contains(&before)
            }
            "refund_paid_otherwise" => {
                refund.state = "paid_otherwise";
                let by_bank = event["how"]["by"] == "bank";
                let from = if by_bank { "platform:bank" } else { gateway.as_str() };
                let (by_hand, from) = (refund.gateway == CASH, (from.to_owned(), -amount));
                self.posts(&payment.currency, &[(refunding, amount), from]);
                matches!(before, "failed" | "undecided") || by_hand && before == "requested"
            }
            "refund_returned" => {
                refund.state = "failed";
                self.posts(&payment.currency, &[(refunding, -amount), (gateway, amount)]);
                before == "succeeded"
            }
            _ => return self.stranger(row, word),
        };
        must(could, "a refund happens once", || format!("{row:?} after {before}"))
    }

    /// What must hold of a payment after each commit.
    pub(super) fn payment_agrees(&self, id: &str) -> Kept {
        let Some(payment) = self.payments.get(id) else { return Ok(()) };
        let told = || format!("{id} {payment:?}");
        for (attempt, captured) in &payment.captured {
            let back = payment.refunds.values();
            let back = back.filter(|r| (&r.gateway, &r.reference) == (&attempt.0, &attempt.1));
            let back = back.filter(|refund| refund.counts());
            let back: i64 = back.map(|refund| refund.amount).sum();
            must(back <= *captured, NEVER_MORE, told)?;
        }
        must(payment.refunds() <= payment.captured(), NEVER_MORE, told)?;
        must(payment.received == payment.captured(), CONSERVED, told)?;
        must(
            payment.excess == payment.asked("excess", ""),
            "what is too much goes back at once",
            told,
        )?;
        for (order, due) in &payment.due {
            let applied = payment.applied.get(order).copied().unwrap_or(0);
            must(applied <= *due, "an order takes no more than it costs", told)?;
            let stage = self.orders.get(order).map(|order| order.stage);
            let back = payment.came_for(order) == payment.asked("share", order);
            let cash = self.orders.get(order).is_some_and(|order| order.cod.is_some());
            let right = match payment.life {
                Life::Open => stage == Some(Stage::Waits) || *due == 0 && back,
                // As long as there is something to collect.
                Life::OnDelivery => cash && payment.applied() < payment.due(),
                Life::Complete => stage.is_some_and(|stage| stage != Stage::Waits),
                Life::Closed if cash => *due == 0 && payment.came_for(order) == 0,
                Life::Closed => stage == Some(Stage::Cancelled) && back,
            };
            must(right, "a payment and its orders tell the same", || {
                format!("{order} is {stage:?}\n{}", told())
            })?;
        }
        Ok(())
    }
}
