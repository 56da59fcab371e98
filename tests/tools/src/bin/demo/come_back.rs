//! One cup goes back: the case, the parcel, the money.

use crate::field::{list, number, text};
use crate::order::{Bought, PAYMENTS};
use crate::stage::{Stage, Who};
use anyhow::{Context as _, ensure};
use serde_json::{Value, json};
use tools::yuan;

/// An after-sale case.
pub struct Case {
    id: String,
    path: String,
    line: i64,
}

/// What went back to the buyer.
pub struct Refunded {
    /// Our refund.
    pub id: String,
    /// How much.
    pub amount_minor: i64,
}

/// The buyer opens a case on one cup, and the merchant agrees.
pub async fn open(stage: &mut Stage, bought: &Bought) -> anyhow::Result<Case> {
    stage.voice.step("One tea cup is chipped");
    let order = stage.get(Who::Buyer, &bought.pots.path).await?;
    let cups = list(&order, "/lines")?.iter().find(|l| l.get("name") == Some(&json!("tea cup")));
    let line = number(cups.context("there are no cups")?, "/line")?;
    let body = json!({"order": bought.pots.id, "kind": "return_and_refund",
        "lines": [{"line": line, "units": 1}], "reason": "damaged",
        "description": "One cup has a chipped rim."});
    let case = stage.act(Who::Buyer, "/v1/after-sales", &body, 201).await?;
    let id = text(&case, "/id")?.to_owned();
    let path = format!("/v1/after-sales/{id}");
    let what = format!("opens a case on one cup of order {}, damaged", bought.pots.number);
    stage.voice.did(Who::Buyer.name(), &what);
    said(stage, &case)?;
    let case = stage.act(Who::Pots, &format!("{path}/approve"), &json!({}), 200).await?;
    stage.voice.did(Who::Pots.name(), "approves it and says where to send the cup");
    said(stage, &case)?;
    Ok(Case { id, path, line })
}

fn said(stage: &Stage, case: &Value) -> anyhow::Result<()> {
    stage.voice.now(&format!("case: {}", text(case, "/state")?));
    Ok(())
}

/// The buyer sends the cup, and the warehouse has it.
pub async fn send(stage: &mut Stage, case: &Case) -> anyhow::Result<()> {
    stage.voice.step("The cup goes back");
    let waybill = format!("YD{}", stage.cast.run.to_uppercase());
    let body = json!({"carrier": "yunda", "waybill": waybill});
    let seen = stage.act(Who::Buyer, &format!("{}/send-back", case.path), &body, 200).await?;
    stage.voice.did(Who::Buyer.name(), &format!("sends it back with yunda {waybill}"));
    said(stage, &seen)?;
    let back = json!({"line": case.line, "units": 1, "warehouse": stage.cast.hangzhou.id,
        "to": "restock"});
    let body = json!({"lines": [back]});
    let path = format!("{}/receive", case.path);
    let seen = stage.act(Who::Hangzhou, &path, &body, 200).await?;
    stage.voice.did(Who::Hangzhou.name(), "receives and inspects one cup; it goes on the shelf");
    said(stage, &seen)?;
    let state = text(&seen, "/state")?;
    ensure!(state == "refunding", "the case {} is {state}, not refunding", case.id);
    Ok(())
}

/// The gateway is asked to pay back, does it, and says so.
pub async fn refund(stage: &mut Stage, bought: &Bought, case: &Case) -> anyhow::Result<Refunded> {
    stage.voice.step("The money for the cup");
    let gateway = stage.gateway.clone();
    let what = "the refund to reach the gateway";
    let asked = stage.until_here(what, || gateway.refunds().into_iter().next()).await?;
    let id = asked.metadata.get("refund_no").cloned().context("a refund without our number")?;
    let amount = yuan(asked.amount);
    stage.voice.did("dispatch", &format!("asks the gateway to pay back {amount} CNY"));
    let purchase = format!("/v1/purchases/{}", bought.purchase);
    let accepted = |seen: &Value| refund_state(seen, &id) == Some("accepted");
    stage.until("the refund to be accepted", (Who::Buyer, &purchase), accepted).await?;
    stage.voice.now("refund: accepted, which is not yet refunded");
    let now = stage.now().await?.timestamp();
    let news = stage.gateway.refund_succeeded(&id, now)?;
    stage.told(PAYMENTS, &news, 2).await?;
    stage.voice.did("payment gateway", "has paid it back and says so in a signed webhook, twice");
    let seen = stage.get(Who::Buyer, &purchase).await?;
    let state = refund_state(&seen, &id);
    ensure!(state == Some("succeeded"), "the refund is {state:?}, not succeeded");
    let seen = stage.get(Who::Buyer, &case.path).await?;
    let state = text(&seen, "/state")?;
    ensure!(state == "refunded", "the case is {state}, not refunded");
    stage.voice.now(&format!("refund: succeeded; case: {state}"));
    let path = format!("{}/confirm-receipt", bought.pots.path);
    let order = stage.act(Who::Buyer, &path, &json!({}), 200).await?;
    let number = &bought.pots.number;
    let what = format!("keeps the rest and confirms the receipt of order {number}");
    stage.voice.did(Who::Buyer.name(), &what);
    let until = text(&order, "/settlement/until")?.get(..16).unwrap_or_default().replace('T', " ");
    stage.voice.now(&format!(
        "order {number}: {}, settlement {} until {until}",
        text(&order, "/state")?,
        text(&order, "/settlement/state")?,
    ));
    Ok(Refunded { id, amount_minor: asked.amount })
}

fn refund_state<'a>(purchase: &'a Value, id: &str) -> Option<&'a str> {
    let refunds = purchase.pointer("/payment/refunds")?.as_array()?;
    refunds.iter().find(|refund| refund.get("id") == Some(&json!(id)))?.get("state")?.as_str()
}
