//! When a message is tried again, and when it is given up.

use domain::{HOUR, MINUTE, Millis, SECOND};
use store::{DueMessage, Sent};

/// Waits after each attempt that did not work; after the last one it is given up.
/// Standard Webhooks' recommendation.
pub const MERCHANT: &[i64] = &[
    5 * SECOND,
    5 * MINUTE,
    30 * MINUTE,
    2 * HOUR,
    5 * HOUR,
    10 * HOUR,
    14 * HOUR,
    20 * HOUR,
    24 * HOUR,
];

/// Buyers: the beginning of the same, and over within a day. Later it is no news any more, and
/// providers forget idempotency keys after that (Resend: 24 h).
pub const BUYER: &[i64] = &[5 * SECOND, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR];

/// Refunds: growing from a minute, and over within a day, because gateways forget idempotency keys
/// after that (Stripe: 24 h) and a later try could pay twice. Then a person looks.
pub const REFUND: &[i64] = &[MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, 4 * HOUR, 12 * HOUR];

/// Questions: soon again, and not for long. The next one comes by itself or by a person.
pub const INQUIRY: &[i64] = &[MINUTE, 5 * MINUTE, 30 * MINUTE, 2 * HOUR];

/// The message has arrived.
pub fn sent(message: &DueMessage, note: String) -> Sent {
    outcome(message, "sent", 0, note)
}

/// It did not work: another try after the wait that is due, or after the one the receiver asked
/// for if that is longer; or the end.
pub fn again(
    message: &DueMessage,
    waits: &[i64],
    now: Millis,
    asked: Option<i64>,
    note: String,
) -> Sent {
    let tried = usize::try_from(message.attempts - 1).unwrap_or(0);
    match waits.get(tried) {
        Some(wait) => {
            let wait = (*wait).max(asked.unwrap_or(0).min(24 * HOUR));
            outcome(message, "waiting", now.plus(wait).0, note)
        }
        None => outcome(message, "dead", 0, note),
    }
}

/// Trying again cannot help.
pub fn dead(message: &DueMessage, note: String) -> Sent {
    outcome(message, "dead", 0, note)
}

/// There is nobody to send it to.
pub fn skipped(message: &DueMessage, note: String) -> Sent {
    outcome(message, "skipped", 0, note)
}

/// Others were made of it. Nothing was sent, so it is in no log.
pub fn routed(message: &DueMessage, count: usize) -> Sent {
    let note = format!("for {count} receivers");
    Sent { claim: 1, log: None, ..outcome(message, "routed", 0, note) }
}

/// Claims a message for sending.
pub fn claim(message: &DueMessage, until: Millis) -> Sent {
    let note = "being sent".to_owned();
    Sent { claim: 1, log: None, ..outcome(message, "waiting", until.0, note) }
}

/// With how long the receiver was waited for, and the status of its answer.
pub fn timed(sent: Sent, took_ms: i64, status: Option<u16>) -> Sent {
    Sent { took_ms: Some(took_ms.max(0)), status, ..sent }
}

fn outcome(message: &DueMessage, state: &'static str, due_at_ms: i64, note: String) -> Sent {
    let (id, attempts) = (message.id.clone(), message.attempts);
    let note = Some(note.chars().take(500).collect());
    let (claim, log) = (0, Some(state));
    Sent { id, attempts, claim, state, due_at_ms, note, log, took_ms: None, status: None }
}
