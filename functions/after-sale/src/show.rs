//! A case, for those whom it concerns.

use domain::{Case, CaseId, Stored};
use edge::{Answer, Ctx, Principal, Problem, Request, Response, Role, views};
use store::CaseSituation;

pub async fn show(ctx: &Ctx, request: &Request, id: &str) -> Result<Response, Problem> {
    let roles = [Role::Buyer, Role::Merchant, Role::Support, Role::Finance, Role::Operator];
    let who = ctx.principal(request, &roles).await?;
    let found = find(ctx, &who, id).await?;
    Ok(ctx.show(request, found.case.version, &views::case(&found.case.doc)))
}

async fn find(ctx: &Ctx, who: &Principal, id: &str) -> Result<CaseSituation, Problem> {
    let missing = || Problem::not_found("case");
    let id = CaseId::parse(id).map_err(|_| missing())?;
    let found = ctx.store.case_situation(&id).await?.ok_or_else(missing)?;
    // A warehouse works on whatever comes back to it; its lines name the warehouse.
    if who.role != Role::Warehouse {
        who.may_see(&found.order.doc).map_err(|_| missing())?;
    }
    Ok(found)
}

/// The case to change, at the version that the caller saw if they say one.
pub(crate) async fn case_of(
    ctx: &Ctx,
    request: &Request,
    who: &Principal,
    id: &str,
) -> Result<CaseSituation, Problem> {
    let found = find(ctx, who, id).await?;
    ctx.if_match(request, found.case.version)?;
    Ok(found)
}

pub(crate) fn view(case: &Stored<Case>) -> Answer {
    Answer::ok(views::case(&case.doc)).at_version(case.version + 1)
}
