//! Stripe's events in our words: one event is at most one fact.
//!
//! What an event says of the money is taken from its object as it was when the event was made, and
//! its time is the event's `created`. Our ids come back in `metadata`; what is not ours is left
//! out. Event types that are not in [`translate`] are acknowledged and mean nothing to us.

use super::{Stripe, amount};
use crate::json::{from_bytes, from_value, identifier, need, unreadable};
use crate::{Heard, Unheard, clip};
use domain::{
    GatewayName, Millis, Money, PaymentFact, PaymentId, PaymentNews, RefundId, RefundRef, SECOND,
};
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
struct Kind {
    object: String,
}

#[derive(Deserialize)]
struct Event {
    id: String,
    #[serde(rename = "type")]
    kind: String,
    created: i64,
    livemode: bool,
    account: Option<String>,
    data: Data,
}

#[derive(Deserialize)]
struct Data {
    object: Value,
}

/// What we put into `metadata` when the payment and the refund were asked for.
#[derive(Deserialize, Default)]
pub(super) struct Metadata {
    pub(super) payment_id: Option<String>,
    refund_no: Option<String>,
}

/// The parts of a PaymentIntent, Charge, Refund and Dispute that we read, as one.
#[derive(Deserialize)]
pub(super) struct Object {
    pub(super) id: String,
    object: String,
    currency: String,
    amount: Option<i64>,
    pub(super) amount_received: Option<i64>,
    pub(super) amount_capturable: Option<i64>,
    amount_refunded: Option<i64>,
    payment_intent: Option<String>,
    charge: Option<String>,
    pub(super) status: Option<String>,
    failure_reason: Option<String>,
    pub(super) last_payment_error: Option<PaymentError>,
    metadata: Option<Metadata>,
}

#[derive(Deserialize)]
pub(super) struct PaymentError {
    code: Option<String>,
    decline_code: Option<String>,
    message: Option<String>,
}

/// Reads the body of an event whose signature is good.
pub(super) fn read(body: &[u8], livemode: bool) -> Result<Heard, Unheard> {
    let Kind { object } = from_bytes(body)?;
    if object != "event" {
        return Err(unreadable("object", "not an event; thin events are not taken here"));
    }
    let event: Event = from_bytes(body)?;
    if event.livemode != livemode {
        return Err(unreadable("livemode", "an event of the other mode"));
    }
    let event_id = identifier(event.id, "id")?;
    let account = event.account.map(|text| identifier(text, "account")).transpose()?;
    let created = (event.created >= 0).then(|| event.created.checked_mul(SECOND)).flatten();
    let occurred_at = Millis(need(created, "created")?);
    let Some((noun, translate)) = translation(&event.kind) else {
        return Ok(Heard::Nothing { event_id });
    };
    let object: Object = from_value(event.data.object, "data.object")?;
    if object.object != noun {
        return Err(unreadable("data.object.object", "not what the event's type is about"));
    }
    let what = translate(&object)?;
    let gateway = GatewayName::parse(Stripe::NAME).map_err(|e| unreadable("", &e.to_string()))?;
    let payment = object.ours().payment_id.as_deref().and_then(|id| PaymentId::parse(id).ok());
    let reference = object.reference()?;
    let fact = PaymentFact { gateway, event_id, account, payment, reference, occurred_at, what };
    Ok(Heard::Facts(vec![fact]))
}

type Translate = fn(&Object) -> Result<PaymentNews, Unheard>;

/// Which object an event type is about and what it says. `None`: we do not act on it.
fn translation(kind: &str) -> Option<(&'static str, Translate)> {
    Some(match kind {
        "payment_intent.succeeded" => ("payment_intent", captured),
        "payment_intent.payment_failed" => ("payment_intent", failed),
        "payment_intent.processing" | "payment_intent.requires_action" => {
            ("payment_intent", |_| Ok(PaymentNews::Processing))
        }
        "payment_intent.canceled" => ("payment_intent", |_| Ok(PaymentNews::Cancelled)),
        "payment_intent.amount_capturable_updated" => ("payment_intent", authorised),
        "charge.refunded" => ("charge", refunded_in_total),
        // Accounts on versions before 2024-10-28 hear `charge.refund.updated` with the same object.
        "refund.created" | "refund.updated" | "refund.failed" | "charge.refund.updated" => {
            ("refund", refund)
        }
        "charge.dispute.created" => ("dispute", disputed),
        "charge.dispute.closed" => ("dispute", dispute_closed),
        _ => return None,
    })
}

pub(super) fn captured(intent: &Object) -> Result<PaymentNews, Unheard> {
    Ok(PaymentNews::Captured { amount: intent.money(intent.amount_received, "amount_received")? })
}

pub(super) fn authorised(intent: &Object) -> Result<PaymentNews, Unheard> {
    let amount = intent.money(intent.amount_capturable, "amount_capturable")?;
    Ok(PaymentNews::Authorised { amount })
}

/// The most exact of the words that Stripe has for a failure.
pub(super) fn failed(intent: &Object) -> Result<PaymentNews, Unheard> {
    let error = intent.last_payment_error.as_ref();
    let words = error.and_then(|error| {
        let code = error.decline_code.as_deref().or(error.code.as_deref());
        code.or(error.message.as_deref())
    });
    Ok(PaymentNews::Failed { reason: clip(words.unwrap_or("no reason given")) })
}

fn refunded_in_total(charge: &Object) -> Result<PaymentNews, Unheard> {
    let amount = charge.money(charge.amount_refunded, "amount_refunded")?;
    Ok(PaymentNews::RefundedInTotal { amount })
}

/// A refund's status is the truth, whichever event carries it. It may be absent while nothing is
/// known: then it is pending. `canceled` refunds never leave the account.
fn refund(refund: &Object) -> Result<PaymentNews, Unheard> {
    let amount = refund.money(refund.amount, "amount")?;
    let ours = refund.ours().refund_no.as_deref().and_then(|id| RefundId::parse(id).ok());
    let refund_ref = RefundRef { ours, theirs: refund.id()? };
    match refund.status.as_deref() {
        None | Some("pending" | "requires_action") => {
            Ok(PaymentNews::RefundPending { refund: refund_ref, amount })
        }
        Some("succeeded") => Ok(PaymentNews::RefundSucceeded { refund: refund_ref, amount }),
        Some(status @ ("failed" | "canceled")) => {
            let reason = clip(refund.failure_reason.as_deref().unwrap_or(status));
            Ok(PaymentNews::RefundFailed { refund: refund_ref, amount, reason, by_hand: false })
        }
        Some(_) => Err(unreadable("data.object.status", "not a status of a refund")),
    }
}

fn disputed(dispute: &Object) -> Result<PaymentNews, Unheard> {
    let amount = dispute.money(dispute.amount, "amount")?;
    Ok(PaymentNews::Disputed { amount, dispute: dispute.id()? })
}

/// An inquiry that was closed (`warning_closed`) or prevented took no money: that is won, for us.
fn dispute_closed(dispute: &Object) -> Result<PaymentNews, Unheard> {
    let won = match dispute.status.as_deref() {
        Some("won" | "warning_closed" | "prevented") => true,
        Some("lost") => false,
        Some(_) | None => {
            return Err(unreadable("data.object.status", "not how a dispute is closed"));
        }
    };
    let amount = dispute.money(dispute.amount, "amount")?;
    Ok(PaymentNews::DisputeClosed { amount, dispute: dispute.id()?, won })
}

impl Object {
    fn money(&self, amount: Option<i64>, field: &str) -> Result<Money, Unheard> {
        let path = format!("data.object.{field}");
        amount::ours(need(amount, &path)?, &self.currency)
            .map_err(|fault| unreadable(&path, &fault.to_string()))
    }

    fn id(&self) -> Result<String, Unheard> {
        identifier(self.id.clone(), "data.object.id")
    }

    pub(super) fn ours(&self) -> &Metadata {
        static NONE: Metadata = Metadata { payment_id: None, refund_no: None };
        self.metadata.as_ref().unwrap_or(&NONE)
    }

    /// The payment intent; a charge made without one stands for itself.
    fn reference(&self) -> Result<String, Unheard> {
        let (text, field) = match (&self.payment_intent, &self.charge) {
            (Some(intent), _) => (intent, "data.object.payment_intent"),
            (None, Some(charge)) => (charge, "data.object.charge"),
            (None, None) => (&self.id, "data.object.id"),
        };
        identifier(text.clone(), field)
    }
}
