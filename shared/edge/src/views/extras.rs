//! The parts of an order's view that are about a person, whole or masked, and what was taken off.

use super::{Personal, masked_name, masked_phone, money};
use domain::Order;
use serde_json::{Value, json};

/// What a buyer asked for besides goods.
pub(super) struct Extras {
    pub note: Option<String>,
    pub invoice: Value,
    pub gift: Value,
}

/// Words of the buyer are their own: in a list only their first sign shows that there are some.
pub(super) fn of(order: &Order, personal: Personal) -> Extras {
    let text = |text: &String| match personal {
        Personal::Full => text.clone(),
        Personal::Masked => masked_name(text),
    };
    let invoice = order.invoice.as_ref().map_or(Value::Null, |invoice| {
        json!({
            "to": invoice.to, "kind": invoice.kind, "title": text(&invoice.title),
            "tax_no": invoice.tax_no.as_ref().map(text), "email": invoice.email.as_ref().map(text),
        })
    });
    let gift = order.gift.as_ref().map_or(
        Value::Null,
        |gift| json!({"message": gift.message.as_ref().map(text), "hide_prices": gift.hide_prices}),
    );
    Extras { note: order.note.as_ref().map(text), invoice, gift }
}

/// Where the goods go; a masked one says no more than the region.
pub(super) fn delivery(order: &Order, personal: Personal) -> Value {
    let to = &order.delivery;
    let whole = personal == Personal::Full;
    let (recipient, phone) = match personal {
        Personal::Full => (to.recipient.clone(), to.phone.clone()),
        Personal::Masked => (masked_name(&to.recipient), masked_phone(&to.phone)),
    };
    let mut view = json!({
        "recipient": recipient, "phone": phone, "country": to.country, "region": to.region,
        "province": to.province, "city": to.city, "district": to.district, "remarks": to.remarks,
    });
    if let (Value::Object(view), true) = (&mut view, whole) {
        view.insert("street".into(), json!(to.street));
        view.insert("detail".into(), json!(to.detail));
        view.insert("postal_code".into(), json!(to.postal_code));
    }
    view
}

pub(super) fn promotions(order: &Order) -> Vec<Value> {
    let amount = |p: &domain::Promotion| money(p.amount_minor, order.currency);
    let promotion = |p: &domain::Promotion| json!({"id": p.id, "on": p.on, "amount": amount(p)});
    order.promotions.iter().map(promotion).collect()
}

/// What was paid with points, and what of it goes back with the units that were given back.
pub(super) fn points(order: &Order) -> Value {
    order.points.as_ref().map_or(Value::Null, |spent| {
        json!({
            "id": spent.id, "amount": money(spent.amount_minor, order.currency),
            "given_back": money(order.points_back_minor(), order.currency),
        })
    })
}
