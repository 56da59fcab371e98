//! Messages to people and systems outside: whom they are for, and what they say. Each is sent after
//! the commit that asked for it; how far it has come is told by its state.

use crate::{
    Action, BuyerId, Change, Channel, Effect, EndpointId, GatewayOrder, Language, MerchantId,
    Milestone, Millis, OrderId, Refusal, TrackerAsk, WaybillOrder,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Something to tell somebody outside after the commit. The id is the receiver's idempotency key:
/// the same message has the same one however often it is sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    pub id: String,
    pub to: Recipient,
}

/// Whom a message is for, and what it says. A merchant's and a buyer's are routed first: one
/// message becomes one for each of their endpoints or channels. None holds an address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "to")]
pub enum Recipient {
    /// A payment gateway is asked for something.
    Gateway { order: GatewayOrder },
    /// A carrier's interface is asked for a waybill, or to forget one.
    Waybills { order: WaybillOrder },
    /// A carrier, or a tracker that speaks for it, is asked about a parcel.
    Tracker { ask: TrackerAsk },
    /// A merchant's own systems are told (Standard Webhooks); `kind` is like `order.paid`.
    Merchant { merchant: MerchantId, kind: String, data: Value },
    /// One of their endpoints. `event` is the same for all endpoints: the `webhook-id`.
    Endpoint {
        endpoint: EndpointId,
        merchant: MerchantId,
        event: String,
        kind: String,
        at: Millis,
        data: Value,
    },
    /// A buyer hears of a milestone.
    Buyer { buyer: BuyerId, order: OrderId, news: Milestone },
    /// The same by one channel.
    Channel { buyer: BuyerId, order: OrderId, news: Milestone, by: Channel, language: Language },
    /// Whoever looks after an endpoint hears that it was disabled.
    Caretaker { endpoint: EndpointId, merchant: MerchantId, at: Millis },
}

impl Recipient {
    /// The name of the kind of recipient.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Gateway { .. } => "gateway",
            Self::Waybills { .. } => "waybills",
            Self::Tracker { .. } => "tracker",
            Self::Merchant { .. } => "merchant",
            Self::Endpoint { .. } => "endpoint",
            Self::Buyer { .. } => "buyer",
            Self::Channel { by, .. } => by.word(),
            Self::Caretaker { .. } => "caretaker",
        }
    }

    /// The merchant whose own systems or people it is for.
    pub fn merchant(&self) -> Option<&MerchantId> {
        match self {
            Self::Merchant { merchant, .. }
            | Self::Endpoint { merchant, .. }
            | Self::Caretaker { merchant, .. } => Some(merchant),
            Self::Gateway { .. }
            | Self::Waybills { .. }
            | Self::Tracker { .. }
            | Self::Buyer { .. }
            | Self::Channel { .. } => None,
        }
    }
}

/// How far a message has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageState {
    /// To be sent, or to be sent again.
    Waiting,
    /// The receiver has it.
    Sent,
    /// Given up.
    Dead,
    /// There was nobody to send it to: not wanted, no address, no provider.
    Skipped,
    /// Others were made of it, one for each receiver.
    Routed,
}

impl MessageState {
    /// The name of the state.
    pub fn word(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Sent => "sent",
            Self::Dead => "dead",
            Self::Skipped => "skipped",
            Self::Routed => "routed",
        }
    }
}

/// What a person may do with a message: have it sent once more. Only what has come to its end, or
/// it would be sent twice; and never a refund's or a waybill's, which move by other rules.
pub fn message_actions(state: MessageState, to: &Recipient) -> &'static [Action] {
    let ended = match state {
        MessageState::Sent | MessageState::Dead | MessageState::Skipped => true,
        MessageState::Waiting | MessageState::Routed => false,
    };
    let told = match to {
        Recipient::Gateway { .. } | Recipient::Waybills { .. } => false,
        Recipient::Tracker { .. }
        | Recipient::Merchant { .. }
        | Recipient::Endpoint { .. }
        | Recipient::Buyer { .. }
        | Recipient::Channel { .. }
        | Recipient::Caretaker { .. } => true,
    };
    if ended && told { &[Action::Redeliver] } else { &[] }
}

/// A person wants a message sent once more, as it is; `attempts` is its version.
pub fn redeliver(
    change: &mut Change,
    (message, attempts): (&str, i64),
    state: MessageState,
    to: &Recipient,
) -> Result<(), Refusal> {
    let allowed = message_actions(state, to);
    if !allowed.contains(&Action::Redeliver) {
        return Err(Refusal::IllegalStep { state: state.word(), allowed: allowed.to_vec() });
    }
    change.effect(Effect::SendAgain { message: message.to_owned(), attempts });
    Ok(())
}
