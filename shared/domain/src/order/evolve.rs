//! How each event changes an order. No rule is checked here: what was decided has happened.

use super::{
    CancelReason, Line, LineHeld, Order, OrderEvent, OrderState, Pick, Release, Returned,
    Settlement, Units,
};
use crate::{
    Actor, CaseId, Collectible, Effect, ExceptionId, Millis, ParcelId, Routing, WarehouseId,
};

impl crate::Document for Order {
    type Event = OrderEvent;
    const KIND: &'static str = "orders";

    fn read(json: &str) -> serde_json::Result<Self> {
        serde_json::from_str(json)
    }

    fn id(&self) -> &str {
        self.id.as_str()
    }

    fn begin(event: &OrderEvent) -> Option<Self> {
        if let OrderEvent::Placed { order } = event { Some((**order).clone()) } else { None }
    }

    fn evolve(&mut self, event: &OrderEvent) {
        match event {
            OrderEvent::Placed { order } => self.clone_from(order),
            OrderEvent::HeldLonger { until } => self.waits_until(*until),
            OrderEvent::Paid { at } => self.state = OrderState::Confirmed { at: *at },
            OrderEvent::UnitsCancelled { picks, released, waived_minor, shipping, .. } => {
                self.units_cancelled((picks, released), *waived_minor, *shipping);
            }
            OrderEvent::AddressChanged { to, .. } => self.delivery.clone_from(to),
            OrderEvent::Cancelled { at, by, why, released, waived_minor, .. } => {
                self.cancelled(released, *waived_minor, (*at, by, why));
            }
            OrderEvent::Revived { held, ship_by, at, routing } => {
                self.revive(held, *ship_by, *at, routing.as_deref());
            }
            OrderEvent::Rerouted { released, held, routing, .. } => {
                self.rerouted(released, held, routing);
            }
            OrderEvent::ShipOverdue { at } => self.late_since = Some(*at),
            OrderEvent::Disputed { dispute } => self.disputes.push(dispute.clone()),
            OrderEvent::DisputeClosed { dispute, .. } => self.disputes.retain(|d| d != dispute),
            OrderEvent::ChargedBack { amount_minor, .. } => self.charged_back_minor += amount_minor,
            OrderEvent::Confirmed { at, verdict, .. } => self.believed_in(*at, verdict),
            OrderEvent::Referred { until, verdict, .. } => self.referred(*until, verdict),
            OrderEvent::Picked { warehouse, picks, .. } => self.picked(warehouse, picks),
            OrderEvent::PiecesMissing { warehouse, picks, held, routing, .. } => {
                self.were_missing(warehouse, picks, (held, routing.as_deref()));
            }
            OrderEvent::PickPutOff { warehouse, until, .. } => self.put_off(warehouse, *until),
            OrderEvent::Substitute(step) => self.substitute(step),
            OrderEvent::PutAway { warehouse, picks, .. } => self.was_put_away(warehouse, picks),
            OrderEvent::Packed { parcel, warehouse, picks, collect } => {
                self.goes_into(parcel, warehouse, picks, collect.as_ref());
            }
            OrderEvent::Unpacked { parcel, warehouse, picks, collect } => {
                self.comes_out_of(parcel, warehouse, picks, collect.as_ref());
            }
            OrderEvent::Shipped { picks, warehouse, .. } => self.shipped(picks, warehouse),
            OrderEvent::Delivered { picks, .. } => self.delivered(picks),
            OrderEvent::CashCollected { parcel, collect, owed_minor, .. } => {
                self.collected(parcel, collect, *owed_minor);
            }
            OrderEvent::CashSettled { by_minor, .. } => self.cash_settled(*by_minor),
            OrderEvent::DeliveryRefused { parcel, .. } => self.refused(parcel),
            OrderEvent::DeliveryReversed { picks, collect, owed_minor, .. } => {
                self.delivery_reversed(picks, collect.as_ref(), *owed_minor);
            }
            OrderEvent::CameBack { parcel, picks, collect, refused, .. } => {
                self.came_back(parcel, picks, collect.as_ref(), *refused);
            }
            OrderEvent::GivenUp { parcel, picks, resent, routing, collect, at } => {
                self.given_up(parcel, picks, resent, routing.as_deref(), collect.as_ref(), *at);
            }
            OrderEvent::Recovered { .. } => {}
            OrderEvent::ExceptionOpened { exception, .. } => self.opens(exception),
            OrderEvent::ExceptionClosed { exception, .. } => self.closes(exception),
            OrderEvent::CaseOpened { case, picks, .. } => self.enters_case(case, picks),
            OrderEvent::CaseClosed { case, picks, .. } => self.leaves_case(case, picks),
            OrderEvent::Returned { picks, .. } => self.came_in(picks),
            OrderEvent::RefundGranted { picks, shipping, amount_minor, .. } => {
                self.refund_granted(picks, *shipping, *amount_minor);
            }
            OrderEvent::Completed { at, by } => self.completed(*at, by.clone()),
            OrderEvent::WindowEnded { .. } => self.settlement = Settlement::Frozen,
            OrderEvent::Settled { at, net_minor, commission_minor, fee_minor } => {
                self.settled(*at, *net_minor, *commission_minor, *fee_minor);
            }
        }
        self.after(event);
    }

    fn react(&self, event: &OrderEvent) -> Vec<Effect> {
        let mut effects = self.effects_of(event);
        if self.moves_the_queue(event) {
            effects.push(Effect::ToPick(self.to_pick()));
        }
        effects.extend(self.watches_ship_date(event));
        effects
    }
}

impl Order {
    fn after(&mut self, event: &OrderEvent) {
        self.is_late_no_more();
        self.wind_clock(event.moves_clock());
    }

    fn waits_until(&mut self, until: Millis) {
        self.state = OrderState::AwaitingPayment { until };
    }

    /// Whatever was not sent is cancelled, and there is nothing to settle.
    fn ends(&mut self, state: OrderState) {
        for line in &mut self.lines {
            line.units.cancelled = line.quantity - line.units.shipped + line.units.resent;
        }
        (self.state, self.settlement) = (state, Settlement::Open);
    }

    fn refund_granted(&mut self, picks: &[Pick], shipping: bool, amount_minor: i64) {
        self.give_back_cash(picks);
        self.count(picks, |units, n| units.refunded += n);
        self.shipping.refunded |= shipping;
        self.refunded_minor += amount_minor;
    }

    fn opens(&mut self, exception: &ExceptionId) {
        self.open_exceptions.push(exception.clone());
    }

    fn closes(&mut self, exception: &ExceptionId) {
        self.open_exceptions.retain(|e| e != exception);
    }

    fn delivered(&mut self, picks: &[Pick]) {
        self.count(picks, |units, n| units.delivered += n);
    }

    fn completed(&mut self, at: Millis, by: Actor) {
        self.settlement = Settlement::InWindow { until: at.plus(self.window_ms()) };
        self.state = OrderState::Completed { at, by };
    }

    pub(super) fn count(&mut self, picks: &[Pick], apply: impl Fn(&mut Units, i64)) {
        for pick in picks {
            if let Some(line) = self.lines.iter_mut().find(|l| l.no == pick.line) {
                apply(&mut line.units, pick.units);
            }
        }
    }

    fn units_cancelled(
        &mut self,
        (picks, released): (&[Pick], &[Release]),
        waived_minor: Option<i64>,
        shipping: bool,
    ) {
        self.leave_open(picks);
        self.count(picks, |units, n| {
            units.cancelled += n;
            units.waived += n * i64::from(waived_minor.is_some());
        });
        self.shipping.refunded |= shipping;
        self.give_up(released, waived_minor);
    }

    fn cancelled(
        &mut self,
        released: &[Release],
        waived_minor: Option<i64>,
        (at, by, why): (Millis, &Actor, &CancelReason),
    ) {
        self.give_up(released, waived_minor);
        self.ends(OrderState::Cancelled { at, by: by.clone(), why: why.clone() });
    }

    fn goes_into(
        &mut self,
        parcel: &ParcelId,
        warehouse: &WarehouseId,
        picks: &[Pick],
        collect: Option<&Collectible>,
    ) {
        self.packed(warehouse, picks, 1);
        self.ask_for(parcel, collect);
    }

    fn comes_out_of(
        &mut self,
        parcel: &ParcelId,
        warehouse: &WarehouseId,
        picks: &[Pick],
        collect: Option<&Collectible>,
    ) {
        self.packed(warehouse, picks, -1);
        self.ask_no_more(parcel, collect);
    }

    /// Units go into a parcel of a warehouse, or with -1 out of it again.
    fn packed(&mut self, warehouse: &WarehouseId, picks: &[Pick], sign: i64) {
        self.count(picks, |units, n| units.packed += sign * n);
        self.held_of(picks, |line, n| line.pack(warehouse, sign * n));
    }

    fn shipped(&mut self, picks: &[Pick], warehouse: &WarehouseId) {
        self.count(picks, |units, n| {
            units.packed -= n;
            units.shipped += n;
        });
        self.held_of(picks, |line, n| line.send(warehouse, n));
    }

    fn held_of(&mut self, picks: &[Pick], apply: impl Fn(&mut Line, i64)) {
        for pick in picks {
            if let Some(line) = self.lines.iter_mut().find(|l| l.no == pick.line) {
                apply(line, pick.units);
            }
        }
    }

    fn give_up(&mut self, released: &[Release], waived_minor: Option<i64>) {
        self.waived_minor += waived_minor.unwrap_or(0);
        self.released(released);
    }

    fn revive(
        &mut self,
        held: &[LineHeld],
        ship_by: Millis,
        at: Millis,
        routing: Option<&Routing>,
    ) {
        self.routing = routing.map(|routing| Box::new(routing.clone()));
        for line in &mut self.lines {
            line.units.cancelled = line.units.waived;
            if let Some(found) = held.iter().find(|h| h.line == line.no) {
                line.held.clone_from(&found.held);
            }
        }
        (self.ship_by, self.revived_at) = (ship_by, Some(at));
        self.state = OrderState::AwaitingPayment { until: at };
    }

    fn came_in(&mut self, returned: &[Returned]) {
        let picks: Vec<Pick> = returned.iter().map(|r| r.pick()).collect();
        self.count(&picks, |units, n| units.returned += n);
    }

    fn enters_case(&mut self, case: &CaseId, picks: &[Pick]) {
        self.open_cases.push(case.clone());
        self.count(picks, |units, n| units.in_case += n);
    }

    fn leaves_case(&mut self, case: &CaseId, picks: &[Pick]) {
        self.open_cases.retain(|c| c != case);
        self.count(picks, |units, n| units.in_case -= n);
    }

    /// Something is given up here, and as much is held there, where it may hold something already.
    fn rerouted(&mut self, released: &[Release], held: &[LineHeld], routing: &Routing) {
        self.give_up(released, None);
        self.routing = Some(Box::new(routing.clone()));
        for more in held {
            if let Some(line) = self.lines.iter_mut().find(|l| l.no == more.line) {
                more.held.iter().for_each(|held| line.hold(held));
            }
        }
    }

    fn settled(&mut self, at: Millis, net_minor: i64, commission_minor: i64, fee_minor: i64) {
        self.settlement = Settlement::Settled { at, net_minor, commission_minor, fee_minor };
    }
}
