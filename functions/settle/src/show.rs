//! A statement and the ledger lines that it is made of.

use domain::{Statement, StatementId, Stored};
use edge::{Ctx, Cursor, Problem, Request, Response, Role, json, views};
use http::StatusCode;
use serde_json::{Value, json as value};

async fn visible(ctx: &Ctx, request: &Request, id: &str) -> Result<Stored<Statement>, Problem> {
    let roles = [Role::Merchant, Role::Finance, Role::Operator];
    let who = ctx.principal(request, &roles).await?;
    let id = StatementId::parse(id).map_err(|_| Problem::not_found("statement"))?;
    let statement = ctx.store.load::<Statement>(id.as_str()).await?;
    let statement = statement.ok_or_else(|| Problem::not_found("statement"))?;
    let acts = who.acts_for(statement.doc.merchant.as_str());
    acts.map_err(|_| Problem::not_found("statement"))?;
    Ok(statement)
}

pub async fn show(ctx: &Ctx, request: &Request, id: &str) -> Result<Response, Problem> {
    let statement = visible(ctx, request, id).await?;
    Ok(ctx.show(request, statement.version, &views::statement(&statement.doc)))
}

pub async fn lines(ctx: &Ctx, request: &Request, id: &str) -> Result<Response, Problem> {
    let statement = visible(ctx, request, id).await?.doc;
    let cursor = Cursor::read(request)?;
    let after = cursor.after.as_deref().and_then(|a| a.parse().ok());
    let range = (after.unwrap_or(statement.after_line), statement.to_line);
    let lines = ctx.store.ledger_of_statement(&statement.merchant, range, cursor.limit).await?;
    let full = i64::try_from(lines.len()).unwrap_or(0) == cursor.limit;
    let next = lines.last().filter(|_| full).map(|l| Cursor::next(&l.line.to_string()));
    // Credits on the merchant's account are what we owe: shown as positive.
    let line = |l: &store::LedgerLine| {
        value!({
            "line": l.line, "at": views::time(domain::Millis(l.at)), "kind": l.kind,
            "order": l.subject, "amount": {"amount": -l.amount, "currency": l.currency},
        })
    };
    let lines: Vec<Value> = lines.iter().map(line).collect();
    Ok(json(StatusCode::OK, &value!({"lines": lines, "next_cursor": next})))
}
