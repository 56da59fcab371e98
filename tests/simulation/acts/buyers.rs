//! What buyers do.

use super::{Intent, Kind};
use crate::life::Life;
use crate::model::{Line, Order, Stage};
use orderflow_tests::{Case, Order as Known, Value, address, json};

const BUYERS: [&str; 4] = ["li", "wang", "zhao", "chen"];
const SKUS: [&str; 4] = ["TEE", "PEN", "MUG", "BOX"];

/// A basket of some SKUs, sometimes of more than there is, sometimes with something off.
fn basket(life: &mut Life<'_>, key: &str) -> Value {
    let mut lines: Vec<Value> = Vec::new();
    let (first, count) = (life.chance.below(4), 1 + life.chance.below(3));
    for i in 0..count {
        let too_many = life.chance.percent(5);
        let sku = SKUS[(first + i) % SKUS.len()];
        let most = if sku == "PEN" { 6 } else { 3 };
        let quantity = if too_many { 40 } else { life.chance.between(1, most) };
        lines.push(json!({"sku": sku, "quantity": quantity}));
    }
    let mut basket = json!({"lines": lines, "delivery": address(), "note": key});
    if life.chance.percent(35) {
        basket["gateway"] = json!("cash_on_delivery");
    }
    // A courier may not find that door.
    if life.chance.percent(10) {
        basket["delivery"]["detail"] = json!("somewhere in the lane");
    }
    if life.chance.percent(40) {
        let amount = json!({"amount": life.chance.between(1, 3_000), "currency": "CNY"});
        basket["discounts"] = json!([{"id": "spring", "amount": amount}]);
    }
    basket
}

pub fn buys<'s>(life: &mut Life<'s>) -> Option<Intent<'s>> {
    let key = format!("buy-{}", life.number());
    let (buyer, basket) = (life.chance.pick(&BUYERS), basket(life, &key));
    let what = format!("{buyer} buys {}", basket["lines"]);
    let ask = life.shop.buyer(buyer).post("/v1/purchases", &basket).key(&key);
    life.keyed(what, ask)
}

pub fn quotes<'s>(life: &mut Life<'s>) -> Option<Intent<'s>> {
    let basket = basket(life, "a quote");
    let ask = life.shop.buyer("li").post("/v1/quotes", &basket);
    life.intent(format!("li asks what {} cost", basket["lines"]), ask, Kind::Free)
}

fn known(id: &str, order: &Order) -> Known {
    Known { id: id.to_owned(), merchant: order.merchant.clone(), total: order.total }
}

pub fn cancels<'s>(life: &mut Life<'s>) -> Option<Intent<'s>> {
    let early = life.chance.percent(80);
    let (id, order) = life.an_order(|order| {
        order.stage != Stage::Cancelled && (!early || order.sum(|l| l.packed) + order.sent() == 0)
    })?;
    let who = match life.chance.below(4) {
        0 => life.shop.merchant(&order.merchant),
        1 => life.shop.support(),
        _ => life.shop.buyer(&order.buyer),
    };
    let ask = who.cancel(&known(&id, &order));
    life.keyed(format!("{} cancels {id}", who.sub), ask)
}

/// Fewer than were ordered, before they are packed.
pub fn cancels_units<'s>(life: &mut Life<'s>) -> Option<Intent<'s>> {
    let fits =
        |order: &Order| matches!(order.stage, Stage::Waits | Stage::Unconfirmed | Stage::Paid);
    let (id, order) = life.an_order(|order| fits(order) && order.sum(Line::open) > 0)?;
    let lines = some_units(life, &order, Line::open);
    let picks = picked(&lines);
    if lines.is_empty() {
        return None;
    }
    let (who, why) = match life.chance.below(3) {
        0 => (life.shop.merchant(&order.merchant), "out_of_stock"),
        1 => (life.shop.support(), "changed_mind"),
        _ => (life.shop.buyer(&order.buyer), "changed_mind"),
    };
    let body = json!({"lines": picks, "reason": why});
    let ask = who.post(&format!("/v1/orders/{id}/cancel"), &body);
    life.keyed(format!("{} cancels {lines:?} of {id}", who.sub), ask)
}

/// One unit less, and then another one: each is worth its own part of what the line costs.
pub fn cancels_one_more<'s>(life: &mut Life<'s>) -> Option<Intent<'s>> {
    let fits = |line: &Line| line.open() > 0 && line.quantity > 2;
    let live = |order: &Order| matches!(order.stage, Stage::Waits | Stage::Paid);
    let (id, order) = life.an_order(|order| live(order) && order.lines.values().any(fits))?;
    let (no, _) = order.lines.iter().find(|(_, line)| fits(line))?;
    let body = json!({"lines": [{"line": no, "units": 1}], "reason": "changed_mind"});
    let ask = life.shop.buyer(&order.buyer).post(&format!("/v1/orders/{id}/cancel"), &body);
    life.keyed(format!("{} wants one less of line {no} of {id}", order.buyer), ask)
}

/// Whether something else will do; sometimes too late, or once more.
pub fn answers<'s>(life: &mut Life<'s>) -> Option<Intent<'s>> {
    let any = life.chance.percent(3);
    let (id, order) = life.an_order(|order| any || !order.offers.is_empty())?;
    answers_of(life, &id, &order)
}

pub fn answers_of<'s>(life: &mut Life<'s>, id: &str, order: &Order) -> Option<Intent<'s>> {
    let no = order.offers.keys().next().copied().unwrap_or(1);
    let word = life.chance.pick(&["accept", "accept", "decline"]);
    let who = match life.chance.below(5) {
        0 => life.shop.support(),
        _ => life.shop.buyer(&order.buyer),
    };
    let ask = who.post(&format!("/v1/orders/{id}/substitutes/{no}/{word}"), &json!({}));
    life.keyed(format!("{} says {word} to what is offered for line {no} of {id}", who.sub), ask)
}

pub fn moves<'s>(life: &mut Life<'s>) -> Option<Intent<'s>> {
    let (id, order) = life.an_order(|order| order.stage != Stage::Cancelled)?;
    let mut to = address();
    to["detail"] = json!(format!("漕溪路 {} 号", life.number()));
    let body = json!({"delivery": to, "note": "we have moved"});
    let path = format!("/v1/orders/{id}/address");
    let ask = life.shop.buyer(&order.buyer).post(&path, &body);
    life.keyed(format!("{} sends {id} elsewhere", order.buyer), ask)
}

pub fn confirms_receipt<'s>(life: &mut Life<'s>) -> Option<Intent<'s>> {
    let (id, order) = life.an_order(|order| order.stage == Stage::Paid)?;
    let ask = life.shop.buyer(&order.buyer).confirm_receipt(&known(&id, &order));
    life.keyed(format!("{} has received {id}", order.buyer), ask)
}

/// Some units of a line, sometimes one too many.
fn some_units(life: &mut Life<'_>, order: &Order, left: fn(&Line) -> i64) -> Vec<(u64, i64)> {
    let mut lines = Vec::new();
    for (no, line) in &order.lines {
        let most = left(line) + i64::from(life.chance.percent(5));
        if most > 0 && life.chance.percent(80) {
            lines.push((u64::try_from(*no).expect("a line"), life.chance.between(1, most)));
        }
    }
    lines
}

fn picked(lines: &[(u64, i64)]) -> Vec<Value> {
    lines.iter().map(|(line, units)| json!({"line": line, "units": units})).collect()
}

fn asks_back<'s>(
    life: &mut Life<'s>,
    kind: &str,
    (id, order): (String, Order),
    left: fn(&Line) -> i64,
) -> Option<Intent<'s>> {
    let lines = some_units(life, &order, left);
    if lines.is_empty() {
        return None;
    }
    let key = format!("case-{}", life.number());
    let body = json!({"order": id, "kind": kind, "lines": picked(&lines), "reason": "changed_mind",
        "description": key});
    let who =
        if life.chance.percent(20) { life.shop.support() } else { life.shop.buyer(&order.buyer) };
    let ask = who.post("/v1/after-sales", &body).key(&key);
    life.keyed(format!("{} asks {kind} of {id} {lines:?}", who.sub), ask)
}

pub fn wants_no_more<'s>(life: &mut Life<'s>) -> Option<Intent<'s>> {
    let found = life.an_order(|order| order.stage == Stage::Paid && order.sum(Line::open) > 0)?;
    asks_back(life, "refund_only", found, Line::open)
}

/// Nothing of an order that was paid by several attempts: its case has a refund for each of them.
pub fn wants_none_of_it<'s>(life: &mut Life<'s>) -> Option<Intent<'s>> {
    let payments = life.auditor.model.payments.clone();
    let parts = |order: &Order| payments.get(&order.payment).map_or(0, |p| p.captured.len());
    let (id, order) = life.an_order(|order| {
        order.stage == Stage::Paid && order.sum(Line::open) > 0 && parts(order) > 1
    })?;
    let all: Vec<_> = order.lines.iter().filter(|(_, line)| line.open() > 0).collect();
    let all: Vec<_> = all.iter().map(|(no, l)| json!({"line": no, "units": l.open()})).collect();
    let key = format!("case-{}", life.number());
    let body = json!({"order": id, "kind": "refund_only", "lines": all, "reason": "changed_mind",
        "description": key});
    let ask = life.shop.buyer(&order.buyer).post("/v1/after-sales", &body).key(&key);
    life.keyed(format!("{} wants nothing of {id} any more", order.buyer), ask)
}

pub fn wants_to_return<'s>(life: &mut Life<'s>) -> Option<Intent<'s>> {
    let here = |line: &Line| line.delivered - line.returned - line.in_case;
    let found = life.an_order(|order| order.sum(here) > 0 && !order.settled)?;
    asks_back(life, "return_and_refund", found, here)
}

pub fn withdraws<'s>(life: &mut Life<'s>) -> Option<Intent<'s>> {
    let (id, case) = life.a_case(|case| !case.is_final())?;
    let who = life.shop.buyer(&case.buyer);
    let ask = who.step(&Case { id: id.clone() }, "withdraw", &json!({}));
    life.keyed(format!("{} withdraws {id}", case.buyer), ask)
}

pub fn sends_back<'s>(life: &mut Life<'s>) -> Option<Intent<'s>> {
    let (id, case) = life.a_case(|case| case.state == "awaiting_return")?;
    let body = json!({"carrier": "shunfeng", "waybill": format!("SF{}", life.number())});
    let who = life.shop.buyer(&case.buyer);
    let ask = who.step(&Case { id: id.clone() }, "send-back", &body);
    life.keyed(format!("{} sends the goods of {id} back", case.buyer), ask)
}

/// How they want to hear of things: by SMS, by e-mail, or both.
pub fn prefers<'s>(life: &mut Life<'s>) -> Option<Intent<'s>> {
    let buyer = life.chance.pick(&BUYERS);
    let how = match life.chance.below(3) {
        0 => json!({"phone": "13800138000", "language": "zh-CN"}),
        1 => json!({"email": format!("{buyer}@example.com"), "language": "en"}),
        _ => json!({"phone": "13900139000", "email": format!("{buyer}@example.com")}),
    };
    let ask = life.shop.buyer(buyer).be_told(&how).header("if-match", "*");
    life.intent(format!("{buyer} wants to be told by {how}"), ask, Kind::Free)
}

/// Reads an order; what is shown is what is stored.
pub fn looks<'s>(life: &mut Life<'s>) -> Option<Intent<'s>> {
    let (id, order) = life.an_order(|_| true)?;
    let path = match life.chance.below(3) {
        0 => format!("/v1/orders/{id}"),
        1 => format!("/v1/orders/{id}/timeline"),
        _ => format!("/v1/purchases/{}", order.purchase),
    };
    let ask = life.shop.buyer(&order.buyer).get(&path);
    life.intent(format!("{} looks at {path}", order.buyer), ask, Kind::Look(id))
}

/// Whoever got no answer asks again.
pub fn asks_again<'s>(life: &mut Life<'s>) -> Option<Intent<'s>> {
    if life.unanswered.is_empty() {
        return None;
    }
    let which = life.chance.below(life.unanswered.len());
    let mut intent = life.unanswered.swap_remove(which);
    if !intent.what.starts_with("again: ") {
        intent.what = format!("again: {}", intent.what);
    }
    Some(intent)
}

/// Whoever got an answer did not get it, or a proxy asks once more.
pub fn repeats<'s>(life: &mut Life<'s>) -> Option<Intent<'s>> {
    let keys: Vec<String> = life.answered.keys().cloned().collect();
    if keys.is_empty() {
        return None;
    }
    let mut intent = life.answered.get(&keys[life.chance.below(keys.len())])?.clone();
    intent.what = format!("once more: {}", intent.what);
    Some(intent)
}

/// A client's mistake: one key for two requests.
pub fn uses_a_key_again<'s>(life: &mut Life<'s>) -> Option<Intent<'s>> {
    let mut intent = repeats(life)?;
    let mut body = intent.ask.body.to_vec();
    body.push(b' ');
    intent.ask = intent.ask.body("application/json", body);
    intent.what = format!("with another body, {}", intent.what);
    Some(intent)
}
