//! What a payment's attempts, refunds and disputes come to, how it stands, and what may be done.

use super::{Attempt, Dispute, Payment, PaymentLife, PaymentStatus, Refund};
use crate::{Action, GatewayName, RefundId};

impl Payment {
    pub fn due_minor(&self) -> i64 {
        self.shares.iter().map(|s| s.due_minor).sum()
    }

    pub fn applied_minor(&self) -> i64 {
        self.shares.iter().map(|s| s.applied_minor).sum()
    }

    pub fn captured_minor(&self) -> i64 {
        self.attempts.iter().map(|a| a.captured_minor).sum()
    }

    /// Given back, being given back, or wanted back and still owed.
    pub fn refunds_minor(&self) -> i64 {
        self.refunds.iter().filter(|r| r.counts()).map(|r| r.amount_minor).sum()
    }

    fn refunded_minor(&self) -> i64 {
        self.refunds.iter().filter(|r| r.is_done()).map(|r| r.amount_minor).sum()
    }

    /// What banks have taken in disputes, refunds that they stood for left out.
    pub fn charged_back_minor(&self) -> i64 {
        self.disputes.iter().map(Dispute::taken_minor).sum()
    }

    /// What may still be given back. A bank may have taken more than was left.
    pub fn refundable_minor(&self) -> i64 {
        (self.captured_minor() - self.refunds_minor() - self.charged_back_minor()).max(0)
    }

    /// What may still be given back of one attempt.
    pub(crate) fn refundable_of(&self, attempt: &Attempt) -> i64 {
        let (gateway, reference) = (&attempt.gateway, &attempt.reference);
        let back = |r: &&Refund| r.counts() && r.reference == *reference && r.gateway == *gateway;
        let taken = |d: &&Dispute| d.reference == *reference && d.gateway == *gateway;
        let back: i64 = self.refunds.iter().filter(back).map(|r| r.amount_minor).sum();
        let taken: i64 = self.disputes.iter().filter(taken).map(Dispute::taken_minor).sum();
        attempt.captured_minor - back - taken
    }

    pub fn attempt(&self, gateway: &GatewayName, reference: &str) -> Option<&Attempt> {
        self.attempts.iter().find(|a| a.gateway == *gateway && a.reference == reference)
    }

    pub fn refund(&self, id: &RefundId) -> Option<&Refund> {
        self.refunds.iter().find(|r| r.id == *id)
    }

    /// What may be done with it: it is paid while it is waited for, and gateways that know of it
    /// can be asked.
    pub fn allowed_actions(&self) -> Vec<Action> {
        let pay = matches!(self.life, PaymentLife::Open { .. }).then_some(Action::Pay);
        let ask = self.is_known_to_gateways().then_some(Action::Recheck);
        pay.into_iter().chain(ask).collect()
    }

    /// Cash is known to nobody but the courier.
    pub(super) fn is_known_to_gateways(&self) -> bool {
        let attempts = self.attempts.iter().map(|attempt| &attempt.gateway);
        attempts.chain([&self.gateway]).any(|gateway| !gateway.is_cash())
    }

    /// Nobody waits for its money or for a refund, and no bank doubts it.
    pub fn is_final(&self) -> bool {
        let ended = match self.life {
            PaymentLife::Open { .. } | PaymentLife::OnDelivery => false,
            PaymentLife::Complete { .. } | PaymentLife::Closed { .. } => true,
        };
        let back = self.refunds.iter().all(|refund| refund.is_done() || !refund.counts());
        ended && back && !self.disputes.iter().any(Dispute::is_open)
    }

    /// Read off attempts, refunds and deadline.
    pub fn status(&self) -> PaymentStatus {
        let (captured, due) = (self.captured_minor(), self.due_minor());
        let (asked, refunded) = (self.refunds_minor(), self.refunded_minor());
        match self.life {
            _ if captured > 0 && refunded >= captured => PaymentStatus::Refunded,
            _ if refunded > 0 => PaymentStatus::PartlyRefunded,
            _ if captured - asked > due => PaymentStatus::Overpaid,
            PaymentLife::Complete { .. } => PaymentStatus::Paid,
            _ if captured > 0 => PaymentStatus::PartlyPaid,
            PaymentLife::Closed { .. } => PaymentStatus::Expired,
            PaymentLife::OnDelivery => PaymentStatus::Awaiting,
            PaymentLife::Open { .. } => {
                let authorised = |a: &Attempt| a.authorised_minor >= due && !a.closed;
                if self.attempts.iter().any(authorised) {
                    PaymentStatus::Authorised
                } else if self.attempts.last().is_some_and(|a| a.failure.is_some()) {
                    PaymentStatus::Failed
                } else {
                    PaymentStatus::Awaiting
                }
            }
        }
    }
}
