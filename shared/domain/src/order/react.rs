//! What an order's events do outside the order: stock, timers, ledger, and what merchant and buyer
//! hear.

use super::{
    CodVerdict, Disposition, Held, Line, LineHeld, Order, OrderEvent, OrderState, Pick, Release,
    Returned, Settlement,
};
use crate::{
    Account, Effect, Label, Message, Milestone, Millis, Money, ParcelId, Posting, PostingKind,
    Recipient, StockMove, StockReason, TimerKind, WarehouseId, tell_buyer,
};
use serde_json::{Value, json};

impl Order {
    pub(super) fn effects_of(&self, event: &OrderEvent) -> Vec<Effect> {
        match event {
            OrderEvent::Placed { .. } => {
                let mut effects = self.hold();
                effects.extend(self.asks_for_confirmation());
                effects
            }
            OrderEvent::HeldLonger { .. } => Vec::new(),
            OrderEvent::Confirmed { at, .. } => {
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
            OrderEvent::Referred { until, at, .. } => {
                let (part, detail) = (at.0.to_string(), json!({"until": until}));
                let told = self.tell("awaiting_confirmation", &part, detail);
                vec![self.set(TimerKind::Unconfirmed, *until), told]
            }
            OrderEvent::Paid { at } => {
                let total = Money::new(self.total_minor - self.waived_minor, self.currency);
                vec![
                    self.tell("paid", "", json!({"at": at, "ship_by": self.ship_by})),
                    self.news(Milestone::Paid { total, ship_by: self.ship_by }, ""),
                ]
            }
            OrderEvent::UnitsCancelled { why, picks, released, .. } => {
                let mut effects = self.give_back(released);
                let detail = json!({"why": why, "lines": picks});
                let so_far = self.sum(|u| u.cancelled).to_string();
                effects.push(self.tell("units_cancelled", &so_far, detail));
                let pieces = picks.iter().map(|p| p.units).sum();
                effects.push(
                    self.news(Milestone::UnitsCancelled { pieces, why: why.clone() }, &so_far),
                );
                // What was cancelled may have been all that was still to come.
                effects.extend(self.clock_runs());
                effects
            }
            OrderEvent::Cancelled { why, released, .. } => {
                let mut effects = self.give_back(released);
                // What had come back to life can end once more.
                let part = self.revived_at.map(|at| at.0.to_string()).unwrap_or_default();
                effects.push(self.tell("cancelled", &part, json!({"why": why})));
                effects.push(self.news(Milestone::Cancelled { why: why.clone() }, &part));
                effects.extend(self.cod.is_some().then(|| self.clear(TimerKind::Unconfirmed)));
                effects
            }
            OrderEvent::AddressChanged { at, .. } => {
                vec![self.tell("address_changed", &at.0.to_string(), json!({"at": at}))]
            }
            OrderEvent::Packed { parcel, .. } => {
                vec![self.tell("packed", parcel.as_str(), json!({"parcel": parcel}))]
            }
            OrderEvent::Revived { at, ship_by, .. } => {
                let mut effects = self.hold();
                effects.push(self.tell("revived", "", json!({"at": at, "ship_by": ship_by})));
                effects
            }
            OrderEvent::Rerouted { at, why, released, held, .. } => {
                let mut effects = self.give_back(released);
                effects.extend(self.hold_anew(held));
                let detail = json!({"at": at, "why": why, "released": released, "held": held});
                // Two moves at one moment go to two places.
                let mut to = held.iter().flat_map(|line| &line.held).map(|h| h.warehouse.as_str());
                let part = format!("{}-{}", at.0, to.next().unwrap_or_default());
                effects.push(self.tell("rerouted", &part, detail));
                effects
            }
            OrderEvent::ShipOverdue { at } => vec![self.ship_overdue(*at)],
            OrderEvent::Disputed { dispute } => {
                vec![self.tell("disputed", dispute, json!({"dispute": dispute}))]
            }
            OrderEvent::DisputeClosed { dispute, at } => self.dispute_closed(dispute, *at),
            OrderEvent::ChargedBack { dispute, amount_minor } => {
                let detail = json!({"dispute": dispute, "amount": amount_minor});
                vec![self.tell("charged_back", dispute, detail)]
            }
            OrderEvent::Unpacked { .. }
            | OrderEvent::Picked { .. }
            | OrderEvent::PickPutOff { .. }
            | OrderEvent::PutAway { .. } => Vec::new(),
            OrderEvent::PiecesMissing { warehouse, picks, held, .. } => {
                self.count_missing(warehouse, picks, held)
            }
            OrderEvent::Shipped { parcel, warehouse, picks, label, .. } => {
                let mut effects: Vec<Effect> = picks
                    .iter()
                    .flat_map(|p| self.move_stock(p, warehouse, -1, -1, StockReason::Shipped))
                    .collect();
                let detail = json!({"parcel": parcel, "label": label});
                effects.push(self.tell("shipped", parcel.as_str(), detail));
                effects.extend(label.as_ref().map(|label| {
                    let Label { carrier, waybill } = label.clone();
                    self.news(Milestone::Shipped { carrier, waybill }, parcel.as_str())
                }));
                effects
            }
            OrderEvent::Delivered { parcel, .. } => {
                let told = self.tell("delivered", parcel.as_str(), json!({"parcel": parcel}));
                let news = self.news(Milestone::Delivered, parcel.as_str());
                [told, news].into_iter().chain(self.clock_runs()).collect()
            }
            OrderEvent::CashCollected { .. } => Vec::new(),
            OrderEvent::CashSettled { at, .. } => self.settles_after_cash(*at),
            OrderEvent::DeliveryRefused { parcel, .. } => {
                vec![self.tell("delivery_refused", parcel.as_str(), json!({"parcel": parcel}))]
            }
            // It does not complete by itself any more, unless the rest of it does.
            OrderEvent::DeliveryReversed { .. } => vec![self.clock_timer()],
            OrderEvent::CameBack { parcel, returned, at, .. } => {
                let told = self.tell("came_back", parcel.as_str(), json!({"parcel": parcel}));
                let restocked = returned.iter().filter_map(|r| self.restock(r));
                let mut effects: Vec<Effect> = restocked.chain([told]).collect();
                effects.extend(self.clock_runs());
                effects.extend(self.settles_without(*at));
                effects
            }
            OrderEvent::GivenUp { parcel, picks, resent, at, .. } => {
                self.parcel_given_up(parcel, picks, resent, *at)
            }
            OrderEvent::Recovered { parcel, returned, .. } => {
                let told = self.tell("recovered", parcel.as_str(), json!({"parcel": parcel}));
                let restocked = returned.iter().filter_map(|r| self.restock(r));
                restocked.chain([told]).collect()
            }
            OrderEvent::ExceptionOpened { .. } => vec![self.clock_timer()],
            OrderEvent::ExceptionClosed { at, .. } => {
                self.clock_runs().into_iter().chain(self.settles_after_cash(*at)).collect()
            }
            OrderEvent::CaseOpened { case, .. } => vec![
                self.tell("case_opened", case.as_str(), json!({"case": case})),
                self.clock_timer(),
            ],
            OrderEvent::CaseClosed { case, at, .. } => {
                let told = self.tell("case_closed", case.as_str(), json!({"case": case}));
                let goes_on = self.clock_runs().into_iter();
                [told].into_iter().chain(goes_on).chain(self.settles_after_cash(*at)).collect()
            }
            OrderEvent::Returned { picks, .. } => {
                picks.iter().flat_map(|r| self.restock(r)).collect()
            }
            OrderEvent::RefundGranted { refunds, amount_minor, .. } => {
                let detail = json!({"refunds": refunds, "amount": amount_minor});
                let first = refunds.first().map(|r| r.as_str()).unwrap_or_default();
                let amount = Money::new(*amount_minor, self.currency);
                let news = self.news(Milestone::RefundGranted { amount }, first);
                let told = self.tell("refund_granted", first, detail);
                // Units that cost nothing give nothing back: no news for the buyer.
                [told].into_iter().chain((*amount_minor > 0).then_some(news)).collect()
            }
            OrderEvent::Completed { at, .. } => {
                let ends = at.plus(self.window_ms());
                vec![
                    self.tell("completed", "", json!({"at": at})),
                    self.news(Milestone::Completed { until: ends }, ""),
                    self.clear(TimerKind::AutoComplete),
                    self.set(TimerKind::WindowEnds, ends),
                ]
            }
            OrderEvent::WindowEnded { .. } => Vec::new(),
            OrderEvent::Settled { at, net_minor, commission_minor, fee_minor } => {
                self.settle(*at, *net_minor, *commission_minor, *fee_minor)
            }
        }
    }

    fn hold(&self) -> Vec<Effect> {
        self.lines.iter().flat_map(|line| Self::holds(line, &line.held)).collect()
    }

    /// What is promised to lines that were promised something else before.
    pub(super) fn hold_anew(&self, anew: &[LineHeld]) -> Vec<Effect> {
        let more = |more: &LineHeld| Some(Self::holds(self.line(more.line)?, &more.held));
        anew.iter().filter_map(more).flatten().collect()
    }

    fn holds(line: &Line, held: &[Held]) -> Vec<Effect> {
        let hold = |held: &Held| {
            Effect::Stock(StockMove {
                sku: line.sku.clone(),
                warehouse: held.warehouse.clone(),
                on_hand: 0,
                held: held.quantity,
                why: StockReason::Held,
            })
        };
        held.iter().map(hold).collect()
    }

    /// An order that is paid to the courier waits for a person, unless the rule was enough.
    fn asks_for_confirmation(&self) -> Vec<Effect> {
        let (Some(cod), OrderState::AwaitingConfirmation { until }) = (&self.cod, &self.state)
        else {
            return Vec::new();
        };
        let timer = self.set(TimerKind::Unconfirmed, *until);
        let told = match cod.verdict {
            CodVerdict::Referred { .. } => {
                Some(self.tell("awaiting_confirmation", "", json!({"until": until})))
            }
            CodVerdict::ConfirmedByRule { .. }
            | CodVerdict::ConfirmedByPerson { .. }
            | CodVerdict::ConfirmedBySilence => None,
        };
        [timer].into_iter().chain(told).collect()
    }

    /// The window has ended, and its settlement waited for the cash only.
    fn settles_after_cash(&self, at: Millis) -> Vec<Effect> {
        match self.settlement {
            Settlement::Frozen if !self.settlement_waits() => {
                vec![self.set(TimerKind::WindowEnds, at)]
            }
            Settlement::Frozen
            | Settlement::Open
            | Settlement::InWindow { .. }
            | Settlement::Settled { .. } => Vec::new(),
        }
    }

    /// It had been completed when a parcel came back: what is left of it is settled in its time,
    /// and if nothing is, there is nothing to settle.
    fn settles_without(&self, at: Millis) -> Vec<Effect> {
        match self.state {
            OrderState::Completed { .. } if self.live_units() == 0 => {
                vec![self.clear(TimerKind::WindowEnds)]
            }
            OrderState::Completed { .. } => self.settles_after_cash(at),
            OrderState::AwaitingPayment { .. }
            | OrderState::AwaitingConfirmation { .. }
            | OrderState::Confirmed { .. }
            | OrderState::Cancelled { .. } => Vec::new(),
        }
    }

    fn give_back(&self, released: &[Release]) -> Vec<Effect> {
        let pick = |r: &Release| Pick { line: r.line, units: r.quantity };
        let freed =
            |r: &Release| self.move_stock(&pick(r), &r.warehouse, 0, -1, StockReason::Released);
        released.iter().filter_map(freed).collect()
    }

    fn restock(&self, back: &Returned) -> Option<Effect> {
        match back.to {
            Disposition::Restock => {
                self.move_stock(&back.pick(), &back.warehouse, 1, 0, StockReason::Restocked)
            }
            Disposition::Refurbish | Disposition::BackToBuyer | Disposition::Scrap => None,
        }
    }

    fn move_stock(
        &self,
        pick: &Pick,
        warehouse: &WarehouseId,
        on_hand: i64,
        held: i64,
        why: StockReason,
    ) -> Option<Effect> {
        Some(Effect::Stock(StockMove {
            sku: self.line(pick.line)?.sku.clone(),
            warehouse: warehouse.clone(),
            on_hand: on_hand * pick.units,
            held: held * pick.units,
            why,
        }))
    }

    /// What is sent again is held; what is not is not waited for.
    fn parcel_given_up(
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

    /// What the dispute had frozen is settled now, unless something else holds it up.
    fn dispute_closed(&self, dispute: &str, at: Millis) -> Vec<Effect> {
        let told = self.tell("dispute_closed", dispute, json!({"dispute": dispute}));
        let thawed = self.settlement == Settlement::Frozen && !self.settlement_waits();
        let timer = thawed.then(|| self.set(TimerKind::WindowEnds, at));
        [told].into_iter().chain(timer).collect()
    }

    fn settle(&self, at: Millis, net: i64, commission: i64, fee: i64) -> Vec<Effect> {
        let head = (PostingKind::Settlement, self.currency, at);
        let parts = vec![
            (Account::Merchant(self.merchant.clone()), net),
            (Account::Commission, commission),
            (Account::Fees, fee),
        ];
        let escrow = Account::Escrow(self.id.clone());
        let posting = Posting::debit(head, self.id.as_str(), escrow, parts).map(Effect::Post);
        let told = self.tell("settled", "", json!({"net": net, "commission": commission}));
        posting.into_iter().chain([told]).collect()
    }

    /// Tells the merchant's own systems. `part` tells apart messages of one kind about one order.
    pub(super) fn tell(&self, what: &str, part: &str, detail: Value) -> Effect {
        let id = format!("{}:{what}:{part}", self.id).trim_end_matches(':').to_owned();
        let data = json!({
            "order": self.id,
            "number": self.number,
            "total": {"amount": self.total_minor, "currency": self.currency},
            "detail": detail,
        });
        let (merchant, kind) = (self.merchant.clone(), format!("order.{what}"));
        Effect::Send(Message { id, to: Recipient::Merchant { merchant, kind, data } })
    }

    /// Tells the buyer.
    pub(crate) fn news(&self, news: Milestone, part: &str) -> Effect {
        tell_buyer(&self.buyer, &self.id, news, part)
    }

    pub(super) fn set(&self, kind: TimerKind, due: Millis) -> Effect {
        Effect::SetTimer { kind, subject: self.id.to_string(), due }
    }

    pub(super) fn clear(&self, kind: TimerKind) -> Effect {
        Effect::ClearTimer { kind, subject: self.id.to_string() }
    }
}
