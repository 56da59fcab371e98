//! The goods are back and were inspected: what came, and what becomes of it.

use domain::{Change, Returned, Warehouse, receive_return};
use edge::{Ctx, Problem, Request, Response, Role, parse_json};
use serde::Deserialize;

use crate::show::{case_of, view};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Received {
    lines: Vec<Returned>,
}

pub async fn receive(ctx: &Ctx, request: &Request, id: &str) -> Result<Response, Problem> {
    let who = ctx.principal(request, &[Role::Warehouse, Role::Merchant, Role::Support]).await?;
    let body = request.json_bytes().await?;
    let received: Received = parse_json(&body)?;
    for (i, line) in received.lines.iter().enumerate() {
        let place = format!("#/lines/{i}/warehouse");
        if who.role == Role::Warehouse {
            who.works_at(line.warehouse.as_str())?;
        }
        if ctx.store.load::<Warehouse>(line.warehouse.as_str()).await?.is_none() {
            return Err(Problem::invalid(&place, "unknown_warehouse", "no such warehouse"));
        }
    }
    let decide = async || {
        let mut found = case_of(ctx, request, &who, id).await?;
        let mut change = Change::new(who.actor(), ctx.now());
        let (order, payment, case) = (&mut found.order, &mut found.payment, &mut found.case);
        let lines = received.lines.clone();
        receive_return(&mut change, order, payment, case, lines, &mut ctx.ids())?;
        Ok((change, view(&found.case)))
    };
    ctx.change_once(request, &who, &body, decide).await
}
