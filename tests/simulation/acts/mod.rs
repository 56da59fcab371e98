//! Everything that somebody can do, and how likely it is. Some of it cannot work, and is refused.

mod buyers;
mod cash;
mod exceptions;
mod money;
mod office;
mod picking;
mod warehouse;

pub use buyers::answers_of;
pub use cash::{
    confirms, file, pays_offline, remits_all, takes_all_back, unpaid_refunds, writes_off,
};
pub use exceptions::{claims_of, closes_it, ends_it};
pub use money::letter;
pub use office::{closes_period, dispatches, pays_out, ticks};
pub use picking::{confirms_task, puts_away};
pub use warehouse::{labels_surely, packs_all, pushes, receives_all, ships};

use crate::life::Life;
use crate::model::{Case, Order, Parcel};
use orderflow_tests::{Ask, Chance, Millis, Scan};

/// A request that somebody wants to make, and what its answer will mean.
#[derive(Clone)]
pub struct Intent<'s> {
    pub what: String,
    pub ask: Ask<'s>,
    pub kind: Kind,
    /// When it was made first.
    pub since: Millis,
}

#[derive(Clone)]
pub enum Kind {
    /// A request with this idempotency key: asked again until it is answered.
    Keyed(String),
    /// A letter of the gateway: delivered until it is acknowledged.
    Webhook(usize),
    /// Scans of a parcel: told again with every later one.
    Scans(String, Vec<Scan>),
    /// A carrier's file of what it remits: brought until it is acknowledged.
    Remittance(usize),
    Scheduler,
    /// A view of this order.
    Look(String),
    /// Nothing depends on its answer.
    Free,
}

type Act = for<'s> fn(&mut Life<'s>) -> Option<Intent<'s>>;

/// How likely each act is, against the others.
const ACTS: &[(usize, Act)] = &[
    (10, buyers::buys),
    (2, buyers::quotes),
    (3, buyers::cancels),
    (4, buyers::cancels_units),
    (5, buyers::cancels_one_more),
    (1, buyers::moves),
    (3, buyers::confirms_receipt),
    (4, buyers::wants_no_more),
    (6, buyers::wants_none_of_it),
    (12, buyers::wants_to_return),
    (2, buyers::withdraws),
    (8, buyers::answers),
    (8, buyers::sends_back),
    (3, buyers::looks),
    (1, buyers::prefers),
    (6, buyers::asks_again),
    (3, buyers::repeats),
    (1, buyers::uses_a_key_again),
    (10, money::pays),
    (4, money::pays_by_two_cards),
    (2, money::pays_badly),
    (1, money::does_not_pay),
    (2, money::disputes),
    (16, money::delivers),
    (2, money::delivers_again),
    (4, money::ends_refunds),
    (1, money::returns_refunds),
    (16, warehouse::packs),
    (2, warehouse::unpacks),
    (6, picking::plans),
    (4, picking::takes),
    (12, picking::confirms),
    (1, picking::leaves),
    (2, picking::puts_one_away),
    (4, picking::lists_for_a_driver),
    (6, picking::gives_to_a_driver),
    (3, warehouse::reroutes),
    (16, warehouse::labels_one),
    (3, warehouse::pools_numbers),
    (12, warehouse::ships_one),
    (8, warehouse::receives),
    (1, warehouse::counts_stock),
    (3, warehouse::adjusts_stock),
    (16, warehouse::tells_scans),
    (4, cash::looks_at_order),
    (4, cash::takes_back),
    (4, cash::takes_back_what_was_taken),
    (6, cash::remits),
    (2, cash::remits_again),
    (1, cash::writes_one_off),
    (4, cash::pays_a_refund),
    (5, exceptions::reports),
    (3, exceptions::wants_it_back),
    (8, exceptions::decides),
    (4, exceptions::asks_the_carrier),
    (1, exceptions::writes),
    (3, exceptions::claims),
    (8, office::ticks_now),
    (8, office::dispatches_now),
    (8, office::reviews),
    (2, office::closes_a_period),
    (2, office::pays_a_statement),
];

/// Lives differ: some acts are left out of one, others are frequent in it.
pub fn weights(chance: &mut Chance) -> Vec<usize> {
    let weigh = |(weight, _): &(usize, Act)| {
        let times = chance.pick(&[0, 1, 1, 1, 1, 1, 3]);
        if *weight >= 8 { *weight * times.max(1) } else { *weight * times }
    };
    ACTS.iter().map(weigh).collect()
}

/// One of the acts; `None` if there is nothing to do it with.
pub fn chosen<'s>(life: &mut Life<'s>) -> Option<Intent<'s>> {
    let all: usize = life.weights.iter().sum();
    let mut draw = life.chance.below(all.max(1));
    for ((_, act), weight) in ACTS.iter().zip(life.weights.clone()) {
        if draw < weight {
            return act(life);
        }
        draw -= weight;
    }
    None
}

/// Several do the same at the same moment, and meet in one instance.
pub fn rush<'s>(life: &mut Life<'s>) -> Vec<Intent<'s>> {
    if life.chance.percent(50) {
        warehouse::label_at_once(life)
    } else {
        (0..life.chance.between(3, 7)).filter_map(|_| buyers::buys(life)).collect()
    }
}

impl<'s> Life<'s> {
    pub fn intent(&self, what: String, ask: Ask<'s>, kind: Kind) -> Option<Intent<'s>> {
        Some(Intent { what, ask, kind, since: self.now() })
    }

    /// With the key that its header says.
    pub fn keyed(&self, what: String, ask: Ask<'s>) -> Option<Intent<'s>> {
        let key = ask.headers.get("idempotency-key").and_then(|key| key.to_str().ok());
        let key = key.unwrap_or_default().to_owned();
        self.intent(format!("{what} [{key}]"), ask, Kind::Keyed(key))
    }

    fn one_of(&mut self, ids: Vec<String>) -> Option<String> {
        let focus = self.focus.clone().filter(|focus| ids.contains(focus));
        match focus {
            Some(focus) if self.chance.percent(70) => Some(focus),
            _ if ids.is_empty() => None,
            _ => Some(ids[self.chance.below(ids.len())].clone()),
        }
    }

    /// Some order that fits, rather the one that everybody looks at.
    pub fn an_order(&mut self, fits: impl Fn(&Order) -> bool) -> Option<(String, Order)> {
        let all = self.auditor.model.orders.iter();
        let ids = all.filter(|(_, order)| fits(order)).map(|(id, _)| id.clone()).collect();
        let id = self.one_of(ids)?;
        let order = self.auditor.model.orders.get(&id)?.clone();
        Some((id, order))
    }

    pub fn a_parcel(&mut self, fits: impl Fn(&Parcel) -> bool) -> Option<(String, Parcel)> {
        let all = self.auditor.model.parcels.iter().filter(|(_, parcel)| fits(parcel));
        let all: Vec<(String, Parcel)> = all.map(|(id, p)| (id.clone(), p.clone())).collect();
        let of_focus = |(_, p): &&(String, Parcel)| Some(&p.order) == self.focus.as_ref();
        let focused: Vec<_> = all.iter().filter(of_focus).cloned().collect();
        let all = if focused.is_empty() { all } else { focused };
        if all.is_empty() { None } else { Some(all[self.chance.below(all.len())].clone()) }
    }

    pub fn a_case(&mut self, fits: impl Fn(&Case) -> bool) -> Option<(String, Case)> {
        let all = self.auditor.model.cases.iter().filter(|(_, case)| fits(case));
        let all: Vec<(String, Case)> = all.map(|(id, case)| (id.clone(), case.clone())).collect();
        if all.is_empty() { None } else { Some(all[self.chance.below(all.len())].clone()) }
    }
}
