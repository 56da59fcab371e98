//! A wave of 5,000 orders: how long its planning takes, and its pages, over HTTP on the components.
//! The orders are paid to the courier and believed in by rule, so that nobody has to pay first.

use crate::scene::{CATALOG, lines};
use anyhow::{Context as _, ensure};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::path::Path;
use std::time::{Duration, Instant};
use tools::{Call, Catalog, Client, Dice, Launch, People, Role, State, basket, grouped, seed};

const ORDERS: usize = 5_000;
/// Connections that order before anything is measured.
const BUYERS: usize = 16;
/// How often a page is asked for.
const PAGES: usize = 300;
/// Both lie in this one: the nearer of the two.
const WAREHOUSE: &str = "wh-east";

/// Measures it, and prints what it was.
pub async fn measure(state: &Path) -> anyhow::Result<()> {
    println!("\nA wave of {} orders …", grouped(ORDERS as u64));
    let host = Launch::new(state)?.start().await?;
    let people = State::open(state)?.people(chrono::Utc::now().timestamp())?;
    let mut client = host.client()?;
    let operator = people.token(Role::Operator, "operator")?;
    seed(&mut client, &operator, &CATALOG).await?;
    describe(&mut client, &operator).await?;
    order(host.address, &people).await?;
    for method in ["batch", "single", "zone"] {
        let wanted = json!({"warehouse": WAREHOUSE, "method": method, "rule": {}});
        let begun = Instant::now();
        let call = Call::post("/v1/fulfilment/waves/preview", &wanted).by(&operator);
        let preview = client.call(call).await?.expect(200, "a preview")?;
        let took = begun.elapsed();
        println!(
            "preview, {method}: {} orders in {} ms",
            read(&preview, "/orders"),
            took.as_millis()
        );
    }
    let wanted = json!({"warehouse": WAREHOUSE, "method": "batch", "rule": {}});
    let begun = Instant::now();
    let call = Call::put("/v1/fulfilment/waves/bench", &wanted).by(&operator);
    let wave = client.call(call).await?.expect(201, "planning")?;
    let took = begun.elapsed();
    let [orders, lists, tasks] = ["/orders", "/lists", "/tasks"].map(|at| read(&wave, at));
    ensure!(*orders == json!(ORDERS), "the wave took {orders} orders");
    println!("planned: {ORDERS} orders, {lists} lists, {tasks} tasks in {} ms", took.as_millis());
    pages(&mut client, &operator).await?;
    host.kill().await
}

/// What is there in an answer, or null.
fn read<'a>(answer: &'a Value, at: &str) -> &'a Value {
    answer.pointer(at).unwrap_or(&Value::Null)
}

/// Merchants that are paid at the door, and a bin for each SKU: ten zones of ten aisles.
async fn describe(client: &mut Client, operator: &str) -> anyhow::Result<()> {
    let mut merchants = String::from("id,cash_on_delivery\n");
    let mut bins = String::from("warehouse,sku,zone,aisle,bin\n");
    for m in 0..CATALOG.merchants {
        merchants.push_str(&format!("merchant-{m:02},true\n"));
        for s in 0..CATALOG.skus_each {
            let (sku, zone, aisle) = (Catalog::sku(m, s), m % 10, s % 10);
            bins.push_str(&format!("{WAREHOUSE},{sku},Z{zone},{aisle},{}\n", s / 10));
        }
    }
    for (kind, rows) in [("merchants", merchants), ("bins", bins)] {
        let call = Call::csv(&format!("/v1/catalog/{kind}/import"), rows).by(operator);
        let report = client.call(call).await?.expect(200, kind)?;
        ensure!(*read(&report, "/bad") == json!(0), "{kind}: {report}");
    }
    Ok(())
}

/// Places the orders, from many connections at once.
async fn order(address: SocketAddr, people: &People) -> anyhow::Result<()> {
    let begun = Instant::now();
    let mut buying = Vec::new();
    for buyer in 0..BUYERS {
        let token = people.token(Role::Buyer, &format!("buyer-{buyer}"))?;
        let mine = ORDERS / BUYERS + usize::from(buyer < ORDERS % BUYERS);
        buying.push(tokio::spawn(buy(address, token, (buyer, mine))));
    }
    for one in buying {
        one.await.context("a buyer's task broke")??;
    }
    println!("{ORDERS} orders placed in {} ms", begun.elapsed().as_millis());
    Ok(())
}

async fn buy(
    address: SocketAddr,
    token: String,
    (buyer, mine): (usize, usize),
) -> anyhow::Result<()> {
    let mut client = Client::new(address)?;
    let mut dice = Dice::new(7).for_other(buyer as u64);
    for n in 0..mine {
        let mut body = basket(&lines(&mut dice, false), None);
        if let Some(body) = body.as_object_mut() {
            body.insert("gateway".to_owned(), json!("cash_on_delivery"));
        }
        let key = format!("wave-{buyer}-{n}");
        let call = Call::post("/v1/purchases", &body).by(&token).once(&key);
        let placed = client.call(call).await?.expect(201, "an order")?;
        let state = read(&placed, "/orders/0/state");
        ensure!(state == "confirmed", "nobody believes in {placed}");
    }
    Ok(())
}

/// Pages of a hundred lists, lists with their tasks, and how far the wave is.
async fn pages(client: &mut Client, operator: &str) -> anyhow::Result<()> {
    let (mut of_lists, mut of_tasks, mut of_wave) = (Vec::new(), Vec::new(), Vec::new());
    let (mut cursor, mut known): (Option<String>, Vec<String>) = (None, Vec::new());
    while of_lists.len() < PAGES {
        let from = cursor.as_ref().map(|c| format!("&cursor={c}")).unwrap_or_default();
        let path = format!("/v1/fulfilment/waves/bench/lists?limit=100{from}");
        let page = timed(client, &path, operator, &mut of_lists).await?;
        let lists = read(&page, "/lists").as_array().cloned().unwrap_or_default();
        known.extend(lists.iter().filter_map(|l| read(l, "/id").as_str().map(str::to_owned)));
        cursor = read(&page, "/next_cursor").as_str().map(str::to_owned);
    }
    for list in known.iter().take(PAGES) {
        let path = format!("/v1/fulfilment/pick-lists/{list}");
        timed(client, &path, operator, &mut of_tasks).await?;
        timed(client, "/v1/fulfilment/waves/bench", operator, &mut of_wave).await?;
    }
    for (what, mut times) in
        [("a page of 100 lists", of_lists), ("a list", of_tasks), ("the wave", of_wave)]
    {
        times.sort_unstable();
        let at = |share: usize| times.get(times.len() * share / 100).copied().unwrap_or_default();
        let ms = |time: Duration| time.as_secs_f64() * 1_000.0;
        println!("{what}: p50 {:.1} ms, p99 {:.1} ms", ms(at(50)), ms(at(99)));
    }
    Ok(())
}

async fn timed(
    client: &mut Client,
    path: &str,
    operator: &str,
    times: &mut Vec<Duration>,
) -> anyhow::Result<Value> {
    let begun = Instant::now();
    let answer = client.call(Call::get(path).by(operator)).await?;
    times.push(begun.elapsed());
    answer.expect(200, path)
}
