//! What a shop sets of its policy: a document over the operator's configuration, which is over the
//! defaults. Only what is set is kept, so a default that changes later reaches everybody else.

use crate::time::{DAY, MINUTE, SECOND};
use crate::{Fault, FaultKind, LARGEST_MINOR, Policy};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// What the shop sets, by the names of [`Policy`]'s fields.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShopPolicy {
    pub id: PolicyName,
    pub set: Map<String, Value>,
}

/// The policies there are: one, of the whole shop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PolicyName {
    Shop,
}

impl PolicyName {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Shop => "shop",
        }
    }
}

/// Lines of one purchase that no policy may go beyond: what a basket's reader looks up at most.
pub const LINES_EVER: usize = 1_000;

/// Numbers whose name tells no unit, or that may not be as small as their unit.
const RANGES: &[(&str, i64, i64)] = &[
    ("unpaid_ms", MINUTE, 3_650 * DAY),
    ("endpoint_failing_ms", MINUTE, 3_650 * DAY),
    ("idempotency_ms", MINUTE, 3_650 * DAY),
    ("lines_at_most", 1, 1_000),
    ("orders_per_list_at_most", 1, 200),
    ("tasks_per_list_at_most", 1, 500),
    ("of_last_orders", 1, 1_000),
    ("pieces_at_most", 1, super::PIECES_AT_MOST),
];

/// What the ends of names mean, and from where to where it makes sense.
const UNITS: &[(&str, i64, i64)] = &[
    ("_ms", 0, 3_650 * DAY),
    ("_s", 0, 3_650 * DAY / SECOND),
    ("_days", 0, 3_650),
    ("_bp", 0, 10_000),
    ("_percent", 0, 100),
    ("_g", 0, 100_000),
    ("_minor", 0, LARGEST_MINOR),
    ("_at_most", 0, 1_000_000_000),
];

impl Policy {
    /// The defaults as JSON with layers over them, the later over the earlier: objects are merged,
    /// everything else is replaced. Whether it still is a policy is not looked at.
    pub fn layered<'a>(layers: impl IntoIterator<Item = &'a Map<String, Value>>) -> Value {
        let mut all = serde_json::to_value(Self::default()).unwrap_or_default();
        for layer in layers {
            lay_over(&mut all, layer);
        }
        all
    }
}

impl ShopPolicy {
    /// Values that make no sense, each with its place. The names' endings tell the units. Whether
    /// the policy has such fields is known where it is read as one.
    pub fn check(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        for (name, value) in &self.set {
            measure(value, &format!("#/set/{name}"), range_of(name), &mut faults);
        }
        faults
    }
}

fn lay_over(below: &mut Value, layer: &Map<String, Value>) {
    let Value::Object(below) = below else {
        *below = Value::Object(layer.clone());
        return;
    };
    for (name, value) in layer {
        match (below.get_mut(name), value) {
            (Some(object @ Value::Object(_)), Value::Object(over)) => lay_over(object, over),
            _ => {
                below.insert(name.clone(), value.clone());
            }
        }
    }
}

/// A number is in the range of its name, or of the nearest name above it that tells a unit.
fn measure(value: &Value, place: &str, range: Option<(i64, i64)>, faults: &mut Vec<Fault>) {
    match value {
        Value::Object(object) => {
            for (name, value) in object {
                let own = range_of(name).or(range);
                measure(value, &format!("{place}/{name}"), own, faults);
            }
        }
        Value::Array(list) => {
            for (i, value) in list.iter().enumerate() {
                measure(value, &format!("{place}/{i}"), range, faults);
            }
        }
        Value::Number(number) => {
            let (least, most) = range.unwrap_or((0, i64::MAX));
            if !number.as_i64().is_some_and(|n| (least..=most).contains(&n)) {
                faults.push(Fault::at(place, FaultKind::OutOfRange { least, most }));
            }
        }
        Value::String(text) if text.chars().count() > 200 => {
            faults.push(Fault::at(place, FaultKind::TooLong { at_most: 200 }));
        }
        Value::String(_) | Value::Bool(_) | Value::Null => {}
    }
}

fn range_of(name: &str) -> Option<(i64, i64)> {
    let own = RANGES.iter().find(|(known, ..)| *known == name);
    let unit = || UNITS.iter().find(|(unit, ..)| name.ends_with(unit));
    own.or_else(unit).map(|(_, least, most)| (*least, *most))
}
