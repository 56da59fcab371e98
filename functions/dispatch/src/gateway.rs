//! Asks a payment gateway to pay back. What it answers is taken in with the message's outcome, in
//! one commit; its webhook may say the same before or after.

use domain::{Actor, Change, RefundNews, RefundOrder, refund_told};
use edge::{Ctx, Problem};
use gateways::{Gateway, RefundAnswer, Stripe};
use store::{DueMessage, Outcome, Sent};

use crate::schedule::{REFUND, again, dead, sent};

pub async fn ask(ctx: &Ctx, message: &DueMessage, refund: &RefundOrder) -> Result<bool, Problem> {
    let gateway = stripe(ctx).await?;
    if refund.gateway.as_str() != gateway.name() {
        let outcome = dead(message, format!("no way to ask {}", refund.gateway));
        return conclude(ctx, refund, outcome, None).await;
    }
    let answer = match gateway.refund_request(refund, ctx.now()) {
        Err(why) => RefundAnswer::Refused { reason: why.to_string() },
        Ok(request) => match ctx.env.fetch(request).await {
            Ok(response) => gateway.refund_answer(refund, &response),
            Err(error) => RefundAnswer::TryAgain { reason: error.to_string(), after_ms: None },
        },
    };
    let (outcome, news) = match answer {
        RefundAnswer::Succeeded { theirs } => {
            (sent(message, "refunded".to_owned()), Some((Some(theirs), RefundNews::Succeeded)))
        }
        RefundAnswer::Pending { theirs } => {
            (sent(message, "accepted".to_owned()), Some((Some(theirs), RefundNews::Pending)))
        }
        RefundAnswer::Refused { reason } => {
            (dead(message, reason.clone()), Some((None, RefundNews::Failed { reason })))
        }
        RefundAnswer::TryAgain { reason, after_ms } => {
            let outcome = again(message, REFUND, ctx.now(), after_ms, reason.clone());
            let given_up = outcome.state == "dead";
            (outcome, given_up.then_some((None, RefundNews::Failed { reason })))
        }
    };
    conclude(ctx, refund, outcome, news).await
}

async fn stripe(ctx: &Ctx) -> Result<Stripe, Problem> {
    Ok(Stripe {
        secrets: Vec::new(),
        api_key: ctx.variable("stripe_api_key").await?,
        api_base: ctx.variable("stripe_api_base").await?,
        livemode: false,
    })
}

/// Commits the outcome and the news. If the payment was changed meanwhile, decides again; if the
/// message is somebody else's by now, leaves it to them.
async fn conclude(
    ctx: &Ctx,
    refund: &RefundOrder,
    outcome: Sent,
    news: Option<(Option<String>, RefundNews)>,
) -> Result<bool, Problem> {
    let arrived = outcome.state == "sent";
    for _ in 0..3 {
        let mut change = Change::new(Actor::Dispatch, ctx.now());
        if let Some((theirs, news)) = &news {
            let id = Some(refund.refund.as_str());
            let found = ctx.store.payment_and_orders(&refund.payment, id, None).await?;
            if let Some(mut found) = found {
                let (theirs, news) = (theirs.clone(), news.clone());
                let (payment, case) = (&mut found.payment, found.case.as_mut());
                refund_told(&mut change, payment, case, &refund.refund, theirs, news);
            }
        }
        if ctx.commit_sent(&change, vec![outcome.clone()]).await? == Outcome::Applied {
            return Ok(arrived);
        }
    }
    Ok(false)
}
