//! Verdicts on money that arrives. Each is decided in the same change that keeps the fact, so
//! there is no moment at which money is known and its meaning is not.

use super::{Attempt, Payment, PaymentEvent, PaymentLife, RefundNews, RefundOf, request_refund};
use super::{evolve::suspend, hold, refund_told};
use crate::order::drop_order;
use crate::{
    CancelReason, Case, Change, Fact, FactKind, Ids, Money, Order, OrderEvent, OrderId, OrderState,
    PaymentFact, PaymentNews, RefundId, Stored,
};

/// All that a payment fact may concern, as it was read.
#[derive(Debug, Clone, Default)]
pub struct PaymentSituation {
    pub payment: Option<Stored<Payment>>,
    pub orders: Vec<Stored<Order>>,
    /// The case of the refund that the fact speaks of.
    pub case: Option<Stored<Case>>,
    /// The account at the gateway that is ours; `None` where the shop has named none.
    pub account: Option<String>,
}

/// Takes in a fact. Cannot refuse: what a gateway says has happened. The same fact again refuses
/// the whole change by its key, which the caller answers like a success.
pub fn record_payment_fact(
    change: &mut Change,
    mut at: PaymentSituation,
    fact: &PaymentFact,
    raw: Option<String>,
    ids: &mut dyn Ids,
) -> &'static str {
    let verdict = match at.payment.take() {
        Some(mut payment) => told(change, &mut payment, &mut at, fact, ids),
        None => unknown_payment(change, fact),
    };
    change.keep(Fact {
        kind: FactKind::Payment,
        subject: fact.payment.as_ref().map_or_else(String::new, ToString::to_string),
        key: fact.key(),
        occurred_at: fact.occurred_at,
        fact: serde_json::to_value(fact).unwrap_or_default(),
        verdict: verdict.to_owned(),
        raw,
    });
    verdict
}

fn unknown_payment(change: &mut Change, fact: &PaymentFact) -> &'static str {
    match &fact.what {
        PaymentNews::Captured { amount } => {
            let at = change.at;
            if let Some(effect) = suspend(&fact.gateway, *amount, &fact.reference, at) {
                change.effect(effect);
            }
            "suspense_unknown_payment"
        }
        PaymentNews::Processing
        | PaymentNews::Authorised { .. }
        | PaymentNews::Failed { .. }
        | PaymentNews::Cancelled
        | PaymentNews::RefundPending { .. }
        | PaymentNews::RefundSucceeded { .. }
        | PaymentNews::RefundFailed { .. }
        | PaymentNews::RefundedInTotal { .. }
        | PaymentNews::Disputed { .. }
        | PaymentNews::DisputeClosed { .. } => "unknown_payment",
    }
}

fn told(
    change: &mut Change,
    payment: &mut Stored<Payment>,
    at: &mut PaymentSituation,
    fact: &PaymentFact,
    ids: &mut dyn Ids,
) -> &'static str {
    let known = payment.doc.attempt(&fact.gateway, &fact.reference).cloned();
    let mut attempt = known.unwrap_or_else(|| Attempt::new(fact));
    let newer = fact.occurred_at >= attempt.newest;
    attempt.newest = attempt.newest.max(fact.occurred_at);
    match &fact.what {
        PaymentNews::Captured { amount } => {
            return captured(change, payment, at, (fact, *amount), ids);
        }
        PaymentNews::Authorised { amount } => {
            attempt.authorised_minor = attempt.authorised_minor.max(amount.minor);
        }
        PaymentNews::Failed { reason } if newer => {
            attempt.failure = Some((fact.occurred_at, reason.clone()));
        }
        PaymentNews::Cancelled => attempt.closed = true,
        PaymentNews::Disputed { .. } => attempt.disputed = true,
        PaymentNews::DisputeClosed { .. } => attempt.disputed = false,
        PaymentNews::Processing => hold::extend(change, payment, &mut at.orders),
        PaymentNews::Failed { .. } => {}
        PaymentNews::RefundedInTotal { .. } => return "nothing_new",
        PaymentNews::RefundPending { refund, .. } => {
            return refund_fact(change, payment, at, refund, RefundNews::Pending);
        }
        PaymentNews::RefundSucceeded { refund, .. } => {
            return refund_fact(change, payment, at, refund, RefundNews::Succeeded);
        }
        PaymentNews::RefundFailed { refund, reason, .. } => {
            let news = RefundNews::Failed { reason: reason.clone() };
            return refund_fact(change, payment, at, refund, news);
        }
    }
    if payment.doc.attempt(&fact.gateway, &fact.reference) == Some(&attempt) {
        return "nothing_new";
    }
    change.record(payment, PaymentEvent::AttemptTold { attempt });
    "noted"
}

fn refund_fact(
    change: &mut Change,
    payment: &mut Stored<Payment>,
    at: &mut PaymentSituation,
    told: &crate::RefundRef,
    news: RefundNews,
) -> &'static str {
    let theirs = Some(told.theirs.clone());
    let by_theirs = payment.doc.refunds.iter().find(|r| r.theirs == theirs).map(|r| r.id.clone());
    let id: Option<RefundId> = told.ours.clone().or(by_theirs);
    match id {
        Some(id) => refund_told(change, payment, at.case.as_mut(), &id, theirs, news),
        None => "unknown_refund",
    }
}

/// Money has come. Which of the verdicts it is depends only on what is due and what came before.
fn captured(
    change: &mut Change,
    payment: &mut Stored<Payment>,
    at: &mut PaymentSituation,
    (fact, amount): (&PaymentFact, Money),
    ids: &mut dyn Ids,
) -> &'static str {
    let ours = at.account.is_none() || fact.account.is_none() || at.account == fact.account;
    if amount.currency != payment.doc.currency || !ours {
        let gateway = fact.gateway.clone();
        change.record(payment, PaymentEvent::Suspended { gateway, amount, at: change.at });
        return if ours { "suspense_currency" } else { "suspense_account" };
    }
    let known = payment.doc.attempt(&fact.gateway, &fact.reference).cloned();
    let mut attempt = known.unwrap_or_else(|| Attempt::new(fact));
    let came = amount.minor - attempt.captured_minor;
    if came <= 0 {
        return "nothing_new";
    }
    attempt.captured_minor = amount.minor;
    attempt.newest = attempt.newest.max(fact.occurred_at);
    change.record(payment, PaymentEvent::AttemptTold { attempt });
    let wanted = matches!(payment.doc.life, PaymentLife::Open { .. });
    let applied = if wanted { payment.doc.apply(came) } else { Vec::new() };
    let excess_minor = came - applied.iter().map(|(_, a)| a).sum::<i64>();
    let gateway = fact.gateway.clone();
    let event = PaymentEvent::Received { gateway, applied, excess_minor, at: change.at };
    change.record(payment, event);
    if excess_minor > 0 {
        request_refund(change, payment, RefundOf::Excess, excess_minor, ids);
    }
    match payment.doc.life {
        PaymentLife::OnDelivery => "paid_to_courier_refunded",
        PaymentLife::Complete { .. } => "paid_twice_refunded",
        PaymentLife::Closed { .. } => "paid_after_cancel_refunded",
        PaymentLife::Open { .. } if payment.doc.applied_minor() < payment.doc.due_minor() => {
            "partly_paid"
        }
        PaymentLife::Open { .. } => {
            confirm(change, payment, &mut at.orders);
            if excess_minor > 0 { "confirmed_excess_refunded" } else { "confirmed" }
        }
    }
}

/// All is paid: every order of the purchase is effective.
pub(crate) fn confirm<'a>(
    change: &mut Change,
    payment: &mut Stored<Payment>,
    orders: impl IntoIterator<Item = &'a mut Stored<Order>>,
) {
    let at = change.at;
    change.record(payment, PaymentEvent::Completed { at });
    for order in orders {
        if matches!(order.doc.state, OrderState::AwaitingPayment { .. }) {
            change.record(order, OrderEvent::Paid { at });
        }
    }
}

/// Ends a purchase that is not paid for: nobody waits for its money any more, its stock is free,
/// and what had come of it goes back. Answers false if it is too late for that.
pub fn drop_purchase(
    change: &mut Change,
    payment: &mut Stored<Payment>,
    orders: &mut [Stored<Order>],
    why: &CancelReason,
    ids: &mut dyn Ids,
) -> bool {
    let PaymentLife::Open { until } = payment.doc.life else { return false };
    if *why == CancelReason::Unpaid && change.at < until {
        return false;
    }
    let came: Vec<(OrderId, i64)> =
        payment.doc.shares.iter().map(|s| (s.order.clone(), s.applied_minor)).collect();
    for (order, amount) in came {
        if amount > 0 {
            request_refund(change, payment, RefundOf::Share { order }, amount, ids);
        }
    }
    change.record(payment, PaymentEvent::Closed { at: change.at });
    for order in orders {
        drop_order(change, order, why.clone());
    }
    true
}

impl Attempt {
    fn new(fact: &PaymentFact) -> Self {
        Self {
            gateway: fact.gateway.clone(),
            reference: fact.reference.clone(),
            authorised_minor: 0,
            captured_minor: 0,
            failure: None,
            closed: false,
            newest: fact.occurred_at,
            disputed: false,
        }
    }
}

impl Payment {
    /// Which orders some money is for: it fills their shares in their order.
    fn apply(&self, mut amount_minor: i64) -> Vec<(OrderId, i64)> {
        let mut applied = Vec::new();
        for share in &self.shares {
            let part = amount_minor.min(share.due_minor - share.applied_minor);
            if part > 0 {
                applied.push((share.order.clone(), part));
                amount_minor -= part;
            }
        }
        applied
    }
}
