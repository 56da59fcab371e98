//! One payment with all that gateways said about it, and those that wait for a person.

use domain::{Millis, Payment, PaymentId};
use edge::{Ctx, Cursor, Problem, Request, Response, Role, json, views};
use http::StatusCode;
use serde_json::{Value, json as value};

const ROLES: [Role; 3] = [Role::Support, Role::Finance, Role::Operator];

pub async fn show(ctx: &Ctx, request: &Request, id: &str) -> Result<Response, Problem> {
    ctx.principal(request, &ROLES).await?;
    let id = PaymentId::parse(id).map_err(|_| Problem::not_found("payment"))?;
    let payment = ctx.store.load::<Payment>(id.as_str()).await?;
    let payment = payment.ok_or_else(|| Problem::not_found("payment"))?;
    let told = ctx.store.facts_of_payment(id.as_str()).await?;
    let facts: Vec<Value> = told.iter().map(fact).collect();
    let mut view = views::payment_in_full(&payment.doc);
    if let Some(view) = view.as_object_mut() {
        view.insert("facts".to_owned(), Value::Array(facts));
    }
    Ok(ctx.show(request, payment.version, &view))
}

fn fact(told: &store::Told) -> Value {
    value!({
        "at": views::time(Millis(told.occurred_at)),
        "received_at": views::time(Millis(told.received_at)),
        "gateway": told.fact.get("gateway"), "reference": told.fact.get("reference"),
        "what": told.fact.pointer("/what/news"), "amount": told.fact.pointer("/what/amount"),
        "verdict": told.verdict,
    })
}

/// Payments with a refund that waits for somebody to decide, the oldest first.
pub async fn needing_a_person(ctx: &Ctx, request: &Request) -> Result<Response, Problem> {
    ctx.principal(request, &ROLES).await?;
    let cursor = Cursor::read(request)?;
    let after = cursor.after.as_deref().unwrap_or_default();
    let page = ctx.store.payments_needing_a_person(after, cursor.limit).await?;
    let full = i64::try_from(page.len()).unwrap_or(0) == cursor.limit;
    let next = page.last().filter(|_| full).map(|last| Cursor::next(last.doc.id.as_str()));
    let payments: Vec<Value> =
        page.iter().map(|payment| views::payment_in_full(&payment.doc)).collect();
    Ok(json(StatusCode::OK, &value!({"payments": payments, "next_cursor": next})))
}
