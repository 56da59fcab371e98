//! Tells one endpoint of a merchant, as Standard Webhooks describes it. How it went is taken over
//! by the endpoint in the same commit: days of failures disable it.

use crate::schedule::{MERCHANT, again, dead, sent, skipped, timed};
use crate::{claim, conclude};
use domain::{
    Actor, Change, Endpoint, EndpointId, EndpointState, Millis, Stored, Went, endpoint_heard,
};
use edge::{Ctx, Problem, views};
use messages::address::may_be_called;
use messages::webhook::{Event, Heard, heard, request};
use serde_json::Value;
use store::{DueMessage, Outcome, Sent};

/// An event of one endpoint.
pub struct Told {
    pub event: String,
    pub kind: String,
    pub at: Millis,
    pub data: Value,
}

pub async fn tell(
    ctx: &Ctx,
    mut message: DueMessage,
    id: &EndpointId,
    told: &Told,
) -> Result<bool, Problem> {
    let Some(endpoint) = ctx.store.load::<Endpoint>(id.as_str()).await? else {
        return conclude(ctx, skipped(&message, "there is no such endpoint".to_owned())).await;
    };
    if matches!(endpoint.doc.state, EndpointState::Disabled { .. }) {
        return conclude(ctx, dead(&message, "the endpoint is disabled".to_owned())).await;
    }
    // The shop's own network may have become forbidden after the endpoint was opened.
    let private = ctx.variable("private_webhook_hosts").await?;
    if let Err(why) = may_be_called(&endpoint.doc.settings.url, &private) {
        return conclude(ctx, dead(&message, why.to_string())).await;
    }
    if !claim(ctx, &mut message).await? {
        return Ok(false);
    }
    let (outcome, went) = attempt(ctx, &message, &endpoint, told).await;
    take_over(ctx, id, outcome, went).await
}

/// One attempt. A request that cannot be made is over, and says nothing about the endpoint.
async fn attempt(
    ctx: &Ctx,
    message: &DueMessage,
    endpoint: &Stored<Endpoint>,
    told: &Told,
) -> (Sent, Option<Went>) {
    let (at, began) = (views::time(told.at), ctx.now());
    let event = Event { id: &told.event, kind: &told.kind, at: &at, data: &told.data };
    let asked = match request(&endpoint.doc, &event, message.trace.as_deref(), began) {
        Ok(request) => ctx.env.fetch(request).await,
        Err(why) => return (dead(message, why), None),
    };
    let now = ctx.now();
    let took = now.0 - began.0;
    let again = |asked, note| again(message, MERCHANT, now, asked, note);
    match asked {
        Err(error) => (timed(again(None, error.to_string()), took, None), Some(Went::Failed)),
        Ok(answer) => {
            let status = answer.status().as_u16();
            let note = format!("answered {status}");
            let (outcome, went) = match heard(&answer, now) {
                Heard::Arrived => (sent(message, note), Went::Arrived),
                Heard::Gone => (dead(message, note), Went::Gone),
                Heard::Failed { after_ms } => (again(after_ms, note), Went::Failed),
            };
            (timed(outcome, took, Some(status)), Some(went))
        }
    }
}

/// Commits the outcome with what it means for the endpoint. If others changed the endpoint each
/// time, the outcome alone counts: the next delivery tells it again.
async fn take_over(
    ctx: &Ctx,
    id: &EndpointId,
    outcome: Sent,
    went: Option<Went>,
) -> Result<bool, Problem> {
    let policy = ctx.policy().await?;
    let arrived = outcome.state == "sent";
    for _ in 0..3 {
        let mut change = Change::new(Actor::Dispatch, ctx.now());
        let known = ctx.store.load::<Endpoint>(id.as_str()).await?;
        if let (Some(mut endpoint), Some(went)) = (known, went) {
            endpoint_heard(&mut change, &mut endpoint, went, &policy);
        }
        if ctx.commit_sent(&change, vec![outcome.clone()]).await? == Outcome::Applied {
            return Ok(arrived);
        }
    }
    conclude(ctx, outcome).await
}
