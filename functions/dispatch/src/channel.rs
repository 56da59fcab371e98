//! Tells a buyer by one channel, and whoever looks after an endpoint by e-mail. Addresses are
//! looked up when something is sent; nothing keeps a copy of them.

use crate::providers::provider;
use crate::schedule::{BUYER, again, dead, sent, skipped, timed};
use crate::{claim, conclude};
use domain::{
    BuyerId, Channel, Endpoint, EndpointId, EndpointSettings, Language, Merchant, MerchantId,
    Milestone, Millis, OrderId, addresses,
};
use edge::{Ctx, Problem};
use messages::{About, CannotSend, Letter, Words};
use store::DueMessage;

/// A milestone for one buyer by one channel.
pub struct Told {
    pub buyer: BuyerId,
    pub order: OrderId,
    pub news: Milestone,
    pub by: Channel,
    pub language: Language,
}

pub async fn tell(ctx: &Ctx, message: DueMessage, told: &Told) -> Result<bool, Problem> {
    let known = ctx.store.news_of(told.buyer.as_str(), told.order.as_str()).await?;
    let Some(known) = known else {
        return conclude(ctx, skipped(&message, "there is no such order".to_owned())).await;
    };
    let to = addresses(known.buyer.as_ref(), &known.phone, told.by);
    let about = About {
        number: known.number.as_str(),
        shop: &known.shop,
        goods: &known.goods,
        kinds: known.kinds,
        pieces: known.pieces,
    };
    let words = Words::of(&told.news, &about, told.language);
    send(ctx, message, (told.by, &to), &words, told.order.as_str()).await
}

/// An endpoint was disabled.
pub async fn warn(
    ctx: &Ctx,
    message: DueMessage,
    (endpoint, merchant): (&EndpointId, &MerchantId),
    at: Millis,
) -> Result<bool, Problem> {
    let known = ctx.store.load::<Endpoint>(endpoint.as_str()).await?;
    let Some(EndpointSettings { url, contact, .. }) = known.map(|known| known.doc.settings) else {
        return conclude(ctx, skipped(&message, "there is no such endpoint".to_owned())).await;
    };
    let to = match contact {
        Some(address) => vec![address],
        None => {
            let merchant = ctx.store.load::<Merchant>(merchant.as_str()).await?;
            let contacts = merchant.map(|merchant| merchant.doc.contacts).unwrap_or_default();
            contacts.into_iter().find_map(|contact| contact.email).into_iter().collect()
        }
    };
    let words = Words::endpoint_disabled(&url, at);
    send(ctx, message, (Channel::Email, &to), &words, endpoint.as_str()).await
}

async fn send(
    ctx: &Ctx,
    mut message: DueMessage,
    (by, to): (Channel, &[String]),
    words: &Words,
    subject: &str,
) -> Result<bool, Problem> {
    if to.is_empty() {
        let why = format!("there is no address for {}", by.word());
        return conclude(ctx, skipped(&message, why)).await;
    }
    let provider = provider(ctx, by).await?;
    // A repeat is the same message for the provider; one that a person wants is another one.
    let key = match message.asked {
        0 => message.id.clone(),
        asked => format!("{}:again-{asked}", message.id),
    };
    let attempt = message.attempts + 1;
    let letter = Letter { key: &key, attempt, to, words, order: subject };
    let began = ctx.now();
    let request = match provider.request(&letter, began) {
        Ok(request) => request,
        Err(why @ CannotSend::NotConfigured(_)) => {
            return conclude(ctx, skipped(&message, why.to_string())).await;
        }
        Err(why) => return conclude(ctx, dead(&message, why.to_string())).await,
    };
    if !claim(ctx, &mut message).await? {
        return Ok(false);
    }
    let answer = ctx.env.fetch(request).await;
    let now = ctx.now();
    let named = |words: &str| format!("{}: {words}", provider.name());
    let status = answer.as_ref().ok().map(|answer| answer.status().as_u16());
    let outcome = match answer.map(|answer| provider.answer(&answer)) {
        Ok(messages::Told::Accepted { theirs }) => sent(&message, named(&theirs)),
        Ok(messages::Told::Refused { reason }) => dead(&message, named(&reason)),
        Ok(messages::Told::TryAgain { reason, after_ms }) => {
            again(&message, BUYER, now, after_ms, named(&reason))
        }
        Err(error) => again(&message, BUYER, now, None, named(&error.to_string())),
    };
    conclude(ctx, timed(outcome, now.0 - began.0, status)).await
}
