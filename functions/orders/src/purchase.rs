//! A purchase as a whole: its payment, its orders, and every line of the ledger about it.

use domain::PurchaseId;
use edge::{Ctx, Problem, Request, Response, Role, json, views};
use http::StatusCode;
use serde_json::{Value, json as value};
use store::PaymentAndOrders;

pub async fn show(ctx: &Ctx, request: &Request, id: &str) -> Result<Response, Problem> {
    let roles = [Role::Buyer, Role::Support, Role::Finance, Role::Operator];
    let who = ctx.principal(request, &roles).await?;
    let found = find(ctx, id).await?;
    for order in &found.orders {
        who.may_see(&order.doc).map_err(|_| Problem::not_found("purchase"))?;
    }
    let view =
        |o: &domain::Stored<domain::Order>| views::order(&o.doc, ctx.now(), views::Personal::Full);
    let orders: Vec<Value> = found.orders.iter().map(view).collect();
    let payment = &found.payment;
    let body = value!({
        "purchase": payment.doc.purchase, "payment": views::payment(&payment.doc),
        "orders": orders,
    });
    Ok(json(StatusCode::OK, &body))
}

async fn find(ctx: &Ctx, id: &str) -> Result<PaymentAndOrders, Problem> {
    let id = PurchaseId::parse(id).map_err(|_| Problem::not_found("purchase"))?;
    ctx.store.purchase(&id).await?.ok_or_else(|| Problem::not_found("purchase"))
}

/// Debits are positive; the lines of each posting sum to zero.
pub async fn ledger(ctx: &Ctx, request: &Request, id: &str) -> Result<Response, Problem> {
    ctx.principal(request, &[Role::Finance, Role::Operator]).await?;
    let found = find(ctx, id).await?;
    let lines = ctx.store.ledger_of_purchase(&found.payment.doc.purchase).await?;
    let line = |l: &store::LedgerLine| {
        value!({
            "line": l.line, "at": views::time(domain::Millis(l.at)), "posting": l.posting,
            "kind": l.kind, "subject": l.subject, "account": l.account,
            "amount": {"amount": l.amount, "currency": l.currency},
        })
    };
    let lines: Vec<Value> = lines.iter().map(line).collect();
    Ok(json(StatusCode::OK, &value!({"lines": lines})))
}
