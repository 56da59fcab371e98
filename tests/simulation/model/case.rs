//! After-sale cases.

use super::{Kept, Model, Row, must, number, picks, text};

/// A request after the sale.
#[derive(Debug, Clone)]
pub struct Case {
    pub order: String,
    pub payment: String,
    pub merchant: String,
    pub buyer: String,
    pub picks: Vec<(i64, i64)>,
    /// The idempotency key that the simulation wrote there.
    pub description: String,
    pub state: &'static str,
    pub until: i64,
    amount: i64,
    /// It was closed as refunded by the commit that is looked at.
    closes: bool,
}

impl Case {
    pub fn is_final(&self) -> bool {
        matches!(self.state, "refunded" | "rejected" | "withdrawn" | "lapsed")
    }
}

/// Which state each event leads to, and from which it may come.
const STEPS: &[(&str, &str, &[&str])] = &[
    ("approved", "awaiting_return", &["under_review"]),
    ("rejected", "rejected", &["under_review"]),
    ("withdrawn", "withdrawn", &["under_review", "awaiting_return"]),
    ("sent_back", "returning", &["awaiting_return"]),
    ("lapsed", "lapsed", &["awaiting_return"]),
    ("received", "received", &["awaiting_return", "returning"]),
    ("refund_started", "refunding", &["under_review", "received"]),
    ("refunded", "refunded", &["refunding"]),
];

impl Model {
    pub(super) fn case_event(&mut self, row: &Row, word: &str) -> Kept {
        if word == "opened" {
            let told = &row.event["case"];
            let case = Case {
                order: text(&told["order"]),
                payment: text(&told["payment"]),
                merchant: text(&told["merchant"]),
                buyer: text(&told["buyer"]),
                picks: picks(&told["picks"]),
                description: text(&told["description"]),
                state: "under_review",
                until: number(&told["state"]["until"]),
                amount: 0,
                closes: false,
            };
            let key = &case.description;
            let twice = !key.is_empty() && self.cases.values().any(|c| c.description == *key);
            self.cases.insert(row.id.clone(), case);
            return must(!twice, "one idempotency key opens one case", || format!("{row:?}"));
        }
        let Some(case) = self.cases.get_mut(&row.id) else {
            return must(false, "a case begins with being opened", || format!("{row:?}"));
        };
        let Some((_, to, from)) = STEPS.iter().find(|(event, _, _)| *event == word) else {
            return self.stranger(row, word);
        };
        let could = from.contains(&case.state);
        let before = std::mem::replace(&mut case.state, to);
        let at = number(&row.event["at"]);
        let in_time = match word {
            "approved" => row.by != "clock" || case.until <= row.at,
            "lapsed" => case.until <= at,
            _ => true,
        };
        case.until = number(&row.event["until"]);
        case.closes = word == "refunded";
        if word == "refund_started" {
            case.amount = number(&row.event["amount_minor"]);
        }
        must(could && in_time, "a case does only what its state allows", || {
            format!("{row:?} after {before}")
        })
    }

    /// What must hold of a case after each commit.
    pub(super) fn case_agrees(&mut self, id: &str) -> Kept {
        let Some(case) = self.cases.get_mut(id) else { return Ok(()) };
        let closes = std::mem::take(&mut case.closes);
        let case = &*case;
        let order = self.orders.get(&case.order);
        let open = order.is_some_and(|order| order.open_cases.contains(id));
        let wants = matches!(case.state, "under_review" | "awaiting_return" | "returning");
        must(open == wants, "an order knows its open cases", || format!("{id} {case:?}"))?;
        let refunds = self.payments.get(&case.payment).map(|payment| &payment.refunds);
        let of_case = || {
            let all = refunds.into_iter().flatten();
            all.filter(|(_, refund)| refund.case == id && refund.counts())
        };
        let sum: i64 = of_case().map(|(_, refund)| refund.amount).sum();
        let done = of_case().all(|(_, refund)| refund.is_done());
        let paid = !matches!(case.state, "refunding" | "refunded") || sum == case.amount;
        must(paid, "a case pays back what it says", || format!("{id} {case:?} {sum}"))?;
        must(!closes || done, "a case ends when all its refunds are done", || {
            format!("{id} {case:?}")
        })?;
        // A refund may come back after the case was closed with it.
        let waits = case.state == "refunding";
        must(!(waits && done), "a case is refunded when its refunds are", || {
            format!("{id} {case:?}")
        })
    }
}
