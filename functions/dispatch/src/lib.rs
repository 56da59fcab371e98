//! dispatch: messages to partners, merchants and buyers, after the commit that asked for them.
//! Called every second.
//!
//! Who sends a message claims it first, so two callers do not send one at the same time; if the
//! sender dies, the claim runs out and the message is sent again, with the same id. What goes to a
//! merchant or a buyer is routed first: one message becomes one for each endpoint or channel.

mod channel;
mod endpoint;
mod gateway;
mod inquiry;
mod providers;
mod route;
mod schedule;
mod tracker;
mod waybill;

use domain::{Actor, Change, Recipient};
use edge::{Ctx, Problem, Request, Response, json};
use futures::StreamExt;
use futures::stream::FuturesUnordered;
use http::{Method, StatusCode};
use store::{DueMessage, Outcome, Sent};

/// So many messages are sent at the same time,
const MESSAGES_AT_ONCE: i64 = 100;
/// and so many times in one call while there are more.
const ROUNDS_AT_MOST: usize = 20;
/// How long a claim holds: longer than any partner is waited for.
const CLAIM_MS: i64 = 60_000;

/// What became of a message in this round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Done {
    /// The receiver has it now.
    Arrived,
    /// Others were made of it, and they are due.
    Routed,
    Not,
}

pub async fn handle(ctx: &Ctx, request: &Request) -> Result<Response, Problem> {
    if request.method != Method::POST {
        return Err(Problem::method_not_allowed("POST"));
    }
    ctx.scheduler(request).await?;
    let (mut due, mut sent) = (0, 0);
    for _ in 0..ROUNDS_AT_MOST {
        let messages = ctx.store.due_messages(ctx.now().0, MESSAGES_AT_ONCE).await?;
        let more = i64::try_from(messages.len()).unwrap_or(0) == MESSAGES_AT_ONCE;
        let sends: FuturesUnordered<_> = messages.into_iter().map(|m| send(ctx, m)).collect();
        let results: Vec<Result<Done, Problem>> = sends.collect().await;
        let count =
            |done: Done| results.iter().filter(|r| matches!(r, Ok(d) if *d == done)).count();
        due += results.len();
        sent += count(Done::Arrived);
        if !more && count(Done::Routed) == 0 {
            break;
        }
    }
    let body = serde_json::json!({"due": due, "sent": sent});
    Ok(json(StatusCode::OK, &body))
}

async fn send(ctx: &Ctx, mut message: DueMessage) -> Result<Done, Problem> {
    match message.message.clone() {
        Recipient::Gateway { order } => {
            if !claim(ctx, &mut message).await? {
                return Ok(Done::Not);
            }
            gateway::ask(ctx, &message, &order).await.map(arrived)
        }
        Recipient::Waybills { order } => {
            if !claim(ctx, &mut message).await? {
                return Ok(Done::Not);
            }
            waybill::ask(ctx, &message, &order).await.map(arrived)
        }
        Recipient::Tracker { ask } => tracker::ask(ctx, message, &ask).await.map(arrived),
        Recipient::Merchant { merchant, kind, data } => {
            route::merchant(ctx, &message, (merchant, kind, data)).await
        }
        Recipient::Buyer { buyer, order, news } => {
            route::buyer(ctx, &message, (buyer, order, news)).await
        }
        Recipient::Endpoint { endpoint, event, kind, at, data, .. } => {
            let told = endpoint::Told { event, kind, at, data };
            endpoint::tell(ctx, message, &endpoint, &told).await.map(arrived)
        }
        Recipient::Channel { buyer, order, news, by, language } => {
            let told = channel::Told { buyer, order, news, by, language };
            channel::tell(ctx, message, &told).await.map(arrived)
        }
        Recipient::Caretaker { endpoint, merchant, at } => {
            channel::warn(ctx, message, (&endpoint, &merchant), at).await.map(arrived)
        }
    }
}

fn arrived(it_has: bool) -> Done {
    if it_has { Done::Arrived } else { Done::Not }
}

/// Claims a message for sending. False if somebody else has it.
async fn claim(ctx: &Ctx, message: &mut DueMessage) -> Result<bool, Problem> {
    let change = Change::new(Actor::Dispatch, ctx.now());
    let claim = schedule::claim(message, ctx.now().plus(CLAIM_MS));
    if ctx.commit_sent(&change, vec![claim]).await? == Outcome::Refused {
        return Ok(false);
    }
    message.attempts += 1;
    Ok(true)
}

/// Commits what became of a message that changes nothing else. True if the receiver has it.
async fn conclude(ctx: &Ctx, outcome: Sent) -> Result<bool, Problem> {
    let arrived = outcome.state == "sent";
    let change = Change::new(Actor::Dispatch, ctx.now());
    let applied = ctx.commit_sent(&change, vec![outcome]).await? == Outcome::Applied;
    Ok(arrived && applied)
}

#[cfg(target_family = "wasm")]
#[spin_sdk::http_service]
async fn serve(request: spin_sdk::http::Request) -> edge::spin::SpinResponse {
    edge::spin::serve(request, handle).await
}
