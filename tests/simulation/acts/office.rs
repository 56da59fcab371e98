//! What the scheduler, merchants and finance do.

use super::{Intent, Kind};
use crate::life::Life;
use http::Method;
use orderflow_tests::{Case, SCHEDULER, json};

fn scheduled<'s>(life: &Life<'s>, what: &str) -> Option<Intent<'s>> {
    let path = format!("/v1/internal/{what}");
    let ask = life.shop.nobody(Method::POST, &path).token(SCHEDULER);
    life.intent(format!("the scheduler calls {what}"), ask, Kind::Scheduler)
}

pub fn ticks<'s>(life: &Life<'s>) -> Option<Intent<'s>> {
    scheduled(life, "tick")
}

pub fn dispatches<'s>(life: &Life<'s>) -> Option<Intent<'s>> {
    scheduled(life, "dispatch")
}

pub fn ticks_now<'s>(life: &mut Life<'s>) -> Option<Intent<'s>> {
    ticks(life)
}

pub fn dispatches_now<'s>(life: &mut Life<'s>) -> Option<Intent<'s>> {
    dispatches(life)
}

/// A merchant says yes or no to a case.
pub fn reviews<'s>(life: &mut Life<'s>) -> Option<Intent<'s>> {
    let (id, case) = life.a_case(|case| case.state == "under_review")?;
    let (step, body) = if life.chance.percent(75) {
        ("approve", json!({}))
    } else {
        ("reject", json!({"reason": "worn"}))
    };
    let who = life.shop.merchant(&case.merchant);
    let ask = who.step(&Case { id: id.clone() }, step, &body);
    life.keyed(format!("{} says {step} to {id}", case.merchant), ask)
}

pub fn closes_period<'s>(life: &Life<'s>, merchant: &str) -> Option<Intent<'s>> {
    let ask = life.shop.finance().close_period(merchant);
    life.keyed(format!("finance closes a period of {merchant}"), ask)
}

pub fn closes_a_period<'s>(life: &mut Life<'s>) -> Option<Intent<'s>> {
    let merchant = life.chance.pick(&["m1", "m2"]);
    closes_period(life, merchant)
}

pub fn pays_out<'s>(life: &Life<'s>, id: &str) -> Option<Intent<'s>> {
    let path = format!("/v1/settlements/{id}/payout");
    let ask = life.shop.finance().post(&path, &json!({"reference": "bank-1"}));
    life.keyed(format!("finance pays {id} out"), ask)
}

pub fn pays_a_statement<'s>(life: &mut Life<'s>) -> Option<Intent<'s>> {
    let any = life.chance.percent(10);
    let all = life.auditor.model.statements.iter().filter(|(_, s)| any || !s.paid);
    let all: Vec<String> = all.map(|(id, _)| id.clone()).collect();
    let id = all.get(life.chance.below(all.len().max(1)))?.clone();
    pays_out(life, &id)
}
