//! submit-order: a buyer's basket becomes a purchase, with one order per merchant.
//!
//! Everything is checked in one answer, priced here, and its stock held in the same commit. A quote
//! is the same without the commit.

use domain::{
    BuyerId, Change, Delivery, Discount, GatewayName, LINES_EVER, LineWanted, Money, PlacePurchase,
    Placed, place,
};
use edge::{Answer, Ctx, Principal, Problem, Request, Response, Role, json, parse_json, views};
use http::{Method, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json as value};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Basket {
    lines: Vec<LineWanted>,
    delivery: Delivery,
    #[serde(default = "stripe")]
    gateway: GatewayNameField,
    #[serde(default)]
    discounts: Vec<Discount>,
    total: Option<Money>,
    note: Option<String>,
    /// Whom an agent orders for; a buyer orders for themselves.
    buyer: Option<BuyerId>,
}

/// The gateways that a purchase can be paid through.
#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "snake_case")]
enum GatewayNameField {
    Stripe,
}

fn stripe() -> GatewayNameField {
    GatewayNameField::Stripe
}

impl GatewayNameField {
    fn name(self) -> &'static str {
        match self {
            Self::Stripe => "stripe",
        }
    }
}

pub async fn handle(ctx: &Ctx, request: &Request) -> Result<Response, Problem> {
    if request.method != Method::POST {
        return Err(Problem::method_not_allowed("POST"));
    }
    let who = ctx.principal(request, &[Role::Buyer, Role::Support]).await?;
    let body = request.json_bytes().await?;
    let wanted = wanted(&who, parse_json(&body)?)?;
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

fn wanted(who: &Principal, basket: Basket) -> Result<PlacePurchase, Problem> {
    let own = BuyerId::parse(&who.sub).ok();
    let buyer = if who.role == Role::Buyer { own } else { basket.buyer };
    let buyer = buyer.ok_or_else(|| Problem::invalid("#/buyer", "missing", "for whom?"))?;
    let gateway = GatewayName::parse(basket.gateway.name())
        .map_err(|e| Problem::invalid("#/gateway", "unknown_gateway", e.to_string()))?;
    let Basket { lines, delivery, discounts, total, note, .. } = basket;
    if note.as_ref().is_some_and(|n| n.chars().count() > 500) {
        return Err(Problem::invalid("#/note", "too_long", "500 characters at most"));
    }
    Ok(PlacePurchase { buyer, lines, delivery, gateway, discounts, total, note })
}

async fn decide(
    ctx: &Ctx,
    who: &Principal,
    wanted: &PlacePurchase,
) -> Result<(Change, Placed), Problem> {
    let skus = wanted.lines.iter().take(LINES_EVER + 1).map(|l| &l.sku);
    let shelf = ctx.store.shelf(skus).await?;
    let policy = ctx.policy_with(shelf.policy.as_ref()).await?;
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
                "paid": views::money(l.paid_minor, currency),
            })
        };
        let lines: Vec<Value> = o.lines.iter().map(line).collect();
        value!({
            "merchant": o.merchant, "lines": lines,
            "shipping": views::money(o.shipping.paid_minor, currency),
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
