//! What an order's events do outside the order: stock, timers, ledger, and what merchant and buyer
//! hear. `after.rs` has what is more than one thing.

use super::{
    CodVerdict, Disposition, Held, Line, LineHeld, Order, OrderEvent, OrderState, Pick, Release,
    Returned, Settlement,
};
use crate::{
    Account, Effect, Message, Milestone, Millis, Posting, PostingKind, Recipient, StockMove,
    StockReason, TimerKind, WarehouseId, tell_buyer,
};
use serde_json::{Value, json};

impl Order {
    pub(super) fn effects_of(&self, event: &OrderEvent) -> Vec<Effect> {
        match event {
            OrderEvent::Placed { .. } => {
                self.hold().into_iter().chain(self.asks_for_confirmation()).collect()
            }
            OrderEvent::Confirmed { at, .. } => self.after_confirmed(*at),
            OrderEvent::Referred { until, at, .. } => self.after_referred(*until, *at),
            OrderEvent::Paid { at } => self.after_paid(*at),
            OrderEvent::UnitsCancelled { why, picks, released, .. } => {
                self.after_units_cancelled(why, picks, released)
            }
            OrderEvent::Cancelled { why, released, .. } => self.after_cancelled(why, released),
            OrderEvent::AddressChanged { at, .. } => vec![self.after_address_changed(*at)],
            OrderEvent::Packed { parcel, .. } => vec![self.tell_of_parcel("packed", parcel)],
            OrderEvent::Revived { at, ship_by, .. } => self.after_revived(*at, *ship_by),
            OrderEvent::Rerouted { at, why, released, held, .. } => {
                self.after_rerouted((*at, why), released, held)
            }
            OrderEvent::ShipOverdue { at } => vec![self.ship_overdue(*at)],
            OrderEvent::Disputed { dispute } => vec![self.after_disputed(dispute)],
            OrderEvent::DisputeClosed { dispute, at } => self.after_dispute_closed(dispute, *at),
            OrderEvent::ChargedBack { dispute, amount_minor } => {
                vec![self.after_charged_back(dispute, *amount_minor)]
            }
            OrderEvent::PiecesMissing { warehouse, picks, held, .. } => {
                self.count_missing(warehouse, picks, held)
            }
            OrderEvent::Substitute(step) => self.after_substitute(step),
            OrderEvent::Shipped { parcel, warehouse, picks, label, .. } => {
                self.after_shipped(parcel, warehouse, picks, label.as_ref())
            }
            OrderEvent::Delivered { parcel, .. } => self.after_delivered(parcel),
            OrderEvent::CashSettled { at, .. } => self.settles_after_cash(*at),
            OrderEvent::DeliveryRefused { parcel, .. } => {
                vec![self.tell_of_parcel("delivery_refused", parcel)]
            }
            // It does not complete by itself any more, unless the rest of it does.
            OrderEvent::DeliveryReversed { .. } | OrderEvent::ExceptionOpened { .. } => {
                vec![self.clock_timer()]
            }
            OrderEvent::CameBack { parcel, returned, at, .. } => {
                self.after_came_back(parcel, returned, *at)
            }
            OrderEvent::GivenUp { parcel, picks, resent, at, .. } => {
                self.after_given_up(parcel, picks, resent, *at)
            }
            OrderEvent::Recovered { parcel, returned, .. } => {
                self.after_recovered(parcel, returned)
            }
            OrderEvent::ExceptionClosed { at, .. } => self.goes_on(*at).collect(),
            OrderEvent::CaseOpened { case, .. } => self.after_case_opened(case),
            OrderEvent::CaseClosed { case, at, .. } => self.after_case_closed(case, *at),
            OrderEvent::Returned { picks, .. } => self.restocked(picks).collect(),
            OrderEvent::RefundGranted { refunds, amount_minor, .. } => {
                self.after_refund_granted(refunds, *amount_minor)
            }
            OrderEvent::Completed { at, .. } => self.after_completed(*at),
            OrderEvent::Settled { at, net_minor, commission_minor, fee_minor } => {
                self.settle(*at, *net_minor, *commission_minor, *fee_minor)
            }
            OrderEvent::HeldLonger { .. }
            | OrderEvent::Unpacked { .. }
            | OrderEvent::Picked { .. }
            | OrderEvent::PickPutOff { .. }
            | OrderEvent::PutAway { .. }
            | OrderEvent::CashCollected { .. }
            | OrderEvent::WindowEnded { .. } => Vec::new(),
        }
    }

    pub(super) fn hold(&self) -> Vec<Effect> {
        self.lines.iter().flat_map(|line| Self::holds(line, &line.held)).collect()
    }

    /// What is promised to lines that were promised something else before.
    pub(super) fn hold_anew(&self, anew: &[LineHeld]) -> Vec<Effect> {
        let more = |more: &LineHeld| Some(Self::holds(self.line(more.line)?, &more.held));
        anew.iter().filter_map(more).flatten().collect()
    }

    pub(super) fn holds(line: &Line, held: &[Held]) -> Vec<Effect> {
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
    pub(super) fn settles_after_cash(&self, at: Millis) -> Vec<Effect> {
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
    pub(super) fn settles_without(&self, at: Millis) -> Vec<Effect> {
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

    pub(super) fn give_back(&self, released: &[Release]) -> Vec<Effect> {
        let pick = |r: &Release| Pick { line: r.line, units: r.quantity };
        let freed =
            |r: &Release| self.move_stock(&pick(r), &r.warehouse, 0, -1, StockReason::Released);
        released.iter().filter_map(freed).collect()
    }

    pub(super) fn restock(&self, back: &Returned) -> Option<Effect> {
        match back.to {
            Disposition::Restock => {
                self.move_stock(&back.pick(), &back.warehouse, 1, 0, StockReason::Restocked)
            }
            Disposition::Refurbish | Disposition::BackToBuyer | Disposition::Scrap => None,
        }
    }

    pub(super) fn move_stock(
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
