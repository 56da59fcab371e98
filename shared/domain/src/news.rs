//! What a buyer hears of: milestones of an order, by which channel and in which language. The words
//! are not here: a milestone is only what has to be said.

use crate::{
    BuyerId, CancelReason, CarrierCode, Effect, Message, Millis, Money, OrderId, Recipient, Waybill,
};
use serde::{Deserialize, Serialize};

/// How a buyer is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    Sms,
    Email,
    Push,
}

/// The language a buyer is spoken to in (BCP 47).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Default)]
pub enum Language {
    #[default]
    #[serde(rename = "zh-CN")]
    ZhCn,
    #[serde(rename = "en")]
    En,
}

/// Kinds of news, for choosing channels and for wanting none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Topic {
    /// Paid, cancelled, completed.
    Order,
    /// Where the goods are.
    Delivery,
    /// Money on its way back.
    Refund,
    AfterSale,
}

/// What has happened, as far as its buyer wants to know. Amounts and times are those of the event;
/// what the order itself knows (number, goods) is looked up when it is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum Milestone {
    Paid {
        total: Money,
        /// By when it is to be shipped.
        ship_by: Millis,
    },
    /// It will be sent, and the courier is to be paid.
    Confirmed {
        due: Money,
        /// By when it is to be shipped.
        ship_by: Millis,
    },
    /// The payment's deadline is near.
    PaymentExpiring {
        due: Money,
        until: Millis,
    },
    Cancelled {
        why: CancelReason,
    },
    /// Some of it, not all.
    UnitsCancelled {
        pieces: i64,
        why: CancelReason,
    },
    Completed {
        /// Until when something may be sent back.
        until: Millis,
    },
    Shipped {
        carrier: CarrierCode,
        waybill: Waybill,
    },
    OutForDelivery {
        carrier: CarrierCode,
        waybill: Waybill,
    },
    ReadyForPickup {
        carrier: CarrierCode,
        waybill: Waybill,
    },
    /// It takes longer than it should.
    Delayed {
        carrier: CarrierCode,
        waybill: Waybill,
    },
    /// Some of it is missing, and the buyer may have something else instead.
    SubstituteOffered {
        /// What the catalog calls it.
        name: String,
        pieces: i64,
        /// By when the buyer has to answer.
        until: Millis,
    },
    /// The carrier has lost it; the shop looks after it.
    ParcelLost {
        carrier: CarrierCode,
        waybill: Waybill,
    },
    /// What was lost is sent once more.
    SentAgain {
        pieces: i64,
    },
    Delivered,
    /// The shop has agreed to pay back.
    RefundGranted {
        amount: Money,
    },
    /// The gateway has paid back.
    Refunded {
        amount: Money,
    },
    /// The gateway could not pay back, or the bank returned it: the shop looks after it.
    RefundFailed {
        amount: Money,
    },
    CaseOpened {
        /// By when the merchant answers.
        until: Millis,
    },
    CaseApproved {
        /// Where to send the goods, and by when.
        address: String,
        until: Millis,
    },
    CaseRejected {
        reason: String,
    },
    /// The goods came back and were looked at.
    CaseReceived,
    /// The goods were not sent back in time.
    CaseLapsed,
}

impl Channel {
    pub const ALL: [Self; 3] = [Self::Sms, Self::Email, Self::Push];

    pub fn word(self) -> &'static str {
        match self {
            Self::Sms => "sms",
            Self::Email => "email",
            Self::Push => "push",
        }
    }
}

impl Language {
    pub const ALL: [Self; 2] = [Self::ZhCn, Self::En];

    /// The tag of BCP 47.
    pub fn tag(self) -> &'static str {
        match self {
            Self::ZhCn => "zh-CN",
            Self::En => "en",
        }
    }
}

impl Topic {
    pub fn word(self) -> &'static str {
        match self {
            Self::Order => "order",
            Self::Delivery => "delivery",
            Self::Refund => "refund",
            Self::AfterSale => "after_sale",
        }
    }
}

impl Milestone {
    /// All names.
    pub const WORDS: [&'static str; 22] = [
        "paid",
        "confirmed",
        "payment_expiring",
        "cancelled",
        "units_cancelled",
        "substitute_offered",
        "completed",
        "shipped",
        "out_for_delivery",
        "ready_for_pickup",
        "delayed",
        "parcel_lost",
        "sent_again",
        "delivered",
        "refund_granted",
        "refunded",
        "refund_failed",
        "case_opened",
        "case_approved",
        "case_rejected",
        "case_received",
        "case_lapsed",
    ];

    /// The name of the milestone: part of the message's id, and the key of its template.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Paid { .. } => "paid",
            Self::Confirmed { .. } => "confirmed",
            Self::PaymentExpiring { .. } => "payment_expiring",
            Self::Cancelled { .. } => "cancelled",
            Self::UnitsCancelled { .. } => "units_cancelled",
            Self::SubstituteOffered { .. } => "substitute_offered",
            Self::Completed { .. } => "completed",
            Self::Shipped { .. } => "shipped",
            Self::OutForDelivery { .. } => "out_for_delivery",
            Self::ReadyForPickup { .. } => "ready_for_pickup",
            Self::Delayed { .. } => "delayed",
            Self::ParcelLost { .. } => "parcel_lost",
            Self::SentAgain { .. } => "sent_again",
            Self::Delivered => "delivered",
            Self::RefundGranted { .. } => "refund_granted",
            Self::Refunded { .. } => "refunded",
            Self::RefundFailed { .. } => "refund_failed",
            Self::CaseOpened { .. } => "case_opened",
            Self::CaseApproved { .. } => "case_approved",
            Self::CaseRejected { .. } => "case_rejected",
            Self::CaseReceived => "case_received",
            Self::CaseLapsed => "case_lapsed",
        }
    }

    pub fn topic(&self) -> Topic {
        match self {
            Self::Paid { .. }
            | Self::Confirmed { .. }
            | Self::PaymentExpiring { .. }
            | Self::Cancelled { .. }
            | Self::UnitsCancelled { .. }
            | Self::SubstituteOffered { .. }
            | Self::Completed { .. } => Topic::Order,
            Self::Shipped { .. }
            | Self::OutForDelivery { .. }
            | Self::ReadyForPickup { .. }
            | Self::Delayed { .. }
            | Self::ParcelLost { .. }
            | Self::SentAgain { .. }
            | Self::Delivered => Topic::Delivery,
            Self::RefundGranted { .. } | Self::Refunded { .. } | Self::RefundFailed { .. } => {
                Topic::Refund
            }
            Self::CaseOpened { .. }
            | Self::CaseApproved { .. }
            | Self::CaseRejected { .. }
            | Self::CaseReceived
            | Self::CaseLapsed => Topic::AfterSale,
        }
    }
}

/// Tells a buyer about an order of theirs. `part` tells apart milestones of one kind, such as those
/// of two parcels; the same milestone again is the same message.
pub(crate) fn tell_buyer(buyer: &BuyerId, order: &OrderId, news: Milestone, part: &str) -> Effect {
    let id = format!("{order}:buyer:{}:{part}", news.word());
    let id = id.trim_end_matches(':').to_owned();
    let to = Recipient::Buyer { buyer: buyer.clone(), order: order.clone(), news };
    Effect::Send(Message { id, to })
}
