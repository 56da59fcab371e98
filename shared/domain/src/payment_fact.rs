//! What a payment gateway tells us, in our words. Each gateway's dialect is translated into this in
//! the `gateways` crate; nothing here knows a gateway's field names.

use crate::{GatewayName, Millis, Money, PaymentId, RefundId, SuspenseId};
use serde::{Deserialize, Serialize};

/// One thing a gateway said happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentFact {
    pub gateway: GatewayName,
    /// The gateway's id of this message; the same message again has the same one.
    pub event_id: String,
    /// The merchant account at the gateway that it speaks of, where it names one.
    pub account: Option<String>,
    /// Our payment, where the gateway gives it back to us.
    pub payment: Option<PaymentId>,
    /// The gateway's reference of the attempt: Stripe's payment intent, WeChat's transaction.
    pub reference: String,
    /// When it happened, by the gateway's clock. Decides which of two facts is the newer.
    pub occurred_at: Millis,
    pub what: PaymentNews,
}

impl PaymentFact {
    /// The same message told twice has the same key.
    pub fn key(&self) -> String {
        ["payment", self.gateway.as_str(), &self.event_id].join("\u{1f}")
    }
}

/// What happened to an attempt to pay, or to a refund of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "news")]
pub enum PaymentNews {
    /// The buyer has started to pay; nothing is certain yet.
    Processing,
    /// The amount is reserved and can be captured.
    Authorised { amount: Money },
    /// The money is ours. The amount is the whole of what this attempt has brought.
    Captured { amount: Money },
    /// This attempt did not work; another may, even with the same reference.
    Failed { reason: String },
    /// The attempt was closed without money.
    Cancelled,
    /// A refund was taken on by the gateway but has not happened yet.
    RefundPending { refund: RefundRef, amount: Money },
    /// A refund has happened.
    RefundSucceeded { refund: RefundRef, amount: Money },
    /// A refund has not happened, or was returned by the bank after it had.
    RefundFailed {
        refund: RefundRef,
        amount: Money,
        reason: String,
        /// The gateway keeps the money until a person sends it on by the gateway's own means; one
        /// more refund beside it could pay twice.
        #[serde(default)]
        by_hand: bool,
    },
    /// The sum of all refunds of this attempt so far. Says nothing that the refunds do not.
    RefundedInTotal { amount: Money },
    /// The buyer disputes the charge with the bank (chargeback).
    Disputed { amount: Money, dispute: String },
    /// The dispute is over: the charge stands, or the bank took the amount.
    DisputeClosed { amount: Money, dispute: String, won: bool },
}

/// Which refund a gateway speaks of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundRef {
    /// Our refund, where the gateway gives it back to us.
    pub ours: Option<RefundId>,
    /// The gateway's own id of the refund.
    pub theirs: String,
}

/// What we want of a gateway. All of it goes through the outbox.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GatewayOrder {
    /// To pay back.
    Refund(RefundOrder),
    /// To say what became of a refund; nothing is asked for.
    FindRefund(RefundOrder),
    /// To say what became of a payment, because no webhook has said it yet.
    FindPayment(PaymentInquiry),
}

/// What we ask a gateway to pay back. The refund's id is the idempotency key at the gateway.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundOrder {
    pub refund: RefundId,
    pub from: RefundedFrom,
    pub gateway: GatewayName,
    /// The attempt that brought the money.
    pub reference: String,
    pub amount: Money,
    /// What the attempt brought in all; some gateways want to hear it again.
    pub captured: Money,
    /// It was asked for before and nobody knows how that ended: look before asking again, because
    /// the gateway may have forgotten the key by now.
    pub look_first: bool,
}

/// Where the money is that is paid back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundedFrom {
    Payment(PaymentId),
    Suspense(SuspenseId),
}

impl RefundedFrom {
    pub fn as_str(&self) -> &str {
        match self {
            Self::Payment(id) => id.as_str(),
            Self::Suspense(id) => id.as_str(),
        }
    }
}

/// Asks how a payment went: an attempt that is known by its reference, or whatever the gateway has
/// for our payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentInquiry {
    pub payment: PaymentId,
    pub gateway: GatewayName,
    pub reference: Option<String>,
}
