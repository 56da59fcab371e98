//! submit-order: a buyer's basket becomes a purchase, with one order per merchant.
//!
//! Everything is checked in one answer, priced here, and its stock held in the same commit. A quote
//! is the same without the commit.

mod basket;

use basket::Basket;
use domain::{Change, LINES_EVER, PlacePurchase, Placed, place};
use edge::{Answer, Ctx, Principal, Problem, Request, Response, Role, json, parse_json, views};
use http::{Method, StatusCode};
use serde_json::{Value, json as value};

pub async fn handle(ctx: &Ctx, request: &Request) -> Result<Response, Problem> {
    if request.method != Method::POST {
        return Err(Problem::method_not_allowed("POST"));
    }
    let who = ctx.principal(request, &[Role::Buyer, Role::Support]).await?;
    let body = request.json_bytes().await?;
    let offered = ctx.variable("payment_gateways").await?;
    let wanted = parse_json::<Basket>(&body)?.wanted_by(&who, &offered)?;
    match request.segments().as_slice() {
        ["quotes"] => {
            let (_, placed) = decide(ctx, &who, &wanted).await?;
            Ok(json(StatusCode::OK, &quote(&placed)))
        }
        _ => {
            let decide = async || {
                let (change, placed) = decide(ctx, &who, &wanted).await?;
                let location = format!("/v1/purchases/{}", placed.purchase);
                Ok((change, Answer::created(location, view(ctx, &placed))))
            };
            ctx.change_once(request, &who, &body, decide).await
        }
    }
}

async fn decide(
    ctx: &Ctx,
    who: &Principal,
    wanted: &PlacePurchase,
) -> Result<(Change, Placed), Problem> {
    let skus = wanted.lines.iter().take(LINES_EVER + 1).map(|l| &l.sku);
    let mut shelf = ctx.store.shelf(skus).await?;
    let policy = ctx.policy_with(shelf.policy.as_ref()).await?;
    if policy.unpaid_at_most.is_some() {
        shelf.unpaid = ctx.store.unpaid_of(&wanted.buyer).await?;
    }
    if wanted.gateway.is_cash() {
        let of_last = policy.cash_on_delivery.of_last_orders;
        shelf.history = ctx.store.cod_history(&wanted.buyer, of_last).await?;
    }
    let mut change = Change::new(who.actor(), ctx.now());
    let placed = place(&mut change, &shelf, wanted, &policy, &mut ctx.ids())?;
    Ok((change, placed))
}

/// What was made, in short: it is kept with the idempotency key. The orders have their own reads.
fn view(ctx: &Ctx, placed: &Placed) -> Value {
    let order = |o: &domain::Order| {
        value!({
            "id": o.id, "number": o.number, "merchant": o.merchant, "state": o.state.word(),
            "total": views::money(o.total_minor, o.currency), "ship_by": views::time(o.ship_by),
            "allowed_actions": o.allowed_actions(ctx.now()),
        })
    };
    let orders: Vec<Value> = placed.orders.iter().map(order).collect();
    value!({
        "purchase": placed.purchase,
        "payment": views::payment(&placed.payment),
        "orders": orders,
    })
}

/// What it would cost; nothing of it has an id yet.
fn quote(placed: &Placed) -> Value {
    let currency = placed.payment.currency;
    let order = |o: &domain::Order| {
        let line = |l: &domain::Line| {
            value!({
                "sku": l.sku, "quantity": l.quantity,
                "unit_price": views::money(l.unit_price_minor, currency),
                "discount": views::money(l.discount_minor, currency),
                "points": views::money(l.points_minor, currency),
                "paid": views::money(l.paid_minor, currency),
            })
        };
        let lines: Vec<Value> = o.lines.iter().map(line).collect();
        value!({
            "merchant": o.merchant, "lines": lines,
            "shipping": views::money(o.shipping.paid_minor, currency),
            "shipping_discount": views::money(o.shipping.discount_minor, currency),
            "total": views::money(o.total_minor, currency),
            "ship_by": views::time(o.ship_by),
        })
    };
    let orders: Vec<Value> = placed.orders.iter().map(order).collect();
    value!({"total": views::money(placed.payment.due_minor(), currency), "orders": orders})
}

#[cfg(target_family = "wasm")]
#[spin_sdk::http_service]
async fn serve(request: spin_sdk::http::Request) -> edge::spin::SpinResponse {
    edge::spin::serve(request, handle).await
}
