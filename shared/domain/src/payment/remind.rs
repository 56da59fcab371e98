//! What a payment's buyer hears: how a refund ended, and a reminder before the deadline. That one
//! goes out when a third of the time is left, and it is the deadline's own timer that brings it: it
//! goes off early, as it does for the question to the gateway, and is set again.

use super::{Payment, PaymentLife, RefundOf};
use crate::{Change, Effect, Milestone, Millis, Money, RefundId, Stored, TimerKind, tell_buyer};

impl Payment {
    /// Tells the buyer what became of a refund. More than was due belongs to no order: it is told
    /// with the first one of the purchase.
    pub(super) fn news_of(
        &self,
        id: &RefundId,
        news: impl FnOnce(Money) -> Milestone,
    ) -> Option<Effect> {
        let refund = self.refund(id)?;
        let order = match &refund.of {
            RefundOf::Order { order, .. } | RefundOf::Share { order } => order,
            RefundOf::Excess => &self.shares.first()?.order,
        };
        let amount = Money::new(refund.amount_minor, self.currency);
        Some(tell_buyer(&self.buyer, order, news(amount), id.as_str()))
    }

    /// When a buyer is reminded of a deadline.
    pub(super) fn reminds_at(&self, until: Millis) -> Millis {
        let whole = until.0.saturating_sub(self.created_at.0).max(0);
        Millis(until.0 - whole / 3)
    }
}

/// Tells the buyer that the deadline is near, and waits for it. Once the deadline has passed, or
/// nobody waits for money any more, it does nothing.
pub fn remind_unpaid(change: &mut Change, payment: &Stored<Payment>) {
    let payment = &payment.doc;
    let PaymentLife::Open { until } = payment.life else { return };
    if until <= change.at {
        return;
    }
    let due = Money::new(payment.due_minor() - payment.applied_minor(), payment.currency);
    if let Some(first) = payment.shares.first() {
        let news = Milestone::PaymentExpiring { due, until };
        change.effect(tell_buyer(&payment.buyer, &first.order, news, ""));
    }
    let (kind, subject) = (TimerKind::Unpaid, payment.id.to_string());
    let due = payment.unpaid_due(change.at, until);
    change.effect(Effect::SetTimer { kind, subject, due });
}
