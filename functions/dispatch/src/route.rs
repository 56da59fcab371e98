//! Who hears a message: the merchant's endpoints that listen, the channels that the buyer wants.
//! Each gets a message of its own, in the same commit that ends this one.

use crate::Done;
use crate::schedule::{routed, skipped};
use domain::{
    Actor, BuyerId, Change, Effect, MerchantId, Message, Milestone, Millis, OrderId, Recipient,
    Silence, channels_for,
};
use edge::{Ctx, Problem};
use serde_json::Value;
use store::{DueMessage, Outcome};

pub async fn merchant(
    ctx: &Ctx,
    message: &DueMessage,
    (merchant, kind, data): (MerchantId, String, Value),
) -> Result<Done, Problem> {
    let endpoints = ctx.store.endpoints_of(merchant.as_str()).await?;
    let to = endpoints.into_iter().filter(|e| e.doc.listens_to(&kind)).map(|endpoint| {
        let id = format!("{}:{}", message.id, endpoint.doc.id);
        let to = Recipient::Endpoint {
            endpoint: endpoint.doc.id,
            merchant: merchant.clone(),
            event: message.id.clone(),
            kind: kind.clone(),
            at: Millis(message.created_at),
            data: data.clone(),
        };
        Message { id, to }
    });
    made_of(ctx, message, to.collect(), "the merchant has no endpoint for it").await
}

pub async fn buyer(
    ctx: &Ctx,
    message: &DueMessage,
    (buyer, order, news): (BuyerId, OrderId, Milestone),
) -> Result<Done, Problem> {
    let known = ctx.store.news_of(buyer.as_str(), order.as_str()).await?;
    let profile = known.as_ref().and_then(|known| known.buyer.as_ref());
    let (channels, language) = match channels_for(profile, news.topic()) {
        Ok(wanted) => wanted,
        Err(Silence::OptedOut) => {
            let why = format!("the buyer wants no news of {}", news.topic().word());
            return made_of(ctx, message, Vec::new(), &why).await;
        }
        Err(Silence::NoAddress) => {
            let why = "the buyer has no address for the channels they want";
            return made_of(ctx, message, Vec::new(), why).await;
        }
    };
    let to = channels.into_iter().map(|by| {
        let id = format!("{}:{}", message.id, by.word());
        let (buyer, order, news) = (buyer.clone(), order.clone(), news.clone());
        Message { id, to: Recipient::Channel { buyer, order, news, by, language } }
    });
    made_of(ctx, message, to.collect(), "").await
}

/// Ends a message with those that are made of it, or without any.
async fn made_of(
    ctx: &Ctx,
    message: &DueMessage,
    made: Vec<Message>,
    why_none: &str,
) -> Result<Done, Problem> {
    let mut change = Change::new(Actor::Dispatch, ctx.now());
    let outcome = match made.len() {
        0 => skipped(message, why_none.to_owned()),
        count => routed(message, count),
    };
    let done = if made.is_empty() { Done::Not } else { Done::Routed };
    for one in made {
        change.effect(Effect::Send(one));
    }
    match ctx.commit_routed(&change, outcome, message.trace.as_deref()).await? {
        Outcome::Applied => Ok(done),
        Outcome::Refused => Ok(Done::Not),
    }
}
