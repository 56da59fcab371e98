//! How buyers' wishes, endpoints and messages look to clients. A secret is shown once, and a list
//! shows no address.

use domain::{
    Buyer, Endpoint, EndpointState, GatewayOrder, MessageState, Millis, Recipient, WaybillOrder,
    message_actions,
};
use edge::views::{Personal, masked_phone, time};
use serde_json::{Value, json};
use store::{KeptMessage, LoggedAttempt, LoggedMessage};

/// `l**@example.com`: enough to recognise, too little to write to.
fn masked_email(email: &str) -> String {
    let (local, domain) = email.rsplit_once('@').unwrap_or((email, ""));
    let first: String = local.chars().take(1).collect();
    format!("{first}**@{domain}")
}

pub fn buyer(buyer: &Buyer, personal: Personal) -> Value {
    let (phone, email, push) = match personal {
        Personal::Full => (json!(buyer.phone), json!(buyer.email), json!(buyer.push)),
        Personal::Masked => (
            json!(buyer.phone.as_deref().map(masked_phone)),
            json!(buyer.email.as_deref().map(masked_email)),
            json!(buyer.push.len()),
        ),
    };
    json!({
        "id": buyer.id, "phone": phone, "email": email, "push": push,
        "language": buyer.language, "channels": buyer.channels, "opted_out": buyer.opted_out,
        "allowed_actions": [], "deadline": null, "final": false,
    })
}

pub fn endpoint(endpoint: &Endpoint, now: Millis) -> Value {
    let (since, disabled) = match &endpoint.state {
        EndpointState::Enabled { failing_since } => (failing_since.map(time), Value::Null),
        EndpointState::Disabled { at, why } => (None, json!({"at": time(*at), "why": why})),
    };
    let good = endpoint.secrets.iter().filter(|s| s.until.is_none_or(|until| now < until));
    let secrets: Vec<Value> = good.map(|s| json!({"until": s.until.map(time)})).collect();
    json!({
        "id": endpoint.id, "merchant": endpoint.merchant, "url": endpoint.settings.url,
        "events": endpoint.settings.events, "contact": endpoint.settings.contact,
        "secrets": secrets, "state": endpoint.state.word(), "failing_since": since,
        "disabled": disabled, "opened_at": time(endpoint.opened_at),
        "allowed_actions": endpoint.state.allows(), "deadline": null, "final": false,
    })
}

/// With a secret that is shown this once.
pub fn with_secret(mut endpoint: Value, secret: &str) -> Value {
    if let Value::Object(fields) = &mut endpoint {
        fields.insert("secret".to_owned(), json!(secret));
    }
    endpoint
}

/// What waits is pending before its first attempt, and failed after one that did not work.
fn word(message: &KeptMessage) -> &'static str {
    match message.state {
        MessageState::Waiting if message.attempts == 0 => "pending",
        MessageState::Waiting => "failed",
        MessageState::Sent | MessageState::Dead | MessageState::Skipped | MessageState::Routed => {
            message.state.word()
        }
    }
}

fn about(to: &Recipient) -> Value {
    match to {
        Recipient::Gateway { order } => match order {
            GatewayOrder::Refund(refund) => json!({"refund": refund.refund, "kind": "refund"}),
            GatewayOrder::FindRefund(refund) => json!({"refund": refund.refund, "kind": "look"}),
            GatewayOrder::FindPayment(ask) => json!({"payment": ask.payment, "kind": "look"}),
        },
        Recipient::Waybills { order } => {
            let kind = match order {
                WaybillOrder::Book { .. } => "book",
                WaybillOrder::Cancel { .. } => "cancel",
            };
            json!({"parcel": order.parcel(), "carrier": order.carrier(), "kind": kind})
        }
        Recipient::Tracker { ask } => json!({
            "parcel": ask.parcel, "carrier": ask.carrier, "waybill": ask.waybill,
            "kind": ask.want,
        }),
        Recipient::Merchant { merchant, kind, .. } => json!({"merchant": merchant, "kind": kind}),
        Recipient::Endpoint { endpoint, merchant, event, kind, .. } => json!({
            "merchant": merchant, "kind": kind, "endpoint": endpoint, "webhook_id": event,
        }),
        Recipient::Buyer { buyer, order, news } => {
            json!({"buyer": buyer, "order": order, "kind": news.word(), "topic": news.topic()})
        }
        Recipient::Channel { buyer, order, news, by, language } => json!({
            "buyer": buyer, "order": order, "kind": news.word(), "topic": news.topic(),
            "channel": by, "language": language,
        }),
        Recipient::Caretaker { endpoint, merchant, .. } => {
            json!({"merchant": merchant, "endpoint": endpoint, "kind": "endpoint_disabled"})
        }
    }
}

pub fn message(message: &KeptMessage) -> Value {
    let waits = message.state == MessageState::Waiting;
    let due = waits.then(|| time(Millis(message.due_at)));
    let allowed = message_actions(message.state, &message.message);
    json!({
        "id": message.id, "to": message.message.word(), "about": about(&message.message),
        "state": word(message), "attempts": message.attempts, "note": message.note,
        "created_at": time(Millis(message.created_at)), "allowed_actions": allowed,
        "deadline": due, "final": !waits,
    })
}

fn attempt(attempt: &LoggedAttempt) -> Value {
    json!({
        "at": time(Millis(attempt.at)), "took_ms": attempt.took_ms, "status": attempt.status,
        "outcome": attempt.outcome, "note": attempt.note,
    })
}

pub fn with_log(known: &LoggedMessage) -> Value {
    let mut shown = message(&known.message);
    if let Value::Object(fields) = &mut shown {
        let log: Vec<Value> = known.log.iter().map(attempt).collect();
        fields.insert("log".to_owned(), json!(log));
    }
    shown
}

/// As it is once it waits to be sent again.
pub fn asked(known: &KeptMessage, now: Millis) -> Value {
    let waiting = KeptMessage { state: MessageState::Waiting, due_at: now.0, ..known.clone() };
    message(&waiting)
}
