//! What can be told afterwards: an order's timeline, and what the merchants heard.

use crate::field::{list, text};
use crate::order::Bought;
use crate::settle::Settled;
use crate::stage::{Stage, Who};
use partners::{Received, Receiver};
use serde_json::Value;
use std::collections::BTreeSet;
use tools::{Align, Table};

/// What the merchants heard.
pub struct Heard {
    /// Kinds that did not come.
    pub missing: Vec<String>,
    /// Why messages were refused.
    pub refused: Vec<String>,
    /// Messages that were verified.
    pub verified: usize,
}

/// Prints the timeline of the order that had the case.
pub async fn timeline(stage: &mut Stage, bought: &Bought) -> anyhow::Result<()> {
    stage.voice.step(&format!("The timeline of order {}", bought.pots.number));
    let path = format!("{}/timeline", bought.pots.path);
    let seen = stage.get(Who::Operator, &path).await?;
    let columns =
        [("at", Align::Left), ("what", Align::Left), ("about", Align::Left), ("by", Align::Left)];
    let mut table = Table::new(&columns).indented(4);
    let mut rows = Vec::new();
    for event in list(&seen, "/events")? {
        let about = text(event, "/about")?.split('_').next().unwrap_or_default();
        let about = match about {
            "ord" => "order",
            "pcl" => "parcel",
            "pay" => "payment",
            other => other,
        };
        let by = event.pointer("/by/by").and_then(Value::as_str).unwrap_or_default();
        let id = event.pointer("/by/id").and_then(Value::as_str).unwrap_or_default();
        let by = format!("{by} {id}").trim_end().to_owned();
        let what = text(event, "/what")?.replace('_', " ");
        rows.push([text(event, "/at")?.to_owned(), what, about.to_owned(), by]);
    }
    let happened = rows.len();
    for scan in list(&seen, "/tracking")? {
        let what = text(scan, "/state")?.replace('_', " ");
        let by = format!("carrier {}", text(scan, "/carrier")?);
        rows.push([text(scan, "/at")?.to_owned(), what, "parcel".to_owned(), by]);
    }
    for (i, [at, what, about, by]) in rows.into_iter().enumerate() {
        if i == happened {
            table.rule();
        }
        let at = at.get(5..19).unwrap_or(&at).replace('T', " ");
        table.row([at, what, about, by]);
    }
    print!("{table}");
    Ok(())
}

/// Waits for the merchants' messages and prints them. Only those whose signature is good count.
pub async fn messages(
    stage: &mut Stage,
    bought: &Bought,
    settled: &Settled,
) -> anyhow::Result<Heard> {
    stage.voice.step("What the merchants' own systems were told");
    let mut kinds = vec!["paid", "packed", "shipped", "delivered", "completed"];
    let mut pots = kinds.clone();
    kinds.push("settled");
    pots.extend(["case_opened", "refund_granted", "case_closed"]);
    if settled.pots {
        pots.push("settled");
    }
    let columns = [("merchant", Align::Left), ("order", Align::Left), ("messages", Align::Left)];
    let mut table = Table::new(&columns).indented(4);
    let mut heard = Heard { missing: Vec::new(), refused: Vec::new(), verified: 0 };
    let both = [
        (stage.cast.tea.name, stage.tea_hears.clone(), &bought.tea, kinds),
        (stage.cast.pots.name, stage.pots_hear.clone(), &bought.pots, pots),
    ];
    for (name, receiver, order, kinds) in both {
        let all = || missing(&receiver, &order.id, &kinds).is_empty().then_some(());
        // What is still missing then is told at the end.
        stage.until_here("the merchants' messages", all).await.unwrap_or_default();
        let mut words: Vec<String> = Vec::new();
        for message in receiver.received().iter().filter(|message| !message.repeat) {
            words.push(kind(message).trim_start_matches("order.").to_owned());
        }
        heard.verified += receiver.received().len();
        heard.missing.extend(missing(&receiver, &order.id, &kinds));
        heard.refused.extend(receiver.refused());
        for (i, some) in words.chunks(5).enumerate() {
            let first = i == 0;
            let cell = |text: &str| if first { text.to_owned() } else { String::new() };
            table.row([cell(name), cell(&order.number), some.join(", ")]);
        }
    }
    print!("{table}");
    stage.voice.now(&format!(
        "{} messages, every signature verified with the merchant's own secret",
        heard.verified
    ));
    Ok(heard)
}

fn kind(message: &Received) -> &str {
    message.body.get("type").and_then(Value::as_str).unwrap_or_default()
}

/// The kinds of messages about an order that a merchant did not hear.
fn missing(receiver: &Receiver, order: &str, kinds: &[&str]) -> Vec<String> {
    let received = receiver.received();
    let about = |message: &&Received| {
        message.body.pointer("/data/order").and_then(Value::as_str) == Some(order)
    };
    let heard: BTreeSet<&str> = received.iter().filter(about).map(kind).collect();
    let kinds = kinds.iter().map(|kind| format!("order.{kind}"));
    kinds.filter(|kind| !heard.contains(kind.as_str())).collect()
}
