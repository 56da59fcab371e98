//! What goes wrong with parcels on their way, who has to look after it by when, how it ends, and
//! what carriers pay for it.

use super::{Kept, Model, Parcel, Row, must, number, text};
use orderflow_tests::{HOUR, Value};
use std::collections::BTreeMap;

/// One exception of a parcel.
#[derive(Debug, Clone)]
pub struct Trouble {
    pub parcel: String,
    pub order: String,
    pub merchant: String,
    carrier: String,
    currency: String,
    pub kind: String,
    /// When the carrier saw it, somebody said it, or the silence began.
    since: i64,
    /// `open`, `waiting`, `intercepting` or `resolved`.
    pub state: &'static str,
    /// By when somebody has to decide, and until when it is waited.
    deadline: i64,
    until: i64,
    /// How often it was pressed.
    pressed: u8,
    /// Its parcel is not waited for any more, and came to its buyer all the same.
    pub given_up: bool,
    pub turned_up: bool,
    pub claim: Option<Claim>,
    /// The platform has paid the merchant for the goods: nobody does once more.
    compensated: bool,
    /// How it ended, by the commit that is looked at.
    ends: Option<Value>,
    /// When a person saw that there is nothing to do.
    dismissed: Option<i64>,
    opened_now: Option<i64>,
}

/// What its carrier is to pay, in minor units.
#[derive(Debug, Clone)]
pub struct Claim {
    pub amount: i64,
    /// The platform bears what the carrier does not accept, and not the merchant.
    by_platform: bool,
    /// `asked`, `accepted`, `rejected` or `paid`.
    pub state: &'static str,
    accepted: i64,
}

impl Trouble {
    /// Somebody looks after what began then, or has.
    fn covers(&self, since: i64) -> bool {
        let dismissed = self.dismissed.is_some_and(|at| at >= since);
        self.state != "resolved" || self.since >= since || dismissed
    }
}

impl Claim {
    pub fn is_over(&self) -> bool {
        matches!(self.state, "rejected" | "paid")
    }
}

/// What only silence says; what a carrier says of a parcel that it has; all that people may report.
const SILENCES: [&str; 3] = ["no_pickup", "no_scan", "promise_missed"];
const REPORTED: [&str; 6] = ["lost", "damaged", "address", "delay", "intercept", "other"];
const PEOPLE: [&str; 3] = ["merchant", "support", "operator"];

/// By when an exception of a kind is to be decided.
fn patience(kind: &str) -> i64 {
    let hours = match kind {
        "intercept" => 4,
        "no_pickup" | "address" => 12,
        "delay" => 48,
        "customs" | "returning" => 72,
        _ => 24,
    };
    hours * HOUR
}

/// What is wrong by all scans, and since when. `scans` are time and word, as they happened.
pub fn wrong(scans: &[(i64, String)]) -> BTreeMap<&str, i64> {
    const MOVES: [&str; 7] = [
        "picked_up",
        "in_transit",
        "at_hub",
        "ready_for_pickup",
        "out_for_delivery",
        "refused",
        "returning",
    ];
    const STAYS: [&str; 3] = ["damaged", "refused", "returning"];
    let mut wrong: BTreeMap<&str, i64> = BTreeMap::new();
    let (mut attempts, mut there) = (0, false);
    for (at, word) in scans {
        match word.as_str() {
            "delivered" => wrong.retain(|kind, _| *kind == "damaged"),
            "returned" => wrong.retain(|kind, _| STAYS.contains(kind)),
            moves if MOVES.contains(&moves) => {
                wrong.retain(|kind, _| STAYS.contains(kind) || *kind == "lost");
            }
            _ => {}
        }
        there |= word == "delivered";
        attempts += i64::from(word == "attempt_failed");
        let kind = match word.as_str() {
            "attempt_failed" if attempts < 2 => continue,
            kind @ ("delay" | "lost" | "damaged" | "attempt_failed" | "customs" | "address"
            | "other" | "refused" | "returning") => kind,
            _ => continue,
        };
        if !there || STAYS.contains(&kind) {
            wrong.entry(kind).or_insert(*at);
        }
    }
    wrong
}

impl Parcel {
    /// What it is if nothing more is heard of it: the kind, since when, and when it is that.
    fn silences(&self) -> Vec<(&'static str, i64, i64)> {
        let over = matches!(self.seen.as_str(), "delivered" | "returned" | "cancelled");
        if self.state != "shipped" || over {
            return Vec::new();
        }
        let unmoved = self.seen.is_empty() || self.seen == "created";
        let since = self.last_scan.max(self.shipped_at);
        let first = match unmoved {
            true => ("no_pickup", self.shipped_at, self.shipped_at + 24 * HOUR),
            false => ("no_scan", since, since + 48 * HOUR),
        };
        let promised = self.promised.filter(|_| !self.arrived);
        let promised = promised.map(|by| ("promise_missed", by, by));
        [first].into_iter().chain(promised).collect()
    }
}

const COULD: &str = "an exception does only what its state allows";

impl Model {
    pub(super) fn trouble_event(&mut self, row: &Row, word: &str) -> Kept {
        if word == "opened" {
            return self.trouble_opened(row);
        }
        let Some(mut trouble) = self.troubles.remove(&row.id) else {
            return must(false, "an exception begins with being opened", || format!("{row:?}"));
        };
        let before = format!("{trouble:?}");
        let could = self.on_trouble(&mut trouble, row, word);
        self.troubles.insert(row.id.clone(), trouble);
        match could {
            Some(could) => must(could, COULD, || format!("{row:?} after {before}")),
            None => self.stranger(row, word),
        }
    }

    fn trouble_opened(&mut self, row: &Row) -> Kept {
        let told = &row.event["exception"];
        let trouble = Trouble {
            parcel: text(&told["parcel"]),
            order: text(&told["order"]),
            merchant: text(&told["merchant"]),
            carrier: text(&told["carrier"]),
            currency: text(&told["currency"]),
            kind: text(&told["kind"]),
            since: number(&told["since"]),
            state: "open",
            deadline: number(&told["deadline"]),
            until: 0,
            pressed: 0,
            given_up: false,
            turned_up: false,
            claim: None,
            compensated: false,
            ends: None,
            dismissed: None,
            opened_now: Some(row.at),
        };
        let kind = trouble.kind.as_str();
        let may = match row.by.as_str() {
            "buyer" => kind == "intercept",
            "clock" => SILENCES.contains(&kind),
            "carrier" | "dispatch" => kind != "intercept",
            // Who ships a parcel hears what its carrier said of it before.
            "warehouse" => true,
            _ => REPORTED.contains(&kind),
        };
        let in_time = trouble.since <= row.at && trouble.deadline == row.at + patience(kind);
        self.troubles.insert(row.id.clone(), trouble);
        must(may && in_time, "an exception is opened by who may, and is due in time", || {
            format!("{row:?}")
        })
    }

    /// Whether it could be; none: it is not known what that is.
    fn on_trouble(&mut self, trouble: &mut Trouble, row: &Row, word: &str) -> Option<bool> {
        let (event, now) = (&row.event, row.at);
        let before = trouble.state;
        let looks = before == "open" || before == "intercepting";
        let new = number(&event["deadline"]);
        let in_time = new == now + patience(&trouble.kind);
        Some(match word {
            "assigned" | "noted" => before != "resolved" || word == "noted",
            "awaited" => {
                (trouble.state, trouble.until) = ("waiting", number(&event["until"]));
                let hours = (trouble.until - now) / HOUR;
                matches!(before, "open" | "waiting") && (1..=720).contains(&hours)
            }
            "wait_ended" => {
                (trouble.state, trouble.deadline) = ("open", new);
                before == "waiting" && trouble.until <= now && in_time
            }
            "escalated" => {
                let due = trouble.deadline <= now && trouble.pressed < 2;
                (trouble.deadline, trouble.pressed) = (new, trouble.pressed + 1);
                looks && due && in_time && row.by == "clock"
            }
            "intercept_asked" => {
                trouble.state = "intercepting";
                matches!(before, "open" | "waiting")
            }
            "intercept_failed" => {
                (trouble.state, trouble.deadline) = ("open", new);
                before == "intercepting" && in_time
            }
            "turned_up" => {
                let first = !std::mem::replace(&mut trouble.turned_up, true);
                (trouble.state, trouble.deadline) = ("open", new);
                before == "resolved" && trouble.given_up && first && in_time
            }
            "resolved" => {
                trouble.state = "resolved";
                trouble.ends = Some(event["outcome"].clone());
                trouble.dismissed = (event["outcome"]["as"] == "dismissed").then_some(now);
                before != "resolved" && self.trouble_ends(trouble, row, before)
            }
            _ => return self.on_claim(trouble, row, word),
        })
    }

    /// Who may end it so, and what it costs whom.
    fn trouble_ends(&mut self, trouble: &mut Trouble, row: &Row, before: &str) -> bool {
        let outcome = &row.event["outcome"];
        let person = PEOPLE.contains(&row.by.as_str());
        match outcome["as"].as_str().unwrap_or_default() {
            "explained" => matches!(&*row.by, "carrier" | "clock" | "dispatch"),
            "came_back" => matches!(&*row.by, "warehouse" | "operator"),
            "dismissed" => person && !trouble.given_up && before != "intercepting",
            "superseded" => person || row.by == "clock",
            "kept" => person && trouble.given_up && trouble.turned_up,
            "not_intercepted" => trouble.kind == "intercept",
            "sent_again" | "paid_back" => {
                let (first, loss) = (!trouble.given_up, number(&outcome["loss_minor"]));
                trouble.given_up = true;
                if outcome["borne_by"] == "platform" {
                    self.platform_pays(trouble, loss);
                    trouble.compensated = true;
                }
                let policy = row.by == "clock" && self.lost_is_paid_back;
                let policy = policy && trouble.kind == "lost" && trouble.deadline <= row.at;
                first && (person || policy)
            }
            _ => false,
        }
    }

    /// The goods were the merchant's.
    fn platform_pays(&mut self, trouble: &Trouble, amount: i64) {
        let merchant = format!("merchant:{}", trouble.merchant);
        let lines = [("platform:losses".to_owned(), amount), (merchant, -amount)];
        self.posts(&trouble.currency, &lines);
    }

    fn on_claim(&mut self, trouble: &mut Trouble, row: &Row, word: &str) -> Option<bool> {
        let (event, amount) = (&row.event, number(&row.event["amount_minor"]));
        if word == "claimed" {
            let told = &event["claim"];
            let (amount, by_platform) =
                (number(&told["amount_minor"]), told["else_on"] == "platform");
            let claim = Claim { amount, by_platform, state: "asked", accepted: 0 };
            let first = trouble.claim.replace(claim).is_none();
            let total = self.orders.get(&trouble.order).map_or(0, |order| order.total);
            return Some(first && (1..=total).contains(&amount));
        }
        let mut claim = trouble.claim.take()?;
        let (carrier, before) = (format!("carrier:{}", trouble.carrier), claim.state);
        let could = match word {
            "claim_accepted" => {
                (claim.state, claim.accepted) = ("accepted", amount);
                let to = match trouble.compensated {
                    true => "platform:losses".to_owned(),
                    false => format!("merchant:{}", trouble.merchant),
                };
                self.posts(&trouble.currency, &[(carrier, amount), (to, -amount)]);
                before == "asked" && (1..=claim.amount).contains(&amount)
            }
            "claim_rejected" => {
                claim.state = "rejected";
                before == "asked"
            }
            "claim_paid" => {
                claim.state = "paid";
                let bank = ("platform:bank".to_owned(), claim.accepted);
                self.posts(&trouble.currency, &[bank, (carrier, -claim.accepted)]);
                before == "accepted" && row.by == "finance"
            }
            _ => return None,
        };
        if before == "asked" && claim.by_platform && !trouble.compensated {
            self.platform_pays(trouble, claim.amount - claim.accepted);
        }
        trouble.claim = Some(claim);
        Some(could)
    }

    /// What a carrier has accepted to pay and has not.
    pub(super) fn claimed_from(&self, carrier: &str, currency: &str) -> i64 {
        let of = |t: &&Trouble| t.carrier == carrier && t.currency == currency;
        let claims = self.troubles.values().filter(of).filter_map(|t| t.claim.as_ref());
        claims.filter(|claim| claim.state == "accepted").map(|claim| claim.accepted).sum()
    }

    /// What must hold of an exception after each commit.
    pub(super) fn trouble_agrees(&mut self, id: &str) -> Kept {
        let Some(trouble) = self.troubles.get_mut(id) else { return Ok(()) };
        let (ends, opened) = (trouble.ends.take(), trouble.opened_now.take());
        let Some(trouble) = self.troubles.get(id) else { return Ok(()) };
        let told = || format!("{id} {trouble:?} {ends:?}");
        let open = trouble.state != "resolved";
        let order = self.orders.get(&trouble.order);
        let known = order.is_some_and(|order| order.open_exceptions.contains(id));
        must(open == known, "an order knows its open exceptions", told)?;
        let same = |t: &&Trouble| {
            (&t.parcel, &t.kind) == (&trouble.parcel, &trouble.kind) && t.state != "resolved"
        };
        let one = self.troubles.values().filter(same).count() <= 1;
        must(one, "a parcel has one open exception of a kind", told)?;
        let Some(parcel) = self.parcels.get(&trouble.parcel) else {
            return must(false, "an exception is of a parcel", told);
        };
        let gone = matches!(parcel.state, "given_up" | "recovered");
        must(!trouble.given_up || gone, "what is given up is not waited for", told)?;
        if let Some(at) = opened {
            let by_people = REPORTED.contains(&trouble.kind.as_str()) && trouble.since == at;
            let before = self.troubles.iter().any(|(other, t)| {
                let same = (&t.parcel, &t.kind) == (&trouble.parcel, &trouble.kind);
                other != id && same && t.dismissed.is_some_and(|at| at >= trouble.since)
            });
            must(by_people || !before, "what a person has dismissed stays so", told)?;
            let late = |(kind, since, due): &(&str, i64, i64)| {
                (*kind, *since) == (trouble.kind.as_str(), trouble.since) && *due <= at
            };
            let right =
                parcel.silences().iter().any(late) || !SILENCES.contains(&trouble.kind.as_str());
            must(right, "silence is an exception when it has lasted so long", told)?;
            must(parcel.state == "shipped", "exceptions are of parcels under way", told)?;
        }
        match ends {
            Some(outcome) => self.trouble_ended(trouble, parcel, &outcome),
            None => Ok(()),
        }
    }

    /// What must follow from how it ended, in the same commit.
    fn trouble_ended(&self, trouble: &Trouble, parcel: &Parcel, outcome: &Value) -> Kept {
        let told = || format!("{trouble:?} {outcome}\n{parcel:?}");
        let right = match outcome["as"].as_str().unwrap_or_default() {
            "came_back" => matches!(parcel.state, "came_back" | "recovered"),
            "superseded" => matches!(parcel.state, "given_up"),
            "not_intercepted" => {
                let case = outcome["case"].as_str();
                let of = |id| self.cases.get(id).is_some_and(|case| case.picks == parcel.picks);
                parcel.arrived && case.is_none_or(of)
            }
            "sent_again" | "paid_back" => {
                let loss = number(&outcome["loss_minor"]);
                let claims = outcome["borne_by"] == "carrier" && loss > 0;
                self.is_worth(parcel, loss) && (!claims || trouble.claim.is_some())
            }
            _ => true,
        };
        must(right, "an exception ends with what its outcome says", told)
    }

    /// To the unit's own rounding; what a courier was to collect for them is told to the cent.
    fn is_worth(&self, parcel: &Parcel, amount: i64) -> bool {
        if let Some(cash) = &parcel.cash {
            return amount == cash.goods();
        }
        let order = self.orders.get(&parcel.order);
        let (mut least, mut most) = (0, 0);
        for (no, units) in &parcel.picks {
            let Some(line) = order.and_then(|order| order.lines.get(no)) else { continue };
            let whole = line.quantity.max(1);
            least += line.paid / whole * units;
            most += (line.paid + whole - 1) / whole * units;
        }
        (least..=most).contains(&amount)
    }

    /// What is wrong by a carrier's scans has somebody who looks at it, or had; and nobody looks
    /// after what a later scan explains. `scans` are those of a label, as they happened.
    pub fn is_looked_after(&self, label: &str, scans: &[(i64, String)]) -> Kept {
        let of = |(_, p): &(&String, &Parcel)| p.label.as_deref() == Some(label);
        let Some((id, parcel)) = self.parcels.iter().find(of) else { return Ok(()) };
        let of_it = || self.troubles.values().filter(|t| t.parcel == *id);
        if parcel.state == "given_up" && parcel.arrived {
            let seen = of_it().any(|t| t.given_up && t.turned_up);
            return must(seen, "somebody looks at what was given up and arrives", || {
                format!("{id} {parcel:?}")
            });
        }
        if parcel.state != "shipped" {
            return Ok(());
        }
        let wrong = wrong(scans);
        let told = || format!("{id} {wrong:?} {scans:?}\n{:?}", self.troubles);
        let stops = of_it().any(|t| t.kind == "intercept" && t.state != "resolved");
        must(!(stops && parcel.arrived), "what has arrived is not stopped any more", told)?;
        for (kind, since) in &wrong {
            let seen = |t: &Trouble| t.kind == *kind && t.covers(*since);
            must(of_it().any(seen), "what a carrier says is wrong is looked after", told)?;
        }
        let idle = of_it().find(|t| {
            let scanned = |(at, word): &(i64, String)| (*at, word) == (t.since, &t.kind);
            let open = t.state != "resolved" && t.kind != "damaged";
            open && scans.iter().any(scanned) && !wrong.contains_key(t.kind.as_str())
        });
        must(idle.is_none(), "what a later scan explains is over", told)
    }

    /// When exceptions are due, and when silence will be one.
    pub(super) fn trouble_timers(&self) -> Vec<(String, &'static str, i64)> {
        let mut timers = Vec::new();
        for (id, trouble) in &self.troubles {
            match trouble.state {
                "waiting" => timers.push((id.clone(), "exception_due", trouble.until)),
                "open" | "intercepting" if trouble.pressed < 2 => {
                    timers.push((id.clone(), "exception_due", trouble.deadline));
                }
                _ => {}
            }
        }
        for (id, parcel) in &self.parcels {
            let known = |kind: &str, since: i64| {
                let of = |t: &&Trouble| t.parcel == *id && t.kind == kind;
                let mut these = self.troubles.values().filter(of);
                // A scan of the very moment of a dismissal is waited after, and then found covered.
                these.any(|t| t.covers(since) && (t.dismissed != Some(since) || t.since >= since))
            };
            let silences = parcel.silences().into_iter();
            let next = silences.filter(|(kind, since, _)| !known(kind, *since));
            if let Some(due) = next.map(|(_, _, due)| due).min() {
                timers.push((id.clone(), "no_scan", due));
            }
        }
        timers
    }

    /// The shop's policy: who bears what is lost, and what happens to what nobody decides about.
    pub(super) fn hears_policy(&mut self, told: &str) {
        self.silence_confirms = told.contains(r#""on_silence":"confirm""#);
        self.lost_is_paid_back = told.contains(r#""lost":"refund""#);
    }

    /// Exceptions that nobody has ended.
    pub fn open_troubles(&self) -> Vec<(String, Trouble)> {
        let open = self.troubles.iter().filter(|(_, t)| t.state != "resolved");
        open.map(|(id, trouble)| (id.clone(), trouble.clone())).collect()
    }
}
