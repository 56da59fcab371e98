//! Somebody says that something is wrong with a parcel, or wants it back before it is delivered.

use domain::{Change, ParcelId, Report, Trouble};
use edge::{Answer, Ctx, Problem, Request, Response, Role, parse_json, sentence, views};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wish {
    parcel: ParcelId,
    kind: Trouble,
    #[serde(default)]
    note: Option<String>,
}

pub async fn open(ctx: &Ctx, request: &Request) -> Result<Response, Problem> {
    let roles = [Role::Buyer, Role::Merchant, Role::Warehouse, Role::Support, Role::Operator];
    let who = ctx.principal(request, &roles).await?;
    let body = request.json_bytes().await?;
    let Wish { parcel, kind, note } = parse_json(&body)?;
    if let Some(note) = &note {
        sentence("note", note, 1_000)?;
    }
    let decide = async || {
        let nobodys = || Problem::invalid("#/parcel", "unknown_parcel", "no such parcel");
        let mut found = ctx.store.parcel(&parcel).await?.ok_or_else(nobodys)?;
        if who.works_at(found.parcel.doc.warehouse.as_str()).is_err() {
            who.may_see(&found.order.doc).map_err(|_| nobodys())?;
        }
        let policy = ctx.policy().await?;
        let mut change = Change::new(who.actor(), ctx.now());
        let with = (&*policy, &mut ctx.ids() as &mut dyn domain::Ids);
        let (order, exceptions) = (&mut found.order, &found.exceptions);
        let said = Report { kind, note: note.clone() };
        let opened = domain::report(&mut change, &found.parcel, order, exceptions, said, with)?;
        let place = format!("/v1/exceptions/{}", opened.doc.id);
        let view = views::exception(&opened.doc);
        Ok((change, Answer::created(place, view).at_version(1)))
    };
    ctx.change_once(request, &who, &body, decide).await
}
