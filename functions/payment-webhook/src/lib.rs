//! payment-webhook: a payment gateway tells us how a payment went.
//!
//! Gateways repeat themselves until they get an answer, so a repeat is answered like the first time
//! and changes nothing. The answer is given only after the fact and its verdict are stored.

use domain::{Actor, Change, Fact, FactKind, Millis, PaymentFact, record_payment_fact};
use edge::{Ctx, JSON_BYTES_AT_MOST, Problem, Request, Response};
use gateways::{Delivery, Gateway, Heard, Settings, Unheard, receiving};
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
            let account = gateway.account();
            for fact in &facts {
                record(ctx, request, (fact, account.as_deref()), &raw).await?;
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
async fn gateway(ctx: &Ctx, name: &str) -> Result<Box<dyn Gateway>, Problem> {
    let names = receiving(name).ok_or_else(|| Problem::not_found("gateway"))?;
    let mut settings = Settings::default();
    for name in names {
        settings.set(name, ctx.variable(name).await?);
    }
    let gateway = settings.gateway(name).map_err(|fault| {
        eprintln!("{name} is not configured right: {fault}");
        let status = StatusCode::INTERNAL_SERVER_ERROR;
        Problem::new(status, "not_configured", "the gateway is not configured right")
    })?;
    gateway.ok_or_else(|| Problem::not_found("gateway"))
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
    (fact, account): (&PaymentFact, Option<&str>),
    raw: &str,
) -> Result<(), Problem> {
    let decide = async || {
        let actor = Actor::Gateway(fact.gateway.to_string());
        let mut change = Change::new(actor, ctx.now());
        if ctx.store.knows_fact(&fact.key()).await? {
            return Ok((change, ()));
        }
        let situation = ctx.payment_situation(fact, account).await?;
        record_payment_fact(&mut change, situation, fact, Some(raw.to_owned()), &mut ctx.ids());
        Ok((change, ()))
    };
    ctx.change(request, decide).await
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
