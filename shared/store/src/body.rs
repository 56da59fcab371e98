//! A change as the JSON that the trigger of `commits` takes apart.

use domain::{Change, Effect, Recipient, StockMove};
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// What happened to a message: claimed for sending, sent, to be tried again, given up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Sent {
    pub id: String,
    /// As it was read; somebody else's claim refuses the commit.
    pub attempts: i64,
    /// 1 if this claims it for sending, 0 if it says how that went.
    pub claim: i64,
    pub state: &'static str,
    pub due_at_ms: i64,
    pub note: Option<String>,
}

/// A key that may be used once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Once {
    pub key: String,
    pub hash: Option<String>,
    pub answer: Option<String>,
    pub until_ms: Option<i64>,
}

/// Everything of one commit.
pub(crate) fn body(
    id: &str,
    change: &Change,
    once: Option<&Once>,
    sent: &[Sent],
    trace: Option<&str>,
) -> String {
    let mut parts = Map::new();
    let actor = serde_json::to_string(&change.actor).unwrap_or_default();
    parts.insert("id".into(), json!(id));
    parts.insert("at_ms".into(), json!(change.at.0));
    parts.insert("actor".into(), Value::String(actor));
    if let Some(trace) = trace {
        parts.insert("trace".into(), json!(trace));
    }
    documents(&mut parts, change);
    effects(&mut parts, change);
    if !change.facts().is_empty() {
        parts.insert("facts".into(), json!(change.facts()));
    }
    let plain = change.once_keys().iter().map(|key| json!({ "key": key }));
    let keys: Vec<Value> = plain.chain(once.map(|o| json!(o))).collect();
    if !keys.is_empty() {
        parts.insert("once".into(), Value::Array(keys));
    }
    if !sent.is_empty() {
        parts.insert("sent".into(), json!(sent));
    }
    Value::Object(parts).to_string()
}

fn documents(parts: &mut Map<String, Value>, change: &Change) {
    let mut events = Vec::new();
    for (kind, written) in change.docs() {
        let version = written.version;
        for event in &written.events {
            let (id, version) = (&written.id, version + 1);
            events.push(json!({"kind": kind, "id": id, "version": version, "event": event}));
        }
        let doc = json!({"id": written.id, "version": version, "doc": written.doc});
        push(parts, kind, doc);
    }
    if !events.is_empty() {
        parts.insert("events".into(), Value::Array(events));
    }
}

fn effects(parts: &mut Map<String, Value>, change: &Change) {
    let mut stock: BTreeMap<(&str, &str), (i64, i64)> = BTreeMap::new();
    let mut timers: BTreeMap<(String, &str), Value> = BTreeMap::new();
    let mut postings = 0;
    for effect in change.effects() {
        match effect {
            Effect::Stock(moved) => {
                let place = (moved.sku.as_str(), moved.warehouse.as_str());
                let sum = stock.entry(place).or_default();
                *sum = (sum.0 + moved.on_hand, sum.1 + moved.held);
                push_move(parts, moved);
            }
            Effect::Post(posting) => {
                for line in posting.lines() {
                    let line = json!({
                        "no": postings, "at_ms": posting.at.0, "kind": posting.kind.word(),
                        "subject": posting.subject, "account": line.account,
                        "currency": posting.currency, "amount_minor": line.amount_minor,
                    });
                    push(parts, "postings", line);
                }
                postings += 1;
            }
            Effect::SetTimer { kind, subject, due } => {
                let timer = json!({"subject": subject, "kind": kind, "due_at_ms": due.0});
                timers.insert((subject.clone(), kind.word()), timer);
            }
            Effect::ClearTimer { kind, subject } => {
                let timer = json!({"subject": subject, "kind": kind});
                timers.insert((subject.clone(), kind.word()), timer);
            }
            Effect::Send(message) => {
                let recipient = match &message.to {
                    Recipient::Gateway { .. } => "gateway",
                    Recipient::Merchant { .. } => "merchant",
                };
                let id = &message.id;
                let row = json!({"id": id, "recipient": recipient, "message": message.to});
                push(parts, "outbox", row);
            }
        }
    }
    for ((sku, warehouse), (on_hand, held)) in stock {
        let delta = json!({"sku": sku, "warehouse": warehouse, "on_hand": on_hand, "held": held});
        push(parts, "stock", delta);
    }
    for timer in timers.into_values() {
        push(parts, "timers", timer);
    }
}

/// Holds are in the orders' journal; only what changes the pieces on hand is a move.
fn push_move(parts: &mut Map<String, Value>, moved: &StockMove) {
    if moved.on_hand != 0 {
        push(parts, "moves", json!(moved));
    }
}

fn push(parts: &mut Map<String, Value>, part: &str, value: Value) {
    let list = parts.entry(part).or_insert_with(|| Value::Array(Vec::new()));
    if let Value::Array(list) = list {
        list.push(value);
    }
}
