//! Parcels, waybill numbers, and merchants' statements.

use super::cash::Cash;
use super::{Kept, Model, Row, must, number, picks, text};

/// What one waybill carries.
#[derive(Debug, Clone)]
pub struct Parcel {
    pub order: String,
    pub warehouse: String,
    pub picks: Vec<(i64, i64)>,
    /// In grams; the simulation weighs no two parcels the same.
    pub weight: i64,
    /// `carrier:number`.
    pub label: Option<String>,
    /// `packed`, `shipped`, `cancelled`, `came_back`, `given_up`, or `recovered` after that.
    pub state: &'static str,
    pub shipped_at: i64,
    /// The driver's list that it is to leave with.
    pub manifest: Option<String>,
    /// By when its carrier promised it.
    pub promised: Option<i64>,
    /// The newest scan, and whether one of them says that it was delivered.
    pub last_scan: i64,
    pub arrived: bool,
    /// What its carrier saw last that counts.
    pub seen: String,
    /// There for a parcel that is paid to the courier.
    pub cash: Option<Cash>,
}

/// What a merchant is owed for a period.
#[derive(Debug, Clone)]
pub struct Statement {
    pub merchant: String,
    pub currency: String,
    pub number: i64,
    pub to_line: i64,
    pub net: i64,
    pub paid: bool,
}

impl Parcel {
    /// What happens to it once it has left. None: its cash has to be looked at too.
    fn goes_on(&mut self, row: &Row) -> Option<bool> {
        let before = self.state;
        Some(match row.event["event"].as_str().unwrap_or_default() {
            "seen" => {
                let seen = &row.event["seen"];
                (self.seen, self.last_scan) = (text(&seen["state"]), number(&seen["last_scan"]));
                self.arrived = !seen["delivered_at"].is_null();
                matches!(before, "shipped" | "given_up")
            }
            "given_up" => {
                self.state = "given_up";
                let paid = self.cash.as_ref().is_some_and(|cash| cash.collected);
                before == "shipped" && !paid && !self.arrived && self.seen != "returned"
            }
            "came_back" if self.cash.is_none() => {
                let lost = before == "given_up";
                self.state = if lost { "recovered" } else { "came_back" };
                lost || before == "shipped" && self.seen == "returned"
            }
            "delivery_reversed" if self.cash.is_none() => {
                before == "shipped" && self.seen == "returned" && self.arrived
            }
            _ => return None,
        })
    }
}

impl Model {
    /// Units of a line in parcels that a warehouse has and has not sent.
    pub(super) fn packed_in(&self, order: &str, line: i64, warehouse: &str) -> i64 {
        let here = self.parcels.values().filter(|parcel| {
            parcel.state == "packed" && parcel.order == order && parcel.warehouse == warehouse
        });
        let units = here.flat_map(|parcel| &parcel.picks).filter(|(no, _)| *no == line);
        units.map(|(_, units)| units).sum()
    }

    /// Units of a line that a warehouse can still put into a parcel.
    pub fn packable(&self, order: &str, line: i64, warehouse: &str) -> i64 {
        let of_line = self.orders.get(order).and_then(|order| order.lines.get(&line));
        let held = of_line.and_then(|line| line.held.get(warehouse)).copied().unwrap_or(0);
        let open = of_line.map_or(0, super::Line::open);
        open.min(held - self.packed_in(order, line, warehouse))
    }

    pub(super) fn parcel_event(&mut self, row: &Row, word: &str) -> Kept {
        if word == "packed" {
            let told = &row.event["parcel"];
            let parcel = Parcel {
                order: text(&told["order"]),
                warehouse: text(&told["warehouse"]),
                picks: picks(&told["picks"]),
                weight: number(&told["weight_g"]),
                label: None,
                state: "packed",
                shipped_at: 0,
                manifest: None,
                promised: None,
                last_scan: 0,
                arrived: false,
                seen: String::new(),
                cash: Cash::of(&told["cash"]),
            };
            let twice = self.parcels.values().any(|known| known.weight == parcel.weight);
            self.parcels.insert(row.id.clone(), parcel);
            return must(!twice, "one idempotency key packs one parcel", || format!("{row:?}"));
        }
        let Some(parcel) = self.parcels.get_mut(&row.id) else {
            return must(false, "a parcel begins with being packed", || format!("{row:?}"));
        };
        let before = parcel.state;
        let could = match word {
            "labelled" => {
                let label = &row.event["label"];
                let label = format!("{}:{}", text(&label["carrier"]), text(&label["waybill"]));
                before == "packed" && parcel.label.replace(label).is_none()
            }
            "waybill_voided" => {
                parcel.manifest = None;
                before == "packed" && parcel.label.take().is_some()
            }
            "put_on_manifest" => {
                let first = parcel.manifest.replace(text(&row.event["manifest"])).is_none();
                before == "packed" && parcel.label.is_some() && first
            }
            "left_behind" => {
                let known = parcel.manifest.take();
                before != "shipped" && known.as_deref() == row.event["manifest"].as_str()
            }
            "promised" => {
                parcel.promised = row.event["by"].as_i64();
                before == "shipped" && parcel.promised > Some(row.at)
            }
            "shipped" => {
                (parcel.state, parcel.shipped_at) = ("shipped", number(&row.event["at"]));
                before == "packed" && parcel.label.is_some()
            }
            "cancelled" => {
                parcel.state = "cancelled";
                before == "packed"
            }
            "spoken_of" => before == "packed",
            "seen" | "given_up" | "came_back" | "delivery_reversed" => match parcel.goes_on(row) {
                Some(could) => could,
                None => return self.cash_of_parcel(row, word),
            },
            _ => return self.cash_of_parcel(row, word),
        };
        must(could, "a parcel does only what its state allows", || format!("{row:?} {before}"))
    }

    pub(super) fn waybill_event(&mut self, row: &Row, word: &str) -> Kept {
        match word {
            "pooled" => {
                let new = self.waybills.insert(row.id.clone(), None).is_none();
                must(new, "a waybill number is given to us once", || format!("{row:?}"))
            }
            "used" => {
                let parcel = text(&row.event["parcel"]);
                let before = self.waybills.insert(row.id.clone(), Some(parcel));
                must(before == Some(None), "no waybill number is on two parcels", || {
                    format!("{row:?}, used by {before:?}")
                })
            }
            "voided" => {
                let used = self.waybills.get(&row.id).is_some_and(Option::is_some);
                must(used, "only a number that was used is void", || format!("{row:?}"))
            }
            _ => self.stranger(row, word),
        }
    }

    pub(super) fn statement_event(&mut self, row: &Row, word: &str) -> Kept {
        match word {
            "made" => self.made(row),
            "paid" => {
                let Some(statement) = self.statements.get_mut(&row.id) else {
                    return must(false, "a statement begins with being made", || {
                        format!("{row:?}")
                    });
                };
                let twice = std::mem::replace(&mut statement.paid, true);
                let (net, currency) = (statement.net, statement.currency.clone());
                let account = format!("merchant:{}", statement.merchant);
                self.posts(&currency, &[(account, net), ("platform:bank".to_owned(), -net)]);
                must(!twice && net > 0, "a statement is paid once", || format!("{row:?}"))
            }
            _ => self.stranger(row, word),
        }
    }

    /// Statements follow each other without gaps, and the sum of all is what the merchant earned.
    fn made(&mut self, row: &Row) -> Kept {
        let told = &row.event["statement"];
        let statement = Statement {
            merchant: text(&told["merchant"]),
            currency: text(&told["currency"]),
            number: number(&told["number"]),
            to_line: number(&told["to_line"]),
            net: number(&told["net_minor"]),
            paid: false,
        };
        let merchant = &statement.merchant;
        let earlier = self.statements.values().filter(|s| s.merchant == *merchant);
        let (last, to) = earlier.clone().map(|s| (s.number, s.to_line)).max().unwrap_or((0, 0));
        let due: i64 = earlier.filter(|s| !s.paid && s.net > 0).map(|s| s.net).sum();
        let earned = -self.balance(&format!("merchant:{merchant}"), &statement.currency);
        let right = statement.number == last + 1
            && number(&told["after_line"]) == to
            && statement.net == earned - due;
        self.statements.insert(row.id.clone(), statement);
        must(right, "a statement is what was earned and not told yet", || {
            format!("{row:?}: number {last} before, to line {to}, {earned} earned, {due} due")
        })
    }
}
