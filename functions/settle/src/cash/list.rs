//! Lines of remittances with one verdict, from all carriers: what finance has to ask them about.

use domain::RemittanceVerdict;
use edge::{Ctx, Cursor, Problem, Request, Response, Role, page};
use serde_json::json;

use super::show;

pub async fn list(ctx: &Ctx, request: &Request) -> Result<Response, Problem> {
    ctx.principal(request, &[Role::Finance, Role::Operator]).await?;
    let cursor = Cursor::read(request)?;
    let after = cursor.number()?.unwrap_or(0);
    let word = request.query("verdict").unwrap_or_default();
    let verdict = RemittanceVerdict::ALL.into_iter().find(|verdict| verdict.word() == word);
    let verdict = verdict.ok_or_else(|| {
        let all = RemittanceVerdict::ALL.map(RemittanceVerdict::word).join(", ");
        Problem::bad_request("bad_filter", format!("verdict is one of {all}"))
    })?;
    let assigned = match request.query("assigned").as_deref() {
        None => None,
        Some("true") => Some(true),
        Some("false") => Some(false),
        Some(_) => return Err(Problem::bad_request("bad_filter", "assigned is true or false")),
    };
    let lines = ctx.store.remitted_so(verdict, assigned, after, cursor.limit + 1).await?;
    let row = |taken: &store::Taken| {
        let mut row = show::line(taken);
        if let Some(row) = row.as_object_mut() {
            row.insert("carrier".to_owned(), json!(taken.line.carrier));
            row.insert("remittance".to_owned(), json!(taken.line.remittance));
        }
        (taken.seq.to_string(), row)
    };
    let rows = lines.iter().map(row).collect();
    Ok(page(request, &cursor, "lines", rows, &["verdict", "assigned"]))
}
