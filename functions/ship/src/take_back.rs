//! A parcel that nobody took, or that reached nobody, is in the warehouse again.

use domain::{Change, Disposition, Opened, ParcelId, Returned, exceptions_of_what_came_back};
use edge::{Answer, Ctx, Problem, Request, Response, Role, parse_json, views};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wish {
    /// What came out of it; what is not named is lost.
    lines: Vec<Came>,
    /// The buyer did not want it, although no scan says so.
    #[serde(default)]
    refused: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Came {
    line: u16,
    units: i64,
    to: Disposition,
}

pub async fn take_back(ctx: &Ctx, request: &Request, id: &str) -> Result<Response, Problem> {
    let who = ctx.principal(request, &[Role::Warehouse, Role::Operator]).await?;
    let body = request.json_bytes().await?;
    let Wish { lines, refused } = parse_json(&body)?;
    let id = ParcelId::parse(id).map_err(|_| Problem::not_found("parcel"))?;
    let decide = async || {
        let found = ctx.store.parcel(&id).await?;
        let mut found = found.ok_or_else(|| Problem::not_found("parcel"))?;
        let warehouse = found.parcel.doc.warehouse.clone();
        who.works_at(warehouse.as_str())?;
        ctx.if_match(request, found.parcel.version)?;
        let came = |came: &Came| {
            let (line, units, to) = (came.line, came.units, came.to);
            Returned { line, units, warehouse: warehouse.clone(), to }
        };
        let mut change = Change::new(who.actor(), ctx.now());
        let intercepted = found.exceptions.iter().any(|e| e.doc.wants_it_back());
        let returned = lines.iter().map(came).collect();
        let opened = Opened { returned, refused, intercepted };
        domain::take_back(&mut change, found.journey(), opened, &mut ctx.ids())?;
        let (order, exceptions) = (&mut found.order, &mut found.exceptions);
        exceptions_of_what_came_back(&mut change, order, exceptions);
        let view = views::parcel(&found.parcel.doc);
        Ok((change, Answer::ok(view).at_version(found.parcel.version + 1)))
    };
    ctx.change_once(request, &who, &body, decide).await
}
