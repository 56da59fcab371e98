//! Where an order's parcels are, in words: ours for what each step means, beside the carrier's.

use crate::show::{ROLES, visible};
use domain::KeptAs;
use edge::{Ctx, Problem, Request, Response, json, language, views};
use http::{HeaderValue, StatusCode, header};
use messages::step_in_words;
use serde_json::{Value, json as value};

pub async fn tracking(ctx: &Ctx, request: &Request, id: &str) -> Result<Response, Problem> {
    let who = ctx.principal(request, &ROLES).await?;
    let language = language(request)?;
    let order = visible(ctx, &who, id).await?;
    let policy = ctx.policy().await?;
    let names: Vec<KeptAs> = policy.carrier_names.kept_as().collect();
    let tracked = ctx.store.tracking(order.doc.id.as_str(), &names).await?;
    let words = |step| step_in_words(step, language);
    let parcels: Vec<Value> = tracked.iter().map(|parcel| views::way(parcel, &words)).collect();
    let body = value!({"order": order.doc.id, "language": language, "parcels": parcels});
    let mut response = json(StatusCode::OK, &body);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(language.tag()));
    headers.insert(header::VARY, HeaderValue::from_static("accept-language"));
    Ok(response)
}
