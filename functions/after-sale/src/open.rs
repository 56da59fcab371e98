//! A buyer, or an agent for them, opens a case.

use domain::{CaseId, CaseKind, CaseReason, Change, OpenCase, OrderId, Pick, open_case};
use edge::{Answer, Ctx, Problem, Request, Response, Role, parse_json, views};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wish {
    order: OrderId,
    kind: CaseKind,
    lines: Vec<Pick>,
    reason: CaseReason,
    description: Option<String>,
}

pub async fn open(ctx: &Ctx, request: &Request) -> Result<Response, Problem> {
    let who = ctx.principal(request, &[Role::Buyer, Role::Support]).await?;
    let body = request.json_bytes().await?;
    let wish: Wish = parse_json(&body)?;
    if wish.description.as_ref().is_some_and(|d| d.chars().count() > 2_000) {
        return Err(Problem::invalid("#/description", "too_long", "2000 characters at most"));
    }
    let policy = ctx.policy().await?;
    let decide = async || {
        let found = ctx.store.order_and_payment(&wish.order).await?;
        let mut found = found.ok_or_else(|| Problem::not_found("order"))?;
        who.may_see(&found.order.doc)?;
        let mut change = Change::new(who.actor(), ctx.now());
        let ids = &mut ctx.ids();
        let ask = OpenCase {
            id: CaseId::mint(ids),
            kind: wish.kind,
            picks: wish.lines.clone(),
            reason: wish.reason,
            description: wish.description.clone(),
        };
        let (order, payment) = (&mut found.order, &mut found.payment);
        let case = open_case(&mut change, order, payment, ask, &policy, ids)?;
        let location = format!("/v1/after-sales/{}", case.doc.id);
        Ok((change, Answer::created(location, views::case(&case.doc)).at_version(1)))
    };
    ctx.change_once(request, &who, &body, decide).await
}
