//! Asks a gateway how a payment went. What it answers is recorded like webhooks' facts; if that
//! stops half-way, the message is sent again, and facts that are known are left out.

use domain::{Actor, Change, PaymentFact, PaymentInquiry, record_payment_fact};
use edge::{Ctx, Problem};
use gateways::PaymentAnswer;
use store::{DueMessage, Outcome, Sent};

use crate::gateway::gateway;
use crate::schedule::{INQUIRY, again, dead, sent};

pub async fn find(ctx: &Ctx, message: &DueMessage, ask: &PaymentInquiry) -> Result<bool, Problem> {
    let (answer, account) = match gateway(ctx, ask.gateway.as_str()).await? {
        Err(reason) => (PaymentAnswer::Refused { reason }, None),
        Ok(gateway) => {
            let answer = match gateway.payment_query(ask, ctx.now()) {
                Err(why) => PaymentAnswer::Refused { reason: why.to_string() },
                Ok(request) => match ctx.env.fetch(request).await {
                    Ok(response) => gateway.payment_answer(ask, &response, ctx.now()),
                    Err(error) => {
                        PaymentAnswer::TryAgain { reason: error.to_string(), after_ms: None }
                    }
                },
            };
            (answer, gateway.account())
        }
    };
    let (outcome, facts) = match answer {
        PaymentAnswer::Facts(facts) => (sent(message, format!("{} facts", facts.len())), facts),
        PaymentAnswer::Nothing => (sent(message, "nothing known".to_owned()), Vec::new()),
        PaymentAnswer::Refused { reason } => (dead(message, reason), Vec::new()),
        PaymentAnswer::TryAgain { reason, after_ms } => {
            (again(message, INQUIRY, ctx.now(), after_ms, reason), Vec::new())
        }
    };
    conclude(ctx, outcome, &facts, account.as_deref()).await
}

/// Each fact is a commit of its own, because each is decided on what the one before has changed.
async fn conclude(
    ctx: &Ctx,
    outcome: Sent,
    facts: &[PaymentFact],
    account: Option<&str>,
) -> Result<bool, Problem> {
    let arrived = outcome.state == "sent";
    for fact in facts {
        if !take(ctx, fact, account).await? {
            return Ok(false);
        }
    }
    let change = Change::new(Actor::Dispatch, ctx.now());
    let concluded = ctx.commit_sent(&change, vec![outcome]).await? == Outcome::Applied;
    Ok(arrived && concluded)
}

/// Whether the fact is stored now. If not, the claim on the message runs out and it is asked again.
async fn take(ctx: &Ctx, fact: &PaymentFact, account: Option<&str>) -> Result<bool, Problem> {
    for _ in 0..3 {
        if ctx.store.knows_fact(&fact.key()).await? {
            return Ok(true);
        }
        let mut change = Change::new(Actor::Gateway(fact.gateway.to_string()), ctx.now());
        let situation = ctx.payment_situation(fact, account).await?;
        record_payment_fact(&mut change, situation, fact, None, &mut ctx.ids());
        if ctx.commit_sent(&change, Vec::new()).await? == Outcome::Applied {
            return Ok(true);
        }
    }
    Ok(false)
}
