//! The driver has come: all parcels of a manifest leave, each accepted or refused on its own.
//!
//! Each parcel is a commit of its own, many at a time, and the manifest is closed after the last.
//! If that stops half-way, the same request goes on where it was.

use crate::left::left;
use domain::{Change, KeptAs, Manifest, ManifestId, OrderNumber, ParcelId, Policy, leave_with};
use edge::{Answer, Ctx, Principal, Problem, Request, Response, Role, parse_json, views};
use futures::StreamExt;
use http::StatusCode;
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct Wish {}

/// Orders whose parcels leave at the same time; parcels of one order wait for each other.
const ORDERS_AT_ONCE: usize = 32;

/// Parcels that stay, with the codes of the reasons.
type Stays = BTreeMap<ParcelId, &'static str>;

pub async fn hand_over(ctx: &Ctx, request: &Request, id: &str) -> Result<Response, Problem> {
    let who = ctx.principal(request, &[Role::Warehouse, Role::Operator]).await?;
    let body = request.json_bytes().await?;
    let Wish {} = parse_json(&body)?;
    let id = ManifestId::parse(id).map_err(|_| Problem::not_found("manifest"))?;
    if let Some(before) = ctx.answered(request, &who, &body).await? {
        return Ok(before);
    }
    let load = async || -> Result<_, Problem> {
        let found = ctx.store.load::<Manifest>(id.as_str()).await?;
        found.ok_or_else(|| Problem::not_found("manifest"))
    };
    let manifest = load().await?;
    who.works_at(manifest.doc.warehouse.as_str())?;
    ctx.if_match(request, manifest.version)?;
    let stays = all_leave(ctx, request, &who, &manifest.doc).await?;
    let ids: Vec<&str> = stays.keys().map(ParcelId::as_str).collect();
    let decide = async || {
        let mut manifest = load().await?;
        let code = |id: &ParcelId| stays.get(id).copied().unwrap_or_default().to_owned();
        let left = ctx.store.parcels_by_id(&ids).await?.into_iter();
        let mut left: Vec<_> = left.map(|p| (p.clone(), code(&p.doc.id))).collect();
        let mut change = Change::new(who.actor(), ctx.now());
        domain::hand_over(&mut change, &mut manifest, &mut left)?;
        let view = views::manifest(&manifest.doc);
        Ok((change, Answer::ok(view).at_version(manifest.version + 1)))
    };
    ctx.change_once(request, &who, &body, decide).await
}

async fn all_leave(
    ctx: &Ctx,
    request: &Request,
    who: &Principal,
    manifest: &Manifest,
) -> Result<Stays, Problem> {
    let mut orders: BTreeMap<&OrderNumber, Vec<&ParcelId>> = BTreeMap::new();
    let open = !manifest.allowed_actions().is_empty();
    for row in manifest.rows.iter().filter(|_| open) {
        orders.entry(&row.order).or_default().push(&row.parcel);
    }
    let policy = ctx.policy().await?;
    let policy = &*policy;
    let orders = orders.into_values().map(|parcels| async move {
        let mut stays = Stays::new();
        for parcel in parcels {
            if let Some(code) = leaves(ctx, request, who, (&manifest.id, parcel), policy).await? {
                stays.insert(parcel.clone(), code);
            }
        }
        Ok::<Stays, Problem>(stays)
    });
    let done = futures::stream::iter(orders).buffer_unordered(ORDERS_AT_ONCE);
    let done: Vec<Result<Stays, Problem>> = done.collect().await;
    let mut stays = Stays::new();
    for each in done {
        stays.extend(each?);
    }
    Ok(stays)
}

/// One parcel leaves; or the code of what stands in its way.
async fn leaves(
    ctx: &Ctx,
    request: &Request,
    who: &Principal,
    (manifest, parcel): (&ManifestId, &ParcelId),
    policy: &Policy,
) -> Result<Option<&'static str>, Problem> {
    let names: Vec<KeptAs> = policy.carrier_names.kept_as().collect();
    let decide = async || {
        let found = ctx.store.parcel_to_ship(parcel, &names).await?;
        let mut found = found.ok_or_else(|| Problem::not_found("parcel"))?;
        let mut change = Change::new(who.actor(), ctx.now());
        let told = found.told(policy);
        leave_with(&mut change, manifest, found.journey(), &told)?;
        // One that had left before is watched already.
        if !change.is_empty() {
            left(ctx, &mut change, &mut found, (&told, None), policy)?;
        }
        Ok((change, ()))
    };
    match ctx.change(request, decide).await {
        Ok(()) => Ok(None),
        Err(no) if no.status == StatusCode::CONFLICT => Ok(Some(no.code)),
        Err(fault) => Err(fault),
    }
}
