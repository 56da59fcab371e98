//! Orders by page, the newest first. A buyer sees their own, a merchant theirs.

use edge::{Ctx, Cursor, Problem, Request, Response, Role, json, views};
use http::{HeaderValue, StatusCode, header};
use serde_json::{Value, json as value};
use store::OrderFilter;

/// Sorts after every id.
const LAST: &str = "ord_~";
const STATES: [&str; 5] =
    ["awaiting_payment", "awaiting_confirmation", "confirmed", "completed", "cancelled"];

pub async fn list(ctx: &Ctx, request: &Request) -> Result<Response, Problem> {
    let roles = [Role::Buyer, Role::Merchant, Role::Support, Role::Finance, Role::Operator];
    let who = ctx.principal(request, &roles).await?;
    let cursor = Cursor::read(request)?;
    let state = request.query("state");
    if state.as_deref().is_some_and(|s| !STATES.contains(&s)) {
        return Err(Problem::bad_request("unknown_state", "there is no such state"));
    }
    let filter = OrderFilter {
        merchant: who.merchant.clone().or_else(|| request.query("merchant")),
        buyer: if who.role == Role::Buyer { Some(who.sub) } else { request.query("buyer") },
        state,
        late: late(request)?,
    };
    let after = cursor.after.as_deref().unwrap_or(LAST);
    let page = ctx.store.orders_page(&filter, after, cursor.limit + 1).await?;
    let more = i64::try_from(page.len()).unwrap_or(0) > cursor.limit;
    let shown = page.iter().take(usize::try_from(cursor.limit).unwrap_or(0));
    let view = |o: &domain::Stored<domain::Order>| {
        views::order(&o.doc, ctx.now(), views::Personal::Masked)
    };
    let last = shown.clone().next_back().filter(|_| more).map(|o| Cursor::next(o.doc.id.as_str()));
    let orders: Vec<Value> = shown.map(view).collect();
    let mut response = json(StatusCode::OK, &value!({"orders": orders, "next_cursor": last}));
    if let Some(next) = last {
        let (limit, filters) = (cursor.limit, filters(request));
        let link = format!("</v1/orders?cursor={next}&limit={limit}{filters}>; rel=\"next\"");
        if let Ok(link) = HeaderValue::from_str(&link) {
            response.headers_mut().insert(header::LINK, link);
        }
    }
    Ok(response)
}

/// Whether only late orders are wanted.
fn late(request: &Request) -> Result<bool, Problem> {
    match request.query("late").as_deref() {
        None | Some("false") => Ok(false),
        Some("true") => Ok(true),
        Some(_) => Err(Problem::bad_request("bad_filter", "late is true or false")),
    }
}

/// The filters of a request, for the next page. What is no name filters nothing.
fn filters(request: &Request) -> String {
    let given = ["state", "merchant", "buyer", "late"].map(|name| (name, request.query(name)));
    let named = given.into_iter().filter_map(|(name, value)| Some((name, value?)));
    let named = named.filter(|(_, value)| domain::BuyerId::parse(value).is_ok());
    named.map(|(name, value)| format!("&{name}={value}")).collect()
}
