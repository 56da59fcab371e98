//! What buyers pay, and how the gateway tells of it.

use super::{Intent, Kind};
use crate::life::Life;
use crate::model::{Life as Wanted, Payment};
use http::Method;
use orderflow_tests::Shop;

/// Some payment, rather the one of the order that everybody looks at.
fn a_payment(life: &mut Life<'_>, fits: impl Fn(&Payment) -> bool) -> Option<(String, Payment)> {
    let (_, order) = life.an_order(|_| true)?;
    let model = &life.auditor.model;
    let looked_at = model.payments.get_key_value(&order.payment).filter(|(_, p)| fits(p));
    let mut all = model.payments.iter().filter(|(_, payment)| fits(payment));
    let found = looked_at.or_else(|| all.next())?;
    Some((found.0.clone(), found.1.clone()))
}

fn attempt(shop: &Shop, payment: &str, number: usize) -> String {
    let first = shop.gateway.intent_of(payment);
    if number == 0 { first } else { format!("{first}x{number}") }
}

/// Money comes: all of it, a part, too much; by one attempt or by several; in time, late, or twice.
/// The gateway writes of it; the letter is delivered some time.
pub fn pays<'s>(life: &mut Life<'s>) -> Option<Intent<'s>> {
    let any = life.chance.percent(15);
    let (id, payment) = a_payment(life, |payment| any || payment.life == Wanted::Open)?;
    let taken = |attempt: &str| life.till.taken.get(&(id.clone(), attempt.to_owned()));
    let number = (0..9).find(|n| taken(&attempt(life.shop, &id, *n)).is_none())?;
    let all: i64 = (0..number)
        .filter_map(|n| taken(&attempt(life.shop, &id, n)))
        .filter(|(currency, _)| *currency == payment.currency)
        .map(|(_, amount)| amount)
        .sum();
    let rest = payment.due() - all;
    let draw = life.chance.below(20);
    if rest <= 0 && !any || payment.due() == 0 {
        return None;
    }
    // The same attempt may bring more than it did.
    let last = number.checked_sub(1).filter(|_| draw == 0);
    let before = last.and_then(|n| life.till.taken.get(&(id.clone(), attempt(life.shop, &id, n))));
    let (number, before) = match (last, before) {
        (Some(last), Some((currency, before))) if *currency == payment.currency => (last, *before),
        _ => (number, 0),
    };
    let amount = match draw {
        1..=3 => life.chance.between(1, rest.max(2) - 1),
        4 => rest.max(0) + life.chance.between(1, 5_000),
        _ if rest > 0 => rest,
        _ => payment.due(),
    };
    let attempt = attempt(life.shop, &id, number);
    let currency = payment.currency.clone();
    life.till.takes(life.shop, &id, &attempt, (before + amount, &currency));
    life.says(&format!("the buyer of {id} pays {amount} by {attempt}, {rest} were due"));
    if life.chance.percent(60) { letter(life, life.till.mail.len() - 1) } else { None }
}

/// The buyer has two cards, and neither is good for all of it: what goes back later goes back to
/// both.
pub fn pays_by_two_cards<'s>(life: &mut Life<'s>) -> Option<Intent<'s>> {
    let (id, payment) = a_payment(life, |payment| payment.life == Wanted::Open)?;
    let due = payment.due();
    let first = attempt(life.shop, &id, 0);
    if due < 2 || life.till.taken.contains_key(&(id.clone(), first.clone())) {
        return None;
    }
    let part = life.chance.between(1, due - 1);
    for (attempt, amount) in [(first, part), (attempt(life.shop, &id, 1), due - part)] {
        life.till.takes(life.shop, &id, &attempt, (amount, &payment.currency));
    }
    life.says(&format!("the buyer of {id} pays {part} and {} by two cards", due - part));
    letter(life, life.till.mail.len() - 1)
}

/// Money that is not what was asked for: another currency, or for a payment that nobody knows.
pub fn pays_badly<'s>(life: &mut Life<'s>) -> Option<Intent<'s>> {
    let number = life.number();
    let (id, currency) = if life.chance.percent(50) {
        (format!("pay_{number:032x}"), "CNY")
    } else {
        (a_payment(life, |_| true)?.0, "USD")
    };
    let attempt = format!("pi_bad{number}");
    life.till.takes(life.shop, &id, &attempt, (life.chance.between(1, 9_999), currency));
    life.says(&format!("somebody pays {id} in {currency} by {attempt}"));
    None
}

/// The buyer tries, and it does not work.
pub fn does_not_pay<'s>(life: &mut Life<'s>) -> Option<Intent<'s>> {
    let (id, payment) = a_payment(life, |payment| payment.life == Wanted::Open)?;
    let (now, due, currency) = (life.shop.now_s(), payment.due(), payment.currency.as_str());
    let gateway = &life.shop.gateway;
    let news = match life.chance.below(3) {
        0 => gateway.failed(&id, (due, currency), "insufficient_funds", now),
        1 => gateway.processing(&id, due, currency, now),
        _ => gateway.intent(&format!("pi_gone{}", life.number())).canceled(&id, due, currency, now),
    };
    life.till.writes(news);
    None
}

pub fn disputes<'s>(life: &mut Life<'s>) -> Option<Intent<'s>> {
    let (id, payment) = a_payment(life, |payment| payment.captured() > 0)?;
    let (now, amount, currency) = (life.shop.now_s(), payment.captured(), &payment.currency);
    let news = life.shop.gateway.dispute(&id, amount, currency, now);
    life.till.writes(news);
    let closed = life.shop.gateway.dispute_closed(&id, (amount, currency), true, now + 1);
    life.till.writes(closed);
    None
}

/// A letter on its way to the shop, signed when it is sent.
pub fn letter<'s>(life: &Life<'s>, number: usize) -> Option<Intent<'s>> {
    let letter = life.till.mail.get(number)?;
    let signed = letter.delivery.clone().signed_at(life.shop.now_s());
    let mut ask = life.shop.nobody(Method::POST, "/v1/webhooks/payments/stripe");
    (ask.headers, ask.body) = (signed.headers.clone(), signed.body.clone());
    let kind = letter.delivery.message()["type"].as_str().unwrap_or_default();
    life.intent(format!("the gateway tells {} {kind}", letter.event), ask, Kind::Webhook(number))
}

fn some_letter<'s>(life: &mut Life<'s>, acknowledged: bool) -> Option<Intent<'s>> {
    let all = life.till.mail.iter().enumerate();
    let these = all.filter(|(_, letter)| letter.acknowledged == acknowledged);
    let these: Vec<usize> = these.map(|(number, _)| number).collect();
    let number = (!these.is_empty()).then(|| life.chance.pick(&these))?;
    letter(life, number)
}

/// In any order.
pub fn delivers<'s>(life: &mut Life<'s>) -> Option<Intent<'s>> {
    some_letter(life, false)
}

pub fn delivers_again<'s>(life: &mut Life<'s>) -> Option<Intent<'s>> {
    some_letter(life, true)
}

/// The gateway goes on with refunds, or takes them slower from now on.
pub fn ends_refunds<'s>(life: &mut Life<'s>) -> Option<Intent<'s>> {
    if life.chance.percent(30) {
        let status = life.chance.pick(&["succeeded", "pending"]);
        life.shop.gateway.refunds_are(status);
        return None;
    }
    let ended = life.till.ends_refund(life.shop, &mut life.chance, true)?;
    life.says(&format!("the gateway has paid {ended} back"));
    None
}

/// A bank sends a refund back.
pub fn returns_refunds<'s>(life: &mut Life<'s>) -> Option<Intent<'s>> {
    let ended = life.till.ends_refund(life.shop, &mut life.chance, false)?;
    life.says(&format!("the bank has sent {ended} back"));
    None
}
