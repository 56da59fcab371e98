//! From the shelf to the buyer's door.

use crate::field::text;
use crate::order::{Bought, Ordered, must_be};
use crate::stage::{Stage, Who};
use anyhow::ensure;
use chrono::{DateTime, FixedOffset, Utc};
use partners::Scan;
use serde_json::{Value, json};

/// Where Kuaidi100 tells us things.
const TRACKING: &str = "/v1/webhooks/carriers/kuaidi100";

/// A parcel on its way.
pub struct Parcel {
    path: String,
    carrier: &'static str,
    waybill: String,
}

/// Both warehouses pack, label and ship.
pub async fn ship(stage: &mut Stage, bought: &Bought) -> anyhow::Result<[Parcel; 2]> {
    stage.voice.step("The warehouses pack, label and ship");
    let cast = stage.cast.clone();
    let tea = (Who::Pudong, cast.pudong.id, &bought.tea, "yuantong");
    let pots = (Who::Hangzhou, cast.hangzhou.id, &bought.pots, "shunfeng");
    let parcels = [one(stage, tea).await?, one(stage, pots).await?];
    must_be(stage, bought, "/fulfilment", ["shipped"; 2]).await?;
    stage.voice.now("both orders: shipped; their pieces are off the books");
    Ok(parcels)
}

async fn one(
    stage: &mut Stage,
    (who, warehouse, order, carrier): (Who, String, &Ordered, &'static str),
) -> anyhow::Result<Parcel> {
    let seen = stage.get(who, &order.path).await?;
    let lines: Vec<Value> = crate::field::list(&seen, "/lines")?
        .iter()
        .map(|line| json!({"line": line.get("line"), "units": line.get("quantity")}))
        .collect();
    let body =
        json!({"order": order.id, "warehouse": warehouse, "lines": lines, "weight_g": 1_450});
    let packed = stage.act(who, "/v1/fulfilment/parcels", &body, 201).await?;
    let path = format!("/v1/shipping/parcels/{}", text(&packed, "/id")?);
    let choice = json!({"carrier": carrier});
    let labelled = stage.act(who, &format!("{path}/waybill"), &choice, 200).await?;
    let waybill = text(&labelled, "/label/waybill")?.to_owned();
    let shipped = stage.act(who, &format!("{path}/dispatch"), &json!({}), 200).await?;
    let state = text(&shipped, "/state")?.to_owned();
    let number = &order.number;
    let what = format!("packs all of {number}, labels it {carrier} {waybill}, hands it over");
    stage.voice.did(who.name(), &what);
    stage.voice.now(&format!("parcel: {state}"));
    Ok(Parcel { path, carrier, waybill })
}

/// The carriers push their traces: the last one first, and each of them twice.
pub async fn carry(
    stage: &mut Stage,
    bought: &Bought,
    parcels: &[Parcel; 2],
) -> anyhow::Result<()> {
    stage.voice.step("The carriers tell where the parcels are");
    for parcel in parcels {
        let scans = scans(stage.now().await?);
        let (carrier, waybill) = (parcel.carrier, &parcel.waybill);
        let trace = |count: usize| {
            let some = scans.get(..count).unwrap_or_default();
            stage.carrier.trace(carrier, waybill, some)
        };
        let pushes = [trace(4), trace(1), trace(3)];
        for push in &pushes {
            stage.told(TRACKING, push, 2).await?;
        }
        let what = format!("pushes the trace of {waybill} out of order and twice: 4, 1, 3 scans");
        stage.voice.did(carrier, &what);
        let seen = stage.get(Who::Operator, &parcel.path).await?;
        let state = text(&seen, "/state")?;
        ensure!(state == "delivered", "parcel {waybill} is {state}, not delivered");
        stage.voice.now(&format!("parcel: {state}; what came late or twice changed nothing"));
    }
    must_be(stage, bought, "/fulfilment", ["delivered"; 2]).await
}

/// The buyer says that the tea came.
pub async fn confirm(stage: &mut Stage, bought: &Bought) -> anyhow::Result<()> {
    stage.voice.step("The buyer has the tea");
    let path = format!("{}/confirm-receipt", bought.tea.path);
    let order = stage.act(Who::Buyer, &path, &json!({}), 200).await?;
    let what = format!("confirms the receipt of order {}", bought.tea.number);
    stage.voice.did(Who::Buyer.name(), &what);
    let (state, settlement) = (text(&order, "/state")?, text(&order, "/settlement/state")?);
    ensure!(state == "completed", "order {} is {state}, not completed", bought.tea.number);
    stage.voice.now(&format!("order {}: {state}, settlement {settlement}", bought.tea.number));
    Ok(())
}

/// Four scans, a second apart, by Beijing's clock.
fn scans(from: DateTime<Utc>) -> Vec<Scan> {
    let told = [
        ("103", "Picked up by the courier"),
        ("1002", "On the way to the destination"),
        ("5", "Out for delivery"),
        ("301", "Delivered, signed for by the recipient"),
    ];
    let east_8 = FixedOffset::east_opt(8 * 3_600);
    let scan = |(i, (code, words)): (i64, (&str, &str))| {
        let at = from + chrono::Duration::seconds(i);
        let time = east_8.map(|beijing| at.with_timezone(&beijing).format("%F %T").to_string());
        Scan::new(&time.unwrap_or_default(), code, words)
    };
    (0..).zip(told).map(scan).collect()
}
