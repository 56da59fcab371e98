//! When a message is tried again, and when it is given up.

use domain::{HOUR, MINUTE, Millis, SECOND};
use store::{DueMessage, Sent};

/// How long is waited after each attempt that did not work.
#[derive(Clone, Copy)]
pub struct Waits {
    /// After the last one it is given up.
    after: &'static [i64],
    /// A receiver may ask for longer ones, up to this.
    asked_at_most: i64,
}

/// Standard Webhooks' recommendation.
pub const MERCHANT: Waits = Waits {
    after: &[
        5 * SECOND,
        5 * MINUTE,
        30 * MINUTE,
        2 * HOUR,
        5 * HOUR,
        10 * HOUR,
        14 * HOUR,
        20 * HOUR,
        24 * HOUR,
    ],
    asked_at_most: 24 * HOUR,
};

/// Buyers: the beginning of the same, and over within a day. Later it is no news any more, and
/// providers forget idempotency keys after that (Resend: 24 h).
pub const BUYER: Waits = Waits {
    after: &[5 * SECOND, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR],
    asked_at_most: HOUR,
};

/// Refunds: growing from a minute, and over within a day; then a person looks. Whoever asks again
/// looks first, so it does not matter if a gateway has forgotten the key by then (Stripe: 24 h),
/// because the scheduler was down.
pub const REFUND: Waits = Waits {
    after: &[MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, 4 * HOUR, 12 * HOUR],
    asked_at_most: HOUR,
};

/// Waybills: a packer stands beside the parcel. After the last one the next carrier is asked, or a
/// person looks.
pub const WAYBILL: Waits = Waits {
    after: &[10 * SECOND, 30 * SECOND, 2 * MINUTE, 10 * MINUTE, 30 * MINUTE],
    asked_at_most: 10 * MINUTE,
};

/// What carriers are to forget: nobody waits for it.
pub const CANCEL: Waits =
    Waits { after: &[MINUTE, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 12 * HOUR], asked_at_most: HOUR };

/// Questions: soon again, and not for long. The next one comes by itself or by a person.
pub const INQUIRY: Waits =
    Waits { after: &[MINUTE, 5 * MINUTE, 30 * MINUTE, 2 * HOUR], asked_at_most: HOUR };

/// Trackers: the same. Hundreds of parcels leave at once, so some may have to wait for long.
pub const TRACKING: Waits = Waits { asked_at_most: 2 * HOUR, ..INQUIRY };

/// The message has arrived.
pub fn sent(message: &DueMessage, note: String) -> Sent {
    outcome(message, "sent", 0, note)
}

/// It did not work: another try after the wait that is due, or after the one the receiver asked
/// for if that is longer; or the end.
pub fn again(
    message: &DueMessage,
    waits: Waits,
    now: Millis,
    asked: Option<i64>,
    note: String,
) -> Sent {
    let tried = usize::try_from(message.attempts - 1).unwrap_or(0);
    match waits.after.get(tried) {
        Some(wait) => {
            let wait = (*wait).max(asked.unwrap_or(0).min(waits.asked_at_most));
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
