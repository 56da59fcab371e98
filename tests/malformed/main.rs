//! A few thousand requests that make no sense, at every route of `spin.toml`: bytes, broken JSON,
//! wrong types, huge numbers, wrong methods, types, headers, tokens and paths; and well-signed
//! webhooks that say nonsense. Each gets a clear no; nothing breaks, and nothing is stored.
//!
//! `ORDERFLOW_SEED=…` tells another storm, `ORDERFLOW_SEED=random` a new one each time.
#![cfg(test)]

mod places;
mod storm;

use futures::FutureExt as _;
use manifest::{Manifest, Router};
use orderflow_tests::{Answer, Ask, Chance, Shop, Value, contract, runtime};
use std::panic::AssertUnwindSafe;
use std::time::{SystemTime, UNIX_EPOCH};

const REQUESTS: usize = 4_000;
const SEED: u64 = 20_260_302;

fn seed() -> u64 {
    let seed = match std::env::var("ORDERFLOW_SEED").ok() {
        Some(text) if text == "random" => {
            let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
            u64::from(since.subsec_nanos()) ^ since.as_secs()
        }
        Some(text) => text.parse().expect("ORDERFLOW_SEED is a number, or random"),
        None => SEED,
    };
    println!("ORDERFLOW_SEED={seed}");
    seed
}

fn router() -> Router {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../spin.toml");
    Manifest::read(path.as_ref()).unwrap().router()
}

/// How many documents there are of each kind, and pieces in stock.
fn stored(shop: &Shop) -> Vec<(String, i64)> {
    let grows = ["journal", "ledger", "facts", "outbox", "attempts", "once"];
    let counts = shop.books().counts().into_iter();
    counts.filter(|(table, _)| !grows.contains(&table.as_str())).collect()
}

fn told(ask: &Ask<'_>) -> String {
    let body = String::from_utf8_lossy(&ask.body);
    let body: String = body.chars().take(2_000).collect();
    format!("{} {}\n{:?}\n{body:?}", ask.method, ask.path, ask.headers)
}

/// No trouble, and a no that a program can read. Carriers and some gateways are told no in their
/// own words, paths without a route by the runtime.
fn is_clear(router: &Router, ask: &Ask<'_>, answer: &Answer) {
    assert!(!answer.status.is_server_error(), "{answer}\nto {}", told(ask));
    let path = ask.path.split('?').next().unwrap_or_default();
    let Some(matched) = router.find(path) else { return };
    let fine = answer.status.is_success() || answer.status == 304;
    let no_body = ask.method == "HEAD";
    let place = path.trim_end_matches('/');
    let own_words = ["/payments/wechatpay", "/payments/alipay"].iter().any(|p| place.ends_with(p));
    if fine || no_body || own_words || matched.component == "carrier-webhook" {
        return;
    }
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let right = answer.code().is_some_and(|code| !code.is_empty())
        && body["status"] == answer.status.as_u16();
    assert!(right, "not a problem document: {answer}\nto {}", told(ask));
}

async fn a_storm(shop: &Shop) {
    let (router, mut chance) = (router(), Chance::new(seed()));
    let places = places::all(shop).await;
    for (route, _) in router.routes() {
        let path = |place: &places::Place| place.path.split('?').next().unwrap().to_owned();
        let reached = |place: &places::Place| router.find(&path(place)).unwrap().raw_route == route;
        assert!(places.iter().any(reached), "nothing is thrown at {route}: add a place");
    }
    for place in &places {
        let described = contract().operation(&place.method, &place.path).is_some();
        assert!(described, "openapi.json has no {} {}", place.method, place.path);
    }
    let before = stored(shop);
    let mut refused = 0;
    for number in 0..REQUESTS {
        let place = &places[number % places.len()];
        let ask = storm::thrown(shop, place, &mut chance);
        let sent = AssertUnwindSafe(ask.clone().send()).catch_unwind().await;
        let answer = sent.unwrap_or_else(|_| panic!("request {number}: {}", told(&ask)));
        is_clear(&router, &ask, &answer);
        refused += usize::from(!answer.status.is_success());
    }
    assert_eq!(stored(shop), before, "something was stored");
    println!("{refused} of {REQUESTS} were refused");
    assert!(refused > REQUESTS / 2, "most of it makes no sense");
}

fn tell(shop: impl AsyncFnOnce() -> Shop) {
    runtime().block_on(async {
        let shop = shop().await;
        a_storm(&shop).await;
        shop.audit().await;
    });
}

mod native {
    #[test]
    fn nonsense_gets_a_clear_no_and_changes_nothing() {
        super::tell(async || orderflow_tests::Shop::natively());
    }
}

mod components {
    #[test]
    fn nonsense_gets_a_clear_no_and_changes_nothing() {
        super::tell(async || orderflow_tests::Shop::of_components().await);
    }
}
