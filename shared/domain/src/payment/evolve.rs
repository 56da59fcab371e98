//! How each event changes a payment, and what it posts to the ledger.

use super::{Attempt, Payment, PaymentEvent, PaymentLife, Refund, RefundOf, RefundState};
use crate::{
    Account, Effect, GatewayName, Message, Milestone, Millis, Money, OrderId, Posting, PostingKind,
    Recipient, RefundId, RefundOrder, TimerKind,
};

impl crate::Document for Payment {
    type Event = PaymentEvent;
    const KIND: &'static str = "payments";

    fn id(&self) -> &str {
        self.id.as_str()
    }

    fn begin(event: &PaymentEvent) -> Option<Self> {
        if let PaymentEvent::Opened { payment } = event { Some((**payment).clone()) } else { None }
    }

    fn evolve(&mut self, event: &PaymentEvent) {
        match event {
            PaymentEvent::Opened { payment } => self.clone_from(payment),
            PaymentEvent::AttemptTold { attempt } => self.told(attempt),
            PaymentEvent::Received { applied, .. } => {
                for (order, amount) in applied {
                    if let Some(share) = self.shares.iter_mut().find(|s| s.order == *order) {
                        share.applied_minor += amount;
                    }
                }
            }
            PaymentEvent::CashCollected { order, carrier, waybill, amount_minor, at } => {
                let reference = format!("{carrier}:{waybill}");
                self.told(&Attempt::in_cash(reference, *amount_minor, *at));
                if let Some(share) = self.shares.iter_mut().find(|s| s.order == *order) {
                    share.applied_minor += amount_minor;
                }
            }
            PaymentEvent::DueLowered { order, by_minor, .. } => self.lower_due(order, *by_minor),
            PaymentEvent::Completed { at } => self.life = PaymentLife::Complete { at: *at },
            PaymentEvent::Extended { until } => {
                self.life = PaymentLife::Open { until: *until };
                self.extend_ms = 0;
            }
            PaymentEvent::Closed { at } => self.life = PaymentLife::Closed { at: *at },
            PaymentEvent::RefundRequested { refund } => self.refunds.push(refund.clone()),
            PaymentEvent::RefundAccepted { refund, theirs } => {
                self.move_refund(refund, theirs.as_ref(), RefundState::Accepted);
            }
            PaymentEvent::RefundSucceeded { refund, theirs, at } => {
                self.move_refund(refund, theirs.as_ref(), RefundState::Succeeded { at: *at });
            }
            PaymentEvent::RefundFailed { refund, reason, at }
            | PaymentEvent::RefundReturned { refund, reason, at } => {
                let state = RefundState::Failed { at: *at, reason: reason.clone() };
                self.move_refund(refund, None, state);
            }
            PaymentEvent::Suspended { .. } => {}
        }
    }

    fn react(&self, event: &PaymentEvent) -> Vec<Effect> {
        match event {
            PaymentEvent::Opened { .. } => match self.life {
                PaymentLife::Open { until } => vec![self.deadline(until)],
                PaymentLife::OnDelivery
                | PaymentLife::Complete { .. }
                | PaymentLife::Closed { .. } => Vec::new(),
            },
            PaymentEvent::Extended { until } => vec![self.deadline(*until)],
            PaymentEvent::CashCollected { order, carrier, amount_minor, at, .. } => {
                let from = vec![(Account::Escrow(order.clone()), *amount_minor)];
                let to = Account::Carrier(carrier.clone());
                self.post(PostingKind::Collected, *at, to, from).into_iter().collect()
            }
            PaymentEvent::AttemptTold { .. }
            | PaymentEvent::DueLowered { .. }
            | PaymentEvent::RefundAccepted { .. } => Vec::new(),
            PaymentEvent::Received { gateway, applied, excess_minor, at } => {
                self.received(gateway, applied, *excess_minor, *at)
            }
            PaymentEvent::Completed { .. } | PaymentEvent::Closed { .. } => {
                let subject = self.id.to_string();
                vec![Effect::ClearTimer { kind: TimerKind::Unpaid, subject }]
            }
            PaymentEvent::RefundRequested { refund } => self.refund_requested(refund),
            PaymentEvent::RefundSucceeded { refund, at, .. } => {
                let mut effects = self.refunded(refund, *at);
                effects.extend(self.news_of(refund, |amount| Milestone::Refunded { amount }));
                effects
            }
            PaymentEvent::RefundFailed { refund, .. } => {
                let news = self.news_of(refund, |amount| Milestone::RefundFailed { amount });
                news.into_iter().collect()
            }
            PaymentEvent::RefundReturned { refund, at, .. } => {
                let mut effects = self.refund_returned(refund, *at);
                let news = self.news_of(refund, |amount| Milestone::RefundFailed { amount });
                effects.extend(news);
                effects
            }
            PaymentEvent::Suspended { gateway, amount, at } => {
                let subject = self.id.as_str();
                suspend(gateway, *amount, subject, *at).into_iter().collect()
            }
        }
    }
}

/// Money that no payment explains, kept apart until a person decides.
pub(super) fn suspend(
    by: &GatewayName,
    amount: Money,
    subject: &str,
    at: Millis,
) -> Option<Effect> {
    let head = (PostingKind::Suspense, amount.currency, at);
    let to = Account::Gateway(by.clone());
    let from = vec![(Account::Suspense(by.clone()), amount.minor)];
    Posting::debit(head, subject, to, from).map(Effect::Post)
}

impl Payment {
    fn told(&mut self, attempt: &Attempt) {
        let same =
            |a: &&mut Attempt| a.gateway == attempt.gateway && a.reference == attempt.reference;
        match self.attempts.iter_mut().find(same) {
            Some(known) => known.clone_from(attempt),
            None => self.attempts.push(attempt.clone()),
        }
    }

    fn move_refund(&mut self, id: &RefundId, theirs: Option<&String>, state: RefundState) {
        if let Some(refund) = self.refunds.iter_mut().find(|r| r.id == *id) {
            refund.state = state;
            if let Some(theirs) = theirs {
                refund.theirs = Some(theirs.clone());
            }
        }
    }

    /// The timer goes off before the deadline first, for a reminder.
    fn deadline(&self, until: Millis) -> Effect {
        let due = self.reminds_at(until);
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

    fn received(
        &self,
        gateway: &GatewayName,
        applied: &[(OrderId, i64)],
        excess_minor: i64,
        at: Millis,
    ) -> Vec<Effect> {
        let escrow = |(order, amount): &(OrderId, i64)| (Account::Escrow(order.clone()), *amount);
        let mut from: Vec<(Account, i64)> = applied.iter().map(escrow).collect();
        from.push((Account::Refunding(self.id.clone()), excess_minor));
        let to = Account::Gateway(gateway.clone());
        self.post(PostingKind::Capture, at, to, from).into_iter().collect()
    }

    /// The gateway is asked only after the commit, by the outbox; the refund's id is its key there.
    fn refund_requested(&self, refund: &Refund) -> Vec<Effect> {
        let to = match &refund.of {
            RefundOf::Order { order, .. } | RefundOf::Share { order } => {
                Some(Account::Escrow(order.clone()))
            }
            // It was booked as money on its way back when it came.
            RefundOf::Excess => None,
        };
        let refunding = Account::Refunding(self.id.clone());
        let posting = to.and_then(|to| {
            let from = vec![(refunding, refund.amount_minor)];
            self.post(PostingKind::Refund, refund.requested_at, to, from)
        });
        let attempt = self.attempt(&refund.gateway, &refund.reference);
        let captured = attempt.map_or(refund.amount_minor, |a| a.captured_minor);
        let order = RefundOrder {
            refund: refund.id.clone(),
            payment: self.id.clone(),
            gateway: refund.gateway.clone(),
            reference: refund.reference.clone(),
            amount: Money::new(refund.amount_minor, self.currency),
            captured: Money::new(captured, self.currency),
        };
        let (id, to) = (refund.id.to_string(), Recipient::Gateway { refund: order });
        // Cash goes back by a person's hand; there is nobody to ask.
        let message = (!refund.gateway.is_cash()).then_some(Effect::Send(Message { id, to }));
        posting.into_iter().chain(message).collect()
    }

    fn refunded(&self, id: &RefundId, at: Millis) -> Vec<Effect> {
        let posted = self.refund(id).and_then(|refund| {
            let from = vec![(refund.paid_from(), refund.amount_minor)];
            let to = Account::Refunding(self.id.clone());
            self.post(PostingKind::Refunded, at, to, from)
        });
        posted.into_iter().collect()
    }

    fn refund_returned(&self, id: &RefundId, at: Millis) -> Vec<Effect> {
        let posted = self.refund(id).and_then(|refund| {
            let from = vec![(Account::Refunding(self.id.clone()), refund.amount_minor)];
            let to = refund.paid_from();
            self.post(PostingKind::RefundReturned, at, to, from)
        });
        posted.into_iter().collect()
    }
}
