//! Parcels in the making: opened, filled scan by scan, and closed.

mod close;
mod open;
mod scan;
mod show;

use domain::{Desk, Order, Packing, PackingId, Scan, Stored};
use edge::{Ctx, Principal, Problem, Request, Response};
use http::Method;

/// Everything that can be done with packings.
pub async fn route(ctx: &Ctx, request: &Request, rest: &[&str]) -> Result<Response, Problem> {
    match (&request.method, rest) {
        (&Method::POST, []) => open::open(ctx, request).await,
        (&Method::GET, [id]) => show::show(ctx, request, id).await,
        (&Method::GET, [id, "log"]) => show::log(ctx, request, id).await,
        (&Method::GET, [id, "boxes"]) => show::boxes(ctx, request, id).await,
        (&Method::POST, [id, "scan"]) => scan::scan(ctx, request, id).await,
        (&Method::POST, [id, "unscan"]) => scan::unscan(ctx, request, id).await,
        (&Method::POST, [id, "close"]) => close::close(ctx, request, id).await,
        (&Method::POST, [id, "abandon"]) => close::abandon(ctx, request, id).await,
        (_, [_] | [_, "log" | "boxes"]) => Err(Problem::method_not_allowed("GET")),
        (_, [] | [_, "scan" | "unscan" | "close" | "abandon"]) => {
            Err(Problem::method_not_allowed("POST"))
        }
        _ => Err(Problem::not_found("path")),
    }
}

/// A packing on its packer's table.
struct OnTable {
    packing: Stored<Packing>,
    order: Stored<Order>,
    desk: Desk,
}

/// A packing with all that is decided about it, for the people of its warehouse.
async fn on_table(
    ctx: &Ctx,
    who: &Principal,
    id: &str,
    scans: &[Scan],
) -> Result<OnTable, Problem> {
    let nothing = || Problem::not_found("packing");
    let id = PackingId::parse(id).map_err(|_| nothing())?;
    let at = ctx.store.desk_of_packing(&id, scans).await?.ok_or_else(nothing)?;
    let packing = at.packing.ok_or_else(nothing)?;
    who.works_at(packing.doc.warehouse.as_str())?;
    Ok(OnTable { packing, order: at.order, desk: at.desk })
}
