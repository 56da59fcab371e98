//! Orders after they were sent: cases, money that goes back, completion and settlement.

use super::order::{Line, Order, Stage};
use super::{Kept, Model, Row, list, must, number, picks, text};

impl Order {
    /// What some units are worth, to the unit's own rounding.
    pub(super) fn is_fair(
        &self,
        units: Vec<(i64, i64)>,
        amount: i64,
        shipping: i64,
        row: &Row,
    ) -> Kept {
        let (mut least, mut most) = (shipping, shipping);
        for (no, n) in units {
            let Some(line) = self.lines.get(&no) else { continue };
            let whole = line.quantity.max(1);
            least += line.paid * n / whole - n;
            most += line.paid * n / whole + n + 1;
        }
        let fair = (least..=most).contains(&amount);
        must(fair, "units give back what was paid for them", || format!("{row:?}\n{self:?}"))
    }
}

impl Model {
    pub(super) fn on_later_order(&mut self, order: &mut Order, row: &Row, word: &str) -> Kept {
        let (event, at) = (&row.event, number(&row.event["at"]));
        match word {
            "case_opened" => {
                let open = matches!(order.stage, Stage::Paid | Stage::Completed)
                    && order.window_until.is_none_or(|until| row.at <= until);
                must(open, "a case is opened only within the after-sale window", || {
                    format!("{row:?}\n{order:?}")
                })?;
                order.open_cases.insert(text(&event["case"]));
                Self::count(order, row, |line, n| {
                    line.in_case += n;
                    true
                })
            }
            "case_closed" => {
                let was_open = order.open_cases.remove(&text(&event["case"]));
                must(was_open, "a case is closed once", || format!("{row:?}\n{order:?}"))?;
                order.last_case = order.last_case.max(at);
                Self::count(order, row, |line, n| {
                    line.in_case -= n;
                    line.in_case >= 0
                })
            }
            "rerouted" => self.rerouted(order, row),
            "ship_overdue" => order.becomes_late(row),
            "given_up" => self.given_up(order, row),
            "recovered" => self.recovered(order, row),
            "came_back" => self.came_back(order, row),
            "delivery_reversed" => Self::delivery_reversed(order, row),
            "returned" => self.returned(order, row),
            "refund_granted" => self.granted(order, row),
            "completed" => {
                let sent =
                    order.stage == Stage::Paid && order.live() > 0 && order.sent() == order.live();
                // Who has not paid the courier has not got it.
                let sent = sent && (order.cod.is_none() || order.all_delivered());
                must(sent, "an order is completed when everything was sent", || {
                    format!("{row:?}\n{order:?}")
                })?;
                let due = order.completes_at();
                let silent = row.by != "clock" || due.is_some_and(|due| due <= at);
                let content = order.open_cases.is_empty();
                must(silent && content, "an open case stops the clock", || {
                    format!("{row:?}\n{order:?}")
                })?;
                let longest = order.lines.values().map(|line| line.return_ms).max();
                order.window_until = Some(at + longest.unwrap_or(0));
                order.stage = Stage::Completed;
                Ok(())
            }
            "window_ended" => {
                let open = order.window_until.is_some_and(|until| until <= at);
                order.ended_open = true;
                must(open && order.waits(), "the window ends while something is open", || {
                    format!("{row:?}\n{order:?}")
                })
            }
            "settled" => self.settled(order, row),
            _ => self.on_open_things(order, row, word),
        }
    }

    /// Exceptions of its parcels, and what banks say.
    fn on_open_things(&mut self, order: &mut Order, row: &Row, word: &str) -> Kept {
        let (event, at) = (&row.event, number(&row.event["at"]));
        match word {
            "exception_opened" => {
                let new = order.open_exceptions.insert(text(&event["exception"]));
                must(new, "an exception is opened once", || format!("{row:?}\n{order:?}"))
            }
            "exception_closed" => {
                let open = order.open_exceptions.remove(&text(&event["exception"]));
                order.last_case = order.last_case.max(at);
                must(open, "an exception is closed once", || format!("{row:?}\n{order:?}"))
            }
            "disputed" => {
                let new = order.disputes.insert(text(&event["dispute"]));
                must(new, "a dispute is opened once", || format!("{row:?}\n{order:?}"))
            }
            "dispute_closed" => {
                let open = order.disputes.remove(&text(&event["dispute"]));
                order.last_dispute = order.last_dispute.max(at);
                order.wanted_again = row.at;
                must(open, "a dispute is closed once", || format!("{row:?}\n{order:?}"))
            }
            "charged_back" => {
                order.charged_back += number(&event["amount_minor"]);
                Ok(())
            }
            _ => self.cash_of_order(order, row, word),
        }
    }

    /// Only what goes back on the shelf is stock again.
    fn returned(&mut self, order: &mut Order, row: &Row) -> Kept {
        let case = text(&row.event["case"]);
        let open = order.open_cases.contains(&case);
        must(open, "goods come back for an open case", || format!("{row:?}\n{order:?}"))?;
        for back in list(&row.event["picks"]) {
            let (no, units) = (number(&back["line"]), number(&back["units"]));
            let Some(line) = order.lines.get_mut(&no) else { continue };
            line.returned += units;
            let sku = line.sku.clone();
            if back["to"] == "restock" {
                self.moves(&sku, &text(&back["warehouse"]), units, 0);
            }
        }
        let fits = order.lines.values().all(|line| line.returned <= line.delivered);
        must(fits, "nothing comes back that was not delivered", || format!("{row:?}\n{order:?}"))
    }

    /// The amount is what the units were paid, to the unit's own rounding; and with the last of
    /// them exactly what was paid for all.
    fn granted(&mut self, order: &mut Order, row: &Row) -> Kept {
        let amount = number(&row.event["amount_minor"]);
        let shipping = if row.event["shipping"] == true { order.shipping } else { 0 };
        let units = picks(&row.event["picks"]);
        order.is_fair(units.clone(), amount, shipping, row)?;
        order.to_pay_back.retain(|lost| *lost != units);
        for (no, n) in units {
            order.lines.entry(no).and_modify(|line| line.refunded += n);
        }
        order.refunded += amount;
        order.shipping_refunded |= shipping > 0;
        let given = |line: &Line| line.refunded + line.waived;
        let all = order.lines.values().all(|line| given(line) == line.quantity);
        let (back, goods) = (order.refunded + order.waived, order.sum(|line| line.paid));
        let exact = !all || [goods, order.total].contains(&back);
        must(exact && back <= order.total, "refunds in any order sum to what was paid", || {
            format!("{row:?}\n{order:?}")
        })
    }

    fn settled(&mut self, order: &mut Order, row: &Row) -> Kept {
        let (event, at) = (&row.event, number(&row.event["at"]));
        let due = order.settles_at().is_some_and(|due| due <= at) && !order.is_held_up();
        must(
            !order.waits() || order.is_held_up(),
            "nothing is settled while cash is owed",
            || format!("{row:?}\n{order:?}"),
        )?;
        must(due, "an order is settled after its window, with no case open", || {
            format!("{row:?}\n{order:?}")
        })?;
        let told = (
            number(&event["net_minor"]),
            number(&event["commission_minor"]),
            number(&event["fee_minor"]),
        );
        must(told == order.due_to_merchant(), "merchant and platform get what was agreed", || {
            format!("{told:?}, not {:?}\n{row:?}\n{order:?}", order.due_to_merchant())
        })?;
        order.settled = true;
        let (net, commission, fee) = told;
        let lines = [
            (format!("escrow:{}", row.id), net + commission + fee),
            (format!("merchant:{}", order.merchant), -net),
            ("platform:commission".to_owned(), -commission),
            ("platform:fees".to_owned(), -fee),
        ];
        self.posts(&order.currency.clone(), &lines);
        Ok(())
    }
}
