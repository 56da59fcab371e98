//! Why an order is sent from where it is, for the people who send it.

use super::time;
use domain::{Candidate, Order, Routing};
use serde_json::{Value, json};

/// Adds to an order's view the verdict of the last choice of its warehouses; null if none was made.
pub fn show_routing(view: &mut Value, order: &Order) {
    let verdict = order.routing.as_ref().map_or(Value::Null, |routing| verdict(routing, order));
    if let Some(view) = view.as_object_mut() {
        view.insert("routing".to_owned(), verdict);
    }
}

fn verdict(routing: &Routing, order: &Order) -> Value {
    let candidates: Vec<Value> = routing.candidates.iter().map(candidate).collect();
    json!({
        "at": time(routing.at), "by": routing.by, "why": routing.why, "method": routing.method,
        "region": routing.region, "moved_since": routing.region != order.delivery.region,
        "lines": routing.lines, "split": routing.is_split(), "candidates": candidates,
        "more_candidates": routing.more,
    })
}

fn candidate(candidate: &Candidate) -> Value {
    let Candidate { warehouse, near, score, lines, pieces, verdict, .. } = candidate;
    json!({
        "warehouse": warehouse, "near": near, "cost_minor": candidate.cost_minor,
        "priority": candidate.priority, "sends_anyway": candidate.sends_anyway, "score": score,
        "lines": lines, "pieces": pieces, "verdict": verdict,
    })
}
