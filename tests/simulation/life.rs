//! One life of a shop, by its seed: people, partners, clock and trouble, and the auditor after
//! every step. The same seed lives the same life.

use crate::acts::{self, Intent, Kind};
use crate::audit::{Auditor, Promises};
use crate::carrier::Traces;
use crate::gateway::Till;
use crate::interleave::{Dangers, interleave};
use crate::model::{Broken, Kept, must};
use crate::purse::Purse;
use orderflow_tests::{
    Answer, Chance, DAY, HOUR, MINUTE, Millis, PartnerFault, SECOND, Shop, json,
};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

/// Which life to live.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    pub seed: u64,
    pub steps: usize,
}

impl Plan {
    /// In every fourth life nothing breaks: people and partners only get into each other's way.
    pub fn is_calm(&self) -> bool {
        self.seed.is_multiple_of(4)
    }
}

/// What was done, one line each, readable when everything else is gone.
pub type Log = Rc<RefCell<Vec<String>>>;

/// A shop and everybody around it.
pub struct Life<'s> {
    pub shop: &'s Shop,
    pub plan: Plan,
    pub chance: Chance,
    pub auditor: Auditor,
    pub promises: Promises,
    pub till: Till,
    pub traces: Traces,
    pub purse: Purse,
    /// Requests whose answer was not heard; whoever asked will ask again.
    pub unanswered: Vec<Intent<'s>>,
    /// The order that everybody looks at in this step.
    pub focus: Option<String>,
    /// The idempotency keys of answered requests, with the requests.
    pub answered: BTreeMap<String, Intent<'s>>,
    pub weights: Vec<usize>,
    pub log: Log,
    pub step: usize,
    /// Numbers given to things that must be told apart.
    counted: i64,
}

/// How long it may take until somebody does something: mostly minutes, sometimes days.
const SPANS: [i64; 10] = [
    MINUTE,
    MINUTE,
    MINUTE,
    5 * MINUTE,
    5 * MINUTE,
    35 * MINUTE,
    35 * MINUTE,
    6 * HOUR,
    30 * HOUR,
    8 * DAY,
];

type Shelves = &'static [(&'static str, i64)];

/// SKU, merchant, price and pieces in each warehouse: little of everything, so that it runs out.
const SHELF: &[(&str, &str, i64, Shelves)] = &[
    ("TEE", "m1", 3_333, &[("wh-sh", 6), ("wh-gz", 4)]),
    ("PEN", "m1", 7, &[("wh-sh", 30)]),
    ("MUG", "m2", 4_501, &[("wh-gz", 5), ("wh-bj", 5)]),
    ("BOX", "m2", 20_000, &[("wh-bj", 3)]),
    // Nobody orders these: they are offered instead of what is missing.
    ("CAP", "m1", 9_000, &[("wh-sh", 20), ("wh-gz", 20)]),
    ("JAR", "m2", 25_000, &[("wh-bj", 20)]),
];

/// Opens the shop of all lives. In some of them one merchant is not paid at the door, in some whom
/// nobody confirms is confirmed by that, and in some nobody waits long for what is lost.
pub async fn opens(shop: &Shop, seed: u64) {
    shop.merchant("m1").joins(json!({"cash_on_delivery": true})).await;
    let shipping = json!({"fee_minor": 800, "free_from_minor": 20_000});
    let cash = !seed.is_multiple_of(3);
    let terms = json!({"commission_bp": 333, "shipping": shipping, "cash_on_delivery": cash});
    shop.merchant("m2").joins(terms).await;
    let mut set = json!({});
    if seed % 5 < 2 {
        set["cash_on_delivery"] = json!({"on_silence": "confirm"});
    }
    // In some lives what nobody decides about is paid back, and the platform bears what is lost.
    if seed % 7 < 2 {
        set["exceptions"] = json!({"when_overdue": {"lost": "refund"}, "losses_on": "platform"});
    }
    if set != json!({}) {
        let policy = json!({"id": "shop", "set": set});
        drop(shop.operator().put("/v1/catalog/policies/shop", &policy).await.must(&[201]));
    }
    for (sku, merchant, price, shelves) in SHELF {
        let mut offer = shop.merchant(merchant).sells(sku, *price);
        if *sku == "PEN" {
            offer = offer.with("return_days", json!(3));
        }
        for (warehouse, pieces) in *shelves {
            offer = offer.stock(warehouse, *pieces);
        }
        offer.await;
    }
    shop.has_waybills("yuantong").await;
}

impl<'s> Life<'s> {
    pub fn begins(shop: &'s Shop, plan: Plan, log: Log) -> Self {
        let mut chance = Chance::new(plan.seed);
        let weights = acts::weights(&mut chance);
        Self {
            shop,
            plan,
            chance,
            auditor: Auditor::new(shop.books()),
            promises: Promises::default(),
            till: Till::default(),
            traces: Traces::default(),
            purse: Purse::default(),
            unanswered: Vec::new(),
            focus: None,
            answered: BTreeMap::new(),
            weights,
            log,
            step: 0,
            counted: 0,
        }
    }

    pub fn now(&self) -> Millis {
        self.shop.now()
    }

    /// A number that nothing else has.
    pub fn number(&mut self) -> i64 {
        self.counted += 1;
        self.counted
    }

    pub fn says(&self, line: &str) {
        let at = (self.now().0 - orderflow_tests::START.0) / SECOND;
        let (days, seconds) = (at / 86_400, at % 86_400);
        let time = format!("{days}d {:02}:{:02}", seconds / 3_600, seconds / 60 % 60);
        self.log.borrow_mut().push(format!("{:>3} {time}:{:02} {line}", self.step, seconds % 60));
    }

    /// Some time passes, then some people do something at the same moment.
    pub async fn one_step(&mut self) -> Kept {
        self.some_time_passes().await;
        let orders: Vec<&String> = self.auditor.model.orders.keys().collect();
        self.focus = match orders.len() {
            0 => None,
            count => Some(orders[count - 1 - self.chance.below(count.min(6))].clone()),
        };
        let together = [1, 1, 1, 1, 2, 2, 3, 6];
        let together = self.chance.pick(&together);
        let mut intents = Vec::new();
        for _ in 0..together {
            intents.extend(acts::chosen(self));
        }
        let rush = self.chance.percent(8);
        if rush {
            intents.extend(acts::rush(self));
        }
        if !self.plan.is_calm() && self.chance.percent(8) {
            self.partners_misbehave();
        }
        let danger = !self.plan.is_calm() && self.chance.percent(if rush { 60 } else { 25 });
        let dangers = match (danger, rush) {
            (true, true) => Dangers::of_a_rush(&mut self.chance),
            (true, false) => Dangers::drawn(&mut self.chance),
            (false, _) => Dangers::default(),
        };
        self.perform(intents, &dangers)
    }

    async fn some_time_passes(&mut self) {
        if self.chance.percent(45) {
            return;
        }
        let longest = self.chance.pick(&SPANS);
        let ms = self.chance.between(1, longest / SECOND) * SECOND;
        self.shop.is_later(ms).await;
        // Nobody sends a request again after a day.
        let now = self.now().0;
        let fresh = |intent: &Intent<'s>| now - intent.since.0 < crate::audit::REMEMBERED_MS;
        self.unanswered.retain(fresh);
        self.answered.retain(|_, intent| fresh(intent));
    }

    fn partners_misbehave(&mut self) {
        let fault = match self.chance.below(6) {
            0 => PartnerFault::Status(500),
            1 => PartnerFault::TooManyRequests { retry_after_s: 30 },
            2 => PartnerFault::Hang,
            3 => PartnerFault::DoneButLost,
            4 => PartnerFault::Garbage,
            _ => PartnerFault::Redirect("http://elsewhere.test/".to_owned()),
        };
        let times = 1 + self.chance.below(3);
        match self.chance.below(6) {
            0..3 => self.shop.gateway.next_answers(4 * times, &fault),
            3 => self.shop.receiver.next_answers(times, &fault),
            4 => self.shop.messengers.sms.next_answers(4 * times, &fault),
            _ => self.shop.messengers.mail.next_answers(4 * times, &fault),
        }
        self.says(&format!("a partner will answer {fault:?}, {times} times"));
    }

    /// Everybody asks at once; then it is judged what was answered and what is stored.
    pub fn perform(&mut self, intents: Vec<Intent<'s>>, dangers: &Dangers) -> Kept {
        let asks = intents.iter().map(|intent| intent.ask.clone()).collect();
        let before = self.auditor.extent();
        let answers = interleave(self.shop, &mut self.chance, asks, dangers)?;
        let alone = intents.len() == 1 && !dangers.any();
        let clock = intents.iter().any(|intent| matches!(intent.kind, Kind::Scheduler));
        // Three lost rounds need three others who won them, or a clock that does many things.
        let excused = dangers.any() || intents.len() > 3 || (clock && !alone);
        for (intent, answer) in intents.iter().zip(&answers) {
            let heard = answer.as_ref().map_or_else(
                || "no answer".to_owned(),
                |answer| {
                    let code = answer.code().unwrap_or_default();
                    format!("{} {code}", answer.status.as_u16())
                },
            );
            self.says(&format!("{} → {heard}", intent.what));
        }
        if dangers.any() || dangers.jumps.is_some() || dangers.renewed.is_some() {
            self.says(&format!("   meanwhile: {dangers}"));
        }
        self.till.gateway_speaks(self.shop)?;
        let again = alone && intents.iter().all(|intent| self.is_repeat(intent));
        self.auditor.look(self.now().0)?;
        for (intent, answer) in intents.into_iter().zip(answers) {
            match answer {
                None => self.not_heard(intent),
                Some(answer) => self.heard(intent, &answer, (alone, excused))?,
            }
        }
        let after = self.auditor.extent();
        must(
            !again || before == after,
            "what was acknowledged changes nothing when it is told again",
            || format!("{before:?} rows before, {after:?} after"),
        )
    }

    /// Whether it was acknowledged before.
    fn is_repeat(&self, intent: &Intent<'s>) -> bool {
        match &intent.kind {
            Kind::Webhook(letter) => self.till.mail[*letter].acknowledged,
            Kind::Keyed(key) => self.answered.contains_key(key),
            Kind::Scans(label, scans) => self.traces.knows_all(label, scans),
            Kind::Remittance(file) => self.purse.files[*file].acknowledged,
            Kind::Scheduler | Kind::Look(_) | Kind::Free => false,
        }
    }

    fn not_heard(&mut self, intent: Intent<'s>) {
        match intent.kind {
            Kind::Keyed(_) => self.unanswered.push(intent),
            Kind::Webhook(_) | Kind::Scans(..) | Kind::Remittance(_) => {}
            Kind::Scheduler | Kind::Look(_) | Kind::Free => {}
        }
    }

    fn heard(
        &mut self,
        intent: Intent<'s>,
        answer: &Answer,
        (alone, excused): (bool, bool),
    ) -> Kept {
        let status = answer.status.as_u16();
        if status >= 500 {
            must(status == 503 && excused, "nothing fails by itself", || format!("{answer}"))?;
            self.not_heard(intent);
            return Ok(());
        }
        let now = self.now();
        match &intent.kind {
            Kind::Keyed(key) => {
                let body = intent.ask.body.clone();
                self.promises.heard(key, &body, answer, now)?;
                if answer.status.is_success() && !self.answered.contains_key(key) {
                    let key = key.clone();
                    self.stands(&intent, answer)?;
                    self.answered.insert(key, intent);
                }
                Ok(())
            }
            Kind::Webhook(letter) => {
                must(status == 200, "a gateway's word is taken", || format!("{answer}"))?;
                let letter = &mut self.till.mail[*letter];
                letter.acknowledged = true;
                let stored = self.auditor.events.contains(&letter.event);
                must(stored, "a webhook is acknowledged only after its fact is stored", || {
                    format!("{}: {answer}", letter.event)
                })
            }
            Kind::Scans(label, scans) => {
                must(status == 200, "a carrier's word is taken", || format!("{answer}"))?;
                let known = self.traces.acknowledged(label, scans);
                let stored = self.auditor.scans.get(label).map_or(0, Vec::len);
                must(
                    stored >= known,
                    "a webhook is acknowledged only after its fact is stored",
                    || format!("{label}: {known} scans told, {stored} stored"),
                )
            }
            Kind::Remittance(file) => {
                must(status == 200, "a carrier's word is taken", || format!("{answer}"))?;
                self.purse.files[*file].acknowledged = true;
                self.purse.is_booked(*file, &self.auditor.remitted)
            }
            Kind::Scheduler => {
                let failed = answer.at("/failed").as_i64().unwrap_or(0);
                let right = status == 200 && (failed == 0 || excused);
                must(right, "what the clock starts runs", || format!("{answer}"))
            }
            // While others change it, a view may be of any moment.
            Kind::Look(id) if alone => crate::views::is_right(&self.auditor.model, id, answer),
            Kind::Look(_) | Kind::Free => Ok(()),
        }
    }

    /// What a person was told to exist is there.
    fn stands(&self, intent: &Intent<'s>, answer: &Answer) -> Kept {
        let model = &self.auditor.model;
        let id = |pointer: &str| answer.at(pointer).as_str().unwrap_or_default().to_owned();
        let there = match (answer.status.as_u16(), intent.ask.path.as_str()) {
            (201, "/v1/purchases") => model.payments.contains_key(&id("/payment/id")),
            (201, "/v1/after-sales") => model.cases.contains_key(&id("/id")),
            (201, "/v1/fulfilment/parcels") => model.parcels.contains_key(&id("/id")),
            (201, "/v1/exceptions") => model.troubles.contains_key(&id("/id")),
            (201, "/v1/shipping/manifests") => model.manifests.contains_key(&id("/id")),
            (201, "/v1/settlements") => model.statements.contains_key(&id("/id")),
            _ => true,
        };
        must(there, "what was told to exist is there", || format!("{answer}"))
    }
}

/// A violation, with all that is needed to see it again.
pub struct Violation {
    pub plan: Plan,
    pub step: usize,
    pub broken: Broken,
    pub last: Vec<String>,
}

impl std::fmt::Display for Violation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Plan { seed, steps } = self.plan;
        writeln!(f, "SEED={seed} STEPS={steps}, at step {}:", self.step)?;
        self.last.iter().try_for_each(|line| writeln!(f, "  {line}"))?;
        writeln!(f, "the auditor: {}, but\n{}", self.broken.invariant, self.broken.detail)?;
        write!(f, "again: SEED={seed} STEPS={} make simulate", self.step.min(steps))
    }
}
