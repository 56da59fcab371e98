//! The shop opens: its catalog and its waybill numbers.

use crate::stage::{Stage, Who};
use serde_json::json;
use tools::yuan;

/// The shop says who sells what, where it is, and how much of it there is.
pub async fn describe(stage: &mut Stage) -> anyhow::Result<()> {
    stage.voice.step("The shop opens");
    let cast = stage.cast.clone();
    for merchant in [&cast.tea, &cast.pots] {
        let body = merchant.body();
        stage.describe(&format!("/v1/catalog/merchants/{}", merchant.id), &body).await?;
        let endpoint = merchant.endpoint(&stage.partners);
        stage.act(Who::Operator, "/v1/endpoints", &endpoint, 201).await?;
    }
    for warehouse in [&cast.pudong, &cast.hangzhou] {
        let path = format!("/v1/catalog/warehouses/{}", warehouse.id);
        stage.describe(&path, &warehouse.body).await?;
    }
    for goods in &cast.goods {
        stage.describe(&format!("/v1/catalog/skus/{}", goods.sku), &goods.body).await?;
    }
    let rows: Vec<String> = cast
        .goods
        .iter()
        .map(|goods| format!("{},{},{}\n", goods.sku, goods.warehouse, goods.stock))
        .collect();
    stage.import("stock", format!("sku,warehouse,on_hand\n{}", rows.concat())).await?;
    let shop = Who::Operator.name();
    let what = "describes two merchants with webhook endpoints, two warehouses and four SKUs, \
        and imports the stock from CSV";
    stage.voice.did(shop, what);
    for (merchant, warehouse) in [(&cast.tea, &cast.pudong), (&cast.pots, &cast.hangzhou)] {
        let goods: Vec<String> = cast
            .sold_by(merchant)
            .map(|g| {
                let price = g.body.pointer("/price_minor").and_then(|p| p.as_i64()).unwrap_or(0);
                format!("{} x {} at {} CNY", g.stock, g.name, yuan(price))
            })
            .collect();
        let (seller, place) = (merchant.name, warehouse.name);
        stage.voice.now(&format!("{seller}: {}; all in {place}", goods.join(", ")));
    }
    let what = format!(
        "{} sells tea that cannot be sent back, so its orders can be settled as soon as they are \
         completed; {} grants the usual seven days",
        cast.tea.name, cast.pots.name
    );
    stage.voice.now(&what);
    Ok(())
}

/// The shop gets waybill numbers from two carriers.
pub async fn waybills(stage: &mut Stage) -> anyhow::Result<()> {
    stage.voice.step("Waybill numbers");
    for (carrier, prefix) in [("yuantong", "YT"), ("shunfeng", "SF")] {
        let run = stage.cast.run.to_uppercase();
        let numbers: Vec<String> = (1..=2).map(|i| format!("{prefix}{run}{i}")).collect();
        let body = json!({"carrier": carrier, "numbers": numbers});
        let pool = stage.act(Who::Operator, "/v1/shipping/waybills", &body, 200).await?;
        anyhow::ensure!(pool.get("added") == Some(&json!(2)), "filling the pool: {pool}");
        let what = format!("fills the pool of {carrier} with {}", numbers.join(" and "));
        stage.voice.did(Who::Operator.name(), &what);
    }
    Ok(())
}
