//! What follows from each event of an order that does more than one thing outside it.

use super::{CancelReason, LineHeld, Order, Pick, Release, Returned, Settlement};
use crate::{
    CaseId, Effect, Label, Milestone, Millis, Money, ParcelId, RefundId, RerouteReason,
    StockReason, TimerKind, WarehouseId,
};
use serde_json::json;

impl Order {
    pub(super) fn tell_of_parcel(&self, what: &str, parcel: &ParcelId) -> Effect {
        self.tell(what, parcel.as_str(), json!({"parcel": parcel}))
    }

    pub(super) fn restocked(&self, returned: &[Returned]) -> impl Iterator<Item = Effect> {
        returned.iter().filter_map(|back| self.restock(back))
    }

    /// What had stopped is over: its time runs again, and what waited for it is settled.
    pub(super) fn goes_on(&self, at: Millis) -> impl Iterator<Item = Effect> {
        self.clock_runs().into_iter().chain(self.settles_after_cash(at))
    }

    pub(super) fn after_confirmed(&self, at: Millis) -> Vec<Effect> {
        let detail = json!({"at": at, "ship_by": self.ship_by});
        let due = Money::new(self.due_minor(), self.currency);
        // It can be confirmed once more, after it went elsewhere.
        let part = at.0.to_string();
        vec![
            self.clear(TimerKind::Unconfirmed),
            self.tell("confirmed", &part, detail),
            self.news(Milestone::Confirmed { due, ship_by: self.ship_by }, &part),
        ]
    }

    pub(super) fn after_referred(&self, until: Millis, at: Millis) -> Vec<Effect> {
        let (part, detail) = (at.0.to_string(), json!({"until": until}));
        let told = self.tell("awaiting_confirmation", &part, detail);
        vec![self.set(TimerKind::Unconfirmed, until), told]
    }

    pub(super) fn after_paid(&self, at: Millis) -> Vec<Effect> {
        let total = Money::new(self.total_minor - self.waived_minor, self.currency);
        vec![
            self.tell("paid", "", json!({"at": at, "ship_by": self.ship_by})),
            self.news(Milestone::Paid { total, ship_by: self.ship_by }, ""),
        ]
    }

    pub(super) fn after_units_cancelled(
        &self,
        why: &CancelReason,
        picks: &[Pick],
        released: &[Release],
    ) -> Vec<Effect> {
        let mut effects = self.give_back(released);
        let detail = json!({"why": why, "lines": picks});
        let so_far = self.sum(|u| u.cancelled).to_string();
        effects.push(self.tell("units_cancelled", &so_far, detail));
        let pieces = picks.iter().map(|p| p.units).sum();
        effects.push(self.news(Milestone::UnitsCancelled { pieces, why: why.clone() }, &so_far));
        // What was cancelled may have been all that was still to come.
        effects.extend(self.clock_runs());
        effects
    }

    pub(super) fn after_cancelled(&self, why: &CancelReason, released: &[Release]) -> Vec<Effect> {
        let mut effects = self.give_back(released);
        // What had come back to life can end once more.
        let part = self.revived_at.map(|at| at.0.to_string()).unwrap_or_default();
        effects.push(self.tell("cancelled", &part, json!({"why": why})));
        effects.push(self.news(Milestone::Cancelled { why: why.clone() }, &part));
        effects.extend(self.cod.is_some().then(|| self.clear(TimerKind::Unconfirmed)));
        effects
    }

    pub(super) fn after_address_changed(&self, at: Millis) -> Effect {
        self.tell("address_changed", &at.0.to_string(), json!({"at": at}))
    }

    pub(super) fn after_revived(&self, at: Millis, ship_by: Millis) -> Vec<Effect> {
        let mut effects = self.hold();
        effects.push(self.tell("revived", "", json!({"at": at, "ship_by": ship_by})));
        effects
    }

    pub(super) fn after_rerouted(
        &self,
        (at, why): (Millis, &RerouteReason),
        released: &[Release],
        held: &[LineHeld],
    ) -> Vec<Effect> {
        let mut effects = self.give_back(released);
        effects.extend(self.hold_anew(held));
        let detail = json!({"at": at, "why": why, "released": released, "held": held});
        // Two moves at one moment go to two places.
        let mut to = held.iter().flat_map(|line| &line.held).map(|h| h.warehouse.as_str());
        let part = format!("{}-{}", at.0, to.next().unwrap_or_default());
        effects.push(self.tell("rerouted", &part, detail));
        effects
    }

    pub(super) fn after_disputed(&self, dispute: &str) -> Effect {
        self.tell("disputed", dispute, json!({"dispute": dispute}))
    }

    /// What the dispute had frozen is settled now, unless something else holds it up.
    pub(super) fn after_dispute_closed(&self, dispute: &str, at: Millis) -> Vec<Effect> {
        let told = self.tell("dispute_closed", dispute, json!({"dispute": dispute}));
        let thawed = self.settlement == Settlement::Frozen && !self.settlement_waits();
        let timer = thawed.then(|| self.set(TimerKind::WindowEnds, at));
        [told].into_iter().chain(timer).collect()
    }

    pub(super) fn after_charged_back(&self, dispute: &str, amount_minor: i64) -> Effect {
        let detail = json!({"dispute": dispute, "amount": amount_minor});
        self.tell("charged_back", dispute, detail)
    }

    pub(super) fn after_shipped(
        &self,
        parcel: &ParcelId,
        warehouse: &WarehouseId,
        picks: &[Pick],
        label: Option<&Label>,
    ) -> Vec<Effect> {
        let left = |p: &Pick| self.move_stock(p, warehouse, -1, -1, StockReason::Shipped);
        let mut effects: Vec<Effect> = picks.iter().filter_map(left).collect();
        let detail = json!({"parcel": parcel, "label": label});
        effects.push(self.tell("shipped", parcel.as_str(), detail));
        effects.extend(label.map(|label| {
            let Label { carrier, waybill } = label.clone();
            self.news(Milestone::Shipped { carrier, waybill }, parcel.as_str())
        }));
        effects
    }

    pub(super) fn after_delivered(&self, parcel: &ParcelId) -> Vec<Effect> {
        let told = self.tell_of_parcel("delivered", parcel);
        let news = self.news(Milestone::Delivered, parcel.as_str());
        [told, news].into_iter().chain(self.clock_runs()).collect()
    }

    pub(super) fn after_came_back(
        &self,
        parcel: &ParcelId,
        returned: &[Returned],
        at: Millis,
    ) -> Vec<Effect> {
        let mut effects = self.back_as("came_back", parcel, returned);
        effects.extend(self.clock_runs());
        effects.extend(self.settles_without(at));
        effects
    }

    pub(super) fn after_recovered(&self, parcel: &ParcelId, returned: &[Returned]) -> Vec<Effect> {
        self.back_as("recovered", parcel, returned)
    }

    fn back_as(&self, what: &str, parcel: &ParcelId, returned: &[Returned]) -> Vec<Effect> {
        self.restocked(returned).chain([self.tell_of_parcel(what, parcel)]).collect()
    }

    /// What is sent again is held; what is not is not waited for.
    pub(super) fn after_given_up(
        &self,
        parcel: &ParcelId,
        picks: &[Pick],
        resent: &[LineHeld],
        at: Millis,
    ) -> Vec<Effect> {
        let mut effects = self.hold_anew(resent);
        let detail = json!({"parcel": parcel, "sent_again": !resent.is_empty()});
        effects.push(self.tell("given_up", parcel.as_str(), detail));
        if !resent.is_empty() {
            let pieces = picks.iter().map(|p| p.units).sum();
            effects.push(self.news(Milestone::SentAgain { pieces }, parcel.as_str()));
        }
        effects.push(self.clock_timer());
        effects.extend(self.settles_without(at));
        effects
    }

    pub(super) fn after_case_opened(&self, case: &CaseId) -> Vec<Effect> {
        let told = self.tell("case_opened", case.as_str(), json!({"case": case}));
        vec![told, self.clock_timer()]
    }

    pub(super) fn after_case_closed(&self, case: &CaseId, at: Millis) -> Vec<Effect> {
        let told = self.tell("case_closed", case.as_str(), json!({"case": case}));
        [told].into_iter().chain(self.goes_on(at)).collect()
    }

    pub(super) fn after_refund_granted(
        &self,
        refunds: &[RefundId],
        amount_minor: i64,
    ) -> Vec<Effect> {
        let detail = json!({"refunds": refunds, "amount": amount_minor});
        let first = refunds.first().map(|r| r.as_str()).unwrap_or_default();
        let amount = Money::new(amount_minor, self.currency);
        let news = self.news(Milestone::RefundGranted { amount }, first);
        let told = self.tell("refund_granted", first, detail);
        // Units that cost nothing give nothing back: no news for the buyer.
        [told].into_iter().chain((amount_minor > 0).then_some(news)).collect()
    }

    pub(super) fn after_completed(&self, at: Millis) -> Vec<Effect> {
        let ends = at.plus(self.window_ms());
        vec![
            self.tell("completed", "", json!({"at": at})),
            self.news(Milestone::Completed { until: ends }, ""),
            self.clear(TimerKind::AutoComplete),
            self.set(TimerKind::WindowEnds, ends),
        ]
    }
}
