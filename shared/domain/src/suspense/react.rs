//! What the events of money in suspense do outside it: the ledger, timers, and what its gateway is
//! asked.

use super::{MATCH_EVERY_MS, Suspense, SuspenseEvent, SuspenseRefund, SuspenseState};
use crate::{
    Account, Effect, GatewayOrder, Message, Millis, Money, PaymentId, Posting, PostingKind,
    Recipient, RefundId, RefundOrder, RefundedFrom, TimerKind,
};

impl Suspense {
    pub(super) fn effects_of(&self, event: &SuspenseEvent) -> Vec<Effect> {
        match event {
            SuspenseEvent::Suspended { item } => self.came(item.amount_minor, item.came_at),
            SuspenseEvent::Grew { more_minor, at } => self.came(*more_minor, *at),
            SuspenseEvent::LeftToPerson { .. } | SuspenseEvent::RefundHeard { .. } => Vec::new(),
            SuspenseEvent::Given { at, .. } => {
                let gateway = Account::Gateway(self.gateway.clone());
                self.goes(gateway, self.amount_minor, *at)
            }
            SuspenseEvent::Kept { amount_minor, at, .. } => {
                self.goes(Account::Sundry, *amount_minor, *at)
            }
            SuspenseEvent::RefundRequested { refund, .. } => {
                let mut effects = self.ask(&refund.id, "", GatewayOrder::Refund);
                effects.push(self.clear(TimerKind::Unmatched));
                effects
            }
            SuspenseEvent::RefundTold { .. } => vec![self.refunds_timer()],
            SuspenseEvent::RefundPaid { refund, lost_minor, at, .. } => {
                // Out of what the gateway holds.
                self.moved(refund, *lost_minor, -1, *at)
            }
            SuspenseEvent::RefundReturned { refund, lost_minor, at, .. } => {
                self.moved(refund, *lost_minor, 1, *at)
            }
            SuspenseEvent::RefundLookedFor { refund, at, .. } => {
                let mut effects =
                    self.ask(refund, &format!(":look:{}", at.0), GatewayOrder::FindRefund);
                effects.push(self.refunds_timer());
                effects
            }
            SuspenseEvent::RefundAskedAgain { refund, .. } => {
                let tries = self.refund(refund).map_or(0, |r| r.tries);
                let again = |order| GatewayOrder::Refund(RefundOrder { look_first: true, ..order });
                self.ask(refund, &format!(":{tries}"), again)
            }
        }
    }

    /// What the ledger says it is about: the payment that it claims to be for, or itself.
    fn subject(&self) -> &str {
        self.payment.as_ref().map_or(self.id.as_str(), PaymentId::as_str)
    }

    fn post(&self, to: Account, from: Vec<(Account, i64)>, at: Millis) -> Option<Effect> {
        let head = (PostingKind::Suspense, self.currency, at);
        Posting::debit(head, self.subject(), to, from).map(Effect::Post)
    }

    fn came(&self, amount_minor: i64, at: Millis) -> Vec<Effect> {
        let from = vec![(Account::Suspense(self.gateway.clone()), amount_minor)];
        let posted = self.post(Account::Gateway(self.gateway.clone()), from, at);
        let waits = if let SuspenseState::Waiting { until } = self.state {
            Some(self.set(TimerKind::Unmatched, until.min(at.plus(MATCH_EVERY_MS))))
        } else {
            None
        };
        posted.into_iter().chain(waits).collect()
    }

    fn goes(&self, to: Account, amount_minor: i64, at: Millis) -> Vec<Effect> {
        let suspense = Account::Suspense(self.gateway.clone());
        let posted = self.post(suspense, vec![(to, amount_minor)], at);
        posted.into_iter().chain([self.clear(TimerKind::Unmatched)]).collect()
    }

    /// A refund's money has left the gateway (`-1`) or is there again (`1`). What was settled
    /// otherwise before is nobody's but the platform's.
    fn moved(&self, id: &RefundId, lost_minor: i64, way: i64, at: Millis) -> Vec<Effect> {
        let posted = self.refund(id).and_then(|refund| {
            let part = (refund.amount_minor - lost_minor) * way;
            let suspense = (Account::Suspense(self.gateway.clone()), part);
            let from = vec![suspense, (Account::Losses, lost_minor * way)];
            self.post(Account::Gateway(self.gateway.clone()), from, at)
        });
        posted.into_iter().chain([self.refunds_timer()]).collect()
    }

    fn ask(
        &self,
        id: &RefundId,
        suffix: &str,
        what: impl Fn(RefundOrder) -> GatewayOrder,
    ) -> Vec<Effect> {
        let order = |refund: &SuspenseRefund| RefundOrder {
            refund: refund.id.clone(),
            from: RefundedFrom::Suspense(self.id.clone()),
            gateway: self.gateway.clone(),
            reference: self.reference.clone(),
            amount: Money::new(refund.amount_minor, self.currency),
            captured: Money::new(self.amount_minor, self.currency),
            look_first: false,
        };
        let send = |refund: &SuspenseRefund| {
            let to = Recipient::Gateway { order: what(order(refund)) };
            Effect::Send(Message { id: format!("{id}{suffix}"), to })
        };
        self.refund(id).map(send).into_iter().collect()
    }

    /// One timer for all its ways back, at what is due first; none while nothing is.
    pub(super) fn refunds_timer(&self) -> Effect {
        match self.refunds.iter().filter_map(|r| r.state.due()).min() {
            Some(due) => self.set(TimerKind::RefundsDue, due),
            None => self.clear(TimerKind::RefundsDue),
        }
    }

    fn set(&self, kind: TimerKind, due: Millis) -> Effect {
        Effect::SetTimer { kind, subject: self.id.to_string(), due }
    }

    fn clear(&self, kind: TimerKind) -> Effect {
        Effect::ClearTimer { kind, subject: self.id.to_string() }
    }
}
