//! Tells a merchant's own systems, as Standard Webhooks describes it.

use bytes::Bytes;
use domain::{Actor, Change, Merchant, MerchantId, Millis};
use edge::{Ctx, Problem, views};
use gateways::webhook;
use http::{Method, Request, Response, StatusCode, header};
use serde_json::{Value, json};
use store::{DueMessage, Sent};

use crate::schedule::{MERCHANT, again, dead, sent};

pub async fn tell(
    ctx: &Ctx,
    message: &DueMessage,
    (merchant, kind, data): (&MerchantId, &str, &Value),
) -> Result<bool, Problem> {
    let known = ctx.store.load::<Merchant>(merchant.as_str()).await?;
    let endpoint = known.and_then(|m| m.doc.webhook);
    let outcome = match endpoint {
        None => sent(message, "the merchant has no endpoint".to_owned()),
        Some(endpoint) => {
            let at = views::time(Millis(message.created_at));
            let body = json!({"type": kind, "timestamp": at, "data": data}).to_string();
            match signed(&endpoint.url, &endpoint.secrets, message, body, ctx.now()) {
                Err(why) => dead(message, why),
                Ok(request) => match ctx.env.fetch(request).await {
                    Ok(response) => heard(ctx, message, &response),
                    Err(error) => again(message, MERCHANT, ctx.now(), None, error.to_string()),
                },
            }
        }
    };
    let arrived = outcome.state == "sent";
    let change = Change::new(Actor::Dispatch, ctx.now());
    ctx.commit_sent(&change, vec![outcome]).await?;
    Ok(arrived)
}

fn signed(
    url: &str,
    secrets: &[String],
    message: &DueMessage,
    body: String,
    now: Millis,
) -> Result<Request<Bytes>, String> {
    let timestamp_s = now.0.div_euclid(1_000);
    let secrets = secrets.iter().map(String::as_str);
    let signature = webhook::sign_with_all(secrets, &message.id, timestamp_s, body.as_bytes())
        .map_err(|_| "the endpoint's secret is not a secret".to_owned())?;
    let mut request = Request::builder()
        .method(Method::POST)
        .uri(url)
        .header(header::CONTENT_TYPE, "application/json")
        .header("webhook-id", &message.id)
        .header("webhook-timestamp", timestamp_s)
        .header("webhook-signature", signature);
    if let Some(trace) = &message.trace {
        request = request.header("traceparent", trace);
    }
    request.body(Bytes::from(body)).map_err(|error| error.to_string())
}

/// 2xx is success and 410 the end; a redirect is a failure like any other, and is not followed.
fn heard(ctx: &Ctx, message: &DueMessage, response: &Response<Bytes>) -> Sent {
    let status = response.status();
    let note = format!("answered {}", status.as_u16());
    if status.is_success() {
        return sent(message, note);
    }
    if status == StatusCode::GONE {
        return dead(message, note);
    }
    let asked = response.headers().get(header::RETRY_AFTER);
    let asked = asked.and_then(|v| v.to_str().ok()).and_then(|v| v.parse::<i64>().ok());
    again(message, MERCHANT, ctx.now(), asked.map(|s| s.saturating_mul(1_000)), note)
}
