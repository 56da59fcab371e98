//! What a payment's events do outside the payment: the ledger, timers, and what gateways are asked.

use super::{Borne, Dispute, PaidHow, Payment, PaymentEvent, PaymentLife, Refund, RefundOf};
use crate::{
    Account, Effect, GatewayName, GatewayOrder, Message, Milestone, Millis, Money, OrderId,
    PaymentInquiry, Posting, PostingKind, Recipient, RefundId, RefundOrder, RefundedFrom,
    TimerKind,
};

impl Payment {
    pub(super) fn effects_of(&self, event: &PaymentEvent) -> Vec<Effect> {
        match event {
            PaymentEvent::Opened { .. } => match self.life {
                PaymentLife::Open { until } => vec![self.unpaid_after(self.created_at, until)],
                PaymentLife::OnDelivery
                | PaymentLife::Complete { .. }
                | PaymentLife::Closed { .. } => Vec::new(),
            },
            PaymentEvent::Extended { until } => vec![self.unpaid_after(self.created_at, *until)],
            PaymentEvent::Received { gateway, applied, excess_minor, recovered_minor, at } => {
                self.received(gateway, applied, (*excess_minor, *recovered_minor), *at)
            }
            PaymentEvent::CashCollected { order, carrier, amount_minor, at, .. } => {
                let from = vec![(Account::Escrow(order.clone()), *amount_minor)];
                let to = Account::Carrier(carrier.clone());
                self.post(PostingKind::Collected, *at, to, from).into_iter().collect()
            }
            PaymentEvent::CollectionReversed { order, carrier, amount_minor, at, .. } => {
                let from = vec![(Account::Carrier(carrier.clone()), *amount_minor)];
                let to = Account::Escrow(order.clone());
                self.post(PostingKind::CollectionReversed, *at, to, from).into_iter().collect()
            }
            PaymentEvent::Completed { .. } | PaymentEvent::Closed { .. } => {
                let subject = self.id.to_string();
                vec![Effect::ClearTimer { kind: TimerKind::Unpaid, subject }]
            }
            PaymentEvent::RecheckAsked { at } => self.recheck(*at),
            PaymentEvent::RefundRequested { refund } => self.refund_requested(refund),
            PaymentEvent::RefundAskedAgain { refund, .. } => self.asked_again(refund),
            PaymentEvent::RefundSucceeded { refund, at, .. } => {
                let mut effects = self.paid_back(PostingKind::Refunded, refund, *at);
                effects.extend(self.news_of(refund, |amount| Milestone::Refunded { amount }));
                effects.push(self.refunds_timer());
                effects
            }
            PaymentEvent::RefundFailed { refund, .. } => {
                let news = self.news_of(refund, |amount| Milestone::RefundFailed { amount });
                news.into_iter().chain([self.refunds_timer()]).collect()
            }
            PaymentEvent::RefundReturned { refund, at, .. } => {
                let mut effects = self.refund_returned(refund, *at);
                effects.extend(self.news_of(refund, |amount| Milestone::RefundFailed { amount }));
                effects.push(self.refunds_timer());
                effects
            }
            PaymentEvent::RefundLookedFor { refund, at, .. } => {
                let mut effects = self.look_for(refund, *at);
                effects.push(self.refunds_timer());
                effects
            }
            PaymentEvent::RefundAccepted { .. }
            | PaymentEvent::RefundUndecided { .. }
            | PaymentEvent::RefundReplaced { .. } => vec![self.refunds_timer()],
            PaymentEvent::RefundPaidOtherwise { refund, how, at } => {
                self.paid_otherwise(refund, how, *at)
            }
            PaymentEvent::RefundPaidTwice { refund, at } => self.paid_twice(refund, *at),
            PaymentEvent::DisputeLost { dispute, borne_by, at } => {
                self.dispute_lost(dispute, borne_by, *at)
            }
            PaymentEvent::AttemptTold { .. }
            | PaymentEvent::DueLowered { .. }
            | PaymentEvent::Reopened { .. }
            | PaymentEvent::RefundHeard { .. }
            | PaymentEvent::DisputeOpened { .. }
            | PaymentEvent::DisputeWon { .. } => Vec::new(),
        }
    }

    fn paid_otherwise(&self, refund: &RefundId, how: &PaidHow, at: Millis) -> Vec<Effect> {
        let mut effects = match how {
            PaidHow::Bank { .. } => self.paid_by_bank(refund, at),
            PaidHow::Chargeback { .. } => self.paid_back(PostingKind::Chargeback, refund, at),
        };
        effects.push(self.refunds_timer());
        effects
    }

    /// When the timer of an unpaid payment goes off next, after `at`: to ask the gateway, to remind
    /// the buyer, and in the end.
    pub(super) fn unpaid_due(&self, at: Millis, until: Millis) -> Millis {
        let steps = [self.recheck_at, Some(self.reminds_at(until))];
        let next = steps.into_iter().flatten().filter(|step| *step > at).min();
        next.map_or(until, |step| step.min(until))
    }

    fn unpaid_after(&self, at: Millis, until: Millis) -> Effect {
        let due = self.unpaid_due(at, until);
        Effect::SetTimer { kind: TimerKind::Unpaid, subject: self.id.to_string(), due }
    }

    fn post(
        &self,
        kind: PostingKind,
        at: Millis,
        to: Account,
        from: Vec<(Account, i64)>,
    ) -> Option<Effect> {
        Posting::debit((kind, self.currency, at), self.id.as_str(), to, from).map(Effect::Post)
    }

    fn refunding(&self) -> Account {
        Account::Refunding(self.id.clone())
    }

    fn received(
        &self,
        gateway: &GatewayName,
        applied: &[(OrderId, i64)],
        (excess_minor, recovered_minor): (i64, i64),
        at: Millis,
    ) -> Vec<Effect> {
        let escrow = |(order, amount): &(OrderId, i64)| (Account::Escrow(order.clone()), *amount);
        let mut from: Vec<(Account, i64)> = applied.iter().map(escrow).collect();
        from.push((self.refunding(), excess_minor));
        from.push((Account::Losses, recovered_minor));
        let to = Account::Gateway(gateway.clone());
        self.post(PostingKind::Capture, at, to, from).into_iter().collect()
    }

    /// One question for what the gateway that was chosen has for this payment, and one for each
    /// attempt that is known.
    fn recheck(&self, at: Millis) -> Vec<Effect> {
        let inquiry = |gateway: &GatewayName, reference: Option<&String>| PaymentInquiry {
            payment: self.id.clone(),
            gateway: gateway.clone(),
            reference: reference.cloned(),
        };
        let chosen = inquiry(&self.gateway, None);
        let known = self.attempts.iter().map(|a| inquiry(&a.gateway, Some(&a.reference)));
        let asked = [chosen].into_iter().chain(known).filter(|i| !i.gateway.is_cash());
        let ask = |(i, inquiry): (usize, PaymentInquiry)| {
            let id = format!("{}:ask:{}:{i}", self.id, at.0);
            let order = GatewayOrder::FindPayment(inquiry);
            Effect::Send(Message { id, to: Recipient::Gateway { order } })
        };
        let asks = asked.enumerate().map(ask);
        let deadline = match self.life {
            PaymentLife::Open { until } => Some(self.unpaid_after(at, until)),
            PaymentLife::OnDelivery | PaymentLife::Complete { .. } | PaymentLife::Closed { .. } => {
                None
            }
        };
        asks.chain(deadline).collect()
    }

    /// The gateway is asked only after the commit, by the outbox; the refund's id is its key there.
    fn refund_requested(&self, refund: &Refund) -> Vec<Effect> {
        let to = match &refund.of {
            // It is on its way back already, since the refund that it takes the place of.
            _ if refund.replaces.is_some() => None,
            RefundOf::Order { order, .. } | RefundOf::Share { order } => {
                Some(Account::Escrow(order.clone()))
            }
            // It was booked as money on its way back when it came.
            RefundOf::Excess => None,
        };
        let posting = to.and_then(|to| {
            let from = vec![(self.refunding(), refund.amount_minor)];
            self.post(PostingKind::Refund, refund.requested_at, to, from)
        });
        let order = GatewayOrder::Refund(self.order_of(refund, false));
        let (id, to) = (refund.id.to_string(), Recipient::Gateway { order });
        // Cash goes back by a person's hand; there is nobody to ask.
        let message = (!refund.gateway.is_cash()).then_some(Effect::Send(Message { id, to }));
        posting.into_iter().chain(message).collect()
    }

    fn order_of(&self, refund: &Refund, look_first: bool) -> RefundOrder {
        let attempt = self.attempt(&refund.gateway, &refund.reference);
        let captured = attempt.map_or(refund.amount_minor, |a| a.captured_minor);
        RefundOrder {
            refund: refund.id.clone(),
            from: RefundedFrom::Payment(self.id.clone()),
            gateway: refund.gateway.clone(),
            reference: refund.reference.clone(),
            amount: Money::new(refund.amount_minor, self.currency),
            captured: Money::new(captured, self.currency),
            look_first,
        }
    }

    fn asked_again(&self, id: &RefundId) -> Vec<Effect> {
        let again = self.refund(id).map(|refund| {
            let order = GatewayOrder::Refund(self.order_of(refund, true));
            let id = format!("{}:{}", refund.id, refund.tries);
            Effect::Send(Message { id, to: Recipient::Gateway { order } })
        });
        again.into_iter().collect()
    }

    fn look_for(&self, id: &RefundId, at: Millis) -> Vec<Effect> {
        let look = self.refund(id).map(|refund| {
            let order = GatewayOrder::FindRefund(self.order_of(refund, true));
            let id = format!("{}:look:{}", refund.id, at.0);
            Effect::Send(Message { id, to: Recipient::Gateway { order } })
        });
        look.into_iter().collect()
    }

    /// One timer for all refunds, at what is due first; none while nothing is.
    pub(super) fn refunds_timer(&self) -> Effect {
        let (kind, subject) = (TimerKind::RefundsDue, self.id.to_string());
        match self.refunds.iter().filter_map(|r| r.state.due()).min() {
            Some(due) => Effect::SetTimer { kind, subject, due },
            None => Effect::ClearTimer { kind, subject },
        }
    }

    /// The gateway's money went to the buyer.
    fn paid_back(&self, kind: PostingKind, id: &RefundId, at: Millis) -> Vec<Effect> {
        let posted = self.refund(id).and_then(|refund| {
            let from = vec![(Account::Gateway(refund.gateway.clone()), refund.amount_minor)];
            self.post(kind, at, self.refunding(), from)
        });
        posted.into_iter().collect()
    }

    fn refund_returned(&self, id: &RefundId, at: Millis) -> Vec<Effect> {
        let posted = self.refund(id).and_then(|refund| {
            let from = vec![(self.refunding(), refund.amount_minor)];
            let to = Account::Gateway(refund.gateway.clone());
            self.post(PostingKind::RefundReturned, at, to, from)
        });
        posted.into_iter().collect()
    }

    fn paid_by_bank(&self, id: &RefundId, at: Millis) -> Vec<Effect> {
        let posted = self.refund(id).and_then(|refund| {
            let from = vec![(Account::Bank, refund.amount_minor)];
            self.post(PostingKind::Refunded, at, self.refunding(), from)
        });
        let news = self.news_of(id, |amount| Milestone::Refunded { amount });
        posted.into_iter().chain(news).collect()
    }

    /// The buyer owes it to us now; until somebody gets it back, the platform bears it.
    fn paid_twice(&self, id: &RefundId, at: Millis) -> Vec<Effect> {
        let posted = self.refund(id).and_then(|refund| {
            let from = vec![(Account::Gateway(refund.gateway.clone()), refund.amount_minor)];
            self.post(PostingKind::RefundedTwice, at, Account::Losses, from)
        });
        posted.into_iter().collect()
    }

    /// Out of the gateway's balance, and off the accounts of those who bear it.
    fn dispute_lost(&self, id: &str, borne_by: &[Borne], at: Millis) -> Vec<Effect> {
        let of = |dispute: &&Dispute| dispute.id == id;
        let posted = self.disputes.iter().find(of).and_then(|dispute| {
            let off = |borne: &Borne| (borne.account.clone(), -borne.amount_minor);
            let from = borne_by.iter().map(off).collect();
            self.post(PostingKind::Chargeback, at, Account::Gateway(dispute.gateway.clone()), from)
        });
        posted.into_iter().collect()
    }
}
