//! Which papers of a parcel were printed, by whom and when, the newest first.

use domain::{Millis, ParcelId, Prints, PrintsEvent};
use edge::{Ctx, Cursor, Problem, Request, Response, Role, page, views};
use serde_json::json as value;
use store::Said;

pub async fn list(ctx: &Ctx, request: &Request, id: &str) -> Result<Response, Problem> {
    let roles = [Role::Merchant, Role::Warehouse, Role::Support, Role::Operator];
    let who = ctx.principal(request, &roles).await?;
    let cursor = Cursor::read(request)?;
    let before = cursor.number()?.unwrap_or(i64::MAX);
    let nothing = || Problem::not_found("parcel");
    let id = ParcelId::parse(id).map_err(|_| nothing())?;
    let papers = ctx.store.papers(&id).await?.ok_or_else(nothing)?;
    if who.works_at(papers.parcel.doc.warehouse.as_str()).is_err() {
        who.acts_for(papers.parcel.doc.merchant.as_str()).map_err(|_| nothing())?;
    }
    let prints = Prints::id_of(&id);
    let said = ctx.store.descriptions::<Prints>(&prints, before, cursor.limit + 1).await?;
    let row = |said: &Said<PrintsEvent>| {
        let PrintsEvent::Printed { paper, format, label, reprint, losses, .. } = &said.event;
        let view = value!({
            "at": views::time(Millis(said.at)), "by": said.actor, "paper": paper, "format": format,
            "label": label, "reprint": reprint, "losses": losses,
        });
        (said.version.to_string(), view)
    };
    Ok(page(request, &cursor, "prints", said.iter().map(row).collect(), &[]))
}
