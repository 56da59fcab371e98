//! A remittance as it was taken in, line by line.

use domain::{CarrierCode, RemittanceLine, RemittanceNo};
use edge::{Ctx, Cursor, Problem, Request, Response, Role, json, views};
use http::StatusCode;
use serde_json::{Value, json as value};
use store::Taken;

pub async fn show(
    ctx: &Ctx,
    request: &Request,
    carrier: &str,
    number: &str,
) -> Result<Response, Problem> {
    ctx.principal(request, &[Role::Finance, Role::Operator]).await?;
    let missing = || Problem::not_found("remittance");
    let carrier = CarrierCode::parse(carrier).map_err(|_| missing())?;
    let number = RemittanceNo::parse(number).map_err(|_| missing())?;
    let cursor = Cursor::read(request)?;
    let after = cursor.after.as_deref().and_then(|a| a.parse().ok()).unwrap_or(0);
    let subject = RemittanceLine::subject(&carrier, &number);
    let lines = ctx.store.remittance(&subject, after, cursor.limit).await?;
    if lines.is_empty() && after == 0 {
        return Err(missing());
    }
    let full = i64::try_from(lines.len()).unwrap_or(0) == cursor.limit;
    let next = lines.last().filter(|_| full).map(|l| Cursor::next(&l.seq.to_string()));
    let lines: Vec<Value> = lines.iter().map(line).collect();
    let body = value!({
        "carrier": carrier, "remittance": number, "lines": lines, "next_cursor": next,
    });
    Ok(json(StatusCode::OK, &body))
}

/// A line as it was told, and to which parcel a person has assigned it.
pub fn line(taken: &Taken) -> Value {
    let RemittanceLine { waybill, amount, collected_on, .. } = &taken.line;
    let assigned = taken.assigned.as_ref().map(|assigned| {
        value!({
            "parcel": assigned.parcel, "reason": assigned.reason, "by": assigned.by,
            "at": views::time(assigned.at_ms),
        })
    });
    value!({
        "waybill": waybill, "amount": amount, "collected_on": collected_on,
        "verdict": taken.verdict, "assigned": assigned,
    })
}
