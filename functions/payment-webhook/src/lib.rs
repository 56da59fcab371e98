//! payment-webhook: a payment gateway tells us how a payment went.
//!
//! Gateways repeat themselves until they get an answer, so a repeat is answered like the first time
//! and changes nothing. The answer is given only after the fact and its verdict are stored.

use domain::{
    Actor, Change, Fact, FactKind, Millis, PaymentFact, PaymentNews, PaymentSituation,
    record_payment_fact,
};
use edge::{Ctx, JSON_BYTES_AT_MOST, Problem, Request, Response};
use gateways::{Delivery, Gateway, Heard, Stripe, Unheard};
use http::{Method, StatusCode};

pub async fn handle(ctx: &Ctx, request: &Request) -> Result<Response, Problem> {
    if request.method != Method::POST {
        return Err(Problem::method_not_allowed("POST"));
    }
    let gateway = gateway(ctx, request.segments().last().copied().unwrap_or_default()).await?;
    let body = request.bytes(JSON_BYTES_AT_MOST).await?;
    let delivery = Delivery { headers: &request.headers, body: &body, now: ctx.now() };
    let raw = String::from_utf8_lossy(&body);
    match gateway.read(&delivery) {
        Ok(Heard::Facts(facts)) => {
            for fact in &facts {
                record(ctx, request, fact, &raw).await?;
            }
        }
        Ok(Heard::Nothing { event_id }) => {
            note(ctx, request, gateway.name(), &event_id, &raw).await?;
        }
        Err(why) => return gateway.refuse(&why).map_or_else(|| Err(problem(&why)), Ok),
    }
    Ok(gateway.acknowledge())
}

/// The gateway of the path. One that the shop has not configured does not exist.
async fn gateway(ctx: &Ctx, name: &str) -> Result<impl Gateway, Problem> {
    let secrets = Stripe::secrets_from(&ctx.variable("stripe_webhook_secrets").await?);
    if name != Stripe::NAME || secrets.is_empty() {
        return Err(Problem::not_found("gateway"));
    }
    let livemode = ctx.variable("stripe_livemode").await? == "true";
    Ok(Stripe { secrets, api_key: String::new(), api_base: String::new(), livemode })
}

fn problem(why: &Unheard) -> Problem {
    match why {
        Unheard::BadSignature(_) => Problem::unauthorized("bad_signature", why.to_string()),
        Unheard::TooOld => Problem::unauthorized("signature_too_old", why.to_string()),
        Unheard::Unreadable(_) => {
            Problem::new(StatusCode::BAD_REQUEST, "unreadable", why.to_string())
        }
    }
}

async fn record(
    ctx: &Ctx,
    request: &Request,
    fact: &PaymentFact,
    raw: &str,
) -> Result<(), Problem> {
    let decide = async || {
        let actor = Actor::Gateway(fact.gateway.to_string());
        let mut change = Change::new(actor, ctx.now());
        if ctx.store.knows_fact(&fact.key()).await? {
            return Ok((change, ()));
        }
        let situation = situation(ctx, fact).await?;
        record_payment_fact(&mut change, situation, fact, Some(raw.to_owned()), &mut ctx.ids());
        Ok((change, ()))
    };
    ctx.change(request, decide).await
}

async fn situation(ctx: &Ctx, fact: &PaymentFact) -> Result<PaymentSituation, Problem> {
    let Some(payment) = &fact.payment else { return Ok(PaymentSituation::default()) };
    let refund = match &fact.what {
        PaymentNews::RefundPending { refund, .. }
        | PaymentNews::RefundSucceeded { refund, .. }
        | PaymentNews::RefundFailed { refund, .. } => Some(refund),
        PaymentNews::Processing
        | PaymentNews::Authorised { .. }
        | PaymentNews::Captured { .. }
        | PaymentNews::Failed { .. }
        | PaymentNews::Cancelled
        | PaymentNews::RefundedInTotal { .. }
        | PaymentNews::Disputed { .. }
        | PaymentNews::DisputeClosed { .. } => None,
    };
    let ours = refund.and_then(|r| r.ours.as_ref()).map(|id| id.as_str());
    let theirs = refund.map(|r| r.theirs.as_str());
    let found = ctx.store.payment_and_orders(payment, ours, theirs).await?;
    Ok(found.map_or_else(PaymentSituation::default, |found| PaymentSituation {
        payment: Some(found.payment),
        orders: found.orders,
        case: found.case,
        account: None,
    }))
}

/// An event that we do not act on is kept all the same.
async fn note(
    ctx: &Ctx,
    request: &Request,
    gateway: &str,
    event_id: &str,
    raw: &str,
) -> Result<(), Problem> {
    let key = ["payment", gateway, event_id].join("\u{1f}");
    let decide = async || {
        let mut change = Change::new(Actor::Gateway(gateway.to_owned()), ctx.now());
        if !ctx.store.knows_fact(&key).await? {
            change.keep(Fact {
                kind: FactKind::Payment,
                subject: String::new(),
                key: key.clone(),
                occurred_at: Millis(ctx.now().0),
                fact: serde_json::json!({ "event_id": event_id }),
                verdict: "not_acted_on".to_owned(),
                raw: Some(raw.to_owned()),
            });
        }
        Ok((change, ()))
    };
    ctx.change(request, decide).await
}

#[cfg(target_family = "wasm")]
#[spin_sdk::http_service]
async fn serve(request: spin_sdk::http::Request) -> edge::spin::SpinResponse {
    edge::spin::serve(request, handle).await
}
