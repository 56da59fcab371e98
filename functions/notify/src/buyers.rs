//! How a buyer is told of things. Buyers say it themselves, as `me`; support does it for them, sees
//! addresses masked, and in full only when it asks for that, which is logged.

use crate::view;
use domain::{Buyer, BuyerId, Change, Channel, Language, Topic, describe};
use edge::{Ctx, Principal, Problem, Request, Response, Role, parse_json, views};
use http::{StatusCode, header};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

const ROLES: [Role; 2] = [Role::Buyer, Role::Support];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wish {
    #[serde(default)]
    phone: Option<String>,
    #[serde(default)]
    email: Option<String>,
    #[serde(default)]
    push: Vec<String>,
    #[serde(default)]
    language: Language,
    #[serde(default)]
    channels: BTreeMap<Topic, Vec<Channel>>,
    #[serde(default)]
    opted_out: BTreeSet<Topic>,
}

/// A buyer is only themselves; nobody else exists for them.
fn named(who: &Principal, id: &str) -> Result<BuyerId, Problem> {
    let own = who.role == Role::Buyer;
    let id = if own && id == "me" { who.sub.as_str() } else { id };
    let known = BuyerId::parse(id).map_err(|_| Problem::not_found("buyer"))?;
    if own && known.as_str() != who.sub { Err(Problem::not_found("buyer")) } else { Ok(known) }
}

pub async fn show(ctx: &Ctx, request: &Request, id: &str) -> Result<Response, Problem> {
    let who = ctx.principal(request, &ROLES).await?;
    let id = named(&who, id)?;
    let known = ctx.store.load::<Buyer>(id.as_str()).await?;
    let known = known.ok_or_else(|| Problem::not_found("buyer"))?;
    let full = who.role == Role::Buyer || request.query("personal").as_deref() == Some("full");
    if full && who.role != Role::Buyer {
        eprintln!("{} has seen the addresses of the buyer {id}", who.sub);
    }
    let personal = if full { views::Personal::Full } else { views::Personal::Masked };
    Ok(ctx.show(request, known.version, &view::buyer(&known.doc, personal)))
}

/// Makes it or replaces it. `If-Match` is needed to replace what is there, so that nobody's change
/// is lost.
pub async fn put(ctx: &Ctx, request: &Request, id: &str) -> Result<Response, Problem> {
    let who = ctx.principal(request, &ROLES).await?;
    let body = request.json_bytes().await?;
    let Wish { phone, email, push, language, channels, opted_out } = parse_json(&body)?;
    let id = named(&who, id)?;
    let wanted = Buyer { id, phone, email, push, language, channels, opted_out }.tidied()?;
    let decide = async || {
        let known = ctx.store.load::<Buyer>(wanted.id.as_str()).await?;
        if let Some(known) = known.as_ref().filter(|known| known.doc != wanted) {
            if request.header(header::IF_MATCH.as_str()).is_none() {
                let status = StatusCode::PRECONDITION_REQUIRED;
                let detail = "If-Match must name the version that is replaced";
                return Err(Problem::new(status, "if_match_needed", detail));
            }
            ctx.if_match(request, known.version)?;
        }
        let (new, version) = (known.is_none(), known.as_ref().map_or(0, |known| known.version));
        let mut change = Change::new(who.actor(), ctx.now());
        describe(&mut change, known, wanted.clone());
        let version = if change.is_empty() { version } else { version + 1 };
        Ok((change, (new, version)))
    };
    let (new, version) = ctx.change(request, decide).await?;
    let shown = view::buyer(&wanted, views::Personal::Full);
    let mut response = ctx.show(request, version, &shown);
    if new {
        *response.status_mut() = StatusCode::CREATED;
    }
    Ok(response)
}
