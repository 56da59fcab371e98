//! Where SKUs lie in a warehouse: zone, aisle and bin. A warehouse's own people and operators say
//! it, and everybody who works with goods sees it. Pick lists that exist keep the places that they
//! have.

use crate::import::{Bins, import};
use crate::kinds::READERS;
use domain::{Bin, Change, SkuId, Spot, Stored, WarehouseId, describe};
use edge::{Ctx, Cursor, FieldFault, Problem, Request, Response, Role, page, parse_json};
use http::{Method, StatusCode};
use serde_json::{Value, json as value};
use std::collections::BTreeSet;

pub const WRITERS: &[Role] = &[Role::Operator, Role::Warehouse];

/// What is about bins in general.
pub async fn route(ctx: &Ctx, request: &Request, rest: &[&str]) -> Result<Response, Problem> {
    match (&request.method, rest) {
        (&Method::POST, ["import"]) => import::<Bins>(ctx, request).await,
        (_, ["import"]) => Err(Problem::method_not_allowed("POST")),
        _ => Err(Problem::not_found("path")),
    }
}

/// What is about the bins of one warehouse.
pub async fn of_warehouse(
    ctx: &Ctx,
    request: &Request,
    warehouse: &str,
    rest: &[&str],
) -> Result<Response, Problem> {
    let unknown = || Problem::not_found("warehouse");
    let warehouse = WarehouseId::parse(warehouse).map_err(|_| unknown())?;
    match (&request.method, rest) {
        (&Method::GET, []) => list(ctx, request, &warehouse).await,
        (&Method::GET, [sku]) => show(ctx, request, &warehouse, sku).await,
        (&Method::PUT, [sku]) => put(ctx, request, &warehouse, sku).await,
        (_, []) => Err(Problem::method_not_allowed("GET")),
        (_, [_]) => Err(Problem::method_not_allowed("GET, PUT")),
        _ => Err(Problem::not_found("path")),
    }
}

fn view(bin: &Bin) -> Value {
    let Bin { warehouse, sku, spot, .. } = bin;
    value!({
        "warehouse": warehouse, "sku": sku, "zone": spot.zone, "aisle": spot.aisle,
        "bin": spot.bin,
    })
}

/// By SKU, a page at a time.
async fn list(ctx: &Ctx, request: &Request, at: &WarehouseId) -> Result<Response, Problem> {
    ctx.principal(request, READERS).await?;
    let cursor = Cursor::read(request)?;
    let after = cursor.after.as_deref().unwrap_or_default();
    let found = ctx.store.bins_page(at, after, cursor.limit + 1).await?;
    let row = |bin: &Stored<Bin>| (bin.doc.id.clone(), view(&bin.doc));
    Ok(page(request, &cursor, "bins", found.iter().map(row).collect(), &[]))
}

async fn show(
    ctx: &Ctx,
    request: &Request,
    at: &WarehouseId,
    sku: &str,
) -> Result<Response, Problem> {
    ctx.principal(request, READERS).await?;
    let sku = SkuId::parse(sku).map_err(|_| Problem::not_found("bin"))?;
    let known = ctx.store.load::<Bin>(&Bin::id_of(at, &sku)).await?;
    let known = known.ok_or_else(|| Problem::not_found("bin"))?;
    Ok(ctx.show(request, known.version, &view(&known.doc)))
}

/// Says where an SKU lies now. Nothing depends on where it lay before, so it may be said unseen;
/// `If-Match` is heeded where it is sent.
async fn put(
    ctx: &Ctx,
    request: &Request,
    at: &WarehouseId,
    sku: &str,
) -> Result<Response, Problem> {
    let who = ctx.principal(request, WRITERS).await?;
    who.works_at(at.as_str())?;
    let body = request.json_bytes().await?;
    let spot: Spot = parse_json(&body)?;
    let faults: Vec<FieldFault> = spot.check().iter().map(FieldFault::from).collect();
    if !faults.is_empty() {
        return Err(Problem::faulty(faults));
    }
    let sku = SkuId::parse(sku).map_err(|_| Problem::not_found("SKU"))?;
    let bin = Bin::new(at.clone(), sku, spot);
    let (skus, warehouses) = (BTreeSet::from([bin.sku.as_str()]), BTreeSet::from([at.as_str()]));
    let decide = async || {
        let shelves = ctx.store.shelves(&skus, &warehouses).await?;
        if shelves.skus.is_empty() || shelves.warehouses.is_empty() {
            return Err(Problem::not_found("SKU or warehouse"));
        }
        let known = ctx.store.load::<Bin>(&bin.id).await?;
        let (new, version) = (known.is_none(), known.as_ref().map_or(0, |k| k.version));
        ctx.if_match(request, version)?;
        let mut change = Change::new(who.actor(), ctx.now());
        describe(&mut change, known, bin.clone());
        let version = if change.is_empty() { version } else { version + 1 };
        Ok((change, (new, version)))
    };
    let (new, version) = ctx.change(request, decide).await?;
    let mut response = ctx.show(request, version, &view(&bin));
    if new {
        *response.status_mut() = StatusCode::CREATED;
    }
    Ok(response)
}
