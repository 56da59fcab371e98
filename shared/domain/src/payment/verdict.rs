//! Verdicts on money that arrives. Each is decided in the same change that keeps the fact, so
//! there is no moment at which money is known and its meaning is not.

use super::dispute::{DisputeNews, dispute_told};
use super::revive::revive;
use super::{
    Attempt, Payment, PaymentEvent, PaymentLife, RefundNews, confirm, hold, refund_excess,
    refund_told,
};
use crate::suspense::{give, suspend, suspense_refund_told};
use crate::{
    Available, Case, Change, Fact, FactKind, GatewayName, Ids, Millis, Money, Order, PaymentFact,
    PaymentNews, Policy, RefundId, RefundRef, ShopPolicy, Stored, Suspense, SuspenseReason,
};

/// All that a payment fact may concern, as it was read.
#[derive(Debug, Clone, Default)]
pub struct PaymentSituation {
    pub payment: Option<Stored<Payment>>,
    pub orders: Vec<Stored<Order>>,
    /// Cases of the refund that the fact speaks of, and of refunds that have not happened.
    pub cases: Vec<Stored<Case>>,
    /// What was said of this attempt when nobody knew yet which payment it belongs to.
    pub unheard: Vec<PaymentFact>,
    /// Money of this attempt that came before and was explained by nothing.
    pub suspense: Option<Stored<Suspense>>,
    /// Free pieces of what was ordered; read only if the purchase has ended.
    pub stock: Vec<Available>,
    /// The account at the gateway that is ours; `None` where the shop has named none.
    pub account: Option<String>,
    /// What the shop set of its policy,
    pub set: Option<Stored<ShopPolicy>>,
    /// and the whole of it.
    pub policy: Policy,
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
    let known = at.payment.as_ref().map(|payment| payment.doc.id.clone());
    let subject = fact.payment.clone().or(known);
    let verdict = verdict(change, &mut at, fact, ids);
    change.keep(Fact {
        kind: FactKind::Payment,
        subject: subject.as_ref().map_or_else(String::new, ToString::to_string),
        key: fact.key(),
        occurred_at: fact.occurred_at,
        fact: serde_json::to_value(fact).unwrap_or_default(),
        verdict: verdict.to_owned(),
        raw,
    });
    verdict
}

/// Money comes first to whatever was suspended of the same attempt, and so does what becomes of its
/// ways back. What begins at another account than ours is none of our business; what began while
/// that account was ours goes on.
fn verdict(
    change: &mut Change,
    at: &mut PaymentSituation,
    fact: &PaymentFact,
    ids: &mut dyn Ids,
) -> &'static str {
    let known = at.payment.as_ref().and_then(|p| p.doc.attempt(&fact.gateway, &fact.reference));
    let same = at.account.is_none() || fact.account.is_none() || at.account == fact.account;
    let ours = same || known.is_some();
    if let PaymentNews::Captured { amount } = &fact.what {
        return money_came(change, at, (fact, *amount), ours, ids);
    }
    if let Some((told, news)) = refund_news(fact)
        && let Some(item) = &mut at.suspense
        && let Some(id) = item.doc.number_of(told)
    {
        return suspense_refund_told(change, item, &id, Some(told.theirs.clone()), news);
    }
    if !ours {
        return "other_account";
    }
    match at.payment.take() {
        Some(mut payment) => {
            let verdict = told(change, &mut payment, at, fact);
            catch_up(change, &mut payment, at);
            verdict
        }
        None => "unknown_payment",
    }
}

/// A gateway names our payment where it tells of money, and in a dispute only its own number for
/// it. So a dispute can be heard of before anybody knows whose it is; it counts from the moment
/// that its payment is known. Heard again, it changes nothing.
fn catch_up(change: &mut Change, payment: &mut Stored<Payment>, at: &mut PaymentSituation) {
    for fact in std::mem::take(&mut at.unheard) {
        told(change, payment, at, &fact);
    }
}

fn money_came(
    change: &mut Change,
    at: &mut PaymentSituation,
    (fact, amount): (&PaymentFact, Money),
    ours: bool,
    ids: &mut dyn Ids,
) -> &'static str {
    let (known, match_ms) = (at.payment.is_some(), at.policy.match_ms);
    let why = match (known, ours) {
        (_, false) => SuspenseReason::OtherAccount,
        (true, true) => SuspenseReason::OtherCurrency,
        (false, true) => SuspenseReason::UnknownPayment,
    };
    let told = (fact, amount);
    if let Some(mut item) = at.suspense.take().filter(|item| !item.doc.is_given()) {
        let may_match = ours && item.doc.may_match();
        let more = suspend(change, Some(&mut item), told, (why, match_ms), ids);
        // The payment may have appeared that the money was for.
        let payment = at.payment.take().filter(|_| may_match);
        let given = payment.and_then(|mut payment| {
            let given = give(change, &mut item, &mut payment, at, ids);
            catch_up(change, &mut payment, at);
            given
        });
        return given.unwrap_or(more);
    }
    match at.payment.take() {
        Some(mut payment) if ours && amount.currency == payment.doc.currency => {
            let came = Came {
                gateway: &fact.gateway,
                reference: &fact.reference,
                occurred_at: fact.occurred_at,
                captured_minor: amount.minor,
            };
            let verdict = captured(change, &mut payment, at, &came, ids);
            catch_up(change, &mut payment, at);
            verdict
        }
        Some(_) | None => suspend(change, None, told, (why, match_ms), ids),
    }
}

/// What a fact says of a refund, if it is about one.
fn refund_news(fact: &PaymentFact) -> Option<(&RefundRef, RefundNews)> {
    let at = fact.occurred_at;
    match &fact.what {
        PaymentNews::RefundPending { refund, .. } => Some((refund, RefundNews::Pending)),
        PaymentNews::RefundSucceeded { refund, .. } => Some((refund, RefundNews::Succeeded { at })),
        PaymentNews::RefundFailed { refund, reason, by_hand, .. } => {
            let (reason, by_hand) = (reason.clone(), *by_hand);
            Some((refund, RefundNews::Failed { at, reason, by_hand }))
        }
        PaymentNews::Processing
        | PaymentNews::Authorised { .. }
        | PaymentNews::Captured { .. }
        | PaymentNews::Failed { .. }
        | PaymentNews::Cancelled
        | PaymentNews::RefundedInTotal { .. }
        | PaymentNews::Disputed { .. }
        | PaymentNews::DisputeClosed { .. } => None,
    }
}

fn told(
    change: &mut Change,
    payment: &mut Stored<Payment>,
    at: &mut PaymentSituation,
    fact: &PaymentFact,
) -> &'static str {
    let mut attempt = payment.doc.attempt_or_new(fact);
    let newer = fact.occurred_at >= attempt.newest;
    attempt.newest = attempt.newest.max(fact.occurred_at);
    match &fact.what {
        PaymentNews::Authorised { amount } => {
            attempt.authorised_minor = attempt.authorised_minor.max(amount.minor);
            hold::extend(change, payment, &mut at.orders);
        }
        // Noted and no more: a failure, however new, takes back nothing that an attempt brought,
        // because a gateway that has the money says so of a refund or a dispute.
        PaymentNews::Failed { reason } if newer => {
            attempt.failure = Some((fact.occurred_at, reason.clone()));
        }
        PaymentNews::Cancelled => attempt.closed = true,
        PaymentNews::Processing => hold::extend(change, payment, &mut at.orders),
        PaymentNews::Failed { .. } => {}
        PaymentNews::Captured { .. } | PaymentNews::RefundedInTotal { .. } => return "nothing_new",
        PaymentNews::RefundPending { .. }
        | PaymentNews::RefundSucceeded { .. }
        | PaymentNews::RefundFailed { .. } => return refund_fact(change, payment, at, fact),
        PaymentNews::Disputed { amount, dispute } => {
            let about = (fact, dispute.as_str(), *amount);
            return dispute_told(change, payment, at, about, &DisputeNews::Opened);
        }
        PaymentNews::DisputeClosed { amount, dispute, won } => {
            let about = (fact, dispute.as_str(), *amount);
            return dispute_told(change, payment, at, about, &DisputeNews::Closed { won: *won });
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
    fact: &PaymentFact,
) -> &'static str {
    let Some((told, news)) = refund_news(fact) else { return "nothing_new" };
    let theirs = Some(told.theirs.clone());
    let by_theirs = payment.doc.refunds.iter().find(|r| r.theirs == theirs).map(|r| r.id.clone());
    let id: Option<RefundId> = told.ours.clone().or(by_theirs);
    match id {
        Some(id) => refund_told(change, payment, at.cases.as_mut_slice(), &id, theirs, news),
        None => "unknown_refund",
    }
}

/// Money of an attempt: the whole of what it has brought so far.
pub(crate) struct Came<'a> {
    pub gateway: &'a GatewayName,
    pub reference: &'a str,
    pub occurred_at: Millis,
    pub captured_minor: i64,
}

/// Money has come. Which of the verdicts it is depends only on what is due and what came before.
pub(crate) fn captured(
    change: &mut Change,
    payment: &mut Stored<Payment>,
    at: &mut PaymentSituation,
    came: &Came<'_>,
    ids: &mut dyn Ids,
) -> &'static str {
    let known = payment.doc.attempt(came.gateway, came.reference).cloned();
    let mut attempt = known.unwrap_or_else(|| Attempt::new(came));
    let more = came.captured_minor - attempt.captured_minor;
    if more <= 0 {
        return "nothing_new";
    }
    attempt.captured_minor = came.captured_minor;
    attempt.newest = attempt.newest.max(came.occurred_at);
    change.record(payment, PaymentEvent::AttemptTold { attempt: attempt.clone() });
    let revived = revive(change, payment, at, more);
    let wanted = matches!(payment.doc.life, PaymentLife::Open { .. });
    let applied = if wanted { payment.doc.apply(more) } else { Vec::new() };
    let rest = more - applied.iter().map(|(_, a)| a).sum::<i64>();
    let excess_minor = rest.min(payment.doc.refundable_of(&attempt).max(0));
    let (gateway, recovered_minor, at_ms) = (came.gateway.clone(), rest - excess_minor, change.at);
    let event =
        PaymentEvent::Received { gateway, applied, excess_minor, recovered_minor, at: at_ms };
    change.record(payment, event);
    if excess_minor > 0 {
        refund_excess(change, payment, &attempt, excess_minor, ids);
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
            match (revived, excess_minor > 0) {
                (true, _) => "revived",
                (false, true) => "confirmed_excess_refunded",
                (false, false) => "confirmed",
            }
        }
    }
}

impl Attempt {
    fn new(came: &Came<'_>) -> Self {
        Self {
            gateway: came.gateway.clone(),
            reference: came.reference.to_owned(),
            authorised_minor: 0,
            captured_minor: 0,
            failure: None,
            closed: false,
            newest: came.occurred_at,
        }
    }
}

impl Payment {
    fn attempt_or_new(&self, fact: &PaymentFact) -> Attempt {
        let known = self.attempt(&fact.gateway, &fact.reference).cloned();
        known.unwrap_or_else(|| {
            Attempt::new(&Came {
                gateway: &fact.gateway,
                reference: &fact.reference,
                occurred_at: fact.occurred_at,
                captured_minor: 0,
            })
        })
    }

    /// Which orders some money is for: it fills their shares in their order.
    fn apply(&self, mut amount_minor: i64) -> Vec<(crate::OrderId, i64)> {
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
