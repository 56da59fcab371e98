//! What people do when something goes wrong with a parcel on its way.

use super::Intent;
use crate::life::Life;
use crate::model::{Claim, Parcel as Sent, Trouble};
use orderflow_tests::{Parcel, Value, json};

fn named(id: &str) -> Parcel {
    Parcel { id: id.to_owned(), carrier: String::new(), waybill: String::new() }
}

/// Rather one that is under way.
fn a_sent_parcel(life: &mut Life<'_>) -> Option<(String, Sent)> {
    let any = life.chance.percent(6);
    life.a_parcel(|parcel| any || parcel.state == "shipped" && !parcel.arrived)
}

/// Somebody called: it is lost, it came in pieces, nobody finds the door.
pub fn reports<'s>(life: &mut Life<'s>) -> Option<Intent<'s>> {
    let (id, parcel) = a_sent_parcel(life)?;
    let kinds = ["lost", "lost", "lost", "damaged", "damaged", "delay", "address", "other"];
    let kind = life.chance.pick(&kinds);
    let order = life.auditor.model.orders.get(&parcel.order)?.clone();
    let who = match life.chance.below(5) {
        0 => life.shop.merchant(&order.merchant),
        1 => life.shop.warehouse(&parcel.warehouse),
        2 if life.chance.percent(20) => life.shop.buyer(&order.buyer),
        _ => life.shop.support(),
    };
    let ask = who.report(&named(&id), kind);
    life.keyed(format!("{} reports that {id} is {kind}", who.sub), ask)
}

/// Somebody wants it back before it is delivered.
pub fn wants_it_back<'s>(life: &mut Life<'s>) -> Option<Intent<'s>> {
    let (id, parcel) = a_sent_parcel(life)?;
    let order = life.auditor.model.orders.get(&parcel.order)?.clone();
    let who = match life.chance.below(4) {
        0 => life.shop.merchant(&order.merchant),
        1 => life.shop.support(),
        _ => life.shop.buyer(&order.buyer),
    };
    let ask = who.report(&named(&id), "intercept");
    life.keyed(format!("{} wants {id} stopped", who.sub), ask)
}

impl Life<'_> {
    fn a_trouble(&mut self, fits: impl Fn(&Trouble) -> bool) -> Option<(String, Trouble)> {
        let all = self.auditor.model.troubles.iter().filter(|(_, trouble)| fits(trouble));
        let all: Vec<(String, Trouble)> = all.map(|(id, t)| (id.clone(), t.clone())).collect();
        let of_focus = |(_, t): &&(String, Trouble)| Some(&t.order) == self.focus.as_ref();
        let focused: Vec<_> = all.iter().filter(of_focus).cloned().collect();
        let all = if focused.is_empty() { all } else { focused };
        if all.is_empty() { None } else { Some(all[self.chance.below(all.len())].clone()) }
    }
}

fn step<'s>(
    life: &mut Life<'s>,
    (id, trouble): (&str, &Trouble),
    step: &str,
    body: &Value,
) -> Option<Intent<'s>> {
    let merchant = life.chance.percent(20);
    let who = match step {
        "claim/pay" => life.shop.finance(),
        "claim/accept" | "claim/reject" => life.shop.support(),
        _ if merchant => life.shop.merchant(&trouble.merchant),
        _ => life.shop.support(),
    };
    let ask = who.handle(&json!({"id": id}), step, body);
    let what =
        format!("{} says {step} {body} to {id}, {} {}", who.sub, trouble.kind, trouble.parcel);
    life.keyed(what, ask)
}

/// It is given up: its units are sent again or paid back, and somebody bears the loss.
fn giving_up(life: &mut Life<'_>) -> Value {
    let outcome = life.chance.pick(&["send_again", "send_again", "refund"]);
    let bears = life.chance.pick(&["", "", "merchant", "platform", "carrier", "carrier"]);
    let mut body = json!({"outcome": outcome});
    if !bears.is_empty() {
        body["borne_by"] = json!(bears);
    }
    body
}

/// Somebody decides what becomes of it; sometimes what cannot be.
pub fn decides<'s>(life: &mut Life<'s>) -> Option<Intent<'s>> {
    let any = life.chance.percent(6);
    let (id, trouble) = life.a_trouble(|trouble| any || trouble.state != "resolved")?;
    let hopeless = matches!(trouble.kind.as_str(), "lost" | "damaged");
    let body = match life.chance.below(10) {
        0 => json!({"outcome": "wait", "hours": life.chance.between(1, 60)}),
        1 => json!({"outcome": "dismiss"}),
        2 => json!({"outcome": "keep"}),
        3..6 if !hopeless => json!({"outcome": "dismiss"}),
        _ if trouble.turned_up => json!({"outcome": "keep"}),
        _ => giving_up(life),
    };
    step(life, (&id, &trouble), "resolve", &body)
}

/// The carrier is asked to bring it back, or has said that it cannot.
pub fn asks_the_carrier<'s>(life: &mut Life<'s>) -> Option<Intent<'s>> {
    let any = life.chance.percent(10);
    let stops = |trouble: &Trouble| any || trouble.kind == "intercept" || trouble.turned_up;
    let (id, trouble) = life.a_trouble(|t| t.state != "resolved" && stops(t))?;
    let asked = trouble.state == "intercepting";
    let what = if asked { "not-intercepted" } else { "intercept" };
    step(life, (&id, &trouble), what, &json!({}))
}

/// Somebody takes it over, or writes something down.
pub fn writes<'s>(life: &mut Life<'s>) -> Option<Intent<'s>> {
    let (id, trouble) = life.a_trouble(|_| true)?;
    if life.chance.percent(50) {
        return step(life, (&id, &trouble), "note", &json!({"text": "they do not answer"}));
    }
    step(life, (&id, &trouble), "assign", &json!({"role": "support", "name": "agent-8"}))
}

/// What a carrier is asked for, what it accepts, and that it pays.
pub fn claims<'s>(life: &mut Life<'s>) -> Option<Intent<'s>> {
    let any = life.chance.percent(10);
    let open = |claim: &Option<Claim>| claim.as_ref().is_some_and(|claim| !claim.is_over());
    let (id, trouble) = life.a_trouble(|trouble| any || open(&trouble.claim))?;
    claims_of(life, &id, &trouble)
}

/// The next step of a claim.
pub fn claims_of<'s>(life: &mut Life<'s>, id: &str, trouble: &Trouble) -> Option<Intent<'s>> {
    let money = |minor: i64| json!({"amount": {"amount": minor, "currency": "CNY"}});
    let (what, body) = match &trouble.claim {
        None => ("claim", money(life.chance.between(1, 9_000))),
        Some(claim) if claim.state != "asked" => ("claim/pay", json!({"reference": "bank-7"})),
        Some(_) if life.chance.percent(30) => ("claim/reject", json!({"reason": "packed badly"})),
        Some(claim) => {
            let whole = life.chance.percent(50);
            let least = if whole { claim.amount } else { 1 };
            ("claim/accept", money(life.chance.between(least, claim.amount)))
        }
    };
    step(life, (id, trouble), what, &body)
}

/// Somebody ends it: what is with its buyer stays there, and what is not is sent again or paid
/// back, or support has called and all is well.
pub fn ends_it<'s>(life: &mut Life<'s>, id: &str, trouble: &Trouble) -> Option<Intent<'s>> {
    let body = match (trouble.given_up, trouble.state) {
        (true, _) => json!({"outcome": "keep"}),
        (false, "intercepting") => {
            return step(life, (id, trouble), "not-intercepted", &json!({}));
        }
        (false, _) if life.chance.percent(50) => return closes_it(life, id, trouble),
        (false, _) => giving_up(life),
    };
    step(life, (id, trouble), "resolve", &body)
}

/// There is nothing to do about it.
pub fn closes_it<'s>(life: &mut Life<'s>, id: &str, trouble: &Trouble) -> Option<Intent<'s>> {
    step(life, (id, trouble), "resolve", &json!({"outcome": "dismiss"}))
}
