//! The shop's policy: what it sets, and what holds in the end.

use super::{Described, READERS};
use crate::import::Column;
use domain::{Policy, ShopPolicy};
use edge::{Ctx, FieldFault, Problem, Request, Response, Role, fit, json};
use http::{Method, StatusCode};

impl Described for ShopPolicy {
    const WORD: &'static str = "policy";
    const WRITERS: &'static [Role] = &[Role::Operator];
    const COLUMNS: &'static [Column] = &[];

    fn faults(&self) -> Vec<FieldFault> {
        // Over the defaults it must be a policy; what is configured below changes no type.
        if let Err(mut fault) = fit::<Policy>(Policy::layered([&self.set])) {
            fault.pointer = format!("#/set{}", fault.pointer.trim_start_matches('#'));
            return vec![fault];
        }
        self.check().iter().map(FieldFault::from).collect()
    }
}

/// What holds now: the defaults, the configuration, and what the shop set, in one.
pub async fn effective(ctx: &Ctx, request: &Request) -> Result<Response, Problem> {
    if request.method != Method::GET {
        return Err(Problem::method_not_allowed("GET"));
    }
    ctx.principal(request, READERS).await?;
    Ok(json(StatusCode::OK, ctx.policy().await?.as_ref()))
}
