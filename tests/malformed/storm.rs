//! Sense turned into nonsense. Whatever could still be taken for an order is sent without what an
//! order needs: a key, the right token, a type.

use crate::places::{Place, Sense, sensible};
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method};
use manifest::token::Role;
use orderflow_tests::{Ask, Chance, DAY, Millis, Person, SCHEDULER, Shop, Value, json};

/// Longer than a body of the shop may be.
const TOO_MUCH: usize = (1 << 20) + 1;

fn person<'s>(shop: &'s Shop, role: Role) -> Person<'s> {
    match role {
        Role::Buyer => shop.buyer("li"),
        Role::Merchant => shop.merchant("m1"),
        Role::Warehouse => shop.warehouse("wh-sh"),
        Role::Support => shop.support(),
        Role::Finance => shop.finance(),
        Role::Operator => shop.operator(),
    }
}

/// The request that makes sense.
fn right<'s>(shop: &'s Shop, place: &Place) -> Ask<'s> {
    let who = person(shop, place.role);
    let mut ask = who.post(&place.path, &json!({}));
    (ask.method, ask.body) = (place.method.clone(), sensible(place));
    match &place.sense {
        Sense::Nothing => ask.without("content-type").without("idempotency-key"),
        Sense::Json(_) => ask,
        Sense::Csv(_) => ask.header("content-type", "text/csv"),
        Sense::Lines(_) => ask.header("content-type", "application/x-ndjson"),
        Sense::Signed(delivery) => {
            ask.headers = delivery.headers.clone();
            ask
        }
        Sense::Scheduled => ask.token(SCHEDULER),
    }
}

/// One request that makes no sense at a place.
pub fn thrown<'s>(shop: &'s Shop, place: &Place, chance: &mut Chance) -> Ask<'s> {
    let mut ask = right(shop, place);
    match chance.below(10) {
        0 => method(ask, chance),
        1 => token(ask, shop, place, chance),
        2 => path(ask, chance),
        3 => {
            // Sense in a wrong dress; where nobody looks at it, with no token either.
            if !matches!(place.sense, Sense::Json(_) | Sense::Csv(_) | Sense::Lines(_)) {
                ask.headers.remove("authorization");
            }
            let types = ["text/plain", "application/xml", "application/json/x", "", ";", "*/*"];
            let wrong = HeaderValue::from_static(chance.pick(&types));
            ask.headers.insert("content-type", wrong);
            ask.headers.remove("stripe-signature");
            ask
        }
        4..7 if matches!(place.sense, Sense::Nothing) => path(headers(ask, chance), chance),
        _ => body(headers(ask, chance), place, chance),
    }
}

/// Another method than the place knows. Where the place could take it for an order, without a key.
fn method<'s>(ask: Ask<'s>, chance: &mut Chance) -> Ask<'s> {
    let methods = ["GET", "HEAD", "PUT", "POST", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW"];
    let mut ask = ask.without("idempotency-key").without("stripe-signature");
    ask.method = Method::from_bytes(chance.pick(&methods).as_bytes()).unwrap();
    ask
}

fn token<'s>(ask: Ask<'s>, shop: &'s Shop, place: &Place, chance: &mut Chance) -> Ask<'s> {
    let who = person(shop, place.role);
    let good = shop.token(&who, shop.now());
    let (signed, signature) = good.rsplit_once('.').unwrap();
    let none =
        "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4Iiwicm9sZSI6Im9wZXJhdG9yIiwiZXhwIjo5OTk5OTk5OTk5fQ.";
    let wrong = match chance.below(8) {
        0 => none.to_owned(),
        1 => format!("{signed}.{}", signature.chars().rev().collect::<String>()),
        2 => format!("{}.{signature}", signed.replace('.', "..")),
        3 => shop.token(&who, Millis(shop.now().0 - 3 * DAY)),
        4 => shop.token(&who, Millis(shop.now().0.wrapping_mul(-1))),
        5 => "a".repeat(chance.below(4_000) + 1),
        6 => String::new(),
        _ => "....".to_owned(),
    };
    let mut ask = ask.without("stripe-signature").token(&wrong);
    if chance.below(4) == 0 {
        ask.headers.insert("authorization", HeaderValue::from_bytes(b"Bearer \xff\xfe").unwrap());
    }
    ask
}

fn path<'s>(ask: Ask<'s>, chance: &mut Chance) -> Ask<'s> {
    let mut ask = ask.without("idempotency-key").without("stripe-signature");
    let junk = [
        "%",
        "%zz",
        "%00",
        "%ff%fe",
        "..",
        "%2e%2e%2f",
        "//",
        "/",
        "?",
        "?cursor=%ff",
        "?limit=-1",
        "?limit=99999999999999999999",
        "?limit=0&cursor=azo",
        "?state=gone",
        "?cursor=azp-&buyer=%",
        "?merchant=%27%3B--&buyer=%22&state=confirmed",
        "~",
        ";a=b",
        "@",
        "!",
        "'",
        "(x)",
        "茶",
    ];
    let at = ask.path.char_indices().map(|(i, _)| i).filter(|i| *i > 3).collect::<Vec<_>>();
    let before = ask.path.clone();
    match chance.below(4) {
        0 => ask.path.push_str(&"a".repeat(chance.below(8_000))),
        1 => ask.path.insert_str(chance.pick(&at), chance.pick(&junk)),
        2 => ask.path.push_str(&format!("/{}", chance.pick(&junk))),
        _ => ask.path.push_str(chance.pick(&junk)),
    }
    let sendable = ask.path.parse::<http::Uri>().is_ok_and(|uri| uri.path().starts_with("/v1/"));
    if !sendable {
        ask.path = before;
    }
    ask
}

/// Headers that are read, with what nobody would write into them.
fn headers<'s>(mut ask: Ask<'s>, chance: &mut Chance) -> Ask<'s> {
    let names = [
        "traceparent",
        "if-match",
        "if-none-match",
        "idempotency-key",
        "webhook-id",
        "accept",
        "x-forwarded-for",
        "spin-full-url",
        "spin-path-info",
        "range",
        "cookie",
        "content-encoding",
    ];
    for _ in 0..chance.below(3) {
        let name = HeaderName::from_static(chance.pick(&names));
        let mut value = chance.bytes(300);
        value.iter_mut().for_each(|b| *b = (*b).max(0x20));
        value.retain(|b| *b != 0x7f);
        if let Ok(value) = HeaderValue::from_bytes(&value) {
            ask.headers.append(name, value);
        }
    }
    ask
}

/// Another body. Each of these ways leaves nothing that could be taken for an order.
fn body<'s>(mut ask: Ask<'s>, place: &Place, chance: &mut Chance) -> Ask<'s> {
    match (&place.sense, chance.below(8)) {
        (Sense::Nothing | Sense::Scheduled, _) => {
            ask.body = Bytes::from(chance.bytes(2_000));
            ask
        }
        (_, 0) => {
            ask.body = Bytes::from(chance.bytes(2_000));
            ask
        }
        (_, 1) => {
            let signs = [b"[".as_slice(), b"{\"a\":", b"\"", b"9", b"\xff", b"-"];
            let sign = chance.pick(&signs);
            let length = if chance.below(8) == 0 { TOO_MUCH } else { chance.below(60_000) };
            ask.body = Bytes::from(sign.repeat(length / sign.len() + 1));
            ask
        }
        (Sense::Csv(header), _) => {
            let row =
                |chance: &mut Chance| format!("!{},{:?}\r\n", chance.text(40), chance.text(9));
            let rows: String = (0..chance.below(30)).map(|_| row(chance)).collect();
            ask.body = Bytes::from(format!("{header}{rows}"));
            ask
        }
        (Sense::Lines(line), _) => {
            let mut said: Value = serde_json::from_str(line).unwrap();
            let lines = (0..chance.below(30)).map(|_| {
                twisted(&mut said, chance);
                format!("{said}\n")
            });
            ask.body = Bytes::from(lines.collect::<String>());
            ask
        }
        (Sense::Signed(delivery), _) => {
            let nonsense = delivery.as_ref().clone().edited(|message| twisted(message, chance));
            (ask.headers, ask.body) = (nonsense.headers, nonsense.body);
            ask
        }
        (_, 2 | 3) => {
            let whole = ask.body.clone();
            ask.body = whole.slice(..chance.below(whole.len()));
            ask
        }
        (_, 4) => {
            // Bits that tip over may leave sense: then it has no key.
            let mut bytes = ask.body.to_vec();
            for _ in 0..chance.below(6) + 1 {
                let at = chance.below(bytes.len());
                bytes[at] ^= 1 << chance.below(8);
            }
            ask.body = Bytes::from(bytes);
            ask.without("idempotency-key")
        }
        (Sense::Json(sense), _) => {
            let mut nonsense = sense.clone();
            twisted(&mut nonsense, chance);
            if nonsense == *sense || nonsense == json!([]) {
                nonsense = Value::from(chance.text(9));
            }
            ask.body = Bytes::from(nonsense.to_string());
            if ask.method == Method::PUT || !fits_nowhere(sense, &nonsense) {
                ask.headers.remove("idempotency-key");
            }
            ask
        }
    }
}

/// Whether something of it has a type that the original has not, or a name.
fn fits_nowhere(sense: &Value, nonsense: &Value) -> bool {
    match (sense, nonsense) {
        (Value::Object(a), Value::Object(b)) => {
            let known = |name: &String| a.contains_key(name);
            !b.keys().all(known)
                || b.iter().any(|(k, v)| a.get(k).is_some_and(|w| fits_nowhere(w, v)))
        }
        (Value::Array(a), Value::Array(b)) => {
            b.iter().any(|v| a.first().is_some_and(|w| fits_nowhere(w, v)))
        }
        (Value::String(_), Value::String(_)) | (Value::Number(_), Value::Number(_)) => false,
        (Value::Bool(_), Value::Bool(_)) | (_, Value::Null) => false,
        _ => true,
    }
}

/// Something else somewhere in it.
fn twisted(value: &mut Value, chance: &mut Chance) {
    let inside = match value {
        Value::Object(object) => object.len(),
        Value::Array(list) => list.len(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => 0,
    };
    if inside > 0 && chance.below(5) > 0 {
        let at = chance.below(inside);
        match value {
            Value::Object(object) => twisted(object.values_mut().nth(at).unwrap(), chance),
            Value::Array(list) => twisted(&mut list[at], chance),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
        return;
    }
    let other = other(chance);
    if chance.below(2) == 0 {
        *value = other;
    } else if let Value::Object(object) = value {
        object.insert(chance.text(12), other);
    } else if let Value::Array(list) = value {
        list.extend(std::iter::repeat_n(other, chance.below(500) + 1));
    } else {
        *value = other;
    }
}

fn other(chance: &mut Chance) -> Value {
    match chance.below(14) {
        0 => json!(i64::MAX),
        1 => json!(i64::MIN),
        2 => json!(u64::MAX),
        3 => json!(-1),
        4 => json!(1.5e300),
        5 => json!(0),
        6 => json!(null),
        7 => json!(true),
        8 => json!({}),
        9 => json!([[], [[]]]),
        10 => json!(""),
        11 => json!("x".repeat(chance.below(5_000))),
        12 => json!({"amount": 1_000_000_000_000_001_i64, "currency": "XXX"}),
        _ => json!(chance.text(300)),
    }
}
