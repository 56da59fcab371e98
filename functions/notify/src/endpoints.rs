//! Where a merchant's own systems are told of events. Several endpoints, each with its own secret
//! and its own choice of events. A secret is shown once, when it is made.

use crate::view;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::{
    Change, Endpoint, EndpointId, EndpointSecret, EndpointSettings, EndpointState, MerchantId,
    Stored, change_endpoint, open_endpoint,
};
use edge::{Answer, Ctx, Principal, Problem, Request, Response, Role, json, parse_json};
use http::{StatusCode, header};
use messages::address::may_be_called;
use messages::webhook::sign;
use serde::Deserialize;
use serde_json::{Value, json as value};

const OWNERS: [Role; 2] = [Role::Merchant, Role::Operator];
const READERS: [Role; 3] = [Role::Merchant, Role::Support, Role::Operator];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wish {
    /// Whose; a merchant's own if they do not say.
    #[serde(default)]
    merchant: Option<MerchantId>,
    url: String,
    #[serde(default)]
    events: Vec<String>,
    #[serde(default)]
    contact: Option<String>,
    /// Their own secret, where their systems have one already. Otherwise one is made.
    #[serde(default)]
    secret: Option<String>,
}

/// `whsec_` and 32 random bytes.
pub fn new_secret(ctx: &Ctx) -> String {
    let random = [ctx.env.random(), ctx.env.random()].map(u128::to_be_bytes);
    format!("whsec_{}", STANDARD.encode(random.concat()))
}

async fn must_be_callable(ctx: &Ctx, url: &str) -> Result<(), Problem> {
    let private = ctx.variable("private_webhook_hosts").await?;
    may_be_called(url, &private)
        .map_err(|why| Problem::invalid("#/url", "not_callable", why.to_string()))
}

/// The merchant that somebody speaks of, and may speak for.
fn whose(who: &Principal, named: Option<String>) -> Result<MerchantId, Problem> {
    let missing = || Problem::bad_request("no_merchant", "the merchant is not named");
    let id = named.or_else(|| who.merchant.clone()).ok_or_else(missing)?;
    who.acts_for(&id)?;
    MerchantId::parse(&id).map_err(|_| Problem::not_found("merchant"))
}

/// An endpoint that somebody may see; for others it does not exist.
pub async fn endpoint_of(
    ctx: &Ctx,
    who: &Principal,
    id: &str,
) -> Result<Stored<Endpoint>, Problem> {
    let unknown = || Problem::not_found("endpoint");
    let id = EndpointId::parse(id).map_err(|_| unknown())?;
    let known = ctx.store.load::<Endpoint>(id.as_str()).await?.ok_or_else(unknown)?;
    who.acts_for(known.doc.merchant.as_str()).map_err(|_| unknown())?;
    Ok(known)
}

pub async fn list(ctx: &Ctx, request: &Request) -> Result<Response, Problem> {
    let who = ctx.principal(request, &READERS).await?;
    let merchant = whose(&who, request.query("merchant"))?;
    let known = ctx.store.endpoints_of(merchant.as_str()).await?;
    let endpoints: Vec<Value> = known.iter().map(|e| view::endpoint(&e.doc, ctx.now())).collect();
    Ok(json(StatusCode::OK, &value!({"endpoints": endpoints})))
}

pub async fn show(ctx: &Ctx, request: &Request, id: &str) -> Result<Response, Problem> {
    let who = ctx.principal(request, &READERS).await?;
    let known = endpoint_of(ctx, &who, id).await?;
    Ok(ctx.show(request, known.version, &view::endpoint(&known.doc, ctx.now())))
}

pub async fn open(ctx: &Ctx, request: &Request) -> Result<Response, Problem> {
    let who = ctx.principal(request, &OWNERS).await?;
    let body = request.json_bytes().await?;
    let Wish { merchant, url, events, contact, secret } = parse_json(&body)?;
    let merchant = whose(&who, merchant.map(String::from))?;
    let settings = EndpointSettings { url, events, contact };
    must_be_callable(ctx, &settings.url).await?;
    if secret.as_deref().is_some_and(|secret| sign(secret, "check", 0, b"").is_err()) {
        let detail = "whsec_ and base64 of 24 to 64 bytes";
        return Err(Problem::invalid("#/secret", "not_a_secret", detail));
    }
    let secret = secret.unwrap_or_else(|| new_secret(ctx));
    let decide = async || {
        if ctx.store.load::<domain::Merchant>(merchant.as_str()).await?.is_none() {
            return Err(Problem::invalid("#/merchant", "unknown_merchant", "no such merchant"));
        }
        let known = ctx.store.endpoints_of(merchant.as_str()).await?;
        let mut change = Change::new(who.actor(), ctx.now());
        let endpoint = Endpoint {
            id: EndpointId::mint(&mut ctx.ids()),
            merchant: merchant.clone(),
            settings: settings.clone(),
            secrets: vec![EndpointSecret { secret: secret.clone(), until: None }],
            opened_at: ctx.now(),
            state: EndpointState::Enabled { failing_since: None },
        };
        let endpoint = open_endpoint(&mut change, &known, endpoint)?;
        let location = format!("/v1/endpoints/{}", endpoint.doc.id);
        let shown = view::with_secret(view::endpoint(&endpoint.doc, ctx.now()), &secret);
        Ok((change, Answer::created(location, shown).at_version(1)))
    };
    ctx.change_once(request, &who, &body, decide).await
}

/// Replaces what its owner may change. `If-Match` is needed, so that nobody's change is lost.
pub async fn put(ctx: &Ctx, request: &Request, id: &str) -> Result<Response, Problem> {
    let who = ctx.principal(request, &OWNERS).await?;
    let body = request.json_bytes().await?;
    let settings: EndpointSettings = parse_json(&body)?;
    must_be_callable(ctx, &settings.url).await?;
    let decide = async || {
        let mut endpoint = endpoint_of(ctx, &who, id).await?;
        if endpoint.doc.settings != settings && request.header(header::IF_MATCH.as_str()).is_none()
        {
            let status = StatusCode::PRECONDITION_REQUIRED;
            let detail = "If-Match must name the version that is replaced";
            return Err(Problem::new(status, "if_match_needed", detail));
        }
        ctx.if_match(request, endpoint.version)?;
        let mut change = Change::new(who.actor(), ctx.now());
        change_endpoint(&mut change, &mut endpoint, settings.clone())?;
        let version = if change.is_empty() { endpoint.version } else { endpoint.version + 1 };
        Ok((change, (version, endpoint.doc)))
    };
    let (version, endpoint) = ctx.change(request, decide).await?;
    Ok(ctx.show(request, version, &view::endpoint(&endpoint, ctx.now())))
}
