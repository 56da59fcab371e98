//! What was told of a parcel, and pushes as they came: for support and operators. Raw pushes hold
//! what carriers know of people, so nobody else reads them.

use domain::{KeptAs, ParcelId};
use edge::{Ctx, Problem, Request, Response, Role, json, views};
use http::StatusCode;

const READERS: [Role; 2] = [Role::Support, Role::Operator];

pub async fn told(ctx: &Ctx, request: &Request, id: &str) -> Result<Response, Problem> {
    ctx.principal(request, &READERS).await?;
    let unknown = || Problem::not_found("parcel");
    let id = ParcelId::parse(id).map_err(|_| unknown())?;
    let policy = ctx.policy().await?;
    let names: Vec<KeptAs> = policy.carrier_names.kept_as().collect();
    let tracked = ctx.store.tracking(id.as_str(), &names).await?;
    let parcel = tracked.first().ok_or_else(unknown)?;
    Ok(json(StatusCode::OK, &views::told(parcel)))
}

/// A push by its id, as scans name it.
pub async fn push(ctx: &Ctx, request: &Request, id: &str) -> Result<Response, Problem> {
    ctx.principal(request, &READERS).await?;
    let push = ctx.store.push(id).await?.ok_or_else(|| Problem::not_found("push"))?;
    Ok(json(StatusCode::OK, &views::push(&push)))
}
