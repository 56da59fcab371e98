//! What a warehouse has to do: the orders that wait there, those that are to ship first on top.

use domain::{Line, Millis, WarehouseId};
use edge::{Ctx, Cursor, Principal, Problem, Request, Response, Role, page, views};
use serde_json::{Value, json};
use store::{Waiting, WaitingAfter};

const ROLES: [Role; 4] = [Role::Warehouse, Role::Merchant, Role::Support, Role::Operator];

pub async fn list(ctx: &Ctx, request: &Request) -> Result<Response, Problem> {
    let who = ctx.principal(request, &ROLES).await?;
    if request.query("state").is_some_and(|state| state != "to_pick") {
        return Err(Problem::bad_request("unknown_state", "there is no such state"));
    }
    let warehouse = warehouse(request, &who)?;
    let cursor = Cursor::read(request)?;
    let bad = || Problem::bad_request("bad_cursor", "cursor makes no sense");
    let after = cursor.after.as_deref().map(|key| WaitingAfter::parse(key).ok_or_else(bad));
    let after = after.transpose()?.unwrap_or_default();
    let merchant = who.merchant.clone().or_else(|| request.query("merchant"));
    let (merchant, limit) = (merchant.as_deref(), cursor.limit + 1);
    let found = ctx.store.to_pick(&warehouse, merchant, &after, limit).await?;
    let row = |waiting: &Waiting| {
        let key = WaitingAfter::key(waiting.ship_by, &waiting.order.id);
        (key, view(waiting, &warehouse, ctx.now()))
    };
    let rows = found.iter().map(row).collect();
    Ok(page(request, &cursor, "orders", rows, &["state", "warehouse", "merchant"]))
}

/// A warehouse's own people see theirs; others say which.
fn warehouse(request: &Request, who: &Principal) -> Result<WarehouseId, Problem> {
    let theirs = who.warehouse.clone().filter(|_| who.role == Role::Warehouse);
    let named = theirs.or_else(|| request.query("warehouse"));
    let missing = || Problem::bad_request("no_warehouse", "say which warehouse is meant");
    let named = named.ok_or_else(missing)?;
    WarehouseId::parse(&named).map_err(|_| Problem::not_found("warehouse"))
}

/// Where it goes is told by province, city and district; who gets it stands on the label.
fn view(waiting: &Waiting, warehouse: &WarehouseId, now: Millis) -> Value {
    let Waiting { ship_by, since, lines, pieces, order } = waiting;
    let line = |(line, pieces): &(&Line, i64)| {
        let Line { no, sku, name, .. } = line;
        json!({"line": no, "sku": sku, "name": name, "pieces": pieces})
    };
    let here: Vec<Value> = order.to_pick_in(warehouse).iter().map(line).collect();
    json!({
        "order": order.id, "number": order.number, "merchant": order.merchant,
        "warehouse": warehouse, "state": "to_pick", "ship_by": views::time(Millis(*ship_by)),
        "late": now > Millis(*ship_by), "confirmed_at": views::time(Millis(*since)),
        "region": order.delivery.region, "cash_on_delivery": order.cod.is_some(),
        "lines": here, "line_count": lines, "pieces": pieces,
    })
}
