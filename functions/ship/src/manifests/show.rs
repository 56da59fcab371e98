//! Manifests for people: one as JSON or CSV, and a warehouse's, the newest first.

use domain::{Manifest, ManifestId, Stored};
use edge::{Ctx, Cursor, Problem, Request, Response, Role, page, text, views};
use http::StatusCode;

const ROLES: [Role; 3] = [Role::Warehouse, Role::Support, Role::Operator];

pub async fn show(ctx: &Ctx, request: &Request, id: &str) -> Result<Response, Problem> {
    let who = ctx.principal(request, &ROLES).await?;
    let id = ManifestId::parse(id).map_err(|_| Problem::not_found("manifest"))?;
    let found = ctx.store.load::<Manifest>(id.as_str()).await?;
    let found = found.ok_or_else(|| Problem::not_found("manifest"))?;
    if who.role == Role::Warehouse {
        who.works_at(found.doc.warehouse.as_str())?;
    }
    match request.query("format").as_deref() {
        None | Some("json") => Ok(ctx.show(request, found.version, &views::manifest(&found.doc))),
        Some("csv") => {
            Ok(text(StatusCode::OK, "text/csv; charset=utf-8", views::manifest_csv(&found.doc)))
        }
        Some(_) => Err(Problem::bad_request("bad_filter", "format is json or csv")),
    }
}

pub async fn list(ctx: &Ctx, request: &Request) -> Result<Response, Problem> {
    let who = ctx.principal(request, &ROLES).await?;
    let cursor = Cursor::read(request)?;
    let own = who.warehouse.clone().filter(|_| who.role == Role::Warehouse);
    let missing = || Problem::bad_request("no_filter", "say which warehouse");
    let warehouse = own.or_else(|| request.query("warehouse")).ok_or_else(missing)?;
    let before = cursor.number()?.unwrap_or(i64::MAX);
    let found = ctx.store.manifests(&warehouse, before, cursor.limit + 1).await?;
    let row = |manifest: &Stored<Manifest>| {
        let mut view = views::manifest(&manifest.doc);
        // The rows are shown with each.
        view.as_object_mut().map(|fields| fields.remove("rows"));
        (manifest.doc.number.to_string(), view)
    };
    let rows = found.iter().map(row).collect();
    Ok(page(request, &cursor, "manifests", rows, &["warehouse"]))
}
