//! The buyer names the waybill that the goods come back with.

use domain::{CarrierCode, Change, Label, Waybill};
use edge::{Ctx, Problem, Request, Response, Role, parse_json};
use serde::Deserialize;

use crate::show::{case_of, view};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SentBack {
    carrier: CarrierCode,
    waybill: Waybill,
}

pub async fn send_back(ctx: &Ctx, request: &Request, id: &str) -> Result<Response, Problem> {
    let who = ctx.principal(request, &[Role::Buyer, Role::Support]).await?;
    let body = request.json_bytes().await?;
    let sent: SentBack = parse_json(&body)?;
    let decide = async || {
        let mut found = case_of(ctx, request, &who, id).await?;
        let mut change = Change::new(who.actor(), ctx.now());
        let label = Label { carrier: sent.carrier.clone(), waybill: sent.waybill.clone() };
        domain::send_back(&mut change, &mut found.case, label)?;
        Ok((change, view(&found.case)))
    };
    ctx.change_once(request, &who, &body, decide).await
}
