//! Orders: their units, their holds, and what may happen to them when.

use super::cash::Cod;
use super::substitute::Offers;
use super::{Kept, Model, Row, list, must, number, picks, text};
use orderflow_tests::Value;
use std::collections::{BTreeMap, BTreeSet};

/// How far an order is with its buyer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    Waits,
    /// Somebody has to believe in it, because the courier is paid.
    Unconfirmed,
    Paid,
    Completed,
    Cancelled,
}

/// One merchant's part of a purchase.
#[derive(Debug, Clone)]
pub struct Order {
    pub purchase: String,
    pub payment: String,
    pub merchant: String,
    pub buyer: String,
    pub currency: String,
    /// The buyer's note: the simulation writes the idempotency key there.
    pub note: String,
    pub lines: BTreeMap<i64, Line>,
    pub shipping: i64,
    pub total: i64,
    pub refunded: i64,
    /// Not asked for any more: what was cancelled before it was paid.
    pub waived: i64,
    pub shipping_refunded: bool,
    pub stage: Stage,
    pub until: i64,
    pub window_until: Option<i64>,
    /// The window ended while a case was open.
    pub ended_open: bool,
    pub settled: bool,
    pub open_cases: BTreeSet<String>,
    pub delivered: BTreeSet<String>,
    /// Disputes that are not over, and the last time one was.
    pub disputes: BTreeSet<String>,
    pub last_dispute: i64,
    /// When units of it were last unpacked, or a dispute ended.
    pub wanted_again: i64,
    pub charged_back: i64,
    /// Exceptions of its parcels that are not over.
    pub open_exceptions: BTreeSet<String>,
    /// When its silence completes it, or what was left of that time when something was opened.
    due: Option<i64>,
    left: Option<i64>,
    /// The last time that a case or an exception ended.
    pub last_case: i64,
    /// By when it is to ship, and whether that has passed and was told.
    pub ship_by: i64,
    pub late: bool,
    pub(super) placed_at: i64,
    /// Units that reach nobody: what was paid for them goes back at the same moment.
    pub(super) to_pay_back: Vec<Vec<(i64, i64)>>,
    /// There for an order that is paid to the courier.
    pub cod: Option<Cod>,
    pub offers: Offers,
    auto_ms: i64,
    commission_bp: i64,
    fee: i64,
}

/// Pieces of one SKU in an order.
#[derive(Debug, Clone, Default)]
pub struct Line {
    pub sku: String,
    pub quantity: i64,
    pub paid: i64,
    pub return_ms: i64,
    pub held: BTreeMap<String, i64>,
    pub cancelled: i64,
    pub packed: i64,
    pub shipped: i64,
    pub delivered: i64,
    pub in_case: i64,
    pub returned: i64,
    pub refunded: i64,
    pub waived: i64,
    /// Off the shelf for it, by warehouse; and of what was, what nobody wants any more.
    pub picked: BTreeMap<String, i64>,
    pub around: BTreeMap<String, i64>,
    /// Shipped, and back or given up without having reached anybody.
    pub undelivered: i64,
    /// Shipped in a parcel that was given up, to be sent again or sent again already.
    pub resent: i64,
}

impl Line {
    pub fn open(&self) -> i64 {
        self.quantity - self.cancelled - self.packed - self.shipped + self.resent
    }

    pub(super) fn held_in_all(&self) -> i64 {
        self.held.values().sum()
    }
}

impl Order {
    pub fn live(&self) -> i64 {
        self.lines.values().map(|line| line.quantity - line.cancelled - line.undelivered).sum()
    }

    /// Units that left, did not come back undelivered and are not to be sent again.
    pub fn sent(&self) -> i64 {
        self.sum(|line| line.shipped - line.undelivered - line.resent)
    }

    pub fn sum(&self, units: impl Fn(&Line) -> i64) -> i64 {
        self.lines.values().map(units).sum()
    }

    pub fn all_delivered(&self) -> bool {
        self.live() > 0 && self.sum(|line| line.delivered) == self.live()
    }

    /// When its silence completes it: nothing is on the way and nothing is disputed.
    pub fn completes_at(&self) -> Option<i64> {
        self.due
    }

    fn stands(&self) -> bool {
        !(self.open_cases.is_empty() && self.open_exceptions.is_empty())
    }

    /// The time runs from the moment when all of it is there, stands still while something is
    /// open, and goes on with what was left.
    fn winds(&mut self, at: i64) {
        let waits = self.stage == Stage::Paid && self.all_delivered();
        let stopped = self.due.map(|due| (due - at).max(0));
        (self.due, self.left) = match (waits, self.stands()) {
            (false, _) => (None, None),
            (true, true) => (None, self.left.or(stopped).or(Some(self.auto_ms))),
            (true, false) => (self.due.or(Some(at + self.left.unwrap_or(self.auto_ms))), None),
        };
    }

    /// When it is settled, unless a case is open then.
    pub fn settles_at(&self) -> Option<i64> {
        let until = self.window_until.filter(|_| self.stage == Stage::Completed && !self.settled);
        let cash = self.cod.as_ref().map_or(0, |cod| cod.last_settled);
        until.map(|until| until.max(self.last_case).max(self.last_dispute).max(cash))
    }

    /// Nothing happens by itself until the last case and the last dispute are closed, and no
    /// carrier has its cash.
    pub fn frozen(&self) -> bool {
        self.ended_open && self.waits()
    }

    /// The merchant cannot have the money yet.
    pub fn waits(&self) -> bool {
        self.is_held_up() || self.cod.as_ref().is_some_and(|cod| cod.owed > 0)
    }

    pub fn is_held_up(&self) -> bool {
        self.stands() || !self.disputes.is_empty()
    }

    fn of(order: &Value) -> Self {
        let line = |line: &Value| {
            let held = |held: &Value| (text(&held["warehouse"]), number(&held["quantity"]));
            let held = list(&line["held"]).iter().map(held).collect();
            let (quantity, paid) = (number(&line["quantity"]), number(&line["paid_minor"]));
            let (sku, return_ms) = (text(&line["sku"]), number(&line["return_ms"]));
            let no = number(&line["no"]);
            (no, Line { sku, quantity, paid, return_ms, held, ..Line::default() })
        };
        Self {
            purchase: text(&order["purchase"]),
            payment: text(&order["payment"]),
            merchant: text(&order["merchant"]),
            buyer: text(&order["buyer"]),
            currency: text(&order["currency"]),
            note: text(&order["note"]),
            lines: list(&order["lines"]).iter().map(line).collect(),
            shipping: number(&order["shipping"]["paid_minor"]),
            total: number(&order["total_minor"]),
            refunded: 0,
            waived: 0,
            shipping_refunded: false,
            stage: match order["state"]["is"].as_str() {
                Some("awaiting_confirmation") => Stage::Unconfirmed,
                _ => Stage::Waits,
            },
            until: number(&order["state"]["until"]),
            window_until: None,
            ended_open: false,
            settled: false,
            open_cases: BTreeSet::new(),
            delivered: BTreeSet::new(),
            disputes: BTreeSet::new(),
            last_dispute: 0,
            wanted_again: 0,
            charged_back: 0,
            open_exceptions: BTreeSet::new(),
            due: None,
            left: None,
            last_case: 0,
            ship_by: number(&order["ship_by"]),
            late: false,
            placed_at: number(&order["placed_at"]),
            to_pay_back: Vec::new(),
            cod: Cod::of(order),
            offers: Offers::new(),
            auto_ms: number(&order["terms"]["auto_complete_ms"]),
            commission_bp: number(&order["terms"]["commission_bp"]),
            fee: number(&order["terms"]["service_fee_minor"]),
        }
    }

    /// What came for it and stays sold.
    pub(super) fn worth(&self) -> i64 {
        let came = self.cod.as_ref().map_or(self.total - self.waived, |cod| cod.collected);
        came - self.refunded - self.charged_back
    }

    /// What is the merchant's of what stays sold, and what the platform's: net, commission, fee.
    pub fn due_to_merchant(&self) -> (i64, i64, i64) {
        let kept = self.worth();
        let shipping = if self.shipping_refunded { 0 } else { self.shipping };
        let goods = (kept - shipping).max(0);
        let commission = ((goods * self.commission_bp + 5_000) / 10_000).min(kept);
        let fee = self.fee.min(kept - commission);
        (kept - commission - fee, commission, fee)
    }
}

const COULD: &str = "an order does only what its state allows";
const ONCE: &str = "what an order holds is given back once, and all of it";

fn could(order: &Order, row: &Row, holds: bool) -> Kept {
    must(holds, COULD, || format!("{row:?}\n{order:?}"))
}

impl Model {
    pub(super) fn order_event(&mut self, row: &Row, word: &str) -> Kept {
        if word == "placed" {
            return self.placed(row);
        }
        let Some(mut order) = self.orders.remove(&row.id) else {
            return must(false, "an order begins with being placed", || format!("{row:?}"));
        };
        let told = self.on_order(&mut order, row, word);
        order.winds(row.at);
        order.late &= order.is_to_ship();
        self.orders.insert(row.id.clone(), order);
        told
    }

    fn placed(&mut self, row: &Row) -> Kept {
        let order = Order::of(&row.event["order"]);
        let same = |other: &&Order| other.note == order.note && other.merchant == order.merchant;
        let twice = !order.note.is_empty() && self.orders.values().any(|other| same(&other));
        must(!twice, "one idempotency key makes one purchase", || format!("{row:?}"))?;
        let sum = order.shipping + order.sum(|line| line.paid);
        must(sum == order.total, "an order costs what its lines and its shipping cost", || {
            format!("{row:?}")
        })?;
        for line in order.lines.values() {
            let all = line.held_in_all() == line.quantity;
            must(all, "an order holds every piece from the moment it is placed", || {
                format!("{row:?}")
            })?;
            for (warehouse, pieces) in &line.held {
                self.moves(&line.sku, warehouse, 0, *pieces);
            }
        }
        self.orders.insert(row.id.clone(), order);
        Ok(())
    }

    fn on_order(&mut self, order: &mut Order, row: &Row, word: &str) -> Kept {
        let event = &row.event;
        let live = matches!(order.stage, Stage::Waits | Stage::Unconfirmed | Stage::Paid);
        match word {
            "held_longer" => {
                could(order, row, order.stage == Stage::Waits)?;
                order.until = number(&event["until"]);
            }
            "paid" => {
                could(order, row, order.stage == Stage::Waits)?;
                order.stage = Stage::Paid;
            }
            "units_cancelled" => {
                could(order, row, live)?;
                self.units_cancelled(order, row)?;
            }
            "cancelled" => {
                // All of what had come is back.
                let back = order.stage == Stage::Completed && order.live() == 0;
                let gone = order.sum(|line| line.packed) + order.sent();
                could(order, row, (live || back) && gone == 0)?;
                let timely = event["why"] == "unpaid" || event["why"] == "unconfirmed";
                let late = !timely || number(&event["at"]) >= order.until;
                must(late, "nobody is cancelled before the deadline", || format!("{row:?}"))?;
                let said = event["why"] != "unconfirmed" || !self.silence_confirms;
                could(order, row, said)?;
                self.release(order, row)?;
                let empty = order.sum(Line::held_in_all) == 0;
                must(empty, ONCE, || format!("{row:?}\n{order:?}"))?;
                let lines = order.lines.values_mut();
                lines.for_each(|line| line.cancelled += line.open());
                order.waived += number(&event["waived_minor"]);
                order.stage = Stage::Cancelled;
            }
            "packed" => could(order, row, order.stage == Stage::Paid).and_then(|()| {
                Self::count(order, row, |line, n| {
                    let fits = n > 0 && n <= line.open();
                    line.packed += n;
                    fits
                })?;
                order.asks_fairly(row)
            })?,
            "unpacked" => Self::unpacked(order, row)?,
            "shipped" => self.shipped(order, row)?,
            "delivered" => {
                let parcel = text(&event["parcel"]);
                let new = order.delivered.insert(parcel);
                must(new, COULD, || format!("{row:?}\n{order:?}"))?;
                Self::count(order, row, |line, n| {
                    line.delivered += n;
                    line.delivered <= line.shipped
                })?;
            }
            "revived" => self.revived(order, row)?,
            "address_changed" => {
                could(order, row, live && order.sum(|line| line.packed) == 0)?;
                order.goes_to(&event["to"]);
            }
            _ => {
                let picking = self.picking_of_order(order, row, word);
                return picking.unwrap_or_else(|| self.on_later_order(order, row, word));
            }
        }
        Ok(())
    }

    fn unpacked(order: &mut Order, row: &Row) -> Kept {
        order.wanted_again = row.at;
        Self::count(order, row, |line, n| {
            line.packed -= n;
            line.packed >= 0
        })
    }

    /// Each line of the event, by a rule that says whether it could be.
    pub(super) fn count(
        order: &mut Order,
        row: &Row,
        mut rule: impl FnMut(&mut Line, i64) -> bool,
    ) -> Kept {
        for (no, units) in picks(&row.event["picks"]) {
            let known = order.lines.get_mut(&no);
            let right = known.is_some_and(|line| rule(line, units));
            must(right, "units go only where units are", || format!("{row:?}\n{order:?}"))?;
        }
        Ok(())
    }

    /// Money came late, and everything is held again.
    fn revived(&mut self, order: &mut Order, row: &Row) -> Kept {
        could(order, row, order.stage == Stage::Cancelled && order.refunded == 0)?;
        for told in list(&row.event["held"]) {
            let Some(line) = order.lines.get_mut(&number(&told["line"])) else { continue };
            line.cancelled = line.waived;
        }
        self.holds_more(order, &row.event["held"]);
        (order.stage, order.until) = (Stage::Waits, number(&row.event["at"]));
        order.ship_by = number(&row.event["ship_by"]);
        Ok(())
    }

    fn units_cancelled(&mut self, order: &mut Order, row: &Row) -> Kept {
        Self::count(order, row, |line, n| {
            let fits = n > 0 && n <= line.open();
            line.cancelled += n;
            fits
        })?;
        if !row.event["waived_minor"].is_null() {
            let waived = number(&row.event["waived_minor"]);
            let with_shipping = row.event["shipping"] == true && !order.shipping_refunded;
            let shipping = if with_shipping { order.shipping } else { 0 };
            order.shipping_refunded |= with_shipping;
            order.is_fair(picks(&row.event["picks"]), waived, shipping, row)?;
            let units = picks(&row.event["picks"]);
            for (line, n) in units.iter().filter_map(|(no, n)| Some((order.lines.get(no)?, n))) {
                let unpaid = order.cod.is_some() || line.refunded == 0;
                must(unpaid && *n > 0, "what was paid is not waived", || {
                    format!("{row:?}\n{order:?}")
                })?;
            }
            for (no, n) in units {
                order.lines.entry(no).and_modify(|line| line.waived += n);
            }
            order.waived += waived;
        }
        self.release(order, row)
    }

    /// Gives back what the event says was held.
    pub(super) fn release(&mut self, order: &mut Order, row: &Row) -> Kept {
        for release in list(&row.event["released"]) {
            let (no, pieces) = (number(&release["line"]), number(&release["quantity"]));
            let warehouse = text(&release["warehouse"]);
            let line = order.lines.get_mut(&no);
            let held = line.and_then(|line| {
                self.moves(&line.sku, &warehouse, 0, -pieces);
                let held = line.held.get_mut(&warehouse)?;
                *held -= pieces;
                let held = *held;
                line.gives_up(&warehouse);
                Some(held)
            });
            must(held.is_some_and(|held| held >= 0), ONCE, || format!("{row:?}\n{order:?}"))?;
        }
        Ok(())
    }

    fn shipped(&mut self, order: &mut Order, row: &Row) -> Kept {
        let warehouse = text(&row.event["warehouse"]);
        Self::count(order, row, |line, n| {
            self.moves(&line.sku, &warehouse, -n, -n);
            line.packed -= n;
            line.shipped += n;
            let held = line.held.entry(warehouse.clone()).or_default();
            *held -= n;
            let picked = line.picked.entry(warehouse.clone()).or_default();
            *picked -= n.min(*picked);
            line.packed >= 0 && *held >= 0
        })
    }
}
