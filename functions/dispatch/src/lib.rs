//! dispatch: messages to partners, after the commit that asked for them. Called every second.
//!
//! Who sends a message claims it first, so two callers do not send one at the same time; if the
//! sender dies, the claim runs out and the message is sent again, with the same id.

mod gateway;
mod merchant;
mod schedule;

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
        let results: Vec<Result<bool, Problem>> = sends.collect().await;
        due += results.len();
        sent += results.iter().filter(|r| matches!(r, Ok(true))).count();
        if !more {
            break;
        }
    }
    let body = serde_json::json!({"due": due, "sent": sent});
    Ok(json(StatusCode::OK, &body))
}

/// Claims a message and sends it. True if the receiver has it now.
async fn send(ctx: &Ctx, mut message: DueMessage) -> Result<bool, Problem> {
    let change = Change::new(Actor::Dispatch, ctx.now());
    let claim = Sent {
        id: message.id.clone(),
        attempts: message.attempts,
        claim: 1,
        state: "waiting",
        due_at_ms: ctx.now().plus(CLAIM_MS).0,
        note: Some("being sent".to_owned()),
    };
    if ctx.commit_sent(&change, vec![claim]).await? == Outcome::Refused {
        return Ok(false);
    }
    message.attempts += 1;
    match &message.message {
        Recipient::Gateway { refund } => gateway::ask(ctx, &message, refund).await,
        Recipient::Merchant { merchant, kind, data } => {
            merchant::tell(ctx, &message, (merchant, kind, data)).await
        }
    }
}

#[cfg(target_family = "wasm")]
#[spin_sdk::http_service]
async fn serve(request: spin_sdk::http::Request) -> edge::spin::SpinResponse {
    edge::spin::serve(request, handle).await
}
