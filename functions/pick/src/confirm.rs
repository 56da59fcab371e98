//! A picker says what they found of a task.

use crate::{PICKERS, view};
use domain::{Change, PickSaid, Picker, ShortOutcome, ShortSaid, SkuId, confirm_pick};
use edge::{Answer, Ctx, Problem, Request, Response, Role, parse_json, views};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wish {
    /// A barcode of the SKU, or the SKU itself.
    scanned: Option<String>,
    quantity: i64,
    short: Option<Missing>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Missing {
    outcome: ShortOutcome,
    until: Option<String>,
    /// What is offered instead.
    sku: Option<SkuId>,
}

impl Missing {
    fn read(self) -> Result<ShortSaid, Problem> {
        let no_time = || Problem::invalid("#/short/until", "does_not_fit", "a time of RFC 3339");
        let read = |text: String| views::moment(&text).ok_or_else(no_time);
        let until = self.until.map(read).transpose()?;
        Ok(ShortSaid { outcome: self.outcome, until, sku: self.sku })
    }
}

pub async fn confirm(
    ctx: &Ctx,
    request: &Request,
    (id, task): (&str, &str),
) -> Result<Response, Problem> {
    let who = ctx.principal(request, PICKERS).await?;
    let body = request.json_bytes().await?;
    let Wish { scanned, quantity, short } = parse_json(&body)?;
    let task: u16 = task.parse().map_err(|_| Problem::not_found("task"))?;
    let short = short.map(Missing::read).transpose()?;
    let said = PickSaid { task, scanned, quantity, short };
    let picker = Picker { name: who.sub.clone(), for_all: who.role == Role::Operator };
    let policy = ctx.policy().await?;
    let with_money = said.may_give_money_back(&policy.picking);
    let substitute = said.short.as_ref().and_then(|short| short.sku.as_ref());
    let decide = async || {
        let found = ctx.store.task_situation(id, task, substitute, with_money).await?;
        let (mut list, at) = found.ok_or_else(|| Problem::not_found("pick list"))?;
        who.works_at(list.doc.warehouse.as_str())?;
        ctx.if_match(request, list.version)?;
        let mut change = Change::new(who.actor(), ctx.now());
        let said = (&said, &picker);
        confirm_pick(&mut change, &mut list, at, said, &policy, &mut ctx.ids())?;
        let view = view::confirmed(&list.doc, task);
        Ok((change, Answer::ok(view).at_version(list.version + 1)))
    };
    ctx.change_once(request, &who, &body, decide).await
}
