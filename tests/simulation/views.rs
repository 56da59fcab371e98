//! What a buyer is shown is what happened.

use crate::model::{Kept, Model, Stage, list, must, number, text};
use orderflow_tests::{Answer, Value};

fn word(stage: Stage) -> &'static str {
    match stage {
        Stage::Waits => "awaiting_payment",
        Stage::Unconfirmed => "awaiting_confirmation",
        Stage::Paid => "confirmed",
        Stage::Completed => "completed",
        Stage::Cancelled => "cancelled",
    }
}

/// A view of an order, of its purchase or of its timeline, when nothing else was going on.
pub fn is_right(model: &Model, id: &str, answer: &Answer) -> Kept {
    must(answer.status == 200, "a buyer may see what is theirs", || format!("{answer}"))?;
    let body = answer.json();
    if model.is_lost() {
        return Ok(());
    }
    match (body.get("orders"), body.get("events")) {
        (Some(orders), _) => {
            for order in list(orders) {
                order_is_right(model, &text(&order["id"]), order)?;
            }
            payment_is_right(model, &body["payment"])
        }
        (_, Some(events)) => timeline_is_right(id, list(events)),
        (None, None) => order_is_right(model, id, &body),
    }
}

const SHOWN: &str = "a view shows what happened";

fn order_is_right(model: &Model, id: &str, view: &Value) -> Kept {
    let Some(order) = model.orders.get(id) else { return Ok(()) };
    let told = || format!("{view}\n{order:?}");
    must(text(&view["state"]) == word(order.stage), SHOWN, told)?;
    must(number(&view["total"]["amount"]) == order.total, SHOWN, told)?;
    must(number(&view["refunded"]["amount"]) == order.refunded, SHOWN, told)?;
    for shown in list(&view["lines"]) {
        let Some(line) = order.lines.get(&number(&shown["line"])) else { continue };
        let units = &shown["units"];
        let same = number(&units["cancelled"]) == line.cancelled
            && number(&units["packed"]) == line.packed
            && number(&units["shipped"]) == line.shipped
            && number(&units["delivered"]) == line.delivered
            && number(&units["returned"]) == line.returned
            && number(&units["refunded"]) == line.refunded;
        must(same, SHOWN, told)?;
    }
    Ok(())
}

fn payment_is_right(model: &Model, view: &Value) -> Kept {
    let Some(payment) = model.payments.get(&text(&view["id"])) else { return Ok(()) };
    let same = number(&view["due"]["amount"]) == payment.due()
        && number(&view["captured"]["amount"]) == payment.captured()
        && list(&view["refunds"]).len() == payment.refunds.len();
    must(same, SHOWN, || format!("{view}\n{payment:?}"))
}

/// It begins with the order being placed, and time never goes back in it.
fn timeline_is_right(id: &str, events: &[Value]) -> Kept {
    let placed = |event: &Value| event["what"] == "placed" && event["about"] == id;
    let first = events.first().is_some_and(placed);
    let once = events.iter().filter(|event| placed(event)).count() == 1;
    let in_order = events.is_sorted_by_key(|event| text(&event["at"]));
    must(first && once && in_order, "a timeline is in the order of its time", || {
        format!("{id}: {events:?}")
    })
}
