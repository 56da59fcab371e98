//! Reads a piece into a packing, or out of it again. A wrong scan is answered, not refused: it is
//! kept, and a refusal keeps nothing.

use super::on_table;
use domain::{Change, Desk, Packing, Refusal, Scan, ScanMistake, Stored};
use edge::{Answer, Ctx, Problem, Request, Response, Role, parse_json, views};

/// Either way, it is decided on the same things.
type Decide =
    fn(&mut Change, &mut Stored<Packing>, &Desk, &Scan) -> Result<Option<ScanMistake>, Refusal>;

pub async fn scan(ctx: &Ctx, request: &Request, id: &str) -> Result<Response, Problem> {
    read(ctx, request, id, domain::scan).await
}

pub async fn unscan(ctx: &Ctx, request: &Request, id: &str) -> Result<Response, Problem> {
    read(ctx, request, id, domain::unscan).await
}

async fn read(ctx: &Ctx, request: &Request, id: &str, how: Decide) -> Result<Response, Problem> {
    let who = ctx.principal(request, &[Role::Warehouse, Role::Operator]).await?;
    let body = request.json_bytes().await?;
    let scan: Scan = parse_json(&body)?;
    let decide = async || {
        let mut at = on_table(ctx, &who, id, std::slice::from_ref(&scan)).await?;
        let mut change = Change::new(who.actor(), ctx.now());
        let mistake = how(&mut change, &mut at.packing, &at.desk, &scan)?;
        let view = views::scanned(&at.packing.doc, mistake);
        Ok((change, Answer::ok(view).at_version(at.packing.version + 1)))
    };
    ctx.change_once(request, &who, &body, decide).await
}
