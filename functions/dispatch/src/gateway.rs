//! Asks a payment gateway to pay back, or what became of a refund. What it answers is taken in with
//! the message's outcome, in one commit; its webhook may say the same before or after.

use domain::{
    Actor, Change, GatewayOrder, Millis, RefundEnd, RefundNews, RefundOrder, RefundedFrom,
    Suspense, refund_told, suspense_refund_told,
};
use edge::{Ctx, Problem};
use gateways::{CannotAsk, Gateway, RefundAnswer, Settings, asking};
use store::{DueMessage, Outcome, Sent};

use crate::inquiry;
use crate::schedule::{REFUND, again, dead, sent};

pub async fn ask(ctx: &Ctx, message: &DueMessage, order: &GatewayOrder) -> Result<bool, Problem> {
    let asked_at = ctx.now();
    match order {
        GatewayOrder::FindPayment(inquiry) => inquiry::find(ctx, message, inquiry).await,
        GatewayOrder::Refund(refund) => {
            let gateway = gateway(ctx, refund.gateway.as_str()).await?;
            let answer = match &gateway {
                Ok(gateway) => pay_back(ctx, message, gateway.as_ref(), refund).await,
                Err(reason) => no_way(message, reason),
            };
            let (outcome, news) = taken(ctx, message, answer, asked_at);
            conclude(ctx, refund, outcome, news).await
        }
        GatewayOrder::FindRefund(refund) => {
            let gateway = gateway(ctx, refund.gateway.as_str()).await?;
            let found = match &gateway {
                Ok(gateway) => find(ctx, gateway.as_ref(), refund).await,
                Err(reason) => Some(no_way(message, reason)),
            };
            let (outcome, news) = match found {
                // Somebody looks again later; that it cannot be asked now says nothing of it.
                None => (sent(message, "nothing new".to_owned()), None),
                Some(RefundAnswer::TryAgain { reason, .. }) => (dead(message, reason), None),
                Some(answer) => taken(ctx, message, answer, asked_at),
            };
            conclude(ctx, refund, outcome, news).await
        }
    }
}

/// The gateway as it is configured, or why it cannot be asked.
pub async fn gateway(ctx: &Ctx, name: &str) -> Result<Result<Box<dyn Gateway>, String>, Problem> {
    let mut settings = Settings::default();
    for variable in asking(name).unwrap_or_default() {
        settings.set(variable, ctx.variable(variable).await?);
    }
    Ok(match settings.gateway(name) {
        Ok(Some(gateway)) => Ok(gateway),
        Ok(None) => Err(format!("there is no way to ask {name}")),
        Err(fault) => Err(format!("{name} is not configured right: {fault}")),
    })
}

/// A configuration can be mended, so it is tried again; after the last try a person looks.
fn no_way(message: &DueMessage, reason: &str) -> RefundAnswer {
    eprintln!("{}: {reason}", message.id);
    RefundAnswer::TryAgain { reason: reason.to_owned(), after_ms: None }
}

/// Whoever does not know how an earlier attempt ended looks first: an answer may be lost although
/// the money went, and a gateway does not keep keys for ever.
async fn pay_back(
    ctx: &Ctx,
    message: &DueMessage,
    gateway: &dyn Gateway,
    refund: &RefundOrder,
) -> RefundAnswer {
    if (refund.look_first || message.attempts > 1)
        && let Some(found) = find(ctx, gateway, refund).await
    {
        return found;
    }
    match gateway.refund_request(refund, ctx.now()) {
        Err(why) => cannot(&why),
        Ok(request) => match ctx.env.fetch(request).await {
            Ok(response) => gateway.refund_answer(refund, &response),
            Err(error) => RefundAnswer::TryAgain { reason: error.to_string(), after_ms: None },
        },
    }
}

/// What became of a refund; `None` if the gateway has not made it.
async fn find(ctx: &Ctx, gateway: &dyn Gateway, refund: &RefundOrder) -> Option<RefundAnswer> {
    match gateway.refund_query(refund, ctx.now()) {
        Err(why) => Some(cannot(&why)),
        Ok(request) => match ctx.env.fetch(request).await {
            Ok(response) => gateway.refund_found(refund, &response),
            Err(error) => {
                Some(RefundAnswer::TryAgain { reason: error.to_string(), after_ms: None })
            }
        },
    }
}

fn cannot(why: &CannotAsk) -> RefundAnswer {
    let reason = why.to_string();
    match why {
        CannotAsk::Amount(_) => RefundAnswer::Refused { reason },
        CannotAsk::NotConfigured(_) | CannotAsk::NotARequest(_) => {
            RefundAnswer::TryAgain { reason, after_ms: None }
        }
    }
}

type News = Option<(Option<String>, RefundNews)>;

/// What an answer means for the message and for the refund.
fn taken(ctx: &Ctx, message: &DueMessage, answer: RefundAnswer, asked_at: Millis) -> (Sent, News) {
    match answer {
        RefundAnswer::Succeeded { theirs } => {
            let news = RefundNews::Succeeded { at: RefundEnd::answered_at(asked_at) };
            (sent(message, "refunded".to_owned()), Some((Some(theirs), news)))
        }
        RefundAnswer::Pending { theirs } => {
            (sent(message, "accepted".to_owned()), Some((Some(theirs), RefundNews::Pending)))
        }
        RefundAnswer::Refused { reason } => {
            (dead(message, reason.clone()), Some((None, RefundNews::NotTaken { reason })))
        }
        RefundAnswer::TryAgain { reason, after_ms } => {
            let outcome = again(message, REFUND, ctx.now(), after_ms, reason.clone());
            let given_up = outcome.state == "dead";
            (outcome, given_up.then_some((None, RefundNews::Undecided { reason })))
        }
    }
}

/// Commits the outcome and the news. If the payment was changed meanwhile, decides again; if the
/// message is somebody else's by now, leaves it to them.
async fn conclude(
    ctx: &Ctx,
    refund: &RefundOrder,
    outcome: Sent,
    news: News,
) -> Result<bool, Problem> {
    let arrived = outcome.state == "sent";
    for _ in 0..3 {
        let mut change = Change::new(Actor::Dispatch, ctx.now());
        if let Some((theirs, news)) = news.clone() {
            tell(ctx, &mut change, refund, theirs, news).await?;
        }
        if ctx.commit_sent(&change, vec![outcome.clone()]).await? == Outcome::Applied {
            return Ok(arrived);
        }
    }
    Ok(false)
}

async fn tell(
    ctx: &Ctx,
    change: &mut Change,
    refund: &RefundOrder,
    theirs: Option<String>,
    news: RefundNews,
) -> Result<(), Problem> {
    let id = &refund.refund;
    match &refund.from {
        RefundedFrom::Payment(payment) => {
            let mut found = ctx.store.refund(payment, id).await?;
            if let Some(payment) = &mut found.payment {
                refund_told(change, payment, &mut found.cases, id, theirs, news);
            }
        }
        RefundedFrom::Suspense(item) => {
            if let Some(mut item) = ctx.store.load::<Suspense>(item.as_str()).await? {
                suspense_refund_told(change, &mut item, id, theirs, news);
            }
        }
    }
    Ok(())
}
