//! What becomes of an exception.

use crate::show::situation;
use domain::{Bearer, Change, Policy, Refusal};
use edge::{Answer, Ctx, Principal, Problem, Request, Response, Role, parse_json, views};
use serde::Deserialize;
use store::ExceptionSituation;

/// Who bears a loss is the shop's policy where nobody says it.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case", tag = "outcome", deny_unknown_fields)]
enum Wish {
    Wait {
        hours: i64,
    },
    SendAgain {
        #[serde(default)]
        borne_by: Option<Bearer>,
    },
    Refund {
        #[serde(default)]
        borne_by: Option<Bearer>,
    },
    Dismiss {},
    Keep {},
}

pub async fn resolve(ctx: &Ctx, request: &Request, id: &str) -> Result<Response, Problem> {
    let who = ctx.principal(request, &[Role::Merchant, Role::Support, Role::Operator]).await?;
    let body = request.json_bytes().await?;
    let wish: Wish = parse_json(&body)?;
    may_burden(&who, &wish)?;
    let decide = async || {
        let mut found = situation(ctx, request, &who, id).await?;
        let policy = ctx.policy().await?;
        let mut change = Change::new(who.actor(), ctx.now());
        decide(&mut change, &mut found, &wish, &policy, &mut ctx.ids())?;
        let view = views::exception(&found.exception.doc);
        Ok((change, Answer::ok(view).at_version(found.exception.version + 1)))
    };
    ctx.change_once(request, &who, &body, decide).await
}

/// A merchant cannot have the platform pay.
fn may_burden(who: &Principal, wish: &Wish) -> Result<(), Problem> {
    let platform = match wish {
        Wish::SendAgain { borne_by } | Wish::Refund { borne_by } => {
            *borne_by == Some(Bearer::Platform)
        }
        Wish::Wait { .. } | Wish::Dismiss {} | Wish::Keep {} => false,
    };
    if platform && who.role == Role::Merchant {
        return Err(Problem::forbidden("only the platform's people decide that the platform pays"));
    }
    Ok(())
}

fn decide(
    change: &mut Change,
    found: &mut ExceptionSituation,
    wish: &Wish,
    policy: &Policy,
    ids: &mut dyn domain::Ids,
) -> Result<(), Refusal> {
    let bears = |said: &Option<Bearer>| said.unwrap_or_else(|| policy.exceptions.losses_on.into());
    match wish {
        Wish::Wait { hours } => domain::wait(change, &mut found.exception, *hours),
        Wish::SendAgain { borne_by } => {
            let (at_hand, stock) = found.at_hand();
            domain::send_again(change, at_hand, bears(borne_by), (stock, policy), ids)
        }
        Wish::Refund { borne_by } => {
            let (at_hand, _) = found.at_hand();
            domain::refund_lost(change, at_hand, bears(borne_by), &policy.exceptions, ids)
        }
        Wish::Dismiss {} => domain::dismiss(change, &mut found.order, &mut found.exception),
        Wish::Keep {} => domain::keep(change, &mut found.order, &mut found.exception),
    }
}
